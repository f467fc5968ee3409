//! How a feed is: to whoever scrapes the gate, and to whoever asks the doctor.

use tollgate_keeper::doctor::{Doctor, State};
use tollgate_site::feed::Kind;

use super::town::{EPOCH, FEED, SITE, Town, WITHDRAW, client};
use super::world::A;

/// The value of the one sample that begins so.
fn sample(text: &str, start: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with(start))?;
    line.rsplit_once(' ').map(|(_, value)| value.to_owned())
}

#[test]
fn metrics_say_how_old_a_feed_is_and_what_it_withdraws() {
    let town = Town::new();
    let mut registry = town.registry();
    registry.change(&[
        (WITHDRAW, Kind::Client, &SITE.0, &client(1).0, None),
        (WITHDRAW, Kind::Client, &SITE.0, &client(2).0, None),
        (WITHDRAW, Kind::Tenant, &[], &A.0, None),
    ]);
    let keeper = town.open_with_registry();
    town.asleep(7);
    let text = keeper.metrics();
    let site = format!("site=\"{SITE}\"");
    let of = |name: &str, more: &str| {
        sample(&text, &format!("tollgate_{name}{{{site}{more}}}")).unwrap()
    };
    assert_eq!(of("feed_fresh", ""), "1");
    assert_eq!(of("feed_age_seconds", ""), "7.000");
    assert_eq!(of("feed_sequence", ""), "3");
    assert_eq!(of("feed_lag_changes", ""), "0");
    assert_eq!(of("withdrawn", ",kind=\"client\""), "2");
    assert_eq!(of("withdrawn", ",kind=\"tenant\""), "1");
    assert_eq!(of("withdrawn", ",kind=\"user\""), "0");
    assert_eq!(of("feed_polls_total", ",result=\"success\""), "1");
    let epoch = tollgate::Guid(EPOCH);
    assert_eq!(of("feed_info", &format!(",epoch=\"{epoch}\",source=\"registry\"")), "1");
    registry.connection.pragma_update(None, "user_version", 3).unwrap();
    town.asleep(23);
    keeper.refresh();
    let text = keeper.metrics();
    let of = |name: &str, more: &str| {
        sample(&text, &format!("tollgate_{name}{{{site}{more}}}")).unwrap()
    };
    assert_eq!((of("feed_fresh", ""), of("feed_age_seconds", "")), ("0".into(), "30.000".into()));
    assert_eq!(of("feed_polls_total", ",result=\"failure\""), "1");
    // Without a feed there is nothing to tell.
    let none = town.open("feed = \"none\"\n", "");
    assert!(
        !none.metrics().contains("tollgate_feed") && !none.metrics().contains("tollgate_withdrawn")
    );
}

#[test]
fn the_doctor_says_how_old_each_feed_is_and_where_it_is_written() {
    let town = Town::new();
    let registry = town.registry();
    town.world.write("tollgate.toml", &town.toml(FEED, "registry = \"registry.db\""));
    let feed = || {
        let doctor = Doctor::load(&town.world.path("tollgate.toml")).unwrap();
        let found = doctor.examine(None, &mut |_, _| ());
        let feeds: Vec<_> =
            found.freshness.into_iter().filter(|one| one.freshness.what == "feed").collect();
        let [one] = feeds.try_into().unwrap();
        (found.ok, one)
    };
    let (ok, one) = feed();
    assert!(ok, "{one:?}");
    assert_eq!((one.freshness.state, one.freshness.bound_s), (State::Fresh, Some(30)));
    assert!(one.line.unwrap().to_string().contains("site[0].registry: 0 withdrawn or set"));
    registry.connection.pragma_update(None, "user_version", 3).unwrap();
    let (ok, one) = feed();
    assert_eq!((ok, one.freshness.ok, one.freshness.state), (false, false, State::Stale));
    assert!(one.freshness.says.contains("has schema 3"), "{}", one.freshness.says);
}
