//! Turn by turn: each round times one batch of every contestant, so that a clock that drifts or a
//! neighbour on the machine hits all of them alike.

use std::time::{Duration, Instant};

use crate::Failure;
use crate::contestant::Contestant;

/// Nanoseconds of one check.
#[derive(Clone, Copy)]
pub struct Timing {
    /// Median of the rounds.
    pub median_ns: f64,
    /// 95th percentile of the rounds.
    pub p95_ns: f64,
}

/// How long a batch shall take: ten thousand times what reading the clock does, and short enough
/// that most batches are over before the scheduler gives the core to somebody else.
const BATCH_NS: f64 = 2e6;

/// How long each contestant runs unmeasured; node compiles its hot code in this time.
const WARM_UP: Duration = Duration::from_secs(1);

/// The timing of each contestant, in their order.
pub fn measure(contestants: &mut [Contestant], rounds: usize) -> Result<Vec<Timing>, Failure> {
    let batches = contestants.iter_mut().map(warm_up).collect::<Result<Vec<_>, _>>()?;
    let mut times = vec![Vec::with_capacity(rounds); contestants.len()];
    for round in 0..rounds {
        for turn in 0..contestants.len() {
            // To and fro, so that nobody always runs on what the same neighbour left in the caches.
            let who = if round % 2 == 0 { turn } else { contestants.len() - 1 - turn };
            times[who].push(contestants[who].time(batches[who])?);
        }
    }
    Ok(times.into_iter().map(Timing::of).collect())
}

impl Timing {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_unstable_by(f64::total_cmp);
        // Nearest rank: a time that was measured, not one between two.
        let rank = |percent: usize| times[(times.len() * percent).div_ceil(100) - 1];
        Self { median_ns: rank(50), p95_ns: rank(95) }
    }
}

/// Runs it until it is warm: how many checks make a batch.
fn warm_up(contestant: &mut Contestant) -> Result<u32, Failure> {
    let start = Instant::now();
    let mut checks = 1;
    loop {
        checks = (BATCH_NS / contestant.time(checks)?).ceil() as u32;
        if start.elapsed() >= WARM_UP {
            return Ok(checks);
        }
    }
}
