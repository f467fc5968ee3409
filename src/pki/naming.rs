//! The name in a certificate that becomes the principal.

use super::authority::PrincipalName;
use crate::cert::{Certificate, NameKind};
use crate::limits::SUBJECT_BYTES;
use crate::reason::{Reason, Refusal};
use crate::text::moves_text;

/// The one name that the rule asks for; of several of a kind the first counts, as in ConfigMgr
/// (pki-certificate-requirements).
pub(crate) fn principal_name(
    certificate: &Certificate,
    rule: PrincipalName,
) -> Result<(NameKind, Box<str>), Refusal> {
    let unreadable = |_| Reason::CertificateName.of("unreadable");
    let missing = Reason::CertificateName.of("missing");
    let wanted = |kind: NameKind| match rule {
        PrincipalName::FirstAlternative => true,
        PrincipalName::Alternative(wanted) => kind == wanted,
        PrincipalName::Subject => false,
    };
    let (kind, name) = if rule == PrincipalName::Subject {
        let subject = certificate.subject_name().map_err(unreadable)?;
        if subject.is_empty() {
            return Err(missing);
        }
        if subject.texts().all(|value| value.trim().is_empty()) {
            return Err(missing);
        }
        // Of the values themselves: the text of a subject has its control characters escaped.
        if subject.texts().any(|value| value.chars().any(moves_text)) {
            return Err(Reason::CertificateName.of("characters"));
        }
        (NameKind::Dn, subject.text())
    } else {
        // One that cannot be read is of no known kind, and may be the one that was meant.
        let mut names = certificate.alternative_names();
        let found = names.find(|name| name.as_ref().map_or(true, |(kind, _)| wanted(*kind)));
        let (kind, name) = found.ok_or(missing)?.map_err(unreadable)?;
        (kind, canonical(kind, &name))
    };
    if name.len() > SUBJECT_BYTES {
        return Err(Reason::CertificateName.count(name.len(), SUBJECT_BYTES));
    }
    let is_name = match kind {
        // RFC 1123 section 2.1, and the underscore that Windows allows. A wildcard names many; a dot
        // at the end would be a second name of the same host (RFC 5280 section 4.2.1.6 has none).
        NameKind::Dns => name.split('.').all(|label| {
            let is_letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
            !label.is_empty() && label.bytes().all(is_letter)
        }),
        NameKind::Email | NameKind::Upn | NameKind::Uri => {
            !name.is_empty() && name.trim() == name && !name.chars().any(moves_text)
        }
        // Looked at above, value by value.
        NameKind::Dn => true,
    };
    if is_name { Ok((kind, name.into())) } else { Err(Reason::CertificateName.of("characters")) }
}

/// DNS names ignore letter case (RFC 4343), and so do the domains of addresses and Active Directory in
/// whole user principal names: two spellings must not be two principals, of which one is withdrawn.
fn canonical(kind: NameKind, name: &str) -> String {
    match (kind, name.rsplit_once('@')) {
        (NameKind::Dns | NameKind::Upn, _) => name.to_ascii_lowercase(),
        (NameKind::Email, Some((local, domain))) => {
            format!("{local}@{}", domain.to_ascii_lowercase())
        }
        _ => name.into(),
    }
}
