//! A folder with everything that a configuration of all methods names.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tollgate::jws::public_jwk;
use tollgate::sample::Tenant;
use tollgate::{Algorithm, Guid, SigningKey};
use tollgate_keeper::doctor::{Diagnosis, Doctor, Row};

pub(crate) const DAY_S: i64 = 86_400;

/// The files, made once a test; broken by the tests as they like.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        let keys = Tenant::new(Guid([1; 16]), Algorithm::Es256).jwks().to_string();
        for name in ["entra.json", "device.json", "user.json"] {
            folder.write(name, &keys);
        }
        let site = SigningKey::generate(Algorithm::EdDsa).unwrap();
        folder.write("site.json", json!({ "keys": [public_jwk(&site, "k")] }).to_string());
        folder.write("configmgr.json", include_str!("rsa2048.json"));
        folder.write("users.csv", "object_id\n00000000-0000-0000-0000-000000000001\n");
        folder.write("devices.csv", "device_id\n00000000-0000-0000-0000-000000000007\n");
        folder.make_pki(|_| {}, |_| {});
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), bytes).unwrap();
    }

    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path().join(name)).unwrap()).unwrap()
    }

    /// A root and an issuing CA below it, after these changes.
    pub(crate) fn make_pki(
        &self,
        root: impl FnOnce(&mut CertificateParams),
        issuing: impl FnOnce(&mut CertificateParams),
    ) {
        let mut params = ca("Contoso Root CA", BasicConstraints::Unconstrained);
        root(&mut params);
        let key = KeyPair::generate().unwrap();
        self.write("root.der", params.self_signed(&key).unwrap().der());
        let root = Issuer::new(params, key);
        let mut params = ca("Contoso Issuing CA", BasicConstraints::Constrained(0));
        issuing(&mut params);
        let key = KeyPair::generate().unwrap();
        self.write("issuing.der", params.signed_by(&key, &root).unwrap().der());
    }

    /// Dates a file back.
    pub(crate) fn age(&self, name: &str, age: Duration) {
        let file = fs::File::options().append(true).open(self.path().join(name)).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }

    pub(crate) fn doctor(&self, text: &str) -> Doctor {
        let loaded = Doctor::load_text(text, Path::new("tollgate.toml"), self.path());
        loaded.unwrap_or_else(|errors| panic!("{errors:#?}"))
    }

    pub(crate) fn examine(&self, text: &str) -> Diagnosis {
        self.doctor(text).examine(None, &mut |_, _| {})
    }
}

/// A year on either side of now.
pub(crate) fn ca(name: &str, path_len: BasicConstraints) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Contoso");
    params.distinguished_name.push(DnType::CommonName, name);
    valid(&mut params, -365, 365);
    params.is_ca = IsCa::Ca(path_len);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.use_authority_key_identifier_extension = true;
    params
}

/// From and to so many days from now.
pub(crate) fn valid(params: &mut CertificateParams, first: i64, last: i64) {
    let now_s = tollgate_keeper::now().unix_s;
    let at = |days: i64| OffsetDateTime::from_unix_timestamp(now_s + days * DAY_S).unwrap();
    (params.not_before, params.not_after) = (at(first), at(last));
}

/// Allows DNS names below `domain` only.
pub(crate) fn constrain(params: &mut CertificateParams, domain: &str) {
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName(domain.into())],
        excluded_subtrees: Vec::new(),
    });
}

/// For servers only.
pub(crate) fn for_servers(params: &mut CertificateParams) {
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
}

/// The row of the table.
pub(crate) fn row<'d>(diagnosis: &'d Diagnosis, names: &str) -> &'d Row {
    let is_it = |row: &&Row| {
        format!("{} {} {}", row.endpoint, row.method.name(), row.scenario.name()) == names
    };
    diagnosis.rows.iter().find(is_it).unwrap_or_else(|| panic!("no row {names}"))
}

/// Asserts that the row is as told: whether it is usable, a part of why, and `LINE: KEY: part of what
/// to write`, or nothing where there is no line.
pub(crate) fn assert_row(diagnosis: &Diagnosis, names: &str, usable: bool, why: &str, line: &str) {
    let row = row(diagnosis, names);
    assert_eq!(row.usable, usable, "{row:#?}");
    assert!(row.why.as_deref().unwrap_or("").contains(why), "{why}\n{row:#?}");
    match &row.line {
        Some(found) => {
            let found = found.to_string();
            assert!(
                !line.is_empty() && found.contains(&format!("tollgate.toml:{line}")),
                "{line}\n{found}"
            );
        }
        None => assert_eq!(line, "", "{row:#?}"),
    }
}
