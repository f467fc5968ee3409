//! tollgate beside its peers: what a token costs that was never seen, and one that was.
//!
//! One run measures all of them, turn by turn on the same tokens; see README.md.

use std::error::Error;
use std::process::ExitCode;
use std::{env, fs, io};

use crate::envoy::Envoy;
use crate::fast_jwt::FastJwt;
use crate::options::{Measure, Options};
use crate::report::Report;
use crate::sample::Sample;

mod chart;
mod contestant;
mod envoy;
mod fast_jwt;
mod hit;
mod jsonwebtoken;
mod miss;
mod npm;
mod options;
mod report;
mod rounds;
mod sample;

/// Nothing here can be mended at run time: whatever fails is told to whoever ran it.
type Failure = Box<dyn Error>;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("compare: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let options = Options::parse(env::args().skip(1))?;
    let report = measure(&options)?;
    if let (Some(file), Some(hits)) = (&options.svg, &report.hit) {
        fs::write(file, chart::svg(hits, report.envoy.as_ref()))
            .map_err(|why| format!("{}: {why}", file.display()))?;
    }
    let out = &mut io::stdout().lock();
    if options.json { report.write_json(out) } else { report.write_markdown(out) }
}

fn measure(options: &Options) -> Result<Report, Failure> {
    let mut report = Report::new();
    let pace = options.pace();
    let mut fast_jwt = None;
    if options.wants(Measure::Miss) || options.wants(Measure::Hit) {
        match FastJwt::install() {
            Ok(found) => {
                report.met("fast-jwt", found.versions.fast_jwt.clone());
                report.met("node", found.versions.node.clone());
                fast_jwt = Some(found);
            }
            Err(why) => report.leave_out("fast-jwt", &why),
        }
    }
    if options.wants(Measure::Miss) {
        report.miss = Some(miss::measure(fast_jwt.as_ref(), pace)?);
    }
    let largest = [
        (Measure::Hit, hit::SETS[hit::SETS.len() - 1]),
        (Measure::Threads, 1),
        (Measure::Envoy, envoy::TOKENS),
    ];
    let wanted = largest.into_iter().filter(|(part, _)| options.wants(*part));
    let Some(tokens) = wanted.map(|(_, tokens)| tokens).max() else { return Ok(report) };
    eprintln!("compare: signing {tokens} tokens by {}", hit::ALGORITHM);
    let sample = Sample::new(hit::ALGORITHM, tokens)?;
    // First, since it is the one that may not be what was expected.
    if options.wants(Measure::Envoy) {
        match Envoy::install() {
            Ok(envoy) => {
                let (turns, requests) = options.turns();
                report.envoy = Some(envoy.measure(&sample, turns, requests)?);
                report.met("Envoy", envoy.version);
            }
            Err(why) => report.leave_out("Envoy", &why),
        }
    }
    if options.wants(Measure::Hit) {
        report.hit = Some(hit::measure(&sample, fast_jwt.as_ref(), pace)?);
    }
    if options.wants(Measure::Threads) {
        report.threads = Some(hit::measure_threads(&sample, pace.rounds)?);
    }
    Ok(report)
}
