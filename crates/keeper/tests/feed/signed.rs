//! A feed file that the site signs: heard line by line, never back, never another's.

use std::fs::{self, OpenOptions};
use std::io::Write;

use tollgate::{Algorithm, Guid, Reason};
use tollgate_keeper::Keeper;
use tollgate_site::feed::{Change, Effect, FeedFile, Head, Kind, Standing};
use tollgate_site::{Authority, Order, Target, Undo};

use super::town::{EPOCH, FEED, SITE, Town, client};
use super::world::START;

const WITHDRAWN: Option<Reason> = Some(Reason::ClientWithdrawn);
const STALE: Option<Reason> = Some(Reason::FeedStale);
pub(crate) const SOURCE: &str = "feed_file = \"feed.jws\"";

fn head(epoch: [u8; 16], seq: i64) -> Head {
    Head { epoch, seq, at_s: START.unix_s }
}

fn standing(numbers: &[u32]) -> Vec<Standing> {
    let one = |number: &u32| Standing {
        kind: Kind::Client,
        scope: SITE.0.into(),
        subject: client(*number).0.into(),
        before_s: None,
    };
    numbers.iter().map(one).collect()
}

pub(crate) fn change(seq: i64, effect: Effect, number: u32) -> Change {
    let (scope, subject) = (SITE.0.into(), client(number).0.into());
    Change { seq, at_s: START.unix_s, effect, kind: Kind::Client, scope, subject, before_s: None }
}

/// Lines, dated so many seconds after all began.
pub(crate) struct Pen<'t>(pub(crate) &'t Authority);

impl Pen<'_> {
    pub(crate) fn snapshot(
        &self,
        epoch: [u8; 16],
        seq: i64,
        after_s: i64,
        withdrawn: &[u32],
    ) -> String {
        let all = standing(withdrawn);
        self.0
            .feed_pen(START.unix_s)
            .unwrap()
            .signer()
            .snapshot(&head(epoch, seq), START.unix_s + after_s, &all)
            .unwrap()
    }

    pub(crate) fn tail(&self, after: i64, after_s: i64, changes: &[Change]) -> String {
        let head = head(EPOCH, after + i64::try_from(changes.len()).unwrap());
        self.0
            .feed_pen(START.unix_s)
            .unwrap()
            .signer()
            .tail(&head, START.unix_s + after_s, after, changes)
            .unwrap()
    }
}

impl Town {
    pub(crate) fn put(&self, lines: &[String]) {
        fs::write(self.world.path("feed.jws"), lines.concat()).unwrap();
    }

    pub(crate) fn add(&self, text: &str) {
        let file = OpenOptions::new().append(true).open(self.world.path("feed.jws"));
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }
}

pub(crate) fn problem(keeper: &Keeper) -> String {
    keeper.feeds()[0].problem.clone().unwrap_or_default()
}

#[test]
fn lines_are_heard_as_they_come_and_an_empty_one_says_that_nothing_did() {
    let town = Town::new();
    let pen = Pen(&town.authority);
    town.put(&[pen.snapshot(EPOCH, 5, 0, &[1])]);
    let keeper = town.open(FEED, SOURCE);
    let tokens = [town.token(1), town.token(2)];
    let ask = || tokens.each_ref().map(|token| town.asks(&keeper, token));
    assert_eq!(ask(), [WITHDRAWN, None]);
    town.asleep(20);
    town.add(&pen.tail(5, 20, &[change(6, Effect::Withdraw, 2), change(7, Effect::Undo, 1)]));
    keeper.refresh();
    assert_eq!(ask(), [None, WITHDRAWN]);
    assert_eq!((keeper.feeds()[0].seq, town.age(&keeper).unwrap().as_secs()), (7, 0));
    town.asleep(20);
    town.add(&pen.tail(7, 39, &[]));
    keeper.refresh();
    assert_eq!((ask(), town.age(&keeper).unwrap().as_secs()), ([None, WITHDRAWN], 1));
    // Half a line is waited for.
    town.asleep(1);
    let line = pen.tail(7, 41, &[change(8, Effect::Withdraw, 1)]);
    let (half, rest) = line.split_at(line.len() - 9);
    town.add(half);
    keeper.refresh();
    assert_eq!((ask(), problem(&keeper)), ([None, WITHDRAWN], String::new()));
    town.add(rest);
    town.seconds(&keeper, 1);
    assert_eq!(ask(), [WITHDRAWN; 2]);
    // Written anew, as a writer does when it has grown.
    town.asleep(5);
    town.put(&[pen.snapshot(EPOCH, 8, 46, &[1, 2])]);
    keeper.refresh();
    assert_eq!((ask(), problem(&keeper)), ([WITHDRAWN; 2], String::new()));
}

