//! A token seen before, beside the comparison of its bytes (*floor*) and beside a plain table with the
//! same hash (*hash, compare*), from one token to a million.

use std::hash::{BuildHasher, RandomState};
use std::hint::black_box;

use serde_json::{Map, Value};
use tollgate::Algorithm;
use tollgate_table::{Limits, Table, pin};

use super::machine::free_bytes;
use super::measure::{Times, times};
use super::presented::{Set, Walk};
use super::progress::Bar;
use super::report::{self, Report, at_least, at_most, number, whole};
use super::tokens::Mint;
use super::world::{World, admits, fill, room};
use crate::misuse::Misuse;

/// How many tokens are in use.
const COUNTS: [usize; 4] = [1, 4096, 100_000, 1_000_000];

pub(super) const STEPS: usize = COUNTS.len();

/// Whose judged bytes a second are reckoned.
const BUSY: usize = 4096;

/// As large as what the core remembers of a token.
#[derive(Clone, Copy)]
struct Facts([u64; 11]);

impl tollgate_table::Value for Facts {}

/// One number of tokens.
struct Hits {
    token_bytes: usize,
    floor: Times,
    /// The same where nobody has to find out where the stored bytes are.
    placed: Times,
    hit: Times,
    plain: Times,
    over: Times,
    patch_ns: f64,
}

/// What a hit may cost beside its floor.
pub(super) fn goal_ns(floor_ns: f64) -> f64 {
    (floor_ns + 50.0).max(floor_ns * 1.4)
}

pub(super) fn measure(rounds: usize, bar: &Bar) -> Result<Report, Misuse> {
    let world = World::new(Algorithm::Hs256);
    let mut report = Report::default();
    let head = [
        "tokens",
        "place known ns (p95)",
        "floor (p95)",
        "hash, compare (p95)",
        "hit (p95)",
        "over",
        "goal",
        "",
    ];
    let mut table = report::Table::new(
        "a hit: a token seen before, beside memcmp of its bytes (floor: with one of the stored boxes, by its \
         number; place known: the box's address at hand; medians; p95 of rounds)",
        &head,
    );
    let mut names: [Map<String, Value>; 8] = Default::default();
    for count in COUNTS {
        let name = whole(count);
        bar.step(&format!("hits: {name} tokens"));
        if let Err(why) = fits(count) {
            table.note(format!("{name} tokens: left out: {why}"));
            continue;
        }
        let hits = measure_one(&world, count, rounds)?;
        let [floor, plain, hit] = [&hits.floor, &hits.plain, &hits.hit].map(Times::median);
        let [floor_p95, plain_p95, hit_p95] = [&hits.floor, &hits.plain, &hits.hit].map(Times::p95);
        let placed = hits.placed.median();
        let both = |median, p95| format!("{} ({})", number(median), number(p95));
        table.row([
            name,
            both(placed, hits.placed.p95()),
            both(floor, floor_p95),
            both(plain, plain_p95),
            both(hit, hit_p95),
            number(hits.over.median()),
            number(goal_ns(floor)),
            at_most(hit, goal_ns(floor)),
        ]);
        let figures = [floor, plain, hit, floor_p95, plain_p95, hit_p95, hits.patch_ns, placed];
        for (names, figure) in names.iter_mut().zip(figures) {
            names.insert(count.to_string(), figure.into());
        }
        if count == BUSY {
            let gbit = hits.token_bytes as f64 * 8.0 / hit;
            report.name("hit_gbit_per_core", gbit);
            report.name("token_bytes", hits.token_bytes);
            table.note(format!(
                "{} Gbit/s of tokens of {} bytes by one core at {} tokens; goal 100: {}",
                number(gbit),
                whole(hits.token_bytes),
                whole(BUSY),
                at_least(gbit, 100.0),
            ));
        }
    }
    let called = [
        "floor_ns",
        "hash_compare_ns",
        "hit_ns",
        "floor_p95_ns",
        "hash_compare_p95_ns",
        "hit_p95_ns",
        "patch_ns",
        "place_known_ns",
    ];
    for (name, names) in called.into_iter().zip(names) {
        report.name(name, names);
    }
    report.tables.push(table);
    Ok(report)
}

