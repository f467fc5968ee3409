//! The names in a certificate: its subject and issuer (X.501) and its alternative names (RFC 5280
//! section 4.2.1.6), as text that rules and principals read.

use core::fmt::Write;
use core::iter;
use std::borrow::Cow;

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::{BmpString, Ia5StringRef, ObjectIdentifier, PrintableStringRef};
use x509_cert::der::asn1::{TeletexStringRef, Utf8StringRef};
use x509_cert::der::{Any, Decode, Encode, Tag, Tagged};

use super::certificate::BadCertificate;
use super::der::{Malformed, Reader, tag};

/// A distinguished name, read for rules. Two names that differ have different texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinguishedName {
    /// In the order of the certificate: the most general first.
    rdns: Vec<Vec<(ObjectIdentifier, Value)>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    /// Of a type that is no text, as DER.
    Other(Vec<u8>),
}

/// The names of a certificate's holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The subject.
    pub subject: DistinguishedName,
    /// The alternative names of the kinds that can be principals, in their order.
    pub alternatives: Vec<(NameKind, String)>,
}

/// What an alternative name is, and what a principal's name is called after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// dNSName.
    Dns,
    /// rfc822Name.
    Email,
    /// otherName 1.3.6.1.4.1.311.20.2.3, the user principal name of Active Directory.
    Upn,
    /// uniformResourceIdentifier.
    Uri,
    /// The whole subject, as RFC 4514 text.
    Dn,
}

impl NameKind {
    /// The word in `pki:<pki>:<kind>:<value>` and in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Email => "email",
            Self::Upn => "upn",
            Self::Uri => "uri",
            Self::Dn => "dn",
        }
    }
}

impl DistinguishedName {
    pub(super) fn from_der(der: &[u8]) -> Result<Self, BadCertificate> {
        let name = x509_cert::name::Name::from_der(der).map_err(|_| BadCertificate::NotDer)?;
        let rdns = name.iter_rdn().map(|rdn| rdn.iter().map(attribute).collect());
        Ok(Self { rdns: rdns.collect() })
    }

    /// The values of one attribute that are text, in the order of the certificate.
    pub(crate) fn values<'n>(&'n self, oid: &ObjectIdentifier) -> impl Iterator<Item = &'n str> {
        let same = self.rdns.iter().flatten().filter(move |(other, _)| other == oid);
        same.filter_map(|(_, value)| match value {
            Value::Text(text) => Some(text.as_str()),
            Value::Other(_) => None,
        })
    }

    /// Every attribute; `None` for one whose value is no text.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = Option<(&ObjectIdentifier, &str)>> {
        self.rdns.iter().flatten().map(|(oid, value)| match value {
            Value::Text(text) => Some((oid, text.as_str())),
            Value::Other(_) => None,
        })
    }

    /// Every value that is text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.rdns.iter().flatten().filter_map(|(_, value)| match value {
            Value::Text(text) => Some(text.as_str()),
            Value::Other(_) => None,
        })
    }

    /// Whether the attribute is there at all.
    pub(crate) fn has(&self, oid: &ObjectIdentifier) -> bool {
        self.rdns.iter().flatten().any(|(other, _)| other == oid)
    }

    /// Whether there is no attribute in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rdns.iter().all(Vec::is_empty)
    }

    /// RFC 4514: the most special part first, `CN=pc7,OU=Computers,DC=contoso,DC=com`.
    ///
    /// Our own, because it becomes part of principals: a library that learns one more short name
    /// must not rename a device.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (at, rdn) in self.rdns.iter().rev().enumerate() {
            if at > 0 {
                text.push(',');
            }
            for (at, (oid, value)) in rdn.iter().enumerate() {
                if at > 0 {
                    text.push('+');
                }
                write_attribute(&mut text, oid, value);
            }
        }
        text
    }
}

fn attribute(attribute: &AttributeTypeAndValue) -> (ObjectIdentifier, Value) {
    let value = text_of(&attribute.value)
        .map_or_else(|| Value::Other(attribute.value.to_der().unwrap_or_default()), Value::Text);
    (attribute.oid, value)
}

fn text_of(value: &Any) -> Option<String> {
    match value.tag() {
        Tag::Utf8String => Utf8StringRef::try_from(value).ok().map(|text| text.as_str().into()),
        Tag::PrintableString => {
            PrintableStringRef::try_from(value).ok().map(|text| text.as_str().into())
        }
        Tag::Ia5String => Ia5StringRef::try_from(value).ok().map(|text| text.as_str().into()),
        Tag::TeletexString => {
            TeletexStringRef::try_from(value).ok().map(|text| text.as_str().into())
        }
        Tag::BmpString => {
            BmpString::from_ucs2(value.value()).ok().map(|text| text.chars().collect())
        }
        _ => None,
    }
}

