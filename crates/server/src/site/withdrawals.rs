//! `tollgate withdraw`, `block` and `unblock`.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use tollgate::cert::Certificate;
use tollgate_site::registry::WithdrawnRow;
use tollgate_site::{Authority, Effects, Order, Target, Undo, shown};

use super::{actor, now_s, open, print_json, print_line};
use crate::cli::{BlockCommand, Ordered, WithdrawCommand, Withdrawn};
use crate::misuse::Misuse;
use crate::output::{date, to_stdout, visible};

pub(crate) fn withdraw(data: &Path, command: &WithdrawCommand) -> Result<ExitCode, Misuse> {
    let (kind, args) = match command {
        WithdrawCommand::Client(args) => ("client", args),
        WithdrawCommand::BulkToken(args) => ("bulk-token", args),
        WithdrawCommand::Cert(args) => ("cert", args),
        WithdrawCommand::User(args) => ("user", args),
        WithdrawCommand::Device(args) => ("device", args),
        WithdrawCommand::Tenant(args) => ("tenant", args),
        WithdrawCommand::Key(args) => ("key", args),
        WithdrawCommand::Site(how) => return order(&open(data)?, &[Target::Site], how),
        WithdrawCommand::List { after, limit, json } => {
            return list(data, *after, *limit, json.json);
        }
        WithdrawCommand::Undo { id, cascade } => {
            return undo(&open(data)?, &Undo::Seq(*id), *cascade, &format!("number {id}"));
        }
    };
    let targets = targets(kind, args)?;
    order(&open(data)?, &targets, &args.how)
}

pub(crate) fn block(data: &Path, command: &BlockCommand) -> Result<ExitCode, Misuse> {
    let order = Order::default();
    let effects = open(data)?.withdraw(&blocked(command), &order, &actor(), now_s());
    say(&effects.map_err(Misuse::new)?, false)
}

