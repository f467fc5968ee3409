//! The outcome of the misses.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use serde::Serialize;
use tollgate::Algorithm;

use super::{FAST_JWT, FAST_JWT_HIT, TOKENS};
use crate::Failure;
use crate::contestant::{Contestant, Part};
use crate::jsonwebtoken;
use crate::report::whole;
use crate::rounds::Timing;

/// The peers in the order of the table.
const PEERS: [&str; 3] = [jsonwebtoken::NAME, FAST_JWT, FAST_JWT_HIT];

/// What one run measured.
#[derive(Serialize)]
pub struct Misses {
    rounds: usize,
    tokens: usize,
    algorithms: Vec<Row>,
}

/// What it measured of one algorithm; all times are nanoseconds of one check.
#[derive(Serialize)]
pub struct Row {
    algorithm: &'static str,
    token_bytes: usize,
    /// The fastest for this algorithm.
    raw_library: &'static str,
    raw_ns: u64,
    raw_p95_ns: u64,
    check_ns: u64,
    check_p95_ns: u64,
    over_raw_ns: i64,
    limit_ns: u64,
    /// None for a peer without this algorithm, or left out.
    peers: BTreeMap<&'static str, Option<Peer>>,
}

#[derive(Serialize)]
struct Peer {
    /// The fastest for this algorithm, where the peer has a choice.
    #[serde(skip_serializing_if = "str::is_empty")]
    library: &'static str,
    ns: u64,
    p95_ns: u64,
    /// To the check of tollgate; above 1 the peer is slower.
    ratio: f64,
}

impl Misses {
    pub(super) fn new(rounds: usize, algorithms: Vec<Row>) -> Self {
        Self { rounds, tokens: TOKENS, algorithms }
    }

    /// One table.
    pub fn write_markdown(&self, out: &mut impl Write) -> Result<(), Failure> {
        let peers = PEERS.map(|name| format!("{name} | ratio |")).join(" ");
        writeln!(out, "### A token never seen\n")?;
        writeln!(out, "| algorithm | raw | check | over raw | limit | {peers}")?;
        writeln!(out, "|---|---|--:|--:|--:|{}", "--:|--:|".repeat(PEERS.len()))?;
        for row in &self.algorithms {
            writeln!(out, "{}", row.markdown()?)?;
        }
        writeln!(
            out,
            "\nNanoseconds of one check: median of {} rounds (95th percentile). Ratio: to \
            the check of tollgate. Limit: raw x 1.05 + 1500.\n",
            self.rounds
        )?;
        Ok(())
    }
}

impl Row {
    /// Of several contestants with one part, the fastest counts.
    pub(super) fn new(
        algorithm: Algorithm,
        token_bytes: usize,
        contestants: &[Contestant<'_>],
        timings: &[Timing],
    ) -> Result<Self, Failure> {
        let fastest = |part| {
            let all = contestants.iter().zip(timings).filter(|(who, _)| who.part == part);
            let best = all.min_by(|(_, one), (_, other)| one.median_ns.total_cmp(&other.median_ns));
            best.map(|(who, timing)| (who.library, timing))
        };
        let (raw_library, raw) = fastest(Part::Floor).ok_or("no library has this algorithm")?;
        let (_, check) = fastest(Part::Tollgate).ok_or("tollgate was not measured")?;
        let peer = |(library, timing): (&'static str, &Timing)| Peer {
            library,
            ns: whole(timing.median_ns),
            p95_ns: whole(timing.p95_ns),
            ratio: (timing.median_ns / check.median_ns * 1000.0).round() / 1000.0,
        };
        Ok(Self {
            algorithm: algorithm.name(),
            token_bytes,
            raw_library,
            raw_ns: whole(raw.median_ns),
            raw_p95_ns: whole(raw.p95_ns),
            check_ns: whole(check.median_ns),
            check_p95_ns: whole(check.p95_ns),
            over_raw_ns: (check.median_ns - raw.median_ns).round() as i64,
            limit_ns: whole(raw.median_ns * 1.05 + 1500.0),
            peers: PEERS.iter().map(|name| (*name, fastest(Part::Peer(name)).map(peer))).collect(),
        })
    }

    fn markdown(&self) -> Result<String, Failure> {
        let mut line = format!(
            "| {} | {} {} ({}) | {} ({}) | {} | {} |",
            self.algorithm,
            self.raw_library,
            self.raw_ns,
            self.raw_p95_ns,
            self.check_ns,
            self.check_p95_ns,
            self.over_raw_ns,
            self.limit_ns
        );
        for name in PEERS {
            match self.peers.get(name).and_then(Option::as_ref) {
                Some(Peer { library, ns, p95_ns, ratio }) => {
                    let space = if library.is_empty() { "" } else { " " };
                    write!(line, " {library}{space}{ns} ({p95_ns}) | {ratio:.2} |")?;
                }
                None => line.push_str(" - | - |"),
            }
        }
        Ok(line)
    }
}
