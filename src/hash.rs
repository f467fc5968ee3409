//! Hashing of keys that are random themselves: GUIDs and fingerprints of keys.
//!
//! For maps that only an administrator or an issuer fills. A stranger may look up what he likes: he finds
//! the few that stand there, and can add none.

use core::hash::{BuildHasherDefault, Hasher};

/// For [`std::collections::HashMap`].
pub(crate) type OfRandom = BuildHasherDefault<FirstBytes>;

/// The first eight bytes are the hash.
#[derive(Default)]
pub(crate) struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    /// The length, which is the same for all.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        // The map reads the upper bits for its tags; sequential GUIDs differ in the lower ones.
        self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

#[cfg(test)]
mod tests {
    use core::hash::BuildHasher;

    use super::*;
    use crate::guid::Guid;

    #[test]
    fn what_differs_at_its_beginning_differs() {
        let hash = |guid: [u8; 16]| OfRandom::default().hash_one(Guid(guid));
        let one = hash([1; 16]);
        assert_eq!(one, hash([1; 16]));
        assert_ne!(one, hash([2; 16]));
        assert_ne!(one, 0);
    }
}
