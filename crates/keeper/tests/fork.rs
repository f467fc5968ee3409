//! A host forks: what its child is left with, and what it has not.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]
#![allow(unsafe_code, reason = "fork, a child that leaves at once, and a limit of the system")]

mod world;

use std::env;
use std::io::{Read, Write, pipe};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tollgate::policy::Withdrawn;
use tollgate::{Method, Now, Reason};
use tollgate_keeper::{Clock, Keeper, Options, Origin, Refreshed, Refresher, Update};

use world::{A, START, World, reason, tenant, token};

/// One test at a time: a child of one must not find the locks of another.
static ALONE: Mutex<()> = Mutex::new(());

/// Longest life of a child in seconds: one that hangs is ended, and so fails.
const MOST_S: u32 = 60;

const PATIENCE: Duration = Duration::from_secs(30);

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `task` in a forked child; fails with what the child complained of, or the signal that ended it.
fn in_a_child(task: impl FnOnce()) {
    let (mut complaint, mut write) = pipe().unwrap();
    // SAFETY: the child runs the task and leaves; what locks it may find held is what is tested.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork failed");
    if child == 0 {
        // SAFETY: asks for a signal, nothing else.
        unsafe { libc::alarm(MOST_S) };
        let outcome = catch_unwind(AssertUnwindSafe(task));
        if let Err(panic) = &outcome {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
            let _ = write.write_all(text.as_bytes());
        }
        // SAFETY: leaves at once, without destructors of what belongs to the parent.
        unsafe { libc::_exit(i32::from(outcome.is_err())) }
    }
    drop(write);
    let mut said = String::new();
    complaint.read_to_string(&mut said).unwrap();
    let mut status = -1;
    // SAFETY: waits for that child, and writes one integer.
    let ended = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(ended, child);
    assert_eq!(status, 0, "status of the child, which said: {said}");
}

fn start(keeper: &Arc<Keeper>) -> (Refresher, Receiver<Refreshed>) {
    let (told, news) = channel();
    let refresher = Refresher::start(Arc::clone(keeper), move |one| {
        let _ = told.send(one);
    });
    (refresher.unwrap(), news)
}

#[test]
fn a_child_has_no_refresher_and_may_start_one() {
    let _alone = alone();
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let keeper = Arc::new(world.open());
    let parents = [start(&keeper), start(&keeper)];
    assert_eq!(reason(&keeper, &token(&old, 1)), None);
    in_a_child(|| {
        let begun = Instant::now();
        // SAFETY: bitwise copies; the parent's own are not dropped in this process, which leaves by _exit.
        let [first, second] = unsafe { std::ptr::read(&parents) };
        first.0.stop();
        drop(second.0);
        assert!(begun.elapsed() < PATIENCE);
        let (own, news) = start(&keeper);
        world.write("a.json", &new.jwks().to_string());
        world.clock.pass(1);
        let got = news.recv_timeout(PATIENCE).expect("its own thread looks");
        assert_eq!(got, Refreshed::Replaced(Vec::new()));
        assert_eq!(reason(&keeper, &token(&new, 1)), None);
        own.stop();
        assert!(news.recv().is_err(), "and ends");
    });
    // The parent's go on; one of them finds what the child has written.
    world.clock.pass(1);
    let begun = Instant::now();
    while keeper.refreshes().done == 0 {
        assert!(begun.elapsed() < PATIENCE);
        thread::yield_now();
    }
    assert_eq!(reason(&keeper, &token(&new, 1)), None);
    for (refresher, news) in parents {
        refresher.stop();
        assert!(news.try_iter().count() <= 1);
    }
}

/// A keeper that is opened before the fork serves each child, which refreshes and updates for itself.
#[test]
fn children_keep_their_own_trust() {
    let _alone = alone();
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let keeper = world.open();
    let of_old = token(&old, 1);
    let whom = Withdrawn::User { tenant: A, user: tollgate::sample::user(1) };
    assert_eq!(reason(&keeper, &of_old), None);
    for _ in 0..3 {
        in_a_child(|| {
            let mut update = Update::default();
            update.withdraw(whom, None);
            keeper.apply(update).unwrap();
            assert_eq!(reason(&keeper, &of_old), Some(Reason::UserWithdrawn));
            let mut update = Update::default();
            update.keys(Method::Entra, &A.to_string(), new.jwks().to_string().into());
            keeper.apply(update).unwrap();
            assert_eq!(reason(&keeper, &token(&new, 2)), None);
        });
        assert_eq!(reason(&keeper, &of_old), None);
    }
}

