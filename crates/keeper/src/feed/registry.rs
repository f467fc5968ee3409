//! A registry, from where it was read last.

use std::path::Path;

use tollgate::{Guid, Now};
use tollgate_site::feed::{
    Before, FeedError, Heard, LastChange, Listener, Looked, Position, read_registry,
};

/// What one look leaves to the next.
#[derive(Clone, Default)]
pub(super) struct Seen {
    good: Option<Good>,
    /// All is read anew behind a look that failed: what was put back meanwhile may have the same numbers.
    has_failed: bool,
}

/// What the last good look found.
#[derive(Clone)]
struct Good {
    last: Option<LastChange>,
    /// When that was made.
    at_s: i64,
    /// When all was last read anew, on the monotonic clock.
    whole_ms: u64,
}

/// How often all is read anew: what has left the registry because it ended leaves the gate then.
const WHOLE_EVERY_MS: u64 = 86_400_000;

impl Seen {
    /// Reads what is new, or all.
    pub(super) fn read(
        &mut self,
        path: &Path,
        site: Guid,
        heard: Option<Heard>,
        listener: &mut dyn Listener,
        now: Now,
    ) -> Result<Heard, FeedError> {
        let has_failed = std::mem::replace(&mut self.has_failed, true);
        let good = self.good.as_ref();
        let before = heard.map(|heard| Before {
            position: heard.position,
            at_s: good.map(|good| good.at_s),
            last: good.and_then(|good| good.last.as_ref()),
        });
        let whole_ms = good.filter(|_| !has_failed).map(|good| good.whole_ms);
        let is_whole = whole_ms.is_none_or(|ms| now.mono_ms.saturating_sub(ms) >= WHOLE_EVERY_MS);
        let Looked { head, is_snapshot, last } =
            read_registry(path, site, before, is_whole, listener)?;
        let whole_ms = whole_ms.filter(|_| !is_snapshot).unwrap_or(now.mono_ms);
        *self = Self { good: Some(Good { last, at_s: head.at_s, whole_ms }), has_failed: false };
        let position = Position { epoch: head.epoch, seq: head.seq };
        // The present is what the registry says now; the date of its last change says nothing of that.
        Ok(Heard { position, as_of_s: now.unix_s, head: head.seq })
    }
}
