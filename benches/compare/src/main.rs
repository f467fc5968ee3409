//! The miss path of tollgate beside the raw signature check that it contains, and beside its peers.
//!
//! One run measures all of them, turn by turn on the same tokens; see README.md.

use std::error::Error;
use std::process::ExitCode;
use std::{env, io};

use tollgate::Algorithm;

use crate::fast_jwt::FastJwt;
use crate::report::{Report, Row};
use crate::sample::Sample;

mod contestant;
mod fast_jwt;
mod local;
mod npm;
mod report;
mod rounds;
mod sample;

const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256, Algorithm::Hs256];

const USAGE: &str = "usage: tollgate-compare [--json] [--rounds N]";

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
    let fast_jwt = FastJwt::install().inspect_err(|why| {
        eprintln!("compare: !!! FAST-JWT IS LEFT OUT: {why}");
    });
    let fast_jwt = fast_jwt.map_err(|why| why.to_string());
    let rows = ALGORITHMS
        .into_iter()
        .map(|algorithm| row(algorithm, fast_jwt.as_ref().ok(), options.rounds))
        .collect::<Result<Vec<_>, _>>()?;
    let report = Report::new(options.rounds, rows, &fast_jwt);
    let out = &mut io::stdout().lock();
    if options.json { report.write_json(out) } else { report.write_markdown(out) }
}

struct Options {
    json: bool,
    rounds: usize,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut options = Self { json: false, rounds: 500 };
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--json" => options.json = true,
                "--rounds" => {
                    let rounds = args.next().and_then(|rounds| rounds.parse().ok());
                    options.rounds = rounds.filter(|rounds| *rounds > 0).ok_or(USAGE)?;
                }
                _ => return Err(USAGE.into()),
            }
        }
        Ok(options)
    }
}

fn row(algorithm: Algorithm, fast_jwt: Option<&FastJwt>, rounds: usize) -> Result<Row, Failure> {
    let sample = Sample::new(algorithm)?;
    let mut contestants = local::contestants(&sample)?;
    if let Some(fast_jwt) = fast_jwt {
        contestants.extend(fast_jwt.contestants(&sample)?);
    }
    for contestant in &mut contestants {
        let proof = contestant.prove(&sample);
        proof.map_err(|why| format!("{contestant} with {algorithm}: {why}"))?;
    }
    eprintln!("compare: {algorithm}: {} contestants, {rounds} rounds", contestants.len());
    let timings = rounds::measure(&mut contestants, rounds)?;
    Row::new(algorithm, sample.tokens[0].len(), &contestants, &timings)
}
