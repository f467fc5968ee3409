//! Hits write to no memory that threads share: all of it is made read-only, and they go on.
//!
//! What a gate is made of, and all that it took in, lies in an arena; the threads that hit have their
//! records and counters elsewhere. A write into the arena ends the process by a signal, so this test runs
//! itself once more as a child that may end so.

#![cfg(target_os = "linux")]
#![allow(unsafe_code, reason = "an allocator whose pages can be taken away")]

mod town;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::env;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::ptr;
use std::sync::Barrier;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering::Relaxed};
use std::thread;

use tollgate::Gate;

use town::{Regular, Town};

/// Rounds over all regulars, on each of two threads.
const ROUNDS: u32 = if cfg!(debug_assertions) { 5_000 } else { 200_000 };

const CACHE_BYTES: usize = 4 << 20;

/// The gate and its cache take a few MiB; only what is touched is there.
const ARENA_BYTES: usize = 64 << 20;

/// Says to the child what it is to do.
const ROLE: &str = "TOLLGATE_QUIET_ROLE";

/// What a child says before it does it.
const SEALED: &str = "sealed";

/// Serves from the arena while this thread is building, else from the system.
struct Paged;

thread_local! {
    static IS_BUILDING: Cell<bool> = const { Cell::new(false) };
}

static ARENA: AtomicPtr<u8> = AtomicPtr::new(ptr::null_mut());
static USED: AtomicUsize = AtomicUsize::new(0);

// SAFETY: a place in the arena is given out once, aligned as asked, inside of the mapping, and never taken
// back; all else is the system's allocator, and what comes back goes where it came from.
unsafe impl GlobalAlloc for Paged {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !IS_BUILDING.get() {
            // SAFETY: the caller's word.
            return unsafe { System.alloc(layout) };
        }
        let room = layout.size() + layout.align();
        let used = USED.fetch_add(room, Relaxed);
        if used + room > ARENA_BYTES {
            return ptr::null_mut();
        }
        let place = ARENA.load(Relaxed).wrapping_add(used);
        place.wrapping_add(place.align_offset(layout.align()))
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if !is_in_arena(place) {
            // SAFETY: not the arena's, so the system's.
            unsafe { System.dealloc(place, layout) }
        }
    }
}

#[global_allocator]
static ALLOCATOR: Paged = Paged;

fn is_in_arena(place: *const u8) -> bool {
    let arena = ARENA.load(Relaxed).addr();
    arena != 0 && (arena..arena + ARENA_BYTES).contains(&place.addr())
}

fn map_arena() {
    let (protection, flags) =
        (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping, at whatever place the kernel likes.
    let arena = unsafe { libc::mmap(ptr::null_mut(), ARENA_BYTES, protection, flags, -1, 0) };
    assert_ne!(arena, libc::MAP_FAILED, "no memory for the arena");
    ARENA.store(arena.cast(), Relaxed);
}

fn protect_arena(protection: libc::c_int) {
    let arena = ARENA.load(Relaxed).cast();
    // SAFETY: the whole mapping; whoever writes there while it is read-only is what is looked for.
    let outcome = unsafe { libc::mprotect(arena, ARENA_BYTES, protection) };
    assert_eq!(outcome, 0, "the arena cannot be protected so");
}

/// What `make` gives, and everything that is allocated on the way, in the arena.
fn in_arena<T>(make: impl FnOnce() -> T) -> T {
    IS_BUILDING.set(true);
    let made = make();
    IS_BUILDING.set(false);
    made
}

/// Runs `test` of this file once more, as a child with a role.
fn run_as(test: &str, role: &str) -> Output {
    let me = env::current_exe().expect("this test's own path");
    let mut command = Command::new(me);
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(ROLE, role);
    command.output().expect("this test runs once more")
}

/// Whether the arena was sealed, the signal that ended the child, and what it said.
fn outcome(output: &Output) -> (bool, Option<i32>, String) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (said.contains(SEALED), output.status.signal(), said)
}

