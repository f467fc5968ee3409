//! A PKI made by the `openssl` command, and certificates for TLS.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// In a folder: `root-ca.pem`, and `NAME.pem` with `NAME.key` for each certificate.
pub(crate) struct Pki {
    folder: PathBuf,
}

/// What `openssl ca` has to be told, so that a certificate may have ended already.
const CA: &str = "[ca]\ndefault_ca = own\n[own]\nnew_certs_dir = .\ndatabase = index\nserial = serial\n\
    default_md = sha256\npolicy = any\nunique_subject = no\nrand_serial = yes\ncopy_extensions = copy\n\
    [any]\ncommonName = supplied\n[req]\ndistinguished_name = name\n[name]\n";

impl Pki {
    pub(crate) fn new(folder: &Path) -> Self {
        let pki = Self { folder: folder.into() };
        fs::write(folder.join("ca.cnf"), CA).expect("writes a file");
        fs::write(folder.join("index"), "").expect("writes a file");
        pki.self_signed("root-ca", &["basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign"]);
        pki.issue(
            "server",
            "20260101000000Z",
            "20360101000000Z",
            &["extendedKeyUsage=serverAuth", "subjectAltName=IP:127.0.0.1"],
        );
        pki
    }

    /// A device of the PKI, named so in DNS.
    pub(crate) fn device(&self, name: &str) {
        self.device_until(name, "20360101000000Z");
    }

    pub(crate) fn device_until(&self, name: &str, end: &str) {
        let alternative = format!("subjectAltName=DNS:{name}.example.org");
        let extensions = ["extendedKeyUsage=clientAuth", alternative.as_str()];
        self.issue(name, "20260101000000Z", end, &extensions);
    }

    /// Of nobody's PKI.
    pub(crate) fn self_signed(&self, name: &str, extensions: &[&str]) {
        let mut arguments = self.request(name, extensions);
        arguments.extend(["-x509", "-days", "3650"].map(str::to_owned));
        arguments.extend(["-out".into(), format!("{name}.pem")]);
        self.openssl(&arguments);
    }

    fn issue(&self, name: &str, start: &str, end: &str, extensions: &[&str]) {
        let mut arguments = self.request(name, extensions);
        arguments.extend(["-out".into(), format!("{name}.csr")]);
        self.openssl(&arguments);
        let signed = format!(
            "ca -config ca.cnf -batch -notext -cert root-ca.pem -keyfile root-ca.key \
             -startdate {start} -enddate {end} -in {name}.csr -out {name}.pem"
        );
        self.openssl(&signed.split_whitespace().map(str::to_owned).collect::<Vec<_>>());
    }

    fn request(&self, name: &str, extensions: &[&str]) -> Vec<String> {
        let request = format!(
            "req -new -config ca.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
             -subj /CN={name} -keyout {name}.key"
        );
        let mut arguments: Vec<String> = request.split_whitespace().map(str::to_owned).collect();
        for extension in extensions {
            arguments.extend(["-addext".into(), (*extension).to_owned()]);
        }
        arguments
    }

    fn openssl(&self, arguments: &[String]) {
        let mut command = Command::new("openssl");
        command.args(arguments).current_dir(&self.folder).env("OPENSSL_CONF", "/dev/null");
        let output = command.output().expect("openssl runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments:?}: {errors}");
    }

    pub(crate) fn certificate(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(format!("{name}.pem"))).expect("a certificate")
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().expect("a path in UTF-8").to_owned()
    }
}
