//! The commands of the site's administrator: each opens the folder, does one thing, and says what it did.

mod bulk;
mod clients;
mod keys;
mod people;
mod safekeeping;
mod withdrawals;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use tollgate::{Algorithm, Guid, random_guid};
use tollgate_site::Authority;

pub(crate) use bulk::bulk_token;
pub(crate) use clients::client;
pub(crate) use keys::keys;
pub(crate) use people::{device, tenant, user};
pub(crate) use safekeeping::audit;
pub(crate) use withdrawals::{block, unblock, withdraw};

use crate::cli::SiteCommand;
use crate::misuse::Misuse;
use crate::output::to_stdout;

/// `tollgate site`.
pub(crate) fn site(data: &Path, command: &SiteCommand) -> Result<ExitCode, Misuse> {
    match command {
        SiteCommand::Init { alg, id, json } => init(data, *alg, *id, json.json),
        SiteCommand::Set { terms, json } => set(data, terms, json.json),
        SiteCommand::Backup { file } => safekeeping::backup(data, file),
        SiteCommand::Restore(args) => safekeeping::restore(data, args),
        SiteCommand::Feed { file, every } => safekeeping::feed(data, file, *every),
        SiteCommand::Clock { accept } => safekeeping::clock(data, *accept),
    }
}

/// Sets terms, and shows what holds.
fn set(data: &Path, terms: &[String], as_json: bool) -> Result<ExitCode, Misuse> {
    let site = open(data)?;
    if !terms.is_empty() {
        let mut wanted = (*site.terms()).clone();
        for term in terms {
            let (name, value) = term
                .split_once('=')
                .ok_or_else(|| Misuse(format!("{term:?}: write TERM=VALUE")))?;
            wanted.set(name, value).map_err(Misuse)?;
        }
        site.set_terms(&wanted, &actor(), now_s()).map_err(Misuse::new)?;
    }
    let shown = site.terms().shown();
    if as_json {
        let terms: serde_json::Map<_, _> =
            shown.iter().map(|(name, value)| ((*name).into(), value.as_str().into())).collect();
        return print_json(&Value::Object(terms));
    }
    to_stdout(|out| shown.iter().try_for_each(|(name, value)| writeln!(out, "{name} = {value}")))?;
    Ok(ExitCode::SUCCESS)
}

fn open(data: &Path) -> Result<Authority, Misuse> {
    Authority::open(data).map_err(Misuse::new)
}

fn now_s() -> i64 {
    tollgate_keeper::now().unix_s
}

/// Who types. Whoever can open the folder can say anything here: it is for those who read the audit, and no
/// proof.
fn actor() -> String {
    let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| {
        std::env::var(name).ok().filter(|user| !user.is_empty() && user.len() <= 64)
    });
    format!("command line: {}", named.unwrap_or_else(|| "somebody".into()))
}

/// One object on one line, for scripts.
fn print_json(object: &Value) -> Result<ExitCode, Misuse> {
    to_stdout(|out| writeln!(out, "{object}"))?;
    Ok(ExitCode::SUCCESS)
}

/// One line for people.
fn print_line(line: &str) -> Result<ExitCode, Misuse> {
    to_stdout(|out| writeln!(out, "{line}"))?;
    Ok(ExitCode::SUCCESS)
}

/// Makes a site, and says what to write so that a gate believes it.
fn init(
    data: &Path,
    algorithm: Algorithm,
    id: Option<Guid>,
    as_json: bool,
) -> Result<ExitCode, Misuse> {
    let id = id.map_or_else(random_guid, Ok).map_err(Misuse::new)?;
    let now_s = tollgate_keeper::now().unix_s;
    let site = Authority::init(data, id, algorithm, now_s).map_err(Misuse::new)?;
    // Whole, since the configuration may be anywhere; it was just made, so it can be found.
    let public = site.public_keys_file();
    let public = fs::canonicalize(&public).unwrap_or(public);
    let registry = site.registry_file();
    let registry = fs::canonicalize(&registry).unwrap_or(registry);
    let key = &site.keys(now_s)[0];
    if as_json {
        let object = json!({
            "id": site.id().to_string(), "issuer": site.issuer(), "data": data.to_string_lossy(),
            "keys_file": public.to_string_lossy(), "registry": registry.to_string_lossy(), "created_at": site.created_s(), "key": keys::entry(key),
        });
        to_stdout(|out| writeln!(out, "{object}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    to_stdout(|out| {
        writeln!(out, "made {}: site {id}, which signs by {algorithm}", data.display())?;
        let private = site.private_key_file(&key.kid);
        writeln!(out, "    {}  the private key: back it up, show it to nobody", private.display())?;
        writeln!(out, "    {}  the public keys: for gates", site.public_keys_file().display())?;
        writeln!(out)?;
        writeln!(out, "In tollgate.toml, with \"site\" among the `methods` of an endpoint:")?;
        writeln!(out, "    [[site]]")?;
        writeln!(out, "    id = \"{id}\"")?;
        writeln!(out, "    keys_file = {}", toml_text(&public))?;
        writeln!(out, "    registry = {}", toml_text(&registry))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A path as TOML writes text: the escapes of JSON are among those of TOML.
fn toml_text(path: &Path) -> String {
    Value::from(path.to_string_lossy()).to_string()
}