/// The site writes the file out of its registry, again and again, for gates on other machines.
#[test]
fn what_the_site_writes_is_heard() {
    let town = Town::new();
    let site = &town.authority;
    let mut file = FeedFile::new(&town.world.path("feed.jws"));
    let mut write = || file.step(site, town.world.clock_s()).unwrap().seq;
    let withdraw = |number: u32, issued_before_s| {
        let order = Order { issued_before_s, ..Order::default() };
        let whom = [Target::Client(client(number))];
        site.withdraw(&whom, &order, "admin", town.world.clock_s()).unwrap();
    };
    withdraw(1, None);
    withdraw(2, Some(START.unix_s));
    withdraw(3, Some(START.unix_s + 1));
    assert_eq!(write(), 3);
    let keeper = town.open(FEED, SOURCE);
    let ask = || [1, 2, 3].map(|number| town.asks(&keeper, &town.token(number)));
    assert_eq!(ask(), [WITHDRAWN, None, WITHDRAWN]);
    for _ in 0..5 {
        town.asleep(20);
        write();
        keeper.refresh();
        assert_eq!((ask(), problem(&keeper)), ([WITHDRAWN, None, WITHDRAWN], String::new()));
    }
    // A line behind the others says what changed.
    let lines = || fs::read_to_string(town.world.path("feed.jws")).unwrap().lines().count();
    assert_eq!(lines(), 6);
    let first = Undo::Target(Target::Client(client(1)));
    site.undo(&first, false, "admin", town.world.clock_s()).unwrap();
    town.asleep(1);
    assert_eq!((write(), lines()), (4, 7));
    keeper.refresh();
    assert_eq!((ask(), keeper.feeds()[0].counts[0].1), ([None, None, WITHDRAWN], 2));
    // Another key signs: the file is written anew.
    let next = site.rotate_keys(Algorithm::Es256, "admin", town.world.clock_s()).unwrap();
    town.asleep(u32::try_from(next.active_from_s - town.world.clock_s()).unwrap());
    assert_eq!((write(), lines()), (4, 1));
}

/// The gate counts from when the site said it, not from when it was read; a file that nobody writes any more
/// grows old, and copying or touching it makes it no younger.
#[test]
fn a_file_is_as_old_as_its_last_word() {
    let town = Town::new();
    let pen = Pen(&town.authority);
    town.put(&[pen.snapshot(EPOCH, 1, -20, &[1])]);
    let keeper = town.open(FEED, SOURCE);
    let token = town.token(2);
    assert_eq!((town.asks(&keeper, &token), town.age(&keeper).unwrap().as_secs()), (None, 20));
    town.seconds(&keeper, 9);
    assert_eq!(town.asks(&keeper, &token), None);
    let copy = fs::read(town.world.path("feed.jws")).unwrap();
    fs::write(town.world.path("feed.jws"), copy).unwrap();
    town.seconds(&keeper, 1);
    assert_eq!(
        (town.asks(&keeper, &token), town.asks(&keeper, &town.token(1))),
        (STALE, WITHDRAWN)
    );
    assert!(problem(&keeper).contains("says nothing new: its last word is 30 s old"));
    assert_eq!(town.user(&keeper), None);
    // Another gate begins with it: it is as old there.
    let other = town.world.open();
    assert_eq!((town.asks(&other, &token), town.asks(&other, &town.token(1))), (STALE, WITHDRAWN));
    // The clock of the gate is set back: the file's date would be near again.
    town.world.clock.set_wall(-10);
    town.seconds(&keeper, 1);
    assert_eq!(town.asks(&keeper, &token), STALE);
    town.add(&pen.tail(1, 1, &[]));
    town.seconds(&keeper, 1);
    assert_eq!((town.asks(&keeper, &token), problem(&keeper)), (None, String::new()));
}

