//! `tollgate check`: one request, or a file of them.

mod ask;
mod batch;
mod presented;

use std::io::Write;
use std::process::ExitCode;

pub(crate) use ask::Question;
pub(crate) use batch::batch;

use presented::Presented;
use tollgate::Gate;

use crate::cli::{CheckArgs, Cli};
use crate::config::load_gate;
use crate::misuse::Misuse;
use crate::output::{VerdictLine, to_stdout, write_verdict};

/// Judges one request.
pub(crate) fn single(cli: &Cli, args: &CheckArgs) -> Result<ExitCode, Misuse> {
    let (gate, question, presented) = prepare(cli, args)?;
    let verdict = question.check(&gate, &presented);
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

/// The gate, what is asked of it, and what was presented.
pub(crate) fn prepare(cli: &Cli, args: &CheckArgs) -> Result<(Gate, Question, Presented), Misuse> {
    let gate = load_gate(cli)?;
    let question = Question::from_args(args, &gate)?;
    let presented = Presented::from_args(args, &gate)?;
    Ok((gate, question, presented))
}

pub(crate) fn exit_code(admitted: bool) -> ExitCode {
    if admitted { ExitCode::SUCCESS } else { ExitCode::from(1) }
}
