//! Certificates for the test: a configured CA with another key, and what such a CA issues.
//!
//! A CA is re-keyed, not imitated: names, validity, key identifiers, purposes, lengths and
//! constraints are those of the configured certificate, so that whatever is wrong with it shows.

use tollgate::{SigningFailed, SigningKey};

use super::der::{
    BIT_STRING, BOOLEAN, Element, INTEGER, OCTET_STRING, OID, SEQUENCE, SET, UTF8_STRING, element,
    elements, explicit, implicit, integer, only,
};

/// The parts of a certificate that matter here, as they stand in its DER (RFC 5280 section 4.1).
pub(super) struct Parts<'d> {
    version: &'d [u8],
    serial: &'d [u8],
    pub(super) issuer: &'d [u8],
    validity: &'d [u8],
    pub(super) subject: &'d [u8],
    pub(super) public_key: &'d [u8],
    /// Unique identifiers and extensions.
    rest: Vec<Element<'d>>,
}

/// The names that a client's certificate is to have.
#[derive(Clone, Default)]
pub(super) struct ClientNames {
    /// Attributes of the subject: content of the OID, and the text.
    pub(super) subject: Vec<(Vec<u8>, String)>,
    /// In their order.
    pub(super) alternatives: Vec<Alternative>,
}

/// An alternative name (RFC 5280 section 4.2.1.6).
#[derive(Clone)]
pub(super) enum Alternative {
    Dns(String),
    Email(String),
    Uri(String),
    Upn(String),
}

impl<'d> Parts<'d> {
    pub(super) fn of(der: &'d [u8]) -> Option<Self> {
        let certificate = elements(only(der)?.content)?;
        let mut parts = elements(certificate.first()?.content)?.into_iter();
        let mut next = || parts.next().map(|part| part.whole);
        let (version, serial, _) = (next()?, next()?, next()?);
        let (issuer, validity, subject, public_key) = (next()?, next()?, next()?, next()?);
        Some(Self { version, serial, issuer, validity, subject, public_key, rest: parts.collect() })
    }

    /// The same certificate for another key, signed by `signer` (ES256).
    pub(super) fn rekeyed(
        &self,
        key: &SigningKey,
        signer: &SigningKey,
    ) -> Result<Vec<u8>, SigningFailed> {
        let spki = key.to_spki()?;
        let algorithm = ecdsa_with_sha256();
        let mut parts = vec![self.version, self.serial, &algorithm, self.issuer, self.validity];
        parts.extend([self.subject, &spki]);
        parts.extend(self.rest.iter().map(|part| part.whole));
        signed(&element(SEQUENCE, &parts), signer)
    }

    /// A client's certificate under this CA, whose key is `signer`, valid for as long as the CA.
    pub(super) fn issue(
        &self,
        key: &SigningKey,
        names: &ClientNames,
        signer: &SigningKey,
    ) -> Result<Vec<u8>, SigningFailed> {
        let mut extensions = client_extensions(names);
        if let Some(id) = self.key_id() {
            let id = element(SEQUENCE, &[&element(implicit(0), &[id])]);
            extensions.push(extension(AUTHORITY_KEY_ID, false, &id));
        }
        let subject = subject(names);
        issue(self.subject, self.validity, &subject, &extensions, key, signer)
    }

    /// The identifier of its key (section 4.2.1.2).
    fn key_id(&self) -> Option<&'d [u8]> {
        Some(only(self.extension(SUBJECT_KEY_ID)?)?.content)
    }

    /// The first domain that its name constraints allow (section 4.2.1.10), if they name one.
    pub(super) fn permitted_domain(&self) -> Option<String> {
        let constraints = elements(only(self.extension(NAME_CONSTRAINTS)?)?.content)?;
        let permitted = constraints.into_iter().find(|part| part.tag == explicit(0))?;
        let bases = elements(permitted.content)?.into_iter();
        let mut bases = bases.filter_map(|subtree| elements(subtree.content)?.first().copied());
        let domain = bases.find(|base| base.tag == implicit(2))?;
        let domain = String::from_utf8(domain.content.to_vec()).ok()?;
        Some(domain.trim_start_matches('.').into())
    }

    /// The value of an extension.
    fn extension(&self, oid: &[u8]) -> Option<&'d [u8]> {
        let all = self.rest.iter().find(|part| part.tag == explicit(3))?;
        let list = elements(only(all.content)?.content)?;
        list.into_iter().find_map(|one| {
            let parts = elements(one.content)?;
            (parts.first()?.content == oid).then(|| parts.last().map(|value| value.content))?
        })
    }
}

/// A client's own certificate, which no CA issued: it proves a key and nothing else.
pub(super) fn self_signed(key: &SigningKey) -> Result<Vec<u8>, SigningFailed> {
    let names = ClientNames::default();
    let subject = subject(&names);
    // From 1970 to the last second of 9999: nobody looks at it.
    let (first, last) = (b"700101000000Z", b"99991231235959Z");
    let validity = element(SEQUENCE, &[&element(0x17, &[first]), &element(0x18, &[last])]);
    issue(&subject, &validity, &subject, &client_extensions(&names), key, key)
}

