//! (a) Good credentials, each of them new: an attacker who may sign, or a morning on which all come.
//!
//! How often hot ones come. A gate of two cores proves some 20,000 newcomers a second (RS256, one core).
//! With 10,000 hot clients of which each comes every 4 s, 80,000 newcomers come between two requests of one:
//! half of what the default cache holds. So hot ones here come once in half a cache of newcomers. Where
//! newcomers are seen once, hot ones once settled are not touched at all; it is a whole cache there, since
//! those that the first fill put out are remembered for so long.

use std::time::Instant;

use tollgate::Gate;

use super::{Hot, Scale, say};
use crate::town::{Town, bring};

/// The first newcomer's number: hot ones have those below.
const FROM: u64 = 1_000_000;

/// Caches of newcomers before anything is measured. At the first fill all that was seen again is in the small
/// queue, and leaves it at once: the main one turns over before hot ones can come, or one in 64 of them is
/// put out unseen. Whoever is lost then has to come twice to be hot again.
const SETTLING: u64 = 4;

/// `count` newcomers, each shown so often, hot ones between them: what became of the hot ones.
fn flood<'g>(
    gate: &'g Gate,
    town: &Town,
    scale: &Scale,
    (count, times): (u64, u32),
    gap: u64,
) -> Hot<'g> {
    let mut hot = Hot::new(gate, town, scale.hot());
    let pace = hot.pace(gap);
    let settled = SETTLING * scale.capacity().max(gap);
    for n in 0..settled + count {
        if n == settled {
            say(&format!("{:.3} % of hot ones were hits at first", 100. * hot.hit_share()));
            (hot.came, hot.hits) = (0, 0);
        }
        let token = town.token(FROM + n);
        for _ in 0..times {
            assert_eq!(bring(gate, &token), town.user(FROM + n));
        }
        if n % pace == pace - 1 {
            hot.come();
            let bytes = gate.counters().bytes;
            assert!(bytes <= scale.cache_bytes, "{bytes} bytes after {n} newcomers");
        }
    }
    hot
}

fn keeps_hot_ones(what: &str, times: u32, gap_of: impl Fn(u64) -> u64) {
    let (scale, town) = (Scale::given(), Town::new());
    let gate = town.gate(scale.cache_bytes);
    let start = Instant::now();
    let gap = gap_of(scale.capacity());
    let hot = flood(&gate, &town, &scale, (scale.newcomers, times), gap);
    let counters = gate.counters();
    say(&format!(
        "{} newcomers {what} in {:.1} s, {} hot ones, a gap of {gap}: {} entries, {} bytes, \
         {} evicted, {} not kept",
        scale.newcomers,
        start.elapsed().as_secs_f64(),
        scale.hot(),
        counters.entries,
        counters.bytes,
        counters.evicted,
        counters.not_kept,
    ));
    hot.assert_kept(what);
    // The flood was one.
    let floods = counters.evicted / scale.capacity();
    assert!(floods >= 8, "{} of {} evicted", counters.evicted, scale.capacity());
}

#[test]
fn newcomers_seen_once_push_nobody_out() {
    keeps_hot_ones("seen once", 1, |capacity| capacity);
}

#[test]
fn newcomers_seen_three_times_push_out_nobody_who_comes() {
    keeps_hot_ones("seen three times", 3, |capacity| capacity / 2);
}

/// Not a promise but a measurement, of the whole only: how rarely hot ones may come.
#[test]
fn where_hot_ones_begin_to_be_lost() {
    let (scale, town) = (Scale::given(), Town::new());
    if !scale.is_whole() {
        return;
    }
    // A tenth of the default: what is measured is a ratio.
    let scale = Scale { cache_bytes: scale.cache_bytes / 10, ..scale };
    for times in [1, 3] {
        for percent in [50, 75, 85, 90, 95, 100, 110, 125, 150, 200, 400, 1_000] {
            let gate = town.gate(scale.cache_bytes);
            let gap = scale.capacity() * percent / 100;
            let count = 8 * scale.capacity().max(gap);
            let hot = flood(&gate, &town, &scale, (count, times), gap);
            say(&format!(
                "seen {times} times, {percent} % of the cache between two times: {:.3} % hits",
                100. * hot.hit_share()
            ));
        }
    }
}
