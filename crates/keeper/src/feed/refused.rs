//! A file that was read and not heard: it is read again once it is another one, or after a while.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tollgate::Now;
use tollgate_site::feed::FeedError;

/// What was not heard, until when.
#[derive(Clone)]
pub(super) struct Refused {
    stamp: Stamp,
    until_ms: u64,
}

/// By what a file is known again.
#[derive(Clone, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: SystemTime,
}

/// A stamp may hide a change within the tick of a file system.
const YOUNG_S: u64 = 2;

impl Refused {
    /// For a quarter of the bound: whatever else may mend it, as a clock, is seen in time. `None` where reading
    /// again costs nothing, or the next look could not tell the file from another.
    pub(super) fn new(path: &Path, why: &FeedError, bound: Duration, now: Now) -> Option<Self> {
        if matches!(why, FeedError::Unreadable(_)) {
            return None;
        }
        let wait_ms = u64::try_from(bound.as_millis() / 4).unwrap_or(u64::MAX);
        let stamp = Stamp::of(path, now)?;
        Some(Self { stamp, until_ms: now.mono_ms.saturating_add(wait_ms) })
    }

    /// Whether it is the same file still, and not long ago.
    pub(super) fn holds(&self, path: &Path, now: Now) -> bool {
        now.mono_ms < self.until_ms && Stamp::of(path, now).as_ref() == Some(&self.stamp)
    }
}

impl Stamp {
    fn of(path: &Path, now: Now) -> Option<Self> {
        let about = std::fs::metadata(path).ok()?;
        let modified = about.modified().ok()?;
        let modified_s = modified.duration_since(UNIX_EPOCH).ok()?.as_secs();
        let is_old = modified_s.saturating_add(YOUNG_S) <= u64::try_from(now.unix_s).ok()?;
        is_old.then_some(Self { len: about.len(), modified })
    }
}
