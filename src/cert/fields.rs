//! The extensions that rules read (RFC 5280 section 4.2.1).

use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::oid::AssociatedOid;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, NameConstraints,
    SubjectAltName, SubjectKeyIdentifier,
};

use super::certificate::BadCertificate;

/// Absent extensions are `None`: what that means is the profile's to say.
#[derive(Debug, Default)]
pub(super) struct Fields {
    /// Whether it is a CA, and the most non-self-issued CAs that may follow it.
    pub(super) basic_constraints: Option<(bool, Option<u8>)>,
    /// Whether keyCertSign is among its key usages.
    pub(super) may_sign_certificates: Option<bool>,
    /// Whether digitalSignature or keyAgreement is, one of which a client's handshake needs
    /// (section 4.2.1.12).
    pub(super) may_authenticate: Option<bool>,
    pub(super) extended_key_usage: Option<Vec<ObjectIdentifier>>,
    pub(super) subject_key_id: Option<Box<[u8]>>,
    pub(super) authority_key_id: Option<Box<[u8]>>,
    /// The alternative names as DER; they are read where a path has been proven.
    pub(super) alternative_names: Option<Box<[u8]>>,
    /// Whether it constrains the names of what it issues (section 4.2.1.10). The kernel reads them.
    pub(super) has_name_constraints: bool,
    /// Whether it has a critical extension that neither we nor the kernel read.
    pub(super) has_unknown_critical: bool,
}

impl Fields {
    pub(super) fn read(extensions: &[Extension]) -> Result<Self, BadCertificate> {
        let mut fields = Self::default();
        // Sorted: a stranger may send 1,500 of them, and each against each would cost their square.
        let mut ids: Vec<_> = extensions.iter().map(|extension| extension.extn_id).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(BadCertificate::DuplicateExtension);
        }
        extensions.iter().try_for_each(|extension| fields.read_one(extension))?;
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
                let read: KeyUsage = parse(value)?;
                self.may_sign_certificates = Some(read.key_cert_sign());
                self.may_authenticate = Some(read.digital_signature() || read.key_agreement());
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
            }
            // Read now as well: the kernel leaves names unread where nothing constrains them.
            SubjectAltName::OID => {
                let _: SubjectAltName = parse(value)?;
                self.alternative_names = Some(value.into());
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
