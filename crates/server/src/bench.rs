//! `tollgate bench`: measures this machine with inputs of its own. Names in the JSON are a contract.

mod batch;
mod c_abi;
mod chain;
mod crl;
mod hit;
mod hostile;
mod known;
mod machine;
mod measure;
mod memory;
mod miss;
mod pki;
mod presented;
mod progress;
mod rejudge;
mod report;
mod storm;
mod threads;
mod tokens;
mod webs;
mod world;

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::{Map, Value};

use self::progress::Bar;
use self::report::Report;
use crate::cli::{BenchArgs, BenchPart};
use crate::misuse::Misuse;
use crate::output::to_stdout;

pub(crate) fn run(args: &BenchArgs) -> Result<ExitCode, Misuse> {
    let is_wanted = |part: &BenchPart| args.only.is_empty() || args.only.contains(part);
    let parts: Vec<_> = BenchPart::ALL.into_iter().filter(is_wanted).collect();
    let bar = Bar::new(parts.iter().map(|part| part.steps()).sum());
    let reports = parts.iter().map(|part| part.measure(args, &bar));
    let reports: Vec<Report> = reports.collect::<Result<_, _>>()?;
    drop(bar);
    to_stdout(|out| if args.json { write_json(out, &reports) } else { write(out, &reports) })?;
    Ok(ExitCode::SUCCESS)
}

fn write_json(out: &mut impl Write, reports: &[Report]) -> io::Result<()> {
    let names = reports.iter().flat_map(|report| &report.names);
    let names: Map<String, Value> =
        names.map(|(name, value)| (name.clone(), value.clone())).collect();
    writeln!(out, "{}", Value::from(names))
}

fn write(out: &mut impl Write, reports: &[Report]) -> io::Result<()> {
    reports.iter().try_for_each(|report| report.write(out))
}

impl BenchPart {
    /// In the order in which they are measured: that which asks the system for its memory comes first.
    const ALL: [Self; 13] = [
        Self::Memory,
        Self::Hit,
        Self::Site,
        Self::Chain,
        Self::CAbi,
        Self::Threads,
        Self::Storm,
        Self::Rejudge,
        Self::Miss,
        Self::Batch,
        Self::Chains,
        Self::Hostile,
        Self::Crl,
    ];

    /// How many steps the bar goes.
    const fn steps(self) -> usize {
        match self {
            Self::Memory => memory::STEPS,
            Self::Hit => hit::STEPS,
            Self::Site => known::SITE_STEPS,
            Self::Chain => known::CHAIN_STEPS,
            Self::CAbi => c_abi::STEPS,
            Self::Threads => threads::STEPS,
            Self::Storm => storm::STEPS,
            Self::Rejudge => rejudge::STEPS,
            Self::Miss => miss::STEPS,
            Self::Batch => batch::STEPS,
            Self::Chains => chain::STEPS,
            Self::Hostile => hostile::STEPS,
            Self::Crl => crl::STEPS,
        }
    }

    fn measure(self, args: &BenchArgs, bar: &Bar) -> Result<Report, Misuse> {
        let rounds = if args.quick { 300 } else { 2000 };
        match self {
            Self::Memory => memory::measure(bar),
            Self::Hit => hit::measure(rounds, bar),
            Self::Site => known::site(rounds, bar),
            Self::Chain => known::cached_chain(rounds, bar),
            Self::CAbi => c_abi::measure(rounds, bar),
            Self::Threads => threads::measure(rounds, &args.threads, bar),
            Self::Storm => storm::measure(rounds / 100, bar),
            Self::Rejudge => rejudge::measure(rounds / 10, bar),
            Self::Miss => miss::measure(rounds, bar),
            Self::Batch => batch::measure(rounds / 10, bar),
            Self::Chains => chain::measure(rounds, bar),
            // A round of these is mostly one chain: what they cost does not hang on a nanosecond.
            Self::Hostile => hostile::measure(rounds / 4, bar),
            Self::Crl => crl::measure(rounds / 100, bar),
        }
    }
}
