//! Revocation goes on while something else of the configuration cannot be used.

use super::crls::{Ca, GOOD, REVOKED, config, reason, world};
use super::world::{World, entra};
use tollgate::{Guid, Reason};
use tollgate_keeper::{Keeper, Refreshed, Update};

const READ_ON: &str = "the revocation lists that `crls` named before are read on";

/// A typo, a key that is unknown, a file of something else that is gone: the CA's next list holds all the same.
#[test]
fn a_new_list_waits_for_no_unrelated_error() {
    let ca = Ca::new("Corp");
    let world = world(&ca, "crls = \"corp.crl\"");
    world.write("corp.crl", &ca.list(1, GOOD, &[]));
    let keeper = world.open();
    let (peer, other) = (ca.client(1), ca.client(2));
    let asked = || [reason(&keeper, &peer), reason(&keeper, &other)];
    assert_eq!(asked(), [None, None]);
    let good = config("crls = \"corp.crl\"");
    let without_keys = format!("{good}{}", entra(Guid::parse(TENANT).unwrap(), "absent.json"));
    // Each of these says something else of lists too; what is not in force is not asked.
    let elsewhere = good.replace("corp.crl", "other.crl");
    let mut number = 1;
    for broken in [
        format!("{good}x = = 1\n"),
        format!("{good}unheard_of = 1\n"),
        without_keys,
        good.replace("ca.pem", "absent.pem"),
        format!("{elsewhere}unheard_of = 1\n"),
        String::new(),
    ] {
        world.write("tollgate.toml", &broken);
        let said = kept(&world, &keeper);
        assert!(said.contains(READ_ON), "{broken}: {said}");
        for revoked in [&[1][..], &[2], &[]] {
            number += 1;
            world.write("corp.crl", &ca.list(number, GOOD, revoked));
            let said = kept(&world, &keeper);
            assert!(said.contains(READ_ON), "{broken}: {said}");
            let expected = [1, 2].map(|serial| revoked.contains(&serial).then_some(()));
            assert_eq!(asked(), expected.map(|it| it.and(REVOKED)), "{broken}");
            world.unchanged(&keeper);
        }
    }
    // Half a list is told, and changes nothing; so does an older one.
    number += 1;
    let (list, old) = (ca.list(number, GOOD, &[1]), ca.list(1, GOOD, &[]));
    for (text, said_of_it) in
        [(list.as_str(), ""), (&list[..list.len() / 2], "goes on"), (&old, "is older than number")]
    {
        world.write("corp.crl", text);
        let said = kept(&world, &keeper);
        assert!(said.contains(said_of_it), "{said}");
        assert_eq!(asked(), [REVOKED, None]);
    }
    world.write("tollgate.toml", &good);
    world.replaced(&keeper);
    assert_eq!(asked(), [REVOKED, None]);
    assert_eq!(keeper.gate().counters().signature_checks, 2, "paths are proven still");
}

/// What a host has told goes before the file here too, and withdrawals stay.
#[test]
fn what_a_host_told_is_read_on() {
    let ca = Ca::new("Corp");
    let world = world(&ca, "crls = \"corp.crl\"");
    world.write("corp.crl", &ca.list(1, GOOD, &[]));
    let keeper = world.open();
    let peer = ca.client(1);
    let mut update = Update::default();
    update.crls("corp", ca.list(2, GOOD, &[1]).into_bytes());
    keeper.apply(update).unwrap();
    assert_eq!(reason(&keeper, &peer), REVOKED);
    world.write("tollgate.toml", "x");
    world.write("corp.crl", &ca.list(3, GOOD, &[]));
    let said = kept(&world, &keeper);
    assert!(said.contains(READ_ON), "{said}");
    assert_eq!(reason(&keeper, &peer), REVOKED);
}

