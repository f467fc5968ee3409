//! What operators do to registries, and what whoever can write there may try.

use std::fs;

use tollgate::Reason;
use tollgate_keeper::{Keeper, Refreshed};

use super::registry::Registry;
use super::town::{EPOCH, SITE, Town, client};

const WITHDRAWN: Option<Reason> = Some(Reason::ClientWithdrawn);
const DAY_S: u32 = 86_400;

fn problem(keeper: &Keeper) -> String {
    keeper.feeds()[0].problem.clone().unwrap_or_default()
}

/// The file as it was, put back by hand under a running gate.
#[test]
fn an_old_copy_is_not_heard() {
    let town = Town::new();
    let mut registry = town.registry();
    let keeper = town.open_with_registry();
    registry.withdraw_client(SITE, client(1));
    town.seconds(&keeper, 1);
    registry.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    fs::copy(&registry.path, town.world.path("backup.db")).unwrap();
    registry.withdraw_client(SITE, client(2));
    town.seconds(&keeper, 1);
    let tokens = [town.token(1), town.token(2), town.token(3)];
    let ask = || tokens.each_ref().map(|token| town.asks(&keeper, token));
    assert_eq!(ask(), [WITHDRAWN, WITHDRAWN, None]);
    drop(registry);
    put_back(&town, "backup.db");
    assert!(matches!(keeper.refresh(), Refreshed::Unchanged), "not a second later yet");
    town.asleep(1);
    let Refreshed::Kept(said) = keeper.refresh() else { panic!("it went unnoticed") };
    assert!(
        said.to_string().contains("goes back: its last change is 1, and 2 was heard"),
        "{said}"
    );
    assert_eq!(ask(), [WITHDRAWN, WITHDRAWN, None]);
    town.seconds(&keeper, 30);
    assert_eq!(ask(), [WITHDRAWN, WITHDRAWN, Some(Reason::FeedStale)], "{}", problem(&keeper));
}

/// The backup is put back by hand between two looks, and written to until it is as long as it was: by its
/// numbers alone it would be the same, and what was withdrawn under them never heard.
#[test]
fn another_history_under_the_same_numbers_is_not_heard() {
    let town = Town::new();
    let mut registry = town.registry();
    registry.withdraw_client(SITE, client(1));
    registry.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    fs::copy(&registry.path, town.world.path("backup.db")).unwrap();
    let keeper = town.open_with_registry();
    registry.withdraw_client(SITE, client(2));
    town.seconds(&keeper, 1);
    drop(registry);
    put_back(&town, "backup.db");
    let mut other = Registry::open(&town.world.path("registry.db"));
    (3..=5).for_each(|number| other.withdraw_client(SITE, client(number)));
    town.seconds(&keeper, 1);
    assert!(problem(&keeper).contains("its change 2 is another one"), "{}", problem(&keeper));
    town.seconds(&keeper, 29);
    let ask = |number| town.asks(&keeper, &town.token(number));
    assert_eq!([1, 2].map(ask), [WITHDRAWN; 2]);
    assert_eq!([3, 6].map(ask), [Some(Reason::FeedStale); 2]);
    // `site restore` mends it: a new epoch.
    other.connection.execute("UPDATE head SET epoch = ?1", [[0xe9_u8; 16]]).unwrap();
    town.seconds(&keeper, 1);
    assert_eq!([1, 2, 3, 6].map(ask), [WITHDRAWN, WITHDRAWN, WITHDRAWN, None]);
}

/// `site restore` begins a new epoch. What was withdrawn in the one before stays so until no token of it can
/// be good any more, but for what was taken back since.
#[test]
fn both_epochs_count_until_the_longest_life_has_passed() {
    let town = Town::new();
    let mut registry = town.registry();
    (1..=3).for_each(|number| registry.withdraw_client(SITE, client(number)));
    let keeper = town.open_with_registry();
    let registry = |epoch: u8| {
        for name in ["registry.db", "registry.db-wal", "registry.db-shm"] {
            let _ = fs::remove_file(town.world.path(name));
        }
        Registry::new(&town.world.path("registry.db"), [epoch; 16])
    };
    let mut restored = registry(0xe2);
    restored.withdraw_client(SITE, client(1));
    town.seconds(&keeper, 1);
    let seen = || keeper.feeds()[0].clone();
    assert_eq!((seen().problem, seen().past, seen().seq), (None, 3, 1));
    let withdrawn = |keeper: &Keeper| {
        let token = |number| town.asks(keeper, &town.token(number));
        (1..=4).map(token).collect::<Vec<_>>()
    };
    assert_eq!(withdrawn(&keeper), [WITHDRAWN, WITHDRAWN, WITHDRAWN, None]);
    // Taken back in the new epoch, by somebody who knows of it.
    restored.restore_client(SITE, client(2));
    town.seconds(&keeper, 1);
    assert_eq!(withdrawn(&keeper), [WITHDRAWN, None, WITHDRAWN, None]);
    // The old history once more is not one to go back to.
    drop(restored);
    drop(registry(EPOCH[0]));
    town.seconds(&keeper, 1);
    assert!(problem(&keeper).contains("goes back: it is of an epoch that is over"));
    let _again = registry(0xe3);
    town.asleep(367 * DAY_S + DAY_S);
    keeper.refresh();
    assert_eq!((seen().problem, seen().past), (None, 1), "those of the epoch before last are over");
    town.asleep(368 * DAY_S);
    keeper.refresh();
    assert_eq!(seen().past, 0);
}

/// What ended leaves the registry, and once a day the gate.
#[test]
fn what_left_the_registry_leaves_the_gate_in_a_day() {
    let town = Town::new();
    let mut registry = town.registry();
    (1..=3).for_each(|number| registry.withdraw_client(SITE, client(number)));
    let keeper = town.open_with_registry();
    let count = || keeper.feeds()[0].counts[0].1;
    assert_eq!(count(), 3);
    registry.connection.execute("DELETE FROM withdrawn WHERE seq < 3", []).unwrap();
    town.seconds(&keeper, 3);
    assert_eq!(count(), 3);
    town.asleep(DAY_S);
    keeper.refresh();
    assert_eq!((count(), town.asks(&keeper, &town.token(3))), (1, WITHDRAWN));
}

pub(crate) fn put_back(town: &Town, name: &str) {
    for gone in ["registry.db-wal", "registry.db-shm"] {
        let _ = fs::remove_file(town.world.path(gone));
    }
    fs::copy(town.world.path(name), town.world.path("registry.db")).unwrap();
}