/// The file is older than the monotonic clock of a gate that begins just now.
#[test]
fn a_file_older_than_the_gates_clock_is_stale() {
    let town = Town::new();
    town.put(&[Pen(&town.authority).snapshot(EPOCH, 1, -86_400, &[1])]);
    town.world.clock.set_mono_ms(0);
    let keeper = town.open(FEED, SOURCE);
    assert_eq!(town.asks(&keeper, &town.token(2)), STALE);
    assert_eq!((town.asks(&keeper, &town.token(1)), town.user(&keeper)), (WITHDRAWN, None));
    assert_eq!(town.age(&keeper).unwrap().as_secs(), 86_400);
}

#[test]
fn what_is_not_the_sites_or_goes_back_is_not_heard() {
    let town = Town::new();
    let pen = Pen(&town.authority);
    let other_site = Authority::init(
        &town.world.path("other"),
        Guid([0x52; 16]),
        Algorithm::Es256,
        START.unix_s,
    );
    let other_site = other_site.unwrap();
    let good = pen.snapshot(EPOCH, 5, 0, &[1]);
    let snapshot = |text: &str| text.trim_end().split('.').map(str::to_owned).collect::<Vec<_>>();
    let parts = snapshot(&good);
    let forged =
        format!("{}.{}.{}\n", parts[0], snapshot(&pen.snapshot(EPOCH, 9, 9, &[]))[1], parts[2]);
    let client_token = format!("{}\n", town.token(1));
    let of_other = Pen(&other_site).snapshot(EPOCH, 9, 9, &[]);
    // Signed by our key, and yet another site's.
    let keys = town.authority.keys(START.unix_s);
    let lied = tollgate_site::feed::Signer::new(Guid([0x53; 16]), &keys[0].kid, other_key());
    let lied = lied.snapshot(&head(EPOCH, 9), START.unix_s + 9, &[]).unwrap();
    let tail = |after, at, changes: &[Change]| pen.tail(after, at, changes);
    let two = [change(6, Effect::Withdraw, 2), change(7, Effect::Withdraw, 3)];
    for (name, lines, said) in [
        ("forged", vec![forged], "is not the site's: The signature is wrong"),
        ("another site's", vec![of_other], "is not the site's: No trusted key"),
        ("another key", vec![lied], "is not the site's: The signature is wrong"),
        ("a client's token", vec![client_token], "is no feed: its typ is not tollgate-feed+jwt"),
        ("empty", vec![String::new()], "is no feed: it has no whole line"),
        ("garbage", vec!["not a token\n".into()], "is no feed: "),
        ("cut", vec![good[..good.len() - 2].to_owned()], "is no feed: it has no whole line"),
        ("older", vec![pen.snapshot(EPOCH, 4, -5, &[])], "goes back: it ends 5 s before"),
        ("fewer changes", vec![pen.snapshot(EPOCH, 4, 5, &[])], "goes back: its last change is 4"),
        (
            "another epoch, older",
            vec![pen.snapshot([9; 16], 9, -1, &[])],
            "goes back: it is of another",
        ),
        ("a gap", vec![tail(6, 9, &two[..1])], "has a gap: changes up to 5 were heard"),
        ("a gap between", vec![good.clone(), tail(5, 3, &two[..1]), tail(7, 9, &[])], "has a gap"),
        (
            "of the future",
            vec![pen.snapshot(EPOCH, 9, 90, &[])],
            "in the future: compare the clocks",
        ),
    ] {
        town.put(std::slice::from_ref(&good));
        let keeper = town.open(FEED, SOURCE);
        let (one, two) = (town.token(1), town.token(4));
        assert_eq!(
            (town.asks(&keeper, &one), town.asks(&keeper, &two)),
            (WITHDRAWN, None),
            "{name}"
        );
        town.put(&lines);
        town.seconds(&keeper, 1);
        assert!(problem(&keeper).contains(said), "{name}: {}", problem(&keeper));
        assert_eq!(
            (town.asks(&keeper, &one), town.asks(&keeper, &two)),
            (WITHDRAWN, None),
            "{name}"
        );
        town.asleep(29);
        keeper.refresh();
        assert_eq!(
            (town.asks(&keeper, &one), town.asks(&keeper, &two)),
            (WITHDRAWN, STALE),
            "{name}"
        );
        // Back to the beginning, for the next one.
        town.world.clock.set_wall(-30);
    }
}

