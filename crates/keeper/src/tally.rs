//! What refreshes and updates have done.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

use tollgate::Now;

/// Counts of a keeper since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refreshes {
    /// Refreshes that loaded changed files.
    pub done: u64,
    /// Refreshes that could not, each try counted.
    pub failed: u64,
    /// Updates that were applied.
    pub updates: u64,
    /// Unix second at which all files were loaded last.
    pub last_success_unix_s: i64,
}

#[derive(Default)]
pub(crate) struct Tally {
    done: AtomicU64,
    failed: AtomicU64,
    updates: AtomicU64,
    last_success_s: AtomicI64,
    is_failing: AtomicBool,
    /// The most admissions that were ever told.
    admitted: AtomicU64,
}

impl Tally {
    pub(crate) fn new(now: Now) -> Self {
        Self { last_success_s: AtomicI64::new(now.unix_s), ..Self::default() }
    }

    pub(crate) fn refreshed(&self, now: Now) {
        self.done.fetch_add(1, Relaxed);
        self.loaded(now);
    }

    pub(crate) fn failed(&self) {
        self.failed.fetch_add(1, Relaxed);
        self.is_failing.store(true, Relaxed);
    }

    pub(crate) fn updated(&self) {
        self.updates.fetch_add(1, Relaxed);
    }

    /// All files were read and are good.
    pub(crate) fn loaded(&self, now: Now) {
        self.last_success_s.store(now.unix_s, Relaxed);
        self.is_failing.store(false, Relaxed);
    }

    /// Whether the last load failed.
    pub(crate) fn is_failing(&self) -> bool {
        self.is_failing.load(Relaxed)
    }

    /// So many admissions, by figures that were read one after the other while checks went on: never fewer
    /// than were told before, or whoever reads would take it for a restart.
    pub(crate) fn admitted(&self, count: u64) -> u64 {
        self.admitted.fetch_max(count, Relaxed).max(count)
    }

    pub(crate) fn refreshes(&self) -> Refreshes {
        Refreshes {
            done: self.done.load(Relaxed),
            failed: self.failed.load(Relaxed),
            updates: self.updates.load(Relaxed),
            last_success_unix_s: self.last_success_s.load(Relaxed),
        }
    }
}
