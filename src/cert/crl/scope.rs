//! Which certificates a list speaks of: issuingDistributionPoint (RFC 5280 section 5.2.5), and what a
//! certificate says of its lists: cRLDistributionPoints (section 4.2.1.13).

use super::super::der::{Malformed, Reader, tag};
use super::names::{canonical, push_rdn};

/// The reasons for a revocation (ReasonFlags): bit i of the BIT STRING is bit i here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reasons(u16);

impl Reasons {
    pub(super) const NONE: Self = Self(0);
    /// keyCompromise to aACompromise: `all-reasons` of section 6.3.2.
    pub(super) const ALL: Self = Self(0b1_1111_1110);

    pub(super) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn are_all(self) -> bool {
        self == Self::ALL
    }

    /// The content of a BIT STRING of named bits, the first one highest.
    fn read(content: &[u8]) -> Result<Self, Malformed> {
        let bits = match *content {
            // Nothing but a count of unused bits, or not even that (RUSTSEC-2026-0104).
            [0] => 0,
            [unused @ ..=7, one] => u16::from(one & (0xff << unused)) << 8,
            [unused @ ..=7, one, two] => u16::from_be_bytes([one, two & (0xff << unused)]),
            _ => return Err(Malformed),
        };
        // Bit 0 is unused.
        Ok(Self(bits.reverse_bits()).and(Self::ALL))
    }
}

/// Where a list can be had, as far as it tells lists apart: a GeneralName in a form that can be compared byte
/// by byte.
pub(super) type Point = Box<[u8]>;

/// issuingDistributionPoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    /// The names of its own distribution point; empty where it has none: then it is for all of them.
    pub(super) points: Vec<Point>,
    /// Of certificates of users only, or of CAs only.
    pub(super) of: Of,
    pub(super) reasons: Reasons,
    /// Whether it may hold certificates of other issuers.
    pub(super) is_indirect: bool,
}

/// Whose certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    All,
    Users,
    Cas,
    /// None that we know.
    Attributes,
}

impl Scope {
    /// That of a list without the extension.
    pub(super) const WHOLE: Self =
        Self { points: Vec::new(), of: Of::All, reasons: Reasons::ALL, is_indirect: false };

    /// `issuer` is the canonical name of the list's issuer.
    pub(super) fn read(value: &[u8], issuer: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::only(value, tag::SEQUENCE)?;
        if reader.is_at_end() {
            // Section 5.2.5: never an empty sequence.
            return Err(Malformed);
        }
        let points = match reader.optional(tag::parts(0))? {
            Some(name) => {
                let mut points = Vec::new();
                each_point(name, issuer, &mut |point| points.push(point.into()))?;
                points
            }
            None => Vec::new(),
        };
        let users = flag(&mut reader, 1)?;
        let cas = flag(&mut reader, 2)?;
        let reasons = reader.optional(tag::plain(3))?.map(Reasons::read).transpose()?;
        let is_indirect = flag(&mut reader, 4)?;
        let attributes = flag(&mut reader, 5)?;
        reader.end()?;
        let of = match (users, cas, attributes) {
            (false, false, false) => Of::All,
            (true, false, false) => Of::Users,
            (false, true, false) => Of::Cas,
            (false, false, true) => Of::Attributes,
            // "At most one" (section 5.2.5).
            _ => return Err(Malformed),
        };
        Ok(Self { points, of, reasons: reasons.unwrap_or(Reasons::ALL), is_indirect })
    }
}

/// `[n] IMPLICIT BOOLEAN DEFAULT FALSE`.
fn flag(reader: &mut Reader<'_>, number: u8) -> Result<bool, Malformed> {
    match reader.optional(tag::plain(number))? {
        None | Some([0]) => Ok(false),
        Some([0xff]) => Ok(true),
        Some(_) => Err(Malformed),
    }
}

/// A distribution point of a certificate, in place.
#[derive(Clone, Copy, Debug)]
pub(super) struct DistributionPoint<'d> {
    /// DistributionPointName.
    name: Option<&'d [u8]>,
    pub(super) reasons: Reasons,
    /// GeneralNames of who issues its list, if that is not the certificate's issuer.
    issuers: Option<&'d [u8]>,
}

impl<'d> DistributionPoint<'d> {
    /// Reads the next one of cRLDistributionPoints.
    pub(super) fn read(points: &mut Reader<'d>) -> Result<Self, Malformed> {
        let mut point = points.nested(tag::SEQUENCE)?;
        let name = point.optional(tag::parts(0))?;
        let reasons = point.optional(tag::plain(1))?.map(Reasons::read).transpose()?;
        let issuers = point.optional(tag::parts(2))?;
        point.end()?;
        Ok(Self { name, reasons: reasons.unwrap_or(Reasons::ALL), issuers })
    }

    /// The canonical names of who issues its list; none: the certificate's issuer.
    pub(super) fn issuers(&self) -> Result<Vec<Vec<u8>>, Malformed> {
        self.issuers.map_or(Ok(Vec::new()), directory_names)
    }

