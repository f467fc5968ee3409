//! Times of contestants that run in turns, so that a drifting machine drifts for all.

use std::time::{Duration, Instant};

/// A round of one contestant takes about this long: clock reads vanish in it, drift does not hide, and
/// most rounds are over before other work on the machine gets its turn, so that the median leaves it
/// out.
const ROUND: Duration = Duration::from_micros(250);

/// Runs every contestant once a round and gives the median nanoseconds of each.
pub(super) fn medians<const N: usize>(
    rounds: usize,
    mut contestants: [&mut dyn FnMut(); N],
) -> [f64; N] {
    let mut times = [const { Vec::new() }; N];
    let mut counts = [0; N];
    for (contestant, count) in contestants.iter_mut().zip(&mut counts) {
        *count = calibrate(contestant);
    }
    for _ in 0..rounds {
        for ((contestant, count), times) in contestants.iter_mut().zip(counts).zip(&mut times) {
            // The first call after the others' finds their code and data in the caches, not its own.
            contestant();
            times.push(time(contestant, count) / f64::from(count));
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    })
}

fn calibrate(contestant: &mut dyn FnMut()) -> u32 {
    let mut count = 1;
    loop {
        let took = time(contestant, count);
        if took >= ROUND.as_nanos() as f64 {
            return count;
        }
        count *= 2;
    }
}

fn time(contestant: &mut dyn FnMut(), count: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..count {
        contestant();
    }
    start.elapsed().as_nanos() as f64
}
