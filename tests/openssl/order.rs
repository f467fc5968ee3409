//! Orders for certificates, which `openssl ca` makes: it alone takes any validity.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::workshop::{Key, Workshop, text};

/// A certificate that was made, and its key.
pub(crate) struct Issued {
    pub(crate) der: Vec<u8>,
    pub(crate) key: Key,
    pub(super) pem: PathBuf,
}

/// First and last day of CAs, and of leaves; each day begins at midnight, UTC.
pub(crate) const CA_DAYS: (&str, &str) = ("2020-01-01", "2040-01-01");
pub(crate) const LEAF_DAYS: (&str, &str) = ("2026-01-01", "2027-01-01");

/// A certificate to be made. Everything has its usual value until it is changed.
#[derive(Clone)]
pub(crate) struct Order<'w> {
    workshop: &'w Workshop,
    subject: &'w str,
    key: &'w Key,
    /// `None`: it signs itself.
    issuer: Option<&'w Issued>,
    days: (&'w str, &'w str),
    /// In openssl's words, in this order. `None`: version 1, which has no extensions.
    extensions: Option<Vec<(&'w str, &'w str)>>,
    digest: &'w str,
}

impl<'w> Order<'w> {
    pub(super) fn ca(
        workshop: &'w Workshop,
        subject: &'w str,
        key: &'w Key,
        issuer: Option<&'w Issued>,
    ) -> Self {
        // All that `-x509_strict` asks of a CA.
        let extensions = vec![
            ("basicConstraints", "critical,CA:TRUE"),
            ("keyUsage", "critical,keyCertSign,cRLSign"),
            ("subjectKeyIdentifier", "hash"),
            ("authorityKeyIdentifier", "keyid:always"),
        ];
        let (days, extensions) = (CA_DAYS, Some(extensions));
        Self { workshop, subject, key, issuer, days, extensions, digest: "sha256" }
    }

    pub(super) fn leaf(workshop: &'w Workshop, key: &'w Key, issuer: Option<&'w Issued>) -> Self {
        let extensions = vec![
            ("basicConstraints", "critical,CA:FALSE"),
            ("keyUsage", "critical,digitalSignature"),
            ("extendedKeyUsage", "clientAuth"),
            ("subjectKeyIdentifier", "hash"),
            ("authorityKeyIdentifier", "keyid:always"),
            ("subjectAltName", "DNS:pc7.contoso.com"),
        ];
        let (days, extensions) = (LEAF_DAYS, Some(extensions));
        let subject = "pc7.contoso.com";
        Self { workshop, subject, key, issuer, days, extensions, digest: "sha256" }
    }

    /// Another subject: the text of its common name.
    pub(crate) fn named(self, subject: &'w str) -> Self {
        Self { subject, ..self }
    }

    /// Another validity: from the midnight that begins the first day to the one that begins the last.
    pub(crate) fn valid(self, first: &'w str, last: &'w str) -> Self {
        Self { days: (first, last), ..self }
    }

    /// Another digest under the signature, by openssl's name.
    pub(crate) fn digest(self, digest: &'w str) -> Self {
        Self { digest, ..self }
    }

    /// With this extension, instead of the usual one of that name.
    pub(crate) fn with(mut self, name: &'w str, value: &'w str) -> Self {
        self = self.without(name);
        self.extensions.as_mut().unwrap().push((name, value));
        self
    }

    /// Without the extension of this name.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.extensions.as_mut().unwrap().retain(|(other, _)| *other != name);
        self
    }

    /// Without the identifiers of its own key and of its issuer's.
    pub(crate) fn without_key_ids(self) -> Self {
        self.with("subjectKeyIdentifier", "none").with("authorityKeyIdentifier", "none")
    }

    /// Version 1.
    pub(crate) fn version_1(self) -> Self {
        Self { extensions: None, ..self }
    }

    /// Makes it.
    pub(crate) fn make(self) -> Issued {
        let workshop = self.workshop;
        let database = workshop.file("index", "");
        let mut configuration = format!(
            "[ca]\ndefault_ca = here\n[here]\ndatabase = {}\nnew_certs_dir = {}\npolicy = any\n\
             rand_serial = yes\nunique_subject = no\n[any]\ncommonName = optional\n[extensions]\n",
            text(&database),
            text(database.parent().unwrap()),
        );
        for (name, value) in self.extensions.iter().flatten() {
            writeln!(configuration, "{name} = {value}").unwrap();
        }
        let configuration = workshop.file("cnf", configuration);
        let pem = workshop.path("pem");
        let subject = format!("/CN={}", self.subject);
        let (first, last) = (written(self.days.0), written(self.days.1));
        let mut arguments = vec!["ca", "-batch", "-notext"];
        arguments.extend(["-config", text(&configuration), "-md", self.digest]);
        arguments.extend(["-in", text(&self.key.request), "-out", text(&pem)]);
        arguments.extend(["-subj", &subject, "-startdate", &first, "-enddate", &last]);
        if self.extensions.is_some() {
            arguments.extend(["-extensions", "extensions"]);
        }
        match self.issuer {
            None => arguments.extend(["-selfsign", "-keyfile", text(&self.key.private)]),
            Some(issuer) => {
                arguments.extend(["-cert", text(&issuer.pem)]);
                arguments.extend(["-keyfile", text(&issuer.key.private)]);
            }
        }
        workshop.must(&arguments);
        let body = fs::read_to_string(&pem).unwrap();
        let body: String = body.lines().filter(|line| !line.starts_with("-----")).collect();
        Issued { der: STANDARD.decode(body).unwrap(), key: self.key.clone(), pem }
    }
}

/// A day, or a day and a time (`2026-01-01T12:30:00`), as openssl wants it.
fn written(day: &str) -> String {
    let digits: String = day.chars().filter(char::is_ascii_digit).collect();
    format!("{digits:0<14}Z")
}
