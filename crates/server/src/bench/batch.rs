//! Many at once beside one by one: misses, which all cores share, and hits whose memory is cold.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tollgate::{Algorithm, Ask, Gate, Request, Verdict};

use super::machine::{cores, free_bytes};
use super::measure::Times;
use super::presented::Random;
use super::progress::Bar;
use super::report::{Report, Table, at_least, number};
use super::tokens::Mint;
use super::world::{ASK, NOW, World, admits, fill, room};
use crate::misuse::Misuse;

pub(super) const STEPS: usize = 2;

/// Requests of one batch.
const BATCH: usize = 10_000;

/// Tokens out of which the hits are drawn: many times what the caches hold.
const LARGE: usize = 200_000;

pub(super) fn measure(rounds: usize, bar: &Bar) -> Result<Report, Misuse> {
    let mut report = Report::default();
    let head = ["10,000 requests", "one by one ns", "batch ns", "batch x", "goal", ""];
    let mut table = Table::new("batches, ns a request (medians)", &head);
    let mut row = |name: &str, key: &str, [single, batch]: [Times; 2], goal: f64| {
        let over = single.median() / batch.median();
        let (single, batch) = (number(single.median()), number(batch.median()));
        table.row([name.into(), single, batch, number(over), number(goal), at_least(over, goal)]);
        report.name(key, over);
    };

    bar.step("batches: misses");
    let misses = misses(rounds.div_ceil(8))?;
    row("misses, RS256", "batch_miss_over_single", misses, 0.95 * cores() as f64);
    bar.step("batches: cold hits");
    // As `room` reckons, and the tokens themselves.
    let needed = 2 * LARGE as u64 * 1700;
    match free_bytes() {
        Some(free) if free < needed => table.note("cold hits: left out: too little memory is free"),
        _ => row("cold hits", "batch_hit_cold_over_single", cold_hits(rounds)?, 1.2),
    }
    report.tables.push(table);
    Ok(report)
}

/// Both ways over the same requests; each is a token and what is asked.
fn one_by_one(gate: &Gate, batch: &[(Request<'_>, Ask<'_>)]) -> (Duration, usize) {
    let start = Instant::now();
    let admitted =
        batch.iter().filter(|(request, ask)| gate.check(request, ask, NOW).is_admitted());
    let admitted = black_box(admitted.count());
    (start.elapsed(), admitted)
}

fn at_once(gate: &Gate, batch: &[(Request<'_>, Ask<'_>)]) -> (Duration, usize) {
    let start = Instant::now();
    let verdicts = gate.check_batch(batch, NOW);
    let admitted = black_box(verdicts.iter().filter(|verdict| is_admitted(verdict)).count());
    (start.elapsed(), admitted)
}

fn is_admitted(verdict: &Verdict<'_>) -> bool {
    verdict.is_admitted()
}

/// In turns; `batch` gives the tokens of the next one.
fn turns<'t>(
    gate: &Gate,
    rounds: usize,
    mut next: impl FnMut(&mut Vec<u8>) -> usize + 't,
) -> Result<[Times; 2], Misuse> {
    let mut times = [Times::default(), Times::default()];
    for round in 0..=rounds {
        for (way, times) in [one_by_one, at_once].into_iter().zip(&mut times) {
            let mut arena = Vec::new();
            let length = next(&mut arena);
            let tokens = arena.chunks_exact(length);
            let batch: Vec<_> = tokens.map(|token| (Request::token(token), ASK)).collect();
            let (took, admitted) = way(gate, &batch);
            if admitted != BATCH {
                return Err(Misuse::new("a token of the bench's batch is refused: a bug"));
            }
            // The first round makes the pool of threads.
            if round > 0 {
                times.push(took.as_nanos() as f64 / BATCH as f64);
            }
        }
    }
    Ok(times)
}

fn misses(rounds: usize) -> Result<[Times; 2], Misuse> {
    let world = World::new(Algorithm::Rs256);
    let tokens = Mint::new(&world.tenant)?.tokens(0..BATCH as u64);
    // It remembers nothing, so they are new each time.
    let gate = world.gate(0)?;
    turns(&gate, rounds, |arena| {
        tokens.iter().for_each(|token| arena.extend_from_slice(token));
        tokens[0].len()
    })
}

/// Neither the stored tokens nor the presented ones are in a cache: nobody has looked at them since the
/// last 10,000 others.
fn cold_hits(rounds: usize) -> Result<[Times; 2], Misuse> {
    let world = World::new(Algorithm::Hs256);
    let tokens = Mint::new(&world.tenant)?.tokens(0..LARGE as u64);
    let gate = world.gate(room(LARGE, tokens[0].len()))?;
    fill(&gate, &tokens)?;
    let mut random = Random(7);
    let misses = gate.counters().misses;
    let times = turns(&gate, rounds, |arena| {
        for _ in 0..BATCH {
            arena.extend_from_slice(&tokens[random.below(LARGE)]);
        }
        tokens[0].len()
    })?;
    debug_assert!(admits(&gate, &tokens[0]));
    match gate.counters().misses - misses {
        0 => Ok(times),
        misses => Err(Misuse::new(format!("{misses} of the bench's hits were none: a bug"))),
    }
}
