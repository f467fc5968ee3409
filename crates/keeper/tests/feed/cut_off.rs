//! What a withdrawal is worth where a gate cannot hear of it: it holds after `max_staleness`, since by then
//! the gate decides nothing of the methods that need the feed.

use std::fs;

use tollgate::{Guid, Reason};
use tollgate_keeper::{Keeper, Refreshed};

use super::registry::Registry;
use super::town::{EPOCH, FEED, SITE, Town, client};

const WITHDRAWN: Option<Reason> = Some(Reason::ClientWithdrawn);
const STALE: Option<Reason> = Some(Reason::FeedStale);

/// A way to take the store from a gate, and back.
struct Cut {
    name: &'static str,
    cut: fn(&Town, &Registry),
    mend: fn(&Town, &Registry),
    says: &'static str,
}

const CUTS: &[Cut] = &[
    Cut {
        name: "moved away",
        cut: |town, _| {
            fs::rename(town.world.path("registry.db"), town.world.path("elsewhere.db")).unwrap();
        },
        mend: |town, _| {
            fs::rename(town.world.path("elsewhere.db"), town.world.path("registry.db")).unwrap();
        },
        says: "cannot be read: No such file or directory",
    },
    Cut {
        name: "a folder in its place",
        cut: |town, _| {
            fs::rename(town.world.path("registry.db"), town.world.path("elsewhere.db")).unwrap();
            fs::create_dir(town.world.path("registry.db")).unwrap();
        },
        mend: |town, _| {
            fs::remove_dir(town.world.path("registry.db")).unwrap();
            fs::rename(town.world.path("elsewhere.db"), town.world.path("registry.db")).unwrap();
        },
        says: "it is not a regular file",
    },
    Cut {
        name: "locked",
        cut: |_, registry| {
            let mode = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; \
                        BEGIN EXCLUSIVE";
            registry.connection.execute_batch(mode).unwrap();
        },
        mend: |_, registry| {
            let mode = "COMMIT; PRAGMA locking_mode = NORMAL; PRAGMA journal_mode = WAL; \
                        SELECT seq FROM head";
            registry.connection.execute_batch(mode).unwrap();
        },
        says: "is locked by another process",
    },
    Cut {
        name: "newer schema",
        cut: |_, registry| registry.connection.pragma_update(None, "user_version", 3).unwrap(),
        mend: |_, registry| registry.connection.pragma_update(None, "user_version", 1).unwrap(),
        says: "has schema 3, and this version reads 2",
    },
    Cut {
        name: "another program's",
        cut: |_, registry| registry.connection.pragma_update(None, "application_id", 7).unwrap(),
        mend: |_, registry| {
            let ours = tollgate_site::feed::APPLICATION_ID;
            registry.connection.pragma_update(None, "application_id", ours).unwrap();
        },
        says: "is no feed: it is a database of another program (0x7)",
    },
    Cut {
        name: "damaged",
        cut: |town, registry| {
            registry.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
            fs::rename(town.world.path("registry.db"), town.world.path("elsewhere.db")).unwrap();
            fs::write(town.world.path("registry.db"), "SQLite format 3\0 and then nothing")
                .unwrap();
        },
        mend: |town, _| {
            fs::rename(town.world.path("elsewhere.db"), town.world.path("registry.db")).unwrap();
        },
        says: "is no feed: it is no SQLite database",
    },
];

