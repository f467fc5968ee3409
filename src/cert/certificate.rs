//! One certificate, read once.

use core::fmt;
use std::borrow::Cow;
use std::sync::OnceLock;

use rustls_pki_types::CertificateDer;
use x509_cert::der::Decode;
use x509_cert::time::Time;

use super::der::{Malformed, Reader, tag};
use super::fields::Fields;
use super::file::certificates;
use super::marks::Marks;
use super::names::{DistinguishedName, NameKind, Names, alternative_names};
use super::public_key::with_material;
use crate::crypto::{Material, sha256, thumbprint};
use crate::limits::{CERTIFICATE_BYTES, CERTIFICATE_EXTENSIONS};

/// A certificate and the fields of it that rules read. Owns its DER.
pub struct Certificate {
    der: CertificateDer<'static>,
    thumbprint: [u8; 32],
    /// What deny lists ask for, once one does.
    marks: OnceLock<Marks>,
    serial: Span,
    subject: Span,
    issuer: Span,
    /// First and last second of its validity (RFC 5280 section 4.1.2.5: both inclusive).
    pub(super) validity: (i64, i64),
    pub(super) fields: Fields,
    key: Key,
}

/// Where a part of the certificate is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    start: u16,
    end: u16,
}

/// The parts of SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
#[derive(Clone, Copy)]
struct Key {
    /// All of it.
    whole: Span,
    /// OBJECT IDENTIFIER and parameters: the content of AlgorithmIdentifier.
    algorithm: Span,
    /// The whole bytes of the BIT STRING.
    bits: Span,
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
    /// More than [`CERTIFICATE_EXTENSIONS`].
    TooManyExtensions,
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
        let Tbs { serial, subject, issuer, validity, key_info, algorithm, key, extensions } =
            Tbs::read(der)?;
        // Nothing that is read here is longer than a certificate may be.
        let place = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        let span = |part: &[u8]| {
            let start = part.as_ptr().addr() - der.as_ptr().addr();
            Span { start: place(start), end: place(start + part.len()) }
        };
        Ok(Self {
            thumbprint: sha256(&[der]),
            marks: OnceLock::new(),
            serial: span(serial),
            subject: span(subject),
            issuer: span(issuer),
            validity,
            fields: Fields::read(extensions, &span)?,
            key: Key { whole: span(key_info), algorithm: span(algorithm), bits: span(key) },
            der: CertificateDer::from(der.to_vec()),
        })
    }

    /// Every certificate in a file: PEM with any number of them and text between, or one DER.
    ///
    /// # Errors
    /// One clause: there is none, something else stands among them, or which one is wrong and how.
    pub fn all_from(file: &[u8]) -> Result<Vec<Self>, String> {
        certificates(file)
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
        let alternatives = self.alternative_names();
        let owned = alternatives.map(|name| name.map(|(kind, name)| (kind, name.into_owned())));
        Ok(Names { subject: self.subject_name()?, alternatives: owned.collect::<Result<_, _>>()? })
    }

    /// The alternative names of kinds that can be principals, in their order, read one by one.
    pub(crate) fn alternative_names(
        &self,
    ) -> impl Iterator<Item = Result<(NameKind, Cow<'_, str>), BadCertificate>> {
        alternative_names(self.fields.alternative_names.map_or(&[], |span| self.part(span)))
    }

    /// Its subject.
    pub(crate) fn subject_name(&self) -> Result<DistinguishedName, BadCertificate> {
        DistinguishedName::from_der(self.subject())
    }

    /// Its issuer's name.
    ///
    /// # Errors
    /// When the name is malformed.
    pub fn issuer_name(&self) -> Result<DistinguishedName, BadCertificate> {
        DistinguishedName::from_der(self.issuer())
    }

    /// SHA-256 of its subject's Name, in DER: by it, deny lists name the issuer of what it issues.
    #[must_use]
    pub fn subject_digest(&self) -> [u8; 32] {
        sha256(&[self.subject()])
    }

    /// The identifier of its own key (RFC 5280 section 4.2.1.2).
    pub(crate) fn key_id(&self) -> Option<&[u8]> {
        self.fields.subject_key_id.map(|span| self.part(span))
    }

    /// The identifier of its issuer's key (RFC 5280 section 4.2.1.1).
    pub(crate) fn issuer_key_id(&self) -> Option<&[u8]> {
        self.fields.authority_key_id.map(|span| self.part(span))
    }

    /// SHA-256 of its key as a JWK (RFC 7638); `None` for keys that no JWK holds.
    #[must_use]
    pub fn key_thumbprint(&self) -> Option<[u8; 32]> {
        self.with_key(thumbprint)
    }

    /// Hands its key to `read`, if a JWK could hold it.
    pub(crate) fn with_key<T>(&self, read: impl FnOnce(Material<'_>) -> T) -> Option<T> {
        let (algorithm, key) = self.key();
        with_material(algorithm, key, read)
    }

    /// The subject's Name, tag and length too. Its shape is good: sets of types with values.
    pub(super) fn subject(&self) -> &[u8] {
        self.part(self.subject)
    }

    /// The issuer's Name, in the same form.
    pub(super) fn issuer(&self) -> &[u8] {
        self.part(self.issuer)
    }

    /// The octets of its serial number, an INTEGER of any size and sign.
    pub(super) fn serial(&self) -> &[u8] {
        self.part(self.serial)
    }

    /// SubjectPublicKeyInfo, tag and length too.
    pub(super) fn key_info(&self) -> &[u8] {
        self.part(self.key.whole)
    }

    /// What deny lists name it by, beside its thumbprint.
    pub(crate) fn marks(&self) -> &Marks {
        self.marks.get_or_init(|| Marks::of(self))
    }

    /// Whether its name is that of the other's issuer.
    pub(crate) fn is_named_as_issuer_of(&self, other: &Self) -> bool {
        self.subject() == other.issuer()
    }

    /// The content of the key's AlgorithmIdentifier, and the key.
    pub(super) fn key(&self) -> (&[u8], &[u8]) {
        (self.part(self.key.algorithm), self.part(self.key.bits))
    }

    /// The bytes of a part of this certificate.
    pub(super) fn part(&self, span: Span) -> &[u8] {
        self.der.get(usize::from(span.start)..usize::from(span.end)).unwrap_or(&[])
    }

    pub(super) fn as_der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// Whether it names itself as its issuer.
    pub(super) fn is_self_issued(&self) -> bool {
        self.subject() == self.issuer()
    }
}

