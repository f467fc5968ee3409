//! Users, devices and tenants, as the directory's export names them.
//!
//! Users are known by tenant and object id, or by SID: never by a name that somebody can be given. An import
//! adds and changes what it names and leaves everything else.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;
use tollgate::Guid;

use crate::act::{Act, DISABLED, Mark};
use crate::authority::Authority;
use crate::error::SiteError;
use crate::files::{Readers, replace};
use crate::registry::{Imported, Kind, Person, RegistryError, TenantCount};
use crate::settings::{
    ClientSettings, DEFAULTS, GATEWAY_ALLOWED, deny_by_default, kept, names, tell,
};

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// Rows of the file.
    pub rows: u64,
    /// Users that are disabled now and were not.
    pub disabled: u64,
    /// Users that are enabled now and were not.
    pub enabled: u64,
}

/// Largest file in bytes, as gates read lists of.
pub const IMPORT_BYTES: usize = 128 * 1024 * 1024;

/// Rows that are read at once.
const PAGE: u32 = 10_000;

/// A table with named columns.
struct Table<'t> {
    name: &'t str,
    reader: csv::Reader<&'t [u8]>,
    header: csv::StringRecord,
}

impl<'t> Table<'t> {
    fn new(name: &'t str, bytes: &'t [u8]) -> Result<Self, SiteError> {
        if bytes.len() > IMPORT_BYTES {
            return Err(SiteError::Refused(format!("{name}: is larger than {IMPORT_BYTES} bytes")));
        }
        // Some editors put a byte order mark before UTF-8.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
        let header = reader.headers().map_err(|why| refused(name, 1, &why.to_string()))?.clone();
        Ok(Self { name, reader, header })
    }

    /// The place of a column.
    fn column(&self, wanted: &str) -> Result<Option<usize>, SiteError> {
        let mut named =
            (0..).zip(&self.header).filter(|(_, name)| name.eq_ignore_ascii_case(wanted));
        match (named.next(), named.next()) {
            (_, Some(_)) => Err(refused(self.name, 1, &format!("there are two columns {wanted}"))),
            (first, None) => Ok(first.map(|(at, _)| at)),
        }
    }

    fn required(&self, wanted: &str) -> Result<usize, SiteError> {
        self.column(wanted)?.ok_or_else(|| {
            let why = format!("there is no column {wanted}; the first line names the columns");
            refused(self.name, 1, &why)
        })
    }

    fn rows(
        mut self,
        mut read: impl FnMut(&csv::StringRecord) -> Result<(), String>,
    ) -> Result<(), SiteError> {
        let mut row = csv::StringRecord::new();
        loop {
            match self.reader.read_record(&mut row) {
                Ok(false) => return Ok(()),
                Ok(true) => {
                    let line = row.position().map_or(0, csv::Position::line);
                    read(&row).map_err(|why| refused(self.name, line, &why))?;
                }
                Err(why) => {
                    let line = why.position().map_or(0, csv::Position::line);
                    return Err(refused(self.name, line, &why.to_string()));
                }
            }
        }
    }
}

fn refused(name: &str, line: u64, why: &str) -> SiteError {
    SiteError::Refused(format!("{name}:{line}: {why}; nothing was imported"))
}

fn guid(row: &csv::StringRecord, at: usize, what: &str) -> Result<Guid, String> {
    let text = row.get(at).unwrap_or("");
    let guid = Guid::parse(text).filter(|guid| *guid != Guid([0; 16]));
    guid.ok_or_else(|| format!("{what} {text:?} is not a GUID"))
}

fn flag(text: &str, what: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err(format!("{what} {text:?} is not true or false")),
    }
}

/// A SID (MS-DTYP section 2.4.2.1) in its usual form.
fn sid(text: &str) -> Result<String, String> {
    let is_number = |part: &str| part.parse::<u64>().is_ok();
    let is_sid = |rest: &str| text.len() <= SID_CHARS && rest.split('-').all(is_number);
    match text.strip_prefix("S-1-") {
        _ if text.is_empty() => Ok(String::new()),
        Some(rest) if is_sid(rest) => Ok(text.into()),
        _ => Err(format!("onprem_sid {text:?} is not a SID")),
    }
}

/// Longest SID in characters: 15 sub-authorities.
const SID_CHARS: usize = 184;

