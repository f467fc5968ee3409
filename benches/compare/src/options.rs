//! What the command line asks for.

use std::path::PathBuf;
use std::time::Duration;

use crate::Failure;
use crate::rounds::Pace;

const USAGE: &str = "usage: tollgate-compare [--json] [--quick] [--rounds N] [--svg FILE] \
                     [--only miss|hit|threads|envoy]...";

/// A part of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    Miss,
    Hit,
    Threads,
    Envoy,
}

/// As given.
pub struct Options {
    /// An object instead of tables.
    pub json: bool,
    /// Where the hits are drawn.
    pub svg: Option<PathBuf>,
    quick: bool,
    rounds: Option<usize>,
    only: Vec<Measure>,
}

impl Options {
    pub fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options =
            Self { json: false, svg: None, quick: false, rounds: None, only: Vec::new() };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--json" => options.json = true,
                "--quick" => options.quick = true,
                "--svg" => options.svg = Some(args.next().ok_or(USAGE)?.into()),
                "--only" => options.only.push(measure(&args.next().ok_or(USAGE)?)?),
                "--rounds" => {
                    let rounds = args.next().and_then(|rounds| rounds.parse().ok());
                    options.rounds = Some(rounds.filter(|rounds| *rounds > 0).ok_or(USAGE)?);
                }
                _ => return Err(USAGE.into()),
            }
        }
        if options.svg.is_some() && !options.wants(Measure::Hit) {
            return Err("--svg draws the hits: measure them too".into());
        }
        Ok(options)
    }

    /// Whether this is to be measured.
    pub fn wants(&self, measure: Measure) -> bool {
        self.only.is_empty() || self.only.contains(&measure)
    }

    /// To look whether all of it works, a hundredth of a second for each contestant is enough.
    pub fn pace(&self) -> Pace {
        let rounds = self.rounds.unwrap_or(if self.quick { 20 } else { 500 });
        let warm_up = Duration::from_millis(if self.quick { 200 } else { 1_000 });
        Pace { rounds, warm_up }
    }

    /// Turns of each of Envoy's listeners, and requests in one: some seconds, so that the kernel's
    /// ticks of 10 ms do not show.
    pub fn turns(&self) -> (usize, usize) {
        if self.quick { (3, 10_000) } else { (15, 100_000) }
    }
}

fn measure(name: &str) -> Result<Measure, Failure> {
    Ok(match name {
        "miss" => Measure::Miss,
        "hit" => Measure::Hit,
        "threads" => Measure::Threads,
        "envoy" => Measure::Envoy,
        _ => return Err(USAGE.into()),
    })
}
