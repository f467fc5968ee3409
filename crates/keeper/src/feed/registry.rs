//! A registry, from where it was read last.

use std::path::Path;

use tollgate::Now;
use tollgate_site::feed::{
    Before, FeedError, Heard, LastChange, Listener, Looked, Position, read_registry,
};

/// What one look leaves to the next.
#[derive(Clone, Default)]
pub(super) struct Seen {
    last: Option<LastChange>,
    /// When all was last read anew, on the monotonic clock.
    whole_ms: u64,
}

/// How often all is read anew: what has left the registry because it ended leaves the gate then.
const WHOLE_EVERY_MS: u64 = 86_400_000;

impl Seen {
    /// Reads what is new, or all; epochs in `past` are over.
    pub(super) fn read(
        &mut self,
        path: &Path,
        heard: Option<Heard>,
        past: &[[u8; 16]],
        listener: &mut dyn Listener,
        now: Now,
    ) -> Result<Heard, FeedError> {
        let before =
            heard.map(|heard| Before { position: heard.position, last: self.last.as_ref() });
        let is_whole = now.mono_ms.saturating_sub(self.whole_ms) >= WHOLE_EVERY_MS;
        let Looked { head, is_snapshot, last } = read_registry(path, before, is_whole, listener)?;
        if past.contains(&head.epoch) {
            return Err(FeedError::Back("it is of an epoch that is over".into()));
        }
        let whole_ms = if is_snapshot { now.mono_ms } else { self.whole_ms };
        *self = Self { last, whole_ms };
        let position = Position { epoch: head.epoch, seq: head.seq };
        // The present is what the registry says now; the date of its last change says nothing of that.
        Ok(Heard { position, as_of_s: now.unix_s, head: head.seq })
    }
}
