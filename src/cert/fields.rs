//! The extensions that rules read (RFC 5280 section 4.2.1).

use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::oid::AssociatedOid;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, NameConstraints,
    SubjectAltName, SubjectKeyIdentifier,
};

use super::certificate::BadCertificate;
use super::cost::Names;

/// Absent extensions are `None`: what that means is the profile's to say.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// Whether it is a CA, and the most non-self-issued CAs that may follow it.
    pub(super) basic_constraints: Option<(bool, Option<u8>)>,
    /// Whether keyCertSign is among its key usages.
    pub(super) may_sign_certificates: Option<bool>,
    pub(super) extended_key_usage: Option<Vec<ObjectIdentifier>>,
    pub(super) subject_key_id: Option<Box<[u8]>>,
    pub(super) authority_key_id: Option<Box<[u8]>>,
    /// Whether it constrains the names of what it issues (section 4.2.1.10). The kernel reads them.
    pub(super) has_name_constraints: bool,
    /// How many constraints, and how many alternative names of its own: comparing them costs.
    pub(super) constraints: Names,
    pub(super) names: Names,
    /// Whether it has a critical extension that neither we nor the kernel read.
    pub(super) has_unknown_critical: bool,
}

impl Fields {
    pub(super) fn read(extensions: &[Extension]) -> Result<Self, BadCertificate> {
        let mut fields = Self::default();
        let mut seen: Vec<ObjectIdentifier> = Vec::with_capacity(extensions.len());
        for extension in extensions {
            if seen.contains(&extension.extn_id) {
                return Err(BadCertificate::DuplicateExtension);
            }
            seen.push(extension.extn_id);
            fields.read_one(extension)?;
        }
        Ok(fields)
    }

    fn read_one(&mut self, extension: &Extension) -> Result<(), BadCertificate> {
        let value = extension.extn_value.as_bytes();
        match extension.extn_id {
            BasicConstraints::OID => {
                let read: BasicConstraints = parse(value)?;
                self.basic_constraints = Some((read.ca, read.path_len_constraint));
            }
            KeyUsage::OID => {
                self.may_sign_certificates = Some(parse::<KeyUsage>(value)?.key_cert_sign());
            }
            ExtendedKeyUsage::OID => {
                self.extended_key_usage = Some(parse::<ExtendedKeyUsage>(value)?.0);
            }
            SubjectKeyIdentifier::OID => {
                let read: SubjectKeyIdentifier = parse(value)?;
                self.subject_key_id = Some(read.0.as_bytes().into());
            }
            AuthorityKeyIdentifier::OID => {
                let read: AuthorityKeyIdentifier = parse(value)?;
                self.authority_key_id = read.key_identifier.map(|id| id.as_bytes().into());
            }
            NameConstraints::OID => {
                let read: NameConstraints = parse(value)?;
                // Neither part may be an empty list, and one must be there.
                let is_empty = |part: &Option<Vec<_>>| part.as_ref().is_some_and(Vec::is_empty);
                let says_nothing =
                    read.permitted_subtrees.is_none() && read.excluded_subtrees.is_none();
                if says_nothing
                    || is_empty(&read.permitted_subtrees)
                    || is_empty(&read.excluded_subtrees)
                {
                    return Err(BadCertificate::Extension);
                }
                self.has_name_constraints = true;
                let count = |part: Option<Vec<_>>| part.map_or(0, |part| part.len());
                let count = count(read.permitted_subtrees) + count(read.excluded_subtrees);
                self.constraints = Names { count: count as u64, bytes: value.len() as u64 };
            }
            SubjectAltName::OID => {
                let names = AnyRef::from_der(value).and_then(|names| Names::of(names.value()));
                self.names = names.map_err(|_| BadCertificate::Extension)?;
            }
            _ => self.has_unknown_critical |= extension.critical,
        }
        Ok(())
    }
}

/// Strict: the bytes must be the value's only encoding.
fn parse<'v, T: Decode<'v> + Encode>(value: &'v [u8]) -> Result<T, BadCertificate> {
    T::from_der(value).map_err(|_| BadCertificate::Extension)
}
