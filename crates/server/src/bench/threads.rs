//! Several threads that ask for the same tokens, beside as many that share nothing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tollgate::{Algorithm, Gate};

use super::machine::cores;
use super::measure::{Contestant, Times, calibrate, per_step};
use super::presented::{Set, Walk};
use super::progress::Bar;
use super::report::{Report, Table, at_least, number, whole};
use super::tokens::Mint;
use super::world::{World, admits, fill, room};
use crate::misuse::Misuse;

/// How many tokens are in use: one hot one, and as many as a busy gateway has.
const COUNTS: [usize; 2] = [1, 4096];

pub(super) const STEPS: usize = COUNTS.len();

/// A round counts where all threads ran at the same time for this part of the longest.
const OVERLAP: f64 = 0.9;

/// So few rounds say nothing.
const LEAST: usize = 25;

type Runner<'s> = Box<dyn Contestant + Send + 's>;

/// So many threads beside one.
struct Scaling {
    threads: usize,
    hit: Times,
    control: Times,
}

impl Scaling {
    fn new(threads: usize) -> Self {
        Self { threads, hit: Times::default(), control: Times::default() }
    }

    /// How much all of them do of what one alone does: as many as they are, if nothing holds them up.
    fn over(&self, one: &Self) -> (f64, f64) {
        let threads = self.threads as f64;
        let over = |all: &Times, one: &Times| threads * one.median() / all.median();
        (over(&self.hit, &one.hit), over(&self.control, &one.control))
    }

    fn counted(&self) -> usize {
        self.hit.len().min(self.control.len())
    }
}

pub(super) fn measure(rounds: usize, wanted: &[usize], bar: &Bar) -> Result<Report, Misuse> {
    let mut report = Report::default();
    let head = [
        "tokens",
        "threads",
        "rounds",
        "hit ns",
        "control ns",
        "hit x 1",
        "control x 1",
        "part",
        "",
    ];
    let mut table = Table::new(
        "threads: what several do together over one, beside memcmp that shares nothing (medians)",
        &head,
    );
    let can_run = |threads: &usize| (2..=cores()).contains(threads);
    let mut threads: Vec<usize> = wanted.iter().copied().chain([2]).filter(can_run).collect();
    threads.sort_unstable();
    threads.dedup();
    for more in wanted.iter().filter(|n| **n > cores()) {
        table.note(format!("{more} threads: left out: this machine runs {} at once", cores()));
    }
    let world = World::new(Algorithm::Hs256);
    let mut all = Vec::new();
    for count in COUNTS {
        bar.step(&format!("threads: {} tokens", whole(count)));
        let set = Set::new(Mint::new(&world.tenant)?.tokens(0..count as u64))?;
        let gate = world.gate(room(count, set.token_bytes()))?;
        fill(&gate, &set.stored)?;
        let (one, more) = scale(&set, &gate, &threads, rounds)?;
        for scaling in &more {
            write(&mut table, &mut report, count, (&one, scaling), &mut all);
        }
    }
    report.name("threads", Value::from(all));
    report.tables.push(table);
    Ok(report)
}

fn write(
    table: &mut Table,
    report: &mut Report,
    count: usize,
    (one, scaling): (&Scaling, &Scaling),
    all: &mut Vec<Value>,
) {
    let threads = scaling.threads;
    if scaling.counted() < LEAST {
        table.note(format!(
            "{} tokens, {threads} threads: left out: only {} rounds ran at the same time",
            whole(count),
            scaling.counted()
        ));
        return;
    }
    let (hit, control) = scaling.over(one);
    table.row([
        whole(count),
        threads.to_string(),
        scaling.counted().to_string(),
        format!("{}, 1: {}", number(scaling.hit.median()), number(one.hit.median())),
        format!("{}, 1: {}", number(scaling.control.median()), number(one.control.median())),
        number(hit),
        number(control),
        number(hit / control),
        if count == 1 { at_least(hit / control, 0.97) } else { String::new() },
    ]);
    all.push(json!({
        "tokens": count, "threads": threads, "rounds": scaling.counted(),
        "hit_over_1": hit, "control_over_1": control,
        "hit_ns": scaling.hit.median(), "hit_1_thread_ns": one.hit.median(),
        "control_ns": scaling.control.median(), "control_1_thread_ns": one.control.median(),
        "hit_p95_ns": scaling.hit.p95(), "control_p95_ns": scaling.control.p95(),
    }));
    if count == 1 && threads == 2 {
        report.name("hit_one_token_2_threads_over_1", hit);
        report.name("control_2_threads_over_1", control);
    }
}

