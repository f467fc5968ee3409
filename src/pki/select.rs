//! The rules that select certificates, in the manner of Configuration Manager's client properties
//! CCMCERTSEL and CCMCERTISSUERS; here the site applies them to what clients show.

use core::fmt;
use core::str::FromStr;

use x509_cert::der::asn1::ObjectIdentifier;

use crate::cert::{COMMON_NAME, DistinguishedName, Names, attribute_type};

/// A certificate is selected if it fits one of these. Read from text only: the values are kept as
/// they are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectRule(Select);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Select {
    /// `Subject:text`: the common name or the whole subject, letter by letter, or an alternative
    /// name in any case of ASCII letters.
    Subject(Box<str>),
    /// `SubjectStr:text`: a part of the subject or of an alternative name, in any letter case. Kept in
    /// lower case.
    SubjectPart(Box<str>),
    /// `SubjectAttr:OU = text`: an attribute of the subject has this value, letter by letter; without
    /// a value, it is there.
    Attribute(ObjectIdentifier, Option<Box<str>>),
    /// `SubjectAttr:2.5.29.17 = text`: an alternative name, in any case of ASCII letters.
    Alternative(Option<Box<str>>),
}

/// A name that fits a rule: for whoever makes a certificate to try it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FittingName<'r> {
    /// This common name in the subject.
    CommonName(&'r str),
    /// This attribute in the subject, by the content of its OBJECT IDENTIFIER, with this value or any.
    Attribute(&'r [u8], Option<&'r str>),
    /// An alternative name: this one, or any.
    Alternative(Option<&'r str>),
}

/// The whole name of a CA on the path: these attributes and no others, letter by letter, in any order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerRule(Vec<(ObjectIdentifier, Box<str>)>);

/// Why a rule is none: what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRule(String);

impl SelectRule {
    /// A name by which a certificate fits.
    #[must_use]
    pub fn fitting_name(&self) -> FittingName<'_> {
        match &self.0 {
            Select::Subject(text) | Select::SubjectPart(text) => FittingName::CommonName(text),
            Select::Attribute(oid, text) => FittingName::Attribute(oid.as_bytes(), text.as_deref()),
            Select::Alternative(text) => FittingName::Alternative(text.as_deref()),
        }
    }

    /// Whether the certificate with these names fits.
    pub(crate) fn fits(&self, names: &Names) -> bool {
        let mut alternatives = names.alternatives.iter().map(|(_, name)| name.as_str());
        match &self.0 {
            Select::Subject(text) => {
                names.subject.values(&COMMON_NAME).any(|name| *name == **text)
                    || names.subject.text() == **text
                    || alternatives.any(|name| name.eq_ignore_ascii_case(text))
            }
            Select::SubjectPart(text) => {
                let has_part = |name: &str| name.to_lowercase().contains(&**text);
                has_part(&names.subject.text()) || alternatives.any(has_part)
            }
            Select::Attribute(oid, None) => names.subject.has(oid),
            Select::Attribute(oid, Some(text)) => {
                names.subject.values(oid).any(|value| *value == **text)
            }
            Select::Alternative(None) => alternatives.next().is_some(),
            Select::Alternative(Some(text)) => {
                alternatives.any(|name| name.eq_ignore_ascii_case(text))
            }
        }
    }
}

impl IssuerRule {
    /// Whether this is a name of such a CA.
    pub(crate) fn fits(&self, name: &DistinguishedName) -> bool {
        let mut left: Vec<_> = self.0.iter().map(|(oid, text)| (oid, text.as_ref())).collect();
        let mut takes_one = |attribute: (&ObjectIdentifier, &str)| {
            let at = left.iter().position(|wanted| *wanted == attribute);
            at.map(|at| left.swap_remove(at)).is_some()
        };
        name.attributes().all(|found| found.is_some_and(&mut takes_one)) && left.is_empty()
    }
}

impl FromStr for SelectRule {
    type Err = BadRule;

    /// Key words in any letter case, as ConfigMgr reads them; spaces in a value are part of it.
    fn from_str(rule: &str) -> Result<Self, BadRule> {
        let (word, text) = rule.split_once(':').ok_or_else(|| BadRule(KINDS.into()))?;
        let text = text.trim();
        if text.is_empty() {
            return Err(BadRule(format!("says nothing after {word:?}; {KINDS}")));
        }
        let select = match word.trim().to_ascii_lowercase().as_str() {
            "subject" => Ok(Select::Subject(text.into())),
            "subjectstr" => Ok(Select::SubjectPart(text.to_lowercase().into())),
            "subjectattr" => {
                let (name, value) = match text.split_once('=') {
                    Some((name, value)) => (name.trim(), Some(value.trim())),
                    None => (text, None),
                };
                if value == Some("") {
                    return Err(BadRule(format!("has no value after {name} =")));
                }
                let value = value.map(Into::into);
                match attribute(name)? {
                    SUBJECT_ALT_NAME => Ok(Select::Alternative(value)),
                    oid => Ok(Select::Attribute(oid, value)),
                }
            }
            _ => Err(BadRule(KINDS.into())),
        };
        select.map(Self)
    }
}

impl FromStr for IssuerRule {
    type Err = BadRule;

    /// `CN=Contoso Root CA; O=Contoso, Ltd`: separated by semicolons where there is one, else by
    /// commas; a backslash makes either a part of the value (RFC 4514), so that what `explain` shows
    /// can be written here.
    fn from_str(rule: &str) -> Result<Self, BadRule> {
        let parts = split(rule).into_iter().map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((&part, ""));
            let value = value.trim();
            if value.is_empty() {
                let message =
                    format!("{:?} is no attribute; write \"CN=name; O=name\"", part.trim());
                return Err(BadRule(message));
            }
            Ok((attribute(name.trim())?, value.into()))
        });
        parts.collect::<Result<_, _>>().map(Self)
    }
}

fn split(rule: &str) -> Vec<String> {
    let mut unescaped = rule.chars().scan(false, |escaped, c| {
        let taken = (c, *escaped);
        *escaped = c == '\\' && !*escaped;
        Some(taken)
    });
    let separator = if unescaped.any(|taken| taken == (';', false)) { ';' } else { ',' };
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in rule.chars() {
        let last = parts.len() - 1;
        match c {
            '\\' if !escaped => escaped = true,
            c if c == separator && !escaped => parts.push(String::new()),
            c => {
                parts[last].push(c);
                escaped = false;
            }
        }
    }
    parts
}

fn attribute(name: &str) -> Result<ObjectIdentifier, BadRule> {
    attribute_type(name).ok_or_else(|| {
        let known = "DC, E, CN, SN, SERIALNUMBER, C, L, ST, STREET, O, OU, T, G, I";
        BadRule(format!("{name:?} is no attribute; write an OID or one of {known}"))
    })
}

const KINDS: &str = "write \"Subject:name\", \"SubjectStr:part\" or \"SubjectAttr:OU = name\"";

const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");

impl fmt::Display for BadRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadRule {}