/// RFC 4514 sections 2.3 and 2.4. Control characters are written as their octets, so that no text
/// of a certificate moves a line; the value of a type without a short name is its DER.
fn write_attribute(text: &mut String, oid: &ObjectIdentifier, value: &Value) {
    let short = SHORT_NAMES.iter().find(|(_, known)| known == oid);
    match short {
        Some((name, _)) => text.push_str(name),
        None => {
            let _ = write!(text, "{oid}");
        }
    }
    text.push('=');
    match value {
        Value::Other(der) => {
            text.push('#');
            der.iter().for_each(|byte| {
                let _ = write!(text, "{byte:02x}");
            });
        }
        Value::Text(value) => {
            let last = value.chars().count().saturating_sub(1);
            for (at, c) in value.chars().enumerate() {
                match c {
                    '#' if at == 0 => text.push_str("\\#"),
                    ' ' if at == 0 || at == last => text.push_str("\\ "),
                    '"' | '+' | ',' | ';' | '<' | '>' | '\\' => {
                        text.push('\\');
                        text.push(c);
                    }
                    c if c.is_control() => {
                        let mut octets = [0; 4];
                        for octet in c.encode_utf8(&mut octets).bytes() {
                            let _ = write!(text, "\\{octet:02x}");
                        }
                    }
                    c => text.push(c),
                }
            }
        }
    }
}

/// The attribute that a name of RFC 4514 section 3 or of ConfigMgr's selection rules stands for, or
/// the dotted OID itself.
pub(crate) fn attribute_type(name: &str) -> Option<ObjectIdentifier> {
    let known = SHORT_NAMES.iter().chain(OTHER_NAMES);
    let known = known.into_iter().find(|(short, _)| short.eq_ignore_ascii_case(name));
    known.map(|(_, oid)| *oid).or_else(|| ObjectIdentifier::new(name).ok())
}

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

/// How subjects are written: RFC 4514 section 3, and `E`, `SERIALNUMBER` as Windows has them.
/// Never shortened or renamed: principals hold these.
const SHORT_NAMES: &[(&str, ObjectIdentifier)] = &[
    ("CN", COMMON_NAME),
    ("OU", oid("2.5.4.11")),
    ("O", oid("2.5.4.10")),
    ("DC", oid("0.9.2342.19200300.100.1.25")),
    ("C", oid("2.5.4.6")),
    ("ST", oid("2.5.4.8")),
    ("L", oid("2.5.4.7")),
    ("STREET", oid("2.5.4.9")),
    ("UID", oid("0.9.2342.19200300.100.1.1")),
    ("E", oid("1.2.840.113549.1.9.1")),
    ("SERIALNUMBER", oid("2.5.4.5")),
];

/// What ConfigMgr's `SubjectAttr` takes beside those (CCMCERTSEL).
const OTHER_NAMES: &[(&str, ObjectIdentifier)] = &[
    ("SN", oid("2.5.4.4")),
    ("T", oid("2.5.4.12")),
    ("G", oid("2.5.4.42")),
    ("I", oid("2.5.4.43")),
    ("S", oid("2.5.4.8")),
];

/// commonName.
pub(crate) const COMMON_NAME: ObjectIdentifier = oid("2.5.4.3");

/// The alternative names of kinds that can be principals, in the order of the certificate; `names` is
/// one GeneralName after the other. They are read one by one, as far as somebody asks.
pub(super) fn alternative_names(
    names: &[u8],
) -> impl Iterator<Item = Result<(NameKind, Cow<'_, str>), BadCertificate>> {
    let mut reader = Reader::new(names);
    iter::from_fn(move || {
        while !reader.is_at_end() {
            let name = reader.any().ok()?;
            let kind = match name.tag {
                0x81 => NameKind::Email,
                0x82 => NameKind::Dns,
                0x86 => NameKind::Uri,
                OTHER_NAME => match user_principal_name(name.content) {
                    Ok(None) => continue,
                    Ok(Some(name)) => return Some(Ok((NameKind::Upn, name.into()))),
                    Err(Malformed) => return Some(Err(BadCertificate::Extension)),
                },
                _ => continue,
            };
            let text = core::str::from_utf8(name.content).map_err(|_| BadCertificate::Extension);
            return Some(text.map(|text| (kind, text.into())));
        }
        None
    })
}

/// `[0]`, with parts (RFC 5280 section 4.2.1.6).
const OTHER_NAME: u8 = tag::parts(0);

/// The text of an otherName, if it is a user principal name.
fn user_principal_name(content: &[u8]) -> Result<Option<String>, Malformed> {
    let mut reader = Reader::new(content);
    if reader.oid()? != UPN {
        return Ok(None);
    }
    let value = Any::from_der(reader.expect(tag::parts(0))?).map_err(|_| Malformed)?;
    reader.end()?;
    text_of(&value).map(Some).ok_or(Malformed)
}

/// 1.3.6.1.4.1.311.20.2.3
const UPN: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 20, 2, 3];

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
