//! What cannot be used changes nothing, and is told once.

use std::fs;

use tollgate::Reason;
use tollgate_keeper::Refreshed;

use super::world::{A, B, World, config, entra, reason, tenant, token};

#[test]
fn a_broken_file_is_told_once_and_the_old_trust_stays() {
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let keeper = world.open();
    let (of_old, of_new) = (token(&old, 1), token(&new, 1));
    world.write("a.json", "no key set");
    let said = world.kept(&keeper);
    assert!(said.contains("tollgate.toml:9: entra[0].jwks_file: this is not a JWK set"), "{said}");
    for _ in 0..10 {
        world.unchanged(&keeper);
        assert_eq!(reason(&keeper, &of_old), None);
    }
    assert_eq!(keeper.refreshes().failed, 1);
    // Broken otherwise: that is news.
    world.write("a.json", "{\"keys\":[]}");
    let said = world.kept(&keeper);
    assert!(said.contains("jwks_file"), "{said}");
    world.write("a.json", "{\"keys\":[]} ");
    world.kept(&keeper);
    world.write("a.json", &new.jwks().to_string());
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &of_new), None);
    assert_eq!(reason(&keeper, &of_old), Some(Reason::SignatureWrong));
    let refreshes = keeper.refreshes();
    assert_eq!((refreshes.done, refreshes.failed), (1, 3));
    world.unchanged(&keeper);
}

#[test]
fn a_load_that_failed_is_tried_again_each_minute() {
    let a = tenant(A);
    let world = World::of(&a);
    let keeper = world.open();
    let opened_s = keeper.now().unix_s;
    world.write("tollgate.toml", "feed = ");
    let said = world.kept(&keeper);
    assert!(said.contains("tollgate.toml:1: "), "{said}");
    for failed in [1, 2, 3] {
        assert_eq!(keeper.refreshes().failed, failed);
        world.clock.pass(58);
        world.unchanged(&keeper);
        assert_eq!(keeper.refreshes().failed, failed);
        // The sixtieth second: tried, and the same is not told again.
        world.unchanged(&keeper);
    }
    assert_eq!(keeper.refreshes().last_success_unix_s, opened_s);
    world.write("tollgate.toml", &config(&[entra(A, "a.json")]));
    world.replaced(&keeper);
    assert_eq!(keeper.refreshes().last_success_unix_s, keeper.now().unix_s);
    // Nothing fails any more, so nothing is tried again.
    world.clock.pass(120);
    world.unchanged(&keeper);
    assert_eq!(keeper.refreshes().done, 1);
}

#[test]
fn a_half_written_file_waits_for_its_other_half() {
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let keeper = world.open();
    let text = new.jwks().to_string();
    for half in [0, 1, text.len() / 2, text.len() - 1] {
        world.write("a.json", &text[..half]);
        world.kept(&keeper);
        assert_eq!(reason(&keeper, &token(&old, 1)), None, "{half} bytes");
    }
    world.write("a.json", &text);
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &token(&new, 1)), None);
}

#[test]
fn a_file_that_vanishes_is_missed_and_found_again() {
    let a = tenant(A);
    let world = World::of(&a);
    let keeper = world.open();
    let of_a = token(&a, 1);
    for (file, said) in [("a.json", "cannot read"), ("tollgate.toml", "cannot be read")] {
        let text = fs::read_to_string(world.path(file)).unwrap();
        fs::remove_file(world.path(file)).unwrap();
        let got = world.kept(&keeper);
        assert!(got.contains(file) && got.contains(said), "{got}");
        world.unchanged(&keeper);
        // Something else in its place.
        fs::create_dir(world.path(file)).unwrap();
        let got = world.kept(&keeper);
        assert!(got.contains("it is a directory"), "{got}");
        fs::remove_dir(world.path(file)).unwrap();
        world.kept(&keeper);
        assert_eq!(reason(&keeper, &of_a), None);
        world.write(file, &text);
        world.replaced(&keeper);
        assert_eq!(reason(&keeper, &of_a), None);
    }
    assert_eq!(keeper.gate().counters().signature_checks, 1, "nothing was forgotten");
}

#[test]
fn a_file_that_is_not_there_yet_is_waited_for() {
    let (a, b) = (tenant(A), tenant(B));
    let world = World::of(&a);
    let keeper = world.open();
    world.write("tollgate.toml", &config(&[entra(A, "a.json"), entra(B, "b.json")]));
    let said = world.kept(&keeper);
    assert!(said.contains("b.json"), "{said}");
    world.unchanged(&keeper);
    assert_eq!(reason(&keeper, &token(&b, 1)), Some(Reason::TenantUnknown));
    world.write("b.json", &b.jwks().to_string());
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &token(&b, 1)), None);
}

/// While the configuration is broken, nobody reads what it named; a change of that is found all the same.
#[test]
fn a_change_behind_a_broken_configuration_is_not_lost() {
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let keeper = world.open();
    let text = fs::read_to_string(world.path("tollgate.toml")).unwrap();
    world.write("tollgate.toml", "[");
    world.kept(&keeper);
    world.write("a.json", &new.jwks().to_string());
    // It may be tried for that, and cannot succeed.
    assert!(!matches!(world.refresh(&keeper), Refreshed::Replaced(_)));
    world.unchanged(&keeper);
    world.write("tollgate.toml", &text);
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &token(&new, 1)), None);
}

#[test]
fn what_cannot_be_opened_says_why() {
    let world = World::new();
    let errors = world.try_open().map(|_| ()).unwrap_err();
    assert!(errors.to_string().contains("tollgate.toml: cannot be read"), "{errors}");
    world.write("tollgate.toml", &config(&[entra(A, "a.json")]));
    let errors = world.try_open().map(|_| ()).unwrap_err();
    assert!(errors.to_string().contains("a.json"), "{errors}");
}
