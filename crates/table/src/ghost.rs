//! Who was put out lately: fingerprints of hashes, in small rings.

use crate::slots::zeroed;

/// Fingerprints of a ring: a cache line of them.
const RING: usize = 16;

/// As long a memory as the table has entries, at 4 bytes each and without pointers: rings of 16 by
/// hash, each first in, first out. A stranger is mistaken for a known one once in 2^28.
pub(crate) struct Ghost {
    rings: Box<[[u32; RING]]>,
}

impl Ghost {
    pub(crate) fn new(entries: usize) -> Option<Self> {
        // SAFETY: all zero are valid integers.
        Some(Self { rings: unsafe { zeroed(rings(entries)) }? })
    }

    pub(crate) fn remember(&mut self, hash: u64) {
        let (ring, print) = self.ring(hash);
        ring.copy_within(..RING - 1, 1);
        ring[0] = print;
    }

    /// Whether it is remembered; it is not any more.
    pub(crate) fn take(&mut self, hash: u64) -> bool {
        let (ring, print) = self.ring(hash);
        let found = ring.iter_mut().find(|known| **known == print);
        found.map(|known| *known = 0).is_some()
    }

    /// The ring by the tag, the fingerprint (never 0) by the lower half: what an entry and its slot keep of
    /// a hash. Beyond 65,536 rings, which is a million entries, the tag alone would leave some out.
    fn ring(&mut self, hash: u64) -> (&mut [u32; RING], u32) {
        let spread = hash >> 48 << 16 | hash & 0xFFFF;
        let ring = ((spread * self.rings.len() as u64) >> 32) as usize;
        (&mut self.rings[ring], hash as u32 | 1)
    }
}

const fn rings(entries: usize) -> usize {
    if entries == 0 { 1 } else { entries.div_ceil(RING) }
}

pub(crate) const fn bytes(entries: usize) -> usize {
    rings(entries).saturating_mul(RING * 4)
}
