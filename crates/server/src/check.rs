//! `tollgate check`: one token, or a file of them.

mod ask;
mod batch;

use std::io::Write;
use std::process::ExitCode;

pub(crate) use ask::Question;
use ask::read_token;
pub(crate) use batch::batch;

use tollgate::Gate;

use crate::cli::{CheckArgs, Cli};
use crate::config::load_gate;
use crate::misuse::Misuse;
use crate::output::{VerdictLine, to_stdout, write_verdict};

/// Judges one token.
pub(crate) fn single(cli: &Cli, args: &CheckArgs) -> Result<ExitCode, Misuse> {
    let (gate, question, token) = prepare(cli, args)?;
    let verdict = question.check(&gate, &token);
    to_stdout(|out| {
        if args.json {
            serde_json::to_writer(&mut *out, &VerdictLine::new(&verdict, question.scenario, None))?;
            writeln!(out)
        } else {
            write_verdict(out, &verdict)
        }
    })?;
    Ok(exit_code(verdict.is_admitted()))
}

/// The gate, what is asked of it, and the token.
pub(crate) fn prepare(cli: &Cli, args: &CheckArgs) -> Result<(Gate, Question, Vec<u8>), Misuse> {
    let gate = load_gate(cli)?;
    let question = Question::from_args(args, &gate)?;
    Ok((gate, question, read_token(args)?))
}

pub(crate) fn exit_code(admitted: bool) -> ExitCode {
    if admitted { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