/// A clock at which one thread stops while it holds the keeper's lock.
struct Stopping {
    barrier: Barrier,
}

thread_local! {
    static STOPS: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

impl Clock for Stopping {
    fn now(&self) -> Now {
        if STOPS.replace(false) {
            self.barrier.wait();
            self.barrier.wait();
        }
        START
    }
}

#[test]
fn a_lock_that_nobody_will_release_is_given_up_on() {
    let _alone = alone();
    let a = tenant(A);
    let world = World::of(&a);
    let clock = Arc::new(Stopping { barrier: Barrier::new(2) });
    let options = Options { clock: clock.clone(), ..Options::default() };
    let origin = Origin::File(world.path("tollgate.toml"));
    let (keeper, _) = Keeper::open(origin, options).map_err(|e| e.to_string()).unwrap();
    let keeper = Arc::new(keeper);
    thread::scope(|scope| {
        scope.spawn(|| {
            STOPS.set(true);
            keeper.apply(Update::default()).unwrap();
        });
        clock.barrier.wait();
        // Whatever comes of it, the other thread is let go.
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            in_a_child(|| {
                world.write("a.json", "broken");
                assert_eq!(keeper.refresh(), Refreshed::Busy);
                let (own, news) = start(&keeper);
                let begun = Instant::now();
                let errors = keeper.apply(Update::default()).unwrap_err();
                assert!(begun.elapsed() >= Duration::from_secs(10));
                let said = "the update was not applied: for 10 s another thread";
                assert!(errors.to_string().contains(said), "{errors}");
                assert_eq!(reason(&keeper, &token(&a, 1)), None, "checks go on");
                assert!(keeper.metrics().contains("tollgate_updates_total 0\n"));
                own.stop();
                assert!(news.recv().is_err());
            });
        }));
        clock.barrier.wait();
        assert!(outcome.is_ok(), "see above");
    });
    assert_eq!(keeper.refreshes().updates, 1);
}

/// What a full table of open files keeps from being read shows in no stamp, and passes.
#[test]
fn a_cause_that_shows_in_no_stamp_passes() {
    let _alone = alone();
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let keeper = world.open();
    world.write("a.json", &new.jwks().to_string());
    in_a_child(|| {
        let most = open_files(0);
        let said = world.kept(&keeper);
        assert!(said.contains("tollgate.toml: cannot be read: Too many open files"), "{said}");
        world.unchanged(&keeper);
        open_files(most);
        for _ in 0..58 {
            world.unchanged(&keeper);
            assert_eq!(reason(&keeper, &token(&old, 1)), None);
        }
        assert_eq!(keeper.refreshes().failed, 1);
        assert_eq!(world.replaced(&keeper), [""; 0]);
        assert_eq!(reason(&keeper, &token(&new, 1)), None);
    });
}

/// A host that goes into the background goes to another folder, too.
#[test]
fn relative_paths_stay_where_they_were() {
    let _alone = alone();
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let text = std::fs::read_to_string(world.path("tollgate.toml")).unwrap();
    in_a_child(|| {
        env::set_current_dir(world.folder.path()).unwrap();
        let open = |origin| Keeper::open(origin, world.options()).unwrap().0;
        let (name, folder) = ("host".into(), "".into());
        let keepers =
            [open(Origin::File("tollgate.toml".into())), open(Origin::Text { text, name, folder })];
        env::set_current_dir("/").unwrap();
        world.write("a.json", &new.jwks().to_string());
        world.clock.pass(1);
        for keeper in &keepers {
            assert_eq!(keeper.refresh(), Refreshed::Replaced(Vec::new()));
            assert_eq!(reason(keeper, &token(&new, 1)), None);
        }
        world.write("tollgate.toml", "[");
        let said = world.kept(&keepers[0]);
        assert!(said.starts_with("tollgate.toml:1: "), "as it was called: {said}");
    });
}

/// Sets how many files may be open; gives how many were.
fn open_files(most: u64) -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: writes the structure that it is given.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
    let before = std::mem::replace(&mut limit.rlim_cur, most);
    // SAFETY: reads the structure that it is given.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
    before
}
