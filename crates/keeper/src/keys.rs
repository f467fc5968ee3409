//! Key sets from where the configuration says.

use std::path::Path;
use std::time::Duration;

use tollgate::cert::Certificate;
use tollgate::jws::{Key, KeyRules, KeySet, Keys};
use tollgate::limits::JWKS_BYTES;
use tollgate::oidc::{Cloud, Form};
use tollgate::site::Format;
use zeroize::Zeroizing;

use crate::clock;
use crate::config::{IssuerSettings, KeySource, KeysFrom, Place, Report, SiteSettings, is_hmac};
use crate::source::Reading;
use crate::trail::FileRead;

/// Reads an issuer's keys; notes what is wrong with them.
pub(crate) fn read_keys(issuer: &IssuerSettings, reading: &Reading<'_>) -> Option<Keys> {
    let Reading { folder, report, .. } = reading;
    let KeySource { place, from, max_age } = &issuer.keys;
    let mut fresh_until_ms = u64::MAX;
    let json = match from {
        KeysFrom::File(path) => {
            let path = folder.join(path);
            let read = reading.trail.read(&path, JWKS_BYTES);
            read.map_err(|why| format!("cannot read {}: {why}", path.display())).map(|file| {
                if let Some(max_age) = max_age {
                    fresh_until_ms = fresh_until(&path, &file, *max_age, place, reading);
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
    if wants_secrets(issuer)
        && let KeysFrom::File(path) = from
    {
        warn_if_readable(&folder.join(path), issuer, report);
    }
    // Secrets do not stand in the configuration itself: files of it are shown and copied.
    let secrets = !matches!(from, KeysFrom::Inline(_));
    issuer_set(issuer, &json, secrets, place, reading).map(|set| Keys::new(set, fresh_until_ms))
}

/// An issuer's keys out of a key set from anywhere; `place` is what errors name. Secrets are taken only if
/// `secrets` says so.
pub(crate) fn issuer_set(
    issuer: &IssuerSettings,
    json: &[u8],
    secrets: bool,
    place: &Place,
    reading: &Reading<'_>,
) -> Option<KeySet> {
    let cloud_instance = match &issuer.form {
        Form::Entra { cloud, .. } => Some(Cloud::instance_name(*cloud)),
        Form::Oidc { .. } => None,
    };
    let rules = KeyRules {
        algorithms: &issuer.algorithms,
        secrets: secrets && wants_secrets(issuer),
        cloud_instance,
        limits: reading.limits,
    };
    let read = KeySet::from_json(json, &rules);
    let (set, warnings) =
        read.map_err(|error| place.error(reading.report, error.to_string())).ok()?;
    warnings.iter().for_each(|warning| place.warn(reading.report, warning.to_string()));
    Some(set)
}

fn wants_secrets(issuer: &IssuerSettings) -> bool {
    issuer.algorithms.iter().any(|algorithm| is_hmac(*algorithm))
}

/// Reads a site's keys: a JWK set, or for ConfigMgr its signing certificates as PEM.
pub(crate) fn read_site_keys(site: &SiteSettings, reading: &Reading<'_>) -> Option<Keys> {
    let (place, path) = &site.keys;
    let path = reading.folder.join(path);
    let name = path.display();
    let read = reading.trail.read(&path, JWKS_BYTES);
    let read =
        read.map_err(|why| place.error(reading.report, format!("cannot read {name}: {why}")));
    let set = site_set(site, &read.ok()?.bytes, &name.to_string(), place, reading)?;
    Some(Keys::new(set, u64::MAX))
}

/// A site's keys out of bytes from anywhere; errors name `place`, and the bytes as `name`.
pub(crate) fn site_set(
    site: &SiteSettings,
    bytes: &[u8],
    name: &str,
    place: &Place,
    reading: &Reading<'_>,
) -> Option<KeySet> {
    let Reading { report, limits, .. } = reading;
    let algorithms = site.format.algorithms();
    let rules = KeyRules { algorithms, secrets: false, cloud_instance: None, limits };
    let is_json = bytes.trim_ascii_start().first() == Some(&b'{');
    let set = if is_json || site.format == Format::Tollgate {
        KeySet::from_json(bytes, &rules).map_err(|error| error.to_string())
    } else {
        Certificate::all_from(bytes).map_err(|why| format!("{name}: {why}")).and_then(|list| {
            KeySet::from_certificates(&list, &rules).map_err(|error| error.to_string())
        })
    };
    let (set, warnings) = set.map_err(|message| place.error(report, message)).ok()?;
    warnings.iter().for_each(|warning| place.warn(report, warning.to_string()));
    if let Some(other) = another_site(&set, &site.format.issuer(site.id)) {
        let message =
            format!("{name} are the keys of {other:?}; name this site's, or write its id");
        place.error(report, message);
        return None;
    }
    Some(set)
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
    reading: &Reading<'_>,
) -> u64 {
    let until_ms = clock::fresh_until_ms(file.written_ms, max_age);
    let now_ms = reading.trail.now.mono_ms;
    if until_ms <= now_ms {
        let message = match file.written_ms {
            Some(written_ms) => {
                let age_ms = i64::try_from(now_ms).unwrap_or(i64::MAX).saturating_sub(written_ms);
                format!("is {} s old, jwks_max_age {} s", age_ms / 1000, max_age.as_secs())
            }
            None => "was written in the future, by its date".into(),
        };
        let name = path.display();
        let message = format!("{name} {message}: nothing of this issuer is decided (6001)");
        place.warn(reading.report, message);
    }
    until_ms
}

#[cfg(unix)]
fn warn_if_readable(path: &Path, issuer: &IssuerSettings, report: &Report) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).map_or(0, |about| about.permissions().mode());
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
