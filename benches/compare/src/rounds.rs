//! Turn by turn: each round times one batch of every contestant, so that a clock that drifts or a
//! neighbour on the machine hits all of them alike.

use std::time::{Duration, Instant};

use crate::Failure;
use crate::contestant::Contestant;

/// How long a batch shall take: ten thousand times what reading the clock does, and short enough
/// that most batches are over before the scheduler gives the core to somebody else.
const BATCH_NS: f64 = 2e6;

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Pace {
    /// Batches of each contestant.
    pub rounds: usize,
    /// How long each contestant runs unmeasured; node compiles its hot code in this time.
    pub warm_up: Duration,
}

/// The timing of each contestant, in their order.
pub fn measure(contestants: &mut [Contestant<'_>], pace: Pace) -> Result<Vec<Timing>, Failure> {
    let batches = contestants.iter_mut().map(|who| warm_up(who, pace.warm_up));
    let batches = batches.collect::<Result<Vec<_>, _>>()?;
    let mut times = vec![Vec::with_capacity(pace.rounds); contestants.len()];
    for round in 0..pace.rounds {
        for turn in 0..contestants.len() {
            // To and fro, so that nobody always runs on what the same neighbour left in the caches.
            let who = if round % 2 == 0 { turn } else { contestants.len() - 1 - turn };
            times[who].push(contestants[who].time(batches[who])?);
        }
    }
    Ok(times.into_iter().map(Timing::of).collect())
}

/// Nanoseconds of one check.
pub struct Timing {
    /// Median of the rounds.
    pub median_ns: f64,
    /// 95th percentile of the rounds.
    pub p95_ns: f64,
    /// Each round's, in their order.
    rounds: Vec<f64>,
}

impl Timing {
    fn of(rounds: Vec<f64>) -> Self {
        let mut sorted = rounds.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        Self { median_ns: rank(&sorted, 50), p95_ns: rank(&sorted, 95), rounds }
    }

    /// The median of what each round took longer than the other's did.
    pub fn median_over(&self, other: &Self) -> f64 {
        let pairs = self.rounds.iter().zip(&other.rounds);
        median(pairs.map(|(one, other)| one - other).collect())
    }
}

/// The median of these; NaN of none.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    if values.is_empty() { f64::NAN } else { rank(&values, 50) }
}

/// Nearest rank: a time that was measured, not one between two.
fn rank(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent).div_ceil(100) - 1]
}

/// Runs it until it is warm: how many checks make a batch.
fn warm_up(contestant: &mut Contestant<'_>, least: Duration) -> Result<u32, Failure> {
    let start = Instant::now();
    let mut checks = 1;
    loop {
        checks = (BATCH_NS / contestant.time(checks)?).ceil() as u32;
        if start.elapsed() >= least {
            return Ok(checks);
        }
    }
}
