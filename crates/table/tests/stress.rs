//! Readers and writers at once: whatever is found is whole, and of its key.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use tollgate_table::{Limits, Swap, Table, Value, pin};

/// Says of itself whether it is whole, and stops being so when it is dropped.
struct Checked {
    key: u64,
    version: u64,
    sum: AtomicU64,
}

impl Value for Checked {
    fn deadline(&self) -> u64 {
        if self.version.is_multiple_of(16) { self.version } else { u64::MAX }
    }
}

impl Drop for Checked {
    fn drop(&mut self) {
        assert!(self.is_whole(), "dropped once");
        self.sum.store(0xDEAD, Ordering::Relaxed);
    }
}

impl Checked {
    fn new(key: u64, version: u64) -> Self {
        Self { key, version, sum: AtomicU64::new(sum(key, version)) }
    }

    fn is_whole(&self) -> bool {
        self.sum.load(Ordering::Relaxed) == sum(self.key, self.version)
    }
}

fn sum(key: u64, version: u64) -> u64 {
    (key ^ version.rotate_left(32)).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1
}

fn bytes(key: u64) -> Vec<u8> {
    key.to_le_bytes().repeat(8 + key as usize % 32)
}

fn steps(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

/// `keys` keys in a table that holds a part of them, or all, under good hashes or under one.
fn storm(room: usize, keys: u64, spread: u64, writes: u64) {
    let table = Table::<Checked>::new(Limits::new(room, 300)).expect("memory");
    let is_over = AtomicBool::new(false);
    let hash = |key: u64| sum(key, spread) & spread;
    let hits = AtomicU64::new(0);
    thread::scope(|scope| {
        for seed in 1..=3 {
            let (table, is_over, hits) = (&table, &is_over, &hits);
            scope.spawn(move || {
                let mut next = steps(seed);
                let keys: Vec<_> = (0..keys).map(|key| (key, hash(key), bytes(key))).collect();
                let mut newest = vec![0; keys.len()];
                while !is_over.load(Ordering::Relaxed) {
                    let pin = pin();
                    let batch: Vec<_> = (0..next() % 8)
                        .filter_map(|_| {
                            let (key, hash, bytes) = &keys[next() as usize % keys.len()];
                            Some((*key, table.get(&pin, *hash, bytes)?))
                        })
                        .collect();
                    for (key, value) in batch {
                        assert!(value.is_whole() && value.key == key);
                        // Odd keys have one writer, whose versions grow.
                        if key % 2 == 1 {
                            let last = &mut newest[key as usize];
                            assert!(value.version >= *last, "never an older one again");
                            *last = value.version;
                        }
                        hits.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                let table = &table;
                scope.spawn(move || {
                    let mut next = steps(99 + writer);
                    for version in 1..=writes {
                        let key = next() % keys;
                        if key % 2 == 1 && writer == 1 {
                            continue;
                        }
                        let value = Checked::new(key, version);
                        table.insert(hash(key), &bytes(key), value, version / 2);
                        if version.is_multiple_of(5) && key.is_multiple_of(2) {
                            table.remove_if(hash(key), &bytes(key), |value| value.key == key);
                        }
                        assert!(!version.is_multiple_of(64) || table.bytes() <= room);
                    }
                })
            })
            .collect();
        // Readers must stop even if a writer failed.
        let outcomes: Vec<_> = writers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        is_over.store(true, Ordering::Relaxed);
        assert!(outcomes.iter().all(Result::is_ok));
    });
    assert!(hits.into_inner() > 0);
}

#[test]
fn values_are_whole_while_all_fits() {
    storm(4 << 20, 500, u64::MAX, 60_000);
}

#[test]
fn values_are_whole_under_eviction() {
    storm(64 << 10, 2_000, u64::MAX, 60_000);
}

#[test]
fn values_are_whole_when_all_meet_in_two_buckets() {
    storm(1 << 20, 40, 3 << 62, 60_000);
}

/// Two threads that do nothing else: what the two fences are for comes to pass in nanoseconds.
#[test]
fn a_swapped_value_is_whole_in_a_duel() {
    let swap = Swap::new(Arc::new(Checked::new(7, 0)));
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                let pin = pin();
                assert!(swap.load(&pin).is_whole());
            }
        });
        for version in 1..=200_000 {
            swap.store(Arc::new(Checked::new(7, version)));
        }
        is_over.store(true, Ordering::Relaxed);
    });
}

#[test]
fn a_swapped_value_is_whole_while_threads_come_and_go() {
    let swap = Swap::new(Arc::new(Checked::new(7, 0)));
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    // A thread that lives for a moment: its record is new, or another's of before.
                    thread::scope(|scope| {
                        scope.spawn(|| {
                            let mut newest = 0;
                            for _ in 0..1_000 {
                                let pin = pin();
                                let value = swap.load(&pin);
                                assert!((0..20).all(|_| value.is_whole()));
                                assert!(value.version >= newest, "never an older one again");
                                newest = value.version;
                            }
                        });
                    });
                }
            });
        }
        for version in 1..=20_000 {
            swap.store(Arc::new(Checked::new(7, version)));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert_eq!(swap.load_full().version, 20_000);
}
