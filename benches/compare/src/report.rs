//! The outcome, as a table or as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write;

use serde::Serialize;
use tollgate::Algorithm;

use crate::Failure;
use crate::contestant::{Contestant, Part};
use crate::fast_jwt::{self, FastJwt};
use crate::local::JSONWEBTOKEN;
use crate::rounds::Timing;
use crate::sample::TOKENS;

/// The peers in the order of the table.
const PEERS: [&str; 3] = [JSONWEBTOKEN, fast_jwt::MISS, fast_jwt::HIT];

/// What one run measured.
#[derive(Serialize)]
pub struct Report {
    jsonwebtoken: String,
    fast_jwt: Option<String>,
    node: Option<String>,
    /// Why fast-jwt was left out.
    left_out: Option<String>,
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

impl Report {
    /// `fast_jwt` is why it was left out, where it was.
    pub fn new(rounds: usize, algorithms: Vec<Row>, fast_jwt: &Result<FastJwt, String>) -> Self {
        let versions = fast_jwt.as_ref().ok().map(|fast_jwt| &fast_jwt.versions);
        Self {
            jsonwebtoken: locked("jsonwebtoken").unwrap_or("of an unknown version").to_owned(),
            fast_jwt: versions.map(|versions| versions.fast_jwt.clone()),
            node: versions.map(|versions| versions.node.clone()),
            left_out: fast_jwt.as_ref().err().cloned(),
            rounds,
            tokens: TOKENS,
            algorithms,
        }
    }

    /// One object.
    pub fn write_json(&self, out: &mut impl Write) -> Result<(), Failure> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        Ok(writeln!(out)?)
    }

    /// One table, and what it was measured with.
    pub fn write_markdown(&self, out: &mut impl Write) -> Result<(), Failure> {
        let peers = PEERS.map(|name| format!("{name} | ratio |")).join(" ");
        writeln!(out, "| algorithm | raw | check | over raw | limit | {peers}")?;
        writeln!(out, "|---|---|--:|--:|--:|{}", "--:|--:|".repeat(PEERS.len()))?;
        for row in &self.algorithms {
            writeln!(out, "{}", row.markdown()?)?;
        }
        writeln!(
            out,
            "\nNanoseconds of one check: median of {} rounds (95th percentile). Ratio: to \
            the check of tollgate. Limit: raw x 1.05 + 1500.",
            self.rounds
        )?;
        writeln!(out, "jsonwebtoken {}.", self.jsonwebtoken)?;
        let fast_jwt = match (&self.fast_jwt, &self.node) {
            (Some(fast_jwt), Some(node)) => format!("{fast_jwt} on node {node}"),
            _ => format!("left out: {}", self.left_out.as_deref().unwrap_or("for no known reason")),
        };
        writeln!(out, "fast-jwt {fast_jwt}.")?;
        Ok(())
    }
}

impl Row {
    /// Of several contestants with one part, the fastest counts.
    pub fn new(
        algorithm: Algorithm,
        token_bytes: usize,
        contestants: &[Contestant],
        timings: &[Timing],
    ) -> Result<Self, Failure> {
        let fastest = |part| {
            let all = contestants.iter().zip(timings).filter(|(who, _)| who.part == part);
            let best = all.min_by(|(_, one), (_, other)| one.median_ns.total_cmp(&other.median_ns));
            best.map(|(who, timing)| (who.library, timing))
        };
        let (raw_library, raw) = fastest(Part::Raw).ok_or("no library has this algorithm")?;
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

fn whole(ns: f64) -> u64 {
    ns.round() as u64
}

/// The version of a package in this program's own lock, which cannot go stale in a sentence.
fn locked(package: &str) -> Option<&'static str> {
    let lock = include_str!("../Cargo.lock");
    let (_, entry) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    Some(entry.split_once('"')?.0)
}
