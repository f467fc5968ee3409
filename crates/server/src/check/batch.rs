//! `tollgate check --batch`: one object a line in, one verdict a line out.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tollgate::{BadSender, Gate, Peer, Verdict};

use super::ask::{Question, at, endpoint};
use super::presented::{Presented, certificates, forwarded};
use crate::cli::{CheckArgs, Cli, scenario, windows};
use crate::config::load_gate;
use crate::misuse::Misuse;
use crate::output::{VerdictLine, complain, progress};

/// Longest line in bytes: a token of the largest size that can be configured (64 KiB), certificate
/// headers at their bound (320 KiB), and room.
const LINE_BYTES: u64 = 512 * 1024;

/// What is read of a line that is wrong elsewhere.
#[derive(Deserialize)]
struct OnlyId<'l> {
    #[serde(borrow)]
    id: Option<&'l RawValue>,
}

/// What is the same for every line.
struct Batch<'b> {
    gate: &'b Gate,
    args: &'b CheckArgs,
    endpoints: Vec<String>,
}

/// A line, with the names of the command line's options. What it leaves out is taken from them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'l> {
    /// Kept as it was written: a long number would come back as another one.
    #[serde(borrow)]
    id: Option<&'l RawValue>,
    token: Option<String>,
    /// PEM, the client's own certificate first; or the name of a file, as on the command line.
    cert: Option<String>,
    /// `Name: value` texts, as a proxy passed them on.
    headers: Option<Vec<String>>,
    /// Who sent the headers.
    from: Option<String>,
    endpoint: Option<String>,
    scenario: Option<String>,
    windows: Option<String>,
    at: Option<i64>,
}

/// A line, what it asks, and what it shows.
type Understood<'l> = (Line<'l>, Question, Presented);

/// Lines that are judged together: as many as have come, within bounds.
#[derive(Default)]
struct Lines {
    /// Their numbers and bytes.
    lines: Vec<(u64, Vec<u8>)>,
    bytes: usize,
}

/// Most lines that are judged together, and about the most of their bytes: enough for every core, and
/// not more memory than a few of the longest lines.
const TOGETHER: usize = 512;
const TOGETHER_BYTES: usize = 4 << 20;

