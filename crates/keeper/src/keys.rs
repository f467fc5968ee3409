//! Key sets from where the configuration says.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use tollgate::jws::{KeyRules, KeySet};
use tollgate::limits::JWKS_BYTES;
use tollgate::oidc::{Cloud, Form, Keys};
use tollgate::{Algorithm, Limits};
use zeroize::Zeroizing;

use crate::clock;
use crate::config::{IssuerSettings, KeySource, KeysFrom, Report};

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
            if let (Some(max_age), Ok(modified)) =
                (max_age, fs::metadata(&path).and_then(|about| about.modified()))
            {
                fresh_until_ms = clock::fresh_until_ms(modified, *max_age);
            }
            read.map_err(|why| format!("cannot read {}: {why}", path.display()))
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

/// Reads a file of at most `most` bytes (one more is read, so that larger ones show); wiped after.
pub(crate) fn read_bounded(path: &Path, most: usize) -> Result<Zeroizing<Vec<u8>>, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let about = file.metadata().map_err(|error| error.to_string())?;
    if about.is_dir() {
        return Err("it is a directory".into());
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity((about.len() as usize).min(most) + 1));
    let read = file.take(most as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    if bytes.len() > most {
        return Err(format!("it is larger than {most} bytes"));
    }
    Ok(bytes)
}

fn is_hmac(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512)
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
