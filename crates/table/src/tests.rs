//! What the parts do, one after the other; the table's threads are in `tests/`.

use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

use crate::{Kept, Limits, Table, Value};

const NOW: u64 = 1_000;

struct Until(u64, #[expect(dead_code, reason = "counted by its drops")] Arc<()>);

impl Value for Until {
    fn deadline(&self) -> u64 {
        self.0
    }
}

/// A hash that spreads; the tests' keys are numbers.
fn hash(key: u64) -> u64 {
    let mixed = (key + 1).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (mixed ^ mixed >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93) ^ mixed.rotate_left(17)
}

fn bytes(key: u64) -> Vec<u8> {
    key.to_le_bytes().repeat(20)
}

fn put(table: &Table<u64>, key: u64) -> Kept {
    table.insert(hash(key), &bytes(key), key, NOW)
}

fn has(table: &Table<u64>, key: u64) -> bool {
    table.get(hash(key), &bytes(key)).is_some_and(|value| *value == key)
}

fn table(bytes: usize) -> Table<u64> {
    Table::new(Limits::new(bytes, 232)).expect("memory")
}

#[test]
fn what_is_put_is_found_and_nothing_else() {
    let table = table(1 << 20);
    assert!(table.is_empty() && table.get(7, b"a").is_none());
    assert_eq!(table.insert(7, b"a", 1, NOW), Kept::New);
    assert_eq!(table.insert(7, b"b", 2, NOW), Kept::New);
    assert_eq!(table.insert(7, b"", 3, NOW), Kept::New);
    assert_eq!(table.insert(7, b"a", 4, NOW), Kept::Replaced);
    let pinned = table.pin();
    assert_eq!(pinned.get(7, b"a"), Some(&4));
    assert_eq!(pinned.get(7, b"b"), Some(&2));
    assert_eq!(pinned.get(7, b""), Some(&3));
    assert_eq!(pinned.get(8, b"c"), None);
    assert_eq!(pinned.get(7, b"aa"), None);
    assert_eq!(pinned.get(7 | 1 << 63, b"a"), None, "another tag");
    assert_eq!(table.len(), 3);
    table.assert_whole();
}

#[test]
fn remove_asks_and_removes_only_what_it_asked_about() {
    let table = table(1 << 20);
    put(&table, 1);
    assert!(!table.remove_if(hash(1), &bytes(1), |value| *value == 2));
    assert!(has(&table, 1));
    let replaced_meanwhile = table.remove_if(hash(1), &bytes(1), |_| {
        put(&table, 1);
        true
    });
    assert!(!replaced_meanwhile && has(&table, 1));
    assert!(table.remove_if(hash(1), &bytes(1), |value| *value == 1));
    assert!(!has(&table, 1) && table.is_empty());
    assert!(!table.remove_if(hash(1), &bytes(1), |_| true));
    table.assert_whole();
}

#[test]
fn the_bound_holds_and_once_seen_junk_pushes_out_nothing_that_is_read() {
    let table = table(256 << 10);
    let hot = 0..300;
    for key in hot.clone() {
        put(&table, key);
        assert!(has(&table, key));
    }
    let mut misses = 0;
    for junk in 0..100_000 {
        put(&table, 1_000 + junk);
        let key = junk % 300;
        if !has(&table, key) {
            misses += 1;
            put(&table, key);
        }
        assert!(table.bytes() <= 256 << 10);
    }
    table.assert_whole();
    assert!(misses < 100, "{misses} of 100,000");
    assert!(hot.filter(|key| has(&table, *key)).count() >= 299);
}

#[test]
fn what_comes_back_while_remembered_outlives_what_does_not() {
    let table = table(256 << 10);
    for key in 0..3_000 {
        put(&table, key);
    }
    let gone = (0..3_000).rev().find(|key| !has(&table, *key)).expect("more than fit");
    put(&table, gone);
    assert_eq!(table.counters().returned, 1);
    for key in 10_000..10_500 {
        put(&table, key);
    }
    assert!(has(&table, gone));
}

#[test]
fn the_expired_go_first() {
    let table = Table::<Until>::new(Limits::new(64 << 10, 232)).expect("memory");
    let put = |key: u64, until, now| {
        table.insert(hash(key), &bytes(key), Until(until, Arc::default()), now)
    };
    let has = |key: u64| table.get(hash(key), &bytes(key)).is_some();
    for key in 0..100 {
        put(key, 10, 0);
        assert!(has(key), "read, so that only their deadline speaks against them");
    }
    for key in 100..200 {
        put(key, u64::MAX, 0);
    }
    let before = table.counters();
    for key in 200..300 {
        put(key, u64::MAX, 10);
    }
    let after = table.counters();
    assert!(after.expired > before.expired);
    assert_eq!(after.evictions, before.evictions, "no living one left");
}

#[test]
fn every_value_is_dropped_once() {
    let alive = Arc::new(());
    {
        let table = Table::<Until>::new(Limits::new(32 << 10, 232)).expect("memory");
        for key in 0..2_000 {
            let value = Until(u64::MAX, Arc::clone(&alive));
            table.insert(hash(key % 700), &bytes(key % 700), value, NOW);
            table.remove_if(hash(key / 2), &bytes(key / 2), |_| key % 3 == 0);
        }
        let huge = vec![0; 64 << 10];
        let value = Until(u64::MAX, Arc::clone(&alive));
        assert_eq!(table.insert(1, &huge, value, NOW), Kept::TooLarge);
        let counters = table.counters();
        assert!(Arc::strong_count(&alive) > table.len(), "{counters:?}");
    }
    // The rest waits for the epoch, which other tests of this process may hold back.
    for _ in 0..100_000 {
        if Arc::strong_count(&alive) == 1 {
            return;
        }
        crossbeam_epoch::pin().flush();
        std::thread::yield_now();
    }
    panic!("{} are left", Arc::strong_count(&alive) - 1);
}

#[test]
fn a_poor_hash_costs_places_only() {
    let table = table(1 << 20);
    for key in 0..1_000 {
        table.insert(5, &bytes(key), key, NOW);
        table.assert_whole();
    }
    assert_eq!(table.len(), 16);
    let found: Vec<u64> = (0..1_000).filter(|key| table.get(5, &bytes(*key)).is_some()).collect();
    assert_eq!(found.len(), 16, "and all of them were read now");
    assert_eq!(table.insert(5, &bytes(2_000), 2_000, NOW), Kept::Crowded);
    assert_eq!(table.insert(5, &bytes(2_000), 2_000, NOW), Kept::New, "their marks are gone");
}

#[test]
fn a_reader_that_stays_holds_back_garbage_and_then_newcomers() {
    let table = table(64 << 10);
    put(&table, 1);
    let guard = table.get(hash(1), &bytes(1)).expect("just put");
    let busy = (2..10_000).find(|key| put(&table, *key) == Kept::Busy);
    assert!(busy.is_some() && *guard == 1);
    assert!(table.counters().garbage <= (64 << 10) / 4, "{:?}", table.counters());
    drop(guard);
    let again = (0..100_000).any(|_| {
        std::thread::yield_now();
        put(&table, 20_000).is_kept()
    });
    assert!(again);
}

#[test]
fn small_and_strange_limits_are_put_right() {
    for (most, typical) in [(0, 0), (1, usize::MAX), (usize::MAX / 4096, usize::MAX), (1 << 20, 0)]
    {
        let table = Table::<u64>::new(Limits::new(most, typical)).expect("memory");
        for key in 0..50 {
            put(&table, key);
        }
        table.assert_whole();
        assert!(table.bytes() <= most.max(16 << 10));
    }
}

#[derive(Clone, Debug)]
enum Step {
    Insert(u64, u64),
    Read(u64),
    Remove(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (0..400_u64, 0..9_u64).prop_map(|(key, value)| Step::Insert(key, value)),
        (0..400_u64).prop_map(Step::Read),
        (0..400_u64).prop_map(Step::Remove),
    ];
    prop::collection::vec(step, 0..2_000)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    /// A small table under eviction: what is found is what a map holds. A roomy one: all is found.
    #[test]
    fn it_is_a_map_that_may_forget(steps in steps(), few in any::<bool>(), poor in any::<bool>()) {
        let table = table(if few { 32 << 10 } else { 1 << 20 });
        let hash = |key| if poor { hash(key) & 3 << 62 } else { hash(key) };
        let mut map = HashMap::new();
        for step in steps {
            match step {
                Step::Insert(key, value) => {
                    match table.insert(hash(key), &bytes(key), value, NOW) {
                        Kept::New | Kept::Replaced => drop(map.insert(key, value)),
                        _ => prop_assert!(few || poor),
                    }
                }
                Step::Read(key) => {
                    let found = table.get(hash(key), &bytes(key)).map(|value| *value);
                    if found.is_some() || !(few || poor) {
                        prop_assert_eq!(found, map.get(&key).copied());
                    }
                }
                Step::Remove(key) => {
                    let is_out = table.remove_if(hash(key), &bytes(key), |_| true);
                    prop_assert!(!is_out || map.contains_key(&key));
                    map.remove(&key);
                }
            }
        }
        table.assert_whole();
    }
}
