//! The closed list of what a decision may read.

use core::ops::Deref;
use std::borrow::Cow;

use crate::cert::Path;
use crate::confirmation::Confirmation;
use crate::crypto::{KeyId, Proven};
use crate::guid::Guid;
use crate::identity::Identity;
use crate::method::Method;
use crate::peer::Peer;
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
#[derive(Debug)]
pub(crate) struct Facts<'c> {
    said: Said<'c>,
    identity: Identity,
    proof: Proof,
}

/// What was proven, and by what: the facts stand only while that is believed.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
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

impl<'c> Facts<'c> {
    /// Takes the proof by value: one proof, one set of facts.
    pub(crate) fn new(proof: impl Into<Proof>, said: Said<'c>) -> Self {
        Self { identity: Identity::of(&said), said, proof: proof.into() }
    }

    /// What proved it.
    pub(crate) fn proof(&self) -> &Proof {
        &self.proof
    }

    /// Who it is of.
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What is judged on every check, or whenever trust or policy moved.
    pub(crate) fn gist(&self) -> Gist<'_> {
        let Self { identity, .. } = self;
        let terms = Some(&self.terms);
        Gist { method: self.method, issuer: self.issuer, identity, terms, told: Told::default() }
    }
}

impl<'c> Deref for Facts<'c> {
    type Target = Said<'c>;

    fn deref(&self) -> &Said<'c> {
        &self.said
    }
}

/// The statements of a credential, before they are [`Facts`]. It borrows them from the credential and
/// from the configuration: what is remembered of them is a [`Gist`].
#[derive(Debug)]
pub(crate) struct Said<'c> {
    /// How it was authenticated.
    pub(crate) method: Method,
    /// The place of the issuer, PKI or site in the snapshot's trust.
    pub(crate) issuer: usize,
    /// User or device.
    pub(crate) kind: Kind,
    /// The Entra tenant.
    pub(crate) tenant: Option<Guid>,
    /// What the tenant calls the user, or the device of a device token: `oid`.
    pub(crate) object: Option<Guid>,
    /// The device, where the token names it: `deviceid`; the client of a site token.
    pub(crate) device: Option<Guid>,
    /// The bulk token with which the client of a site token registered.
    pub(crate) bulk: Option<Guid>,
    /// The configured audience that matched.
    pub(crate) audience: &'c str,
    /// The client application: `azp` (v2.0, OpenID Connect) or `appid` (v1.0).
    pub(crate) client_app: Option<Cow<'c, str>>,
    /// Where in the payload the subject stands.
    pub(crate) subject: Span,
    /// The client's certificates: of the first, the PKI's selection reads the names.
    pub(crate) peer: Option<&'c Peer>,
    /// What it grants, and to whom.
    pub(crate) terms: Terms,
    /// Whether its header finds the key by one name; else other keys have a say in which is meant.
    pub(crate) names_key: bool,
    /// What the issuer calls the token, where its tokens pass only once.
    pub(crate) token_id: Option<Box<str>>,
    /// When it is valid.
    pub(crate) window: Window,
}

/// What endpoints and connections may ask of a token; of most, nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    /// The key that it is bound to.
    pub(crate) confirmation: Option<Confirmation>,
    pub(crate) grants: Grants,
}

/// Bits of the [`Projection`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grants {
    /// Bit i: the token has scope i.
    pub(crate) scopes: u64,
    /// Bit i: the token has role i.
    pub(crate) roles: u64,
    /// Bit i: claim i is over its bound, which refuses the token where an endpoint forwards it and
    /// matters nowhere else.
    pub(crate) too_long: u64,
}

/// The facts that are judged again and again, fresh ones or remembered ones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gist<'f> {
    pub(crate) method: Method,
    /// The place of the issuer, PKI or site in the snapshot's trust.
    pub(crate) issuer: usize,
    pub(crate) identity: &'f Identity,
    pub(crate) terms: Option<&'f Terms>,
    /// What was found when it stood; nothing before that.
    pub(crate) told: Told,
}

/// What the settings of the site say of the device: found when the credential stands, asked when it suits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told(u8);

