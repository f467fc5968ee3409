//! A client's certificates, unproven.

use super::authentic::Authentic;
use super::authority::Pki;
use super::described::{climbed_by_name, described};
use crate::cert::Budget;
use crate::cert::path::{PathFault, Profile, Proofs, validate_within};
use crate::peer::Peer;
use crate::reason::{Reason, Refusal};
use crate::time::Now;
use crate::witness::{Words, words};

/// A certificate that may be one of a configured PKI.
#[derive(Debug)]
pub(crate) struct Unverified<'p> {
    peer: &'p Peer,
}

/// No PKI has a good path; the one that came furthest speaks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoPath {
    fault: PathFault,
    /// The place of the PKI that came furthest, and when.
    furthest: usize,
    now: Now,
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
        proofs: &mut dyn Proofs,
    ) -> Result<Authentic<'p>, NoPath> {
        let (mut fault, mut furthest) = (PathFault::NoIssuer, first);
        for (place, pki) in pkis.iter().enumerate().skip(first) {
            let profile = Profile { peer_intermediates: pki.peer_intermediates, ..Profile::GATE };
            let (leaf, presented) = (self.peer.leaf(), self.peer.presented());
            let (store, now_s) = (&pki.store, now.unix_s);
            proofs.of_pki(place);
            match validate_within(budget, proofs, leaf, presented, store, &profile, now_s) {
                Ok(path) => return Ok(Authentic { peer: self.peer, place, path }),
                // Another PKI's word would not be this one's: undecidable, whatever came before.
                Err(PathFault::NotTried) => {
                    return Err(NoPath { fault: PathFault::NotTried, furthest: place, now });
                }
                Err(other) if other > fault => (fault, furthest) = (other, place),
                Err(_) => {}
            }
        }
        Err(NoPath { fault, furthest, now })
    }
}

/// The seconds around `now_s`, the first included and the last not, in which every search for a path of
/// this client finds the same.
pub(crate) fn steady(peer: &Peer, pkis: &[Pki], now_s: i64) -> (i64, i64) {
    let presented = core::iter::once(peer.leaf().as_ref()).chain(peer.presented());
    let turns = presented.flat_map(|certificate| {
        let (first_s, last_s) = certificate.validity();
        [first_s, last_s.saturating_add(1)]
    });
    let stores = pkis.iter().map(|pki| pki.store.steady(now_s));
    let turns = turns.map(|at| if at <= now_s { (at, i64::MAX) } else { (i64::MIN, at) });
    stores.chain(turns).fold((i64::MIN, i64::MAX), |(from, until), (first, last)| {
        (from.max(first), until.min(last))
    })
}

/// Whether no PKI can have anything to do with the client's certificate: none has its issuer, and where
/// clients may bring one, this one did not. Then no search takes its first step.
pub(crate) fn is_nobodys(peer: &Peer, pkis: &[Pki]) -> bool {
    let leaf = peer.leaf();
    let brings_issuer = peer.presented().iter().any(|other| other.is_named_as_issuer_of(leaf));
    let has_a_step =
        |pki: &Pki| pki.store.knows_issuer_of(leaf) || pki.peer_intermediates && brings_issuer;
    !pkis.iter().any(has_a_step)
}

impl NoPath {
    /// Whether the signatures of the path are good: what is wrong is said of a certificate that a
    /// configured PKI did issue.
    pub(crate) fn is_proven(self) -> bool {
        self.fault.is_of_proven_path()
    }

    /// Whether it may be ignored beside a token: nobody's certificate. Not one that a PKI issued, nor
    /// one of which nobody knows.
    pub(crate) fn is_nobodys(self) -> bool {
        !self.is_proven() && self.fault != PathFault::NotTried
    }

    /// What is wrong, which PKI says so, and what is configured under the names on the way.
    pub(crate) fn words(self, peer: &Peer, pkis: &[Pki]) -> Words {
        let names: Vec<_> = pkis.iter().take(8).map(|pki| pki.name.as_ref()).collect();
        let mut expected = match names.as_slice() {
            [] => "a configured PKI; there is none".into(),
            names => format!("a path to an anchor of {}", names.join(", ")),
        };
        // The PKI that came furthest; where none came anywhere, each that has a CA of that name.
        let is_speaker = |place: usize| self.fault == PathFault::NoIssuer || place == self.furthest;
        let climbed = pkis.iter().enumerate().filter(|(place, _)| is_speaker(*place));
        let climbed = climbed.filter_map(|(_, pki)| climbed_by_name(peer.leaf(), pki, self.now));
        for by_name in climbed.take(8) {
            expected.push_str("; ");
            expected.push_str(&by_name);
        }
        let which = match pkis.get(self.furthest) {
            Some(pki) if self.fault != PathFault::NoIssuer => format!("{:?}: ", pki.name),
            _ => String::new(),
        };
        words(format!("{which}{}; {}", self.fault, described(peer)), expected)
    }
}

impl From<NoPath> for Refusal {
    fn from(NoPath { fault, .. }: NoPath) -> Self {
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
            PathFault::NotTried => Reason::BudgetSpent.into(),
        }
    }
}
