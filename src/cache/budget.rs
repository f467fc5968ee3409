//! How many signatures of credentials never seen a source may cost, and an issuer.
//!
//! A token is taken out of the bucket before a check and given back if the signature was good. So whoever
//! sends good credentials never runs dry, however many, and whoever sends bad ones soon does. What has
//! been seen before asks nobody.

use std::collections::HashMap;

use parking_lot::Mutex;

use super::lock::in_time;
use crate::limits::Rate;

/// Buckets by a key, of which those that are full are not kept.
pub(crate) struct Buckets<K> {
    shelves: [Mutex<HashMap<K, Bucket>>; SHELVES],
}

/// Bounds how many sources are told apart: 64 x 1,024 of them that failed lately, 4 MiB in all.
const SHELVES: usize = 64;
const MOST: usize = 1024;

/// Thousandths of a check.
const ONE: u64 = 1000;

/// How long a failure counts against a source when an issuer's bucket runs low.
const RECENT_MS: u64 = 60_000;

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// In thousandths.
    left: u64,
    filled_ms: u64,
    failed_ms: Option<u64>,
}

impl Bucket {
    fn fill(&mut self, rate: Rate, now_ms: u64) {
        let gained = now_ms.saturating_sub(self.filled_ms).saturating_mul(u64::from(rate.per_s));
        self.left = self.left.saturating_add(gained).min(u64::from(rate.burst) * ONE);
        self.filled_ms = now_ms.max(self.filled_ms);
    }

    fn has_failed(&self, now_ms: u64) -> bool {
        self.failed_ms.is_some_and(|at| now_ms.saturating_sub(at) < RECENT_MS)
    }

    fn is_idle(&self, rate: Rate, now_ms: u64) -> bool {
        self.left >= u64::from(rate.burst) * ONE && !self.has_failed(now_ms)
    }
}

impl<K: Copy + Eq + std::hash::Hash> Buckets<K> {
    pub(crate) fn new() -> Self {
        Self { shelves: core::array::from_fn(|_| Mutex::default()) }
    }

    /// Takes one check out. `spare` (of the burst) has to stay in the bucket.
    pub(crate) fn take(&self, place: u64, key: K, rate: Rate, spare: u32, now_ms: u64) -> bool {
        if rate.burst == 0 {
            return true;
        }
        let Some(mut shelf) = in_time(self.shelf(place)) else { return true };
        if shelf.len() >= MOST && !shelf.contains_key(&key) {
            make_room(&mut shelf, rate, now_ms);
        }
        let full = Bucket { left: u64::from(rate.burst) * ONE, filled_ms: now_ms, failed_ms: None };
        let bucket = shelf.entry(key).or_insert(full);
        bucket.fill(rate, now_ms);
        let left = bucket.left.checked_sub(ONE).filter(|left| *left >= u64::from(spare) * ONE);
        bucket.left = left.unwrap_or(bucket.left);
        left.is_some()
    }

    /// Gives one back: the signature was good.
    pub(crate) fn give_back(&self, place: u64, key: K, rate: Rate, now_ms: u64) {
        if rate.burst == 0 {
            return;
        }
        let Some(mut shelf) = in_time(self.shelf(place)) else { return };
        let Some(bucket) = shelf.get_mut(&key) else { return };
        bucket.left = bucket.left.saturating_add(ONE);
        bucket.fill(rate, now_ms);
        if bucket.is_idle(rate, now_ms) {
            shelf.remove(&key);
        }
    }

    /// Keeps it: the signature was wrong.
    pub(crate) fn failed(&self, place: u64, key: K, now_ms: u64) {
        let Some(mut shelf) = in_time(self.shelf(place)) else { return };
        if let Some(bucket) = shelf.get_mut(&key) {
            bucket.failed_ms = Some(now_ms);
        }
    }

    /// Whether a signature of it was wrong lately.
    pub(crate) fn has_failed(&self, place: u64, key: K, now_ms: u64) -> bool {
        let Some(shelf) = in_time(self.shelf(place)) else { return false };
        shelf.get(&key).is_some_and(|bucket| bucket.has_failed(now_ms))
    }

    fn shelf(&self, place: u64) -> &Mutex<HashMap<K, Bucket>> {
        &self.shelves[place as usize % SHELVES]
    }
}

/// Forgets those that are full again; if there is none, the fullest: it loses the least.
fn make_room<K: Copy + Eq + std::hash::Hash>(
    shelf: &mut HashMap<K, Bucket>,
    rate: Rate,
    now_ms: u64,
) {
    shelf.retain(|_, bucket| {
        bucket.fill(rate, now_ms);
        !bucket.is_idle(rate, now_ms)
    });
    if shelf.len() >= MOST
        && let Some(fullest) =
            shelf.iter().max_by_key(|(_, bucket)| bucket.left).map(|(key, _)| *key)
    {
        shelf.remove(&fullest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 4, per_s: 2 };

    #[test]
    fn bad_signatures_run_dry_and_time_fills_again() {
        let buckets = Buckets::new();
        let take = |now_ms| buckets.take(0, 'a', RATE, 0, now_ms);
        assert!((0..4).all(|_| take(0)));
        assert!(!take(0) && !take(499));
        assert!(take(500) && !take(500));
        assert!(buckets.take(0, 'b', RATE, 0, 500), "another source has its own");
        assert!((0..4).all(|_| take(1_000_000)) && !take(1_000_000), "never more than the burst");
        assert!(!take(0), "a clock set back gives nothing");
    }

    #[test]
    fn good_signatures_cost_nothing_and_leave_no_trace() {
        let buckets = Buckets::new();
        for _ in 0..1000 {
            assert!(buckets.take(0, 'a', RATE, 0, 7));
            buckets.give_back(0, 'a', RATE, 7);
        }
        assert!(buckets.shelves[0].lock().is_empty());
    }

    #[test]
    fn a_failure_is_remembered_for_a_minute() {
        let buckets = Buckets::new();
        buckets.take(0, 'a', RATE, 0, 0);
        buckets.failed(0, 'a', 0);
        assert!(buckets.has_failed(0, 'a', 59_999) && !buckets.has_failed(0, 'a', 60_000));
        assert!(!buckets.has_failed(0, 'b', 0));
    }

    #[test]
    fn what_is_spared_stays() {
        let buckets = Buckets::new();
        let take = |spare| buckets.take(0, 'a', RATE, spare, 0);
        assert!(take(2) && take(2) && !take(2));
        assert!(take(0) && take(0) && !take(0));
    }

    #[test]
    fn no_burst_is_no_bound_and_many_sources_are_bounded() {
        let buckets = Buckets::new();
        let off = Rate { burst: 0, per_s: 0 };
        assert!((0..100).all(|_| buckets.take(0, 0, off, 0, 0)));
        for source in 0..10_000 {
            assert!(buckets.take(0, source, RATE, 0, 0));
        }
        assert_eq!(buckets.shelves[0].lock().len(), MOST);
    }
}
