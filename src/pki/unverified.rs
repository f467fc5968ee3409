//! A client's certificates, unproven.

use super::authentic::Authentic;
use super::authority::Pki;
use crate::cert::Budget;
use crate::cert::path::{PathFault, Profile, validate_within};
use crate::peer::Peer;
use crate::reason::{Reason, Refusal};
use crate::time::Now;
use crate::witness::{Words, shown, words};

/// A certificate that may be one of a configured PKI.
#[derive(Debug)]
pub(crate) struct Unverified<'p> {
    peer: &'p Peer,
}

/// No PKI has a good path; the one that came furthest speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoPath {
    fault: PathFault,
}

impl<'p> Unverified<'p> {
    pub(crate) fn of(peer: &'p Peer) -> Self {
        Self { peer }
    }

    /// Asks each PKI from place `first` on, in the order of the configuration; the first that proves
    /// a path has it. All that is asked of one peer shares a budget.
    pub(crate) fn prove(
        &self,
        pkis: &[Pki],
        first: usize,
        now: Now,
        budget: &mut Budget,
    ) -> Result<Authentic<'p>, NoPath> {
        let mut fault = PathFault::NoIssuer;
        for (place, pki) in pkis.iter().enumerate().skip(first) {
            let profile = Profile { peer_intermediates: pki.peer_intermediates, ..Profile::GATE };
            let (leaf, presented) = (self.peer.leaf(), self.peer.presented());
            match validate_within(budget, leaf, presented, &pki.store, &profile, now.unix_s) {
                Ok(path) => return Ok(Authentic { peer: self.peer, place, path }),
                Err(other) => fault = fault.max(other),
            }
        }
        Err(NoPath { fault })
    }
}

impl NoPath {
    /// Whether the signatures of the path are good: what is wrong is said of a certificate that a
    /// configured PKI did issue.
    pub(crate) fn is_proven(self) -> bool {
        self.fault.is_of_proven_path()
    }

    pub(crate) fn words(self, peer: &Peer, pkis: &[Pki]) -> Words {
        let names: Vec<_> = pkis.iter().take(8).map(|pki| pki.name.as_ref()).collect();
        let expected = match names.as_slice() {
            [] => "a configured PKI; there is none".into(),
            names => format!("a path to an anchor of {}", names.join(", ")),
        };
        words(format!("{}: {}", described(peer), self.fault), expected)
    }
}

/// Subject and issuer, quoted.
pub(super) fn described(peer: &Peer) -> String {
    let leaf = peer.leaf();
    let text = |name: Option<String>| shown(name.as_deref());
    let subject = text(leaf.names().ok().map(|names| names.subject.text()));
    let issuer = text(leaf.issuer_name().ok().map(|name| name.text()));
    format!("subject {subject}, issuer {issuer}")
}

impl From<NoPath> for Refusal {
    fn from(NoPath { fault }: NoPath) -> Self {
        match fault {
            PathFault::NoIssuer => Reason::CertificateUntrusted.into(),
            PathFault::Expired => Reason::CertificateExpired.into(),
            PathFault::NotYetValid => Reason::CertificateNotYetValid.into(),
            PathFault::Purpose => Reason::CertificatePurpose.into(),
            PathFault::TooComplex => Reason::PathInvalid.of("complexity"),
            PathFault::NeverValid => Reason::PathInvalid.of("validity"),
            PathFault::TooLong => Reason::PathInvalid.of("length"),
            PathFault::IssuerMayNotSign => Reason::PathInvalid.of("issuer"),
            PathFault::Unsupported => Reason::PathInvalid.of("unsupported"),
            PathFault::Signature => Reason::PathInvalid.of("signature"),
            PathFault::Names => Reason::PathInvalid.of("name constraints"),
            PathFault::LeafIsCa => Reason::PathInvalid.of("CA as client"),
        }
    }
}