impl Told {
    const GATEWAY_DENIED: u8 = 1;
    const NO_USER_POLICY: u8 = 2;
    /// How many bits it has.
    pub(crate) const BITS: u32 = 2;

    pub(crate) fn new(gateway_denied: bool, no_user_policy: bool) -> Self {
        let flag = |is_set: bool, flag| if is_set { flag } else { 0 };
        let denied = flag(gateway_denied, Self::GATEWAY_DENIED);
        Self(denied | flag(no_user_policy, Self::NO_USER_POLICY))
    }

    /// Out of a word that holds them lowest.
    #[inline]
    pub(crate) fn from_lowest(word: u64) -> Self {
        Self(word as u8 & (Self::GATEWAY_DENIED | Self::NO_USER_POLICY))
    }

    #[inline]
    pub(crate) fn bits(self) -> u64 {
        u64::from(self.0)
    }

    #[inline]
    pub(crate) fn is_nothing(self) -> bool {
        self.0 == 0
    }

    /// `gateway_allowed = false`.
    pub(crate) fn gateway_denied(self) -> bool {
        self.0 & Self::GATEWAY_DENIED != 0
    }

    /// `user_policy_from_internet = false`.
    pub(crate) fn no_user_policy(self) -> bool {
        self.0 & Self::NO_USER_POLICY != 0
    }
}

impl<'f> Gist<'f> {
    #[inline]
    pub(crate) fn confirmation(&self) -> Option<&'f Confirmation> {
        self.terms.and_then(|terms| terms.confirmation.as_ref())
    }

    #[inline]
    pub(crate) fn grants(&self) -> Grants {
        self.terms.map_or(Grants::default(), |terms| terms.grants)
    }
}

/// What an issuer's tokens are read for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'p> {
    pub(crate) projection: &'p Projection,
    /// Whether each of them passes once, so that its id matters.
    pub(crate) is_once: bool,
}

/// Where a text stands in the decoded payload of a token, as it was written: without escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u16,
    pub(crate) len: u8,
}

impl Span {
    /// Nowhere as it stands: it has escapes, or it is no text of the payload.
    pub(crate) const NONE: Self = Self { start: 0, len: 0 };

    /// Where `text` stands in `payload`, if it was borrowed from there.
    pub(crate) fn of(payload: &[u8], text: &str) -> Self {
        let start = text.as_ptr().addr().wrapping_sub(payload.as_ptr().addr());
        let is_inside = start.checked_add(text.len()).is_some_and(|end| end <= payload.len());
        match (u16::try_from(start), u8::try_from(text.len())) {
            (Ok(start), Ok(len)) if is_inside => Self { start, len },
            _ => Self::NONE,
        }
    }
}

/// Which scopes, roles and claims of a token any endpoint wants: all that is kept of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Projection {
    /// Scopes that an endpoint requires, at most [`crate::limits::REQUIRED_NAMES`].
    pub(crate) scopes: Vec<Box<str>>,
    /// Roles that an endpoint requires, at most [`crate::limits::REQUIRED_NAMES`].
    pub(crate) roles: Vec<Box<str>>,
    /// Claims that an endpoint forwards, at most [`crate::limits::REQUIRED_NAMES`].
    pub(crate) claims: Vec<Box<str>>,
}

impl Projection {
    /// The bits of those `names` that are wanted.
    pub(crate) fn bits<'n>(wanted: &[Box<str>], names: impl Iterator<Item = &'n str>) -> u64 {
        if wanted.is_empty() {
            return 0;
        }
        names.fold(0, |bits, name| {
            let at = wanted.iter().position(|wanted| wanted.as_ref() == name);
            bits | at.map_or(0, |at| 1 << at)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_inside_or_nowhere() {
        let payload = br#"{"sub":"alice"}"#;
        let text = core::str::from_utf8(&payload[8..13]).unwrap();
        assert_eq!(Span::of(payload, text), Span { start: 8, len: 5 });
        let elsewhere = String::from(text);
        assert_eq!(Span::of(payload, &elsewhere), Span::NONE);
        assert_eq!(Span::of(&payload[..10], text), Span::NONE);
        assert_eq!(Span::of(&payload[9..], text), Span::NONE);
        assert_eq!(Span::of(b"", ""), Span::of(b"", ""));
    }
}
