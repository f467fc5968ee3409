//! Hits while new credentials arrive and trust moves: one thread asks and another storms.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tollgate::{Algorithm, Gate};

use super::machine::cores;
use super::presented::{Presented, Random, STAGED, Set};
use super::progress::Bar;
use super::report::{Report, Table, number, whole};
use super::tokens::Mint;
use super::world::{World, admits, fill};
use crate::misuse::Misuse;

pub(super) const STEPS: usize = 1;

/// How many tokens are hit.
const HOT: usize = 4096;

/// Some 21,000 tokens: the storm pushes others out all the time.
const CACHE_BYTES: usize = 32 << 20;

const INSERTS_PER_S: u64 = 20_000;

const SWAP_EVERY: Duration = Duration::from_millis(100);

/// Quiet and storm take turns of these.
const QUIET: Duration = Duration::from_millis(150);
const STORM: Duration = Duration::from_millis(450);

/// What the storm did.
#[derive(Default)]
struct Done {
    inserts: u64,
    swaps: u64,
    took: Duration,
}

/// Latencies of single hits, by the nanosecond.
pub(super) struct Latencies {
    counts: Vec<u32>,
    all: u64,
}

impl Latencies {
    /// What takes longer is the last.
    const LONGEST: usize = 1 << 18;

    pub(super) fn new() -> Self {
        Self { counts: vec![0; Self::LONGEST], all: 0 }
    }

    pub(super) fn push(&mut self, took: Duration) {
        self.counts[(took.as_nanos() as usize).min(Self::LONGEST - 1)] += 1;
        self.all += 1;
    }

    /// That of this part of all, in a thousand.
    pub(super) fn of_thousand(&self, part: u64) -> f64 {
        let (wanted, mut seen) = (self.all * part / 1000, 0);
        let place = self.counts.iter().position(|count| {
            seen += u64::from(*count);
            seen > wanted
        });
        place.unwrap_or(0) as f64
    }
}

pub(super) fn measure(turns: usize, bar: &Bar) -> Result<Report, Misuse> {
    bar.step("hits in a storm");
    let mut report = Report::default();
    let head = ["single hits", "median ns", "p99", "p99.9", "p99.9 over quiet median"];
    let mut table =
        Table::new("hits under a storm of insertions and swaps, clock taken off", &head);
    if cores() < 2 {
        table.note("left out: this machine runs one thread at once");
        report.tables.push(table);
        return Ok(report);
    }
    let world = World::new(Algorithm::Hs256);
    let mint = Mint::new(&world.tenant)?;
    let set = Set::new(mint.tokens(0..HOT as u64))?;
    let gate = world.gate(CACHE_BYTES)?;
    fill(&gate, &set.stored)?;
    let mut presented = Presented::new(&set);
    let mut random = Random(1);
    // The cache is at its bound before anything is measured; what is hit was seen again by then.
    let mut next = HOT as u64;
    ask(&gate, &mut presented, &mut random, &mut Latencies::new(), &|| false);
    for _ in 0..2 * CACHE_BYTES as u64 / set.token_bytes() as u64 {
        admits(&gate, &mint.token(next));
        next += 1;
    }
    for token in &set.stored {
        admits(&gate, token);
    }

    let (mut quiet, mut stormy) = (Latencies::new(), Latencies::new());
    let mut done = Done::default();
    for _ in 0..turns {
        let end = Instant::now() + QUIET;
        ask(&gate, &mut presented, &mut random, &mut quiet, &|| Instant::now() < end);
        let is_over = AtomicBool::new(false);
        let part = thread::scope(|scope| {
            let storm = scope.spawn(|| storm(&world, &mint, &gate, next, &is_over));
            let end = Instant::now() + STORM;
            ask(&gate, &mut presented, &mut random, &mut stormy, &|| Instant::now() < end);
            is_over.store(true, Ordering::Release);
            storm.join().map_err(|_| Misuse::new("the bench's storm panicked: a bug"))
        })??;
        next += part.inserts;
        done.inserts += part.inserts;
        done.swaps += part.swaps;
        done.took += part.took;
    }
    let clock = clock();
    let of = |latencies: &Latencies, part| (latencies.of_thousand(part) - clock).max(1.0);
    let median = of(&quiet, 500);
    for (name, latencies) in [("quiet", &quiet), ("storm", &stormy)] {
        let p999 = of(latencies, 999);
        table.row([
            format!("{name}: {} of {} tokens", whole(latencies.all as usize), whole(HOT)),
            number(of(latencies, 500)),
            number(of(latencies, 990)),
            number(p999),
            number(p999 / median),
        ]);
    }
    let seconds = done.took.as_secs_f64();
    let (inserts_per_s, swaps_per_s) = (done.inserts as f64 / seconds, done.swaps as f64 / seconds);
    table.note(format!(
        "storm: {} insertions and {} swaps a second, by another thread; a clock read of {clock} ns is taken \
         off each hit",
        number(inserts_per_s),
        number(swaps_per_s),
    ));
    report.name("hit_under_storm_p999_over_quiet_median", of(&stormy, 999) / median);
    report.name("hit_quiet_p999_over_quiet_median", of(&quiet, 999) / median);
    report.name("hit_under_storm_p999_ns", of(&stormy, 999));
    report.name("hit_under_storm_median_ns", of(&stormy, 500));
    report.name("hit_quiet_median_ns", median);
    report.name("storm_inserts_per_s", inserts_per_s);
    report.name("storm_swaps_per_s", swaps_per_s);
    report.tables.push(table);
    Ok(report)
}

/// Hits one after the other, each with a clock read on either side; at least all tokens once.
fn ask(
    gate: &Gate,
    presented: &mut Presented<'_>,
    random: &mut Random,
    latencies: &mut Latencies,
    goes_on: &dyn Fn() -> bool,
) {
    let mut order = random.order(HOT);
    loop {
        for numbers in order.chunks(STAGED) {
            presented.stage(numbers.iter().copied());
            presented.walk(|_, bytes| {
                let start = Instant::now();
                let found = black_box(admits(gate, bytes));
                latencies.push(start.elapsed());
                found
            });
        }
        if !goes_on() {
            return;
        }
        order = random.order(HOT);
    }
}

/// What two clock reads take with nothing between them.
pub(super) fn clock() -> f64 {
    let mut latencies = Latencies::new();
    for _ in 0..100_000 {
        let start = Instant::now();
        latencies.push(start.elapsed());
    }
    latencies.of_thousand(500)
}

/// New credentials at their rate, and now and then a list that moves. What a swap holds up is made up
/// for.
fn storm(
    world: &World,
    mint: &Mint<'_>,
    gate: &Gate,
    from: u64,
    is_over: &AtomicBool,
) -> Result<Done, Misuse> {
    let (start, mut done) = (Instant::now(), Done::default());
    while !is_over.load(Ordering::Acquire) {
        let took = start.elapsed();
        if took >= SWAP_EVERY * (done.swaps as u32 + 1) {
            done.swaps += 1;
            world.swap(gate, done.swaps as usize)?;
        }
        let due = took.as_micros() as u64 * INSERTS_PER_S / 1_000_000;
        // Few at once, so that a swap's arrears do not come as one burst.
        for _ in done.inserts..due.min(done.inserts + 4) {
            admits(gate, &mint.token(from + done.inserts));
            done.inserts += 1;
        }
        std::hint::spin_loop();
    }
    done.took = start.elapsed();
    Ok(done)
}
