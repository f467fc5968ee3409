//! How a feed is, for whoever looks after it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tollgate::{FreshUntil, Guid, Now};

/// A site's feed as [`crate::Keeper::feeds`] shows it: how it was when it was last looked at.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FeedHealth {
    /// The site's GUID.
    pub site: Guid,
    /// `registry` or `feed_file`.
    pub source: &'static str,
    /// The file.
    pub path: PathBuf,
    /// The history that it tells; `None` before the first time.
    pub epoch: Option<Guid>,
    /// The last change that holds here.
    pub seq: i64,
    /// The site's last change by the last word of it: ahead of `seq` by what is not here yet.
    pub head: i64,
    /// How many of each kind are withdrawn or set.
    pub counts: Vec<(&'static str, usize)>,
    /// How many of epochs that are over are still withdrawn.
    pub past: usize,
    /// How often it was looked at.
    pub polls: u64,
    /// How often that failed, or found nothing new in time.
    pub failures: u64,
    /// What is wrong with it now.
    pub problem: Option<String>,
    /// How old the last word may be.
    pub max_staleness: Duration,
    /// Whether clients of the site are told 6011 once that is older (`feed.required_for`).
    pub is_required: bool,
    pub(super) last_ms: Option<i64>,
    pub(super) fresh: Arc<FreshUntil>,
}

impl FeedHealth {
    /// Whether it was heard in time: else nothing of the methods that require it is decided.
    #[must_use]
    pub fn is_fresh(&self, now: Now) -> bool {
        self.fresh.is_fresh(now)
    }

    /// How old its last word is; `None` before the first one.
    #[must_use]
    pub fn age(&self, now: Now) -> Option<Duration> {
        let now_ms = i64::try_from(now.mono_ms).unwrap_or(i64::MAX);
        let age_ms = now_ms.saturating_sub(self.last_ms?).max(0);
        Some(Duration::from_millis(age_ms.unsigned_abs()))
    }
}
