//! A PKI that is believed.

use core::fmt;
use std::sync::Arc;

use crate::cert::{Certificate, Crls, NameKind, Path, Store};
use crate::guid::Guid;
use crate::peer::Peer;

/// A PKI whose client certificates are taken.
#[derive(Clone, Debug)]
pub struct Pki {
    /// The short name in principals: `pki:<name>:...`.
    pub name: Box<str>,
    /// Its anchors and intermediates.
    pub store: Arc<Store>,
    /// Whether certificates that clients present may serve as intermediates.
    pub peer_intermediates: bool,
    /// Which name of the certificate is the principal.
    pub principal: PrincipalName,
    /// The Entra tenant whose devices it serves, if any: never merged with users of another.
    pub tenant: Option<Guid>,
    /// Its revocation lists; `None` where nobody asks whether a certificate was revoked.
    pub crls: Option<Arc<Crls>>,
}

impl Pki {
    /// Whether the same certificates have the same paths and principals by it.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.name == other.name
            && self.peer_intermediates == other.peer_intermediates
            && self.principal == other.principal
            && self.tenant == other.tenant
            && self.store.says_the_same(&other.store)
    }

    /// Whether the same lists count.
    pub(crate) fn revokes_like(&self, other: &Self) -> bool {
        match (&self.crls, &other.crls) {
            (None, None) => true,
            (Some(ours), Some(theirs)) => Arc::ptr_eq(ours, theirs) || ours.says_the_same(theirs),
            _ => false,
        }
    }

    /// The certificates of a path, the client's first and the anchor last; `None` if one of them is neither
    /// configured nor shown.
    pub(crate) fn chain<'c>(&'c self, peer: &'c Peer, path: &Path) -> Option<Vec<&'c Certificate>> {
        let presented = |thumbprint: &[u8; 32]| {
            peer.presented().iter().find(|other| other.thumbprint() == *thumbprint)
        };
        let above = path.issuers().map(|it| self.store.find(it).or_else(|| presented(it)));
        core::iter::once(Some(peer.leaf().as_ref())).chain(above).collect()
    }
}

/// Which name of a certificate is the principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalName {
    /// The first alternative name of any kind that can be one.
    FirstAlternative,
    /// The first alternative name of this kind.
    Alternative(NameKind),
    /// The whole subject.
    Subject,
}

/// As the configuration writes it.
impl fmt::Display for PrincipalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FirstAlternative => f.write_str("san"),
            Self::Alternative(kind) => write!(f, "san:{}", kind.name()),
            Self::Subject => f.write_str("subject"),
        }
    }
}
