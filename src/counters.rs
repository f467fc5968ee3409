//! What happened, counted where nobody waits for anybody: each thread has a stripe of its own.

use core::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::OnceLock;

use tollgate_table::Pin;

use crate::crypto::KeyId;
use crate::directory::Directory;
use crate::reason::Reason;

/// Threads with a stripe of their own. Those beyond share the last one, by atomic additions.
const STRIPES: usize = 1024;

/// Keys whose uses are counted by number, of those that a gate meets; of others only the time of the last
/// use is kept.
const KEYS: usize = 1024;

/// Room for every reason (a test holds it to that).
const REASONS: usize = 128;

/// All stripes. Each is allocated when its thread first comes.
pub(crate) struct Stripes {
    stripes: Box<[OnceLock<Box<Stripe>>]>,
}

/// The counts of one thread, on cache lines of their own.
#[repr(align(128))]
pub(crate) struct Stripe {
    counts: [AtomicU64; Count::ALL],
    refusals: [AtomicU64; REASONS],
    keys: [KeyStripe; KEYS],
    is_shared: bool,
}

/// Uses of one key by one thread.
#[derive(Default)]
struct KeyStripe {
    count: AtomicU64,
    /// Unix second of the last one.
    last_s: AtomicI64,
}

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    Hit,
    Miss,
    Rejudged,
    SignatureCheck,
    WrongAgain,
    Waited,
    OverBudget,
}

impl Count {
    const ALL: usize = 7;
}

/// A gate's counts since it was made.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Checks answered from memory alone.
    pub hits: u64,
    /// Checks for which something had to be read or proven.
    pub misses: u64,
    /// Remembered credentials that were judged again, without a signature, because trust or policy moved.
    pub rejudged: u64,
    /// Signatures of tokens and of whole certification paths that were computed.
    pub signature_checks: u64,
    /// Tokens refused because the same bytes were wrong under the same key a moment ago.
    pub wrong_again: u64,
    /// Checks that waited for another thread's check of the same credential.
    pub waited: u64,
    /// Checks refused because a budget was spent.
    pub over_budget: u64,
    /// Credentials remembered now.
    pub entries: usize,
    /// What they take in memory now, array and all, in bytes.
    pub bytes: usize,
    /// Credentials that were taken in.
    pub insertions: u64,
    /// Credentials that made way alive.
    pub evicted: u64,
    /// Credentials that had ended when they made way.
    pub expired: u64,
    /// Credentials that found no place.
    pub not_kept: u64,
    /// Refusals by reason, of those that came at all.
    pub refusals: Vec<(Reason, u64)>,
    /// Keys that have been used.
    pub keys: Vec<KeyUse>,
}

/// How a key is used: whether it can retire.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct KeyUse {
    /// The key.
    pub key: KeyId,
    /// Admissions from memory under it; `None` for a key that is counted by its last use only, as those
    /// beyond the first thousand that a gate meets.
    pub hits: Option<u64>,
    /// Signatures checked under it.
    pub signature_checks: u64,
    /// Unix second of its last use, by the times that checks were told.
    pub last_used_s: Option<i64>,
}

impl Stripes {
    pub(crate) fn new() -> Self {
        Self { stripes: (0..STRIPES).map(|_| OnceLock::new()).collect() }
    }

    /// The stripe of the thread that holds the pin.
    #[inline]
    pub(crate) fn of(&self, pin: &Pin) -> &Stripe {
        let at = pin.thread().min(STRIPES - 1);
        self.stripes[at].get_or_init(|| Box::new(Stripe::new(at == STRIPES - 1)))
    }

    /// Adds up. What threads are counting meanwhile may be in it or not.
    pub(crate) fn sum(&self, directory: &Directory) -> Counters {
        let stripes = || self.stripes.iter().filter_map(OnceLock::get);
        let sum = |of: &dyn Fn(&Stripe) -> u64| stripes().map(|stripe| of(stripe)).sum::<u64>();
        let count = |count: Count| sum(&|stripe| stripe.counts[count as usize].load(Relaxed));
        let refusals = Reason::ALL.iter().enumerate();
        let refusals = refusals
            .map(|(at, reason)| (*reason, sum(&|stripe| stripe.refusals[at].load(Relaxed))));
        let keys = directory.keys().map(|(at, record)| {
            let uses = || stripes().filter_map(|stripe| stripe.keys.get(at));
            let last_s = uses().map(|uses| uses.last_s.load(Relaxed)).max();
            let last_s = last_s.into_iter().chain([record.last_used_s.load(Relaxed)]).max();
            KeyUse {
                key: record.id,
                hits: (at < KEYS).then(|| uses().map(|uses| uses.count.load(Relaxed)).sum()),
                signature_checks: record.checks.load(Relaxed),
                last_used_s: last_s.filter(|at| *at != 0),
            }
        });
        // Checks before refusals, each of which counts later than its check: so a refusal may seem to have no
        // check yet, but no check seems to be admitted that is not.
        Counters {
            hits: count(Count::Hit),
            misses: count(Count::Miss),
            rejudged: count(Count::Rejudged),
            signature_checks: count(Count::SignatureCheck),
            wrong_again: count(Count::WrongAgain),
            waited: count(Count::Waited),
            over_budget: count(Count::OverBudget),
            refusals: refusals.filter(|(_, count)| *count > 0).collect(),
            keys: keys.filter(|key| key.last_used_s.is_some()).collect(),
            ..Counters::default()
        }
    }
}

impl Stripe {
    fn new(is_shared: bool) -> Self {
        let counts = core::array::from_fn(|_| AtomicU64::new(0));
        let refusals = core::array::from_fn(|_| AtomicU64::new(0));
        let keys = core::array::from_fn(|_| KeyStripe::default());
        Self { counts, refusals, keys, is_shared }
    }

    #[inline]
    pub(crate) fn add(&self, count: Count) {
        self.one_more(&self.counts[count as usize]);
    }

    #[inline]
    pub(crate) fn refused(&self, reason: Reason) {
        if let Some(count) = self.refusals.get(reason.place()) {
            self.one_more(count);
        }
    }

    /// A key whose number is too large to be counted here has a last use all the same.
    #[inline]
    pub(crate) fn used(&self, key: u32, now_s: i64, directory: &Directory) {
        if let Some(uses) = self.keys.get(key as usize) {
            self.one_more(&uses.count);
            uses.last_s.store(now_s, Relaxed);
        } else if let Some(record) = directory.key(key) {
            record.touch(now_s);
        }
    }

    /// Nobody else writes a stripe, so the addition need not be one step; but for the last one.
    #[inline]
    fn one_more(&self, count: &AtomicU64) {
        if self.is_shared {
            count.fetch_add(1, Relaxed);
        } else {
            count.store(count.load(Relaxed).wrapping_add(1), Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_place() {
        assert!(Reason::ALL.len() <= REASONS);
    }
}
