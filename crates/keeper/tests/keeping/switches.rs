//! Tenants that are switched off, and people who are withdrawn.

use std::fs;

use tollgate::policy::Withdrawn;
use tollgate::sample::user;
use tollgate::{Method, Reason};
use tollgate_keeper::Update;

use super::world::{A, B, START, World, config, entra, reason, tenant, token};

const USER: Withdrawn = Withdrawn::User {
    tenant: A,
    user: tollgate::Guid([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]),
};

fn enable(method: Method, name: &str, enabled: bool) -> Update {
    let mut update = Update::default();
    update.enable(method, name, enabled);
    update
}

fn withdraw(whom: Withdrawn, issued_before: Option<i64>) -> Update {
    let mut update = Update::default();
    update.withdraw(whom, issued_before);
    update
}

fn restore(whom: Withdrawn) -> Update {
    let mut update = Update::default();
    update.restore(whom);
    update
}

#[test]
fn a_switch_holds_over_the_configurations_own() {
    let a = tenant(A);
    let world = World::of(&a);
    let keeper = world.open();
    let of_a = token(&a, 1);
    let disabled = Some(Reason::TenantDisabled);
    assert_eq!(reason(&keeper, &of_a), None);
    keeper.apply(enable(Method::Entra, &A.to_string(), false)).unwrap();
    assert_eq!(reason(&keeper, &of_a), disabled);
    for written in [true, false] {
        let section = entra(A, "a.json") + &format!("enabled = {written}\n");
        world.write("tollgate.toml", &config(&[section]));
        world.replaced(&keeper);
        assert_eq!(reason(&keeper, &of_a), disabled);
    }
    keeper.apply(enable(Method::Entra, &A.to_string().to_uppercase(), true)).unwrap();
    assert_eq!(reason(&keeper, &of_a), None, "though the file says false");
    world.date("tollgate.toml", 1);
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &of_a), None);
    assert_eq!(keeper.gate().counters().signature_checks, 1);
}

#[test]
fn withdrawals_read_no_file_and_stay() {
    assert_eq!(
        user(1),
        match USER {
            Withdrawn::User { user, .. } => user,
            other => panic!("{other:?}"),
        }
    );
    let a = tenant(A);
    let world = World::of(&a);
    let keeper = world.open();
    let texts = ["a.json", "tollgate.toml"].map(|file| (file, fs::read(world.path(file)).unwrap()));
    let asked = || [1, 2].map(|n| reason(&keeper, &token(&a, n)));
    assert_eq!(asked(), [None, None]);
    // Somebody is writing them just now.
    for (file, _) in &texts {
        fs::remove_file(world.path(file)).unwrap();
    }
    assert_eq!(keeper.apply(withdraw(USER, None)), Ok(Vec::new()));
    let withdrawn = Some(Reason::UserWithdrawn);
    assert_eq!(asked(), [withdrawn, None]);
    world.kept(&keeper);
    assert_eq!(asked(), [withdrawn, None]);
    for (file, text) in &texts {
        fs::write(world.path(file), text).unwrap();
    }
    world.replaced(&keeper);
    assert_eq!(asked(), [withdrawn, None], "a load changes nothing of it");
    assert_eq!(keeper.apply(restore(USER)), Ok(Vec::new()));
    assert_eq!(asked(), [None, None]);
    world.date("a.json", 1);
    world.replaced(&keeper);
    assert_eq!(asked(), [None, None]);
    // ES256 tokens of one user differ by their signature, so each is a new one.
    assert_eq!(keeper.refreshes().updates, 2);
}

#[test]
fn a_withdrawal_touches_what_is_remembered_and_asks_for_no_signature() {
    let (a, b) = (tenant(A), tenant(B));
    let world = World::of(&a);
    world.write("b.json", &b.jwks().to_string());
    world.write("tollgate.toml", &config(&[entra(A, "a.json"), entra(B, "b.json")]));
    let keeper = world.open();
    let tokens = [token(&a, 1), token(&a, 2), token(&b, 1)];
    let asked = || tokens.each_ref().map(|token| reason(&keeper, token));
    assert_eq!(asked(), [None; 3]);
    for (update, of_first) in [
        (withdraw(USER, None), Some(Reason::UserWithdrawn)),
        // What was withdrawn for ever does not come back by a time.
        (withdraw(USER, Some(0)), Some(Reason::UserWithdrawn)),
        (restore(USER), None),
        (withdraw(USER, Some(START.unix_s)), None),
        (withdraw(USER, Some(START.unix_s + 1)), Some(Reason::UserWithdrawn)),
        (restore(USER), None),
        (restore(USER), None),
        (Update::default(), None),
    ] {
        keeper.apply(update).unwrap();
        assert_eq!(asked(), [of_first, None, None]);
    }
    let counters = keeper.gate().counters();
    assert_eq!(counters.signature_checks, 3);
    // The other tenant's never were judged again.
    let again = counters.rejudged;
    assert!(again > 0 && again <= 12, "{counters:?}");
    assert_eq!(keeper.refreshes().updates, 8);
}

#[test]
fn several_in_one_update_are_taken_in_their_order() {
    let a = tenant(A);
    let world = World::of(&a);
    let keeper = world.open();
    let mut update = withdraw(USER, None);
    update.restore(USER);
    update.withdraw(USER, Some(START.unix_s));
    keeper.apply(update).unwrap();
    assert_eq!(reason(&keeper, &token(&a, 1)), None, "issued in that second, so not before it");
    let mut update = restore(USER);
    update.withdraw(USER, Some(START.unix_s + 1));
    // Beside something that loads all again.
    update.enable(Method::Entra, &A.to_string(), true);
    keeper.apply(update).unwrap();
    assert_eq!(reason(&keeper, &token(&a, 1)), Some(Reason::UserWithdrawn));
}

#[test]
fn whoever_is_withdrawn_may_be_of_a_tenant_that_comes_later() {
    let (a, b) = (tenant(A), tenant(B));
    let world = World::of(&a);
    let keeper = world.open();
    let device = tollgate::Guid([0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1]);
    keeper.apply(withdraw(Withdrawn::Device { tenant: B, device }, None)).unwrap();
    world.write("b.json", &b.jwks().to_string());
    world.write("tollgate.toml", &config(&[entra(A, "a.json"), entra(B, "b.json")]));
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &token(&b, 1)), Some(Reason::DeviceWithdrawn));
    assert_eq!(reason(&keeper, &token(&a, 1)), None);
}
