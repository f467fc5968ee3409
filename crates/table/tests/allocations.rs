//! A million hits ask the allocator for nothing, and give nothing back to it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tollgate_table::{Limits, Table, pin};

/// Counts the calls of the thread that makes them.
struct Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // No thread-local any more: the thread is ending, and nobody counts.
    let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
}

// SAFETY: all is passed on to the system's allocator, which keeps the contract; counting touches only
// a thread-local that needs no allocation and no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's word.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count();
        // SAFETY: the caller's word.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn key(number: u64) -> (u64, Vec<u8>) {
    let hash = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (hash ^ hash >> 29, number.to_le_bytes().repeat(100))
}

/// Allocator calls of a million hits on this thread, after some to warm up.
fn calls_of_a_million_hits(table: &Table<u64>, keys: &[(u64, Vec<u8>)]) -> u64 {
    let mut before = 0;
    for round in 0..1_010_000 {
        if round == 10_000 {
            before = CALLS.get();
        }
        let (hash, bytes) = &keys[round % keys.len()];
        assert!(table.get(&pin(), *hash, bytes).is_some());
    }
    CALLS.get() - before
}

#[test]
fn a_million_hits_allocate_nothing() {
    let table = Table::new(Limits::new(1 << 20, 900)).expect("memory");
    let keys: Vec<_> = (0..100).map(key).collect();
    for (hash, bytes) in &keys {
        assert!(table.insert(*hash, bytes, 0, 0).is_kept());
    }
    assert_eq!(calls_of_a_million_hits(&table, &keys), 0);

    // The same while another thread puts in and out: what it retires, it frees.
    let is_over = AtomicBool::new(false);
    let calls = thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1_000.. {
                let (hash, bytes) = key(number);
                table.insert(hash, &bytes, 0, 0);
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let mut calls = 0;
        for _ in 0..10 {
            let before = CALLS.get();
            for (hash, bytes) in keys.iter().cycle().take(100_000) {
                let _ = table.get(&pin(), *hash, bytes);
            }
            calls += CALLS.get() - before;
        }
        is_over.store(true, Ordering::Relaxed);
        calls
    });
    assert!(table.counters().evictions > 100);
    assert_eq!(calls, 0);
}