/// A gate in the arena with all of these in it, but for those that never came.
fn settled<'r>(town: &Town, regulars: impl IntoIterator<Item = &'r Regular>) -> Box<Gate> {
    // SAFETY: asks for a signal; a child that hangs is ended, and so fails.
    unsafe { libc::alarm(60) };
    map_arena();
    let gate = in_arena(|| Box::new(town.gate(CACHE_BYTES)));
    assert!(is_in_arena(ptr::from_ref(&*gate).cast()));
    for regular in regulars {
        let verdict = in_arena(|| gate.check(&regular.request(), &regular.ask(), town::NOW));
        regular.assert_is(&verdict);
    }
    assert!(USED.load(Relaxed) < ARENA_BYTES, "the arena was large enough");
    gate
}

fn seal() {
    eprintln!("{SEALED}");
    protect_arena(libc::PROT_READ);
}

#[test]
fn hits_of_two_threads_write_nothing_that_they_share() {
    if env::var_os(ROLE).is_some() {
        return hit_a_sealed_gate();
    }
    let output = run_as("hits_of_two_threads_write_nothing_that_they_share", "hit");
    let (is_sealed, signal, said) = outcome(&output);
    assert!(is_sealed, "the child came to its hits: {said}");
    assert_eq!(signal, None, "the last that the child says wrote to shared memory: {said}");
    assert!(output.status.success(), "{said}");
}

fn hit_a_sealed_gate() {
    let town = Town::new();
    let regulars = town.regulars();
    let gate = settled(&town, &regulars);
    let barrier = Barrier::new(3);
    let hit_all = || {
        // Visited marks, this thread's stripe and its record.
        regulars.iter().for_each(|regular| regular.come(&gate, 2));
        barrier.wait();
        barrier.wait();
        for regular in &regulars {
            eprintln!("hitting: {}", regular.name);
            regular.come(&gate, ROUNDS);
        }
        barrier.wait();
    };
    // This thread stays: its record lies in the arena, and a new thread would take it over.
    thread::scope(|scope| {
        scope.spawn(hit_all);
        scope.spawn(hit_all);
        barrier.wait();
        let misses = gate.counters().misses;
        seal();
        barrier.wait();
        barrier.wait();
        // To count is to take a lock.
        protect_arena(libc::PROT_READ | libc::PROT_WRITE);
        assert_eq!(gate.counters().misses, misses, "all were hits");
    });
}

/// Else the test above could not fail: whoever is new has to be written down.
#[test]
fn a_miss_writes() {
    if env::var_os(ROLE).is_some() {
        return bring_one_to_a_sealed_gate(|town| town.token(2));
    }
    let (is_sealed, signal, said) = outcome(&run_as("a_miss_writes", "miss"));
    assert!(is_sealed, "{said}");
    assert_eq!(signal, Some(libc::SIGSEGV), "{said}");
}

/// And entries do lie in the arena: the first hit sets a mark there.
#[test]
fn the_first_hit_writes() {
    if env::var_os(ROLE).is_some() {
        return bring_one_to_a_sealed_gate(|town| town.token(1));
    }
    let (is_sealed, signal, said) = outcome(&run_as("the_first_hit_writes", "mark"));
    assert!(is_sealed, "{said}");
    assert_eq!(signal, Some(libc::SIGSEGV), "{said}");
}

/// One token was taken in and hit, another taken in only; then the third thing happens.
fn bring_one_to_a_sealed_gate(token: impl FnOnce(&Town) -> Vec<u8>) {
    let town = Town::new();
    let regulars = town.regulars();
    let gate = settled(&town, &regulars[..1]);
    let other = town.token(3);
    in_arena(|| town::bring(&gate, &other));
    let token = token(&town);
    thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(town::bring(&gate, &other), town.user(3));
            seal();
            let _ = town::bring(&gate, &token);
        });
    });
}
