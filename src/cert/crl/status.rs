//! What the lists say of a path (RFC 5280 section 6.3.3).
//!
//! More is asked than there: every list that speaks of a certificate is, also where an earlier one has covered
//! all reasons, and also those that are over, which can still refuse. What revokes wins, whatever stands beside it.

use std::borrow::Cow;

use super::super::certificate::Certificate;
use super::super::der::{Malformed, Reader, tag};
use super::super::store::Store;
use super::lists::{Crls, Current, Depth, Group, Issuer};
use super::names::canonical;
use super::scope::{DistributionPoint, Of, Reasons};
use super::{Crl, Revocation};
use crate::time::Now;

/// What the lists say of a chain; a place in it counts from 0, the client's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Every certificate that is asked for is on none.
    Good,
    /// The certificate at this place of the chain has been revoked.
    Revoked(usize, Revocation),
    /// Whether the one at this place is cannot be known.
    Unknown(usize, Unknown),
}

/// Why it cannot be known whether a certificate is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Unknown {
    /// No list speaks of such certificates of this issuer.
    NoList,
    /// The lists that do are for some reasons only.
    SomeReasons,
    /// The certificate's distribution points cannot be read.
    Points,
    /// Whoever signed the list is not proven by the certificate's anchor, or is revoked himself.
    Signer,
    /// The list has not begun, or it is a delta without its base.
    NotYet,
    /// The list is over.
    Stale,
}

impl Unknown {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NoList => "no list speaks of its issuer's certificates of this kind",
            Self::SomeReasons => "the lists that speak of it are for some reasons only",
            Self::Points => "its distribution points cannot be read",
            Self::Signer => {
                "the list was signed by a CA that is not proven by the same anchor, or is revoked or of unknown \
                 status itself"
            }
            Self::NotYet => "the list has not begun, or is a delta without its base",
            Self::Stale => "the list, or its delta, is over",
        }
    }
}

/// How deep lists of who signs lists are followed.
const DEEPEST: usize = 3;

impl Crls {
    /// The status of a chain, leaf first, the anchor last, whose path has been proven: nothing of it is
    /// checked here, and no signature at all.
    #[must_use]
    pub fn status(&self, store: &Store, chain: &[&Certificate], now: Now) -> Status {
        let asked = match self.rules.depth {
            Depth::Path => chain.len().saturating_sub(1),
            Depth::Leaf => 1,
        };
        let inquiry = Inquiry { crls: self, store, now, depth: 0 };
        let mut unknown = None;
        for place in 0..asked {
            match inquiry.of_one(chain, place) {
                Ok(()) => {}
                Err(No::Revoked(revocation)) => return Status::Revoked(place, revocation),
                Err(No::Unknown(why)) => unknown = unknown.or(Some(Status::Unknown(place, why))),
            }
        }
        unknown.unwrap_or(Status::Good)
    }
}

enum No {
    Revoked(Revocation),
    Unknown(Unknown),
}

#[derive(Clone, Copy)]
struct Inquiry<'q> {
    crls: &'q Crls,
    store: &'q Store,
    now: Now,
    depth: usize,
}

/// One certificate while lists are asked about it.
struct Subject<'s> {
    certificate: &'s Certificate,
    /// The canonical name of its issuer.
    issuer: Cow<'s, [u8]>,
    is_ca: bool,
    /// The CAs above it, the anchor last.
    above: &'s [&'s Certificate],
    /// For which reasons lists have spoken.
    covered: Reasons,
    /// The same, by lists of other keys of its issuer: they count where its own key has none.
    covered_by_others: Reasons,
    /// Whether the key that issued it has signed a list that speaks of it, whatever became of that.
    has_own: bool,
    /// Whether it is on a list whose signer may be its CA's and cannot be proven.
    is_doubtful: bool,
    why: Unknown,
}

