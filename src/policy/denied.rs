//! Certificates that are refused wherever they are shown: the deny list.

use core::fmt;
use core::str::FromStr;
use std::collections::HashSet;

use crate::cert::{Certificate, serial_unsigned};
use crate::crypto::sha256;
use crate::hash::OfIds;

/// What a deny list names a certificate by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CertificateMark {
    /// SHA-256 of the certificate's DER.
    Sha256([u8; 32]),
    /// SHA-1 of the certificate's DER, as old inventories have it. Whoever can make two certificates with
    /// one such digest can only have both refused.
    Sha1([u8; 20]),
    /// Issuer and serial number, as one digest: see [`CertificateMark::issuer_and_serial`].
    IssuerAndSerial([u8; 32]),
    /// SHA-256 of the SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7): every certificate of this key.
    Key([u8; 32]),
}

impl CertificateMark {
    /// By issuer and serial number, never by the number alone (RFC 5280 section 4.1.2.2).
    ///
    /// `issuer` is SHA-256 of the issuer's Name, in DER as the certificate has it. `serial` are the octets of
    /// the INTEGER taken as unsigned: zeros in front do not count, and there may be more than 20. A negative
    /// number, which no CA should give, is its octets too, and so is named with the positive one of the same
    /// octets.
    #[must_use]
    pub fn issuer_and_serial(issuer: &[u8; 32], serial: &[u8]) -> Self {
        Self::IssuerAndSerial(sha256(&[issuer, serial_unsigned(serial)]))
    }

    /// Every mark that the certificate has, from SHA-256 to its key's.
    #[must_use]
    pub fn all_of(certificate: &Certificate) -> [Self; 4] {
        let marks = certificate.marks();
        [
            Self::Sha256(certificate.thumbprint()),
            Self::Sha1(marks.sha1),
            Self::IssuerAndSerial(marks.issuer_and_serial),
            Self::Key(marks.key),
        ]
    }

    fn kind(self) -> usize {
        match self {
            Self::Sha256(_) => 0,
            Self::Sha1(_) => 1,
            Self::IssuerAndSerial(_) => 2,
            Self::Key(_) => 3,
        }
    }
}

/// A deny list. It grows and shrinks mark by mark; once it is a part of a [`super::Policy`] it stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denied {
    marks: HashSet<CertificateMark, OfIds>,
    /// How many there are of each kind: only those are asked for.
    kinds: [usize; 4],
}

impl Denied {
    /// Refuses the certificates with this mark.
    pub fn deny(&mut self, mark: CertificateMark) {
        if self.marks.insert(mark) {
            self.kinds[mark.kind()] += 1;
        }
    }

    /// Takes a mark back. Whether it was there.
    pub fn allow(&mut self, mark: CertificateMark) -> bool {
        let was_there = self.marks.remove(&mark);
        self.kinds[mark.kind()] -= usize::from(was_there);
        was_there
    }

    /// How many marks there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// All marks, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = CertificateMark> {
        self.marks.iter().copied()
    }

    /// Whether a mark is on it.
    #[must_use]
    pub fn holds(&self, mark: CertificateMark) -> bool {
        self.marks.contains(&mark)
    }

    /// The first of its marks that the certificate has. What takes a digest is worked out once a
    /// certificate, and not at all for kinds that are not on the list.
    pub(crate) fn mark_of(&self, certificate: &Certificate) -> Option<CertificateMark> {
        if self.is_empty() {
            return None;
        }
        let marks = || certificate.marks();
        let [sha256, sha1, issuer_and_serial, key] = self.kinds.map(|count| count > 0);
        let candidates = [
            sha256.then(|| CertificateMark::Sha256(certificate.thumbprint())),
            sha1.then(|| CertificateMark::Sha1(marks().sha1)),
            issuer_and_serial.then(|| CertificateMark::IssuerAndSerial(marks().issuer_and_serial)),
            key.then(|| CertificateMark::Key(marks().key)),
        ];
        candidates.into_iter().flatten().find(|mark| self.marks.contains(mark))
    }
}

impl Extend<CertificateMark> for Denied {
    fn extend<M: IntoIterator<Item = CertificateMark>>(&mut self, marks: M) {
        marks.into_iter().for_each(|mark| self.deny(mark));
    }
}

/// Why a text is no mark: what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadMark(String);

impl FromStr for CertificateMark {
    type Err = BadMark;

