//! The gateway under test: a folder with `tollgate.toml`, key sets and lists.

use std::fmt::Write;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

pub(crate) const CONFIGURATION: &str = "tollgate.toml";

pub(crate) const API_CLIENT: &str = "6e74172b-be56-4843-9ff4-e66a39bb12e3";
pub(crate) const API_URI: &str = "api://gateway.example.org";
pub(crate) const APP: &str = "3f8e1c52-7d64-4b1a-9c0e-2a5d8b7f6e13";

pub(crate) const USER: &str = "d3b0a1c4-5e6f-4a7b-8c9d-0e1f2a3b4c5d";
pub(crate) const DEVICE: &str = "a1b2c3d4-e5f6-4789-abcd-ef0123456789";
pub(crate) const DEVICE_OBJECT: &str = "b7e6d5c4-a392-4817-8605-f4e3d2c1b0a9";

/// `gate.skew` and `limits.token_lifetime`, which the configuration leaves as they are: five
/// minutes, of which the last second passes, and 30 h.
pub(crate) const SKEW_S: i64 = 300;
pub(crate) const LIFETIME_S: i64 = 108_000;

/// Tenants, each with a section that asks for something else.
pub(crate) const TENANT: &str = "9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b";
pub(crate) const APPS: &str = "10000000-aaaa-4000-8000-00000000000a";
pub(crate) const JOINED: &str = "20000000-aaaa-4000-8000-00000000000b";
pub(crate) const IMPORTED: &str = "30000000-aaaa-4000-8000-00000000000c";
pub(crate) const DISCOVERED: &str = "40000000-aaaa-4000-8000-00000000000d";
pub(crate) const DISABLED: &str = "50000000-aaaa-4000-8000-00000000000e";
pub(crate) const STALE: &str = "60000000-aaaa-4000-8000-00000000000f";
pub(crate) const BOUND: &str = "70000000-aaaa-4000-8000-0000000000aa";
pub(crate) const US_GOV: &str = "80000000-aaaa-4000-8000-0000000000bb";
pub(crate) const CHINA: &str = "90000000-aaaa-4000-8000-0000000000cc";

const TENANTS: [(&str, &str); 10] = [
    (TENANT, ""),
    (APPS, "client_apps = [\"{APP}\"]"),
    (JOINED, "join_required = \"claim\""),
    (IMPORTED, "join_required = \"imported\"\ndevices_file = \"devices.csv\""),
    (DISCOVERED, "discovered_users_only = true\nusers_file = \"users.csv\""),
    (DISABLED, "enabled = false"),
    (STALE, "jwks_max_age = \"1h\""),
    (BOUND, ""),
    (US_GOV, "cloud = \"usgov\""),
    (CHINA, "cloud = \"china\""),
];

/// Other issuers.
pub(crate) const PLAIN: &str = "https://id.example.org";
pub(crate) const SECRET: &str = "https://secret.example.org/";
pub(crate) const TYPED: &str = "https://typed.example.org";
pub(crate) const NAMED: &str = "https://named.example.org";
pub(crate) const OIDC_APPS: &str = "https://apps.example.org";
pub(crate) const OIDC_DISABLED: &str = "https://disabled.example.org";

/// Name, issuer, and what the section asks beyond that.
const OTHERS: [(&str, &str, &str); 6] = [
    ("plain", PLAIN, "kind = \"user\""),
    ("secret", SECRET, "algorithms = [\"HS256\", \"HS384\", \"HS512\"]"),
    ("typed", TYPED, "kind = \"user\"\ntyp = \"application/at+jwt\""),
    ("named", NAMED, "kind = \"user\"\nsubject = \"employee\""),
    ("apps", OIDC_APPS, "kind = \"user\"\nclient_apps = [\"{APP}\"]"),
    ("disabled", OIDC_DISABLED, "kind = \"user\"\nenabled = false"),
];

/// Name and what the endpoint says beyond it.
const ENDPOINTS: [(&str, &str); 10] = [
    ("open", ""),
    ("entra-only", "methods = [\"entra\"]"),
    ("oidc-only", "methods = [\"oidc\"]"),
    ("devices", "scenarios = [\"device\"]"),
    ("users", "scenarios = [\"user\"]"),
    ("scoped", "require = { scp = [\"access_as_user\"] }"),
    ("reading", "require = { scp = [\"read\"] }"),
    ("roled", "require = { roles = [\"Gateway.Use\"] }"),
    ("forwarding", "forward_claims = [\"department\"]"),
    ("windows", "windows = \"required\""),
];

const ASYMMETRIC: &str = "algorithms = [\"RS256\", \"RS384\", \"RS512\", \"PS256\", \"PS384\", \
                          \"PS512\", \"ES256\", \"ES384\", \"ES512\", \"EdDSA\"]";

/// One for each type of key, since a key without `alg` is for the only one that fits.
const ONE_EACH: &str = "algorithms = [\"RS256\", \"ES256\", \"ES384\", \"ES512\", \"EdDSA\"]";

/// The provider that signed, where it is a running one.
#[derive(Clone, Copy)]
pub(crate) struct Provider<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) audience: &'a str,
}

/// In which way the keys of the Entra sections are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Publication {
    /// As the signer gave them.
    Own,
    /// As Entra does it: without `alg`, with `x5t`, bound to cloud and issuer.
    Entra,
}

impl Publication {
    pub(crate) const ALL: [Self; 2] = [Self::Own, Self::Entra];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Own => "keys as published",
            Self::Entra => "keys as Entra publishes them",
        }
    }
}

