//! `[[entra]]` and `[[oidc]]`.

use std::path::PathBuf;
use std::time::Duration;

use tollgate::oidc::{Cloud, Form};
use tollgate::{Algorithm, Guid, Kind};

use super::section::{Place, Section};

/// An issuer as the administrator wrote it.
pub(crate) struct IssuerSettings {
    pub(crate) place: Place,
    pub(crate) name: Box<str>,
    pub(crate) form: Form,
    pub(crate) audiences: Vec<Box<str>>,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) typ: Option<Box<str>>,
    pub(crate) client_apps: Vec<Box<str>>,
    pub(crate) enabled: bool,
    /// Where it is asked for; else tokens pass again and again.
    pub(crate) replay_detection: Option<Place>,
    pub(crate) users: Option<(Place, PathBuf)>,
    pub(crate) join: JoinSetting,
    pub(crate) keys: KeySource,
}

/// `join_required`.
pub(crate) enum JoinSetting {
    Off,
    Claim,
    Imported(Place, PathBuf),
}

/// Where an issuer's keys are.
pub(crate) struct KeySource {
    pub(crate) place: Place,
    pub(crate) from: KeysFrom,
    pub(crate) max_age: Option<Duration>,
}

pub(crate) enum KeysFrom {
    File(PathBuf),
    Variable(String),
    Inline(String),
}

pub(crate) fn read_issuers(root: &Section<'_>) -> Vec<IssuerSettings> {
    let entra = root.tables("entra").into_iter().filter_map(read_entra);
    let mut issuers: Vec<_> = entra.collect();
    issuers.extend(root.tables("oidc").into_iter().filter_map(read_oidc));
    issuers
}

fn read_entra(section: Section<'_>) -> Option<IssuerSettings> {
    let report = section.report();
    let tenant = section.required_text("tenant", "\"<the tenant's GUID>\"").and_then(|text| {
        let tenant = Guid::parse(text);
        if tenant.is_none() {
            let message = format!("{text:?} is not a GUID; the portal shows it as Tenant ID");
            section.place_of("tenant").error(report, message);
        }
        tenant
    });
    let clouds = Cloud::ALL.map(|cloud| (cloud.name(), cloud));
    let cloud = section.choice("cloud", &clouds).unwrap_or(Cloud::Public);
    let users = read_users(&section);
    let join = read_join(&section);
    let common = read_common(&section, &[Algorithm::Rs256]);
    let is_secret = |common: &Common| common.algorithms.iter().any(|one| is_hmac(*one));
    if common.as_ref().is_some_and(is_secret) {
        let message = "Entra signs with its own keys; no tenant shares a secret (HS256 to HS512)";
        section.place_of("algorithms").error(report, message);
    }
    let place = section.place();
    section.finish();
    let (tenant, common) = (tenant?, common?);
    Some(IssuerSettings {
        place,
        name: tenant.to_string().into(),
        form: Form::Entra { tenant, cloud },
        audiences: common.audiences,
        algorithms: common.algorithms,
        typ: None,
        client_apps: common.client_apps,
        enabled: common.enabled,
        replay_detection: common.replay_detection,
        users,
        join,
        keys: common.keys,
    })
}

fn read_oidc(section: Section<'_>) -> Option<IssuerSettings> {
    let report = section.report();
    let name = section.required_text("name", "\"workforce\"");
    section.check_principal_part("name", name);
    let issuer = section.required_text("issuer", "\"https://id.example.org\"");
    if issuer.is_some_and(|issuer| !issuer.starts_with("https://") && !is_loopback(issuer)) {
        let message = "is not an https:// address; write it exactly as `iss` of the tokens has it";
        section.place_of("issuer").warn(report, message);
    }
    let typ = section.text("typ").map(|typ| typ.strip_prefix("application/").unwrap_or(typ));
    let subject = section.text("subject").unwrap_or("sub");
    if ["iss", "aud", "exp", "nbf", "iat", "jti"].contains(&subject) {
        let message =
            "names no subject: it would make one principal of all clients, or many of one";
        section.place_of("subject").error(report, message);
    }
    let kinds = [("device", Kind::Device), ("user", Kind::User)];
    let kind = section.choice("kind", &kinds).unwrap_or(Kind::Device);
    let common = read_common(&section, &[Algorithm::Rs256]);
    let place = section.place();
    section.finish();
    let common = common?;
    Some(IssuerSettings {
        place,
        name: name?.into(),
        form: Form::Oidc { issuer: issuer?.into(), subject: subject.into(), kind },
        audiences: common.audiences,
        algorithms: common.algorithms,
        typ: typ.map(Into::into),
        client_apps: common.client_apps,
        enabled: common.enabled,
        replay_detection: common.replay_detection,
        users: None,
        join: JoinSetting::Off,
        keys: common.keys,
    })
}

/// Algorithms whose key is a secret that both sides hold.
pub(crate) fn is_hmac(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512)
}