/// The stored tokens stand in three places: in the gate, in the plain table, and in boxes.
fn fits(count: usize) -> Result<(), String> {
    const EACH: u64 = 3 * 1700;
    let needed = count as u64 * EACH + (256 << 20);
    match free_bytes() {
        Some(free) if free < needed => {
            let (needed, free) = (needed >> 20, free >> 20);
            Err(format!("{needed} MiB of memory are needed, and {free} MiB are free"))
        }
        _ => Ok(()),
    }
}

fn measure_one(world: &World, count: usize, rounds: usize) -> Result<Hits, Misuse> {
    let set = Set::new(Mint::new(&world.tenant)?.tokens(0..count as u64))?;
    let room = room(count, set.token_bytes());
    let gate = world.gate(room)?;
    fill(&gate, &set.stored)?;
    let (table, secret) = plain_table(&set, room)?;

    let mut patch = Walk::new(&set, 1, |_, bytes| !black_box(bytes).is_empty());
    // A comparison of slices is one call of libc's bcmp (memcmp), whatever the optimiser knows: seen in
    // the machine code of this very closure.
    let mut floor = Walk::new(&set, 2, |(number, _), bytes| *set.stored[number] == *bytes);
    let mut placed = Walk::new(&set, 5, |(_, stored), bytes| stored == bytes);
    let mut hit = Walk::new(&set, 3, |_, bytes| admits(&gate, bytes));
    let mut plain = Walk::new(&set, 4, |_, bytes| {
        let pin = pin();
        table.get(&pin, hash(&secret, bytes), bytes).is_some_and(|facts| black_box(facts.0[3]) == 3)
    });
    let misses = gate.counters().misses;
    let [patch_times, floor_times, hit_times, plain_times, placed_times] =
        times(rounds, [&mut patch, &mut floor, &mut hit, &mut plain, &mut placed]);
    let missed = floor.missed
        + placed.missed
        + hit.missed
        + plain.missed
        + (gate.counters().misses - misses);
    if missed > 0 {
        return Err(Misuse::new(format!("{missed} of the bench's hits were none: a bug")));
    }
    let hit = hit_times.less(&patch_times);
    let floor = floor_times.less(&patch_times);
    Ok(Hits {
        token_bytes: set.token_bytes(),
        over: hit.less(&floor),
        plain: plain_times.less(&patch_times),
        placed: placed_times.less(&patch_times),
        hit,
        floor,
        patch_ns: patch_times.median(),
    })
}

fn plain_table(set: &Set, room: usize) -> Result<(Table<Facts>, [u64; 4]), Misuse> {
    let random = RandomState::new();
    let secret = [1, 2, 3, 4].map(|word| random.hash_one(word));
    let table = Table::new(Limits::new(room, set.token_bytes() + size_of::<Facts>()))
        .ok_or_else(|| Misuse::new("there is no memory for the bench's table"))?;
    for token in &set.stored {
        if !table.insert(hash(&secret, token), token, Facts([3; 11]), 0).is_kept() {
            return Err(Misuse::new("the bench's table is full: a bug"));
        }
    }
    Ok((table, secret))
}

/// Of the last 16 bytes and the length, under a secret, as the core's.
#[inline]
fn hash([first, second, third, fourth]: &[u64; 4], bytes: &[u8]) -> u64 {
    let tail = bytes.last_chunk::<16>().copied().unwrap_or_default();
    let both = u128::from_le_bytes(tail);
    let folded = fold(both as u64 ^ first, (both >> 64) as u64 ^ second);
    fold(folded ^ third, bytes.len() as u64 ^ fourth)
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}
