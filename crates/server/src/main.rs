//! The `tollgate` binary: the command line over the keeper and the core. No check is made here.

#![forbid(unsafe_code)]

mod bench;
mod check;
mod cli;
mod config;
mod demo;
mod explain;
mod misuse;
mod output;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command, ConfigCommand};
use misuse::Misuse;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Check(args) if args.batch.is_some() => check::batch(&cli, args),
        Command::Check(args) => check::single(&cli, args),
        Command::Explain(args) => explain::explain(&cli, args),
        Command::Config { command: ConfigCommand::Check { json } } => config::check(&cli, *json),
        Command::Demo { folder } => demo::make(folder),
        Command::Bench(args) => bench::run(args),
    };
    match done {
        Ok(code) => code,
        Err(Misuse(message)) => {
            output::complain(&message);
            ExitCode::from(2)
        }
    }
}
