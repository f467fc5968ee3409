//! The extensions that rules read (RFC 5280 section 4.2.1).

use super::certificate::{BadCertificate, Span};
use super::cost::Names;
use super::der::{Malformed, Reader, integer, tag, unsigned};
use crate::limits::CERTIFICATE_EXTENSIONS;

/// Absent extensions are `None`: what that means is the profile's to say.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// Whether it is a CA, and the most non-self-issued CAs that may follow it.
    pub(super) basic_constraints: Option<(bool, Option<u8>)>,
    /// Whether keyCertSign is among its key usages.
    pub(super) may_sign_certificates: Option<bool>,
    /// Whether cRLSign is.
    pub(super) may_sign_lists: Option<bool>,
    /// Whether digitalSignature or keyAgreement is, one of which a client's handshake needs
    /// (section 4.2.1.12).
    pub(super) may_authenticate: Option<bool>,
    /// The OBJECT IDENTIFIERs of its purposes, one after the other.
    pub(super) extended_key_usage: Option<Span>,
    pub(super) subject_key_id: Option<Span>,
    pub(super) authority_key_id: Option<Span>,
    /// The GeneralNames of the subject, one after the other, and how many.
    pub(super) alternative_names: Option<Span>,
    pub(super) names: Names,
    /// Its cRLDistributionPoints, unread (section 4.2.1.13).
    pub(super) distribution_points: Option<Span>,
    /// The names that it constrains for what it issues (section 4.2.1.10). The kernel reads them.
    pub(super) constraints: Option<Names>,
    /// Whether it has a critical extension that neither we nor the kernel read.
    pub(super) has_unknown_critical: bool,
}

impl Fields {
    /// Reads `Extensions`, the content of one SEQUENCE. `span` finds a part of it again later.
    pub(super) fn read<'d>(
        mut extensions: Reader<'d>,
        span: &impl Fn(&'d [u8]) -> Span,
    ) -> Result<Self, BadCertificate> {
        let mut fields = Self::default();
        let mut seen: [&[u8]; CERTIFICATE_EXTENSIONS] = [&[]; CERTIFICATE_EXTENSIONS];
        let mut count = 0;
        while !extensions.is_at_end() {
            let (id, is_critical, value) =
                extension(&mut extensions).map_err(|_| BadCertificate::NotDer)?;
            if seen[..count].contains(&id) {
                return Err(BadCertificate::DuplicateExtension);
            }
            *seen.get_mut(count).ok_or(BadCertificate::TooManyExtensions)? = id;
            count += 1;
            let known = fields.read_one(id, value, span).map_err(|_| BadCertificate::Extension)?;
            fields.has_unknown_critical |= is_critical && !known;
        }
        Ok(fields)
    }

