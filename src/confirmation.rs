//! The key that a token is bound to, and whether the client proved it (RFC 7800 section 3).

use crate::peer::Peer;
use crate::reason::Reason;

/// What `cnf` names. With neither thumbprint it names a key that nothing here can prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// `x5t#S256`: SHA-256 of the client's certificate (RFC 8705 section 3.1).
    pub certificate: Option<[u8; 32]>,
    /// `jkt`: SHA-256 of the client's key as a JWK (RFC 7638; RFC 9449 section 6.1).
    pub key: Option<[u8; 32]>,
}

impl Confirmation {
    /// Names no key that can be proven here.
    pub(crate) const UNPROVABLE: Self = Self { certificate: None, key: None };

    /// Whether the peer of this very connection holds the key. A certificate out of a header proves
    /// nothing: whoever wrote the header could copy it.
    pub(crate) fn check(&self, peer: Option<&Peer>) -> Result<(), Reason> {
        let Some(peer) = peer.filter(|peer| !peer.is_forwarded()) else {
            return Err(Reason::ProofMissing);
        };
        if *self == Self::UNPROVABLE {
            return Err(Reason::ProofMissing);
        }
        let same_certificate = self.certificate.is_none_or(|named| named == peer.thumbprint());
        let same_key = self.key.is_none_or(|named| peer.key_thumbprint() == Some(named));
        if same_certificate && same_key { Ok(()) } else { Err(Reason::ProofMismatch) }
    }

    /// Words for an explanation.
    pub(crate) fn words(&self) -> String {
        let hex = |digest: &[u8; 32]| {
            digest[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        match (&self.certificate, &self.key) {
            (None, None) => "a key that cannot be proven here".into(),
            (Some(certificate), None) => format!("certificate {}", hex(certificate)),
            (None, Some(key)) => format!("key {}", hex(key)),
            (Some(certificate), Some(key)) => {
                format!("certificate {} and key {}", hex(certificate), hex(key))
            }
        }
    }
}
