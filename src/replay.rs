//! Tokens that pass once: who has been here.
//!
//! Off unless an issuer asks for it. It writes on every admission, so it is a map made for that, and only
//! ever asked in one step whether something is new.

use core::sync::atomic::{AtomicI64, AtomicUsize, Ordering::Relaxed};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

/// Most tokens that are remembered, some 64 MiB. Beyond, nothing of these issuers is decided.
const MOST: usize = 1 << 20;

/// What was used, by a keyed hash of issuer and id, until it ends.
pub(crate) struct Replay {
    used: DashMap<[u8; 16], i64>,
    /// Kept beside the map, which would lock all of itself to count.
    count: AtomicUsize,
    swept_s: AtomicI64,
    most: usize,
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
        let (count, swept_s) = (AtomicUsize::new(0), AtomicI64::new(i64::MIN));
        Self { used: DashMap::new(), count, swept_s, most }
    }

    /// Uses a token, once. `ends_s` is the last second at which it could pass.
    pub(crate) fn take(&self, id: [u8; 16], ends_s: i64, now_s: i64) -> Use {
        if self.count.load(Relaxed) >= self.most {
            self.sweep(now_s);
        }
        let is_full = self.count.load(Relaxed) >= self.most;
        match self.used.entry(id) {
            // One that has ended was refused before this.
            Entry::Occupied(_) => Use::Again,
            Entry::Vacant(_) if is_full => Use::Full,
            Entry::Vacant(place) => {
                place.insert(ends_s);
                self.count.fetch_add(1, Relaxed);
                Use::First
            }
        }
    }

    /// Whether it was here, for an explanation.
    pub(crate) fn has(&self, id: [u8; 16]) -> bool {
        self.used.contains_key(&id)
    }

    /// Forgets what has ended, once a second at most: it looks at everything.
    fn sweep(&self, now_s: i64) {
        let last_s = self.swept_s.load(Relaxed);
        let is_due = last_s != now_s
            && self.swept_s.compare_exchange(last_s, now_s, Relaxed, Relaxed).is_ok();
        if !is_due {
            return;
        }
        self.used.retain(|_, ends_s| {
            let stays = *ends_s >= now_s;
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

    #[test]
    fn once_and_not_again() {
        let replay = Replay::with_room(3);
        assert_eq!(replay.take(id(1), 100, 0), Use::First);
        assert_eq!(replay.take(id(1), 100, 0), Use::Again);
        assert!(replay.has(id(1)) && !replay.has(id(2)));
    }

    #[test]
    fn full_is_undecidable_until_something_ends() {
        let replay = Replay::with_room(3);
        for number in 0..3 {
            assert_eq!(replay.take(id(number), 100 + i64::from(number), 0), Use::First);
        }
        assert_eq!(replay.take(id(3), 100, 50), Use::Full);
        assert_eq!(replay.take(id(0), 100, 50), Use::Again, "what is known stays known");
        assert_eq!(replay.take(id(3), 200, 101), Use::First, "the first has ended");
        assert_eq!(replay.take(id(4), 200, 101), Use::Full);
        assert!(!replay.has(id(0)) && replay.has(id(1)));
    }

    #[test]
    fn of_many_at_once_one_is_first() {
        let replay = Replay::new();
        let firsts = std::thread::scope(|scope| {
            let take = || (0..100).filter(|n| replay.take(id(*n), 1, 0) == Use::First).count();
            let threads = [0; 4].map(|_| scope.spawn(take));
            threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
        });
        assert_eq!(firsts, 100);
    }
}