/// Writes everything that the gateway reads into `folder`.
pub(crate) fn write(
    folder: &Path,
    keys: &Value,
    publication: Publication,
    provider: Option<Provider<'_>>,
) {
    let put = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap_or_else(|error| panic!("{name}: {error}"));
        path
    };
    put("users.csv", &format!("object_id\n{USER}\n"));
    put("devices.csv", &format!("device_id\n{DEVICE}\n"));
    protect(&put("keys.json", &keys.to_string()));
    for (tenant, _) in TENANTS {
        let keys = match publication {
            Publication::Own => keys.clone(),
            Publication::Entra => as_entra(keys, tenant),
        };
        let path = put(&format!("{tenant}.json"), &keys.to_string());
        protect(&path);
        if tenant == STALE {
            let long_ago = SystemTime::now() - Duration::from_secs(2 * 3_600);
            let file = File::options().write(true).open(path).expect("it was just written");
            file.set_modified(long_ago).expect("the file system keeps times");
        }
    }
    put(CONFIGURATION, &configuration(publication, provider));
}

fn configuration(publication: Publication, provider: Option<Provider<'_>>) -> String {
    let mut text = String::new();
    let entra_algorithms = match publication {
        Publication::Own => ASYMMETRIC,
        Publication::Entra => ONE_EACH,
    };
    for (name, more) in ENDPOINTS {
        let methods = if more.contains("methods") { "" } else { "methods = [\"entra\", \"oidc\"]" };
        add(&mut text, format_args!("[[endpoint]]\nname = \"{name}\"\n{methods}\n{more}"));
    }
    let audiences = format!("audiences = [\"{API_CLIENT}\", \"{API_URI}\"]");
    for (tenant, more) in TENANTS {
        let keys = format!("jwks_file = \"{tenant}.json\"\n{entra_algorithms}");
        let more = more.replace("{APP}", APP);
        add(
            &mut text,
            format_args!("[[entra]]\ntenant = \"{tenant}\"\n{audiences}\n{keys}\n{more}"),
        );
    }
    for (name, issuer, more) in OTHERS {
        let algorithms = if more.contains("algorithms") { "" } else { ASYMMETRIC };
        let keys = format!("jwks_file = \"keys.json\"\n{algorithms}");
        let more = more.replace("{APP}", APP);
        add(
            &mut text,
            format_args!(
                "[[oidc]]\nname = \"{name}\"\nissuer = \"{issuer}\"\n{audiences}\n{keys}\n{more}"
            ),
        );
    }
    if let Some(Provider { issuer, audience }) = provider {
        let algorithms = ASYMMETRIC.replace(']', ", \"HS256\", \"HS384\", \"HS512\"]");
        add(
            &mut text,
            format_args!(
                "[[oidc]]\nname = \"provider\"\nissuer = \"{issuer}\"\n\
                 audiences = [\"{audience}\"]\ntyp = \"at+jwt\"\nsubject = \"sub\"\nkind = \"device\"\n\
                 jwks_file = \"keys.json\"\n{algorithms}"
            ),
        );
    }
    text
}

fn add(text: &mut String, section: std::fmt::Arguments<'_>) {
    writeln!(text, "{section}\n").expect("a string takes everything");
}

/// What names an issuer of `[[oidc]]` in principals, and the claim of the subject.
pub(crate) fn section_of(issuer: &str) -> (&'static str, &'static str) {
    let found = OTHERS.iter().find(|(_, other, _)| *other == issuer);
    let (name, ..) = found.unwrap_or_else(|| panic!("no section has the issuer {issuer:?}"));
    (name, if issuer == NAMED { "employee" } else { "sub" })
}

/// The one name of a tenant's authority: its v2.0 issuer.
pub(crate) fn authority_of(tenant: &str) -> String {
    let host = match tenant {
        US_GOV => "login.microsoftonline.us",
        CHINA => "login.partner.microsoftonline.cn",
        _ => "login.microsoftonline.com",
    };
    format!("https://{host}/{tenant}/v2.0")
}

/// Entra names a key by its certificate's thumbprint, twice, and never says its algorithm.
fn as_entra(keys: &Value, tenant: &str) -> Value {
    let own = authority_of(tenant);
    let issuer = match tenant {
        // As if the file of another tenant had been saved as this one's.
        BOUND => authority_of(TENANT),
        APPS => own,
        _ => own.replace(tenant, "{tenantid}"),
    };
    let cloud = match tenant {
        US_GOV => "microsoftonline.us",
        CHINA => "partner.microsoftonline.cn",
        _ => "microsoftonline.com",
    };
    let mut keys = keys.clone();
    for key in keys["keys"].as_array_mut().expect("a key set has a list of keys") {
        let members = key.as_object_mut().expect("a key is an object");
        members.remove("alg").expect("signers say what a key is for");
        let kid = members["kid"].clone();
        members.insert("x5t".to_owned(), kid);
        members.insert("issuer".to_owned(), json!(issuer));
        members.insert("cloud_instance_name".to_owned(), json!(cloud));
    }
    keys
}

/// Some of the keys are secrets, and the gateway warns of files that others may read.
#[cfg(unix)]
fn protect(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let own = fs::Permissions::from_mode(0o600);
    fs::set_permissions(path, own).expect("the file is this test's own");
}

#[cfg(not(unix))]
fn protect(_: &Path) {}
