//! Every kind of change, out of a registry: heard at the next look, with a reason of its own, and taken back.

use std::fs;

use tollgate::sample;
use tollgate::{Guid, Reason, Scenario};
use tollgate_site::Provenance;
use tollgate_site::feed::{CHANGE_FROM, Kind};

use super::town::{BULK, FEED, SITE, Town, UNDO, WITHDRAW, client};
use super::world::{A, ASK, START};

/// A change, and what becomes of a client's and of a user's token.
type Case = (&'static str, Kind, Vec<u8>, Vec<u8>, Option<i64>, Option<Reason>, Option<Reason>);

fn cases(kid: &str) -> Vec<Case> {
    let (site, tenant) = (SITE.0.to_vec(), A.0.to_vec());
    let (one, user) = (client(1).0.to_vec(), sample::user(1).0.to_vec());
    let (later, at) = (Some(START.unix_s + 1), Some(START.unix_s));
    let (bulk, none) = (BULK.0.to_vec(), Vec::new());
    let withdrawn = Some(Reason::ClientWithdrawn);
    vec![
        ("client", Kind::Client, site.clone(), one.clone(), None, withdrawn, None),
        ("client, before", Kind::Client, site.clone(), one.clone(), later, withdrawn, None),
        ("client, at", Kind::Client, site.clone(), one.clone(), at, None, None),
        ("bulk token", Kind::BulkToken, site.clone(), bulk.clone(), None, None, None),
        (
            "its clients",
            Kind::BulkClients,
            site.clone(),
            bulk.clone(),
            later,
            Some(Reason::BulkClientsWithdrawn),
            None,
        ),
        ("its clients, at", Kind::BulkClients, site.clone(), bulk, at, None, None),
        (
            "key",
            Kind::Key,
            site.clone(),
            kid.as_bytes().to_vec(),
            None,
            Some(Reason::KeyWithdrawn),
            None,
        ),
        ("another key", Kind::Key, site.clone(), b"another".to_vec(), None, None, None),
        (
            "all before",
            Kind::Site,
            none.clone(),
            site.clone(),
            later,
            Some(Reason::IssuedBefore),
            None,
        ),
        ("all, at", Kind::Site, none.clone(), site.clone(), at, None, None),
        ("user", Kind::User, tenant.clone(), user.clone(), None, None, Some(Reason::UserWithdrawn)),
        ("another's user", Kind::User, site.clone(), user, None, None, None),
        (
            "tenant",
            Kind::Tenant,
            none.clone(),
            tenant.clone(),
            None,
            None,
            Some(Reason::TenantWithdrawn),
        ),
        ("device", Kind::Device, tenant, one.clone(), None, None, None),
        (
            "gateway denied",
            Kind::GatewayDenied,
            site.clone(),
            one.clone(),
            None,
            Some(Reason::GatewayNotAllowed),
            None,
        ),
        (
            "denied by default",
            Kind::GatewayDeniedByDefault,
            none,
            site.clone(),
            None,
            Some(Reason::GatewayNotAllowed),
            None,
        ),
        ("allowed", Kind::GatewayAllowed, site.clone(), one.clone(), None, None, None),
        ("user policy", Kind::UserPolicyDenied, site.clone(), one.clone(), None, None, None),
        (
            "no user policy by default",
            Kind::UserPolicyDeniedByDefault,
            Vec::new(),
            A.0.to_vec(),
            None,
            None,
            None,
        ),
        ("user policy allowed", Kind::UserPolicyAllowed, site, one, None, None, None),
    ]
}

#[test]
fn every_kind_holds_at_the_next_look_and_is_taken_back() {
    let town = Town::new();
    let mut registry = town.registry();
    let keeper = town.open_with_registry();
    let token = town.token_of(1, Provenance::Bulk(BULK));
    assert_eq!((town.asks(&keeper, &token), town.user(&keeper)), (None, None));
    let kid = town.authority.keys(START.unix_s)[0].kid.clone();
    for (name, kind, scope, subject, before, of_client, of_user) in cases(&kid) {
        registry.change(&[(WITHDRAW, kind, &scope, &subject, before)]);
        assert_eq!((town.asks(&keeper, &token), town.user(&keeper)), (None, None), "{name}: early");
        town.seconds(&keeper, 1);
        let got = (town.asks(&keeper, &token), town.user(&keeper));
        assert_eq!(got, (of_client, of_user), "{name}");
        // Another gate reads all of it at once.
        let other = town.world.open();
        assert_eq!((town.asks(&other, &token), town.user(&other)), got, "{name}: a snapshot");
        registry.change(&[(UNDO, kind, &scope, &subject, None)]);
        town.seconds(&keeper, 1);
        assert_eq!((town.asks(&keeper, &token), town.user(&keeper)), (None, None), "{name}: back");
    }
    let signatures = keeper.gate().counters().signature_checks;
    assert_eq!(signatures, 2, "no change costs one");
}

#[test]
fn a_default_is_for_those_who_have_no_setting_of_their_own() {
    let town = Town::new();
    let mut registry = town.registry();
    let denied: &[u8] = &SITE.0;
    let keeper = town.open_with_registry();
    let tokens = [town.token(1), town.token(2)];
    let ask = || tokens.each_ref().map(|token| town.asks(&keeper, token));
    assert_eq!(ask(), [None, None]);
    registry.change(&[
        (WITHDRAW, Kind::GatewayDeniedByDefault, &[], denied, None),
        (WITHDRAW, Kind::GatewayAllowed, &SITE.0, &client(2).0, None),
    ]);
    town.seconds(&keeper, 1);
    assert_eq!(ask(), [Some(Reason::GatewayNotAllowed), None]);
    // What an endpoint inside the network asks is no business of the gateway's setting.
    let inside = town.toml(FEED, "registry = \"registry.db\"");
    let inside = inside.replace("methods =", "network = \"internal\"\nmethods =");
    town.world.write("tollgate.toml", &inside);
    town.seconds(&keeper, 1);
    assert_eq!(ask(), [None, None]);
}

#[test]
fn a_device_may_be_kept_from_user_policy_and_from_the_gateway_by_its_tenant() {
    let town = Town::new();
    let mut registry = town.registry();
    let keeper = town.open_with_registry();
    let device = Guid([0xde; 16]);
    let mut claims = town.tenant.user_claims(1, START.unix_s);
    claims["deviceid"] = device.to_string().into();
    let signed = town.tenant.sign(&claims);
    let ask = |scenario| {
        let request = tollgate::Request::token(signed.as_bytes());
        let verdict =
            keeper.gate().check(&request, &tollgate::Ask { scenario, ..ASK }, keeper.now());
        verdict.refusal().map(|refusal| refusal.reason)
    };
    let both = || [ask(Scenario::Device), ask(Scenario::User)];
    assert_eq!(both(), [None, None]);
    registry.change(&[(WITHDRAW, Kind::UserPolicyDenied, &A.0, &device.0, None)]);
    town.seconds(&keeper, 1);
    assert_eq!(both(), [None, Some(Reason::UserPolicyNotAllowed)]);
    registry.change(&[
        (UNDO, Kind::UserPolicyDenied, &A.0, &device.0, None),
        (WITHDRAW, Kind::UserPolicyDeniedByDefault, &[], &A.0, None),
    ]);
    town.seconds(&keeper, 1);
    assert_eq!(both(), [None, Some(Reason::UserPolicyNotAllowed)], "by default");
    registry.change(&[(WITHDRAW, Kind::UserPolicyAllowed, &A.0, &device.0, None)]);
    town.seconds(&keeper, 1);
    assert_eq!(both(), [None, None], "told by itself");
    registry.change(&[(UNDO, Kind::UserPolicyDeniedByDefault, &[], &A.0, None)]);
    registry.change(&[(WITHDRAW, Kind::GatewayDenied, &A.0, &device.0, None)]);
    town.seconds(&keeper, 1);
    assert_eq!(both(), [Some(Reason::GatewayNotAllowed); 2]);
    assert_eq!(town.user(&keeper), None, "a token without a device");
    let request = tollgate::Request::token(signed.as_bytes());
    let explained = keeper.gate().explain(&request, &ASK, keeper.now());
    let said = format!("{explained:?}");
    assert!(said.contains("gateway_allowed = false"), "{said}");
}

/// A gap is what a writer may never leave; if one is there, it is seen, and all is read.
#[test]
fn a_gap_is_answered_by_a_snapshot() {
    let town = Town::new();
    let mut registry = town.registry();
    let keeper = town.open_with_registry();
    let tokens: Vec<String> = (1..=3).map(|number| town.token(number)).collect();
    let ask = || -> Vec<_> { tokens.iter().map(|token| town.asks(&keeper, token)).collect() };
    assert_eq!(ask(), [None; 3]);
    (1..=3).for_each(|number| registry.withdraw_client(SITE, client(number)));
    registry.connection.execute("DELETE FROM change WHERE seq = 2", []).unwrap();
    town.seconds(&keeper, 1);
    assert_eq!(ask(), [Some(Reason::ClientWithdrawn); 3]);
    assert_eq!(keeper.feeds()[0].seq, 3);
    // Compacted away on purpose: the same.
    let from = "INSERT INTO setting VALUES (?1, '4')";
    registry.connection.execute(from, [CHANGE_FROM]).unwrap();
    registry.connection.execute("DELETE FROM change", []).unwrap();
    registry
        .connection
        .execute("UPDATE setting SET value = '99' WHERE key = ?1", [CHANGE_FROM])
        .unwrap();
    registry.restore_client(SITE, client(2));
    town.seconds(&keeper, 1);
    let withdrawn = Some(Reason::ClientWithdrawn);
    assert_eq!(ask(), [withdrawn, None, withdrawn]);
}

/// Of another site's clients a feed says nothing, and of none it says half.
#[test]
fn a_feed_that_speaks_of_another_site_is_not_heard() {
    let town = Town::new();
    let mut registry = town.registry();
    let keeper = town.open_with_registry();
    let token = town.token(1);
    assert_eq!(town.asks(&keeper, &token), None);
    let other = Guid([0x77; 16]);
    registry.change(&[
        (WITHDRAW, Kind::Client, &SITE.0, &client(1).0, None),
        (WITHDRAW, Kind::Client, &other.0, &client(2).0, None),
    ]);
    town.seconds(&keeper, 1);
    assert_eq!(town.asks(&keeper, &token), None, "all of it or nothing");
    let problem = keeper.feeds()[0].problem.clone().unwrap();
    assert!(problem.contains("it speaks of site 77777777-"), "{problem}");
    town.seconds(&keeper, 30);
    assert_eq!(town.asks(&keeper, &token), Some(Reason::FeedStale));
}

#[test]
fn a_kind_or_an_id_that_nobody_knows_is_not_passed_over() {
    for (kind, subject, said) in [
        (99, &client(1).0[..], "of kind 99, which this version does not know"),
        (1, &[1, 2, 3][..], "an id has 3 bytes instead of 16"),
    ] {
        let town = Town::new();
        let registry = town.registry();
        let keeper = town.open_with_registry();
        let row = "INSERT INTO change VALUES (1, 1, 1, ?1, ?2, ?3, NULL)";
        registry.connection.execute(row, rusqlite::params![kind, SITE.0, subject]).unwrap();
        registry.connection.execute("UPDATE head SET seq = 1", []).unwrap();
        town.seconds(&keeper, 1);
        let problem = keeper.feeds()[0].problem.clone().unwrap();
        assert!(problem.contains(said), "{problem}");
    }
}

/// What an update of the host says and what a feed says stand beside each other.
#[test]
fn neither_host_nor_feed_takes_back_what_the_other_said() {
    use tollgate::policy::Withdrawn;
    let town = Town::new();
    let mut registry = town.registry();
    let keeper = town.open_with_registry();
    let token = town.token(1);
    let whom = Withdrawn::Client { site: SITE, client: client(1) };
    let tell = |is_withdrawn: bool| {
        let mut update = tollgate_keeper::Update::default();
        if is_withdrawn {
            update.withdraw(whom, None);
        } else {
            update.restore(whom);
        }
        keeper.apply(update).unwrap();
    };
    registry.withdraw_client(SITE, client(1));
    town.seconds(&keeper, 1);
    tell(true);
    tell(false);
    assert_eq!(town.asks(&keeper, &token), Some(Reason::ClientWithdrawn), "by the feed");
    tell(true);
    registry.restore_client(SITE, client(1));
    town.seconds(&keeper, 1);
    assert_eq!(town.asks(&keeper, &token), Some(Reason::ClientWithdrawn), "by the host");
    // A load for another file's sake loses neither.
    town.world.write("a.json", &fs::read_to_string(town.world.path("a.json")).unwrap());
    town.world.date("a.json", 50);
    town.seconds(&keeper, 1);
    assert_eq!(town.asks(&keeper, &token), Some(Reason::ClientWithdrawn), "by the host");
    tell(false);
    assert_eq!(town.asks(&keeper, &token), None);
}
