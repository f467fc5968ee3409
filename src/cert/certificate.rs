//! One certificate, read once.

use core::fmt;

use rustls_pki_types::CertificateDer;
use x509_cert::certificate::{CertificateInner, Raw, Version};
use x509_cert::der::{Decode, Encode};

use super::fields::Fields;
use super::file::ders;
use super::names::{DistinguishedName, Names, alternative_names};
use super::public_key::{jwk_thumbprint, with_material};
use crate::crypto::{Material, sha256};
use crate::limits::CERTIFICATE_BYTES;

/// A certificate and the fields of it that rules read. Owns its DER.
pub struct Certificate {
    der: CertificateDer<'static>,
    thumbprint: [u8; 32],
    pub(super) subject: Box<[u8]>,
    pub(super) issuer: Box<[u8]>,
    /// The SubjectPublicKeyInfo, as DER.
    pub(super) spki: Box<[u8]>,
    /// First and last second of its validity (RFC 5280 section 4.1.2.5: both inclusive).
    pub(super) validity: (i64, i64),
    pub(super) fields: Fields,
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
        Ok(Self {
            thumbprint: sha256(&[der]),
            subject: encoded(tbs.subject())?,
            issuer: encoded(tbs.issuer())?,
            spki: encoded(tbs.subject_public_key_info())?,
            validity: (seconds(validity.not_before), seconds(validity.not_after)),
            fields,
            der: CertificateDer::from(der.to_vec()),
        })
    }

    /// Every certificate in a file: PEM with any number of them and text between, or one DER.
    ///
    /// # Errors
    /// One clause: there is none, something else stands among them, or which one is wrong and how.
    pub fn all_from(file: &[u8]) -> Result<Vec<Self>, String> {
        let ders = ders(file).map_err(|why| why.to_string())?;
        let read = |(at, der): (usize, &CertificateDer<'_>)| {
            Self::from_der(der).map_err(|why| format!("certificate {}: {why}", at + 1))
        };
        ders.iter().enumerate().map(read).collect()
    }

    /// First and last second of its validity, both inclusive (RFC 5280 section 4.1.2.5).
    #[must_use]
    pub fn validity(&self) -> (i64, i64) {
        self.validity
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

    /// The names of its holder. They are read here, and not before a path is proven.
    ///
    /// # Errors
    /// When the subject or the alternative names are malformed.
    pub fn names(&self) -> Result<Names, BadCertificate> {
        let alternatives = self.fields.alternative_names.as_deref();
        Ok(Names {
            subject: DistinguishedName::from_der(&self.subject)?,
            alternatives: alternatives.map_or(Ok(Vec::new()), alternative_names)?,
        })
    }

    /// Its issuer's name.
    ///
    /// # Errors
    /// When the name is malformed.
    pub fn issuer(&self) -> Result<DistinguishedName, BadCertificate> {
        DistinguishedName::from_der(&self.issuer)
    }

    /// SHA-256 of its key as a JWK (RFC 7638); `None` for keys that no JWK holds.
    #[must_use]
    pub fn key_thumbprint(&self) -> Option<[u8; 32]> {
        jwk_thumbprint(&self.spki)
    }

    /// Hands its key to `read`, if a JWK could hold it.
    pub(crate) fn with_key<T>(&self, read: impl FnOnce(Material<'_>) -> T) -> Option<T> {
        with_material(&self.spki, read)
    }

    pub(super) fn as_der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// Whether it names itself as its issuer.
    pub(super) fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }
}

fn encoded(part: &impl Encode) -> Result<Box<[u8]>, BadCertificate> {
    part.to_der().map(Vec::into_boxed_slice).map_err(|_| BadCertificate::NotDer)
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
