//! What we say.

use std::borrow::Cow;

use crate::directory::{Authority, Directory, Naming};
use crate::facts::Kind;
use crate::identity::Identity;
use crate::method::Method;
use crate::oidc;
use crate::peer::Peer;
use crate::pki;
use crate::principal::Principal;
use crate::reason::Refusal;
use crate::time::Window;

/// The answer to one check. It borrows the gate and what was presented, and owns nothing: an admission of
/// a credential seen before allocates no memory.
#[derive(Clone, Copy, Debug)]
#[must_use = "a verdict that nobody reads admits everybody"]
pub enum Verdict<'a> {
    /// It may pass; the identity is inside and nowhere else.
    Admit(Admission<'a>),
    /// It may not, and why.
    Refuse(Refusal),
}

impl<'a> Verdict<'a> {
    /// Whether it may pass.
    #[must_use]
    pub fn is_admitted(&self) -> bool {
        matches!(self, Self::Admit(_))
    }

    /// The method by which the credential was judged, where that is known.
    #[must_use]
    pub fn method(&self) -> Option<Method> {
        match self {
            Self::Admit(admission) => Some(admission.method()),
            Self::Refuse(refusal) => refusal.method,
        }
    }

    /// The admission, if it is one.
    #[must_use]
    pub fn admission(&self) -> Option<&Admission<'a>> {
        match self {
            Self::Admit(admission) => Some(admission),
            Self::Refuse(_) => None,
        }
    }

    /// The refusal, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Admit(_) => None,
            Self::Refuse(refusal) => Some(*refusal),
        }
    }
}

/// An admission. Only a gate makes one.
///
/// What it holds itself is fixed in size. Texts (the subject, forwarded claims) are read out of the
/// presented credential when they are asked for: tens of nanoseconds for a token's subject, a
/// microsecond for a certificate's name or for claims.
#[derive(Clone, Copy)]
pub struct Admission<'a> {
    who: Who<'a>,
    certificate: Option<Who<'a>>,
    directory: &'a Directory,
    forward: u32,
    is_bound: bool,
    is_direct: bool,
}

/// A proven credential and where its texts are.
#[derive(Clone, Copy)]
pub(crate) struct Who<'a> {
    pub(crate) identity: Identity,
    pub(crate) presented: Presented<'a>,
}

/// The bytes of a credential whose proof was seen.
#[derive(Clone, Copy)]
pub(crate) enum Presented<'a> {
    Token(&'a [u8]),
    Certificate(&'a Peer),
}

/// What was proven of one request, and suits it.
#[derive(Clone, Copy)]
pub(crate) struct Admitted<'a> {
    /// The credential that names the principal.
    pub(crate) who: Who<'a>,
    /// The client's certificate, where it was judged beside a token.
    pub(crate) certificate: Option<Who<'a>>,
    /// Whether the client proved the key of that credential on this connection.
    pub(crate) is_bound: bool,
    /// Whether the certificate is the connection's own, not out of a header.
    pub(crate) is_direct: bool,
    /// The number of the endpoint's list of forwarded claims.
    pub(crate) forward: u32,
}

impl<'a> Admission<'a> {
    #[inline]
    pub(crate) fn new(admitted: Admitted<'a>, directory: &'a Directory) -> Self {
        let Admitted { who, certificate, is_bound, is_direct, forward } = admitted;
        Self { who, certificate, directory, forward, is_bound, is_direct }
    }

    /// Of one credential: a token, bound to a key or not, or else a peer's certificate.
    #[inline(always)]
    pub(crate) fn of_one(
        identity: Identity,
        (token, peer): (Option<&'a [u8]>, Option<&'a Peer>),
        is_bound: bool,
        directory: &'a Directory,
        forward: u32,
    ) -> Self {
        let is_direct = peer.is_some_and(|peer| !peer.is_forwarded());
        let (presented, is_bound) = match (token, peer) {
            (None, Some(peer)) => (Presented::Certificate(peer), is_direct),
            (token, _) => (Presented::Token(token.unwrap_or_default()), is_bound),
        };
        let who = Who { identity, presented };
        Self { who, certificate: None, directory, forward, is_bound, is_direct }
    }

    /// Who it is.
    #[must_use]
    pub fn principal(&self) -> Principal<'a> {
        self.principal_of(&self.who, self.is_bound)
    }

    /// The device that a client certificate of a configured PKI proved beside the token. The token
    /// names the principal; this is whom it came with.
    #[must_use]
    pub fn certificate(&self) -> Option<Principal<'a>> {
        self.certificate.as_ref().map(|who| self.principal_of(who, self.is_direct))
    }

    fn principal_of(&self, who: &Who<'a>, bound: bool) -> Principal<'a> {
        let identity = &who.identity;
        let authority = self.authority(who);
        let (named_by, subject) = match (&authority.naming, who.presented) {
            (Naming::Certificate(rule), Presented::Certificate(peer)) => {
                match pki::principal_name(peer.leaf(), *rule) {
                    Ok((kind, name)) => (Some(kind), Cow::Owned(name.into())),
                    Err(_) => (None, Cow::Borrowed("")),
                }
            }
            (Naming::Claim(claim), Presented::Token(token)) => {
                (None, Cow::Owned(oidc::subject(token, identity.subject(), claim)))
            }
            _ => {
                (None, Cow::Owned(identity.device().map_or_else(String::new, |id| id.to_string())))
            }
        };
        Principal {
            authority: &authority.authority,
            tenant: authority.tenant,
            user: identity.object().filter(|_| identity.kind() == Kind::User),
            device: identity.device(),
            subject,
            bound,
            method: authority.method,
            name: &authority.name,
            object: identity.object(),
            named_by,
        }
    }

    fn authority(&self, who: &Who<'_>) -> &'a Authority {
        static NOBODY: Authority = Authority::NOBODY;
        // Every identity was numbered by this directory.
        self.directory.authority(who.identity.authority).unwrap_or(&NOBODY)
    }

    /// How it was authenticated.
    #[must_use]
    pub fn method(&self) -> Method {
        self.authority(&self.who).method
    }

    /// Whom the credential proves.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.who.identity.kind()
    }

    /// The last second, in Unix time, for which this admission could be given again: the end of the
    /// credential, or of the certificate that was judged beside it, whichever is earlier.
    #[must_use]
    pub fn expires_s(&self) -> i64 {
        let ends = |who: &Who<'_>| who.identity.ends();
        self.certificate.as_ref().map_or(i64::MAX, ends).min(ends(&self.who))
    }

    /// When the credential is valid, as it says itself.
    #[must_use]
    pub fn window(&self) -> Window {
        self.who.identity.window()
    }

    /// The claims that the endpoint forwards and the token has, by name: strings as their text,
    /// everything else as its JSON. Texts may hold any character, line ends too: encode them before
    /// they become headers.
    ///
    /// Read out of the token on every call: about a microsecond, where the endpoint forwards any.
    #[must_use]
    pub fn claims(&self) -> Vec<(&'a str, Box<str>)> {
        match (self.directory.forward(self.forward), self.who.presented) {
            ([], _) | (_, Presented::Certificate(_)) => Vec::new(),
            (names, Presented::Token(token)) => oidc::forwarded(token, names),
        }
    }
}

impl core::fmt::Debug for Admission<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Admission").field(&self.principal()).finish()
    }
}
