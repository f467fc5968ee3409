//! A folder with every file that a configuration of the tests names.

use std::fs;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
};
use time::OffsetDateTime;
use tollgate::sample::Tenant;
use tollgate::{Algorithm, Guid};
use tollgate_keeper::{ConfigErrors, Loaded, load_text};

/// A folder with the files that the examples name.
pub(crate) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let keys = Tenant::new(Guid([1; 16]), Algorithm::Rs256).jwks().to_string();
    write("entra-keys.json", &keys);
    write("workforce-keys.json", &keys);
    write("users.csv", "object_id,enabled\n00000000-0000-0000-0000-000000000001,true\n");
    write("devices.csv", "device_id\n00000000-0000-0000-0000-000000000007\n");
    write("page.html", "<!doctype html><html></html>");
    write("secret.json", r#"{"keys":[{"kty":"oct","kid":"s","k":"AAAA"}]}"#);
    write("positional.json", r#"[[{"kty":"RSA","kid":"x","n":"AQAB","e":"AQAB"}]]"#);
    write("null.json", &keys.replace(r#""use":"sig""#, r#""use":null"#));
    let utf16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(folder.path().join("utf16.json"), utf16).unwrap();
    fs::write(folder.path().join("bom.json"), format!("\u{feff}{keys}")).unwrap();
    let es256 = Tenant::new(Guid([3; 16]), Algorithm::Es256).jwks().to_string();
    write("site-keys.json", &es256);
    let elsewhere =
        r#""issuer":"urn:tollgate:site:5c1e7a3b-2f64-4d0a-9b87-6e1f0c2d3a4b","use":"sig""#;
    write("other-site-keys.json", &es256.replace(r#""use":"sig""#, elsewhere));
    let ca = ca("Contoso Root CA", (0, 4_000_000_000));
    write("root-ca.pem", &ca);
    write("issuing-ca.pem", &ca_under_another());
    write("ended-ca.pem", &self::ca("Ended", (0, 1_000_000_000)));
    write("with-key.pem", &format!("{ca}{}", KeyPair::generate().unwrap().serialize_pem()));
    write("leaf.pem", &leaf());
    write("denied.txt", "# none yet\n");
    write("issuing-ca.crl", "a list that cannot be read is a warning");
    fs::create_dir(folder.path().join("crls")).unwrap();
    write("ed448-ca.pem", ED448_CA);
    write("empty.pem", "");
    write("signing.pem", &rsa_certificate());
    folder
}

fn named(name: &str, (first_s, last_s): (i64, i64)) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = OffsetDateTime::from_unix_timestamp(first_s).unwrap();
    params.not_after = OffsetDateTime::from_unix_timestamp(last_s).unwrap();
    params
}

fn ca_params(name: &str, window: (i64, i64)) -> CertificateParams {
    let mut params = named(name, window);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn ca(name: &str, window: (i64, i64)) -> String {
    ca_params(name, window).self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

/// An intermediate whose issuer is in no file.
fn ca_under_another() -> String {
    let (key, above) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let above = Issuer::new(ca_params("Another Root CA", (0, 4_000_000_000)), above);
    let params = ca_params("Contoso Issuing CA", (0, 4_000_000_000));
    params.signed_by(&key, &above).unwrap().pem()
}

fn leaf() -> String {
    let params = named("pc7", (0, 4_000_000_000));
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

/// A signing certificate as ConfigMgr has it.
fn rsa_certificate() -> String {
    let key = KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256).unwrap();
    named("SMS Token Signing Certificate", (0, 4_000_000_000)).self_signed(&key).unwrap().pem()
}

pub(crate) fn load_in(folder: &Path, text: &str) -> Result<Loaded, ConfigErrors> {
    load_text(text, Path::new("tollgate.toml"), folder)
}

/// A CA, self-signed, of a key that no path is proven with. Made with openssl; ends in 2126.
const ED448_CA: &str = include_str!("../doctor/ed448-ca.pem");
