//! Choosing the candidates of a path, by name and key identifier (RFC 4158).

use super::certificate::Certificate;
use super::cost::Budget;
use super::path::{Path, PathFault, Profile, Proofs};
use super::proof::prove;
use super::store::{Anchor, Issuer, Store};

/// Leaf and intermediates: the kernel itself stops at six intermediates.
pub(super) const DEEPEST: usize = 7;

/// One search through one store. Candidates are proven as they are found, so that the best costs
/// nothing for the others.
pub(super) struct Search<'c, 'b> {
    budget: &'b mut Budget,
    proofs: &'b mut dyn Proofs,
    store: &'c Store,
    presented: &'c [Certificate],
    profile: &'b Profile,
    now_s: i64,
    /// The leaf, its issuer, and so on, as far as we are.
    chain: Vec<&'c Certificate>,
    /// The most telling fault until now.
    fault: PathFault,
}

impl<'c, 'b> Search<'c, 'b> {
    pub(super) fn new(
        budget: &'b mut Budget,
        proofs: &'b mut dyn Proofs,
        store: &'c Store,
        presented: &'c [Certificate],
        profile: &'b Profile,
        now_s: i64,
    ) -> Self {
        let chain = Vec::with_capacity(DEEPEST);
        let fault = PathFault::NoIssuer;
        Self { budget, proofs, store, presented, profile, now_s, chain, fault }
    }

    pub(super) fn run(mut self, leaf: &'c Certificate) -> Result<Path, PathFault> {
        self.chain.push(leaf);
        self.extend().ok_or(self.fault)
    }

    /// Depth first, best issuer first, until a path is proven or nothing is left to spend.
    fn extend(&mut self) -> Option<Path> {
        let &head = self.chain.last()?;
        let configured = self.store.named(head.issuer());
        let presented = self.presented.iter().filter(|other| other.subject() == head.issuer());
        let mut ranked = Vec::new();
        for issuer in configured.chain(presented.map(Issuer::Intermediate)) {
            if !self.budget.look() {
                self.blame(PathFault::TooComplex);
                break;
            }
            if let Some(rank) = rank(head, issuer, self.now_s) {
                ranked.push((rank, issuer));
            }
        }
        ranked.sort_by_key(|(rank, _)| *rank);
        ranked.into_iter().find_map(|(_, issuer)| match issuer {
            // What was not tried might have been the path: none behind it may take its place.
            _ if self.fault == PathFault::NotTried => None,
            Issuer::Anchor(anchor) => self.arrive(anchor),
            Issuer::Intermediate(certificate) => self.descend(certificate),
        })
    }

    fn arrive(&mut self, anchor: &Anchor) -> Option<Path> {
        let Self { budget, proofs, chain, profile, now_s, .. } = self;
        match prove(budget, *proofs, chain, anchor, profile, *now_s) {
            Ok(path) => Some(path),
            Err(fault) => {
                self.blame(fault);
                None
            }
        }
    }

    fn descend(&mut self, issuer: &'c Certificate) -> Option<Path> {
        // No certificate twice on a path (RFC 4158 section 5.2).
        if self.chain.iter().any(|on_path| on_path.der() == issuer.der()) {
            return None;
        }
        if self.chain.len() == DEEPEST {
            self.blame(PathFault::TooLong);
            return None;
        }
        self.chain.push(issuer);
        let path = self.extend();
        self.chain.pop();
        path
    }

    fn blame(&mut self, fault: PathFault) {
        if self.fault != PathFault::NotTried {
            self.fault = if fault == PathFault::NotTried { fault } else { self.fault.max(fault) };
        }
    }
}

/// Lower is better; `None` where the key identifiers say that it is another key of that name.
///
/// Of one key, what is valid now comes first (RFC 4158 section 3.5.4): a CA renewed with its key again
/// and again has more certificates than there are candidates.
fn rank(head: &Certificate, issuer: Issuer<'_>, now_s: i64) -> Option<(u8, bool, u8)> {
    let issuing = issuer.certificate();
    let by_key = match (head.fields.authority_key_id, issuing.fields.subject_key_id) {
        (Some(wanted), Some(own)) if head.part(wanted) == issuing.part(own) => 0,
        (Some(_), Some(_)) => return None,
        _ => 1,
    };
    let (first_s, last_s) = issuing.validity;
    let is_untimely = !(first_s..=last_s).contains(&now_s);
    Some((by_key, is_untimely, u8::from(matches!(issuer, Issuer::Intermediate(_)))))
}
