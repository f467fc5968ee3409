//! The life of the site's keys.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::fs;

use serde_json::Value;
use support::{ADMIN, DAY_S, Device, Made, NOW_S, site, why};
use tollgate::Algorithm;
use tollgate_site::{Authority, KeyState, Order, Target};

fn states(site: &Authority, now_s: i64) -> Vec<KeyState> {
    site.keys(now_s).iter().map(|key| key.state).collect()
}

/// The `kid`s that gates read.
fn published(made: &Made) -> Vec<String> {
    let json: Value =
        serde_json::from_slice(&fs::read(made.site.public_keys_file()).unwrap()).unwrap();
    let kids =
        json["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().into());
    kids.collect()
}

#[test]
fn a_key_is_published_before_it_signs_and_believed_after_it_did() {
    let made = site();
    let site = &made.site;
    let first = site.keys(NOW_S)[0].kid.clone();
    let next = site.rotate_keys(Algorithm::EdDsa, ADMIN, NOW_S).unwrap();
    assert_eq!((next.state, next.active_from_s), (KeyState::Pending, NOW_S + 60));
    assert_eq!(published(&made), [first.clone(), next.kid.clone()]);
    let said = site.rotate_keys(Algorithm::Es256, ADMIN, NOW_S).unwrap_err().to_string();
    assert!(said.contains(&format!("key {} is pending and signs from", next.kid)), "{said}");

    let bulk = made.bulk(NOW_S + 59);
    let device = Device::new();
    let early = device.register(site, &bulk, "r", NOW_S + 59).unwrap();
    assert_eq!(site.client(early.client).unwrap().0.kid, first);
    let late = Device::new().register(site, &bulk, "r", NOW_S + 60).unwrap();
    assert_eq!(site.client(late.client).unwrap().0.kid, next.kid);
    assert_eq!(states(site, NOW_S + 60), [KeyState::Retiring, KeyState::Active]);

    // What it signed is good until its end, and until then it is needed.
    let said = site.retire_key(&first, ADMIN, NOW_S + 61).unwrap_err().to_string();
    assert!(said.starts_with("1 clients' tokens and 1 bulk tokens live that it signed"), "{said}");
    let said = site.retire_key(&next.kid, ADMIN, NOW_S + 61).unwrap_err().to_string();
    assert!(said.starts_with("it signs: `tollgate keys rotate` first"), "{said}");
    device.renew(site, early.issued.token(), "n", NOW_S + 59 + 30 * DAY_S).unwrap();
    site.retire_key(&first, ADMIN, NOW_S + 31 * DAY_S).unwrap();
    assert_eq!(published(&made), std::slice::from_ref(&next.kid));
    assert_eq!(states(site, NOW_S + 31 * DAY_S), [KeyState::Withdrawn, KeyState::Active]);
    assert!(site.retire_key("x", ADMIN, NOW_S + 31 * DAY_S).is_err());
}

#[test]
fn a_withdrawn_key_takes_its_tokens_with_it_and_says_how_many() {
    let made = site();
    let site = &made.site;
    let bulk = made.bulk(NOW_S);
    let device = Device::new();
    let grant = device.register(site, &bulk, "r", NOW_S).unwrap();
    let stolen = site.keys(NOW_S)[0].kid.clone();
    let (target, order) = ([Target::Key(stolen.clone())], Order::default());
    let would = site.would_withdraw(&target, &order, NOW_S).unwrap();
    assert_eq!(would.under_key, Some((1, 1)));
    assert_eq!(published(&made).len(), 1, "counted only");
    // It is the only one: nothing is issued until the next one signs.
    assert_eq!(site.withdraw(&target, &order, ADMIN, NOW_S).unwrap().under_key, Some((1, 1)));
    assert!(published(&made).is_empty());
    assert_eq!(
        why(device.renew(site, grant.issued.token(), "n", NOW_S + 30 * DAY_S)),
        "key_unknown"
    );
    assert_eq!(why(Device::new().register(site, &bulk, "r", NOW_S + 1)), "key_unknown");
    let next = site.rotate_keys(Algorithm::Es256, ADMIN, NOW_S + 2).unwrap();
    assert!(site.new_bulk_token(&Default::default(), ADMIN, NOW_S + 3).is_err(), "not yet");
    let fresh = made.bulk(next.active_from_s);
    let again = device.register(site, &fresh, "r2", next.active_from_s).unwrap();
    assert_eq!(again.client, grant.client, "the same device, under the new key");
    let said = site
        .undo(&tollgate_site::Undo::Target(target[0].clone()), false, ADMIN, next.active_from_s)
        .unwrap_err();
    assert!(said.to_string().starts_with("a key that was withdrawn stays so"), "{said}");
    site.verify_audit().unwrap().unwrap();
}

#[test]
fn whoever_renewed_under_a_key_that_was_withdrawn_registers_again() {
    let made = site();
    let site = &made.site;
    let device = Device::new();
    let first = device.register(site, &made.bulk(NOW_S), "r", NOW_S).unwrap();
    let day_30 = NOW_S + 30 * DAY_S;
    let second = device.renew(site, first.issued.token(), "n", day_30).unwrap();
    let next = site.rotate_keys(Algorithm::Es256, ADMIN, day_30).unwrap();
    let (due, stolen) = (next.active_from_s, site.keys(day_30)[0].kid.clone());
    site.withdraw(&[Target::Key(stolen)], &Order::default(), ADMIN, due).unwrap();
    assert_eq!(why(device.renew(site, second.issued.token(), "m", due)), "key_unknown");
    let again = device.register(site, &made.bulk(due), "r2", due).unwrap();
    assert_eq!((again.client, again.generation), (first.client, 3));
}

#[test]
fn processes_hear_of_each_others_keys() {
    let made = site();
    let other = Authority::open(&made.data()).unwrap();
    let next = made.site.rotate_keys(Algorithm::Es256, ADMIN, NOW_S).unwrap();
    let due = next.active_from_s;
    // The other process never looked at the folder again.
    let bulk = made.bulk(due);
    let grant = Device::new().register(&other, &bulk, "r", due).unwrap();
    assert_eq!(other.client(grant.client).unwrap().0.kid, next.kid);
    let gone = [Target::Key(next.kid.clone())];
    made.site.withdraw(&gone, &Order::default(), ADMIN, due).unwrap();
    assert_eq!(why(Device::new().register(&other, &bulk, "r", due)), "key_unknown");
}

#[test]
fn who_lacks_the_private_key_verifies_and_does_not_issue() {
    let made = site();
    let bulk = made.bulk(NOW_S);
    let kid = made.site.keys(NOW_S)[0].kid.clone();
    fs::rename(made.site.private_key_file(&kid), made.folder.path().join("away.pem")).unwrap();
    let other = Authority::open(&made.data()).unwrap();
    assert_eq!(why(Device::new().register(&other, &bulk, "r", NOW_S)), "no_signing_key");
    // What needs no signature goes on: withdrawing does not wait for a key.
    let target = [Target::Client(tollgate::Guid([9; 16]))];
    other.withdraw(&target, &Order::default(), ADMIN, NOW_S).unwrap();
    other.verify_audit().unwrap().unwrap();
}

#[test]
fn a_crash_between_registry_and_key_set_is_mended() {
    let made = site();
    let before = fs::read(made.site.public_keys_file()).unwrap();
    made.site.rotate_keys(Algorithm::Es256, ADMIN, NOW_S).unwrap();
    let after = fs::read(made.site.public_keys_file()).unwrap();
    fs::write(made.site.public_keys_file(), before).unwrap();
    Authority::open(&made.data()).unwrap();
    assert_eq!(fs::read(made.site.public_keys_file()).unwrap(), after);
}
