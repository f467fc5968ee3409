//! `tollgate user`, `device` and `tenant`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;
use tollgate_site::registry::{Imported, Person, TenantCount};
use tollgate_site::{Authority, IMPORT_BYTES, Import};

use super::{actor, now_s, open, print_json, print_line};
use crate::cli::{Cli, PeopleCommand, TenantCommand};
use crate::config::find;
use crate::misuse::Misuse;
use crate::output::{date, to_stdout};

/// Rows that are read at once.
const PAGE: u32 = 1_000;

pub(crate) fn user(data: &Path, command: &PeopleCommand) -> Result<ExitCode, Misuse> {
    let site = open(data)?;
    match command {
        PeopleCommand::Import { file, json } => {
            let (name, bytes) = read(file)?;
            let import =
                site.import_users(&name, &bytes, &actor(), now_s()).map_err(Misuse::new)?;
            say(import, "users", &site.users_file(), json.json)
        }
        PeopleCommand::List(json) => {
            let mut after = None;
            loop {
                let page = site.users(after, PAGE).map_err(Misuse::new)?;
                let Some(last) = page.last() else { return Ok(ExitCode::SUCCESS) };
                after = Some((last.tenant, last.object));
                to_stdout(|out| {
                    page.iter().try_for_each(|person| {
                        let Person { tenant, object, sid, is_enabled } = person;
                        if json.json {
                            let entry = json!({
                                "tenant_id": tenant.to_string(), "object_id": object.to_string(),
                                "onprem_sid": sid, "enabled": is_enabled,
                            });
                            return writeln!(out, "{entry}");
                        }
                        let state = if *is_enabled { "enabled" } else { "disabled" };
                        writeln!(out, "{tenant}/{object}  {state}  {sid}")
                    })
                })?;
            }
        }
    }
}

pub(crate) fn device(data: &Path, command: &PeopleCommand) -> Result<ExitCode, Misuse> {
    let site = open(data)?;
    match command {
        PeopleCommand::Import { file, json } => {
            let (name, bytes) = read(file)?;
            let import = site.import_devices(&name, &bytes, &actor(), now_s());
            say(import.map_err(Misuse::new)?, "devices", &site.devices_file(), json.json)
        }
        PeopleCommand::List(json) => list_devices(&site, json.json),
    }
}

fn list_devices(site: &Authority, as_json: bool) -> Result<ExitCode, Misuse> {
    let mut after = None;
    loop {
        let page = site.devices(after, PAGE).map_err(Misuse::new)?;
        let Some(last) = page.last() else { return Ok(ExitCode::SUCCESS) };
        after = Some(last.client);
        let mut lines = Vec::with_capacity(page.len());
        for Imported { client, tenant, device, join } in &page {
            let allowed = site.client_settings(*client).map_err(Misuse::new)?.gateway_allowed;
            lines.push(match as_json {
                true => json!({
                    "client_id": client.to_string(), "tenant_id": tenant.to_string(),
                    "device_id": device.to_string(), "join": join, "gateway_allowed": allowed,
                })
                .to_string(),
                false => {
                    let allowed = allowed.map_or("default".into(), |allowed| allowed.to_string());
                    format!("{client}  {tenant}/{device}  {join}  gateway_allowed {allowed}")
                }
            });
        }
        to_stdout(|out| lines.iter().try_for_each(|line| writeln!(out, "{line}")))?;
    }
}

fn read(file: &Path) -> Result<(String, Vec<u8>), Misuse> {
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|file| file.take(IMPORT_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| Misuse::file(file, &error))?;
    Ok((file.display().to_string(), bytes))
}

fn say(import: Import, what: &str, file: &Path, as_json: bool) -> Result<ExitCode, Misuse> {
    let Import { rows, disabled, enabled } = import;
    let file = file.display();
    if as_json {
        return print_json(&json!({
            "rows": rows, "disabled": disabled, "enabled": enabled, "file": file.to_string(),
        }));
    }
    let changes = match (disabled, enabled) {
        (0, 0) => String::new(),
        _ => format!("; {disabled} withdrawn as disabled, {enabled} let in again"),
    };
    print_line(&format!("imported {rows} {what}{changes}; for gates: {file}"))
}

pub(crate) fn tenant(cli: &Cli, command: &TenantCommand) -> Result<ExitCode, Misuse> {
    let TenantCommand::List(json) = command;
    let (site, now_s) = (open(&cli.data)?, now_s());
    // Tenants of the configuration, and whether each is enabled; an unreadable one is no reason to show nothing.
    let mut tenants: BTreeMap<String, (Option<bool>, Option<TenantCount>)> = BTreeMap::new();
    if let Ok(file) = find(cli)
        && let Ok(loaded) = tollgate_keeper::load(&file)
    {
        for trusted in loaded.gate.trusted(tollgate_keeper::now()) {
            if let Some(tenant) = trusted.tenant {
                tenants.entry(tenant.to_string()).or_default().0 = Some(trusted.is_enabled);
            }
        }
    }
    for count in site.tenants().map_err(Misuse::new)? {
        let id = count.tenant.to_string();
        tenants.entry(id).or_default().1 = Some(count);
    }
    let rows = tenants.into_iter().map(|(id, (enabled, count))| {
        let (users, devices) = count.as_ref().map_or((0, 0), |count| (count.users, count.devices));
        let seen_s = count.and_then(|count| count.seen_s);
        let warning = match enabled {
            Some(true) if users == 0 && devices == 0 => {
                "enabled, and neither users nor devices are known: import them, or write enabled = false"
            }
            None => "not in the configuration",
            _ => "",
        };
        (id, enabled, users, devices, seen_s, warning)
    });
    let rows: Vec<_> = rows.collect();
    if json.json {
        let rows: Vec<_> = rows
            .iter()
            .map(|(id, enabled, users, devices, seen_s, warning)| {
                json!({
                    "tenant": id, "enabled": enabled, "users": users, "devices": devices,
                    "last_seen_at": seen_s, "warning": warning,
                })
            })
            .collect();
        return print_json(&json!({ "tenants": rows, "at": now_s }));
    }
    to_stdout(|out| {
        rows.iter().try_for_each(|(id, enabled, users, devices, seen_s, warning)| {
            let enabled = match enabled {
                Some(true) => "enabled",
                Some(false) => "disabled",
                None => "unknown",
            };
            let seen =
                seen_s.map_or("never seen".into(), |at_s| format!("last seen {}", date(at_s)));
            let warning =
                if warning.is_empty() { String::new() } else { format!("  WARNING: {warning}") };
            writeln!(out, "{id}  {enabled}  {users} users, {devices} devices, {seen}{warning}")
        })
    })?;
    Ok(ExitCode::SUCCESS)
}
