//! A forked child judges as its parent does, whatever pool of threads and whatever reader the parent had.

#![cfg(target_os = "linux")]
#![allow(unsafe_code, reason = "fork, and a child that leaves at once")]

mod town;

use std::io::{Read, Write, pipe};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use tollgate::{Ask, Gate, Request};

use town::{Regular, Town};

/// Enough that a batch of unseen ones goes to the pool.
const BATCH: u64 = 96;

/// Small, so that a child soon evicts.
const CACHE_BYTES: usize = 256 << 10;

/// One test at a time: a child of one must not find the locks of another.
static ALONE: Mutex<()> = Mutex::new(());

/// Longest life of a child in seconds: one that hangs is ended, and so fails.
const MOST_S: u32 = 60;

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `task` in a forked child; fails with what the child complained of, or the signal that ended it.
fn in_a_child(task: impl Fn()) {
    let (mut complaint, mut write) = pipe().expect("a pipe");
    // SAFETY: the child runs the task and leaves; it takes no lock that another thread may hold, which is
    // what is tested.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork failed");
    if child == 0 {
        // SAFETY: asks for a signal, nothing else.
        unsafe { libc::alarm(MOST_S) };
        let outcome = catch_unwind(AssertUnwindSafe(&task));
        if let Err(panic) = &outcome {
            let text = panic.downcast_ref::<String>().map_or("a panic", String::as_str);
            let _ = write.write_all(text.as_bytes());
        }
        // SAFETY: leaves at once, without destructors of what belongs to the parent.
        unsafe { libc::_exit(i32::from(outcome.is_err())) }
    }
    drop(write);
    let mut said = String::new();
    complaint.read_to_string(&mut said).expect("the child writes text");
    let mut status = -1;
    // SAFETY: waits for that child, and writes one integer.
    let ended = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(ended, child);
    let is_hung = libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGALRM;
    assert!(!is_hung, "the child hung");
    assert_eq!(status, 0, "status of the child, which said: {said}");
}

/// A batch of tokens never seen before, of these users in this order.
fn assert_batch(gate: &Gate, town: &Town, from: u64) {
    let numbers = from..from + BATCH;
    let tokens = town.tokens(numbers.clone());
    let batch: Vec<(Request<'_>, Ask<'_>)> =
        tokens.iter().map(|token| (Request::token(token), town::ASK)).collect();
    let before = gate.counters().signature_checks;
    let verdicts = gate.check_batch(&batch, town::NOW);
    assert_eq!(gate.counters().signature_checks - before, BATCH, "each was new");
    let found: Vec<_> = verdicts.iter().map(town::is).collect();
    let expected: Vec<_> = numbers.map(|n| town.user(n)).collect();
    assert_eq!(found, expected);
}

/// Those who came before, and a new batch.
fn assert_goes_on(gate: &Gate, town: &Town, regulars: &[Regular], from: u64) {
    let assert_regulars = || {
        for regular in regulars {
            regular.assert_is(&gate.check(&regular.request(), &regular.ask(), town::NOW));
        }
    };
    assert_regulars();
    assert_batch(gate, town, from);
    assert_regulars();
}

#[test]
fn a_child_has_a_pool_of_its_own() {
    let _alone = alone();
    let town = Town::new();
    let (gate, regulars) = (town.gate(CACHE_BYTES), town.regulars());
    assert_goes_on(&gate, &town, &regulars, 1_000);
    // Idle threads of the pool are not there in the child.
    in_a_child(|| {
        assert_goes_on(&gate, &town, &regulars, 2_000);
        in_a_child(|| assert_goes_on(&gate, &town, &regulars, 3_000));
        assert_goes_on(&gate, &town, &regulars, 4_000);
    });
    assert_goes_on(&gate, &town, &regulars, 5_000);
    in_a_child(|| assert_goes_on(&gate, &town, &regulars, 6_000));
}

/// What a reader had pinned stays so in the child: its cache may refuse newcomers in the end, and no
/// verdict is another for that.
#[test]
fn a_child_judges_though_another_thread_was_hitting() {
    let _alone = alone();
    let town = Town::new();
    let (gate, regulars) = (town.gate(CACHE_BYTES), town.regulars());
    assert_goes_on(&gate, &town, &regulars, 1_000);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Relaxed) {
                regulars[0].come(&gate, 100);
            }
        });
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            for round in 0..8 {
                in_a_child(|| {
                    // Many times what the cache holds.
                    for batch in 0..12 {
                        assert_goes_on(&gate, &town, &regulars, 10_000 + batch * BATCH);
                    }
                });
                // Another process: it may bring the same.
                assert_goes_on(&gate, &town, &regulars, 20_000 + round * BATCH);
            }
        }));
        is_over.store(true, Relaxed);
        assert!(outcome.is_ok(), "see above");
    });
}