/// Compares bytes that no other thread reads.
fn control(seed: u64, set: &Set) -> Runner<'_> {
    Box::new(Walk::new(set, seed, |(number, _), bytes| *set.stored[number] == *bytes))
}

/// One thread, and the others, in turns.
fn scale(
    set: &Set,
    gate: &Gate,
    threads: &[usize],
    rounds: usize,
) -> Result<(Scaling, Vec<Scaling>), Misuse> {
    let most = threads.last().copied().unwrap_or(1);
    // What shares nothing has bytes of its own.
    let own: Vec<Set> =
        (0..most).map(|_| Set::new(set.stored.clone())).collect::<Result<_, _>>()?;
    let seeds = 1..=most as u64;
    let hit =
        |seed| -> Runner<'_> { Box::new(Walk::new(set, seed, |_, bytes| admits(gate, bytes))) };
    let mut hits: Vec<_> = seeds.clone().map(hit).collect();
    let mut controls: Vec<_> = seeds.zip(&own).map(|(seed, set)| control(seed, set)).collect();
    let misses = gate.counters().misses;
    // Twice a round's work: threads do not start on the nanosecond.
    let hit_count = 2 * calibrate(hits[0].as_mut());
    let control_count = 2 * calibrate(controls[0].as_mut());

    let mut one = Scaling::new(1);
    let mut more: Vec<_> = threads.iter().copied().map(Scaling::new).collect();
    for _ in 0..rounds {
        for scaling in std::iter::once(&mut one).chain(&mut more) {
            let Scaling { threads, hit, control } = scaling;
            for (times, runners, count) in
                [(control, &mut controls, control_count), (hit, &mut hits, hit_count)]
            {
                if let Some(longest) = together(&mut runners[..*threads], count) {
                    times.push(per_step(longest, count));
                }
            }
        }
    }
    match gate.counters().misses - misses {
        0 => Ok((one, more)),
        misses => Err(Misuse::new(format!("{misses} of the bench's hits were none: a bug"))),
    }
}

/// The longest of those that ran at the same time, if they did.
fn together(runners: &mut [Runner<'_>], count: u32) -> Option<Duration> {
    let (here, all) = (AtomicUsize::new(0), runners.len());
    let lap = |runner: &mut Runner<'_>| {
        runner.warm(count);
        here.fetch_add(1, Ordering::AcqRel);
        while here.load(Ordering::Acquire) < all {
            std::hint::spin_loop();
        }
        let start = Instant::now();
        let took = runner.run(count);
        (start, Instant::now(), took)
    };
    let (first, others) = runners.split_first_mut()?;
    let laps: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = others.iter_mut().map(|runner| scope.spawn(|| lap(runner))).collect();
        let own = lap(first);
        others.into_iter().filter_map(|other| other.join().ok()).chain([own]).collect()
    });
    let longest = laps.iter().map(|(start, end, _)| *end - *start).max()?;
    let first_end = laps.iter().map(|(_, end, _)| *end).min()?;
    let last_start = laps.iter().map(|(start, ..)| *start).max()?;
    let overlap = first_end.saturating_duration_since(last_start);
    let longest_run = laps.iter().map(|(_, _, took)| *took).max();
    longest_run.filter(|_| overlap >= longest.mul_f64(OVERLAP))
}
