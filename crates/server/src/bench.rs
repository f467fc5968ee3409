//! `tollgate bench`: measures this machine with inputs of its own. Names in the JSON are a contract.

mod chain;
mod hostile;
mod measure;
mod miss;
mod pki;
mod webs;

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use crate::cli::BenchArgs;
use crate::misuse::Misuse;
use crate::output::to_stdout;
use chain::ChainMiss;
use hostile::Hostile;
use miss::Miss;

/// All that was measured.
struct Bench {
    misses: Vec<Miss>,
    chains: Vec<ChainMiss>,
    hostile: Vec<Hostile>,
}

pub(crate) fn run(args: &BenchArgs) -> Result<ExitCode, Misuse> {
    let rounds = if args.quick { 400 } else { 2000 };
    let misses = miss::measure(rounds)?;
    let chains = chain::measure(2 * rounds)?;
    // A round of these is mostly one chain: what they cost does not hang on a nanosecond.
    let hostile = hostile::measure(rounds / 4)?;
    let bench = Bench { misses, chains, hostile };
    to_stdout(|out| if args.json { writeln!(out, "{}", bench.json()) } else { bench.write(out) })?;
    Ok(ExitCode::SUCCESS)
}

impl Bench {
    fn json(&self) -> Value {
        let miss: Map<_, _> =
            self.misses.iter().map(|miss| (miss.algorithm.name().into(), miss.json())).collect();
        let chains: Map<_, _> =
            self.chains.iter().map(|chain| (chain.kind.into(), chain.json())).collect();
        json!({
            "miss": miss,
            "chain_miss": chains,
            "hostile_chain_worst_us": hostile::worst_us(&self.hostile),
        })
    }

    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "miss: a check of a token never seen, beside its raw signature check (medians)"
        )?;
        writeln!(
            out,
            "{:<8} {:>10} {:>10} {:>9} {:>10}",
            "", "raw ns", "check ns", "over ns", "goal ns"
        )?;
        self.misses.iter().try_for_each(|miss| miss.write(out))?;
        writeln!(
            out,
            "\nchain miss: leaf, intermediate and root, beside the two raw signatures (medians)"
        )?;
        writeln!(
            out,
            "{:<8} {:>10} {:>10} {:>9} {:>10} {:>13} {:>12}",
            "", "raw ns", "check ns", "over ns", "goal ns", "webpki ns", "leaf read ns"
        )?;
        self.chains.iter().try_for_each(|chain| chain.write(out))?;
        writeln!(out, "\nhostile chains: read and judged, goal 2,000 us (medians)")?;
        writeln!(out, "{:<48} {:>9} {:>9} {:>9}", "", "read us", "check us", "both us")?;
        self.hostile.iter().try_for_each(|hostile| hostile.write(out))
    }
}