/// Whoever stole a key cannot speak for the site once it was withdrawn.
#[test]
fn a_withdrawn_key_signs_no_feed() {
    let town = Town::new();
    let pen = Pen(&town.authority);
    town.put(&[pen.snapshot(EPOCH, 1, 0, &[])]);
    let keeper = town.open(FEED, SOURCE);
    let kid = town.authority.keys(START.unix_s)[0].kid.clone();
    let token = town.token(1);
    assert_eq!(town.asks(&keeper, &token), None);
    let key =
        Change { kind: Kind::Key, subject: kid.into_bytes(), ..change(2, Effect::Withdraw, 0) };
    town.add(&pen.tail(1, 1, &[key]));
    town.seconds(&keeper, 1);
    assert_eq!(town.asks(&keeper, &token), Some(Reason::KeyWithdrawn));
    town.put(&[pen.snapshot(EPOCH, 3, 2, &[])]);
    town.seconds(&keeper, 1);
    assert!(problem(&keeper).contains("that signed it has been withdrawn"), "{}", problem(&keeper));
    assert_eq!(town.asks(&keeper, &token), Some(Reason::KeyWithdrawn));
}

#[test]
fn a_new_epoch_is_heard_once_and_the_old_one_never_again() {
    let town = Town::new();
    let pen = Pen(&town.authority);
    let old = pen.snapshot(EPOCH, 9, 0, &[1, 2]);
    town.put(std::slice::from_ref(&old));
    let keeper = town.open(FEED, SOURCE);
    town.asleep(1);
    town.put(&[pen.snapshot([0xe2; 16], 1, 1, &[3])]);
    keeper.refresh();
    let ask = || [1, 2, 3, 4].map(|number| town.asks(&keeper, &town.token(number)));
    assert_eq!(ask(), [WITHDRAWN, WITHDRAWN, WITHDRAWN, None], "{}", problem(&keeper));
    for (name, line) in [("replayed", old), ("renewed", pen.snapshot(EPOCH, 99, 2, &[]))] {
        town.put(&[line]);
        town.seconds(&keeper, 1);
        assert!(problem(&keeper).contains("goes back: it is of an epoch that is over"), "{name}");
    }
    assert_eq!(ask(), [WITHDRAWN, WITHDRAWN, WITHDRAWN, None]);
}

/// A key that nobody trusts.
fn other_key() -> &'static tollgate::SigningKey {
    static KEY: std::sync::LazyLock<tollgate::SigningKey> =
        std::sync::LazyLock::new(|| tollgate::SigningKey::generate(Algorithm::Es256).unwrap());
    &KEY
}
