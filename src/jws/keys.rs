//! A key set and until when it is believed.

use core::sync::atomic::{AtomicU64, Ordering};

use super::keyset::KeySet;
use crate::time::Now;

/// A key set and how long it may be believed.
#[derive(Debug)]
pub struct Keys {
    /// The keys.
    pub set: KeySet,
    fresh_until_ms: AtomicU64,
}

impl Keys {
    /// Keys that are believed while `now.mono_ms < fresh_until_ms`; `u64::MAX` is longer than
    /// any clock runs.
    #[must_use]
    pub fn new(set: KeySet, fresh_until_ms: u64) -> Self {
        Self { set, fresh_until_ms: AtomicU64::new(fresh_until_ms) }
    }

    /// Whoever keeps the keys fresh says so here, without a new snapshot.
    pub fn believe_until(&self, fresh_until_ms: u64) {
        self.fresh_until_ms.store(fresh_until_ms, Ordering::Release);
    }

    /// Judged on the monotonic clock, so that a wall clock set back keeps nothing alive.
    #[must_use]
    pub fn are_fresh(&self, now: Now) -> bool {
        now.mono_ms < self.fresh_until_ms.load(Ordering::Acquire)
    }
}
