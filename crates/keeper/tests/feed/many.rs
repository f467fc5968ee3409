//! Many at once: one transaction, one look, one swap; and figures, by hand (`-- --ignored many`).

use std::time::Instant;

use tollgate::Reason;
use tollgate_site::feed::{Head, Kind, Standing};

use super::town::{EPOCH, FEED, SITE, Town, WITHDRAW, client};
use super::world::START;

const WITHDRAWN: Option<Reason> = Some(Reason::ClientWithdrawn);

fn withdraw(town: &mut super::registry::Registry, numbers: std::ops::Range<u32>) {
    let ids: Vec<_> = numbers.map(client).collect();
    let one = |id: &'_ tollgate::Guid| -> Vec<u8> { id.0.into() };
    let ids: Vec<_> = ids.iter().map(one).collect();
    let changes: Vec<_> =
        ids.iter().map(|id| (WITHDRAW, Kind::Client, &SITE.0[..], &id[..], None)).collect();
    town.change(&changes);
}

#[test]
fn ten_thousand_are_one_look_and_touch_no_other_authority() {
    const MANY: u32 = if cfg!(debug_assertions) { 10_000 } else { 100_000 };
    let town = Town::new();
    let mut registry = town.registry();
    let keeper = town.open_with_registry();
    let tokens = [town.token(1), town.token(MANY + 1)];
    let ask = || tokens.each_ref().map(|token| town.asks(&keeper, token));
    assert_eq!((ask(), town.user(&keeper)), ([None; 2], None));
    let rejudged = || keeper.gate().counters().rejudged;
    withdraw(&mut registry, 0..MANY);
    town.asleep(1);
    let started = Instant::now();
    keeper.refresh();
    eprintln!("{MANY} withdrawals heard and swapped in {:?}", started.elapsed());
    assert_eq!((ask(), town.user(&keeper)), ([WITHDRAWN, None], None));
    assert_eq!(rejudged(), 1, "the site's other client, and no user");
    assert_eq!((ask(), rejudged()), ([WITHDRAWN, None], 1), "once");
    let feeds = keeper.feeds();
    assert_eq!((feeds[0].seq, feeds[0].counts[0].1), (i64::from(MANY), MANY as usize));
}

/// `cargo test --release -p tollgate-keeper --test feed -- --ignored --nocapture a_million`
#[test]
#[ignore = "a figure: takes half a minute; their size is tests/quiet/allocations.rs"]
fn a_million_are_loaded_in_two_seconds() {
    const MANY: u32 = 1_000_000;
    let town = Town::new();
    let mut registry = town.registry();
    withdraw(&mut registry, 0..MANY);
    for (name, feed_file) in [("registry", false), ("feed file", true)] {
        let source =
            if feed_file { "feed_file = \"feed.jws\"" } else { "registry = \"registry.db\"" };
        if feed_file {
            let standing = (0..MANY).map(client).map(|id| Standing {
                kind: Kind::Client,
                scope: SITE.0.into(),
                subject: id.0.into(),
                before_s: None,
            });
            let standing: Vec<_> = standing.collect();
            let head = Head { epoch: EPOCH, seq: i64::from(MANY), at_s: START.unix_s };
            let now_s = town.world.clock_s();
            let line = town
                .authority
                .feed_pen(now_s)
                .unwrap()
                .signer()
                .snapshot(&head, now_s, &standing)
                .unwrap();
            std::fs::write(town.world.path("feed.jws"), line).unwrap();
        }
        let started = Instant::now();
        let keeper = town.open(FEED, source);
        let took = started.elapsed();
        assert_eq!(town.asks(&keeper, &town.token(MANY - 1)), WITHDRAWN);
        eprintln!("{name}: loaded in {took:?}");
        if !feed_file {
            withdraw(&mut registry, MANY..MANY + 1);
            town.asleep(1);
            let started = Instant::now();
            keeper.refresh();
            eprintln!("one more: {:?}", started.elapsed());
            withdraw(&mut registry, MANY + 1..MANY + 100_001);
            town.asleep(1);
            let started = Instant::now();
            keeper.refresh();
            eprintln!("100,000 more: {:?}", started.elapsed());
        }
    }
}
