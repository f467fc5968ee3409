//! `tollgate explain`: the verdict and every step that led to it.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;
use serde_json::{Value, json};
use tollgate::{Detail, Explanation, Step, Verdict};

use crate::check::{Question, exit_code, prepare};
use crate::cli::{CheckArgs, Cli};
use crate::misuse::Misuse;
use crate::output::{VerdictLine, to_stdout, write_verdict};

pub(crate) fn explain(cli: &Cli, args: &CheckArgs) -> Result<ExitCode, Misuse> {
    if args.batch.is_some() {
        return Err(Misuse::new("explain takes one request; --batch goes with check"));
    }
    let (gate, question, presented) = prepare(cli, args)?;
    let explanation = question.explain(&gate, &presented);
    to_stdout(|out| {
        if args.json {
            write_json(out, &explanation, &question)
        } else {
            write_text(out, &explanation)
        }
    })?;
    Ok(exit_code(explanation.verdict.is_admitted()))
}

fn write_text(out: &mut impl Write, explanation: &Explanation<'_>) -> io::Result<()> {
    explanation.steps.iter().try_for_each(|step| writeln!(out, "{step}"))?;
    writeln!(out)?;
    write_verdict(out, &explanation.verdict)?;
    if let Some(refusal) = explanation.verdict.refusal() {
        let (class, status) = (refusal.reason.class().name(), refusal.reason.http_status());
        writeln!(out, "        class {class}: outsiders see HTTP {status} and nothing else")?;
        writeln!(out, "        rule: {}", refusal.reason.source())?;
    }
    Ok(())
}

fn write_json(
    out: &mut impl Write,
    explanation: &Explanation<'_>,
    question: &Question,
) -> io::Result<()> {
    let steps: Vec<_> = explanation
        .steps
        .iter()
        .map(|Step { name, held, found, expected }| {
            json!({ "step": name, "held": held, "found": found, "expected": expected })
        })
        .collect();
    let refusal = match &explanation.verdict {
        Verdict::Admit(_) => json!(null),
        Verdict::Refuse(refusal) => json!({
            "detail": detail(refusal.detail), "sentence": refusal.reason.sentence(), "remedy": refusal.reason.remedy(),
            "source": refusal.reason.source(), "http_status": refusal.reason.http_status(),
        }),
    };
    let verdict = VerdictLine::new(&explanation.verdict, question.scenario, None);
    serde_json::to_writer(&mut *out, &ExplainLine { verdict, refusal, steps })?;
    writeln!(out)
}

/// The members of `check --json`, and more.
#[derive(Serialize)]
struct ExplainLine<'a> {
    #[serde(flatten)]
    verdict: VerdictLine<'a>,
    refusal: Value,
    steps: Vec<Value>,
}

/// The small fact beside a reason.
fn detail(detail: Detail) -> Value {
    match detail {
        Detail::None => Value::Null,
        Detail::Member(name) => json!({ "member": name }),
        Detail::Count { got, limit } => json!({ "got": got, "limit": limit }),
        Detail::Seconds { got, limit } => json!({ "got_s": got, "limit_s": limit }),
    }
}