/// Of several gates, one is cut off. A withdrawal that is acknowledged meanwhile is refused by each after
/// `max_staleness`; the others hear of it, and the one says 503 for clients of the site and serves the rest.
#[test]
fn a_gate_without_its_store_withdraws_all_in_time_and_recovers_by_itself() {
    for cut in CUTS {
        let name = cut.name;
        let town = Town::new();
        let mut registry = town.registry();
        let gates = [town.open_with_registry(), town.open_with_registry()];
        let (good, bad) = (town.token(1), town.token(2));
        let ask = |token: &str| gates.each_ref().map(|gate| town.asks(gate, token));
        for gate in &gates {
            town.asks(gate, &good);
            town.asks(gate, &bad);
        }
        town.seconds(&gates[0], 1);
        gates[1].refresh();
        assert_eq!((ask(&good), ask(&bad)), ([None; 2], [None; 2]), "{name}");
        // The second gate hears of it; then the store is gone for both.
        registry.withdraw_client(SITE, client(2));
        town.asleep(1);
        gates[1].refresh();
        (cut.cut)(&town, &registry);
        // Withdrawn at second 1, heard last by the first gate at second 0.
        let mut before = 1;
        for second in [2, 3, 16, 29] {
            town.asleep(second - before);
            before = second;
            let told = gates.each_ref().map(Keeper::refresh);
            for (gate, told) in told.iter().enumerate() {
                let is_first = second == 2;
                match told {
                    Refreshed::Kept(errors) if is_first => {
                        let said = errors.to_string();
                        assert!(said.contains(cut.says), "{name}, gate {gate}: {said}");
                        assert!(said.contains("tollgate.toml:"), "{name}: by its line: {said}");
                    }
                    Refreshed::Unchanged if !is_first => {}
                    told => panic!("{name}, gate {gate}, second {second}: {told:?}"),
                }
            }
            assert_eq!(ask(&good), [None; 2], "{name}, second {second}: what was known goes on");
            assert_eq!(ask(&bad), [None, WITHDRAWN], "{name}, second {second}");
        }
        town.asleep(1);
        assert_eq!(ask(&bad), [STALE, WITHDRAWN], "{name}: 30 s after it was last heard");
        assert_eq!(ask(&good), [STALE, None], "{name}");
        town.asleep(1);
        assert_eq!(ask(&bad), [STALE, WITHDRAWN], "{name}: what is refused for good stays so");
        assert_eq!(ask(&good), [STALE; 2], "{name}");
        assert_eq!(gates.each_ref().map(|gate| town.user(gate)), [None; 2], "{name}: others pass");
        assert_eq!(Reason::FeedStale.class().http_status(), 503);
        assert!(!gates[0].feeds()[0].is_fresh(gates[0].now()));
        // A clock that is set back keeps nothing alive.
        town.world.clock.set_wall(-200);
        assert_eq!(ask(&good), [STALE; 2], "{name}");
        town.world.clock.set_wall(200);
        (cut.mend)(&town, &registry);
        town.asleep(1);
        for gate in &gates {
            match gate.refresh() {
                Refreshed::Replaced(told) => {
                    assert!(told[0].message.ends_with("is heard again"), "{name}: {told:?}");
                }
                told => panic!("{name}: {told:?}"),
            }
        }
        assert_eq!((ask(&good), ask(&bad)), ([None; 2], [WITHDRAWN; 2]), "{name}: by itself");
        assert!(gates[0].feeds()[0].problem.is_none() && gates[0].feeds()[0].failures >= 4);
    }
}

/// Nobody calls the keeper: the host hangs, or its thread is gone.
#[test]
fn a_gate_that_nobody_refreshes_falls_silent_too() {
    let town = Town::new();
    let _registry = town.registry();
    let gate = town.open_with_registry();
    let token = town.token(1);
    assert_eq!(town.asks(&gate, &token), None);
    town.asleep(29);
    assert_eq!(town.asks(&gate, &token), None);
    town.asleep(1);
    assert_eq!((town.asks(&gate, &token), town.user(&gate)), (STALE, None));
    gate.refresh();
    assert_eq!(town.asks(&gate, &token), None);
}

