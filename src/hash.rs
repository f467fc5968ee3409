//! Hashing of identifiers: GUIDs and fingerprints of keys.
//!
//! For maps that only an administrator or an issuer fills. A stranger may look up what he likes: he finds
//! the few that stand there, and can add none.

use core::hash::{BuildHasherDefault, Hasher};

/// For [`std::collections::HashMap`] and [`std::collections::HashSet`].
pub(crate) type OfIds = BuildHasherDefault<IdHasher>;

/// A multiplication for each eight bytes, both halves of the product folded, so that every bit moves every
/// other one: a tenth of SipHash's time.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdHasher(u64);

impl IdHasher {
    fn add(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word ^ FIRST) * u128::from(SECOND);
        self.0 = (product >> 64) as u64 ^ product as u64;
    }
}

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.add(u64::from_le_bytes(word.try_into().unwrap_or_default()));
        }
        for byte in words.remainder() {
            self.add(u64::from(*byte));
        }
    }

    /// Lengths and variants.
    fn write_usize(&mut self, number: usize) {
        self.add(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.add(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Digits of pi behind the point.
const FIRST: u64 = 0x243F_6A88_85A3_08D3;
const SECOND: u64 = 0x1319_8A2E_0370_7345;

#[cfg(test)]
mod tests {
    use core::hash::BuildHasher;

    use super::*;
    use crate::guid::Guid;

    /// Ids that an administrator counts up differ in their last digits only.
    #[test]
    fn numbered_ids_spread() {
        let mut lower = [0_u32; 256];
        let mut upper = [0_u32; 128];
        for number in 0..32_768_u32 {
            let text = format!("00000000-0000-0001-0000-{number:012}");
            let hash = OfIds::default().hash_one(Guid::parse(&text).unwrap());
            lower[(hash & 255) as usize] += 1;
            upper[(hash >> 57) as usize] += 1;
        }
        assert!(lower.iter().all(|count| (64..256).contains(count)), "{lower:?}");
        assert!(upper.iter().all(|count| (128..512).contains(count)), "{upper:?}");
    }
}
