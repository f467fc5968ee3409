//! Where a feed is read: another place, another site's, two of them, and one that was put back.

use std::fs;

use tollgate::{Algorithm, Guid, Reason, Scenario};
use tollgate_keeper::Keeper;
use tollgate_keeper::doctor::Doctor;
use tollgate_site::Authority;
use tollgate_site::feed::{CHANGE_FROM, Kind};

use super::operator::put_back;
use super::registry::Registry;
use super::signed::{Pen, SOURCE, problem};
use super::town::{EPOCH, FEED, SITE, Town, WITHDRAW, client};
use super::world::{A, ASK, START, reason};

const WITHDRAWN: Option<Reason> = Some(Reason::ClientWithdrawn);
const STALE: Option<Reason> = Some(Reason::FeedStale);
const REGISTRY: &str = "registry = \"registry.db\"";

/// A host that applies an update more often than feeds are looked at hears them all the same.
#[test]
fn no_load_puts_off_the_next_look() {
    let town = Town::new();
    let mut registry = town.registry();
    let feed = FEED.replace("\"1s\"", "\"10s\"");
    let keeper = town.open(&feed, REGISTRY);
    let token = town.token(1);
    assert_eq!(town.asks(&keeper, &token), None);
    registry.withdraw_client(SITE, client(1));
    let polls = || keeper.feeds()[0].polls;
    assert_eq!(polls(), 1);
    for load in 0..4 {
        town.world.write("tollgate.toml", &format!("{}# {load}\n", town.toml(&feed, REGISTRY)));
        town.seconds(&keeper, 3);
    }
    assert_eq!((town.asks(&keeper, &token), polls()), (WITHDRAWN, 2), "12 s of 10 s");
    // A shorter time between two looks holds from now on.
    registry.restore_client(SITE, client(1));
    town.world.write("tollgate.toml", &town.toml(FEED, REGISTRY));
    town.seconds(&keeper, 3);
    assert_eq!(town.asks(&keeper, &token), None);
}

fn told(town: &Town, source: &str, keeper: &Keeper) {
    town.world.write("tollgate.toml", &town.toml(FEED, source));
    town.seconds(keeper, 1);
}

/// A line that is mistaken lets nobody in, though other methods do not require the feed.
#[test]
fn what_was_heard_stands_until_another_source_is_heard() {
    let town = Town::new();
    let mut registry = town.registry();
    let keeper = town.open_with_registry();
    registry.change(&[(WITHDRAW, Kind::Tenant, &[], &A.0, None)]);
    registry.withdraw_client(SITE, client(1));
    town.seconds(&keeper, 1);
    let tokens = [town.token(1), town.token(2)];
    let ask = || tokens.each_ref().map(|token| town.asks(&keeper, token));
    let (tenant, seen) = (Some(Reason::TenantWithdrawn), || keeper.feeds()[0].clone());
    assert_eq!((ask(), town.user(&keeper)), ([WITHDRAWN, None], tenant));
    told(&town, "registry = \"mistaken.db\"", &keeper);
    assert_eq!((ask(), town.user(&keeper)), ([WITHDRAWN, STALE], tenant));
    assert_eq!((seen().age(keeper.now()), seen().seq), (None, 2));
    town.seconds(&keeper, 3);
    assert_eq!((ask(), town.user(&keeper)), ([WITHDRAWN, STALE], tenant));
    // A copy that ends before what was heard is an old one, wherever it is.
    drop(Registry::new(&town.world.path("older.db"), EPOCH));
    told(&town, "registry = \"older.db\"", &keeper);
    assert!(problem(&keeper).contains("goes back: its last change is 0, and 2 was heard"));
    assert_eq!((ask(), town.user(&keeper)), ([WITHDRAWN, STALE], tenant));
    // The same history in a file that the site signs, and further on.
    town.put(&[Pen(&town.authority).snapshot(EPOCH, 3, 5, &[1])]);
    told(&town, SOURCE, &keeper);
    assert_eq!((ask(), town.user(&keeper)), ([WITHDRAWN, None], None), "{}", problem(&keeper));
    // Another epoch in another place, and the one before it in the place where that was.
    let mut restored = Registry::new(&town.world.path("restored.db"), [0xe2; 16]);
    restored.withdraw_client(SITE, client(2));
    told(&town, "registry = \"restored.db\"", &keeper);
    assert_eq!(ask(), [WITHDRAWN; 2], "{}", problem(&keeper));
    told(&town, REGISTRY, &keeper);
    assert!(problem(&keeper).contains("goes back: it is of an epoch that is over"));
    assert_eq!(ask(), [WITHDRAWN; 2]);
}

