//! What the parts do, one after the other; the table's threads are in `tests/`.

use proptest::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;

use crate::{Kept, Limits, Swap, Table, Value, pin};

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
    patiently(|| table.insert(hash(key), &bytes(key), key, NOW))
}

/// All tests share the epochs: one that is asleep under a pin holds back another's garbage.
fn patiently(insert: impl Fn() -> Kept) -> Kept {
    loop {
        match insert() {
            Kept::Busy => std::thread::yield_now(),
            kept => return kept,
        }
    }
}

fn has(table: &Table<u64>, key: u64) -> bool {
    table.get(&pin(), hash(key), &bytes(key)).is_some_and(|value| *value == key)
}

fn table(bytes: usize) -> Table<u64> {
    Table::new(Limits::new(bytes, 232)).expect("memory")
}

#[test]
fn what_is_put_is_found_and_nothing_else() {
    let table = table(1 << 20);
    assert!(table.is_empty() && table.get(&pin(), 7, b"a").is_none());
    assert_eq!(table.insert(7, b"a", 1, NOW), Kept::New);
    assert_eq!(table.insert(7, b"b", 2, NOW), Kept::New);
    assert_eq!(table.insert(7, b"", 3, NOW), Kept::New);
    assert_eq!(table.insert(7, b"a", 4, NOW), Kept::Replaced);
    let pin = pin();
    assert_eq!(table.get(&pin, 7, b"a"), Some(&4));
    assert_eq!(table.get(&pin, 7, b"b"), Some(&2));
    assert_eq!(table.get(&pin, 7, b""), Some(&3));
    assert_eq!(table.get(&pin, 8, b"c"), None);
    assert_eq!(table.get(&pin, 7, b"aa"), None);
    assert_eq!(table.get(&pin, 7 | 1 << 63, b"a"), None, "another tag");
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
        patiently(|| table.insert(hash(key), &bytes(key), Until(until, Arc::default()), now))
    };
    let has = |key: u64| table.get(&pin(), hash(key), &bytes(key)).is_some();
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
    assert_eq!(Arc::strong_count(&alive), 1, "the table took its garbage along");
}

#[test]
fn what_is_put_out_is_dropped_by_later_writers() {
    let alive = Arc::new(());
    let table = Table::<Until>::new(Limits::new(1 << 20, 232)).expect("memory");
    for key in 0..100_000 {
        let value = || Until(u64::MAX, Arc::clone(&alive));
        patiently(|| table.insert(hash(key), &bytes(key), value(), NOW));
    }
    let (counters, count) = (table.counters(), Arc::strong_count(&alive) - 1);
    assert!(counters.garbage <= (1 << 20) / 4, "{counters:?}");
    let waiting = count - table.len();
    assert!(counters.evictions as usize > 10 * waiting, "{waiting} wait, {counters:?}");
}

#[test]
fn a_poor_hash_costs_places_only() {
    let table = table(1 << 20);
    for key in 0..1_000 {
        patiently(|| table.insert(5, &bytes(key), key, NOW));
        table.assert_whole();
    }
    assert_eq!(table.len(), 16);
    let found: Vec<u64> =
        (0..1_000).filter(|key| table.get(&pin(), 5, &bytes(*key)).is_some()).collect();
    assert_eq!(found.len(), 16, "and all of them were read now");
    assert_eq!(table.insert(5, &bytes(2_000), 2_000, NOW), Kept::Crowded);
    assert_eq!(table.insert(5, &bytes(2_000), 2_000, NOW), Kept::New, "their marks are gone");
}

#[test]
fn a_reader_that_stays_holds_back_garbage_and_then_newcomers() {
    let table = table(64 << 10);
    let put = |key: u64| table.insert(hash(key), &bytes(key), key, NOW);
    put(1);
    let outer = pin();
    let value = table.get(&outer, hash(1), &bytes(1)).expect("just put");
    // An inner pin's end is not the outer's.
    drop(pin());
    let busy = (2..10_000).find(|key| put(*key) == Kept::Busy);
    assert!(busy.is_some() && *value == 1);
    assert!(table.counters().garbage <= (64 << 10) / 4, "{:?}", table.counters());
    drop(outer);
    patiently(|| put(20_000));
    assert!(has(&table, 20_000));
}

