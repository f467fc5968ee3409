//! What is remembered between two checks. Nothing here knows what a token is.
//!
//! A hit reads: the thread's own record (the pin), two buckets at most, the entry, the presented bytes. It
//! writes the pin, and the entry's visited mark where it is not yet set. Everything else here is for
//! misses: who waits for whom ([`flight`]), which signatures were wrong ([`wrong`]), who may cause how
//! many checks ([`budget`]).

pub(crate) mod budget;
pub(crate) mod flight;
mod lock;
pub(crate) mod wrong;

use tollgate_table::{Counters, Kept, Limits, Pin, Table, Value};

use crate::crypto::random;

/// A bounded memory of byte strings, or none.
pub(crate) struct Cache<V: Value> {
    table: Option<Table<V>>,
    secret: [u64; 4],
}

/// What one entry is thought to take: a 1.4 KB token and what stands with it. Smaller ones meet the bound
/// on their number first.
const TYPICAL_BYTES: usize = 1536;

/// How much of the end of a credential is hashed. It is the end of a signature, so it is as good as random,
/// and nobody can choose it for what is stored: only proven credentials are.
const TAIL: usize = 16;

impl<V: Value> Cache<V> {
    /// At most `bytes` in all; 0 remembers nothing. `None` when there is no memory for it, or no random
    /// numbers.
    pub(crate) fn new(bytes: usize) -> Option<Self> {
        let table = match bytes {
            0 => None,
            _ => Some(Table::new(Limits::new(bytes, TYPICAL_BYTES))?),
        };
        let words = random::<32>()?;
        let mut secret = [0; 4];
        for (word, bytes) in secret.iter_mut().zip(words.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
        }
        Some(Self { table, secret })
    }

    /// Where an entry of these bytes would stand: a hash of their tail and length under the secret of this
    /// process. It finds; all bytes are compared before anything is believed.
    #[inline]
    pub(crate) fn hash(&self, bytes: &[u8]) -> u64 {
        // Two loads: a copy of so many bytes as there may be is a call.
        let words = bytes.last_chunk().copied().unwrap_or_else(|| padded(bytes));
        let word = |at: usize| u64::from_le_bytes(words[at..at + 8].try_into().unwrap_or_default());
        let [first, second, third, fourth] = self.secret;
        let folded = fold(word(0) ^ first, word(8) ^ second);
        fold(folded ^ third, bytes.len() as u64 ^ fourth)
    }

    #[inline]
    pub(crate) fn get<'a>(&'a self, pin: &'a Pin, hash: u64, bytes: &[u8]) -> Option<&'a V> {
        self.table.as_ref()?.get(pin, hash, bytes)
    }

    /// Asks for the memory that a look-up of this hash will read.
    #[inline]
    pub(crate) fn prefetch(&self, hash: u64) {
        if let Some(table) = &self.table {
            table.prefetch(hash);
        }
    }

    /// As [`Cache::prefetch`], one step further: the entry itself.
    pub(crate) fn prefetch_entry(&self, pin: &Pin, hash: u64) {
        if let Some(table) = &self.table {
            table.prefetch_entry(pin, hash);
        }
    }

    /// `now` is on the scale of [`Value::deadline`].
    pub(crate) fn insert(&self, hash: u64, bytes: &[u8], value: V, now: u64) -> Option<Kept> {
        Some(self.table.as_ref()?.insert(hash, bytes, value, now))
    }

    /// What is there, and what happened.
    pub(crate) fn counters(&self) -> Counters {
        self.table.as_ref().map_or_else(Counters::default, Table::counters)
    }
}

/// What is shorter than a tail, which no credential is.
#[cold]
fn padded(bytes: &[u8]) -> [u8; TAIL] {
    let mut words = [0; TAIL];
    words[..bytes.len()].copy_from_slice(bytes);
    words
}

/// Both halves of the product, one over the other.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_has_a_hash_too() {
        let cache = Cache::<()>::new(0).unwrap();
        let bytes: Vec<u8> = (0..40).collect();
        let hashes: Vec<u64> = (0..40).map(|len| cache.hash(&bytes[..len])).collect();
        for (at, hash) in hashes.iter().enumerate() {
            assert!(!hashes[..at].contains(hash), "{at}");
        }
        let other = Cache::<()>::new(0).unwrap();
        assert_ne!(other.hash(&bytes), cache.hash(&bytes), "the secret counts");
    }

    #[test]
    fn the_hash_spreads() {
        let cache = Cache::<()>::new(0).unwrap();
        let mut buckets = [0_u32; 256];
        for number in 0..65_536_u64 {
            let bytes = [[0; 8], number.to_le_bytes()].concat();
            buckets[(cache.hash(&bytes) >> 56) as usize] += 1;
        }
        // 256 each, standard deviation 16.
        assert!(buckets.iter().all(|count| (128..400).contains(count)), "{buckets:?}");
    }
}