/// Everything that is said of a load that failed, a line each.
#[track_caller]
fn kept(world: &World, keeper: &Keeper) -> String {
    match world.refresh(keeper) {
        Refreshed::Kept(errors) => {
            errors.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        }
        other => panic!("{other:?}"),
    }
}

const TENANT: &str = "9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b";

/// One bad list as often as it fits is told once; of many bad ones the first few are, and none takes the good one away.
#[test]
fn bad_lists_of_one_file_fill_no_log() {
    let (ca, namesake) = (Ca::new("Corp"), Ca::new("Corp"));
    let world = world(&ca, "crls = \"corp.crl\"");
    let good = ca.list(1, GOOD, &[1]);
    let bad = namesake.list(9, GOOD, &[]);
    world.write("corp.crl", &format!("{}{good}", bad.repeat(100)));
    let (keeper, warnings) = world.try_open().map_err(|errors| errors.to_string()).unwrap();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].to_string().contains("corp.crl, list 1: its signature"), "{warnings:?}");
    assert_eq!(reason(&keeper, &ca.client(1)), REVOKED);
    let many: String = (10..40).map(|number| namesake.list(number, GOOD, &[])).collect();
    world.write("corp.crl", &format!("{many}{}", good.repeat(100)));
    assert_eq!(world.replaced(&keeper).len(), 8);
    assert_eq!(reason(&keeper, &ca.client(1)), REVOKED);
    // More than a file may hold are none, and what was read before goes on.
    world.write("corp.crl", &good.repeat(4_097));
    let warnings = world.replaced(&keeper);
    assert!(warnings[0].contains("it holds more than 4096 lists; the one"), "{warnings:?}");
    assert_eq!(reason(&keeper, &ca.client(1)), REVOKED);
}

/// A clock that was ahead when the list was read: why everybody is refused afterwards has to be said.
#[test]
fn a_calendar_that_was_set_back_is_said() {
    let ca = Ca::new("Corp");
    let world = world(&ca, "crls = \"corp.crl\"");
    world.write("corp.crl", &ca.list(1, (-100, 1_000), &[]));
    world.clock.set_wall(995);
    let keeper = world.open();
    assert_eq!(reason(&keeper, &ca.client(1)), None);
    world.clock.set_wall(-995);
    world.clock.pass(10);
    assert_eq!(reason(&keeper, &ca.client(1)), Some(Reason::CrlStale));
    let warnings = world.replaced(&keeper);
    assert!(warnings[0].ends_with("is refused (6021); start anew"), "{warnings:?}");
    assert!(warnings[0].contains("over by the monotonic clock, and not by the"), "{warnings:?}");
}

/// Of two PKIs under one anchor the milder one decides, which nobody may have meant.
#[test]
fn pkis_of_one_anchor_that_ask_differently_are_told() {
    let ca = Ca::new("Corp");
    let world = world(&ca, "crls = \"corp.crl\"");
    world.write("corp.crl", &ca.list(1, GOOD, &[]));
    world.write("other.pem", &Ca::new("Other").pem);
    let second = |anchors: &str, revocation: &str| {
        let text = format!(
            "{}[[pki]]\nname = \"plant\"\nanchors = {anchors}\n{revocation}\n",
            config("crls = \"corp.crl\"")
        );
        world.write("tollgate.toml", &text);
        let (_, warnings) = world.try_open().map_err(|errors| errors.to_string()).unwrap();
        let said = |warning: &String| warning.contains("pki[1]: has the anchor \"CN=Corp\" as PKI");
        warnings.iter().map(ToString::to_string).filter(said).count()
    };
    let (off, required) =
        ("revocation = \"off\"", "revocation = \"required\"\ncrls = \"corp.crl\"");
    assert_eq!(second("[\"other.pem\", \"ca.pem\"]", off), 1);
    assert_eq!(second("\"ca.pem\"", &required.replace("required", "required-leaf")), 1);
    assert_eq!(second("\"ca.pem\"", required), 0);
    assert_eq!(second("\"other.pem\"", off), 0);
}