#[test]
fn a_swapped_value_outlives_its_readers_and_no_longer() {
    let (first, second) = (Arc::new(1), Arc::new(2));
    let swap = Swap::new(Arc::clone(&first));
    let pin = pin();
    let seen = swap.load(&pin);
    swap.store(Arc::clone(&second));
    assert_eq!((**seen, **swap.load(&pin), *swap.load_full()), (1, 2, 2));
    assert_eq!(Arc::strong_count(&first), 2, "read under the pin");
    drop(pin);
    while Arc::strong_count(&first) > 1 {
        swap.store(Arc::clone(&second));
        std::thread::yield_now();
    }
    // A table's writers see to it as well.
    swap.store(Arc::clone(&first));
    let table = table(64 << 10);
    for key in 0.. {
        if Arc::strong_count(&second) == 1 {
            break;
        }
        put(&table, key);
    }
    drop(swap);
    assert_eq!(Arc::strong_count(&first), 1);
}

#[test]
fn threads_have_small_numbers_which_are_given_again() {
    let own = pin().thread();
    assert_eq!(pin().thread(), own);
    let most = (0..200).map(|_| std::thread::spawn(|| pin().thread()).join().expect("no panic"));
    assert!(most.inspect(|other| assert_ne!(*other, own)).max() < Some(100));
}

#[test]
fn a_pin_may_be_the_last_that_a_thread_lets_go() {
    struct Late(Option<crate::Pin>);
    impl Drop for Late {
        fn drop(&mut self) {
            // By now the thread may have no record to keep: each pin takes one, and gives it back.
            let (_one, _other) = (pin(), pin());
        }
    }
    thread_local!(static LATE: std::cell::RefCell<Late> = const { std::cell::RefCell::new(Late(None)) });
    for _ in 0..50 {
        let thread = std::thread::spawn(|| LATE.with_borrow_mut(|late| late.0 = Some(pin())));
        thread.join().expect("no panic");
    }
    assert!(pin().thread() < 100, "all were given back");
    // And nothing stays pinned.
    let table = table(64 << 10);
    (0..10_000).for_each(|key| _ = put(&table, key));
}

#[test]
fn asking_ahead_changes_nothing() {
    let table = table(1 << 20);
    put(&table, 1);
    for key in [1, 2] {
        table.prefetch(hash(key));
        table.prefetch_entry(&pin(), hash(key));
    }
    assert!(has(&table, 1) && !has(&table, 2));
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
                    match patiently(|| table.insert(hash(key), &bytes(key), value, NOW)) {
                        Kept::New | Kept::Replaced => drop(map.insert(key, value)),
                        _ => prop_assert!(few || poor),
                    }
                }
                Step::Read(key) => {
                    let found = table.get(&pin(), hash(key), &bytes(key)).copied();
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

/// Owns a thousand bytes elsewhere.
struct Owner;

impl Value for Owner {
    fn owned(&self) -> usize {
        crate::allocated(1000)
    }
}

#[test]
fn what_values_own_counts_against_the_bound() {
    const BOUND: usize = 1 << 20;
    let table = Table::<Owner>::new(Limits::new(BOUND, 200)).unwrap();
    for number in 0..5000_u64 {
        table.insert(number << 20 | number, &number.to_le_bytes(), Owner, 0);
        assert!(table.bytes() <= BOUND, "{}", table.bytes());
    }
    // Each takes its thousand bytes and less than a hundred more.
    let entries = table.len();
    assert!((BOUND / 1200..BOUND / 1000).contains(&entries), "{entries}");
    table.assert_whole();
}
