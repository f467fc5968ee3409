//! `tollgate bulk-token`.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use tollgate::Guid;
use tollgate_site::registry::{BulkToken, ClientFilter, ClientState, Page};
use tollgate_site::{BulkRequest, Issued, NewBulkToken};

use super::{actor, now_s, open, print_json};
use crate::cli::{BulkTokenCommand, NewBulkArgs};
use crate::misuse::Misuse;
use crate::output::{date, to_stdout, visible};

pub(crate) fn bulk_token(data: &Path, command: &BulkTokenCommand) -> Result<ExitCode, Misuse> {
    match command {
        BulkTokenCommand::New(args) => new(data, args),
        BulkTokenCommand::List { after, limit, json } => list(data, *after, *limit, json.json),
        BulkTokenCommand::Show { id, json } => show(data, *id, json.json),
    }
}

fn new(data: &Path, args: &NewBulkArgs) -> Result<ExitCode, Misuse> {
    let site = open(data)?;
    let wanted = NewBulkToken {
        request: BulkRequest { lifetime_minutes: args.lifetime },
        label: args.label.clone(),
        max_uses: args.max_uses,
        endpoint: args.endpoint.clone(),
        device_name: args.device_name.clone(),
    };
    // Made first: a token that cannot be handed over is not made.
    let file =
        args.out.as_deref().map(|path| Ok::<_, Misuse>((path, create(path)?))).transpose()?;
    let issued = site.new_bulk_token(&wanted, &actor(), now_s());
    let issued = issued.map_err(|error| {
        if let Some((path, _)) = &file {
            let _ = std::fs::remove_file(path);
        }
        Misuse::new(error)
    })?;
    if let Some((path, mut file)) = file {
        let written = writeln!(file, "{}", issued.token()).and_then(|()| file.sync_all());
        written.map_err(|error| Misuse::file(path, &error))?;
    }
    say(args, &issued)
}

fn say(args: &NewBulkArgs, issued: &Issued) -> Result<ExitCode, Misuse> {
    let (id, expires_s) = (issued.id(), issued.expires_s());
    if args.json.json {
        let token = if args.out.is_some() { Value::Null } else { issued.token().into() };
        return print_json(
            &json!({ "id": id.to_string(), "token": token, "expires_at": expires_s }),
        );
    }
    to_stdout(|out| {
        writeln!(out, "bulk token {id}, until {}", date(expires_s))?;
        match &args.out {
            Some(path) => {
                writeln!(out, "    written to {}: it is kept nowhere else", path.display())
            }
            None => writeln!(out, "{}", issued.token()),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A new file for its owner alone.
fn create(path: &Path) -> Result<std::fs::File, Misuse> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| Misuse::file(path, &error))
}

fn list(data: &Path, after: Option<Guid>, limit: u32, as_json: bool) -> Result<ExitCode, Misuse> {
    let (site, now_s) = (open(data)?, now_s());
    // SQLite counts in 64 bits: this many is all.
    let limit = if limit == 0 { u32::MAX } else { limit };
    let page = Page { after, limit };
    let tokens = site.bulk_tokens(page).map_err(Misuse::new)?;
    let last = tokens.last().map(|token| token.id);
    let rest = match last {
        Some(_) => site.bulk_tokens(Page { after: last, limit: 1 }).map_err(Misuse::new)?,
        None => Vec::new(),
    };
    let next = last.filter(|_| !rest.is_empty());
    if as_json {
        let tokens: Vec<Value> = tokens.iter().map(|token| entry(token, now_s)).collect();
        let next = next.map(|id| id.to_string());
        return print_json(&json!({ "bulk_tokens": tokens, "next_after": next }));
    }
    to_stdout(|out| {
        tokens.iter().try_for_each(|token| writeln!(out, "{}", line(token, now_s)))?;
        next.map_or(Ok(()), |id| writeln!(out, "... more: --after {id}, or --limit 0 for all"))
    })?;
    Ok(ExitCode::SUCCESS)
}

fn line(token: &BulkToken, now_s: i64) -> String {
    let BulkToken { id, label, uses, max_uses, last_used_s, expires_s, .. } = token;
    let of = max_uses.map_or(String::new(), |most| format!(" of {most}"));
    let last = last_used_s.map_or("never used".into(), |at_s| format!("last used {}", date(at_s)));
    let label = if label.is_empty() { String::new() } else { format!("  {}", visible(label)) };
    let (state, until) = (token.state(now_s), date(*expires_s));
    format!("{id}  {state}  until {until}  {uses}{of} uses, {last}{label}")
}

fn show(data: &Path, id: Guid, as_json: bool) -> Result<ExitCode, Misuse> {
    let (site, now_s) = (open(data)?, now_s());
    let token = site.bulk_token(id).map_err(Misuse::new)?;
    let count = |state| {
        let filter = ClientFilter { state: Some(state), bulk: Some(id) };
        site.count_clients(&filter).map_err(Misuse::new)
    };
    let (active, withdrawn) = (count(ClientState::Active)?, count(ClientState::Withdrawn)?);
    if as_json {
        let mut entry = entry(&token, now_s);
        entry["clients"] = json!({ "active": active, "withdrawn": withdrawn });
        return print_json(&entry);
    }
    to_stdout(|out| {
        writeln!(out, "{}", line(&token, now_s))?;
        writeln!(out, "    made      {}", date(token.created_s))?;
        let any = |text: &Option<String>| text.as_deref().map_or("any".into(), visible);
        writeln!(out, "    endpoint  {}", any(&token.endpoint))?;
        writeln!(out, "    devices   {}", any(&token.device_name))?;
        writeln!(out, "    key       {}", token.kid)?;
        writeln!(out, "    clients   {active} active, {withdrawn} withdrawn")?;
        writeln!(out, "    tollgate client list --bulk-token {id}")
    })?;
    Ok(ExitCode::SUCCESS)
}

fn entry(token: &BulkToken, now_s: i64) -> Value {
    json!({
        "id": token.id.to_string(), "label": token.label, "state": token.state(now_s),
        "created_at": token.created_s, "expires_at": token.expires_s, "max_uses": token.max_uses,
        "uses": token.uses, "last_used_at": token.last_used_s, "endpoint": token.endpoint,
        "device_name": token.device_name, "kid": token.kid,
    })
}
