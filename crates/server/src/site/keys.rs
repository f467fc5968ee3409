//! `tollgate keys`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use tollgate_site::{KeyState, ListedKey, Target, Terms};

use super::{actor, now_s, open, print_json, print_line, withdrawals};
use crate::cli::KeysCommand;
use crate::misuse::Misuse;
use crate::output::{date, to_stdout};

pub(crate) fn keys(data: &Path, command: &KeysCommand) -> Result<ExitCode, Misuse> {
    match command {
        KeysCommand::List(json) => list(data, json.json),
        KeysCommand::Rotate { alg, max_staleness, json } => {
            let site = open(data)?;
            let known = site.terms();
            let max_staleness_s = max_staleness.unwrap_or(known.max_staleness_s);
            let terms = Terms { max_staleness_s, ..(*known).clone() };
            let site = site.with_terms(terms).map_err(Misuse::new)?;
            let key = site.rotate_keys(*alg, &actor(), now_s()).map_err(Misuse::new)?;
            if json.json {
                return print_json(&entry(&key));
            }
            let ListedKey { kid, active_from_s, .. } = &key;
            to_stdout(|out| {
                writeln!(out, "made {kid}: published, and signs from {} on", date(*active_from_s))?;
                writeln!(
                    out,
                    "    copy keys/{kid}.pem to where you keep the others, and to every instance that issues"
                )
            })?;
            Ok(ExitCode::SUCCESS)
        }
        KeysCommand::Retire { id } => {
            open(data)?.retire_key(id, &actor(), now_s()).map_err(Misuse::new)?;
            print_line(&format!("{id}: out of the key set; its file in keys/ may be removed"))
        }
        KeysCommand::Withdraw { id, how } => {
            withdrawals::order(&open(data)?, &[Target::Key(id.clone())], how)
        }
    }
}

/// Lists the keys; opening the site checks who may read them.
fn list(data: &Path, as_json: bool) -> Result<ExitCode, Misuse> {
    let (site, now_s) = (open(data)?, now_s());
    let mut rows = Vec::new();
    for key in site.keys(now_s) {
        let live = site.live_under_key(&key.kid, now_s).map_err(Misuse::new)?;
        rows.push((key, live));
    }
    if as_json {
        let keys: Vec<Value> = rows
            .iter()
            .map(|(key, (clients, bulks, last))| {
                let mut entry = entry(key);
                entry["live_clients"] = (*clients).into();
                entry["live_bulk_tokens"] = (*bulks).into();
                entry["last_ends_at"] = (*last).into();
                entry
            })
            .collect();
        return print_json(&json!({ "site": site.id().to_string(), "keys": keys }));
    }
    to_stdout(|out| {
        writeln!(out, "site {}", site.id())?;
        rows.iter().try_for_each(|(key, (clients, bulks, _))| {
            let ListedKey { kid, algorithm, created_s, active_from_s, state, is_here } = key;
            write!(out, "    key {kid}  {algorithm}  {}  made {}", state.name(), date(*created_s))?;
            if *state == KeyState::Pending {
                write!(out, "  signs from {}", date(*active_from_s))?;
            }
            write!(out, "  live tokens: {clients} of clients, {bulks} bulk")?;
            let is_needed = matches!(state, KeyState::Active | KeyState::Pending);
            match *is_here || !is_needed {
                true => writeln!(out),
                false => writeln!(out, "  NOT HERE: this folder verifies and does not issue"),
            }
        })
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn entry(key: &ListedKey) -> Value {
    json!({
        "kid": key.kid, "alg": key.algorithm.name(), "created_at": key.created_s,
        "active_from": key.active_from_s, "state": key.state.name(), "is_here": key.is_here,
    })
}