    pub(super) fn has_name(&self) -> bool {
        self.name.is_some()
    }

    /// Shows each of its names, as points are compared. A name may be relative to the list's issuer, which has
    /// one name then (section 4.2.1.13).
    pub(super) fn each_name(
        &self,
        relative_to: &[u8],
        show: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Malformed> {
        self.name.map_or(Ok(()), |name| each_point(name, relative_to, show))
    }
}

/// The canonical names among GeneralNames that are of a directory; at least one has to be.
pub(super) fn directory_names(content: &[u8]) -> Result<Vec<Vec<u8>>, Malformed> {
    let mut reader = Reader::new(content);
    let mut names = Vec::new();
    while !reader.is_at_end() {
        let name = reader.any()?;
        if name.tag == tag::parts(4) {
            names.push(canonical(name.content)?);
        }
    }
    if names.is_empty() { Err(Malformed) } else { Ok(names) }
}

/// Shows each name of a DistributionPointName, the content of its tag; there is one at least.
fn each_point(
    name: &[u8],
    relative_to: &[u8],
    show: &mut dyn FnMut(&[u8]),
) -> Result<(), Malformed> {
    let mut reader = Reader::new(name);
    let name = reader.any()?;
    reader.end()?;
    if name.content.is_empty() {
        return Err(Malformed);
    }
    match name.tag {
        0xa0 => {
            let mut names = Reader::new(name.content);
            while !names.is_at_end() {
                let one = names.any()?;
                match one.tag {
                    0xa4 => show(&directory(&canonical(one.content)?)),
                    _ => show(one.whole),
                }
            }
            Ok(())
        }
        0xa1 => {
            let mut full = relative_to.to_vec();
            push_rdn(name.content, &mut full)?;
            show(&directory(&full));
            Ok(())
        }
        _ => Err(Malformed),
    }
}

/// A directoryName that is canonical: told from every DER by its first byte.
pub(super) fn directory(canonical: &[u8]) -> Point {
    [&[0], canonical].concat().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_bits_from_the_left() {
        assert_eq!(Reasons::read(&[0]), Ok(Reasons::NONE));
        assert_eq!(Reasons::read(&[6, 0x40]), Ok(Reasons(0b10)));
        assert_eq!(Reasons::read(&[7, 0x7f, 0x80]), Ok(Reasons::ALL));
        assert_eq!(Reasons::read(&[0, 0xff, 0xff]), Ok(Reasons::ALL), "what is unknown counts not");
        for malformed in [&[][..], &[8, 0], &[0, 0, 0, 0]] {
            assert!(Reasons::read(malformed).is_err(), "{malformed:?}");
        }
    }

    #[test]
    fn a_scope_is_one_thing() {
        let read = |content: &[u8]| {
            let whole = [&[0x30, u8::try_from(content.len()).unwrap()], content].concat();
            Scope::read(&whole, &[])
        };
        assert_eq!(read(&[0x81, 1, 0xff]).map(|scope| scope.of), Ok(Of::Users));
        assert_eq!(read(&[0x82, 1, 0xff]).map(|scope| scope.of), Ok(Of::Cas));
        assert_eq!(read(&[0x85, 1, 0xff]).map(|scope| scope.of), Ok(Of::Attributes));
        let some = read(&[0x83, 2, 6, 0x40]).unwrap();
        assert!(!some.reasons.are_all() && some.reasons.or(Reasons::ALL).are_all());
        for malformed in [
            &[][..],
            &[0x81, 1, 0xff, 0x82, 1, 0xff],
            &[0x81, 1, 1],
            &[0x83, 0],
            &[0xa0, 2, 0xa0, 0],
            &[0xa0, 0],
            &[0x86, 1, 0xff],
        ] {
            assert!(read(malformed).is_err(), "{malformed:02x?}");
        }
    }

    #[test]
    fn points_are_compared_by_name() {
        let uri = b"\x86\x0chttp://c/crl";
        let point = [&[0x30, 0x12, 0xa0, 0x10, 0xa0, 0x0e], &uri[..]].concat();
        let read = DistributionPoint::read(&mut Reader::new(&point)).unwrap();
        let mut names = Vec::new();
        read.each_name(b"issuer", &mut |name| names.push(name.to_vec())).unwrap();
        assert_eq!(names, [uri]);
        assert!(read.has_name() && read.issuers() == Ok(Vec::new()));
        assert_eq!(read.reasons, Reasons::ALL);
        for malformed in
            [&b"\x30\x02\xa0\x00"[..], b"\x30\x04\xa0\x02\xa0\x00", b"\x30\x04\xa0\x02\x05\x00"]
        {
            let point = DistributionPoint::read(&mut Reader::new(malformed)).unwrap();
            assert!(point.each_name(b"", &mut |_| {}).is_err(), "{malformed:02x?}");
        }
        assert!(DistributionPoint::read(&mut Reader::new(b"\x30\x02\x05\x00")).is_err());
    }
}