/// A gate that begins without its store admits nobody of the site until it has read it.
#[test]
fn nothing_is_decided_before_the_first_word() {
    let town = Town::new();
    town.world.write("tollgate.toml", &town.toml(FEED, "registry = \"registry.db\""));
    let (gate, warnings) = town.world.try_open().unwrap();
    let said = warnings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(said.contains("site[0].registry: ") && said.contains("No such file"), "{said}");
    assert!(said.contains("nothing was heard of it yet"), "{said}");
    let token = town.token(1);
    assert_eq!((town.asks(&gate, &token), town.user(&gate)), (STALE, None));
    let health = gate.feeds()[0].clone();
    assert_eq!(
        (health.epoch, health.age(gate.now()), health.is_fresh(gate.now())),
        (None, None, false)
    );
    let mut registry = town.registry();
    registry.withdraw_client(SITE, client(2));
    town.seconds(&gate, 1);
    assert_eq!(town.asks(&gate, &token), None);
    assert_eq!(town.asks(&gate, &town.token(2)), WITHDRAWN);
}

#[test]
fn other_methods_may_require_the_feed_and_the_site_may_not() {
    let town = Town::new();
    let _registry = town.registry();
    let token = town.token(1);
    for (required, of_client, of_user) in [
        ("[\"site\"]", STALE, None),
        ("[\"entra\"]", None, STALE),
        ("[\"site\", \"entra\"]", STALE, STALE),
        ("[]", None, None),
    ] {
        let feed = format!("{FEED}required_for = {required}\n");
        let gate = town.open(&feed, "registry = \"registry.db\"");
        assert_eq!((town.asks(&gate, &token), town.user(&gate)), (None, None));
        town.asleep(30);
        assert_eq!(
            (town.asks(&gate, &token), town.user(&gate)),
            (of_client, of_user),
            "{required}"
        );
    }
}

/// An administrator who is told of an outage wants it shorter, and does not want to wait for it.
#[test]
fn a_shorter_bound_holds_for_what_was_heard_before() {
    let town = Town::new();
    let registry = town.registry();
    let long = "[feed]\nmax_staleness = \"1h\"\n";
    let gate = town.open(long, "registry = \"registry.db\"");
    let token = town.token(1);
    registry.connection.pragma_update(None, "user_version", 9).unwrap();
    town.asleep(100);
    gate.refresh();
    assert_eq!(town.asks(&gate, &token), None);
    town.world.write("tollgate.toml", &town.toml(FEED, "registry = \"registry.db\""));
    town.asleep(1);
    gate.refresh();
    assert_eq!(town.asks(&gate, &token), STALE);
    town.world.write("tollgate.toml", &town.toml(long, "registry = \"registry.db\""));
    town.asleep(1);
    gate.refresh();
    assert_eq!(town.asks(&gate, &token), None, "102 s of an hour");
}

/// A change of the configuration makes a feed neither fresh nor stale.
#[test]
fn a_reload_is_no_word_of_the_feed() {
    let town = Town::new();
    let registry = town.registry();
    let gate = town.open_with_registry();
    let token = town.token(1);
    assert_eq!(town.asks(&gate, &token), None);
    registry.connection.pragma_update(None, "user_version", 9).unwrap();
    town.asleep(20);
    let text = town.toml(FEED, "registry = \"registry.db\"");
    town.world.write("tollgate.toml", &format!("{text}\n# another\n"));
    assert!(matches!(gate.refresh(), Refreshed::Replaced(_)));
    assert_eq!(town.asks(&gate, &token), None);
    town.asleep(10);
    assert_eq!(town.asks(&gate, &token), STALE);
    // Of another file nothing was heard, and what was before stands.
    let other = text.replace("registry.db", "another.db");
    town.world.write("tollgate.toml", &other);
    gate.refresh();
    assert_eq!((town.asks(&gate, &token), gate.feeds()[0].epoch), (STALE, Some(Guid(EPOCH))));
    // Without a feed nobody is asked for one.
    town.world.write("tollgate.toml", &town.toml("feed = \"none\"\n", ""));
    town.seconds(&gate, 1);
    assert_eq!((town.asks(&gate, &token), gate.feeds().len()), (None, 0));
}
