//! Whoever floods the memory of credentials, with good ones or with bad, takes nothing from others.
//!
//! `make test` runs a small flood. `TOLLGATE_WHOLE=1 cargo test --release --all-features --test adversary --
//! --nocapture --test-threads=1` runs the whole one: ten million of each kind.

#[path = "adversary/flood.rs"]
mod flood;
#[path = "adversary/garbage.rs"]
mod garbage;
#[path = "adversary/junk.rs"]
mod junk;
#[path = "quiet/town.rs"]
mod town;

use std::io::Write;

use tollgate::Gate;
use tollgate::limits::CACHE_BYTES;

use town::{Town, bring};

/// How much of everything.
struct Scale {
    cache_bytes: usize,
    /// Newcomers, and tokens that are none.
    newcomers: u64,
    /// Certificates beside one leaf.
    junk: u64,
}

/// What an entry is thought to take (`src/cache/mod.rs`): the cache's own measure of how many it holds.
const TYPICAL_BYTES: usize = 1536;

impl Scale {
    fn given() -> Self {
        match std::env::var_os("TOLLGATE_WHOLE") {
            Some(_) => Self { cache_bytes: CACHE_BYTES, newcomers: 10_000_000, junk: 1_000_000 },
            None => Self { cache_bytes: 1 << 20, newcomers: 8_000, junk: 300 },
        }
    }

    fn is_whole(&self) -> bool {
        self.cache_bytes == CACHE_BYTES
    }

    /// Entries that the cache holds.
    fn capacity(&self) -> u64 {
        (self.cache_bytes / TYPICAL_BYTES) as u64
    }

    /// Hot credentials: a twentieth of what the cache holds, but no more than 10,000.
    fn hot(&self) -> u64 {
        (self.capacity() / 20).min(10_000)
    }
}

/// Clients that come again and again, in turn.
struct Hot<'g> {
    gate: &'g Gate,
    clients: Vec<(Vec<u8>, String)>,
    next: usize,
    came: u64,
    hits: u64,
}

/// Their share that has to be hits. Of the few of a small flood, one unlucky in its buckets is a share.
const KEPT: f64 = if cfg!(debug_assertions) { 0.98 } else { 0.99 };

/// How many come between two looks at the counters.
const AT_ONCE: u64 = 16;

impl<'g> Hot<'g> {
    /// All have come twice.
    fn new(gate: &'g Gate, town: &Town, count: u64) -> Self {
        let clients: Vec<_> = (0..count).map(|n| (town.token(n), town.user(n))).collect();
        let mut hot = Self { gate, clients, next: 0, came: 0, hits: 0 };
        while hot.came < 2 * count {
            hot.come();
        }
        (hot.came, hot.hits) = (0, 0);
        hot
    }

    fn come(&mut self) {
        let before = self.gate.counters().hits;
        for _ in 0..AT_ONCE {
            let (token, user) = &self.clients[self.next];
            assert_eq!(bring(self.gate, token), *user);
            self.next = (self.next + 1) % self.clients.len();
        }
        self.hits += self.gate.counters().hits - before;
        self.came += AT_ONCE;
    }

    /// After how many others some of them have to come, so that `gap` others come between two times that one
    /// of them does.
    fn pace(&self, gap: u64) -> u64 {
        (gap * AT_ONCE / self.clients.len() as u64).max(1)
    }

    fn hit_share(&self) -> f64 {
        self.hits as f64 / self.came as f64
    }

    fn assert_kept(&self, what: &str) {
        say(&format!("{what}: {:.3} % of {} were hits", 100. * self.hit_share(), self.came));
        assert!(self.came > self.clients.len() as u64, "{what}: each came");
        assert!(self.hit_share() > KEPT, "{what}: {} of {} were hits", self.hits, self.came);
    }
}

/// Past the test runner's own lines.
fn say(line: &str) {
    let line = format!("adversary: {line}\n");
    std::io::stdout().write_all(line.as_bytes()).expect("stdout takes a line");
}
