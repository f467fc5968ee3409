//! A configuration of tollgate with a tenant, a PKI and a site, and credentials of theirs.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tollgate::sample::{AUDIENCE, Tenant};
use tollgate::{Algorithm, Guid, Peer, random_guid};
use tollgate_site::{Authority, ClientRequest, Confirmation, Provenance};

/// The tenant and the site; the folder has their tollgate.toml.
pub(crate) struct Trust {
    folder: PathBuf,
    pub(crate) tenant: Tenant,
    site: Authority,
}

impl Trust {
    /// In a folder of nginx, with a PKI whose root is `root-ca.pem` there, or without one.
    pub(crate) fn new(folder: &Path, has_pki: bool) -> Self {
        let tenant = Tenant::new(Guid([0x9a; 16]), Algorithm::Es256);
        let id = random_guid().expect("random numbers");
        let site = Authority::init(&folder.join("site"), id, Algorithm::Es256, now_s());
        let trust = Self { folder: folder.into(), tenant, site: site.expect("makes a site") };
        trust.write_keys(&trust.tenant.jwks());
        trust.write_configuration(&trust.configuration(has_pki));
        trust
    }

    pub(crate) fn configuration(&self, has_pki: bool) -> String {
        let (tenant, site) = (self.tenant.id, self.site.id());
        let pki = match has_pki {
            true => "[[pki]]\nname = \"corp\"\nanchors = [\"root-ca.pem\"]\nrevocation = \"off\"\n",
            false => "",
        };
        let methods = match has_pki {
            true => r#"["entra", "pki", "site"]"#,
            false => r#"["entra", "site"]"#,
        };
        format!(
            r#"feed = "none"

[[endpoint]]
name = "internet"
methods = {methods}
forward_claims = ["preferred_username", "name", "groups"]

[[endpoint]]
name = "users"
methods = ["entra"]
scenarios = ["user"]

[[endpoint]]
name = "inside"
methods = ["entra"]
windows = "required"

{pki}
[[site]]
id = "{site}"
keys_file = "site/site-keys.json"

[[entra]]
tenant = "{tenant}"
audiences = ["{AUDIENCE}"]
algorithms = ["ES256", "RS256"]
jwks_file = "keys.json"
"#
        )
    }

    pub(crate) fn write_configuration(&self, text: &str) {
        replace(&self.folder.join("tollgate.toml"), text);
    }

    pub(crate) fn write_keys(&self, jwks: &Value) {
        replace(&self.folder.join("keys.json"), &jwks.to_string());
    }

    /// Dates the files back, as on a server where nobody has just changed them.
    pub(crate) fn settle(&self) {
        for name in ["tollgate.toml", "keys.json", "site/site-keys.json"] {
            let file = fs::File::open(self.folder.join(name)).expect("is there");
            file.set_modified(SystemTime::now() - Duration::from_secs(60)).expect("dates it back");
        }
    }

    /// A user's token, an hour old or more where `ago_s` says so.
    pub(crate) fn user(&self, n: u64, ago_s: i64) -> String {
        self.tenant.sign(&self.tenant.user_claims(n, now_s() - ago_s))
    }

    /// The same with other claims in it.
    pub(crate) fn user_with(&self, n: u64, claims: &Value) -> String {
        let mut all = self.tenant.user_claims(n, now_s());
        for (name, claim) in claims.as_object().expect("an object") {
            all[name] = claim.clone();
        }
        self.tenant.sign(&all)
    }

    pub(crate) fn device(&self, n: u64) -> String {
        self.tenant.sign(&self.tenant.device_claims(n, now_s()))
    }

    /// A token of the site for whoever holds the key of this certificate.
    pub(crate) fn bound(&self, certificate: &str) -> String {
        let peer = Peer::from_pem(certificate.as_bytes()).expect("a certificate");
        let confirmation = Confirmation::Certificate(peer.thumbprint());
        let client = random_guid().expect("random numbers");
        let request = ClientRequest::first(client, Provenance::Internal, confirmation);
        let issued = self.site.sign_client(&request, now_s()).expect("signs");
        issued.token().into()
    }

    /// A key set with the tenant's key and others, which nobody uses.
    pub(crate) fn jwks_beside(&self, others: &[&Tenant]) -> Value {
        let mut keys = self.tenant.jwks()["keys"].as_array().expect("a list").clone();
        for other in others {
            keys.extend(other.jwks()["keys"].as_array().expect("a list").iter().cloned());
        }
        json!({ "keys": keys })
    }
}

/// What a tenant's user is called everywhere.
pub(crate) fn user_id(trust: &Trust, n: u64) -> String {
    format!("entra:{}:00000000-0000-0001-0000-{n:012}", trust.tenant.id)
}

/// A new file in the place of the old one, as those who renew keys do it.
pub(crate) fn replace(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).expect("writes a file");
    fs::rename(&new, path).expect("renames it");
}

pub(crate) fn now_s() -> i64 {
    tollgate_keeper::now().unix_s
}
