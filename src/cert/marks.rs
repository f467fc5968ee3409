//! What deny lists name a certificate by.

use super::certificate::Certificate;
use crate::crypto::{sha1, sha256};

/// Digests of a certificate, beside its thumbprint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marks {
    /// SHA-1 of its DER.
    pub(crate) sha1: [u8; 20],
    /// SHA-256 of SHA-256 of its issuer's Name, and its serial number.
    pub(crate) issuer_and_serial: [u8; 32],
    /// SHA-256 of its SubjectPublicKeyInfo.
    pub(crate) key: [u8; 32],
}

impl Marks {
    pub(super) fn of(certificate: &Certificate) -> Self {
        let issuer = sha256(&[certificate.issuer()]);
        let serial = serial_unsigned(certificate.serial());
        Self {
            sha1: sha1(certificate.der()),
            issuer_and_serial: sha256(&[&issuer, serial]),
            key: sha256(&[certificate.key_info()]),
        }
    }
}

/// The octets of a serial number without the zeros in front. At least one is left.
pub(crate) fn serial_unsigned(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    &octets[zeros.min(octets.len().saturating_sub(1))..]
}
