//! How much, in bytes and entries.

use crate::{ghost, slots};

/// What a table may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(crate) buckets: usize,
    pub(crate) entries: usize,
    /// For the entries: the bound without array and ghost.
    pub(crate) room: usize,
    /// The most that may wait to be freed: beyond it, nothing new is taken in.
    pub(crate) garbage: usize,
}

impl Limits {
    /// At most `bytes` in all (array, queues, ghost and entries as the allocator rounds them), made
    /// for entries of about `typical` bytes, key and value together.
    ///
    /// `typical` sizes the array: smaller entries meet the bound on their number before the one
    /// in bytes, larger ones leave slots empty (8 bytes each, and no memory where never touched).
    /// Less than 16 KiB is taken as 16 KiB. Beside the bound there is garbage: retired entries
    /// that a reader may still see, at most an eighth of the bound and one insertion's.
    #[must_use]
    pub const fn new(bytes: usize, typical: usize) -> Self {
        const LEAST: usize = 16 << 10;
        let bytes = if bytes < LEAST { LEAST } else { bytes };
        let typical = if typical < 64 { 64 } else { typical };
        // Indices are 32 bits of a hash.
        let entries = least(bytes / typical + 1, u32::MAX as usize / 2);
        // Loads over three quarters push one in some hundred entries to a full pair of buckets.
        let buckets = entries.div_ceil(slots::WIDTH * 3 / 4) + 1;
        let fixed = slots::bytes(buckets).saturating_add(ghost::bytes(entries));
        let room = bytes.saturating_sub(fixed);
        Self { buckets, entries, room, garbage: bytes / 8 }
    }

    /// The array and the ghost.
    #[must_use]
    pub const fn fixed(&self) -> usize {
        slots::bytes(self.buckets).saturating_add(ghost::bytes(self.entries))
    }

    /// The most entries.
    #[must_use]
    pub const fn entries(&self) -> usize {
        self.entries
    }
}

const fn least(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}