fn issue(
    issuer: &[u8],
    validity: &[u8],
    subject: &[u8],
    extensions: &[Vec<u8>],
    key: &SigningKey,
    signer: &SigningKey,
) -> Result<Vec<u8>, SigningFailed> {
    let version = element(explicit(0), &[&element(INTEGER, &[&[2]])]);
    let extensions: Vec<&[u8]> = extensions.iter().map(Vec::as_slice).collect();
    let extensions = element(explicit(3), &[&element(SEQUENCE, &extensions)]);
    let (serial, algorithm) = (integer(&[0x70, 0x6c]), ecdsa_with_sha256());
    let spki = key.to_spki()?;
    let parts: [&[u8]; 8] =
        [&version, &serial, &algorithm, issuer, validity, subject, &spki, &extensions];
    signed(&element(SEQUENCE, &parts), signer)
}

/// Puts the signature behind it, as X.509 writes ECDSA: a SEQUENCE of r and s (RFC 3279 section
/// 2.2.3).
fn signed(to_be_signed: &[u8], signer: &SigningKey) -> Result<Vec<u8>, SigningFailed> {
    let signature = signer.sign(to_be_signed)?;
    let (r, s) = signature.split_at(signature.len() / 2);
    let signature = element(SEQUENCE, &[&integer(r), &integer(s)]);
    let signature = element(BIT_STRING, &[&[0], &signature]);
    Ok(element(SEQUENCE, &[to_be_signed, &ecdsa_with_sha256(), &signature]))
}

/// CN first where nothing else is asked for: a subject may not be empty beside names that are not
/// critical.
fn subject(names: &ClientNames) -> Vec<u8> {
    let common_name = (COMMON_NAME.to_vec(), CLIENT_NAME.to_owned());
    let has_one = names.subject.iter().any(|(oid, _)| oid == COMMON_NAME);
    let default = if has_one { None } else { Some(&common_name) };
    let attributes = default.into_iter().chain(&names.subject).map(|(oid, text)| {
        let value = element(UTF8_STRING, &[text.as_bytes()]);
        element(SET, &[&element(SEQUENCE, &[&element(OID, &[oid]), &value])])
    });
    let attributes: Vec<Vec<u8>> = attributes.collect();
    let parts: Vec<&[u8]> = attributes.iter().map(Vec::as_slice).collect();
    element(SEQUENCE, &parts)
}

fn client_extensions(names: &ClientNames) -> Vec<Vec<u8>> {
    let purposes = element(SEQUENCE, &[&element(OID, &[CLIENT_AUTH])]);
    // digitalSignature: bit 0 of a byte with seven unused bits.
    let usage = element(BIT_STRING, &[&[7, 0x80]]);
    let mut extensions =
        vec![extension(KEY_USAGE, true, &usage), extension(EXTENDED_KEY_USAGE, false, &purposes)];
    if !names.alternatives.is_empty() {
        let alternatives: Vec<Vec<u8>> = names.alternatives.iter().map(Alternative::der).collect();
        let parts: Vec<&[u8]> = alternatives.iter().map(Vec::as_slice).collect();
        extensions.push(extension(ALTERNATIVE_NAME, false, &element(SEQUENCE, &parts)));
    }
    extensions
}

impl Alternative {
    fn der(&self) -> Vec<u8> {
        match self {
            Self::Email(text) => element(implicit(1), &[text.as_bytes()]),
            Self::Dns(text) => element(implicit(2), &[text.as_bytes()]),
            Self::Uri(text) => element(implicit(6), &[text.as_bytes()]),
            Self::Upn(text) => {
                let text = element(UTF8_STRING, &[text.as_bytes()]);
                element(explicit(0), &[&element(OID, &[UPN]), &element(explicit(0), &[&text])])
            }
        }
    }
}

fn extension(oid: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if is_critical { element(BOOLEAN, &[&[0xff]]) } else { Vec::new() };
    let value = element(OCTET_STRING, &[value]);
    element(SEQUENCE, &[&element(OID, &[oid]), &critical, &value])
}

/// AlgorithmIdentifier 1.2.840.10045.4.3.2, without parameters (RFC 5758 section 3.2).
fn ecdsa_with_sha256() -> Vec<u8> {
    element(SEQUENCE, &[&element(OID, &[&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]])])
}

/// The common name of what is made here, unless a rule asks for another.
pub(super) const CLIENT_NAME: &str = "tollgate-doctor";

/// 2.5.4.3.
pub(super) const COMMON_NAME: &[u8] = &[0x55, 4, 3];

// 2.5.29.*
const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 14];
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 15];
const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 17];
const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 30];
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 35];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 37];

/// 1.3.6.1.5.5.7.3.2.
const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];

/// 1.3.6.1.4.1.311.20.2.3.
const UPN: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 20, 2, 3];
