//! Finding and reading the configuration; `tollgate config check`.

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use tollgate::{Algorithm, Gate, Trusted, TrustedCa};
use tollgate_keeper::{ConfigError, FeedHealth, Loaded, load};

use crate::cli::Cli;
use crate::misuse::Misuse;
use crate::output::{complain, date, to_stdout};

const SEARCHED: [&str; 2] = ["tollgate.toml", "/etc/tollgate/tollgate.toml"];

/// The gate that the configuration describes; warnings go to standard error.
pub(crate) fn load_gate(cli: &Cli) -> Result<Gate, Misuse> {
    let Loaded { gate, warnings, .. } = load(&find(cli)?).map_err(Misuse::new)?;
    warnings.iter().for_each(|warning| complain(&format!("warning: {warning}")));
    Ok(gate)
}

/// Lists everything that is wrong and looks wrong, and, where nothing is wrong, what is trusted.
pub(crate) fn check(cli: &Cli, as_json: bool) -> Result<ExitCode, Misuse> {
    let file = find(cli)?;
    let (errors, warnings, gate, feeds) = match load(&file) {
        Ok(loaded) => (Vec::new(), loaded.warnings, Some(loaded.gate), loaded.feeds),
        Err(errors) => (errors.0, Vec::new(), None, Vec::new()),
    };
    let code = if errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) };
    let endpoints = gate.as_ref().map(Gate::endpoint_names).unwrap_or_default();
    let now = tollgate_keeper::now();
    let trusted = gate.as_ref().map(|gate| gate.trusted(now)).unwrap_or_default();
    if as_json {
        let list = |entries: &[ConfigError]| entries.iter().map(entry).collect::<Vec<_>>();
        let object = json!({
            "ok": errors.is_empty(), "file": file, "endpoints": endpoints,
            "issuers": trusted.iter().map(issuer).collect::<Vec<_>>(),
            "feeds": feeds.iter().map(feed).collect::<Vec<_>>(),
            "errors": list(&errors), "warnings": list(&warnings),
        });
        to_stdout(|out| writeln!(out, "{object}"))?;
        return Ok(code);
    }
    errors.iter().for_each(|error| complain(&error.to_string()));
    warnings.iter().for_each(|warning| complain(&format!("warning: {warning}")));
    if errors.is_empty() {
        to_stdout(|out| {
            let name = file.display();
            writeln!(out, "{name}: good, warnings: {}", warnings.len())?;
            writeln!(out, "endpoints: {}", endpoints.join(", ").escape_debug())?;
            trusted.iter().try_for_each(|issuer| write_issuer(out, issuer))?;
            feeds.iter().try_for_each(|feed| write_feed(out, feed))
        })?;
    }
    Ok(code)
}

fn write_issuer(out: &mut impl Write, issuer: &Trusted) -> io::Result<()> {
    let stale = if issuer.is_fresh { "" } else { "  STALE: nothing of it is decided" };
    writeln!(out, "{} {}{stale}", issuer.method.name(), issuer.authority.escape_debug())?;
    issuer.keys.iter().try_for_each(|(kid, algorithm)| {
        let kid = kid.as_deref().map_or("without kid".into(), |kid| format!("{kid:?}"));
        writeln!(out, "    key {kid} for {algorithm}")
    })?;
    issuer.authorities.iter().try_for_each(|ca| {
        let role = if ca.is_anchor { "anchor" } else { "intermediate" };
        let ends = date(ca.validity.1);
        writeln!(out, "    {role} {:?} until {ends}", ca.subject)
    })
}

fn write_feed(out: &mut impl Write, feed: &FeedHealth) -> io::Result<()> {
    let stale = if feed.is_fresh(tollgate_keeper::now()) { "" } else { "  STALE" };
    let (path, source) = (feed.path.display().to_string(), feed.source);
    writeln!(out, "feed of site {} ({source} {}){stale}", feed.site, path.escape_debug())?;
    let counts = feed.counts.iter().filter(|(_, count)| *count > 0);
    counts.clone().try_for_each(|(kind, count)| writeln!(out, "    {kind} {count}"))?;
    writeln!(out, "    change {} of {}", feed.seq, feed.head)
}

fn feed(feed: &FeedHealth) -> Value {
    let now = tollgate_keeper::now();
    let counts: serde_json::Map<_, _> =
        feed.counts.iter().map(|(kind, count)| ((*kind).to_owned(), json!(count))).collect();
    json!({
        "site": feed.site.to_string(), "source": feed.source, "path": feed.path,
        "fresh": feed.is_fresh(now), "age_s": feed.age(now).map(|age| age.as_secs()),
        "max_staleness_s": feed.max_staleness.as_secs(),
        "epoch": feed.epoch.map(|epoch| epoch.to_string()), "seq": feed.seq, "head": feed.head,
        "withdrawn": counts, "problem": feed.problem,
    })
}

fn issuer(issuer: &Trusted) -> Value {
    let key = |(kid, algorithm): &(Option<Box<str>>, Algorithm)| json!({ "kid": kid, "alg": algorithm.name() });
    let ca = |ca: &TrustedCa| json!({ "subject": ca.subject, "anchor": ca.is_anchor, "expires_at": ca.validity.1 });
    json!({
        "method": issuer.method.name(), "authority": issuer.authority, "fresh": issuer.is_fresh,
        "keys": issuer.keys.iter().map(key).collect::<Vec<_>>(),
        "authorities": issuer.authorities.iter().map(ca).collect::<Vec<_>>(),
    })
}

/// An error or a warning as JSON.
pub(crate) fn entry(error: &ConfigError) -> Value {
    json!({ "line": error.line, "key": error.key, "message": error.message })
}

/// The configuration that is meant.
pub(crate) fn find(cli: &Cli) -> Result<PathBuf, Misuse> {
    let named = std::env::var_os("TOLLGATE_CONFIG").filter(|name| !name.is_empty());
    if let Some(path) = cli.config.clone().or(named.map(PathBuf::from)) {
        return Ok(path);
    }
    // One that is there and cannot be read is an error of its own, not a reason to take another.
    let is_there = |path: &&Path| {
        fs::symlink_metadata(path)
            .map_or_else(|error| error.kind() != ErrorKind::NotFound, |_| true)
    };
    let found = SEARCHED.into_iter().map(Path::new).find(is_there);
    found.map(Path::to_path_buf).ok_or_else(|| {
        Misuse::new(format!(
            "no configuration: none is named (--config, TOLLGATE_CONFIG), and there is no {}; \
             `tollgate demo` makes one to try",
            SEARCHED.join(" or "),
        ))
    })
}
