//! A workshop for certificates: the `openssl` command and a folder, which goes when the workshop goes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::der::{self, BIT_STRING, SEQUENCE, joined, parts, tlv};
use super::order::{Issued, Order};

/// The folder, and how many things were made in it.
pub(crate) struct Workshop {
    folder: PathBuf,
    made: AtomicUsize,
}

/// A private key, and a certificate request that holds its public half.
#[derive(Clone)]
pub(crate) struct Key {
    pub(super) private: PathBuf,
    pub(super) request: PathBuf,
}

/// What openssl calls the algorithms of keys.
pub(crate) const RSA_1024: &[&str] = &["RSA", "rsa_keygen_bits:1024"];
pub(crate) const RSA_2048: &[&str] = &["RSA", "rsa_keygen_bits:2048"];
/// Four primes are found ten times faster than two; the public key does not show it.
pub(crate) const RSA_4096: &[&str] = &["RSA", "rsa_keygen_bits:4096", "rsa_keygen_primes:4"];
pub(crate) const P_256: &[&str] = &["EC", "ec_paramgen_curve:P-256"];
pub(crate) const P_384: &[&str] = &["EC", "ec_paramgen_curve:P-384"];
pub(crate) const P_256_EXPLICIT: &[&str] =
    &["EC", "ec_paramgen_curve:P-256", "ec_param_enc:explicit"];

/// `req` wants to know how a subject is asked for, even where it is given.
const REQUEST: &str = "[req]\ndistinguished_name = subject\n[subject]\n";

impl Workshop {
    /// `None` where there is no OpenSSL of version 3.
    pub(crate) fn open(name: &str) -> Option<Self> {
        let version = Command::new("openssl").arg("version").output().ok()?;
        if !version.stdout.starts_with(b"OpenSSL 3.") {
            return None;
        }
        let folder = std::env::temp_dir().join(format!("tollgate-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("request.cnf"), REQUEST).unwrap();
        Some(Self { folder, made: AtomicUsize::new(0) })
    }

    /// Runs openssl in the workshop, without the machine's own configuration.
    pub(super) fn openssl(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("openssl");
        command.args(arguments).current_dir(&self.folder).env("OPENSSL_CONF", "/dev/null");
        command.output().unwrap()
    }

    /// Runs openssl, which must succeed; what it wrote to its standard output.
    pub(super) fn must(&self, arguments: &[&str]) -> Vec<u8> {
        let Output { status, stdout, stderr } = self.openssl(arguments);
        assert!(status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&stderr));
        stdout
    }

    /// A path that nothing has yet, ending so.
    pub(super) fn path(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.made.fetch_add(1, Ordering::Relaxed)))
    }

    /// A new file.
    pub(super) fn file(&self, ending: &str, holds: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(ending);
        fs::write(&path, holds).unwrap();
        path
    }

    /// A new key; see the names of algorithms above.
    pub(crate) fn key(&self, algorithm: &[&str]) -> Key {
        let path = self.path("key");
        let (name, options) = algorithm.split_first().unwrap();
        let mut arguments = vec!["genpkey", "-algorithm", name, "-out", text(&path)];
        arguments.extend(options.iter().flat_map(|option| ["-pkeyopt", option]));
        self.must(&arguments);
        self.request(path)
    }

    /// A key that was made by hand, in PEM.
    pub(crate) fn key_of(&self, pem: &str) -> Key {
        self.request(self.file("key", pem))
    }

    fn request(&self, private: PathBuf) -> Key {
        let request = private.with_extension("csr");
        let subject = ["-config", "request.cnf", "-subj", "/CN=anyone"];
        let files = ["-key", text(&private), "-out", text(&request)];
        self.must(&[&["req", "-new"], &subject[..], &files[..]].concat());
        Key { private, request }
    }

    /// An order for a root, to be changed and [made](Order::make).
    pub(crate) fn root<'w>(&'w self, subject: &'w str, key: &'w Key) -> Order<'w> {
        Order::ca(self, subject, key, None)
    }

    /// An order for a CA under another one.
    pub(crate) fn ca<'w>(&'w self, issuer: &'w Issued, name: &'w str, key: &'w Key) -> Order<'w> {
        Order::ca(self, name, key, Some(issuer))
    }

    /// An order for a client's certificate.
    pub(crate) fn leaf<'w>(&'w self, issuer: &'w Issued, key: &'w Key) -> Order<'w> {
        Order::leaf(self, key, Some(issuer))
    }

    /// A certificate of these bytes, well signed by this P-256 key, whatever they are.
    pub(crate) fn sign(&self, signed_part: &[u8], key: &Key) -> Vec<u8> {
        let signed = self.file("tbs", signed_part);
        let signature = self.must(&["dgst", "-sha256", "-sign", text(&key.private), text(&signed)]);
        let signature = tlv(BIT_STRING, &[&[0], &signature[..]].concat());
        joined(SEQUENCE, &[signed_part.to_vec(), ECDSA_SHA256.to_vec(), signature])
    }

    /// The certificate with other fields, signed again by this P-256 key.
    pub(crate) fn changed(
        &self,
        certificate: &Issued,
        key: &Key,
        change: impl FnOnce(&mut Vec<Vec<u8>>),
    ) -> Vec<u8> {
        let mut fields = der::fields(&certificate.der);
        change(&mut fields);
        self.sign(&joined(SEQUENCE, &fields), key)
    }

    /// Fails unless the certificate's signature is good under the issuer's key, whatever key that is.
    pub(crate) fn must_be_signed(&self, certificate: &Issued, issuer: &Issued) {
        let key = self.must(&["x509", "-pubkey", "-noout", "-in", text(&issuer.pem)]);
        let outer = parts(&certificate.der);
        let files = [
            self.file("pub", key),
            self.file("sig", &der::content(&outer[2])[1..]),
            self.file("tbs", &outer[0]),
        ];
        let [key, signature, signed] = files.each_ref().map(|path| text(path));
        self.must(&["dgst", "-sha256", "-verify", key, "-signature", signature, signed]);
    }

    /// The key whose public half is this certificate's, and whose private one is known to everybody:
    /// 1, with that public point as the generator of explicit parameters (CVE-2020-0601).
    pub(crate) fn spoofed_key(&self, certificate: &Issued) -> Key {
        let explicit = ["-name", "prime256v1", "-param_enc", "explicit", "-outform", "DER"];
        let mut parameters = parts(&self.must(&[&["ecparam"], &explicit[..]].concat()));
        let public = parts(&der::fields(&certificate.der)[der::field::KEY])[1].clone();
        let point = &der::content(&public)[1..];
        // Version, field, curve, generator, order, cofactor (SEC 1 section C.2).
        parameters[3] = tlv(der::OCTET_STRING, point);
        let mut one = [0; 32];
        one[31] = 1;
        let key = joined(
            SEQUENCE,
            &[
                tlv(der::INTEGER, &[1]),
                tlv(der::OCTET_STRING, &one),
                tlv(0xa0, &joined(SEQUENCE, &parameters)),
                tlv(0xa1, &public),
            ],
        );
        self.key_of(&pem("EC PRIVATE KEY", &key))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        // What is left behind lies in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// ecdsa-with-SHA256 (RFC 5758 section 3.2).
const ECDSA_SHA256: &[u8] = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";

/// The workshop's own paths are UTF-8, or the test cannot run.
pub(super) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// PEM, as openssl reads it.
pub(super) fn pem(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
