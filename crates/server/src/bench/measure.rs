//! Times of contestants that run in turns, so that a drifting machine drifts for all.

use std::time::{Duration, Instant};

/// A round of one contestant takes about this long: clock reads vanish in it, drift does not hide, and
/// most rounds are over before other work on the machine gets its turn, so that the median leaves it
/// out.
const ROUND: Duration = Duration::from_micros(250);

/// One of those that take turns.
pub(super) trait Contestant {
    /// Takes so many steps. What it must do beside them does not count.
    fn run(&mut self, count: u32) -> Duration;

    /// Before a round of so many steps: those after the others' find the others' code and bytes in the
    /// caches, not its own.
    fn warm(&mut self, count: u32) {
        self.run(count / 4 + 1);
    }
}

impl<F: FnMut()> Contestant for F {
    fn run(&mut self, count: u32) -> Duration {
        let start = Instant::now();
        for _ in 0..count {
            self();
        }
        start.elapsed()
    }
}

/// Nanoseconds a step of each round, in the order of the rounds.
#[derive(Clone, Default)]
pub(super) struct Times(Vec<f64>);

impl Times {
    pub(super) fn push(&mut self, ns: f64) {
        self.0.push(ns);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn median(&self) -> f64 {
        self.of_hundred(50)
    }

    /// Of the rounds, not of single steps.
    pub(super) fn p95(&self) -> f64 {
        self.of_hundred(95)
    }

    /// Round by round: neighbours drift together.
    pub(super) fn less(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(ns, other)| ns - other).collect())
    }

    fn of_hundred(&self, part: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() * part / 100).copied().unwrap_or(f64::NAN)
    }
}

/// Runs every contestant once a round.
pub(super) fn times<const N: usize>(
    rounds: usize,
    mut contestants: [&mut dyn Contestant; N],
) -> [Times; N] {
    let mut times = [const { Times(Vec::new()) }; N];
    let mut counts = [0; N];
    for (contestant, count) in contestants.iter_mut().zip(&mut counts) {
        *count = calibrate(*contestant);
    }
    for _ in 0..rounds {
        for ((contestant, count), times) in contestants.iter_mut().zip(counts).zip(&mut times) {
            contestant.warm(count);
            times.push(per_step(contestant.run(count), count));
        }
    }
    times
}

/// The median nanoseconds of each.
pub(super) fn medians<const N: usize>(
    rounds: usize,
    contestants: [&mut dyn Contestant; N],
) -> [f64; N] {
    times(rounds, contestants).map(|times| times.median())
}

/// How many steps fill a round.
pub(super) fn calibrate(contestant: &mut dyn Contestant) -> u32 {
    let mut count = 1;
    while contestant.run(count) < ROUND {
        count *= 2;
    }
    count
}

pub(super) fn per_step(took: Duration, count: u32) -> f64 {
    took.as_nanos() as f64 / f64::from(count)
}