pub(crate) fn unblock(data: &Path, command: &BlockCommand) -> Result<ExitCode, Misuse> {
    let site = open(data)?;
    for target in blocked(command) {
        let about = target.to_string();
        undo(&site, &Undo::Target(target), false, &about)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn blocked(command: &BlockCommand) -> Vec<Target> {
    match command {
        BlockCommand::Client { ids } => ids.iter().copied().map(Target::Client).collect(),
        BlockCommand::BulkToken { ids } => ids.iter().copied().map(Target::BulkToken).collect(),
    }
}

/// What the arguments, or the lines of standard input, name.
fn targets(kind: &str, args: &Withdrawn) -> Result<Vec<Target>, Misuse> {
    let mut targets = Vec::with_capacity(args.ids.len());
    for id in &args.ids {
        if id != "-" {
            targets.push(target(kind, id)?);
            continue;
        }
        for (number, line) in (1..).zip(io::stdin().lock().lines()) {
            let line = line.map_err(|error| Misuse::new(format!("standard input: {error}")))?;
            let id = line.trim();
            if !id.is_empty() {
                let read = target(kind, id);
                targets.push(read.map_err(|Misuse(why)| Misuse(format!("line {number}: {why}")))?);
            }
        }
    }
    Ok(targets)
}

fn target(kind: &str, id: &str) -> Result<Target, Misuse> {
    // A file that is there is meant; thumbprints are no likely names of files.
    let path = Path::new(id);
    if kind == "cert" && path.is_file() {
        let bytes = std::fs::read(path).map_err(|error| Misuse::file(path, &error))?;
        let read = Certificate::all_from(&bytes).map_err(|why| Misuse(format!("{id}: {why}")))?;
        let leaf = read.first().ok_or_else(|| Misuse(format!("{id}: holds no certificate")))?;
        return Ok(Target::CertificateSha256(leaf.thumbprint()));
    }
    Target::parse(kind, id).map_err(Misuse)
}

/// Withdraws, or counts.
pub(super) fn order(
    site: &Authority,
    targets: &[Target],
    how: &Ordered,
) -> Result<ExitCode, Misuse> {
    let order =
        Order { issued_before_s: how.issued_before, cascade: how.cascade, note: how.note.clone() };
    let effects = match how.dry_run {
        true => site.would_withdraw(targets, &order, now_s()),
        false => site.withdraw(targets, &order, &actor(), now_s()),
    };
    let effects = effects.map_err(Misuse::new)?;
    if how.json.json {
        let (clients, bulks) = effects.under_key.unzip();
        return print_json(&json!({
            "changed": effects.changed, "clients": effects.clients, "unknown": effects.unknown,
            "first_unknown": effects.first_unknown.map(|id| id.to_string()), "live_clients_under_key": clients,
            "live_bulk_tokens_under_key": bulks, "seq": effects.seq, "dry_run": how.dry_run,
        }));
    }
    say(&effects, how.dry_run)
}

fn say(effects: &Effects, is_dry: bool) -> Result<ExitCode, Misuse> {
    let Effects { changed, clients, unknown, first_unknown, under_key, seq } = effects;
    let did = if is_dry { "would withdraw" } else { "withdrew" };
    let mut line = format!("{did} {changed}");
    if *clients > 0 {
        line.push_str(&format!(", {clients} of them clients"));
    }
    if let Some((clients, bulks)) = under_key {
        line.push_str(&format!(
            "; that kills the tokens of {clients} clients and {bulks} bulk tokens"
        ));
    }
    match (is_dry, changed) {
        (true, _) => line.push_str("; nothing was changed"),
        (false, 0) => line.push_str(": all of it was withdrawn already"),
        (false, _) => line.push_str(&format!("; the feed stands at {seq}")),
    }
    if let Some(first) = first_unknown {
        let whom = match unknown {
            1 => format!("client {first}"),
            more => format!("{more} of these clients, {first} the first"),
        };
        line.push_str(&format!(
            ". This site has never seen {whom}: gates refuse what names it all the same; if an id is wrong, \
             `tollgate withdraw list` has the number for `withdraw undo`"
        ));
    }
    print_line(&line)
}

fn undo(site: &Authority, which: &Undo, cascade: bool, about: &str) -> Result<ExitCode, Misuse> {
    let effects = site.undo(which, cascade, &actor(), now_s()).map_err(Misuse::new)?;
    print_line(&format!(
        "took back {about}: {} changes, the feed stands at {}",
        effects.changed, effects.seq
    ))
}

/// Rows that are read at once, however many are listed.
const PAGE: u32 = 1_000;

fn list(data: &Path, after: i64, limit: u32, as_json: bool) -> Result<ExitCode, Misuse> {
    let site = open(data)?;
    let (mut after, mut left) = (after, limit);
    loop {
        let most = if limit == 0 { PAGE } else { left.min(PAGE) };
        let page = site.withdrawals(after, most).map_err(Misuse::new)?;
        let Some(last) = page.last() else { return Ok(ExitCode::SUCCESS) };
        after = last.seq;
        to_stdout(|out| {
            page.iter().try_for_each(|row| match as_json {
                true => writeln!(out, "{}", entry(row)),
                false => writeln!(out, "{}", line(row)),
            })
        })?;
        left = left.saturating_sub(u32::try_from(page.len()).unwrap_or(u32::MAX));
        if limit != 0 && left == 0 {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

fn line(row: &WithdrawnRow) -> String {
    let WithdrawnRow { kind, scope, subject, before_s, seq, at_s, note, .. } = row;
    let before = before_s.map_or(String::new(), |at_s| format!("  issued before {}", date(at_s)));
    let note = if note.is_empty() { String::new() } else { format!("  {}", visible(note)) };
    let subject = shown(*kind, scope, subject);
    format!("{seq}  {}  {subject}  {}{before}{note}", kind.name(), date(*at_s))
}

fn entry(row: &WithdrawnRow) -> Value {
    json!({
        "seq": row.seq, "kind": row.kind.name(), "id": shown(row.kind, &row.scope, &row.subject),
        "at": row.at_s, "issued_before": row.before_s, "gone_at": row.expires_s, "note": row.note,
    })
}
