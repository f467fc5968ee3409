//! Every interleaving of few threads, up to a number of preemptions, by loom:
//! `RUSTFLAGS="--cfg loom" cargo test --release -p tollgate-table --lib`.
//!
//! The table, the swap, the epochs and the records are the real ones; buckets have two slots, each
//! entry is a trip, and both fences are loom's. The value is a cell in which loom sees a write (its making, its
//! drop) that is not ordered against a read; so does each entry, of its freeing, and memory goes back only when
//! the run is over. So a reader that could reach an entry before it is whole, or after it is freed,
//! is found.

#![allow(clippy::print_stdout)]

use std::alloc::{Layout, dealloc};
use std::cell::RefCell;

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use crate::limits::Limits;
use crate::{Kept, Swap, Table, Value, pin};

struct Witness(UnsafeCell<u64>);

// SAFETY: loom checks every access to the cell, which is the point.
unsafe impl Sync for Witness {}

impl Value for Witness {}

impl Witness {
    fn new(value: u64) -> Self {
        let cell = UnsafeCell::new(0);
        // SAFETY: nobody else knows it.
        cell.with_mut(|place| unsafe { *place = value });
        Self(cell)
    }

    fn read(&self) -> u64 {
        // SAFETY: loom stops the model where a write is not ordered before or after this.
        self.0.with(|place| unsafe { *place })
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        // SAFETY: as `read`.
        self.0.with_mut(|place| unsafe { *place = u64::MAX });
    }
}

/// All keys meet in two buckets of two slots.
fn table(entries: usize) -> Arc<Table<Witness>> {
    let room = 1 << 20;
    let limits = Limits { buckets: 2, entries, room, garbage: room };
    Arc::new(Table::new(limits).expect("memory"))
}

fn put(table: &Table<Witness>, key: &str, value: u64) -> Kept {
    table.insert(0, key.as_bytes(), Witness::new(value), 0)
}

fn read(table: &Table<Witness>, key: &str) -> Option<u64> {
    table.get(&pin(), 0, key.as_bytes()).map(Witness::read)
}

thread_local! {
    static MEMORY: RefCell<Vec<(*mut u8, Layout)>> = const { RefCell::new(Vec::new()) };
}

/// Loom's threads take turns on one of the system's: this is of one run. What is freed by then must still
/// be memory while it runs, so that loom, and not a crash, says who reads it.
pub(crate) fn free_after(place: *mut u8, layout: Layout) {
    MEMORY.with_borrow_mut(|memory| memory.push((place, layout)));
}

/// All that differ, of two threads under three preemptions, of three under two: what is found at all is found
/// with one or two (the mutations in the crate's own words were).
fn explore(threads: usize, model: impl Fn() + Send + Sync + 'static) {
    let count = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let counted = std::sync::Arc::clone(&count);
    let mut builder = loom::model::Builder::new();
    builder.max_branches = 100_000;
    builder.preemption_bound = Some(if threads > 2 { 2 } else { 3 });
    builder.check(move || {
        for (place, layout) in MEMORY.take() {
            // SAFETY: of a run that is over; its owner gave it up, with this layout.
            unsafe { dealloc(place, layout) };
        }
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        // The domain begins here, and not as an accident of who needs it first: that would order threads.
        drop(pin());
        model();
    });
    println!("{count:?} interleavings");
}

#[test]
fn what_a_reader_finds_is_whole() {
    explore(2, || {
        let table = table(4);
        let writer = {
            let table = Arc::clone(&table);
            thread::spawn(move || assert_eq!(put(&table, "a", 1), Kept::New))
        };
        assert!(matches!(read(&table, "a"), None | Some(1)));
        writer.join().unwrap();
        assert_eq!(read(&table, "a"), Some(1));
    });
}

#[test]
fn a_replaced_value_never_comes_back_and_is_never_missing() {
    explore(2, || {
        let table = table(4);
        put(&table, "a", 1);
        let writer = {
            let table = Arc::clone(&table);
            thread::spawn(move || assert_eq!(put(&table, "a", 2), Kept::Replaced))
        };
        let first = read(&table, "a").expect("one of them");
        let second = read(&table, "a").expect("one of them");
        assert!(first <= second);
        writer.join().unwrap();
        assert_eq!(read(&table, "a"), Some(2));
    });
}

