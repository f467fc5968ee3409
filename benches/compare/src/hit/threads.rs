//! One token that all ask for: two threads beside one.
//!
//! What shares nothing is as fast with two. A round in which the two did not run at the same time
//! says nothing of that, and on a busy machine many are such; so only those count in which they
//! did for nine tenths of the longer one.

use std::hint::spin_loop;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::local;
use super::received::Local;
use crate::Failure;
use crate::contestant::Part;
use crate::report::{grouped, tenth};
use crate::rounds::median;
use crate::sample::Sample;

/// How long each thread shall run: long beside its start, short beside the scheduler's slices.
const LAP: Duration = Duration::from_millis(1);

/// What one run measured.
#[derive(Serialize)]
pub struct Threads {
    rounds: usize,
    contestants: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: &'static str,
    one_ns: f64,
    /// None where no round counted.
    two_ns: Option<f64>,
    one_over_two: Option<f64>,
    /// Of two threads, those that counted.
    rounds: usize,
}

/// All contestants in this process, in turns.
pub fn measure_threads(sample: &Sample, rounds: usize) -> Result<Threads, Failure> {
    // Twice, so that the floor has bytes of its own for each thread and shares nothing.
    let token = sample.tokens.first().ok_or("the sample is empty")?;
    let tokens = [token.clone(), token.clone()];
    let contestants = local::contestants(sample, &tokens)?;
    eprintln!("compare: one token, two threads: {rounds} rounds");
    let mut laps = Vec::new();
    for (_, contestant) in &contestants {
        laps.push(checks_of_a_lap(&**contestant, token)?);
    }
    let mut times = vec![(Vec::new(), Vec::new()); contestants.len()];
    for _ in 0..rounds {
        for (((_, contestant), checks), (one, two)) in contestants.iter().zip(&laps).zip(&mut times)
        {
            one.extend(round(&**contestant, token, *checks, 1)?);
            two.extend(round(&**contestant, token, *checks, 2)?);
        }
    }
    let rows =
        contestants.iter().zip(times).map(|((part, _), (one, two))| Row::new(*part, one, two));
    Ok(Threads { rounds, contestants: rows.collect() })
}

/// How many checks fill a lap, once it is warm.
fn checks_of_a_lap(contestant: &dyn Local, token: &str) -> Result<u32, Failure> {
    let mut checks = 64;
    for _ in 0..20 {
        let Some(ns) = round(contestant, token, checks, 1)? else { continue };
        checks = (LAP.as_nanos() as f64 / ns).ceil() as u32;
    }
    Ok(checks)
}

/// Nanoseconds of one check by the slowest thread; `None` if they did not run at the same time.
fn round(
    contestant: &dyn Local,
    token: &str,
    checks: u32,
    threads: usize,
) -> Result<Option<f64>, Failure> {
    let here = AtomicUsize::new(0);
    let refused = AtomicBool::new(false);
    let lap = |thread: usize| {
        let own = token.as_bytes().to_vec();
        let mut passed = contestant.run(thread, &own, checks / 16 + 1);
        here.fetch_add(1, Ordering::AcqRel);
        while here.load(Ordering::Acquire) < threads {
            spin_loop();
        }
        let start = Instant::now();
        passed &= contestant.run(thread, &own, checks);
        let end = Instant::now();
        if !passed {
            refused.store(true, Ordering::Relaxed);
        }
        (start, end)
    };
    let laps = thread::scope(|scope| {
        let lap = &lap;
        let others = (1..threads).map(|thread| scope.spawn(move || lap(thread)));
        let others = others.collect::<Vec<_>>();
        let own = lap(0);
        let mut laps = vec![own];
        for other in others {
            laps.push(other.join().map_err(|_| "a thread ended early")?);
        }
        Ok::<_, Failure>(laps)
    })?;
    if refused.into_inner() {
        return Err("a good token was refused while two threads presented it".into());
    }
    Ok(longest_if_together(&laps).map(|lap| lap.as_secs_f64() * 1e9 / f64::from(checks)))
}

fn longest_if_together(laps: &[(Instant, Instant)]) -> Option<Duration> {
    let longest = laps.iter().map(|(start, end)| *end - *start).max()?;
    let first_end = laps.iter().map(|(_, end)| *end).min()?;
    let last_start = laps.iter().map(|(start, _)| *start).max()?;
    let together = first_end.saturating_duration_since(last_start);
    (together >= longest.mul_f64(0.9)).then_some(longest)
}

impl Row {
    fn new(part: Part, one: Vec<f64>, two: Vec<f64>) -> Self {
        let rounds = two.len();
        let one_ns = median(one);
        let two_ns = (rounds > 0).then(|| median(two));
        Self {
            name: if part == Part::Floor { "control (nothing shared)" } else { part.name() },
            one_ns: tenth(one_ns),
            two_ns: two_ns.map(tenth),
            one_over_two: two_ns.map(|two_ns| (one_ns / two_ns * 1000.0).round() / 1000.0),
            rounds,
        }
    }
}

impl Threads {
    /// One table.
    pub fn write_markdown(&self, out: &mut impl Write) -> Result<(), Failure> {
        writeln!(out, "### One token, two threads\n")?;
        writeln!(out, "| | 1 thread | 2 threads | 1 over 2 | rounds that count |")?;
        writeln!(out, "|---|--:|--:|--:|--:|")?;
        for Row { name, one_ns, two_ns, one_over_two, rounds } in &self.contestants {
            let [two_ns, ratio] = [two_ns.map(grouped), one_over_two.map(|r| format!("{r:.2}"))]
                .map(|figure| figure.unwrap_or("-".to_owned()));
            writeln!(out, "| {name} | {} | {two_ns} | {ratio} | {rounds} |", grouped(*one_ns))?;
        }
        writeln!(
            out,
            "\nNanoseconds of one check by one thread: median of the rounds, {}, in which both ran \
            at the same time for nine tenths.\n",
            self.rounds
        )?;
        Ok(())
    }
}
