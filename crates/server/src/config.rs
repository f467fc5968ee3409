//! Finding and reading the configuration; `tollgate config check`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use tollgate_keeper::{ConfigError, Loaded, load};

use crate::cli::Cli;
use crate::misuse::Misuse;
use crate::output::{complain, to_stdout};

const SEARCHED: [&str; 2] = ["tollgate.toml", "/etc/tollgate/tollgate.toml"];

/// The gate that the configuration describes; warnings go to standard error.
pub(crate) fn load_gate(cli: &Cli) -> Result<tollgate::Gate, Misuse> {
    let Loaded { gate, warnings, .. } = load(&find(cli)?).map_err(Misuse::new)?;
    warnings.iter().for_each(|warning| complain(&format!("warning: {warning}")));
    Ok(gate)
}

/// Lists everything that is wrong and everything that looks wrong.
pub(crate) fn check(cli: &Cli, as_json: bool) -> Result<ExitCode, Misuse> {
    let file = find(cli)?;
    let (errors, warnings, endpoints) = match load(&file) {
        Ok(loaded) => (Vec::new(), loaded.warnings, loaded.gate.endpoint_names()),
        Err(errors) => (errors.0, Vec::new(), Vec::new()),
    };
    let code = if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) };
    if as_json {
        let list = |entries: &[ConfigError]| entries.iter().map(entry).collect::<Vec<_>>();
        let object = json!({
            "ok": errors.is_empty(), "file": file, "endpoints": endpoints,
            "errors": list(&errors), "warnings": list(&warnings),
        });
        to_stdout(|out| writeln!(out, "{object}"))?;
        return Ok(code);
    }
    errors.iter().for_each(|error| complain(&error.to_string()));
    warnings.iter().for_each(|warning| complain(&format!("warning: {warning}")));
    if errors.is_empty() {
        to_stdout(|out| {
            let names = endpoints.join(", ");
            writeln!(
                out,
                "{}: good; endpoints: {names}; {} warnings",
                file.display(),
                warnings.len()
            )
        })?;
    }
    Ok(code)
}

fn entry(error: &ConfigError) -> Value {
    json!({ "line": error.line, "key": error.key, "message": error.message })
}

fn find(cli: &Cli) -> Result<PathBuf, Misuse> {
    if let Some(path) = &cli.config {
        return Ok(path.clone());
    }
    let found = SEARCHED.into_iter().map(Path::new).find(|path| path.exists());
    found.map(Path::to_path_buf).ok_or_else(|| {
        Misuse::new(format!(
            "no configuration: none is named (--config, TOLLGATE_CONFIG), and there is no {}; \
             `tollgate demo` makes one to try",
            SEARCHED.join(" or "),
        ))
    })
}