#[test]
fn an_evicted_entry_is_read_whole_or_not_at_all() {
    explore(2, || {
        let table = table(1);
        put(&table, "a", 1);
        let writer = {
            let table = Arc::clone(&table);
            thread::spawn(move || {
                put(&table, "b", 2);
                put(&table, "a", 3);
            })
        };
        assert!(matches!(read(&table, "a"), None | Some(1 | 3)));
        assert!(matches!(read(&table, "b"), None | Some(2)));
        writer.join().unwrap();
        assert_eq!(table.len(), 1);
    });
}

#[test]
fn two_readers_of_one_entry_and_its_removal() {
    explore(3, || {
        let table = table(4);
        put(&table, "a", 1);
        let others = [false, true].map(|removes| {
            let table = Arc::clone(&table);
            thread::spawn(move || match removes {
                true => assert!(table.remove_if(0, b"a", |value| value.read() == 1)),
                false => assert!(matches!(read(&table, "a"), None | Some(1))),
            })
        });
        assert!(matches!(read(&table, "a"), None | Some(1)));
        others.into_iter().for_each(|other| other.join().unwrap());
        assert!(table.is_empty() && read(&table, "a").is_none());
    });
}

#[test]
fn removal_takes_out_only_what_it_asked_about() {
    explore(2, || {
        let table = table(4);
        put(&table, "a", 1);
        let writer = {
            let table = Arc::clone(&table);
            thread::spawn(move || put(&table, "a", 2))
        };
        let removed = table.remove_if(0, b"a", |value| value.read() == 1);
        let kept = writer.join().unwrap();
        // Removed before it was replaced, or not at all: the second value stays.
        assert_eq!(removed, kept == Kept::New);
        assert_eq!(read(&table, "a"), Some(2));
    });
}

#[test]
fn two_writers_of_one_key_leave_one_entry() {
    explore(2, || {
        let table = table(4);
        let writer = {
            let table = Arc::clone(&table);
            thread::spawn(move || put(&table, "a", 1))
        };
        let second = put(&table, "a", 2);
        let first = writer.join().unwrap();
        assert_eq!([first, second].iter().filter(|kept| **kept == Kept::New).count(), 1);
        let last = if first == Kept::Replaced { 1 } else { 2 };
        assert_eq!((table.len(), read(&table, "a")), (1, Some(last)));
    });
}

#[test]
fn a_swapped_value_is_read_whole_and_freed_after() {
    explore(2, || {
        let swap = Arc::new(Swap::new(std::sync::Arc::new(Witness::new(1))));
        let writer = {
            let swap = Arc::clone(&swap);
            thread::spawn(move || {
                swap.store(std::sync::Arc::new(Witness::new(2)));
                swap.store(std::sync::Arc::new(Witness::new(3)));
            })
        };
        let pin = pin();
        let first = swap.load(&pin);
        assert!(first.read() <= swap.load(&pin).read());
        // Still what it was.
        assert!(matches!(first.read(), 1..=3));
        drop(pin);
        writer.join().unwrap();
        assert_eq!(swap.load_full().read(), 3);
    });
}

#[test]
fn what_two_writers_put_out_no_reader_misses() {
    // The trip of one table lets go of what the other, and the swap, left.
    explore(3, || {
        let table = table(1);
        let swap = Arc::new(Swap::new(std::sync::Arc::new(Witness::new(1))));
        put(&table, "a", 1);
        let swapper = {
            let swap = Arc::clone(&swap);
            thread::spawn(move || swap.store(std::sync::Arc::new(Witness::new(2))))
        };
        let reader = {
            let (swap, table) = (Arc::clone(&swap), Arc::clone(&table));
            thread::spawn(move || {
                let pin = pin();
                let value = swap.load(&pin);
                let found = table.get(&pin, 0, b"a").map(Witness::read);
                assert!(matches!((value.read(), found), (1 | 2, None | Some(1))));
            })
        };
        put(&table, "b", 2);
        swapper.join().unwrap();
        reader.join().unwrap();
    });
}

#[test]
fn a_thread_that_enters_while_a_writer_asks_is_seen() {
    explore(3, || {
        let table = table(4);
        put(&table, "a", 1);
        // Each thread's first pin enters it; the first to end leaves its record to who comes after.
        let readers = [(); 2].map(|()| {
            let table = Arc::clone(&table);
            thread::spawn(move || assert!(matches!(read(&table, "a"), Some(1 | 2))))
        });
        assert_eq!(put(&table, "a", 2), Kept::Replaced);
        readers.into_iter().for_each(|reader| reader.join().unwrap());
    });
}