impl Inquiry<'_> {
    fn of_one<'s>(&'s self, chain: &'s [&'s Certificate], place: usize) -> Result<(), No> {
        let Some((certificate, above)) = chain.get(place..).and_then(<[&Certificate]>::split_first)
        else {
            return Err(No::Unknown(Unknown::NoList));
        };
        let own = self.crls.issuer_of(certificate.issuer());
        let issuer = match own {
            Some(own) => Cow::Borrowed(&*own.name),
            None if !self.crls.has_points => return Err(No::Unknown(Unknown::NoList)),
            None => canonical(certificate.issuer())
                .map(Cow::Owned)
                .map_err(|_| No::Unknown(Unknown::NoList))?,
        };
        let is_ca = certificate.fields.basic_constraints.is_some_and(|(is_ca, _)| is_ca);
        let mut subject = Subject {
            certificate,
            issuer,
            is_ca,
            above,
            covered: Reasons::NONE,
            covered_by_others: Reasons::NONE,
            has_own: false,
            is_doubtful: false,
            why: Unknown::NoList,
        };
        if let Some(own) = own {
            let by_name = own.by_point.get(&own.own_point).into_iter().flatten();
            for group in own.whole.iter().chain(by_name) {
                self.ask(&mut subject, *group, Reasons::ALL)?;
            }
        }
        if self.crls.has_points
            && let Some(span) = certificate.fields.distribution_points
        {
            self.ask_points(&mut subject, own, certificate.part(span))?;
        }
        if !subject.has_own {
            subject.covered = subject.covered.or(subject.covered_by_others);
        }
        if subject.is_doubtful {
            Err(No::Unknown(Unknown::Signer))
        } else if subject.covered.are_all() {
            Ok(())
        } else if subject.covered == Reasons::NONE {
            Err(No::Unknown(subject.why))
        } else {
            Err(No::Unknown(subject.why.max(Unknown::SomeReasons)))
        }
    }

    /// The lists that the certificate itself names.
    fn ask_points(
        &self,
        subject: &mut Subject<'_>,
        own: Option<&Issuer>,
        points: &[u8],
    ) -> Result<(), No> {
        // What it says of its lists may be what would have led to the one that revokes it.
        let unread = |Malformed| No::Unknown(Unknown::Points);
        let mut points = Reader::only(points, tag::SEQUENCE).map_err(unread)?;
        while {
            let point = DistributionPoint::read(&mut points).map_err(unread)?;
            let issuers = point.issuers().map_err(unread)?;
            if issuers.is_empty() {
                self.ask_point(subject, own, &point)?;
            }
            for issuer in &issuers {
                self.ask_indirect(subject, self.crls.issuer_named(issuer), (&point, issuer))?;
            }
            !points.is_at_end()
        } {}
        Ok(())
    }

    /// Lists of the certificate's own issuer for this point (b 1, b 2 i).
    fn ask_point(
        &self,
        subject: &mut Subject<'_>,
        own: Option<&Issuer>,
        point: &DistributionPoint<'_>,
    ) -> Result<(), No> {
        let mut outcome = Ok(());
        let issuer = subject.issuer.clone();
        let shown = point.each_name(&issuer, &mut |name| {
            let groups = own.and_then(|own| own.by_point.get(name)).into_iter().flatten();
            for group in groups {
                let said = self.ask(subject, *group, point.reasons);
                outcome = core::mem::replace(&mut outcome, Ok(())).and(said);
            }
        });
        outcome?;
        shown.map_err(|_| No::Unknown(Unknown::Points))
    }

    /// Indirect lists of whom the point names (b 1).
    fn ask_indirect(
        &self,
        subject: &mut Subject<'_>,
        issuer: Option<&Issuer>,
        (point, name): (&DistributionPoint<'_>, &[u8]),
    ) -> Result<(), No> {
        let mut groups: Vec<usize> = Vec::new();
        let shown = point.each_name(name, &mut |name| {
            let for_point = issuer.and_then(|issuer| issuer.by_point.get(name));
            groups.extend(for_point.into_iter().flatten());
        });
        shown.map_err(|_| No::Unknown(Unknown::Points))?;
        let Some(issuer) = issuer else { return Ok(()) };
        if !point.has_name() {
            // A point without a name has that of the list's issuer (b 2 i).
            groups.extend(issuer.by_point.get(&issuer.own_point).into_iter().flatten());
        }
        groups.extend(&issuer.whole);
        for group in groups {
            if self.crls.groups[group].scope.is_indirect {
                self.ask(subject, group, point.reasons)?;
            }
        }
        Ok(())
    }

    /// One list and its delta (b 2 ii to iv, d, f, i to l).
    fn ask(&self, subject: &mut Subject<'_>, group: usize, reasons: Reasons) -> Result<(), No> {
        let group = &self.crls.groups[group];
        let speaks = match group.scope.of {
            Of::All => true,
            Of::Users => !subject.is_ca,
            Of::Cas => subject.is_ca,
            Of::Attributes => false,
        };
        if !speaks {
            return Ok(());
        }
        // A CA with a new key has a list for each (AD CS): that of one does not speak for the other's certificates,
        // unless it is the only one (PKITS 4.5.1).
        let is_namesake = *self.crls.issuer_at(group.issuer).name == *subject.issuer;
        let is_own = subject.above.first().is_some_and(|ca| ca.marks().key == group.signer);
        subject.has_own |= is_namesake && is_own;
        let (is_fresh, base, delta) = match group.current(self.crls.rules.grace_s, self.now) {
            Current::Fresh(base, delta) => (true, Some(base), delta),
            Current::Stale(base, delta) => (false, base, delta),
            Current::None => {
                subject.why = subject.why.max(Unknown::NotYet);
                return Ok(());
            }
        };
        let list_issuer = &self.crls.issuer_at(group.issuer).name;
        let find = |list: &Crl| {
            list.entries.find(list_issuer, &subject.issuer, subject.certificate.serial())
        };
        let revocation = match delta.and_then(find) {
            Some(revocation) if revocation.is_removal() => None,
            Some(revocation) => Some(revocation),
            // removeFromCRL in a list that is no delta takes nothing back: there is nothing there.
            None => base.and_then(find),
        };
        if !self.may_sign(subject, group) {
            subject.why = subject.why.max(Unknown::Signer);
            let anchor = subject.above.last().map(|anchor| anchor.thumbprint());
            let is_elsewhere = !group.proofs.is_empty()
                && group.proofs.iter().all(|proof| Some(proof.anchor) != anchor);
            subject.is_doubtful |= revocation.is_some() && !is_elsewhere;
            return Ok(());
        }
        if let Some(revocation) = revocation {
            return Err(No::Revoked(revocation));
        }
        let covered = reasons.and(group.scope.reasons);
        if is_fresh && is_namesake && !is_own {
            subject.covered_by_others = subject.covered_by_others.or(covered);
        } else if is_fresh {
            subject.covered = subject.covered.or(covered);
        } else {
            subject.why = subject.why.max(Unknown::Stale);
        }
        Ok(())
    }

    /// Whether the key that signed the list is one of a CA above the certificate, or leads to the same anchor and
    /// is not revoked itself (f).
    fn may_sign(&self, subject: &Subject<'_>, group: &Group) -> bool {
        let list_issuer = &self.crls.issuer_at(group.issuer).name;
        let is_above = subject.above.iter().any(|ca| {
            ca.fields.may_sign_lists != Some(false)
                && ca.marks().key == group.signer
                && self.crls.issuer_of(ca.subject()).is_some_and(|it| it.name == *list_issuer)
        });
        if is_above {
            return true;
        }
        let Some(anchor) = subject.above.last() else { return false };
        if self.depth == DEEPEST {
            return false;
        }
        let deeper = Self { depth: self.depth + 1, ..*self };
        let proofs = group.proofs.iter();
        proofs
            .filter(|proof| proof.anchor == anchor.thumbprint())
            .filter(|proof| (proof.window.0..=proof.window.1).contains(&self.now.unix_s))
            .any(|proof| match self.crls.rules.depth {
                Depth::Leaf => true,
                Depth::Path => {
                    let chain = proof.chain.iter().chain([&proof.anchor]);
                    let chain: Option<Vec<&Certificate>> =
                        chain.map(|thumbprint| self.store.find(thumbprint)).collect();
                    chain.is_some_and(|chain| {
                        (0..proof.chain.len()).all(|place| deeper.of_one(&chain, place).is_ok())
                    })
                }
            })
    }
}
