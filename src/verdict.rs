//! What we say.

use std::sync::Arc;

use crate::facts::{Facts, Kind, Proof};
use crate::method::Method;
use crate::principal::Principal;
use crate::reason::Refusal;
use crate::snapshot::Snapshot;
use crate::time::Window;

/// The answer to one check.
#[derive(Clone, Debug)]
#[must_use = "a verdict that nobody reads admits everybody"]
pub enum Verdict {
    /// It may pass; the identity is inside and nowhere else.
    Admit(Admission),
    /// It may not, and why.
    Refuse(Refusal),
}

impl Verdict {
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
    pub fn admission(&self) -> Option<&Admission> {
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
#[derive(Clone)]
pub struct Admission {
    /// Shared, not copied: a clone of an admission allocates nothing, and a verdict stays as small as a
    /// refusal.
    admitted: Arc<Admitted>,
    snapshot: Arc<Snapshot>,
}

/// What was proven of one request, and suits it.
#[derive(Debug)]
pub(crate) struct Admitted {
    /// The credential that names the principal.
    pub(crate) facts: Facts,
    /// The client's certificate, where it was judged beside a token.
    pub(crate) certificate: Option<Box<Facts>>,
    /// Whether the client proved the key of that credential on this connection.
    pub(crate) is_bound: bool,
    /// Whether the certificate is the connection's own, not out of a header.
    pub(crate) is_direct: bool,
    pub(crate) endpoint: usize,
}

impl Admission {
    pub(crate) fn new(admitted: Admitted, snapshot: Arc<Snapshot>) -> Self {
        Self { admitted: Arc::new(admitted), snapshot }
    }

    /// Who it is.
    #[must_use]
    pub fn principal(&self) -> Principal<'_> {
        self.principal_of(&self.admitted.facts, self.admitted.is_bound)
    }

    /// The device that a client certificate of a configured PKI proved beside the token. The token
    /// names the principal; this is whom it came with.
    #[must_use]
    pub fn certificate(&self) -> Option<Principal<'_>> {
        let facts = self.admitted.certificate.as_ref()?;
        Some(self.principal_of(facts, self.admitted.is_direct))
    }

    fn principal_of<'a>(&'a self, facts: &'a Facts, bound: bool) -> Principal<'a> {
        let names = self.snapshot.trust.names_of(facts);
        Principal::of(facts, &names.name, &names.authority, bound)
    }

    /// How it was authenticated.
    #[must_use]
    pub fn method(&self) -> Method {
        self.admitted.facts.method
    }

    /// Whom the credential proves.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.admitted.facts.kind
    }

    /// What proved it.
    #[must_use]
    pub fn proof(&self) -> &Proof {
        self.admitted.facts.proof()
    }

    /// The last second, in Unix time, for which this admission could be given again: the end of the
    /// credential, or of the certificate that was judged beside it, whichever is earlier.
    #[must_use]
    pub fn expires_s(&self) -> i64 {
        let Admitted { facts, certificate, .. } = &*self.admitted;
        let ends = |facts: &Facts| facts.window.ends;
        certificate.as_deref().map_or(i64::MAX, ends).min(ends(facts))
    }

    /// When the credential is valid, as it says itself.
    #[must_use]
    pub fn window(&self) -> Window {
        self.admitted.facts.window
    }

    /// The claims that the endpoint forwards and the token has, by name: strings as their text,
    /// everything else as its JSON. Texts may hold any character, line ends too: encode them before
    /// they become headers.
    pub fn claims(&self) -> impl Iterator<Item = (&str, &str)> {
        let policy = &self.snapshot.policy;
        let forwarded = policy.forwarded(self.admitted.endpoint);
        let ours = self.admitted.facts.claims.iter().filter(|(place, _)| forwarded.contains(place));
        ours.filter_map(|(place, text)| {
            Some((policy.projection().claims[usize::from(*place)].as_ref(), text.as_deref()?))
        })
    }
}

impl core::fmt::Debug for Admission {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Admission").field(&self.principal()).finish()
    }
}