impl Authority {
    /// Imports users: columns `tenant_id`, `object_id`, and, where they are there, `onprem_sid` and `enabled`.
    /// A user that is not enabled is refused by every gate, with every token that names it.
    ///
    /// # Errors
    /// When a row cannot be meant: the first is named, and nothing is imported.
    pub fn import_users(
        &self,
        name: &str,
        csv: &[u8],
        actor: &str,
        now_s: i64,
    ) -> Result<Import, SiteError> {
        let table = Table::new(name, csv)?;
        let (tenant_at, object_at) = (table.required("tenant_id")?, table.required("object_id")?);
        let (sid_at, enabled_at) = (table.column("onprem_sid")?, table.column("enabled")?);
        let mut people = Vec::new();
        let mut seen = HashMap::new();
        table.rows(|row| {
            let tenant = guid(row, tenant_at, "tenant_id")?;
            let object = guid(row, object_at, "object_id")?;
            // A column that is not there says nothing.
            let sid = sid_at.map(|at| sid(row.get(at).unwrap_or(""))).transpose()?;
            let enabled = enabled_at.map(|at| flag(row.get(at).unwrap_or(""), "enabled"));
            let said = (sid, enabled.transpose()?);
            match seen.insert((tenant, object), said.clone()) {
                Some(before) if before != said => {
                    Err(format!("user {object} stands above, and otherwise"))
                }
                _ => {
                    people.push(((tenant, object), said));
                    Ok(())
                }
            }
        })?;
        let import = self.write(now_s, |act| {
            let mut import = Import { rows: people.len() as u64, ..Import::default() };
            for ((tenant, object), (sid, enabled)) in &people {
                let known = act.rows.person(*tenant, *object)?;
                let known = known.unwrap_or(Person {
                    tenant: *tenant,
                    object: *object,
                    sid: String::new(),
                    is_enabled: true,
                });
                let person = Person {
                    sid: sid.clone().unwrap_or(known.sid),
                    is_enabled: enabled.unwrap_or(known.is_enabled),
                    ..known
                };
                act.rows.put_person(&person)?;
                enable(act, &person, &mut import)?;
            }
            let detail = json!({
                "file": name, "rows": import.rows, "disabled": import.disabled, "enabled": import.enabled,
            });
            act.administered(actor, "user import", "", &detail)?;
            Ok(import)
        })?;
        self.write_users()?;
        Ok(import)
    }

    /// Imports devices: columns `client_id`, `tenant_id`, `device_id`, and, where they are there, `join` (cloud,
    /// hybrid, none) and `gateway_allowed` (true, false, or empty for the default).
    ///
    /// # Errors
    /// As [`Authority::import_users`].
    pub fn import_devices(
        &self,
        name: &str,
        csv: &[u8],
        actor: &str,
        now_s: i64,
    ) -> Result<Import, SiteError> {
        let table = Table::new(name, csv)?;
        let client_at = table.required("client_id")?;
        let (tenant_at, device_at) = (table.required("tenant_id")?, table.required("device_id")?);
        let (join_at, allowed_at) = (table.column("join")?, table.column("gateway_allowed")?);
        let mut devices = Vec::new();
        let mut seen = HashMap::new();
        table.rows(|row| {
            let join = match join_at.and_then(|at| row.get(at)).map(str::to_lowercase).as_deref() {
                None => None,
                Some("" | "none") => Some("none"),
                Some("cloud") => Some("cloud"),
                Some("hybrid") => Some("hybrid"),
                Some(other) => {
                    return Err(format!("join {other:?} is not cloud, hybrid or none"));
                }
            };
            let client = guid(row, client_at, "client_id")?;
            let device = Named {
                client,
                tenant: guid(row, tenant_at, "tenant_id")?,
                device: guid(row, device_at, "device_id")?,
                join,
            };
            // Without the column nothing is said; an empty field says: as the default is.
            let allowed = match allowed_at.and_then(|at| row.get(at)) {
                None => None,
                Some("") => Some(None),
                Some(text) => Some(Some(flag(text, "gateway_allowed")?)),
            };
            match seen.insert(client, (device, allowed)) {
                Some(before) if before != (device, allowed) => {
                    Err(format!("client {client} stands above, and otherwise"))
                }
                _ => {
                    devices.push((device, allowed));
                    Ok(())
                }
            }
        })?;
        let site = self.id();
        let import = self.write(now_s, |act| {
            let mut denied = Vec::new();
            for kind in DEFAULTS {
                if act.rows.withdrawn(kind, &[], &site.0)?.is_some() {
                    denied.push(kind);
                }
            }
            for (device, allowed) in &devices {
                import_device(act, site, device, *allowed)?;
                for kind in &denied {
                    deny_by_default(act, *kind, device.tenant, true)?;
                }
            }
            let import = Import { rows: devices.len() as u64, ..Import::default() };
            let detail = json!({ "file": name, "rows": import.rows });
            act.administered(actor, "device import", "", &detail)?;
            Ok(import)
        })?;
        self.write_devices()?;
        Ok(import)
    }

