//! A key set and until when it is believed.

use super::keyset::KeySet;
use crate::time::{FreshUntil, Now};

/// A key set and how long it may be believed.
#[derive(Debug)]
pub struct Keys {
    /// The keys.
    pub set: KeySet,
    fresh_until: FreshUntil,
}

impl Keys {
    /// Keys that are believed while `now.mono_ms < fresh_until_ms`; `u64::MAX` is longer than
    /// any clock runs.
    #[must_use]
    pub fn new(set: KeySet, fresh_until_ms: u64) -> Self {
        Self { set, fresh_until: FreshUntil::new(fresh_until_ms) }
    }

    /// Whoever keeps the keys fresh says so here, without a new snapshot.
    pub fn believe_until(&self, fresh_until_ms: u64) {
        self.fresh_until.set(fresh_until_ms);
    }

    /// Judged on the monotonic clock, so that a wall clock set back keeps nothing alive.
    #[inline]
    #[must_use]
    pub fn are_fresh(&self, now: Now) -> bool {
        self.fresh_until.is_fresh(now)
    }
}
