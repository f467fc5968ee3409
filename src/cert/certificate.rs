//! One certificate, read once.

use core::fmt;

use rustls_pki_types::CertificateDer;
use x509_cert::certificate::{CertificateInner, Raw, Version};
use x509_cert::der::asn1::AnyRef;
use x509_cert::der::{Decode, Encode};

use super::cost::of_key;
use super::fields::Fields;
use crate::crypto::sha256;
use crate::limits::CERTIFICATE_BYTES;

/// A certificate and the fields of it that rules read. Owns its DER.
pub struct Certificate {
    der: CertificateDer<'static>,
    thumbprint: [u8; 32],
    pub(super) subject: Box<[u8]>,
    pub(super) issuer: Box<[u8]>,
    /// First and last second of its validity (RFC 5280 section 4.1.2.5: both inclusive).
    pub(super) validity: (i64, i64),
    pub(super) fields: Fields,
    /// What a signature by its key costs to check; `None` if no algorithm of ours takes the key.
    pub(super) key_cost: Option<u32>,
}

/// Why some bytes are not a certificate that can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadCertificate {
    /// Longer than [`CERTIFICATE_BYTES`].
    TooLarge(usize),
    /// Not one DER certificate, or more behind it.
    NotDer,
    /// Version 1 or 2: they cannot carry the extensions that rules need.
    Version,
    /// An extension comes twice (RFC 5280 section 4.2).
    DuplicateExtension,
    /// An extension that rules read is malformed.
    Extension,
}

impl Certificate {
    /// Reads one certificate, with nothing behind it.
    ///
    /// # Errors
    /// See [`BadCertificate`].
    pub fn from_der(der: &[u8]) -> Result<Self, BadCertificate> {
        if der.len() > CERTIFICATE_BYTES {
            return Err(BadCertificate::TooLarge(der.len()));
        }
        // `Raw` leaves serial numbers as they are: odd ones are the CA's fault, not the client's.
        let read = CertificateInner::<Raw>::from_der(der).map_err(|_| BadCertificate::NotDer)?;
        let tbs = read.tbs_certificate();
        if tbs.version() != Version::V3 {
            return Err(BadCertificate::Version);
        }
        let fields = Fields::read(tbs.extensions().map_or(&[], Vec::as_slice))?;
        let seconds = |time: x509_cert::time::Time| {
            i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
        };
        let validity = tbs.validity();
        let name = |name: &x509_cert::name::Name| {
            name.to_der().map(Vec::into_boxed_slice).map_err(|_| BadCertificate::NotDer)
        };
        let spki = tbs.subject_public_key_info();
        let algorithm = spki.algorithm.to_der().map_err(|_| BadCertificate::NotDer)?;
        let algorithm = AnyRef::from_der(&algorithm).map_err(|_| BadCertificate::NotDer)?;
        let key = spki.subject_public_key.raw_bytes();
        Ok(Self {
            key_cost: of_key(algorithm.value(), key),
            thumbprint: sha256(&[der]),
            subject: name(tbs.subject())?,
            issuer: name(tbs.issuer())?,
            validity: (seconds(validity.not_before), seconds(validity.not_after)),
            fields,
            der: CertificateDer::from(der.to_vec()),
        })
    }

    /// SHA-256 of the DER.
    #[must_use]
    pub fn thumbprint(&self) -> [u8; 32] {
        self.thumbprint
    }

    /// The certificate's bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    pub(super) fn as_der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// Whether it names itself as its issuer.
    pub(super) fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Certificate(")?;
        self.thumbprint[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

impl fmt::Display for BadCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(got) => {
                write!(f, "it has {got} bytes; at most {CERTIFICATE_BYTES} are read")
            }
            Self::NotDer => f.write_str("it is not one certificate in DER"),
            Self::Version => f.write_str("it is not of version 3"),
            Self::DuplicateExtension => f.write_str("it has an extension twice"),
            Self::Extension => f.write_str("one of its extensions is malformed"),
        }
    }
}

impl std::error::Error for BadCertificate {}
