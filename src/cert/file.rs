//! Certificates in a file: PEM, with any number of them and text between, or the DER of one.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::{self, PemObject};

use super::certificate::{BadCertificate, Certificate};

/// Why a file is not one of certificates.
#[derive(Debug)]
pub(crate) enum BadFile {
    /// A block does not end, or is no base64.
    Pem(pem::Error),
    /// There is no certificate.
    Empty,
    /// A key or a request beside them was put there by mistake.
    Mixed,
}

/// The DER of each certificate, in the order of the file; at least one. Nothing here looks into it.
pub(crate) fn ders(file: &[u8]) -> Result<Vec<CertificateDer<'_>>, BadFile> {
    // A SEQUENCE with a length of more than one octet, as every certificate has; text may begin with
    // a zero, which is the same first octet.
    if let [0x30, 0x80..=0xff, ..] = file {
        return Ok(vec![CertificateDer::from(file)]);
    }
    let blocks = memchr::memmem::find_iter(file, b"-----BEGIN ").count();
    let ders: Vec<_> =
        CertificateDer::pem_slice_iter(file).collect::<Result<_, _>>().map_err(BadFile::Pem)?;
    match ders.len() {
        0 => Err(BadFile::Empty),
        found if found != blocks => Err(BadFile::Mixed),
        _ => Ok(ders),
    }
}

/// Each certificate, read; or one clause: there is none, something else stands among them, or which one
/// is wrong and how.
pub(super) fn certificates(file: &[u8]) -> Result<Vec<Certificate>, String> {
    let ders = ders(file).map_err(|why| why.in_words(file))?;
    let other = match file {
        [0x30, ..] => "; of PKCS#12 or PKCS#7 take the certificates out (openssl pkcs12, pkcs7)",
        _ => "",
    };
    let read = |(at, der): (usize, &CertificateDer<'_>)| {
        Certificate::from_der(der).map_err(|why| match why {
            BadCertificate::NotDer => format!("certificate {}: {why}{other}", at + 1),
            why => format!("certificate {}: {why}", at + 1),
        })
    };
    ders.iter().enumerate().map(read).collect()
}

impl BadFile {
    /// One clause for whoever put the file there: what is wrong with it, and what it is instead.
    pub(super) fn in_words(&self, file: &[u8]) -> String {
        let is_marked = file.starts_with("\u{feff}".as_bytes());
        match self {
            // Its own words show the marker as a list of bytes.
            Self::Pem(pem::Error::MissingSectionEnd { .. }) => {
                "the PEM is malformed: a block has no -----END line: was the file cut?".into()
            }
            Self::Pem(pem::Error::Base64Decode(_)) => {
                "the PEM is malformed: a block is not base64".into()
            }
            Self::Pem(pem::Error::IllegalSectionStart { .. }) => {
                "the PEM is malformed: a -----BEGIN line does not end in five hyphens".into()
            }
            Self::Pem(why) => format!("the PEM is malformed: {why}"),
            _ if is_marked => "it begins with a byte order mark; save it without one".into(),
            Self::Empty => {
                format!(
                    "there is no certificate in it (-----BEGIN CERTIFICATE-----){}",
                    instead(file)
                )
            }
            Self::Mixed => "it holds something else beside certificates; take that out".into(),
        }
    }
}

/// What the file is instead, with what turns it into certificates.
fn instead(file: &[u8]) -> String {
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = file {
        return ": it is UTF-16 text; save it as ASCII".into();
    }
    let begin = b"-----BEGIN ";
    let Some(at) = memchr::memmem::find(file, begin) else {
        let is_bare = file.trim_ascii_start().starts_with(b"MII");
        let bare = ": it looks like base64 without that line and -----END CERTIFICATE-----";
        return if is_bare { bare.into() } else { String::new() };
    };
    let label = file[at + begin.len()..].iter().take(40);
    let label: Vec<u8> =
        label.copied().take_while(|byte| !matches!(byte, b'-' | b'\r' | b'\n')).collect();
    let what = match &*label {
        b"CERTIFICATE REQUEST" | b"NEW CERTIFICATE REQUEST" => {
            "a request: take the certificate that the CA made of it"
        }
        b"PKCS7" => "PKCS#7: take the certificates out with openssl pkcs7 -print_certs",
        b"TRUSTED CERTIFICATE" => "a form of openssl's own: write it anew with openssl x509",
        label if label.ends_with(b"PRIVATE KEY") => "a private key",
        label => return format!(": it holds {:?}", String::from_utf8_lossy(label)),
    };
    format!(": it holds {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----\nMIIBAA==\n-----END CERTIFICATE-----\n";

    #[test]
    fn der_pem_and_text_between() {
        let der = [0x30, 0x82, 1, 0];
        let read =
            |file: &[u8]| ders(file).map(|list| list.iter().map(|der| der.to_vec()).collect());
        let one: Result<Vec<Vec<u8>>, BadFile> = read(&der);
        assert_eq!(one.unwrap(), [der]);
        assert_eq!(read(PEM).unwrap(), [der]);
        // As `openssl s_client -showcerts` writes it, less its leading space.
        let two = [b"0 s:CN = pc7\n", PEM, b"1 s:CN = CA\n", PEM].concat();
        assert_eq!(read(&two).unwrap(), [der, der]);
    }

    #[test]
    fn what_is_no_file_of_certificates() {
        let why = |file: &[u8]| ders(file).unwrap_err().in_words(file);
        let key = b"-----BEGIN PRIVATE KEY-----\nMIIBAA==\n-----END PRIVATE KEY-----\n";
        assert!(why(&[PEM, key].concat()).contains("something else"));
        let der = certificates(b"\x30\x82\x00\x00").unwrap_err();
        assert!(der.starts_with("certificate 1: it is not one certificate in DER; of PKCS#12"));
        for empty in [&b""[..], b"0", b"pc7", key] {
            assert!(why(empty).contains("no certificate"), "{empty:?}");
        }
        assert!(why(&PEM[..40]).ends_with("a block has no -----END line: was the file cut?"));
        assert!(why(&[&PEM[..30], b"!", &PEM[30..]].concat()).ends_with("a block is not base64"));
    }

    #[test]
    fn what_it_is_instead_is_said() {
        let block = |label: &str| {
            format!("-----BEGIN {label}-----\nMIIBAA==\n-----END {label}-----\n").into_bytes()
        };
        let utf16 = PEM.iter().flat_map(|byte| [*byte, 0]);
        for (file, said) in [
            (block("RSA PRIVATE KEY"), "it holds a private key"),
            (block("CERTIFICATE REQUEST"), "it holds a request: take the certificate"),
            (block("PKCS7"), "openssl pkcs7 -print_certs"),
            (block("TRUSTED CERTIFICATE"), "write it anew with openssl x509"),
            (block("X509 CRL"), "it holds \"X509 CRL\""),
            ([0xff, 0xfe].into_iter().chain(utf16).collect(), "UTF-16"),
            (["\u{feff}".as_bytes(), PEM].concat(), "a byte order mark"),
            (["\u{feff}".as_bytes(), PEM, PEM].concat(), "a byte order mark"),
            (b"\nMIIBAA==\n".to_vec(), "base64 without that line"),
        ] {
            let why = ders(&file).unwrap_err().in_words(&file);
            assert!(why.contains(said), "{said}: {why}");
        }
    }
}
