//! The folder that the programs of ctest/ are given: a configuration, and credentials for all of it.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use time::OffsetDateTime;
use tollgate::sample::{AUDIENCE, Tenant};
use tollgate::{Algorithm, Guid, Peer};
use tollgate_site::{Authority, ClientRequest, Confirmation, Provenance};

const TENANT: Guid = Guid([0x9a; 16]);
const SITE: Guid = Guid([0x5e; 16]);
const CLIENT: Guid = Guid([0xc1; 16]);
const DAY_S: i64 = 86_400;

/// A folder that this test may change.
pub(crate) struct World {
    folder: TempDir,
}

/// Made once: keys of RSA take their time.
static FILES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(make);

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in &*FILES {
            fs::write(folder.path().join(name), bytes).expect("a file of our own");
        }
        Self { folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn make() -> Vec<(String, Vec<u8>)> {
    let now_s = tollgate_keeper::now().unix_s;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut put = |name: &str, bytes: &[u8]| files.push((name.into(), bytes.into()));

    put("tollgate.toml", configuration(&["internet"]).as_bytes());
    put("two-endpoints.toml", configuration(&["internet", "intranet"]).as_bytes());
    put("tenant.id", TENANT.to_string().as_bytes());
    put("site.id", SITE.to_string().as_bytes());
    put("client.id", CLIENT.to_string().as_bytes());

    // The tenant rolls its key: `rolled.jwt` is under the one that is not yet in keys.json.
    let (tenant, rolled) =
        (Tenant::new(TENANT, Algorithm::Rs256), Tenant::new(TENANT, Algorithm::Rs256));
    let rolled_kid = "rolled";
    let mut rolled_jwks = rolled.jwks();
    rolled_jwks["keys"][0]["kid"] = rolled_kid.into();
    let both = json!({ "keys": [tenant.jwks()["keys"][0], rolled_jwks["keys"][0]] });
    put("keys.json", tenant.jwks().to_string().as_bytes());
    put("keys-rolled.json", rolled_jwks.to_string().as_bytes());
    put("keys-both.json", both.to_string().as_bytes());
    let user = tenant.user_claims(1, now_s);
    put("user.id", text(&user["oid"]).as_bytes());
    put("user-device.id", text(&user["deviceid"]).as_bytes());
    put("user.jwt", tenant.sign(&user).as_bytes());
    let device = tenant.device_claims(7, now_s);
    put("device.id", text(&device["deviceid"]).as_bytes());
    put("device.jwt", tenant.sign(&device).as_bytes());
    put("expired.jwt", tenant.sign(&tenant.user_claims(2, now_s - 3 * DAY_S)).as_bytes());
    let header = json!({ "typ": "JWT", "alg": "RS256", "kid": rolled_kid }).to_string();
    let claims = rolled.user_claims(3, now_s).to_string();
    put("rolled.jwt", tollgate::jws::sign(&header, claims.as_bytes(), &rolled.key).as_bytes());
    let foreign = Tenant::new(Guid([0x0f; 16]), Algorithm::Es256);
    put("foreign.jwt", foreign.sign(&foreign.user_claims(4, now_s)).as_bytes());

    let workforce = Tenant::new(TENANT, Algorithm::Es256);
    put("workforce.json", workforce.jwks().to_string().as_bytes());
    let claims = json!({
        "iss": "https://id.example.org", "aud": "tollgate", "sub": "somebody", "iat": now_s,
        "exp": now_s + DAY_S, "email": "somebody@example.org", "groups": ["a", "b"],
        "roles": ["reader", "writer"],
        // A text that looks like a list, and one under a name that is another's but for its letter case.
        "preferred_username": "[\"alice\"]", "OID": "nobody",
    });
    put("workforce.jwt", workforce.sign(&claims).as_bytes());

    // Two roots: the PKI moves from one to the other.
    for (root, device) in [("root.pem", "pc7.pem"), ("other-root.pem", "other-pc7.pem")] {
        let (ca, issued) = pki(now_s);
        put(root, ca.as_bytes());
        put(device, issued.pem().as_bytes());
        put(&device.replace(".pem", ".der"), issued.der());
    }

    let own = device_params("laptop9", now_s).self_signed(&key()).expect("signs").pem();
    put("laptop9.pem", own.as_bytes());
    let (keys, token) = site(&own, now_s);
    put("site-keys.json", &keys);
    put("laptop9.jwt", token.as_bytes());
    files
}

fn configuration(endpoints: &[&str]) -> String {
    let mut toml = String::from("feed = \"none\"\n\n[cache]\nmax_bytes = \"4MiB\"\n\n");
    toml += "[peers]\ntrusted = [\"127.0.0.1/32\", \"unix\"]\n\n";
    for name in endpoints {
        toml += &format!(
            "[[endpoint]]\nname = \"{name}\"\nmethods = [\"entra\", \"oidc\", \"pki\", \"site\"]\n\
             scenarios = [\"device\", \"user\"]\nforward_claims = [\"email\", \"groups\"]\n\n"
        );
    }
    toml + &format!(
        r#"[[entra]]
tenant = "{TENANT}"
audiences = ["{AUDIENCE}"]
jwks_file = "keys.json"

[[oidc]]
name = "workforce"
kind = "user"
issuer = "https://id.example.org"
audiences = ["tollgate"]
algorithms = ["ES256"]
jwks_file = "workforce.json"

[[pki]]
name = "corp"
anchors = ["root.pem"]
revocation = "off"

[[site]]
id = "{SITE}"
keys_file = "site-keys.json"
"#
    )
}

/// A root as PEM, and the certificate of a device that it issued.
fn pki(now_s: i64) -> (String, Certificate) {
    let mut params = named("Contoso Root CA", now_s);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let root_key = key();
    let root = params.self_signed(&root_key).expect("signs").pem();
    let issuer = Issuer::new(params, root_key);
    let device = device_params("pc7.contoso.com", now_s).signed_by(&key(), &issuer);
    (root, device.expect("signs"))
}

fn device_params(name: &str, now_s: i64) -> CertificateParams {
    let mut params = named(name, now_s);
    params.subject_alt_names = vec![SanType::DnsName(name.try_into().expect("a DNS name"))];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

fn named(name: &str, now_s: i64) -> CertificateParams {
    let at = |s| OffsetDateTime::from_unix_timestamp(s).expect("a year of four digits");
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (at(now_s - DAY_S), at(now_s + 365 * DAY_S));
    params.use_authority_key_identifier_extension = true;
    params
}

fn key() -> KeyPair {
    KeyPair::generate().expect("the system gives random numbers")
}

/// The public keys of a site, and a token of its that is bound to the key of a certificate.
fn site(certificate: &str, now_s: i64) -> (Vec<u8>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let site = Authority::init(&folder.path().join("site"), SITE, Algorithm::Es256, now_s);
    let site = site.expect("a fresh site");
    let peer = Peer::from_pem(certificate.as_bytes()).expect("our own certificate");
    let key = peer.key_thumbprint().expect("a key of a kind that is known");
    let confirmation = Confirmation::Both { key, certificate: peer.thumbprint() };
    let request = ClientRequest::first(CLIENT, Provenance::Internal, confirmation);
    let token = site.sign_client(&request, now_s).expect("signs").token().to_owned();
    (fs::read(site.public_keys_file()).expect("its keys"), token)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}
