//! The other end of a TLS connection, by the certificates that it showed.

mod chain;
mod escaped;
mod forwarded;
#[cfg(test)]
mod made;
mod pem;
mod rfc9440;
mod sender;
mod traefik;
mod xfcc;

pub use sender::{BadSender, Sender, Senders};

use core::fmt;
use std::sync::Arc;

use crate::cert::{BadCertificate, Certificate, ders};
use crate::limits::{CERTIFICATE_BYTES, CHAIN_BYTES, CHAIN_CERTIFICATES};
use crate::reason::{Reason, Refusal};

/// A client's certificates, read once a connection and passed to every check on it.
///
/// It has two roles (docs/design.md): it proves the key that a token is bound to, and it is a
/// credential of its own where a configured PKI issued it.
pub struct Peer {
    leaf: Arc<Certificate>,
    presented: Vec<Certificate>,
    key: Option<[u8; 32]>,
    is_forwarded: bool,
    /// All of them behind each other, the client's own last; none where it came alone.
    all: Box<[u8]>,
}

impl Peer {
    /// The certificates that the client proved in the TLS handshake of this very connection, as DER,
    /// its own first.
    ///
    /// Others that cannot be read are left out: they could only help, and only where the PKI takes
    /// intermediates from clients.
    ///
    /// # Errors
    /// 1018 when the first is no certificate of version 3; 1019 when there are more than
    /// [`CHAIN_CERTIFICATES`] or [`CHAIN_BYTES`]; 1001 when there is none.
    pub fn new<'c>(chain: impl IntoIterator<Item = &'c [u8]>) -> Result<Self, Refusal> {
        Self::read(chain, false)
    }

    /// As [`Peer::new`], from PEM text, or from the DER of one certificate.
    ///
    /// # Errors
    /// As [`Peer::new`]; 1018 for text that is no PEM or holds anything but certificates.
    pub fn from_pem(text: &[u8]) -> Result<Self, Refusal> {
        // Base64 and its lines write less than 3 bytes for 2.
        if text.len() > CHAIN_BYTES * 2 {
            return Err(Reason::ChainTooLarge.count(text.len(), CHAIN_BYTES * 2));
        }
        let chain = ders(text).map_err(|_| Reason::CertificateMalformed.of("PEM"))?;
        Self::new(chain.iter().map(AsRef::as_ref))
    }

    /// The certificate that a proxy passed on in one of the headers of a request, if there is one.
    /// Every header of the request has to be shown, or one that comes twice is not noticed.
    pub(crate) fn forwarded<'h, H>(
        senders: &Senders,
        sender: Sender,
        headers: H,
    ) -> Result<Option<Self>, Refusal>
    where
        H: IntoIterator<Item = (&'h str, &'h [u8])> + Clone,
    {
        if forwarded::is_present(headers.clone()) && !senders.trusts(sender) {
            return Err(Reason::SenderNotTrusted.into());
        }
        let chain = forwarded::read(headers)?;
        chain.map(|chain| Self::read(chain.iter().map(Vec::as_slice), true)).transpose()
    }

    fn read<'c>(
        chain: impl IntoIterator<Item = &'c [u8]>,
        is_forwarded: bool,
    ) -> Result<Self, Refusal> {
        let mut left = CHAIN_BYTES;
        let mut certificates = Vec::new();
        for der in chain {
            left = left.checked_sub(der.len()).ok_or_else(|| {
                Reason::ChainTooLarge.count(CHAIN_BYTES - left + der.len(), CHAIN_BYTES)
            })?;
            if certificates.len() == CHAIN_CERTIFICATES {
                return Err(Reason::ChainTooLarge.count(CHAIN_CERTIFICATES + 1, CHAIN_CERTIFICATES));
            }
            certificates.push(der);
        }
        let (leaf, others) = certificates.split_first().ok_or(Reason::NoCredential)?;
        let leaf = Certificate::from_der(leaf).map_err(refusal)?;
        let presented = others.iter().filter_map(|der| Certificate::from_der(der).ok());
        let presented: Vec<Certificate> = presented.collect();
        let all = match presented.as_slice() {
            [] => Box::default(),
            presented => {
                let others = presented.iter().map(Certificate::der);
                others.chain([leaf.der()]).collect::<Vec<_>>().concat().into()
            }
        };
        // A forwarded one never proves a key: nothing asks for its name.
        let key = if is_forwarded { None } else { leaf.key_thumbprint() };
        Ok(Self { key, leaf: Arc::new(leaf), presented, is_forwarded, all })
    }

    /// SHA-256 of the client's own certificate: `x5t#S256` of the tokens that are bound to it.
    #[must_use]
    pub fn thumbprint(&self) -> [u8; 32] {
        self.leaf.thumbprint()
    }

    /// SHA-256 of the client's key as a JWK (RFC 7638): `jkt` of the tokens that are bound to it;
    /// `None` where no JWK can hold the key, and for a certificate out of a header.
    #[must_use]
    pub fn key_thumbprint(&self) -> Option<[u8; 32]> {
        self.key.or_else(|| self.leaf.key_thumbprint())
    }

    /// Whether it came in a header: then it proves no key.
    #[must_use]
    pub fn is_forwarded(&self) -> bool {
        self.is_forwarded
    }

    pub(crate) fn leaf(&self) -> &Arc<Certificate> {
        &self.leaf
    }

    /// The bytes by which it is remembered: all certificates, where others than the client's own may be
    /// looked at. DER says its length, so no two chains have the same. The client's own is the last: the
    /// end is what is hashed, and all clients of a CA show the same CA.
    pub(crate) fn bytes(&self, with_presented: bool) -> &[u8] {
        if !with_presented || self.presented.is_empty() {
            return self.leaf.der();
        }
        &self.all
    }

    /// The other certificates that could be read.
    pub(crate) fn presented(&self) -> &[Certificate] {
        &self.presented
    }
}

impl fmt::Debug for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = if self.is_forwarded { "forwarded" } else { "direct" };
        write!(f, "Peer({way}, {:?}, {} more)", self.leaf, self.presented.len())
    }
}

fn refusal(bad: BadCertificate) -> Refusal {
    let reason = Reason::CertificateMalformed;
    match bad {
        BadCertificate::TooLarge(got) => Reason::ChainTooLarge.count(got, CERTIFICATE_BYTES),
        BadCertificate::NotDer => reason.of("DER"),
        BadCertificate::Version => reason.of("version"),
        BadCertificate::DuplicateExtension
        | BadCertificate::Extension
        | BadCertificate::TooManyExtensions => reason.of("extensions"),
    }
}
