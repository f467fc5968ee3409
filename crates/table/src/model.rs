//! Every interleaving of few threads, by loom:
//! `RUSTFLAGS="--cfg loom" cargo test --release -p tollgate-table --lib`.
//!
//! The table is the real one with buckets of two slots; the value is a cell in which loom sees a write (its
//! making, its drop) that is not ordered against a read. So a reader that could reach an
//! entry before it is whole, or after it is freed, is found, within what `reclaim`'s stand-in can show.

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use crate::limits::Limits;
use crate::{Kept, Table, Value};

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
    table.get(0, key.as_bytes()).map(|value| value.read())
}

/// All of them: no bound on preemptions.
fn explore(model: impl Fn() + Send + Sync + 'static) {
    let count = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let counted = std::sync::Arc::clone(&count);
    let mut builder = loom::model::Builder::new();
    builder.max_branches = 100_000;
    builder.check(move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        model();
    });
    println!("{count:?} interleavings");
}

#[test]
fn what_a_reader_finds_is_whole() {
    explore(|| {
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
    explore(|| {
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
    explore(|| {
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
    explore(|| {
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
    explore(|| {
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
    explore(|| {
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
