//! `tollgate doctor`: what the keeper's doctor found, for people and for scripts.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use tollgate::Step;
use tollgate_keeper::ConfigError;
use tollgate_keeper::doctor::{Diagnosis, Doctor, Probe, Row, SelfTest, State, Stood};

use crate::check::exit_code;
use crate::cli::{Cli, DoctorArgs};
use crate::config::{entry, find};
use crate::misuse::Misuse;
use crate::output::{complain, progress, to_stdout, visible};

pub(crate) fn run(cli: &Cli, args: &DoctorArgs) -> Result<ExitCode, Misuse> {
    let file = find(cli)?;
    let doctor = Doctor::load(&file).map_err(Misuse::new)?;
    if let Some(asked) = args.endpoint.as_deref()
        && !doctor.endpoint_names().any(|name| name == asked)
    {
        let names: Vec<_> = doctor.endpoint_names().map(|name| format!("{name:?}")).collect();
        let message = format!("--endpoint: there is no {asked:?}; there is {}", names.join(", "));
        return Err(Misuse::new(message));
    }
    let diagnosis = examine(&doctor, args.endpoint.as_deref());
    to_stdout(|out| {
        if args.json {
            writeln!(out, "{}", object(&file, &doctor, &diagnosis))
        } else {
            doctor.warnings().iter().for_each(|warning| complain(&format!("warning: {warning}")));
            write_text(out, &file, &diagnosis)
        }
    })?;
    Ok(exit_code(diagnosis.ok))
}

/// Examines, and shows how far it is where that takes long.
fn examine(doctor: &Doctor, only: Option<&str>) -> Diagnosis {
    const EVERY: Duration = Duration::from_millis(200);
    let mut shown: Option<Instant> = None;
    let start = Instant::now();
    let diagnosis = doctor.examine(only, &mut |done, total| {
        if shown.unwrap_or(start).elapsed() >= EVERY {
            shown = Some(Instant::now());
            progress(&format!("{done} of {total} tried "));
        }
    });
    if shown.is_some() {
        progress(&" ".repeat(40));
        progress("");
    }
    diagnosis
}

fn write_text(out: &mut impl Write, file: &Path, diagnosis: &Diagnosis) -> io::Result<()> {
    let name = visible(&file.display().to_string());
    if diagnosis.ok {
        let tests = diagnosis.self_tests.len();
        writeln!(
            out,
            "{name}: ready: all that is configured is usable; self-tests passed: {tests}"
        )?;
    } else {
        writeln!(out, "{name}: not ready: {}", visible(&diagnosis.complaints.join("; ")))?;
    }
    writeln!(out, "\nendpoint, method, scenario")?;
    let width = longest(diagnosis.rows.iter().map(|row| row.endpoint.as_str()));
    diagnosis.rows.iter().try_for_each(|row| write_row(out, row, width))?;
    writeln!(out, "\nwhat is believed")?;
    diagnosis.freshness.iter().try_for_each(|one| write_stood(out, one))?;
    writeln!(out, "\nself-test, on a twin with keys of its own")?;
    diagnosis.self_tests.iter().try_for_each(|test| write_test(out, test, width))
}

fn write_row(out: &mut impl Write, row: &Row, width: usize) -> io::Result<()> {
    let Row { endpoint, method, scenario, usable, why, line, .. } = row;
    let endpoint = visible(endpoint);
    let (method, scenario) = (method.name(), scenario.name());
    let word = if *usable { "usable" } else { "no" };
    let why = visible(why.as_deref().unwrap_or(""));
    let text = format!("  {endpoint:<width$}  {method:<5}  {scenario:<6}  {word:<6}  {why}");
    writeln!(out, "{}", text.trim_end())?;
    write_line(out, line.as_ref(), width + 27)
}

/// `tollgate.toml:12: endpoint[0].methods: add "pki"`, under what it belongs to.
fn write_line(out: &mut impl Write, line: Option<&ConfigError>, indent: usize) -> io::Result<()> {
    line.map_or(Ok(()), |line| writeln!(out, "{:indent$}{}", "", visible(&line.to_string())))
}

