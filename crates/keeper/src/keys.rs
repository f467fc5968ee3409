//! Key sets from where the configuration says.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tollgate::Limits;
use tollgate::cert::Certificate;
use tollgate::jws::{Key, KeyRules, KeySet, Keys};
use tollgate::limits::JWKS_BYTES;
use tollgate::oidc::{Cloud, Form};
use tollgate::site::Format;
use zeroize::Zeroizing;

use crate::clock;
use crate::config::{IssuerSettings, KeySource, KeysFrom, Place, Report, SiteSettings, is_hmac};

/// Reads an issuer's keys; notes what is wrong with them.
pub(crate) fn read_keys(
    issuer: &IssuerSettings,
    folder: &Path,
    limits: &Limits,
    report: &Report,
) -> Option<Keys> {
    let KeySource { place, from, max_age } = &issuer.keys;
    let mut fresh_until_ms = u64::MAX;
    let json = match from {
        KeysFrom::File(path) => {
            let path = folder.join(path);
            let read = read_bounded(&path, JWKS_BYTES);
            read.map_err(|why| format!("cannot read {}: {why}", path.display())).map(|file| {
                if let Some(max_age) = max_age {
                    fresh_until_ms = fresh_until(&path, &file, *max_age, place, report);
                }
                file.bytes
            })
        }
        KeysFrom::Variable(name) => match std::env::var(name) {
            Ok(json) => Ok(Zeroizing::new(json.into_bytes())),
            Err(why) => Err(format!("cannot read the variable {name}: {why}")),
        },
        KeysFrom::Inline(json) => Ok(Zeroizing::new(json.clone().into_bytes())),
    };
    let json = json.map_err(|message| place.error(report, message)).ok()?;
    let wants_secrets = issuer.algorithms.iter().any(|algorithm| is_hmac(*algorithm));
    if wants_secrets && let KeysFrom::File(path) = from {
        warn_if_readable(&folder.join(path), issuer, report);
    }
    let cloud_instance = match &issuer.form {
        Form::Entra { cloud, .. } => Some(Cloud::instance_name(*cloud)),
        Form::Oidc { .. } => None,
    };
    let rules = KeyRules {
        algorithms: &issuer.algorithms,
        // Secrets do not stand in the configuration itself: files of it are shown and copied.
        secrets: wants_secrets && !matches!(from, KeysFrom::Inline(_)),
        cloud_instance,
        limits,
    };
    match KeySet::from_json(&json, &rules) {
        Ok((set, warnings)) => {
            warnings.iter().for_each(|warning| place.warn(report, warning.to_string()));
            Some(Keys::new(set, fresh_until_ms))
        }
        Err(error) => {
            place.error(report, error.to_string());
            None
        }
    }
}

/// Reads a site's keys: a JWK set, or for ConfigMgr its signing certificates as PEM.
pub(crate) fn read_site_keys(
    site: &SiteSettings,
    folder: &Path,
    limits: &Limits,
    report: &Report,
) -> Option<Keys> {
    let (place, path) = &site.keys;
    let path = folder.join(path);
    let read = read_bounded(&path, JWKS_BYTES);
    let read = read.map_err(|why| format!("cannot read {}: {why}", path.display()));
    let file = read.map_err(|message| place.error(report, message)).ok()?;
    let algorithms = site.format.algorithms();
    let rules = KeyRules { algorithms, secrets: false, cloud_instance: None, limits };
    let is_json = file.bytes.trim_ascii_start().first() == Some(&b'{');
    let set = if is_json || site.format == Format::Tollgate {
        KeySet::from_json(&file.bytes, &rules).map_err(|error| error.to_string())
    } else {
        Certificate::all_from(&file.bytes)
            .map_err(|why| format!("{}: {why}", path.display()))
            .and_then(|list| {
                KeySet::from_certificates(&list, &rules).map_err(|error| error.to_string())
            })
    };
    let (set, warnings) = set.map_err(|message| place.error(report, message)).ok()?;
    warnings.iter().for_each(|warning| place.warn(report, warning.to_string()));
    if let Some(other) = another_site(&set, &site.format.issuer(site.id)) {
        let name = path.display();
        let message =
            format!("{name} are the keys of {other:?}; name this site's, or write its id");
        place.error(report, message);
        return None;
    }
    Some(Keys::new(set, u64::MAX))
}

/// Whose keys they are, if every key says so and none is this site's: its tokens would all be refused.
fn another_site<'k>(keys: &'k KeySet, site: &str) -> Option<&'k str> {
    let is_ours =
        |key: &Key| key.issuers().len() == 0 || key.issuers().any(|of_key| of_key == site);
    if keys.keys().any(is_ours) { None } else { keys.keys().find_map(|key| key.issuers().next()) }
}

/// Until when the keys may be believed; warns where that is over already.
fn fresh_until(
    path: &Path,
    file: &FileRead,
    max_age: Duration,
    place: &Place,
    report: &Report,
) -> u64 {
    let until_ms = clock::fresh_until_ms(file.modified, max_age);
    if until_ms == 0 {
        let message = match SystemTime::now().duration_since(file.modified) {
            Ok(age) => format!("is {} s old, jwks_max_age {} s", age.as_secs(), max_age.as_secs()),
            Err(_) => "was written in the future, by its date".into(),
        };
        let name = path.display();
        place.warn(report, format!("{name} {message}: nothing of this issuer is decided (6001)"));
    }
    until_ms
}

/// A file that was read: bytes, wiped after, and the time of the very file they came from.
pub(crate) struct FileRead {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    modified: SystemTime,
}

/// Reads a regular file of at most `most` bytes (one more is read, so that larger ones show).
pub(crate) fn read_bounded(path: &Path, most: usize) -> Result<FileRead, String> {
    // Asked before it is opened: opening a pipe that nobody writes to would wait for ever.
    let about = fs::metadata(path).map_err(|error| error.to_string())?;
    if about.is_dir() {
        return Err("it is a directory".into());
    }
    if !about.is_file() {
        return Err("it is not a regular file".into());
    }
    let file = File::open(path).map_err(|error| error.to_string())?;
    // Of the open file: another one may have taken its name meanwhile.
    let modified = file.metadata().and_then(|about| about.modified());
    let modified = modified.map_err(|error| error.to_string())?;
    let mut bytes = Zeroizing::new(Vec::with_capacity((about.len() as usize).min(most) + 1));
    let read = file.take(most as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    if bytes.len() > most {
        return Err(format!("it is larger than {most} bytes"));
    }
    Ok(FileRead { bytes, modified })
}

#[cfg(unix)]
fn warn_if_readable(path: &Path, issuer: &IssuerSettings, report: &Report) {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).map_or(0, |about| about.permissions().mode());
    if mode & 0o077 != 0 {
        let message = format!(
            "{} may hold secrets and is open to others (mode {:03o}); chmod 600",
            path.display(),
            mode & 0o777,
        );
        issuer.keys.place.warn(report, message);
    }
}

#[cfg(not(unix))]
fn warn_if_readable(_: &Path, _: &IssuerSettings, _: &Report) {}