/// What both kinds of issuer have.
struct Common {
    audiences: Vec<Box<str>>,
    algorithms: Vec<Algorithm>,
    client_apps: Vec<Box<str>>,
    enabled: bool,
    replay_detection: Option<Place>,
    keys: KeySource,
}

fn read_common(section: &Section<'_>, default_algorithms: &[Algorithm]) -> Option<Common> {
    let audiences = section.required_texts("audiences", "[\"<application id>\"]");
    let names = Algorithm::ALL.iter().map(|algorithm| (algorithm.name(), *algorithm));
    let names: Vec<_> = names.chain([("Ed25519", Algorithm::EdDsa)]).collect();
    let algorithms = section.choices("algorithms", &names);
    if algorithms.as_ref().is_some_and(Vec::is_empty) {
        let message = "is empty; write algorithms = [\"RS256\"], or leave it out for that";
        section.place_of("algorithms").error(section.report(), message);
    }
    let client_apps = section.texts("client_apps").unwrap_or_default();
    let enabled = section.flag("enabled").unwrap_or(true);
    let is_once = section.flag("replay_detection").unwrap_or(false);
    let replay_detection = is_once.then(|| section.place_of("replay_detection"));
    let keys = read_keys(section);
    Some(Common {
        audiences: audiences?.into_iter().map(Into::into).collect(),
        algorithms: algorithms.unwrap_or_else(|| default_algorithms.to_vec()),
        client_apps: client_apps.into_iter().map(Into::into).collect(),
        enabled,
        replay_detection,
        keys: keys?,
    })
}

fn read_keys(section: &Section<'_>) -> Option<KeySource> {
    let report = section.report();
    section.not_yet(
        "jwks_url",
        "keys are not fetched over the network in this version; save the key set to a file \
         regularly and write jwks_file and jwks_max_age",
    );
    let day = Duration::from_secs(86_400);
    let max_age = section.duration("jwks_max_age", Duration::from_secs(60), 366 * day);
    let file = section.text("jwks_file").map(|path| ("jwks_file", KeysFrom::File(path.into())));
    let variable = section.text("jwks_env");
    let variable = variable.map(|name| ("jwks_env", KeysFrom::Variable(name.into())));
    let inline = section.text("jwks").map(|json| ("jwks", KeysFrom::Inline(json.into())));
    let mut given = [file, variable, inline].into_iter().flatten();
    let (first, second) = (given.next(), given.next());
    match (first, second) {
        (Some((_, _)), Some((other, _))) => {
            let message =
                "is one source of keys too many; keep one of jwks_file, jwks_env and jwks";
            section.place_of(other).error(report, message);
            None
        }
        (Some((key, from)), None) => {
            if max_age.is_some() && key != "jwks_file" {
                let message = "goes with jwks_file only: nothing else has an age";
                section.place_of("jwks_max_age").error(report, message);
            }
            Some(KeySource { place: section.place_of(key), from, max_age })
        }
        (None, _) => {
            if !section.has("jwks_url") {
                let message = "the issuer has no keys; write jwks_file = \"keys.json\"";
                section.place().error(report, message);
            }
            None
        }
    }
}

/// A list that is named and not used would let everybody pass while it seems to keep some out.
fn read_users(section: &Section<'_>) -> Option<(Place, PathBuf)> {
    let report = section.report();
    let only = section.flag("discovered_users_only").unwrap_or(false);
    let file = section.text("users_file").map(|path| (section.place_of("users_file"), path.into()));
    if only && !section.has("users_file") {
        let message = "needs the discovered users; write users_file = \"users.csv\"";
        section.place_of("discovered_users_only").error(report, message);
    }
    if !only && section.has("users_file") {
        let message = "has no effect; write discovered_users_only = true, or take it out";
        section.place_of("users_file").error(report, message);
    }
    file
}

fn read_join(section: &Section<'_>) -> JoinSetting {
    let report = section.report();
    let choices = [("off", 0), ("claim", 1), ("imported", 2)];
    let choice = section.choice("join_required", &choices).unwrap_or(0);
    let file = section.text("devices_file");
    if choice != 2 && section.has("devices_file") {
        let message = "has no effect; write join_required = \"imported\", or take it out";
        section.place_of("devices_file").error(report, message);
    }
    match (choice, file) {
        (2, Some(path)) => JoinSetting::Imported(section.place_of("devices_file"), path.into()),
        (2, None) => {
            if !section.has("devices_file") {
                let message = "needs the imported devices; write devices_file = \"devices.csv\"";
                section.place_of("join_required").error(report, message);
            }
            JoinSetting::Claim
        }
        (1, _) => JoinSetting::Claim,
        _ => JoinSetting::Off,
    }
}

fn is_loopback(issuer: &str) -> bool {
    let rest = issuer.strip_prefix("http://").unwrap_or("");
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
    });
    ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}