/// It has nothing of this site in it, and would be taken for one that withdraws nobody.
#[test]
fn a_registry_of_another_site_is_not_heard() {
    let town = Town::new();
    let registry = town.registry();
    let set = |value: Option<&[u8]>| {
        let site = "UPDATE setting SET value = ?1 WHERE key = 'site'";
        registry.connection.execute(site, [value]).unwrap();
    };
    let token = town.token(1);
    for (value, said) in [
        (&[0x77; 16][..], "is not the site's: it is the registry of site 77777777-"),
        (b"short", "is damaged: "),
    ] {
        set(Some(value));
        let keeper = town.open_with_registry();
        assert!(problem(&keeper).contains(said), "{}", problem(&keeper));
        assert_eq!(town.asks(&keeper, &token), STALE);
        set(Some(&SITE.0));
        town.seconds(&keeper, 1);
        assert_eq!(town.asks(&keeper, &token), None);
    }
    registry.connection.execute("DELETE FROM setting", []).unwrap();
    let keeper = town.open_with_registry();
    assert!(problem(&keeper).contains("it does not say of which site it is"));
}

/// As the authority itself makes it.
#[test]
fn the_registry_of_a_site_is_heard() {
    let town = Town::new();
    let keeper = town.open(FEED, "registry = \"site/registry.db\"");
    assert_eq!((problem(&keeper), town.asks(&keeper, &town.token(1))), (String::new(), None));
}

/// Two sites with feeds: of a tenant's devices both may speak, and of each other neither.
#[test]
fn no_feed_lifts_what_another_set() {
    let town = Town::new();
    let (other, device) = (Guid([0x77; 16]), Guid([0xde; 16]));
    Authority::init(&town.world.path("other"), other, Algorithm::Es256, START.unix_s).unwrap();
    let mut ours = town.registry();
    let mut theirs = Registry::new(&town.world.path("theirs.db"), [0xe7; 16]);
    let id = "UPDATE setting SET value = ?1 WHERE key = 'site'";
    theirs.connection.execute(id, [other.0]).unwrap();
    let keeper = town.open(
        FEED,
        &format!(
            "{REGISTRY}\n[[site]]\nid = \"{other}\"\nkeys_file = \"other/site-keys.json\"\n\
             registry = \"theirs.db\""
        ),
    );
    let mut claims = town.tenant.user_claims(1, START.unix_s);
    claims["deviceid"] = device.to_string().into();
    let token = town.tenant.sign(&claims);
    let user = || {
        let request = tollgate::Request::token(token.as_bytes());
        let ask = tollgate::Ask { scenario: Scenario::User, ..ASK };
        keeper.gate().check(&request, &ask, keeper.now()).refusal().map(|refusal| refusal.reason)
    };
    let denied = Some(Reason::GatewayNotAllowed);
    assert_eq!(user(), None);
    ours.change(&[(WITHDRAW, Kind::GatewayDeniedByDefault, &[], &A.0, None)]);
    town.seconds(&keeper, 1);
    assert_eq!(user(), denied);
    theirs.change(&[(WITHDRAW, Kind::GatewayAllowed, &A.0, &device.0, None)]);
    town.seconds(&keeper, 1);
    assert_eq!(keeper.feeds().iter().filter(|feed| feed.problem.is_some()).count(), 0);
    assert_eq!(user(), denied, "another site's word lifts nothing");
    ours.change(&[(WITHDRAW, Kind::GatewayAllowed, &A.0, &device.0, None)]);
    town.seconds(&keeper, 1);
    assert_eq!(user(), None);
    for (kind, scope, subject) in [
        (Kind::GatewayAllowed, &SITE.0[..], &client(1).0),
        (Kind::GatewayDenied, &SITE.0, &client(1).0),
        (Kind::UserPolicyDenied, &SITE.0, &client(1).0),
        (Kind::UserPolicyAllowed, &SITE.0, &client(1).0),
        (Kind::UserPolicyDeniedByDefault, &[], &SITE.0),
        (Kind::GatewayDeniedByDefault, &[], &SITE.0),
    ] {
        let before =
            "DELETE FROM change; DELETE FROM withdrawn; UPDATE head SET epoch = randomblob(16)";
        theirs.connection.execute_batch(before).unwrap();
        town.seconds(&keeper, 1);
        assert_eq!(keeper.feeds()[1].problem, None);
        theirs.change(&[(WITHDRAW, kind, scope, subject, None)]);
        town.seconds(&keeper, 1);
        let problem = keeper.feeds()[1].problem.clone().unwrap_or_default();
        assert!(problem.contains(&format!("it speaks of site {SITE}")), "{kind:?}: {problem}");
    }
}