/// Judges every line. A line that cannot be understood gets its own answer, and exit code 2.
pub(crate) fn batch(cli: &Cli, args: &CheckArgs) -> Result<ExitCode, Misuse> {
    let gate = load_gate(cli)?;
    let path = args.batch.as_deref().unwrap_or(Path::new("-"));
    let input: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).map_err(|error| Misuse::file(path, &error))?)
    };
    let mut input = BufReader::with_capacity(1 << 20, input);
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let batch = Batch { gate: &gate, args, endpoints: gate.endpoint_names() };
    let mut tally = Tally::new();
    let mut waiting = Lines::default();
    let mut bytes = Vec::new();
    while next_line(&mut input, &mut bytes).map_err(|error| Misuse::file(path, &error))? {
        tally.lines += 1;
        if !bytes.trim_ascii().is_empty() {
            waiting.bytes += bytes.len();
            waiting.lines.push((tally.lines, core::mem::take(&mut bytes)));
        }
        // Whoever writes a line and waits for its answer gets it: no line is waited for while another
        // one waits for its answer.
        let has_more = memchr::memchr(b'\n', input.buffer()).is_some();
        if has_more && waiting.lines.len() < TOGETHER && waiting.bytes < TOGETHER_BYTES {
            continue;
        }
        let mut answered = batch.answer(&waiting, &mut tally, &mut out);
        waiting = Lines::default();
        if !has_more {
            answered = answered.and_then(|()| out.flush());
        }
        match answered {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            answered => answered?,
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

impl Batch<'_> {
    fn answer(&self, lines: &Lines, tally: &mut Tally, out: &mut impl Write) -> io::Result<()> {
        let lines = &lines.lines;
        let read: Vec<_> = lines.iter().map(|(_, bytes)| self.understand(bytes)).collect();
        let mut verdicts = self.verdicts(&read);
        for (((number, bytes), read), verdict) in lines.iter().zip(&read).zip(&mut verdicts) {
            match (read, verdict) {
                (Ok((line, question, _)), Some(verdict)) => {
                    if verdict.is_admitted() {
                        tally.admitted += 1;
                    } else {
                        tally.refused += 1;
                    }
                    let answer = VerdictLine::new(verdict, question.scenario, line.id);
                    serde_json::to_writer(&mut *out, &answer)?;
                }
                (read, _) => {
                    tally.broken += 1;
                    // The id comes back even so, if it can be read at all.
                    let id = serde_json::from_slice::<OnlyId<'_>>(bytes).ok();
                    let id = id.and_then(|line| line.id);
                    let why = read.as_ref().err().map_or("not judged", String::as_str);
                    let error = format!("line {number}: {why}");
                    serde_json::to_writer(&mut *out, &Misunderstood { id, error })?;
                }
            }
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// A verdict for each line that was understood. Those that are for the same second go together.
    fn verdicts<'r>(
        &'r self,
        read: &'r [Result<Understood<'_>, String>],
    ) -> Vec<Option<Verdict<'r>>> {
        let mut by_second: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for (at, read) in read.iter().enumerate() {
            if let Ok((_, question, _)) = read {
                by_second.entry(question.now.unix_s).or_default().push(at);
            }
        }
        let mut verdicts: Vec<_> = read.iter().map(|_| None).collect();
        for places in by_second.into_values() {
            let understood = || places.iter().filter_map(|at| read[*at].as_ref().ok());
            let batch: Vec<_> = understood()
                .map(|(_, question, presented)| (presented.request(), question.ask()))
                .collect();
            let Some(now) = understood().map(|(_, question, _)| question.now).next() else {
                continue;
            };
            for (at, verdict) in places.iter().zip(self.gate.check_batch(&batch, now)) {
                verdicts[*at] = Some(verdict);
            }
        }
        verdicts
    }

    fn understand<'l>(&self, bytes: &'l [u8]) -> Result<Understood<'l>, String> {
        if bytes.len() as u64 > LINE_BYTES {
            return Err(format!("longer than {LINE_BYTES} bytes"));
        }
        // Serde alone would take a list of the members' values for an object.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err("not a JSON object".into());
        }
        let mut line: Line<'_> =
            serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        let presented = self.presented(&mut line)?;
        let named = line.endpoint.as_deref().or(self.args.endpoint.as_deref());
        let question = Question {
            endpoint: endpoint(named, &self.endpoints).map_err(|why| format!("endpoint: {why}"))?,
            scenario: match line.scenario.as_deref() {
                Some(text) => scenario(text).map_err(|why| format!("scenario {text:?}: {why}"))?,
                None => self.args.scenario,
            },
            windows: match line.windows.as_deref() {
                Some(text) => {
                    Some(windows(text).map_err(|why| format!("windows {text:?}: {why}"))?)
                }
                None => self.args.windows,
            },
            now: at(line.at.or(self.args.at)),
        };
        Ok((line, question, presented))
    }

    fn presented(&self, line: &mut Line<'_>) -> Result<Presented, String> {
        let token = line.token.take().map(String::into_bytes);
        let peer = match (&line.cert, &line.headers) {
            (Some(_), Some(_)) => {
                return Err("cert and headers: a client has one certificate; keep one".into());
            }
            (Some(cert), None) if Path::new(cert).is_file() => certificates(Path::new(cert))
                .map_err(|error| format!("cert: {cert}: {error}"))?
                .map(Some),
            (Some(pem), None) => Peer::from_pem(pem.as_bytes()).map(Some),
            (None, Some(headers)) => {
                let from = match line.from.as_deref() {
                    Some(text) => text.parse().map_err(|why: BadSender| format!("from: {why}"))?,
                    None => self.args.from,
                };
                forwarded(self.gate, from, headers)?
            }
            (None, None) if line.from.is_some() => {
                return Err("from: goes with headers".into());
            }
            (None, None) if token.is_none() => {
                return Err("nothing to judge: write `token`, `cert` or `headers`".into());
            }
            (None, None) => Ok(None),
        };
        Ok(Presented { token, peer })
    }
}

/// The answer to a line that was not understood.
#[derive(Serialize)]
struct Misunderstood<'l> {
    id: Option<&'l RawValue>,
    error: String,
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
}

impl Tally {
    fn new() -> Self {
        let start = Instant::now();
        Self { lines: 0, admitted: 0, refused: 0, broken: 0, start, shown: None }
    }

    fn show_progress(&mut self) {
        const EVERY: Duration = Duration::from_millis(200);
        if self.shown.unwrap_or(self.start).elapsed() >= EVERY {
            self.shown = Some(Instant::now());
            progress(&format!("{} lines, {:.0}/s ", self.lines, self.rate()));
        }
    }

    fn finish(&self) {
        if self.shown.is_some() {
            progress("");
        }
        let Self { admitted, refused, broken, .. } = self;
        let judged = admitted + refused;
        complain(&format!(
            "{judged} judged: {admitted} admitted, {refused} refused; {broken} not understood; {:.0}/s",
            self.rate()
        ));
    }

    fn rate(&self) -> f64 {
        let judged = (self.admitted + self.refused) as f64;
        judged / self.start.elapsed().as_secs_f64().max(1e-9)
    }
}
