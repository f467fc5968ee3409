//! A child of a process with other threads goes on, if none of them was reading at the fork.
#![cfg(target_os = "linux")]

use std::sync::Barrier;
use std::thread;

use tollgate_table::{Kept, Limits, Swap, Table, pin};

fn key(number: u64) -> (u64, Vec<u8>) {
    let hash = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (hash ^ hash >> 29, number.to_le_bytes().repeat(30))
}

fn put(table: &Table<u64>, number: u64) -> Kept {
    let (hash, bytes) = key(number);
    table.insert(hash, &bytes, number, 0)
}

/// So many newcomers as fill the table many times over: whether none was refused for waiting garbage.
fn goes_on(table: &Table<u64>, swap: &Swap<u64>) -> bool {
    let all_kept = (0..20_000).all(|number| put(table, number) != Kept::Busy);
    swap.store(3.into());
    let (hash, bytes) = key(19_999);
    all_kept && table.get(&pin(), hash, &bytes) == Some(&19_999) && *swap.load_full() == 3
}

/// Runs in a forked child; what it said comes back.
fn in_a_child(question: impl Fn() -> bool) -> bool {
    // SAFETY: the child runs what follows, and leaves without a look back; other threads were idle, so
    // they held no lock that it needs.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork failed");
    if child == 0 {
        // SAFETY: a child that hangs is ended, and so fails.
        unsafe { libc::alarm(60) };
        let answer = question();
        // SAFETY: leaves at once, without destructors of what belongs to the parent.
        unsafe { libc::_exit(i32::from(!answer)) }
    }
    let mut status = -1;
    // SAFETY: waits for that child, and writes one integer.
    let ended = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(ended, child);
    status == 0
}

#[test]
fn a_child_goes_on_unless_somebody_was_reading() {
    let table = Table::<u64>::new(Limits::new(1 << 20, 250)).expect("memory");
    let swap = Swap::new(1.into());
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            drop(pin());
            barrier.wait();
            barrier.wait();
            let reading = pin();
            barrier.wait();
            barrier.wait();
            drop(reading);
        });
        barrier.wait();
        assert!(goes_on(&table, &swap));
        assert!(in_a_child(|| goes_on(&table, &swap)), "another thread, but idle");
        barrier.wait();
        barrier.wait();
        // What was pinned at the fork stays so in the child: newcomers are refused, nothing hangs.
        assert!(in_a_child(|| !goes_on(&table, &swap)), "another thread, reading");
        barrier.wait();
    });
    assert!(goes_on(&table, &swap));
}
