//! `tollgate site backup`, `restore` and `clock`; `tollgate audit`.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use tollgate_site::feed::FeedFile;
use tollgate_site::{Authority, Restore, Since, SiteError, Verified};

use super::{actor, now_s, open, print_json, print_line};
use crate::cli::{AuditCommand, RestoreArgs};
use crate::misuse::Misuse;
use crate::output::{complain, date, to_stdout};

pub(super) fn backup(data: &Path, file: &Path) -> Result<ExitCode, Misuse> {
    let (site, now_s) = (open(data)?, now_s());
    site.backup(file, &actor(), now_s).map_err(Misuse::new)?;
    site.tend(now_s).map_err(Misuse::new)?;
    to_stdout(|out| {
        writeln!(out, "wrote {}", file.display())?;
        writeln!(
            out,
            "    keep with it, from {}: keys/, site.json, and journal.jsonl as it grows",
            data.display()
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restore(data: &Path, args: &RestoreArgs) -> Result<ExitCode, Misuse> {
    let since = match (&args.withdrawals, args.distrust_issued_before) {
        (Some(file), _) => Since::File(file.clone()),
        (None, Some(at_s)) => Since::Distrust(at_s),
        (None, None) => Since::Journal,
    };
    let done =
        Authority::restore(data, &args.file, &since, &actor(), now_s()).map_err(Misuse::new)?;
    let Restore { replayed, undone, unread, blocked, keys, moved } = &done;
    if !unread.is_empty() {
        let lines: Vec<_> = unread.iter().take(8).map(ToString::to_string).collect();
        let count = unread.len();
        complain(&format!(
            "warning: {count} lines of the journal could not be read ({}): a crash in the middle of one leaves \
             such, and it was not acknowledged; look at each",
            lines.join(", ")
        ));
    }
    if args.json.json {
        return print_json(&json!({
            "replayed": replayed, "undone": undone, "keys": keys, "unread_lines": unread, "blocked_bulk_tokens": blocked,
            "moved": moved.as_ref().map(|path| path.to_string_lossy().into_owned()),
        }));
    }
    to_stdout(|out| {
        writeln!(out, "restored {} in a new epoch", args.file.display())?;
        writeln!(out, "    withdrawals from the journal: {replayed} more, {undone} taken back")?;
        if *keys > 0 {
            writeln!(out, "    keys of after the backup: {keys}; see `tollgate keys list`")?;
        }
        if let Some(path) = moved {
            writeln!(out, "    what was there is in {}", path.display())?;
        }
        if *blocked > 0 {
            writeln!(
                out,
                "    {blocked} bulk tokens live and are blocked: how often they were used is not known."
            )?;
            writeln!(
                out,
                "    `tollgate bulk-token list`, then `tollgate unblock bulk-token ID` for those that are yours"
            )?;
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// How often a process that runs all the time tends the site, in seconds.
const TEND_EVERY_S: i64 = 3_600;

/// Writes it once, or for as long as it is let; what goes wrong then is said, and tried again.
pub(super) fn feed(data: &Path, file: &Path, every: Option<u64>) -> Result<ExitCode, Misuse> {
    let (site, mut feed) = (open(data)?, FeedFile::new(file));
    let head = feed.step(&site, now_s()).map_err(Misuse::new)?;
    print_line(&format!("wrote {}: the feed stands at {}", file.display(), head.seq))?;
    let Some(every) = every else { return Ok(ExitCode::SUCCESS) };
    let mut tended_s = 0;
    loop {
        std::thread::sleep(Duration::from_secs(every));
        let now_s = now_s();
        let stepped = feed.step(&site, now_s).map(drop);
        // Whoever runs all the time tidies up, too.
        let tended = match now_s - tended_s {
            ..TEND_EVERY_S => Ok(()),
            _ => site.tend(now_s).map(|_| tended_s = now_s),
        };
        for why in [stepped, tended].into_iter().filter_map(Result::err) {
            complain(&why.to_string());
        }
    }
}

pub(super) fn clock(data: &Path, accept: bool) -> Result<ExitCode, Misuse> {
    let (site, now_s) = (open(data)?, now_s());
    if !accept {
        let seen_s = site.clock_seen().map_err(Misuse::new)?;
        return print_line(&format!(
            "the clock says {}, the registry has seen {}",
            date(now_s),
            date(seen_s)
        ));
    }
    let was_s = site.accept_clock(&actor(), now_s).map_err(Misuse::new)?;
    print_line(&format!("the registry takes {} for now; it had seen {}", date(now_s), date(was_s)))
}

/// Exit code 0: the audit is whole; 1: it is not.
pub(crate) fn audit(data: &Path, command: &AuditCommand) -> Result<ExitCode, Misuse> {
    let site = open(data)?;
    let (file, to, as_json) = match command {
        AuditCommand::Export { after } => {
            let mut out = BufWriter::new(io::stdout().lock());
            let exported = site.export_audit(*after, &mut out);
            let is_gone = |error: &SiteError| matches!(error, SiteError::Io { error, .. } if error.kind() == io::ErrorKind::BrokenPipe);
            return match exported.map(|_| out.flush()) {
                Err(error) if is_gone(&error) => Ok(ExitCode::SUCCESS),
                Ok(Ok(())) => Ok(ExitCode::SUCCESS),
                // A reader that went away (`| head`) has seen enough.
                Ok(Err(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
                    Ok(ExitCode::SUCCESS)
                }
                Ok(Err(error)) => Err(error.into()),
                Err(error) => Err(Misuse::new(error)),
            };
        }
        AuditCommand::Verify { file, to, json } => (file, *to, json.json),
    };
    let judged = match file {
        Some(file) => site.verify_export(file),
        None => site.verify_audit(),
    };
    let judged = judged.map_err(Misuse::new)?;
    let judged = match to {
        Some(to) => judged.and_then(|verified| verified.reaching(to)),
        None => judged,
    };
    match judged {
        Ok(verified) => {
            let (signed_to, Verified { rows, checkpoints, unsigned, from, to }) =
                (verified.signed_to(), verified);
            if as_json {
                return print_json(&json!({
                    "ok": true, "rows": rows, "from": from, "to": to, "checkpoints": checkpoints,
                    "signed_to": signed_to, "unsigned": unsigned,
                }));
            }
            print_line(&format!(
                "whole: rows {from} to {to}, {checkpoints} checkpoints, the last at row {signed_to}, {unsigned} rows since"
            ))
        }
        Err(broken) => {
            if as_json {
                print_json(&json!({ "ok": false, "row": broken.seq, "why": broken.why }))?;
            } else {
                print_line(&format!("NOT WHOLE: {broken}"))?;
            }
            Ok(ExitCode::FAILURE)
        }
    }
}