/// Put back by hand, where the change by which the history would be known has been folded away.
#[test]
fn a_registry_that_cannot_be_known_again_is_read_from_the_start() {
    let town = Town::new();
    let mut registry = town.registry();
    registry.withdraw_client(SITE, client(1));
    let fold = |registry: &Registry| {
        registry.connection.execute("DELETE FROM change", []).unwrap();
        let from = "INSERT OR REPLACE INTO setting SELECT ?1, CAST(seq + 1 AS TEXT) FROM head";
        registry.connection.execute(from, [CHANGE_FROM]).unwrap();
        registry.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    };
    fold(&registry);
    fs::copy(&registry.path, town.world.path("backup.db")).unwrap();
    registry.withdraw_client(SITE, client(2));
    fold(&registry);
    let keeper = town.open_with_registry();
    let ask = |number| town.asks(&keeper, &town.token(number));
    assert_eq!([1, 2, 3, 4].map(ask), [WITHDRAWN, WITHDRAWN, None, None]);
    drop(registry);
    put_back(&town, "backup.db");
    let mut other = Registry::open(&town.world.path("registry.db"));
    other.withdraw_client(SITE, client(3));
    fold(&other);
    other.connection.execute("UPDATE head SET at = at + 5", []).unwrap();
    town.seconds(&keeper, 1);
    assert_eq!([1, 3].map(ask), [WITHDRAWN; 2], "under the same number, at another time");
    // And where it has gone on since.
    drop(other);
    put_back(&town, "backup.db");
    let mut third = Registry::open(&town.world.path("registry.db"));
    third.withdraw_client(SITE, client(4));
    fold(&third);
    third.withdraw_client(SITE, client(5));
    town.seconds(&keeper, 1);
    assert_eq!([1, 4, 5].map(ask), [WITHDRAWN; 3], "behind the same number");
}

/// While a registry cannot be read anything may be done to it.
#[test]
fn all_is_read_behind_a_look_that_failed() {
    let town = Town::new();
    let mut registry = town.registry();
    registry.withdraw_client(SITE, client(1));
    let keeper = town.open_with_registry();
    // A row that no change tells of.
    let row = "INSERT INTO withdrawn SELECT kind, scope, ?1, before, seq, at, expires, note FROM withdrawn";
    registry.connection.execute(row, [client(2).0]).unwrap();
    let ask = |number| town.asks(&keeper, &town.token(number));
    town.seconds(&keeper, 1);
    assert_eq!([1, 2].map(ask), [WITHDRAWN, None], "by its numbers it is the same");
    registry.connection.pragma_update(None, "user_version", 9).unwrap();
    town.seconds(&keeper, 2);
    registry.connection.pragma_update(None, "user_version", 1).unwrap();
    town.seconds(&keeper, 1);
    assert_eq!([1, 2].map(ask), [WITHDRAWN; 2]);
}

/// Nor does a number that cannot be bring down whoever reads it.
#[test]
fn a_head_at_the_end_of_all_numbers_is_only_a_number() {
    let town = Town::new();
    let registry = town.registry();
    let keeper = town.open_with_registry();
    let seconds = |seq: i64| {
        registry.connection.execute("UPDATE head SET seq = ?1", [seq]).unwrap();
        town.seconds(&keeper, 1);
        problem(&keeper)
    };
    for seq in [-1, i64::MIN] {
        assert!(seconds(seq).contains(&format!("is damaged: its last change is {seq}")), "{seq}");
    }
    assert_eq!((seconds(i64::MAX), seconds(i64::MAX)), (String::new(), String::new()));
    assert_eq!(keeper.feeds()[0].seq, i64::MAX);
    assert!(seconds(7).contains("goes back: its last change is 7"));
}

/// Users and certificates are of others, who set no end to them; what the site issued has ended.
#[test]
fn who_was_withdrawn_in_an_epoch_before_stays_so() {
    let town = Town::new();
    let mut registry = town.registry();
    registry.withdraw_client(SITE, client(1));
    registry.change(&[(WITHDRAW, Kind::Tenant, &[], &A.0, None)]);
    let keeper = town.open_with_registry();
    registry.connection.execute_batch("DELETE FROM withdrawn").unwrap();
    registry.connection.execute("UPDATE head SET epoch = ?1", [[0xe2; 16]]).unwrap();
    town.seconds(&keeper, 1);
    assert_eq!(keeper.feeds()[0].past, 2);
    town.asleep(369 * 86_400);
    keeper.refresh();
    assert_eq!((keeper.feeds()[0].past, problem(&keeper)), (1, String::new()));
    town.world.date("a.json", 1);
    town.seconds(&keeper, 3);
    let user = town.tenant.sign(&town.tenant.user_claims(1, town.world.clock_s()));
    assert_eq!(reason(&keeper, &user), Some(Reason::TenantWithdrawn));
}

#[test]
fn whoever_requires_no_feed_for_clients_is_told_what_that_means() {
    let town = Town::new();
    let _registry = town.registry();
    for (required, is_told) in [("[]", true), ("[\"entra\"]", true), ("[\"site\"]", false)] {
        let feed = format!("{FEED}required_for = {required}\n");
        town.world.write("tollgate.toml", &town.toml(&feed, REGISTRY));
        let (_, warnings) = town.world.try_open().unwrap();
        let said: Vec<_> = warnings.iter().map(ToString::to_string).collect();
        let warned =
            said.iter().any(|said| said.contains("feed.required_for: leaves out \"site\""));
        assert_eq!(warned, is_told, "{required}: {said:?}");
        let doctor = Doctor::load(&town.world.path("tollgate.toml")).unwrap();
        let found = doctor.examine(None, &mut |_, _| ());
        let feed = found.freshness.iter().find(|one| one.freshness.what == "feed").unwrap();
        let says = &feed.freshness.says;
        assert_eq!(says.contains("its clients pass without it"), is_told, "{required}: {says}");
    }
}
