//! What whoever may write a feed file, or set a clock, cannot make of the site's statements.

use std::fs;

use serde_json::{Value, json};
use tollgate::{Algorithm, Guid, Reason};
use tollgate_site::Authority;
use tollgate_site::feed::{Change, Effect, Kind};

use super::signed::{Pen, SOURCE, change, problem};
use super::town::{EPOCH, FEED, SITE, Town};
use super::world::START;

const WITHDRAWN: Option<Reason> = Some(Reason::ClientWithdrawn);
const STALE: Option<Reason> = Some(Reason::FeedStale);

/// The rule of tokens: a set that lists keys of several issuers says which is whose.
#[test]
fn a_key_of_another_issuer_signs_no_feed() {
    let town = Town::new();
    let read = |path: &str| fs::read_to_string(town.world.path(path)).unwrap();
    let (other, url) = (Guid([0x77; 16]), |site| format!("urn:tollgate:site:{site}"));
    Authority::init(&town.world.path("other"), other, Algorithm::Es256, START.unix_s).unwrap();
    let (keys, others) = (read("site-keys.json"), read("other/site-keys.json"));
    assert!(keys.contains(&url(SITE)) && others.contains(&url(other)), "{keys}{others}");
    // Each other's, in one set.
    let keys_of = |text: &str| serde_json::from_str::<Value>(text).unwrap()["keys"].take();
    let swapped = [
        keys_of(&keys.replace(&url(SITE), &url(other))),
        keys_of(&others.replace(&url(other), &url(SITE))),
    ];
    let all: Vec<_> = swapped.iter().flat_map(|keys| keys.as_array().unwrap()).collect();
    town.put(&[Pen(&town.authority).snapshot(EPOCH, 1, 0, &[])]);
    town.world.write("site-keys.json", &json!({ "keys": all }).to_string());
    let keeper = town.open(FEED, SOURCE);
    assert!(problem(&keeper).contains("is not the site's: "), "{}", problem(&keeper));
    assert_eq!(keeper.feeds()[0].epoch, None);
    town.world.write("site-keys.json", &keys);
    town.world.date("site-keys.json", 50);
    town.seconds(&keeper, 2);
    assert_eq!((problem(&keeper), town.asks(&keeper, &town.token(1))), (String::new(), None));
}

/// What the epoch that is over said last, and the new one, are heard with one look.
#[test]
fn an_epoch_that_ends_within_a_look_takes_nothing_with_it() {
    let town = Town::new();
    let pen = Pen(&town.authority);
    let first = pen.snapshot(EPOCH, 1, 0, &[1]);
    let last = pen.tail(1, 1, &[change(2, Effect::Withdraw, 2)]);
    let new = pen.snapshot([0xe2; 16], 1, 2, &[3]);
    let newest = pen.snapshot([0xe3; 16], 1, 3, &[4]);
    town.put(std::slice::from_ref(&first));
    let going = town.open(FEED, SOURCE);
    town.asleep(3);
    town.add(&[last, new, newest].concat());
    going.refresh();
    let beginning = town.open(FEED, SOURCE);
    for keeper in [&going, &beginning] {
        let ask = |number| town.asks(keeper, &town.token(number));
        let expected = [WITHDRAWN, WITHDRAWN, WITHDRAWN, WITHDRAWN, None];
        assert_eq!([1, 2, 3, 4, 5].map(ask), expected, "{}", problem(keeper));
        assert_eq!(keeper.feeds()[0].past, 3);
    }
    // Nor is one of them heard again.
    town.put(&[pen.snapshot([0xe2; 16], 9, 4, &[])]);
    town.asleep(1);
    for keeper in [&going, &beginning] {
        keeper.refresh();
        assert!(problem(keeper).contains("goes back: it is of an epoch that is over"));
    }
}

/// The lines behind its withdrawal too, though they come with one look.
#[test]
fn a_withdrawn_key_signs_no_line_behind_that() {
    let town = Town::new();
    let pen = Pen(&town.authority);
    let kid = town.authority.keys(START.unix_s)[0].kid.clone();
    let key =
        Change { kind: Kind::Key, subject: kid.into_bytes(), ..change(2, Effect::Withdraw, 0) };
    let (first, gone) = (pen.snapshot(EPOCH, 1, 0, &[1]), pen.tail(1, 0, &[key]));
    let behind = pen.tail(2, 0, &[change(3, Effect::Undo, 1)]);
    town.put(&[first, gone, behind]);
    let keeper = town.open(FEED, SOURCE);
    assert!(problem(&keeper).contains("that signed it has been withdrawn"), "{}", problem(&keeper));
    assert_eq!(town.asks(&keeper, &town.token(1)), STALE);
}

/// A file that is held back is as old as it is, though the calendar of the gate is set back as well.
#[test]
fn a_calendar_that_is_set_back_makes_no_statement_younger() {
    let town = Town::new();
    let pen = Pen(&town.authority);
    town.put(&[pen.snapshot(EPOCH, 1, 0, &[])]);
    let keeper = town.open(FEED, SOURCE);
    let token = town.token(1);
    assert_eq!(town.asks(&keeper, &token), None);
    town.asleep(25);
    town.world.clock.set_wall(-24);
    town.add(&pen.tail(1, 1, &[]));
    keeper.refresh();
    let age_s = |keeper| town.age(keeper).unwrap().as_secs();
    assert_eq!(
        (age_s(&keeper), town.asks(&keeper, &token)),
        (23, None),
        "a second is lost in dates"
    );
    town.asleep(7);
    assert_eq!(town.asks(&keeper, &token), STALE);
    // What the site says in time is as young as ever.
    town.world.clock.set_wall(24);
    town.add(&pen.tail(1, 32, &[]));
    keeper.refresh();
    assert_eq!((age_s(&keeper), town.asks(&keeper, &token)), (0, None));
}

/// It may be long, and nobody mends it within a second.
#[test]
fn a_file_that_was_not_heard_is_read_again_once_it_is_another() {
    let town = Town::new();
    let pen = Pen(&town.authority);
    let good = pen.snapshot(EPOCH, 1, 0, &[]);
    let date = || town.world.date("feed.jws", 100);
    town.put(&["x".repeat(good.len() - 1) + "\n"]);
    date();
    let dated = fs::metadata(town.world.path("feed.jws")).unwrap().modified().unwrap();
    let keeper = town.open(FEED, SOURCE);
    assert!(problem(&keeper).contains("is no feed"), "{}", problem(&keeper));
    // Nothing shows that it is another one.
    town.put(std::slice::from_ref(&good));
    let file = fs::File::options().append(true).open(town.world.path("feed.jws")).unwrap();
    file.set_modified(dated).unwrap();
    town.seconds(&keeper, 6);
    assert!(problem(&keeper).contains("is no feed"), "{}", problem(&keeper));
    town.seconds(&keeper, 2);
    assert_eq!(problem(&keeper), "", "a quarter of the bound");
    // By its date it shows, at once.
    town.put(&["x".repeat(good.len() - 1) + "\n"]);
    date();
    town.seconds(&keeper, 2);
    assert!(problem(&keeper).contains("is no feed"), "{}", problem(&keeper));
    town.put(std::slice::from_ref(&good));
    town.seconds(&keeper, 1);
    assert_eq!(problem(&keeper), "");
}
