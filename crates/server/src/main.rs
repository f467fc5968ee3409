//! The `tollgate` binary: the command line over the keeper and the core. No check is made here.

#![forbid(unsafe_code)]

mod bench;
mod check;
mod cli;
mod config;
mod demo;
mod doctor;
mod explain;
mod made;
mod misuse;
mod output;
mod site;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use cli::{Cli, Command, ConfigCommand};
use misuse::Misuse;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return asked_or_misused(&error),
    };
    let done = match &cli.command {
        Command::Check(args) if args.batch.is_some() => check::batch(&cli, args),
        Command::Check(args) => check::single(&cli, args),
        Command::Explain(args) => explain::explain(&cli, args),
        Command::Doctor(args) => doctor::run(&cli, args),
        Command::Config { command: ConfigCommand::Check { json } } => config::check(&cli, *json),
        Command::Site { command } => site::site(&cli.data, command),
        Command::Keys { command } => site::keys(&cli.data, command),
        Command::BulkToken { command } => site::bulk_token(&cli.data, command),
        Command::Client { command } => site::client(&cli.data, command),
        Command::Withdraw { command } => site::withdraw(&cli.data, command),
        Command::Block { command } => site::block(&cli.data, command),
        Command::Unblock { command } => site::unblock(&cli.data, command),
        Command::User { command } => site::user(&cli.data, command),
        Command::Device { command } => site::device(&cli.data, command),
        Command::Tenant { command } => site::tenant(&cli, command),
        Command::Audit { command } => site::audit(&cli.data, command),
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

/// Help and version are asked for; everything else is one line, as every misuse.
fn asked_or_misused(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::from(2);
    }
    let text = error.to_string();
    // The message ends where the usage starts.
    let message = text.split("\n\n").next().unwrap_or(&text);
    let words: Vec<&str> = message.split_whitespace().collect();
    let message = words.join(" ");
    output::complain(&format!("{}; see --help", message.trim_start_matches("error: ")));
    ExitCode::from(2)
}
