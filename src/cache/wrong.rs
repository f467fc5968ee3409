//! Signatures that were wrong, for a moment: the same bad token again costs a hash, not a signature.
//!
//! Only "wrong under this key" is remembered, never a refusal: an entry means nothing under another key,
//! and so nothing once the key has left. It is small, and forged tokens push out forged tokens.

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

use parking_lot::Mutex;

use super::lock::in_time;
use crate::crypto::KeyId;

/// How many are remembered. At 80 bytes that is 320 KiB, made when the first signature is wrong.
const SLOTS: usize = 4096;

/// Places that one hash may take.
const WAYS: usize = 4;

/// How long, on the monotonic clock.
const LIFE_MS: u64 = 60_000;

/// A small memory of wrong signatures.
#[derive(Default)]
pub(crate) struct Wrong {
    slots: Mutex<Box<[Slot]>>,
    /// Whether there ever was one: else nobody has to look.
    is_used: AtomicBool,
}

#[derive(Clone, Copy)]
struct Slot {
    /// The hash that finds entries: cheap, and never believed.
    hash: u64,
    /// The keyed hash of all bytes.
    print: [u8; 16],
    key: KeyId,
    until_ms: u64,
}

const EMPTY: Slot = Slot { hash: 0, print: [0; 16], key: KeyId([0; 32]), until_ms: 0 };

impl Wrong {
    /// Whether these bytes were wrong under this key lately. `print` is asked for only where something of
    /// the same hash is known.
    pub(crate) fn holds(
        &self,
        hash: u64,
        key: KeyId,
        now_ms: u64,
        print: impl FnOnce() -> [u8; 16],
    ) -> bool {
        if !self.is_used.load(Relaxed) {
            return false;
        }
        let known = {
            let Some(slots) = in_time(&self.slots) else { return false };
            let alike =
                |slot: &&Slot| slot.hash == hash && slot.key == key && now_ms < slot.until_ms;
            set(hash, &slots).iter().find(alike).map(|slot| slot.print)
        };
        known.is_some_and(|known| known == print())
    }

    /// Remembers that they were; the oldest of its places makes way.
    pub(crate) fn add(&self, hash: u64, key: KeyId, print: [u8; 16], now_ms: u64) {
        let slot = Slot { hash, print, key, until_ms: now_ms.saturating_add(LIFE_MS) };
        let Some(mut slots) = in_time(&self.slots) else { return };
        if slots.is_empty() {
            *slots = vec![EMPTY; SLOTS].into();
            self.is_used.store(true, Relaxed);
        }
        let from = first_of(hash);
        let ways = &mut slots[from..from + WAYS];
        let same = ways.iter().position(|old| old.hash == hash && old.key == key);
        let oldest = || (0..WAYS).min_by_key(|at| ways[*at].until_ms);
        if let Some(at) = same.or_else(oldest) {
            ways[at] = slot;
        }
    }
}

fn set(hash: u64, slots: &[Slot]) -> &[Slot] {
    slots.get(first_of(hash)..first_of(hash) + WAYS).unwrap_or_default()
}

fn first_of(hash: u64) -> usize {
    (hash >> 20) as usize % (SLOTS / WAYS) * WAYS
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: KeyId = KeyId([1; 32]);
    const OTHER: KeyId = KeyId([2; 32]);

    #[test]
    fn it_means_these_bytes_this_key_and_this_minute() {
        let wrong = Wrong::default();
        let ask = |hash, key, now_ms, print: u8| wrong.holds(hash, key, now_ms, || [print; 16]);
        assert!(!ask(7, KEY, 0, 1));
        wrong.add(7, KEY, [1; 16], 1000);
        assert!(ask(7, KEY, 1000, 1));
        assert!(ask(7, KEY, 60_999, 1));
        assert!(!ask(7, KEY, 61_000, 1), "its time is over");
        assert!(!ask(7, OTHER, 1000, 1), "another key may find it good");
        assert!(!ask(7, KEY, 1000, 2), "other bytes with the same tail");
        assert!(!ask(8, KEY, 1000, 1));
    }

    #[test]
    fn a_flood_pushes_out_the_oldest_and_nothing_grows() {
        let wrong = Wrong::default();
        for number in 0..100_000_u64 {
            wrong.add(number << 20, KEY, [3; 16], number);
        }
        let slots = wrong.slots.lock();
        assert_eq!(slots.len(), SLOTS);
        let oldest = slots.iter().map(|slot| slot.until_ms).min();
        assert_eq!(oldest, Some(100_000 - SLOTS as u64 + LIFE_MS));
    }
}
