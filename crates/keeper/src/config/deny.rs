//! `[[deny]]`.

use std::path::PathBuf;

use tollgate::policy::{CertificateMark, hexadecimal};

use super::section::{Place, Section};

/// One section of the deny list as the administrator wrote it.
pub(crate) struct DenySettings {
    /// Written out.
    pub(crate) marks: Vec<CertificateMark>,
    /// A list of marks, one a line.
    pub(crate) file: Option<(Place, PathBuf)>,
    /// Serial numbers of one issuer.
    pub(crate) serials: Option<SerialsOf>,
}

/// Serial numbers, and whose they are.
pub(crate) struct SerialsOf {
    /// Where the CA's certificate is named: its subject is the issuer.
    pub(crate) issuer: (Place, PathBuf),
    pub(crate) serials: Vec<Vec<u8>>,
}

pub(crate) fn read_deny(root: &Section<'_>) -> Vec<DenySettings> {
    root.tables("deny").into_iter().map(read_one).collect()
}

fn read_one(section: Section<'_>) -> DenySettings {
    let report = section.report();
    let marks = section.text_or_texts("certificates").unwrap_or_default();
    let marks = marks.into_iter().filter_map(|text| {
        let mark = text.parse::<CertificateMark>();
        mark.map_err(|why| section.place_of("certificates").error(report, why.to_string())).ok()
    });
    let marks = marks.collect();
    let path = |key| section.text(key).map(|text| (section.place_of(key), PathBuf::from(text)));
    let (file, issuer) = (path("file"), path("issuer"));
    let texts = section.text_or_texts("serials");
    let serials = match (issuer, texts) {
        (Some(issuer), Some(texts)) => {
            let serial = |text: &str| {
                let octets = hexadecimal(text);
                if octets.is_none() {
                    let message = format!("{text:?} is not in hexadecimal; write \"01:ab\"");
                    section.place_of("serials").error(report, message);
                }
                octets
            };
            Some(SerialsOf { issuer, serials: texts.into_iter().filter_map(serial).collect() })
        }
        (None, None) => None,
        (Some(_), None) => {
            let message = "is missing; write serials = [\"01:ab\"] beside `issuer`";
            section.place_of("serials").error(report, message);
            None
        }
        (None, Some(_)) => {
            let message = "is missing; write issuer = \"issuing-ca.pem\": a serial number alone \
                           names certificates of every CA";
            section.place_of("issuer").error(report, message);
            None
        }
    };
    if !["certificates", "file", "serials", "issuer"].iter().any(|key| section.has(key)) {
        let message = "denies nothing; write certificates = [\"sha256:...\"], a `file` of them, or \
                       `issuer` and `serials`";
        section.place().error(report, message);
    }
    section.finish();
    DenySettings { marks, file, serials }
}
