//! What we say.

use std::sync::Arc;

use crate::crypto::KeyId;
use crate::facts::{Facts, Kind};
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
    facts: Facts,
    endpoint: usize,
    snapshot: Arc<Snapshot>,
}

impl Admission {
    pub(crate) fn new(facts: Facts, endpoint: usize, snapshot: Arc<Snapshot>) -> Self {
        Self { facts, endpoint, snapshot }
    }

    /// Who it is.
    #[must_use]
    pub fn principal(&self) -> Principal<'_> {
        let trust = &self.snapshot.trust;
        let issuer = &trust.issuers()[self.facts.issuer];
        Principal::of(&self.facts, &issuer.name, trust.authority(self.facts.issuer))
    }

    /// How it was authenticated.
    #[must_use]
    pub fn method(&self) -> Method {
        self.facts.method
    }

    /// Whom the credential proves.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.facts.kind
    }

    /// The key that proved it.
    #[must_use]
    pub fn key(&self) -> KeyId {
        self.facts.key()
    }

    /// When the credential is valid, as it says itself; `ends` is the expiry that gateways show.
    #[must_use]
    pub fn window(&self) -> Window {
        self.facts.window
    }

    /// The claims that the endpoint forwards and the token has, by name: strings as their text,
    /// everything else as its JSON. Texts may hold any character, line ends too: encode them before
    /// they become headers.
    pub fn claims(&self) -> impl Iterator<Item = (&str, &str)> {
        let policy = &self.snapshot.policy;
        let forwarded = policy.forwarded(self.endpoint);
        let ours = self.facts.claims.iter().filter(|(place, _)| forwarded.contains(place));
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
