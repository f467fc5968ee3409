//! Tokens that pass once: who has been here.
//!
//! Off unless an issuer asks for it. It writes on every admission, so it is a map made for that, and only
//! ever asked in one step whether something is new.

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

use crate::time::Now;

/// Most tokens that are remembered, some 64 MiB. Beyond, nothing of these issuers is decided.
const MOST: usize = 1 << 20;

/// What was used, by a keyed hash of issuer and id, until it ends.
pub(crate) struct Replay {
    /// Until when each is remembered, on both clocks: neither, set back or ahead, makes anything new.
    used: DashMap<[u8; 16], Until>,
    /// Kept beside the map, which would lock all of itself to count.
    count: AtomicUsize,
    swept_s: AtomicU64,
    most: usize,
}

/// The last moment at which a token could pass.
#[derive(Clone, Copy)]
struct Until {
    unix_s: i64,
    mono_ms: u64,
}

impl Until {
    fn is_over(self, now: Now) -> bool {
        self.unix_s < now.unix_s && self.mono_ms < now.mono_ms
    }
}

/// What the memory says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// It was not here before; now it was.
    First,
    Again,
    /// Nobody can say: the memory is full.
    Full,
}

impl Replay {
    pub(crate) fn new() -> Self {
        Self::with_room(MOST)
    }

    fn with_room(most: usize) -> Self {
        let (count, swept_s) = (AtomicUsize::new(0), AtomicU64::new(u64::MAX));
        Self { used: DashMap::new(), count, swept_s, most }
    }

    /// Uses a token, once. `last_s` is the last second at which it could pass.
    pub(crate) fn take(&self, id: [u8; 16], last_s: i64, now: Now) -> Use {
        if self.count.load(Relaxed) >= self.most {
            self.sweep(now);
        }
        let life_s = last_s.saturating_sub(now.unix_s).max(0).unsigned_abs();
        let mono_ms = now.mono_ms.saturating_add(life_s.saturating_mul(1000));
        let until = Until { unix_s: last_s, mono_ms };
        let is_full = self.count.load(Relaxed) >= self.most;
        match self.entry(id) {
            // One that has ended was refused before this.
            Some(Entry::Occupied(_)) => Use::Again,
            None => Use::Full,
            Some(Entry::Vacant(_)) if is_full => Use::Full,
            Some(Entry::Vacant(place)) => {
                place.insert(until);
                self.count.fetch_add(1, Relaxed);
                Use::First
            }
        }
    }

    /// `None` where the shard's lock is not to be had: its holder is a thread that a fork left behind.
    fn entry(&self, id: [u8; 16]) -> Option<Entry<'_, [u8; 16], Until>> {
        const TRIES: u32 = 1_000_000;
        (0..TRIES).find_map(|_| {
            core::hint::spin_loop();
            self.used.try_entry(id)
        })
    }

    /// Whether it was here, for an explanation.
    pub(crate) fn has(&self, id: [u8; 16]) -> bool {
        self.used.contains_key(&id)
    }

    /// Forgets what has ended, once a second at most: it looks at everything.
    fn sweep(&self, now: Now) {
        let now_s = now.mono_ms / 1000;
        let last_s = self.swept_s.load(Relaxed);
        let is_due = last_s != now_s
            && self.swept_s.compare_exchange(last_s, now_s, Relaxed, Relaxed).is_ok();
        if !is_due {
            return;
        }
        self.used.retain(|_, until| {
            let stays = !until.is_over(now);
            if !stays {
                self.count.fetch_sub(1, Relaxed);
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u8) -> [u8; 16] {
        [number; 16]
    }

    fn at(unix_s: i64, mono_s: u64) -> Now {
        Now { unix_s, mono_ms: mono_s * 1000 }
    }

    #[test]
    fn once_and_not_again() {
        let replay = Replay::with_room(3);
        assert_eq!(replay.take(id(1), 100, at(0, 0)), Use::First);
        assert_eq!(replay.take(id(1), 100, at(0, 0)), Use::Again);
        assert!(replay.has(id(1)) && !replay.has(id(2)));
    }

    #[test]
    fn full_is_undecidable_until_something_ends() {
        let replay = Replay::with_room(3);
        for number in 0..3 {
            let last_s = 100 + i64::from(number);
            assert_eq!(replay.take(id(number), last_s, at(0, 0)), Use::First);
        }
        assert_eq!(replay.take(id(3), 100, at(50, 50)), Use::Full);
        assert_eq!(replay.take(id(0), 100, at(50, 50)), Use::Again, "what is known stays known");
        assert_eq!(
            replay.take(id(3), 200, at(500, 60)),
            Use::Full,
            "a clock set ahead ends nothing"
        );
        assert_eq!(replay.take(id(3), 200, at(60, 500)), Use::Full, "nor one set back");
        assert_eq!(replay.take(id(3), 200, at(101, 501)), Use::First, "all three have ended");
        assert!(!replay.has(id(0)) && replay.has(id(3)));
    }

    #[test]
    fn of_many_at_once_one_is_first() {
        let replay = Replay::new();
        let firsts = std::thread::scope(|scope| {
            let take =
                || (0..100).filter(|n| replay.take(id(*n), 1, at(0, 0)) == Use::First).count();
            let threads = [0; 4].map(|_| scope.spawn(take));
            threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
        });
        assert_eq!(firsts, 100);
    }
}
