//! The closed list of what a decision may read.

use core::ops::Deref;
use std::sync::Arc;

use crate::cert::{Certificate, NameKind, Path};
use crate::confirmation::Confirmation;
use crate::crypto::{KeyId, Proven};
use crate::guid::Guid;
use crate::method::Method;
use crate::time::Window;

/// Whom a credential proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A user, and the device too where the token names it.
    User,
    /// A device alone.
    Device,
}

impl Kind {
    /// `user` or `device`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Device => "device",
        }
    }
}

/// What a proven credential says. Made only from a proof; policy reads nothing else.
#[derive(Clone, Debug)]
pub struct Facts {
    said: Said,
    proof: Proof,
}

/// What was proven, and by what: the facts stand only while that is believed.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A signature under this key.
    Signature(KeyId),
    /// A certification path.
    Path(Path),
}

impl From<Proven> for Proof {
    fn from(proven: Proven) -> Self {
        Self::Signature(proven.key())
    }
}

impl From<Path> for Proof {
    fn from(path: Path) -> Self {
        Self::Path(path)
    }
}

impl Facts {
    /// Takes the proof by value: one proof, one set of facts.
    pub(crate) fn new(proof: impl Into<Proof>, said: Said) -> Self {
        Self { said, proof: proof.into() }
    }

    /// What proved it.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        &self.proof
    }
}

impl Deref for Facts {
    type Target = Said;

    fn deref(&self) -> &Said {
        &self.said
    }
}

/// Places in the projection, and texts; `None` for one over its bound, which refuses the token where
/// an endpoint forwards it and matters nowhere else.
pub(crate) type ForwardedClaims = Box<[(u16, Option<Box<str>>)]>;

/// The statements of a credential, before they are [`Facts`].
#[derive(Clone, Debug)]
pub struct Said {
    /// How it was authenticated.
    pub method: Method,
    /// The place of the issuer, PKI or site in the snapshot's trust.
    pub issuer: usize,
    /// User or device.
    pub kind: Kind,
    /// The Entra tenant.
    pub tenant: Option<Guid>,
    /// What the tenant calls the user, or the device of a device token: `oid`.
    pub object: Option<Guid>,
    /// The device, where the token names it: `deviceid`; the client of a site token.
    pub device: Option<Guid>,
    /// The audience that matched.
    pub audience: Box<str>,
    /// The client application: `azp` (v2.0, OpenID Connect) or `appid` (v1.0).
    pub client_app: Option<Box<str>>,
    /// The subject, as the issuer's `subject` names it; the name of a certificate.
    pub subject: Box<str>,
    /// What kind of name of the certificate the subject is.
    pub named_by: Option<NameKind>,
    /// The certificate, whose names the PKI's selection reads.
    pub certificate: Option<Arc<Certificate>>,
    /// The key that the token is bound to.
    pub confirmation: Option<Box<Confirmation>>,
    /// Bit i: the token has scope i of the projection.
    pub scopes: u64,
    /// Bit i: the token has role i of the projection.
    pub roles: u64,
    /// Forwarded claims: place in the projection, and the text.
    pub claims: ForwardedClaims,
    /// When it is valid.
    pub window: Window,
}

/// Which scopes, roles and claims of a token any endpoint wants: all that is kept of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projection {
    /// Scopes that an endpoint requires, at most [`crate::limits::REQUIRED_NAMES`].
    pub scopes: Vec<Box<str>>,
    /// Roles that an endpoint requires, at most [`crate::limits::REQUIRED_NAMES`].
    pub roles: Vec<Box<str>>,
    /// Claims that an endpoint forwards.
    pub claims: Vec<Box<str>>,
}

impl Projection {
    /// The bits of those `names` that are wanted.
    pub(crate) fn bits<'n>(wanted: &[Box<str>], names: impl Iterator<Item = &'n str>) -> u64 {
        names.fold(0, |bits, name| {
            let at = wanted.iter().position(|wanted| wanted.as_ref() == name);
            bits | at.map_or(0, |at| 1 << at)
        })
    }
}