    /// Users after a place, by tenant and object id.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn users(&self, after: Option<(Guid, Guid)>, limit: u32) -> Result<Vec<Person>, SiteError> {
        Ok(self.read(|rows| rows.people(after, limit))?)
    }

    /// Devices after a client, by client.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn devices(&self, after: Option<Guid>, limit: u32) -> Result<Vec<Imported>, SiteError> {
        Ok(self.read(|rows| rows.devices(after, limit))?)
    }

    /// Every tenant of which users, devices or clients are known.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn tenants(&self) -> Result<Vec<TenantCount>, SiteError> {
        Ok(self.read(|rows| rows.tenants())?)
    }

    /// The users as a file for gates: what `users_file` names.
    #[must_use]
    pub fn users_file(&self) -> PathBuf {
        self.data().join("users.csv")
    }

    /// The joined devices as a file for gates: what `devices_file` names.
    #[must_use]
    pub fn devices_file(&self) -> PathBuf {
        self.data().join("devices.csv")
    }

    pub(crate) fn write_users(&self) -> Result<(), SiteError> {
        let (mut text, mut after) = (String::from("tenant_id,object_id,enabled\n"), None);
        loop {
            let page = self.users(after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some((last.tenant, last.object));
            for Person { tenant, object, is_enabled, .. } in &page {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{tenant},{object},{is_enabled}");
            }
        }
        replace(&self.users_file(), text.as_bytes(), Readers::Owner)
    }

    pub(crate) fn write_devices(&self) -> Result<(), SiteError> {
        let (mut text, mut after) = (String::from("tenant_id,device_id,client_id,join\n"), None);
        loop {
            let page = self.devices(after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = Some(last.client);
            for Imported { client, tenant, device, join } in &page {
                if join != "none" {
                    let _ = writeln!(text, "{tenant},{device},{client},{join}");
                }
            }
        }
        replace(&self.devices_file(), text.as_bytes(), Readers::Owner)
    }
}

/// A row of an import of devices.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Named {
    client: Guid,
    tenant: Guid,
    device: Guid,
    /// How it is joined; nothing where there is no such column.
    join: Option<&'static str>,
}

/// Keeps a device, and tells gates what it may under every name that it has now; the ones that it had are free.
fn import_device(
    act: &mut Act<'_>,
    site: Guid,
    device: &Named,
    allowed: Option<Option<bool>>,
) -> Result<(), RegistryError> {
    let before = names(act, site, device.client)?;
    let known = act.rows.device(device.client)?;
    act.rows.put_device(&Imported {
        client: device.client,
        tenant: device.tenant,
        device: device.device,
        join: match (device.join, known) {
            (Some(join), _) => join.into(),
            (None, Some(known)) => known.join,
            (None, None) => "none".into(),
        },
    })?;
    if let Some(allowed) = allowed {
        act.rows.set_client_setting(device.client, GATEWAY_ALLOWED, allowed)?;
    }
    let now = names(act, site, device.client)?;
    let nothing = ClientSettings { gateway_allowed: None, user_policy_from_internet: None };
    for name in before.into_iter().filter(|name| !now.contains(name)) {
        tell(act, name, nothing)?;
    }
    let settings = kept(act, device.client)?;
    now.into_iter().try_for_each(|name| tell(act, name, settings))
}

/// Withdraws a user that is disabled; takes back what an import, and nobody else, withdrew.
fn enable(act: &mut Act<'_>, person: &Person, import: &mut Import) -> Result<(), RegistryError> {
    let (tenant, object) = (person.tenant.0, person.object.0);
    if !person.is_enabled {
        let mark = Mark {
            kind: Kind::User,
            scope: tenant.to_vec(),
            subject: object.to_vec(),
            before_s: None,
            expires_s: None,
            note: DISABLED.into(),
        };
        import.disabled += u64::from(act.withdraw(&mark)?);
        return Ok(());
    }
    let known = act.rows.withdrawn(Kind::User, &tenant, &object)?;
    if known.is_some_and(|known| known.note == DISABLED) {
        import.enabled += u64::from(act.undo(Kind::User, &tenant, &object)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sids_are_sids() {
        assert_eq!(sid("S-1-5-21-1004336348-1177238915-682003330-512").unwrap().len(), 44);
        assert_eq!(sid("").unwrap(), "");
        for bad in ["bob@contoso.com", "S-1-", "S-1-5-x", "s-1-5-21"] {
            assert!(sid(bad).is_err(), "{bad}");
        }
    }
}