    /// `sha256:`, `sha1:` or `key-sha256:` and the digest in hexadecimal, in any letter case; spaces and
    /// colons between its digits do not count, so that what openssl and Windows show can be pasted.
    fn from_str(text: &str) -> Result<Self, BadMark> {
        let (kind, digits) = text.split_once(':').unwrap_or(("", text));
        let bytes = hexadecimal(digits)
            .ok_or_else(|| BadMark(format!("{text:?} is not in hexadecimal; {FORMS}")))?;
        let found = bytes.len();
        let wrong = |wanted| {
            BadMark(format!("{text:?} has {found} bytes; SHA-{wanted} has {}", wanted_len(wanted)))
        };
        match kind.trim().to_ascii_lowercase().as_str() {
            "sha256" => bytes.try_into().map(Self::Sha256).map_err(|_| wrong(256)),
            "sha1" => bytes.try_into().map(Self::Sha1).map_err(|_| wrong(1)),
            "key-sha256" => bytes.try_into().map(Self::Key).map_err(|_| wrong(256)),
            _ => Err(BadMark(format!("{text:?} does not say what it is; {FORMS}"))),
        }
    }
}

const FORMS: &str = "write \"sha256:...\", \"sha1:...\" or \"key-sha256:...\"";

fn wanted_len(sha: u16) -> usize {
    if sha == 1 { 20 } else { 32 }
}

/// Bytes from hexadecimal digits, with spaces and colons between them.
#[must_use]
pub fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let is_between = |c: char| c == ':' || c == ' ';
    let digits = text.chars().filter(|c| !is_between(*c)).map(|c| c.to_digit(16));
    let digits: Vec<u32> = digits.collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let bytes = pairs.iter().map(|[high, low]| u8::try_from(high << 4 | low).ok());
    bytes.collect::<Option<Vec<u8>>>().filter(|bytes| !bytes.is_empty())
}

impl fmt::Display for CertificateMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, bytes): (_, &[u8]) = match self {
            Self::Sha256(bytes) => ("sha256:", bytes),
            Self::Sha1(bytes) => ("sha1:", bytes),
            Self::IssuerAndSerial(bytes) => ("issuer and serial, ", bytes),
            Self::Key(bytes) => ("key-sha256:", bytes),
        };
        f.write_str(kind)?;
        bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Display for BadMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadMark {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_tools_write_it() {
        let digits = format!("AB:cd{}", ":00".repeat(30));
        let mut wanted = [0; 32];
        (wanted[0], wanted[1]) = (0xab, 0xcd);
        for text in [format!("sha256:{digits}"), format!("SHA256: {}", digits.replace(':', " "))] {
            assert_eq!(text.parse(), Ok(CertificateMark::Sha256(wanted)), "{text}");
        }
        let mark: CertificateMark = format!("key-sha256:{digits}").parse().unwrap();
        assert_eq!(mark, CertificateMark::Key(wanted));
        assert_eq!(mark.to_string().parse(), Ok(mark));
        for (text, said) in [
            (digits.as_str(), "does not say what it is"),
            ("sha1:", "not in hexadecimal"),
            ("sha1:abc", "not in hexadecimal"),
            ("sha1:xy", "not in hexadecimal"),
            ("sha1:abcd", "has 2 bytes; SHA-1 has 20"),
            ("sha256:abcd", "has 2 bytes; SHA-256 has 32"),
            ("md5:abcd", "does not say what it is"),
        ] {
            let error = text.parse::<CertificateMark>().unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn zeros_in_front_of_a_serial_do_not_count() {
        let issuer = [7; 32];
        let mark = |serial: &[u8]| CertificateMark::issuer_and_serial(&issuer, serial);
        assert_eq!(mark(&[0, 0, 0x80, 1]), mark(&[0x80, 1]));
        assert_eq!(mark(&[0, 0]), mark(&[0]));
        assert_ne!(mark(&[1]), mark(&[1, 0]));
        assert_ne!(mark(&[1]), CertificateMark::issuer_and_serial(&[8; 32], &[1]));
        // Longer than RFC 5280 allows, and all of it counts.
        let (long, other) = ([0x11; 40], [[0x11; 20], [0x12; 20]].concat());
        assert_ne!(mark(&long), mark(&other));
    }

    #[test]
    fn what_is_allowed_again_was_never_denied() {
        let mut denied = Denied::default();
        let mark = CertificateMark::Sha256([1; 32]);
        denied.extend([mark, mark]);
        assert_eq!(denied.len(), 1);
        assert!(denied.allow(mark) && !denied.allow(mark));
        assert_eq!(denied, Denied::default());
    }
}
