//! What we say.

use core::fmt;
use std::borrow::Cow;

use crate::cert::NameKind;
use crate::directory::{Authority, Directory, Naming};
use crate::facts::Kind;
use crate::guid::Guid;
use crate::identity::Identity;
use crate::method::Method;
use crate::oidc;
use crate::peer::Peer;
use crate::pki::{self, PrincipalName};
use crate::principal::Principal;
use crate::reason::{Detail, Reason, Refusal};
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
    /// What stands where none was given yet: a refusal.
    pub const NONE: Self =
        Self::Refuse(Refusal { reason: Reason::NoCredential, detail: Detail::None, method: None });

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
    certificate: Option<Beside<'a>>,
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

/// A certificate that was judged beside a token: small, since nearly no request has one.
#[derive(Clone, Copy)]
pub(crate) struct Beside<'a> {
    pub(crate) peer: &'a Peer,
    /// The number of its PKI in the gate's directory.
    pub(crate) authority: u32,
    /// Last second of its path's validity.
    pub(crate) ends: i64,
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
    pub(crate) certificate: Option<Beside<'a>>,
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
        let Who { identity, presented } = &self.who;
        let numbers = self.numbers();
        let (named_by, subject) = match (&self.authority().naming, presented) {
            (Naming::Certificate(rule), Presented::Certificate(peer)) => name_of(peer, *rule),
            (Naming::Claim(claim), Presented::Token(token)) => {
                (None, Cow::Owned(oidc::subject(token, identity.subject(), claim)))
            }
            _ => (None, Cow::Owned(numbers.device.map_or_else(String::new, |id| id.to_string()))),
        };
        Principal { subject, named_by, ..numbers }
    }

    /// The principal but for what has to be read out of the credential.
    fn numbers(&self) -> Principal<'a> {
        let identity = &self.who.identity;
        Principal {
            user: self.user(),
            device: identity.device(),
            object: identity.object(),
            bound: self.is_bound,
            ..vouched_by(self.authority())
        }
    }

    /// The device that a client certificate of a configured PKI proved beside the token. The token
    /// names the principal; this is whom it came with.
    #[must_use]
    pub fn certificate(&self) -> Option<Principal<'a>> {
        let Beside { peer, authority, .. } = self.certificate?;
        let authority = self.authority_numbered(authority);
        let Naming::Certificate(rule) = authority.naming else { return None };
        let (named_by, subject) = name_of(peer, rule);
        Some(Principal { subject, named_by, bound: self.is_direct, ..vouched_by(authority) })
    }

    /// Writes what [`Principal::id`] displays. Allocates nothing for Entra and for sites, whose ids are
    /// numbers that the admission holds.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_id(&self, out: &mut impl fmt::Write) -> fmt::Result {
        let numbers = self.numbers();
        let principal = if numbers.is_named_by_numbers() { numbers } else { self.principal() };
        write!(out, "{}", principal.id())
    }

    #[inline]
    fn authority(&self) -> &'a Authority {
        self.authority_numbered(self.who.identity.authority)
    }

    #[inline]
    fn authority_numbered(&self, number: u32) -> &'a Authority {
        static NOBODY: Authority = Authority::NOBODY;
        // Every identity was numbered by this directory.
        self.directory.authority(number).unwrap_or(&NOBODY)
    }

    /// The issuer, PKI or site that vouches, as [`Principal::authority`].
    #[must_use]
    pub fn authority_name(&self) -> &'a str {
        &self.authority().authority
    }

    /// As [`Principal::tenant`].
    #[inline]
    #[must_use]
    pub fn tenant(&self) -> Option<Guid> {
        self.authority().tenant
    }

    /// As [`Principal::user`].
    #[inline]
    #[must_use]
    pub fn user(&self) -> Option<Guid> {
        let identity = &self.who.identity;
        identity.object().filter(|_| identity.kind() == Kind::User)
    }

    /// As [`Principal::device`].
    #[inline]
    #[must_use]
    pub fn device(&self) -> Option<Guid> {
        self.who.identity.device()
    }

    /// As [`Principal::bound`].
    #[inline]
    #[must_use]
    pub fn is_bound(&self) -> bool {
        self.is_bound
    }

    /// Whether [`Admission::certificate`] is there.
    #[inline]
    #[must_use]
    pub fn has_certificate(&self) -> bool {
        self.certificate.is_some()
    }

    /// How it was authenticated.
    #[inline]
    #[must_use]
    pub fn method(&self) -> Method {
        self.authority().method
    }

    /// Whom the credential proves.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.who.identity.kind()
    }

    /// When the credential ends, in Unix seconds, or the certificate that was judged beside it, whichever
    /// is earlier. A token passes for the skew longer.
    #[must_use]
    pub fn expires_s(&self) -> i64 {
        let beside = self.certificate.map_or(i64::MAX, |beside| beside.ends);
        beside.min(self.who.identity.ends())
    }

    /// When the credential is valid, as it says itself.
    #[must_use]
    pub fn window(&self) -> Window {
        self.who.identity.window()
    }

    /// The JSON text of all claims of the token that was presented, into `out`, whose content goes; false
    /// where no token was. Nothing of it is more than its issuer's word: what a decision may rest on
    /// stands in the admission.
    pub fn write_payload(&self, out: &mut Vec<u8>) -> bool {
        out.clear();
        match self.who.presented {
            Presented::Token(token) => oidc::write_payload(token, out),
            Presented::Certificate(_) => false,
        }
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

/// Of this authority, and nobody yet.
fn vouched_by(authority: &Authority) -> Principal<'_> {
    Principal {
        authority: &authority.authority,
        tenant: authority.tenant,
        user: None,
        device: None,
        subject: Cow::Borrowed(""),
        bound: false,
        method: authority.method,
        name: &authority.name,
        object: None,
        named_by: None,
    }
}

/// The name in a certificate that was proven, and of what kind it is.
fn name_of(peer: &Peer, rule: PrincipalName) -> (Option<NameKind>, Cow<'static, str>) {
    match pki::principal_name(peer.leaf(), rule) {
        Ok((kind, name)) => (Some(kind), Cow::Owned(name.into())),
        Err(_) => (None, Cow::Borrowed("")),
    }
}

impl fmt::Debug for Admission<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Admission").field(&self.principal()).finish()
    }
}
