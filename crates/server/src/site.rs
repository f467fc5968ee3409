//! `tollgate site init` and `tollgate keys list`.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::{Value, json};
use tollgate::{Algorithm, Guid, random_guid};
use tollgate_site::{Authority, ListedKey};

use crate::misuse::Misuse;
use crate::output::to_stdout;

/// Makes a site, and says what to write so that a gate believes it.
pub(crate) fn init(
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
    let key = &site.keys(now_s)[0];
    if as_json {
        let object = json!({
            "id": site.id().to_string(), "issuer": site.issuer(), "data": data.to_string_lossy(),
            "keys_file": public.to_string_lossy(), "created_at": site.created_s(), "key": entry(key),
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
        writeln!(out, "In tollgate.toml, at the top, above all sections, until the feed comes:")?;
        writeln!(out, "    feed = \"none\"")?;
        writeln!(out, "and, with \"site\" among the `methods` of an endpoint:")?;
        writeln!(out, "    [[site]]")?;
        writeln!(out, "    id = \"{id}\"")?;
        writeln!(out, "    keys_file = {}", toml_text(&public))
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Lists the keys; opening the site checks who may read them.
pub(crate) fn list_keys(data: &Path, as_json: bool) -> Result<ExitCode, Misuse> {
    let site = Authority::open(data).map_err(Misuse::new)?;
    let keys = site.keys(tollgate_keeper::now().unix_s);
    if as_json {
        let keys: Vec<Value> = keys.iter().map(entry).collect();
        let object = json!({ "site": site.id().to_string(), "keys": keys });
        to_stdout(|out| writeln!(out, "{object}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    to_stdout(|out| {
        writeln!(out, "site {}", site.id())?;
        keys.iter().try_for_each(|key| {
            let ListedKey { kid, algorithm, created_s, state, .. } = key;
            let created = Timestamp::from_second(*created_s)
                .map_or_else(|_| created_s.to_string(), |at| at.to_string());
            writeln!(out, "    key {kid}  {algorithm}  {}  made {created}", state.name())
        })
    })?;
    Ok(ExitCode::SUCCESS)
}

fn entry(key: &ListedKey) -> Value {
    json!({
        "kid": key.kid, "alg": key.algorithm.name(), "created_at": key.created_s,
        "state": key.state.name(),
    })
}

/// A path as TOML writes text: the escapes of JSON are among those of TOML.
fn toml_text(path: &Path) -> String {
    Value::from(path.to_string_lossy()).to_string()
}
