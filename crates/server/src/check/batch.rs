//! `tollgate check --batch`: one object a line in, one verdict a line out.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use tollgate::Gate;

use super::ask::{Question, at, endpoint};
use crate::cli::{CheckArgs, Cli, scenario, windows};
use crate::config::load_gate;
use crate::misuse::Misuse;
use crate::output::{VerdictLine, complain};

/// Longest line in bytes: a token of the largest size that can be configured, and room.
const LINE_BYTES: u64 = 256 * 1024;

/// A line, with the names of the command line's options. What it leaves out is taken from them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default)]
    id: Value,
    token: String,
    endpoint: Option<String>,
    scenario: Option<String>,
    windows: Option<String>,
    at: Option<i64>,
}

/// Judges every line. A line that cannot be understood gets its own answer, and exit code 2.
pub(crate) fn batch(cli: &Cli, args: &CheckArgs) -> Result<ExitCode, Misuse> {
    let gate = load_gate(cli)?;
    let path = args.batch.as_deref().unwrap_or(Path::new("-"));
    let mut input: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let file = File::open(path).map_err(|error| Misuse::file(path, &error))?;
        Box::new(BufReader::with_capacity(1 << 16, file))
    };
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut tally = Tally::new();
    let mut bytes = Vec::new();
    while next_line(&mut input, &mut bytes).map_err(|error| Misuse::file(path, &error))? {
        tally.lines += 1;
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        if let Err(error) = answer(&gate, args, &bytes, &mut tally, &mut out) {
            if error.kind() == io::ErrorKind::BrokenPipe {
                break;
            }
            return Err(error.into());
        }
        tally.show_progress();
    }
    match out.flush() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(error.into()),
        _ => {}
    }
    tally.finish();
    Ok(match tally {
        Tally { broken: 1.., .. } => ExitCode::from(2),
        Tally { refused: 1.., .. } => ExitCode::from(1),
        _ => ExitCode::SUCCESS,
    })
}

fn answer(
    gate: &Gate,
    args: &CheckArgs,
    bytes: &[u8],
    tally: &mut Tally,
    out: &mut impl Write,
) -> io::Result<()> {
    match understand(gate, args, bytes) {
        Ok((line, question)) => {
            let verdict = question.check(gate, line.token.as_bytes());
            if verdict.is_admitted() {
                tally.admitted += 1;
            } else {
                tally.refused += 1;
            }
            let id = Some(&line.id).filter(|id| !id.is_null());
            serde_json::to_writer(&mut *out, &VerdictLine::new(&verdict, question.scenario, id))?;
        }
        Err(why) => {
            tally.broken += 1;
            // The id comes back even from a line that is wrong elsewhere, if it can be read at all.
            let id = serde_json::from_slice::<Value>(bytes).ok();
            let id = id.and_then(|line| line.get("id").cloned()).unwrap_or_default();
            let error = format!("line {}: {why}", tally.lines);
            serde_json::to_writer(&mut *out, &json!({ "id": id, "error": error }))?;
        }
    }
    out.write_all(b"\n")
}

fn understand(gate: &Gate, args: &CheckArgs, bytes: &[u8]) -> Result<(Line, Question), String> {
    if bytes.len() as u64 > LINE_BYTES {
        return Err(format!("longer than {LINE_BYTES} bytes"));
    }
    let line: Line = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let named = line.endpoint.as_deref().or(args.endpoint.as_deref());
    let question = Question {
        endpoint: endpoint(named, &gate.endpoint_names())
            .map_err(|why| format!("endpoint: {why}"))?,
        scenario: match line.scenario.as_deref() {
            Some(text) => scenario(text).map_err(|why| format!("scenario {text:?}: {why}"))?,
            None => args.scenario,
        },
        windows: match line.windows.as_deref() {
            Some(text) => Some(windows(text).map_err(|why| format!("windows {text:?}: {why}"))?),
            None => args.windows,
        },
        now: at(line.at.or(args.at)),
    };
    Ok((line, question))
}

/// Reads one line; of a line that is too long, one byte more than is allowed, and drops the rest.
fn next_line(input: &mut impl BufRead, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.clear();
    input.take(LINE_BYTES + 1).read_until(b'\n', bytes)?;
    if bytes.len() as u64 > LINE_BYTES && !bytes.ends_with(b"\n") {
        input.skip_until(b'\n')?;
    }
    Ok(!bytes.is_empty())
}

/// Counts, progress on a terminal, and the summary.
struct Tally {
    lines: u64,
    admitted: u64,
    refused: u64,
    broken: u64,
    start: Instant,
    shown: Option<Instant>,
    on_terminal: bool,
}

impl Tally {
    fn new() -> Self {
        let on_terminal = io::stderr().is_terminal();
        let start = Instant::now();
        Self { lines: 0, admitted: 0, refused: 0, broken: 0, start, shown: None, on_terminal }
    }

    fn show_progress(&mut self) {
        const EVERY: Duration = Duration::from_millis(200);
        // The clock is read on some lines only: verdicts are faster than it is worth.
        if !self.on_terminal || !self.lines.is_multiple_of(64) {
            return;
        }
        if self.shown.unwrap_or(self.start).elapsed() >= EVERY {
            self.shown = Some(Instant::now());
            let _ = write!(io::stderr(), "\r{} lines, {:.0}/s ", self.lines, self.rate());
        }
    }

    fn finish(&self) {
        if self.shown.is_some() {
            let _ = write!(io::stderr(), "\r");
        }
        let Self { admitted, refused, broken, .. } = self;
        let judged = admitted + refused;
        complain(&format!(
            "{judged} judged: {admitted} admitted, {refused} refused; {broken} not understood; {:.0}/s",
            self.rate()
        ));
    }

    fn rate(&self) -> f64 {
        self.lines as f64 / self.start.elapsed().as_secs_f64().max(1e-9)
    }
}