/// What is read of TBSCertificate (RFC 5280 section 4.1.1), in place.
struct Tbs<'d> {
    serial: &'d [u8],
    subject: &'d [u8],
    issuer: &'d [u8],
    validity: (i64, i64),
    key_info: &'d [u8],
    algorithm: &'d [u8],
    key: &'d [u8],
    extensions: Reader<'d>,
}

impl<'d> Tbs<'d> {
    fn read(der: &'d [u8]) -> Result<Self, BadCertificate> {
        let read = Self::read_unversioned(der).map_err(|Malformed| BadCertificate::NotDer)?;
        read.ok_or(BadCertificate::Version)
    }

    /// `None` if it is of another version than 3.
    fn read_unversioned(der: &'d [u8]) -> Result<Option<Self>, Malformed> {
        let mut certificate = Reader::only(der, tag::SEQUENCE)?;
        let mut tbs = certificate.nested(tag::SEQUENCE)?;
        algorithm(&mut certificate)?;
        certificate.bytes()?;
        certificate.end()?;

        let version = tbs.optional(tag::parts(0))?;
        let is_v3 = match version.map(|version| Reader::only(version, tag::INTEGER)).transpose()? {
            None => false,
            Some(number) => match number.rest() {
                [2] => true,
                [0 | 1] => false,
                _ => return Err(Malformed),
            },
        };
        // Serial numbers are left as they are: odd ones are the CA's fault, not the client's.
        let serial = tbs.integer()?;
        algorithm(&mut tbs)?;
        let issuer = name(&mut tbs)?;
        let mut validity = tbs.nested(tag::SEQUENCE)?;
        let (first, last) = (time(&mut validity)?, time(&mut validity)?);
        validity.end()?;
        let subject = name(&mut tbs)?;
        let key_info = tbs.any()?.whole;
        let mut key = Reader::only(key_info, tag::SEQUENCE)?;
        let (algorithm, bits) = (algorithm(&mut key)?, key.bytes()?);
        key.end()?;
        // Unique identifiers are of no use (section 4.1.2.8); the kernel takes none on a path.
        tbs.optional(tag::plain(1))?;
        tbs.optional(tag::plain(2))?;
        let extensions = match tbs.optional(tag::parts(3))? {
            Some(extensions) => Reader::only(extensions, tag::SEQUENCE)?,
            None => Reader::new(&[]),
        };
        tbs.end()?;
        let validity = (first, last);
        let tbs =
            Self { serial, subject, issuer, validity, key_info, algorithm, key: bits, extensions };
        Ok(is_v3.then_some(tbs))
    }
}

/// The content of an AlgorithmIdentifier: its name and, perhaps, one parameter.
pub(super) fn algorithm<'d>(reader: &mut Reader<'d>) -> Result<&'d [u8], Malformed> {
    let algorithm = reader.nested(tag::SEQUENCE)?;
    let mut parts = algorithm;
    parts.oid()?;
    if !parts.is_at_end() {
        parts.any()?;
    }
    parts.end()?;
    Ok(algorithm.rest())
}

/// A Name: sets of attributes, none of them empty.
fn name<'d>(reader: &mut Reader<'d>) -> Result<&'d [u8], Malformed> {
    let name = reader.any()?;
    let mut sets = Reader::only(name.whole, tag::SEQUENCE)?;
    while !sets.is_at_end() {
        let mut set = sets.nested(tag::SET)?;
        while {
            let mut attribute = set.nested(tag::SEQUENCE)?;
            attribute.oid()?;
            attribute.any()?;
            attribute.end()?;
            !set.is_at_end()
        } {}
    }
    Ok(name.whole)
}

/// Seconds since 1970.
fn time(reader: &mut Reader<'_>) -> Result<i64, Malformed> {
    let time = Time::from_der(reader.any()?.whole).map_err(|_| Malformed)?;
    Ok(i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX))
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
            Self::TooManyExtensions => {
                write!(f, "it has more than {CERTIFICATE_EXTENSIONS} extensions")
            }
        }
    }
}

impl std::error::Error for BadCertificate {}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
