//! `tollgate client`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use tollgate::Guid;
use tollgate_site::registry::{Client, ClientFilter, ClientState, Page};
use tollgate_site::{Authority, ClientSettings, GATEWAY_ALLOWED, USER_POLICY};

use super::{actor, now_s, open, print_json, print_line};
use crate::cli::{ClientCommand, ClientListArgs};
use crate::misuse::Misuse;
use crate::output::{date, to_stdout, visible};

pub(crate) fn client(data: &Path, command: &ClientCommand) -> Result<ExitCode, Misuse> {
    match command {
        ClientCommand::List(args) => list(data, args),
        ClientCommand::Show { id, json } => show(data, *id, json.json),
        ClientCommand::Approve { ids } => {
            let site = open(data)?;
            for id in ids {
                site.approve(*id, &actor(), now_s()).map_err(Misuse::new)?;
                print_line(&format!("approved {id}: it gets its token when it asks again"))?;
            }
            Ok(ExitCode::SUCCESS)
        }
        ClientCommand::Set { id, settings } => set(&open(data)?, id, settings),
    }
}

/// Clients that are read at once, however many are listed.
const PAGE: u32 = 1_000;

fn list(data: &Path, args: &ClientListArgs) -> Result<ExitCode, Misuse> {
    let site = open(data)?;
    let filter = ClientFilter { state: args.state, bulk: args.bulk_token };
    let (mut after, mut left) = (args.after, args.limit);
    loop {
        let limit = if args.limit == 0 { PAGE } else { left.min(PAGE) };
        let page = site.clients(&filter, Page { after, limit }).map_err(Misuse::new)?;
        let Some(last) = page.last() else { return Ok(ExitCode::SUCCESS) };
        after = Some(last.id);
        to_stdout(|out| {
            page.iter().try_for_each(|client| match args.json.json {
                true => writeln!(out, "{}", entry(client)),
                false => writeln!(out, "{}", line(client)),
            })
        })?;
        left = left.saturating_sub(u32::try_from(page.len()).unwrap_or(u32::MAX));
        if args.limit != 0 && left == 0 {
            let next = Page { after, limit: 1 };
            if !args.json.json && !site.clients(&filter, next).map_err(Misuse::new)?.is_empty() {
                let id = last_id(&page);
                print_line(&format!("... more: --after {id}, or --limit 0 for all"))?;
            }
            return Ok(ExitCode::SUCCESS);
        }
    }
}

fn last_id(page: &[Client]) -> Guid {
    page.last().map_or(Guid([0; 16]), |client| client.id)
}

fn line(client: &Client) -> String {
    let Client { id, state, generation, expires_s, provenance, name, alarms, .. } = client;
    let ends = match state {
        ClientState::Pending => "waits".into(),
        _ => format!("until {}", date(*expires_s)),
    };
    let alarms = if *alarms == 0 { String::new() } else { format!("  CLONE ALARMS: {alarms}") };
    let (state, name) = (state.name(), visible(name));
    format!("{id}  {state}  generation {generation}, {ends}  {provenance}  {name}{alarms}")
}

fn show(data: &Path, id: Guid, as_json: bool) -> Result<ExitCode, Misuse> {
    let site = open(data)?;
    let (client, withdrawn) = site.client(id).map_err(Misuse::new)?;
    let settings = site.client_settings(id).map_err(Misuse::new)?;
    if as_json {
        let mut entry = entry(&client);
        entry[GATEWAY_ALLOWED] = settings.gateway_allowed.into();
        entry[USER_POLICY] = settings.user_policy_from_internet.into();
        entry["withdrawn"] = withdrawn.map_or(Value::Null, |row| {
            json!({ "seq": row.seq, "at": row.at_s, "issued_before": row.before_s, "note": row.note })
        });
        return print_json(&entry);
    }
    let is = |value: Option<bool>, default: &str| {
        value.map_or_else(|| default.to_owned(), |value| value.to_string())
    };
    to_stdout(|out| {
        writeln!(out, "{}", line(&client))?;
        writeln!(
            out,
            "    registered  {} at {}",
            date(client.registered_s),
            visible(&client.endpoint)
        )?;
        writeln!(out, "    token       {}, issued {}", client.token, date(client.issued_s))?;
        writeln!(out, "    signed by   {}", client.kid)?;
        writeln!(out, "    {GATEWAY_ALLOWED}  {}", is(settings.gateway_allowed, "as by default"))?;
        writeln!(
            out,
            "    {USER_POLICY}  {}",
            is(settings.user_policy_from_internet, "as by default")
        )?;
        match &withdrawn {
            Some(row) => writeln!(
                out,
                "    withdrawn   {} as number {}: {}",
                date(row.at_s),
                row.seq,
                if row.note.is_empty() { "no note".into() } else { visible(&row.note) }
            ),
            None => Ok(()),
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

fn entry(client: &Client) -> Value {
    json!({
        "id": client.id.to_string(), "name": client.name, "state": client.state.name(),
        "provenance": client.provenance.to_string(),
        "device": client.device.map(|device| device.to_string()), "endpoint": client.endpoint,
        "registered_at": client.registered_s, "generation": client.generation,
        "token": client.token.to_string(), "issued_at": client.issued_s,
        "expires_at": client.expires_s, "kid": client.kid, "graces": client.graces,
        "clone_alarms": client.alarms,
    })
}

fn set(site: &Authority, id: &str, settings: &[String]) -> Result<ExitCode, Misuse> {
    let value = |text: &str| match text {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        "default" => Ok(None),
        _ => Err(Misuse::new(format!("{text:?}: write true, false or default"))),
    };
    let pairs = settings.iter().map(|setting| match setting.split_once('=') {
        Some((name, text)) if [GATEWAY_ALLOWED, USER_POLICY].contains(&name) => {
            Ok((name, value(text)?))
        }
        _ => Err(Misuse::new(format!(
            "{setting:?}: write {GATEWAY_ALLOWED}=... or {USER_POLICY}=..."
        ))),
    });
    let pairs = pairs.collect::<Result<Vec<_>, _>>()?;
    if id == "default" {
        let mut settings =
            ClientSettings { gateway_allowed: None, user_policy_from_internet: None };
        for (name, value) in &pairs {
            if value.is_none() {
                return Err(Misuse::new(format!("the default of {name} is =true or =false")));
            }
            match *name {
                GATEWAY_ALLOWED => settings.gateway_allowed = *value,
                _ => settings.user_policy_from_internet = *value,
            }
        }
        site.set_default_settings(settings, &actor(), now_s()).map_err(Misuse::new)?;
        for (name, value) in pairs {
            let is_allowed = value == Some(true);
            print_line(&format!("{name} is {is_allowed} unless a client is told otherwise"))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let id =
        Guid::parse(id).ok_or_else(|| Misuse::new(format!("{id:?}: write a GUID, or default")))?;
    let mut settings = site.client_settings(id).map_err(Misuse::new)?;
    for (name, value) in pairs {
        match name {
            GATEWAY_ALLOWED => settings.gateway_allowed = value,
            _ => settings.user_policy_from_internet = value,
        }
    }
    let is_known =
        site.set_client_settings(id, settings, &actor(), now_s()).map_err(Misuse::new)?;
    let line = format!("set for {id}; gates hear of it as of a withdrawal");
    print_line(&match is_known {
        true => line,
        false => format!(
            "{line}. This site has never seen that client, registered or imported: if the id is wrong, set it back \
             with =default"
        ),
    })
}