    /// Whether it is one that we read.
    fn read_one<'d>(
        &mut self,
        id: &[u8],
        value: &'d [u8],
        span: &impl Fn(&'d [u8]) -> Span,
    ) -> Result<bool, Malformed> {
        // id-ce (2.5.29).
        let &[0x55, 0x1d, id] = id else { return Ok(false) };
        match id {
            14 => self.subject_key_id = Some(span(octets(value)?)),
            15 => {
                let usages = key_usage(value)?;
                self.may_sign_certificates = Some(usages & KEY_CERT_SIGN != 0);
                self.may_sign_lists = Some(usages & CRL_SIGN != 0);
                self.may_authenticate = Some(usages & (DIGITAL_SIGNATURE | KEY_AGREEMENT) != 0);
            }
            17 => {
                let names = Reader::only(value, tag::SEQUENCE)?;
                self.names = general_names(names)?;
                self.alternative_names = Some(span(names.rest()));
            }
            19 => self.basic_constraints = Some(basic_constraints(value)?),
            30 => self.constraints = Some(constraints(value)?),
            31 => self.distribution_points = Some(span(value)),
            35 => self.authority_key_id = authority_key_id(value)?.map(span),
            37 => self.extended_key_usage = Some(span(purposes(value)?)),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// One Extension: its name, whether it is critical, and its value.
pub(super) fn extension<'d>(
    extensions: &mut Reader<'d>,
) -> Result<(&'d [u8], bool, &'d [u8]), Malformed> {
    let mut extension = extensions.nested(tag::SEQUENCE)?;
    let (id, is_critical) = (extension.oid()?, extension.flag()?);
    let value = extension.expect(tag::OCTET_STRING)?;
    extension.end()?;
    Ok((id, is_critical, value))
}

fn octets(value: &[u8]) -> Result<&[u8], Malformed> {
    let octets = Reader::only(value, tag::OCTET_STRING)?;
    Ok(octets.rest())
}

/// The first eight bits of KeyUsage (section 4.2.1.3), the first one highest.
fn key_usage(value: &[u8]) -> Result<u8, Malformed> {
    match *Reader::only(value, tag::BIT_STRING)?.rest() {
        [0] => Ok(0),
        // The bits that do not count are zeros (X.690 section 11.2.1).
        [unused @ ..=7, first, .., last] if last & !(0xff << unused) == 0 => Ok(first),
        [unused @ ..=7, only] if only & !(0xff << unused) == 0 => Ok(only),
        _ => Err(Malformed),
    }
}

const DIGITAL_SIGNATURE: u8 = 0x80;
const KEY_AGREEMENT: u8 = 0x08;
const KEY_CERT_SIGN: u8 = 0x04;
const CRL_SIGN: u8 = 0x02;

fn basic_constraints(value: &[u8]) -> Result<(bool, Option<u8>), Malformed> {
    let mut reader = Reader::only(value, tag::SEQUENCE)?;
    let is_ca = reader.flag()?;
    let path_len = match reader.optional(tag::INTEGER)?.map(unsigned).transpose()? {
        None => None,
        Some(&[most]) => Some(most),
        Some(_) => return Err(Malformed),
    };
    reader.end()?;
    Ok((is_ca, path_len))
}

fn purposes(value: &[u8]) -> Result<&[u8], Malformed> {
    let purposes = Reader::only(value, tag::SEQUENCE)?;
    let mut each = purposes;
    each.oid()?;
    while !each.is_at_end() {
        each.oid()?;
    }
    Ok(purposes.rest())
}

fn authority_key_id(value: &[u8]) -> Result<Option<&[u8]>, Malformed> {
    let mut reader = Reader::only(value, tag::SEQUENCE)?;
    let key_id = reader.optional(tag::plain(0))?;
    if let Some(issuer) = reader.optional(tag::parts(1))? {
        general_names(Reader::new(issuer))?;
    }
    reader.optional(tag::plain(2))?.map(integer).transpose()?;
    reader.end()?;
    Ok(key_id)
}

/// Counts GeneralNames.
fn general_names(mut names: Reader<'_>) -> Result<Names, Malformed> {
    let mut all = Names { count: 0, bytes: names.rest().len() as u64 };
    while !names.is_at_end() {
        general_name(&mut names)?;
        all.count += 1;
    }
    Ok(all)
}

/// One of the nine kinds (section 4.2.1.6); what is in it is for its reader.
fn general_name(names: &mut Reader<'_>) -> Result<(), Malformed> {
    let name = names.any()?;
    match name.tag {
        // Addresses, DNS names and URIs are IA5String: ASCII.
        0x81 | 0x82 | 0x86 if name.content.is_ascii() => Ok(()),
        // otherName, x400Address, directoryName and ediPartyName have parts.
        0xa0 | 0xa3 | 0xa4 | 0xa5 | 0x87 | 0x88 => Ok(()),
        _ => Err(Malformed),
    }
}

/// Neither list may be empty, and one must be there. `minimum` is always 0 and `maximum` absent, so
/// that nothing stands behind a name.
fn constraints(value: &[u8]) -> Result<Names, Malformed> {
    let mut reader = Reader::only(value, tag::SEQUENCE)?;
    let mut all = Names { count: 0, bytes: value.len() as u64 };
    for number in [0, 1] {
        let Some(subtrees) = reader.optional(tag::parts(number))? else { continue };
        let mut subtrees = Reader::new(subtrees);
        while {
            let mut subtree = subtrees.nested(tag::SEQUENCE)?;
            general_name(&mut subtree)?;
            subtree.end()?;
            all.count += 1;
            !subtrees.is_at_end()
        } {}
    }
    reader.end()?;
    if all.count == 0 { Err(Malformed) } else { Ok(all) }
}
