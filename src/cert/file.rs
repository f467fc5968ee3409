//! Certificates in a file: PEM, with any number of them and text between, or the DER of one.

use core::fmt;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::{self, PemObject};

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

impl fmt::Display for BadFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem(why) => write!(f, "the PEM is malformed: {why}"),
            Self::Empty => {
                f.write_str("there is no certificate in it (-----BEGIN CERTIFICATE-----)")
            }
            Self::Mixed => {
                f.write_str("it holds something else beside certificates; take that out")
            }
        }
    }
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
        let why = |file: &[u8]| ders(file).unwrap_err().to_string();
        let key = b"-----BEGIN PRIVATE KEY-----\nMIIBAA==\n-----END PRIVATE KEY-----\n";
        assert!(why(&[PEM, key].concat()).contains("something else"));
        for empty in [&b""[..], b"0", b"pc7", key] {
            assert!(why(empty).contains("no certificate"), "{empty:?}");
        }
        assert!(why(&PEM[..40]).contains("malformed"));
    }
}