fn write_stood(out: &mut impl Write, stood: &Stood) -> io::Result<()> {
    let one = &stood.freshness;
    let mark = if one.ok { "ok" } else { "NO" };
    let (method, what) = (one.method.name(), one.what);
    let names = [&one.authority, &one.name].map(|name| visible(name));
    let names: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    let names = names.join(", ");
    let colon = if names.is_empty() { "" } else { ": " };
    writeln!(out, "  {mark}  {method:<5}  {what:<12}  {names}{colon}{}", visible(&one.says))?;
    let told = if one.ok && one.state != State::Soon { None } else { stood.line.as_ref() };
    write_line(out, told, 27)
}

fn write_test(out: &mut impl Write, test: &SelfTest, width: usize) -> io::Result<()> {
    let mark = if test.ok { "ok" } else { "NO" };
    let endpoint = visible(&test.endpoint);
    let (method, scenario) = (test.method.name(), test.scenario.name());
    let authority = visible(&test.authority);
    writeln!(out, "  {mark}  {endpoint:<width$}  {method:<5}  {scenario:<6}  {authority}")?;
    let said = |Probe { name, expected, got, ok, .. }: &Probe| {
        let wanted = if *ok { String::new() } else { format!(", EXPECTED {expected}") };
        format!("{name}: {got}{wanted}")
    };
    let probes: Vec<String> = test.probes.iter().map(said).collect();
    if !probes.is_empty() {
        writeln!(out, "        {}", probes.join("; "))?;
    }
    if !test.detail.is_empty() {
        writeln!(out, "        {}", visible(&test.detail))?;
    }
    for Step { name, held, found, expected } in &test.steps {
        let mark = if *held { "ok" } else { "NO" };
        writeln!(out, "        {mark}  {name:<16} {}", visible(&shortened(found)))?;
        writeln!(out, "            {:<16} expected: {}", "", visible(&shortened(expected)))?;
    }
    Ok(())
}

/// The width of a column.
fn longest<'t>(texts: impl Iterator<Item = &'t str>) -> usize {
    texts.map(|text| visible(text).chars().count()).max().unwrap_or(0)
}

/// A line's worth; `--json` has it whole.
fn shortened(text: &str) -> String {
    const MOST: usize = 160;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.into(),
    }
}

fn object(file: &Path, doctor: &Doctor, diagnosis: &Diagnosis) -> Value {
    json!({
        "ok": diagnosis.ok, "file": file.to_string_lossy(), "complaints": diagnosis.complaints,
        "warnings": doctor.warnings().iter().map(entry).collect::<Vec<_>>(),
        "endpoints": diagnosis.rows.iter().map(row).collect::<Vec<_>>(),
        "freshness": diagnosis.freshness.iter().map(stood).collect::<Vec<_>>(),
        "self_test": diagnosis.self_tests.iter().map(test).collect::<Vec<_>>(),
    })
}

fn row(row: &Row) -> Value {
    let line = row.line.as_ref();
    json!({
        "endpoint": row.endpoint, "method": row.method.name(), "scenario": row.scenario.name(),
        "usable": row.usable, "why": row.why, "line": line.and_then(|line| line.line),
        "key": line.map(|line| &line.key), "write": line.map(|line| &line.message),
    })
}

fn stood(stood: &Stood) -> Value {
    let (one, line) = (&stood.freshness, stood.line.as_ref());
    let ends = one.ends_s.and_then(|ends_s| Timestamp::from_second(ends_s).ok());
    json!({
        "method": one.method.name(), "authority": one.authority, "what": one.what,
        "name": one.name, "state": one.state.name(), "ok": one.ok, "says": one.says,
        "age_s": one.age_s, "bound_s": one.bound_s, "ends_at": one.ends_s,
        "ends": ends.map(|ends| ends.to_string()),
        "line": line.and_then(|line| line.line), "key": line.map(|line| &line.key),
    })
}

fn test(test: &SelfTest) -> Value {
    let probe = |Probe { name, expected, got, ok, .. }: &Probe| json!({ "probe": name, "expected": expected, "got": got, "ok": ok });
    let step = |Step { name, held, found, expected }: &Step| json!({ "step": name, "held": held, "found": found, "expected": expected });
    json!({
        "authority": test.authority, "method": test.method.name(), "endpoint": test.endpoint,
        "scenario": test.scenario.name(), "ok": test.ok, "detail": test.detail,
        "probes": test.probes.iter().map(probe).collect::<Vec<_>>(),
        "steps": test.steps.iter().map(step).collect::<Vec<_>>(),
    })
}
