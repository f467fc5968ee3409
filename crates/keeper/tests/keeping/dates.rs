//! How old keys are, by the two clocks of the host.

use tollgate::Reason;

use super::world::{A, B, START, World, config, entra, reason, tenant, token};

fn aged(max_age: &str) -> String {
    entra(A, "a.json") + &format!("jwks_max_age = \"{max_age}\"\n")
}

#[test]
fn touching_a_file_renews_its_keys() {
    let a = tenant(A);
    let world = World::of(&a);
    world.write("tollgate.toml", &config(&[aged("1h")]));
    world.date("a.json", 600);
    let keeper = world.open();
    let of_a = token(&a, 1);
    assert_eq!(reason(&keeper, &of_a), None);
    world.clock.pass(3000 - 1);
    assert_eq!(reason(&keeper, &of_a), None);
    world.clock.pass(1);
    assert_eq!(reason(&keeper, &of_a), Some(Reason::KeysStale));
    world.unchanged(&keeper);
    world.date("a.json", 0);
    assert_eq!(world.replaced(&keeper), [""; 0]);
    assert_eq!(reason(&keeper, &of_a), None);
    world.clock.pass(3598);
    assert_eq!(reason(&keeper, &of_a), None);
    world.clock.pass(1);
    assert_eq!(reason(&keeper, &of_a), Some(Reason::KeysStale));
    assert_eq!(keeper.gate().counters().signature_checks, 1, "its proof was remembered throughout");
}

#[test]
fn keys_that_are_old_when_they_come_are_told_of() {
    let a = tenant(A);
    let world = World::of(&a);
    world.write("tollgate.toml", &config(&[aged("1h")]));
    let keeper = world.open();
    for (ago_s, said) in [
        (
            3600,
            "a.json is 3600 s old, jwks_max_age 3600 s: nothing of this issuer is decided (6001)",
        ),
        (-700, "a.json was written in the future, by its date: nothing of this issuer is decided"),
    ] {
        world.clock.pass(1);
        // The refresh is a second later.
        world.date("a.json", ago_s - 1);
        let warnings = world.replaced(&keeper);
        assert!(warnings.len() == 1 && warnings[0].contains(said), "{warnings:?}");
        assert_eq!(reason(&keeper, &token(&a, 1)), Some(Reason::KeysStale));
    }
}

/// Neither the calendar nor a load for another's sake makes a file younger.
#[test]
fn a_clock_that_is_set_back_keeps_nothing_alive() {
    let (a, b) = (tenant(A), tenant(B));
    let world = World::of(&a);
    world.write("b.json", &b.jwks().to_string());
    world.write("tollgate.toml", &config(&[aged("1h"), entra(B, "b.json")]));
    world.date("a.json", 600);
    let keeper = world.open();
    let of_a = token(&a, 1);
    world.clock.pass(1000);
    world.clock.set_wall(-990);
    world.write("b.json", &tenant(B).jwks().to_string());
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &of_a), None);
    // A broken file between does not make it forget either.
    world.write("tollgate.toml", "[");
    world.kept(&keeper);
    world.write("tollgate.toml", &config(&[aged("1h"), entra(B, "b.json")]));
    world.replaced(&keeper);
    world.clock.pass(1996);
    assert_eq!(reason(&keeper, &of_a), None);
    world.clock.pass(1);
    assert_eq!(reason(&keeper, &of_a), Some(Reason::KeysStale));
    assert!(keeper.now().unix_s < START.unix_s - 600 + 3600, "young by the calendar");
}

#[test]
fn another_bound_counts_from_when_the_file_was_written() {
    let a = tenant(A);
    let world = World::of(&a);
    world.write("tollgate.toml", &config(&[aged("1h")]));
    world.date("a.json", 600);
    let keeper = world.open();
    let of_a = token(&a, 1);
    world.clock.pass(4000);
    assert_eq!(reason(&keeper, &of_a), Some(Reason::KeysStale));
    world.write("tollgate.toml", &config(&[aged("2h")]));
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &of_a), None);
    world.clock.pass(7200 - 600 - 4001 - 1);
    assert_eq!(reason(&keeper, &of_a), None);
    world.clock.pass(1);
    assert_eq!(reason(&keeper, &of_a), Some(Reason::KeysStale));
    world.write("tollgate.toml", &config(&[entra(A, "a.json")]));
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &of_a), None, "no bound any more");
}
