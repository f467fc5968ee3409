//! The outcome of the hits.

use std::io::Write;

use serde::Serialize;

use super::ALGORITHM;
use crate::Failure;
use crate::contestant::Part;
use crate::report::{grouped, tenth};
use crate::rounds::Timing;
use crate::sample::Sample;

/// What one run measured.
#[derive(Serialize)]
pub struct Hits {
    rounds: usize,
    algorithm: &'static str,
    token_bytes: usize,
    /// By how many tokens were seen.
    pub sets: Vec<Set>,
}

/// With so many tokens seen.
#[derive(Serialize)]
pub struct Set {
    pub tokens: usize,
    pub contestants: Vec<Row>,
}

/// All times are nanoseconds of one check.
#[derive(Serialize)]
pub struct Row {
    pub name: &'static str,
    pub ns: f64,
    p95_ns: f64,
    /// The median of what each round took longer than the floor's.
    over_floor_ns: f64,
    /// To tollgate; above 1 the peer is slower.
    ratio: f64,
    #[serde(skip)]
    pub part: Part,
}

impl Set {
    pub(super) fn new<'t>(
        tokens: usize,
        rows: impl Iterator<Item = (Part, &'t Timing)> + Clone,
        floor: &Timing,
    ) -> Self {
        let ours = rows.clone().find(|(part, _)| *part == Part::Tollgate);
        let ours_ns = ours.map_or(f64::NAN, |(_, timing)| timing.median_ns);
        let row = |(part, timing): (Part, &Timing)| Row {
            name: part.name(),
            ns: tenth(timing.median_ns),
            p95_ns: tenth(timing.p95_ns),
            over_floor_ns: tenth(timing.median_over(floor)),
            ratio: (timing.median_ns / ours_ns * 1000.0).round() / 1000.0,
            part,
        };
        Self { tokens, contestants: rows.map(row).collect() }
    }

    /// Of this part, if it was measured.
    pub fn ns(&self, part: Part) -> Option<f64> {
        Some(self.contestants.iter().find(|row| row.part == part)?.ns)
    }
}

impl Hits {
    pub(super) fn new(rounds: usize, sample: &Sample, sets: Vec<Set>) -> Self {
        let token_bytes = sample.tokens.first().map_or(0, String::len);
        Self { rounds, algorithm: ALGORITHM.name(), token_bytes, sets }
    }

    /// Nanoseconds of tollgate with so many seen.
    pub fn ours_ns(&self, tokens: usize) -> Option<f64> {
        self.sets.iter().find(|set| set.tokens == tokens)?.ns(Part::Tollgate)
    }

    /// One table: a line for each contestant, which all sets have alike.
    pub fn write_markdown(&self, out: &mut impl Write) -> Result<(), Failure> {
        writeln!(out, "### A token seen before\n")?;
        write!(out, "| tokens |")?;
        for set in &self.sets {
            write!(out, " {} | over the floor | ratio |", grouped(set.tokens as f64))?;
        }
        writeln!(out, "\n|---|{}", "--:|--:|--:|".repeat(self.sets.len()))?;
        let names = self.sets.first().map(|set| set.contestants.as_slice()).unwrap_or_default();
        for (line, Row { name, part, .. }) in names.iter().enumerate() {
            write!(out, "| {name} |")?;
            for set in &self.sets {
                let Row { ns, p95_ns, over_floor_ns, ratio, .. } = &set.contestants[line];
                write!(out, " {} ({}) |", grouped(*ns), grouped(*p95_ns))?;
                match part {
                    Part::Floor => write!(out, " | |")?,
                    Part::Tollgate => write!(out, " {} | |", grouped(*over_floor_ns))?,
                    Part::Peer(_) => write!(out, " {} | {ratio:.2} |", grouped(*over_floor_ns))?,
                }
            }
            writeln!(out)?;
        }
        writeln!(
            out,
            "\nNanoseconds of one check: median of {} rounds (95th percentile). Tokens of {} \
            bytes, signed by {}. Floor: memcmp of what is presented with what is stored. Ratio: to \
            tollgate. jsonwebtoken remembers nothing.\n",
            self.rounds, self.token_bytes, self.algorithm
        )?;
        Ok(())
    }
}
