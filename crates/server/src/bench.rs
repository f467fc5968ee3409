//! `tollgate bench`: measures this machine with inputs of its own. Names in the JSON are a contract.

mod measure;
mod miss;

use std::io::Write;
use std::process::ExitCode;

use serde_json::{Map, json};

use crate::cli::BenchArgs;
use crate::misuse::Misuse;
use crate::output::to_stdout;

pub(crate) fn run(args: &BenchArgs) -> Result<ExitCode, Misuse> {
    let rounds = if args.quick { 100 } else { 500 };
    let misses = miss::measure(rounds)?;
    to_stdout(|out| {
        if args.json {
            let miss: Map<_, _> = misses
                .iter()
                .map(|miss| {
                    let times = json!({
                        "raw_ns": miss.raw_ns, "check_ns": miss.check_ns, "raw_library": miss.library,
                    });
                    (miss.algorithm.name().to_owned(), times)
                })
                .collect();
            return writeln!(out, "{}", json!({ "miss": miss }));
        }
        writeln!(
            out,
            "miss: a check of a token never seen, beside its raw signature check (medians)"
        )?;
        writeln!(
            out,
            "{:<8} {:>10} {:>10} {:>9} {:>10}",
            "", "raw ns", "check ns", "over ns", "goal ns"
        )?;
        misses.iter().try_for_each(|miss| {
            writeln!(
                out,
                "{:<8} {:>10.0} {:>10.0} {:>9.0} {:>10.0}  {}",
                miss.algorithm.name(),
                miss.raw_ns,
                miss.check_ns,
                miss.check_ns - miss.raw_ns,
                miss.raw_ns * 1.05 + 1500.0,
                miss.library,
            )
        })
    })?;
    Ok(ExitCode::SUCCESS)
}
