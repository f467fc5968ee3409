//! The lists of one PKI, found by who issued them and for which distribution point.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::certificate::Certificate;
use super::super::store::Store;
use super::list::Crl;
use super::names::canonical;
use super::scope::{Point, Scope, directory};
use super::signer::{Proof, proofs, signers};
use crate::hash::OfIds;
use crate::time::Now;

/// What is asked of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrlRules {
    /// Seconds for which a list is still believed behind its nextUpdate.
    pub grace_s: i64,
    /// Whose status is asked for.
    pub depth: Depth,
}

/// Whose status is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// That of every certificate of the path but the anchor, and of those that sign its lists.
    Path,
    /// That of the client's certificate alone.
    Leaf,
}

/// The lists of a PKI. Immutable; a changed list is another one of these, which shares the others.
#[derive(Debug)]
pub struct Crls {
    pub(super) rules: CrlRules,
    pub(super) groups: Vec<Group>,
    issuers: Vec<Issuer>,
    /// By canonical name.
    by_name: HashMap<Box<[u8]>, usize>,
    /// By the names of configured CAs as they are written: nearly every look ends here.
    by_der: HashMap<Box<[u8]>, usize, OfIds>,
    /// Whether any list is for a distribution point, or indirect: then certificates are asked for theirs.
    pub(super) has_points: bool,
    /// When the same lists count as when they were ordered.
    steady: Steady,
}

/// A time in which nothing begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Steady {
    /// Unix seconds, the first included and the last not.
    from_s: i64,
    until_s: i64,
    /// On the monotonic clock.
    until_ms: u64,
}

impl Steady {
    pub(crate) const ALWAYS: Self =
        Self { from_s: i64::MIN, until_s: i64::MAX, until_ms: u64::MAX };

    /// Both at once.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            from_s: self.from_s.max(other.from_s),
            until_s: self.until_s.min(other.until_s),
            until_ms: self.until_ms.min(other.until_ms),
        }
    }

    #[inline]
    pub(crate) fn holds(self, now: Now) -> bool {
        (self.from_s..self.until_s).contains(&now.unix_s) && now.mono_ms < self.until_ms
    }
}

/// Lists by one issuer.
#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) name: Box<[u8]>,
    /// Its own name as a distribution point, which every certificate has that it issued.
    pub(super) own_point: Point,
    /// Groups that are for no distribution point of their own.
    pub(super) whole: Vec<usize>,
    pub(super) by_point: HashMap<Point, Vec<usize>, OfIds>,
}

/// Lists of one issuer, key and scope: the newest counts, whichever came first.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) issuer: usize,
    pub(super) signer: [u8; 32],
    /// The ways from CAs of that name and key to anchors.
    pub(super) proofs: Arc<[Proof]>,
    /// Whether such a CA issues certificates: below it no proof of its own is asked for.
    signer_issues: bool,
    pub(super) scope: Scope,
    /// Newest first, by number and then by thisUpdate.
    bases: Vec<Arc<Crl>>,
    deltas: Vec<Arc<Crl>>,
}

/// Issuer, key and scope as it was written.
type Kind = (usize, [u8; 32], Box<[u8]>);

/// Which lists of a group count.
pub(super) enum Current<'g> {
    /// The first is believed; and a delta to it.
    Fresh(&'g Crl, Option<&'g Crl>),
    /// One is over, or a base is missing, or a newer one has to be there: what they revoke is revoked.
    Stale(Option<&'g Crl>, Option<&'g Crl>),
    /// None has begun.
    None,
}

impl Group {
    pub(super) fn current(&self, grace_s: i64, now: Now) -> Current<'_> {
        let has_begun = |list: &&Arc<Crl>| list.this_update <= now.unix_s;
        let delta = self.deltas.iter().find(has_begun);
        let Some(base) = self.bases.iter().find(has_begun) else {
            return delta.map_or(Current::None, |delta| Current::Stale(None, Some(delta)));
        };
        // The newest; one as old as the base says nothing new.
        let delta = delta.filter(|delta| delta.number > base.number).map(Arc::as_ref);
        let fits = delta.is_none_or(|delta| {
            delta.base.is_some_and(|least| least <= base.number) && delta.is_fresh(grace_s, now)
        });
        if fits && base.is_fresh(grace_s, now) {
            Current::Fresh(base, delta)
        } else {
            Current::Stale(Some(base), delta)
        }
    }

    /// Whether this is a delta that says nothing beside the base that has begun.
    fn supersedes(&self, delta: &Crl, now: Now) -> bool {
        let base = self.bases.iter().find(|base| base.this_update <= now.unix_s);
        delta.is_delta() && base.is_some_and(|base| base.number >= delta.number)
    }

    fn is_unproven(&self, now: Now) -> bool {
        let holds = |proof: &Proof| (proof.window.0..=proof.window.1).contains(&now.unix_s);
        !self.signer_issues && !self.proofs.iter().any(holds)
    }

    fn lists(&self) -> impl Iterator<Item = &Arc<Crl>> {
        self.bases.iter().chain(&self.deltas)
    }
}

/// The ways to anchors of whoever signed a list, and whether he issues certificates; `None` where no CA of the store
/// did.
fn proofs_of(list: &Crl, store: &Store) -> Option<(Arc<[Proof]>, bool)> {
    let cas = signers(store, &list.issuer).filter(|ca| ca.marks().key == list.signer);
    let cas: Vec<&Certificate> = cas.collect();
    let issues = |ca: &&Certificate| {
        ca.fields.may_sign_certificates != Some(false)
            && ca.fields.basic_constraints.is_some_and(|(is_ca, _)| is_ca)
    };
    let signer_issues = cas.iter().any(issues);
    (!cas.is_empty())
        .then(|| (cas.into_iter().flat_map(|ca| proofs(store, ca)).collect(), signer_issues))
}

/// A list of a PKI, for whoever looks after it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Listed {
    /// Its issuer, as RFC 4514 text.
    pub issuer: String,
    /// cRLNumber in hexadecimal.
    pub number: String,
    /// thisUpdate and nextUpdate in Unix seconds.
    pub window: (i64, i64),
    /// How many certificates it speaks of.
    pub entries: usize,
    /// Whether it is a delta.
    pub is_delta: bool,
    /// Whether it counts now: it has begun, is not over, and there is none newer of its kind.
    pub is_current: bool,
    /// Whether it is a delta that is no newer than its base, which says all that it says.
    pub is_superseded: bool,
    /// Whether it is over by the monotonic clock alone: the calendar was ahead when it was read, and has been set
    /// back since. It stays over until it is read by another process.
    pub is_set_back: bool,
    /// Whether nothing can believe it now: whoever signed it issues nothing itself, and leads to no anchor.
    pub is_unproven: bool,
}

impl Crls {
    /// Orders lists, which may have been read long ago for an earlier store: one whose signer is no CA of this
    /// store is left out. Of several that are the same one stays.
    #[must_use]
    pub fn new(lists: Vec<Arc<Crl>>, rules: CrlRules, store: &Store, now: Now) -> Self {
        let mut new = Self {
            rules,
            groups: Vec::new(),
            issuers: Vec::new(),
            by_name: HashMap::new(),
            by_der: HashMap::default(),
            has_points: false,
            steady: Steady::ALWAYS,
        };
        let (mut kinds, mut signers) = (HashMap::new(), HashMap::new());
        for list in lists {
            let signer = (list.issuer.clone(), list.signer);
            let proofs = signers.entry(signer).or_insert_with(|| proofs_of(&list, store));
            if let Some(signer) = proofs {
                new.add(list, &mut kinds, signer);
            }
        }
        for group in &mut new.groups {
            for lists in [&mut group.bases, &mut group.deltas] {
                lists.sort_by_key(|list| {
                    core::cmp::Reverse((list.number, list.this_update, list.digest))
                });
                lists.dedup_by_key(|list| list.digest);
                // What is older than one that has begun will never count again.
                let begun = lists.iter().position(|list| list.this_update <= now.unix_s);
                lists.truncate(begun.map_or(usize::MAX, |at| at + 1));
            }
        }
        for ca in store.anchors().chain(store.intermediates()) {
            if let Some(at) = new.find(ca.subject()) {
                new.by_der.insert(ca.subject().into(), at);
            }
        }
        new.watch(now);
        new
    }

    fn add(
        &mut self,
        list: Arc<Crl>,
        kinds: &mut HashMap<Kind, usize>,
        signer: &(Arc<[Proof]>, bool),
    ) {
        let issuer = self.issuer(&list.issuer);
        let kind = (issuer, list.signer, list.scope_bytes.clone());
        let group = *kinds.entry(kind).or_insert_with(|| {
            let at = self.groups.len();
            let scope = list.scope.clone();
            self.has_points |= scope.is_indirect || !scope.points.is_empty();
            let found = &mut self.issuers[issuer];
            if scope.points.is_empty() {
                found.whole.push(at);
            }
            for point in &scope.points {
                found.by_point.entry(point.clone()).or_default().push(at);
            }
            let (bases, deltas) = (Vec::new(), Vec::new());
            let (proofs, signer_issues) = (Arc::clone(&signer.0), signer.1);
            let signer = list.signer;
            self.groups.push(Group { issuer, signer, proofs, signer_issues, scope, bases, deltas });
            at
        });
        let group = &mut self.groups[group];
        if list.is_delta() { group.deltas.push(list) } else { group.bases.push(list) }
    }

    fn issuer(&mut self, name: &[u8]) -> usize {
        *self.by_name.entry(name.into()).or_insert_with(|| {
            let (whole, by_point) = (Vec::new(), HashMap::default());
            let own_point = directory(name);
            self.issuers.push(Issuer { name: name.into(), own_point, whole, by_point });
            self.issuers.len() - 1
        })
    }

    /// Works out between which turns `now` lies: the beginnings and ends of lists and of who signed them.
    fn watch(&mut self, now: Now) {
        let grace_s = self.rules.grace_s;
        let over = |last: i64| last.saturating_add(1);
        let of_lists = self.groups.iter().flat_map(Group::lists);
        let of_lists = of_lists
            .flat_map(|list| [list.this_update, over(list.next_update.saturating_add(grace_s))]);
        let of_signers = self.groups.iter().flat_map(|group| group.proofs.iter());
        let of_signers = of_signers.flat_map(|proof| [proof.window.0, over(proof.window.1)]);
        let mut steady = Steady::ALWAYS;
        for turn in of_lists.chain(of_signers) {
            if turn <= now.unix_s {
                steady.from_s = steady.from_s.max(turn);
            } else {
                steady.until_s = steady.until_s.min(turn);
            }
        }
        let ends = self.groups.iter().flat_map(Group::lists);
        let ends = ends.map(|list| list.fresh_until_ms(grace_s)).filter(|end| *end > now.mono_ms);
        steady.until_ms = ends.min().unwrap_or(u64::MAX);
        self.steady = steady;
    }

    /// When the same lists count as when they were ordered: what was judged by them then holds.
    pub(crate) fn steady(&self) -> Steady {
        self.steady
    }

    /// The Unix second from which other lists count: then the same ones have to be ordered anew.
    #[must_use]
    pub fn turns_s(&self) -> i64 {
        self.steady.until_s
    }

    /// Whether the same lists count by the same rules, so that whatever one admits the other does.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let digests = |of: &Self| {
            let mut all: Vec<_> =
                of.groups.iter().flat_map(Group::lists).map(|list| list.digest).collect();
            all.sort_unstable();
            all
        };
        self.rules == other.rules && self.steady == other.steady && digests(self) == digests(other)
    }

    /// What is asked of them.
    #[must_use]
    pub fn rules(&self) -> CrlRules {
        self.rules
    }

    /// The subjects of the store's CAs, as RFC 4514 text, of which there is no list, though one is asked for. None
    /// where an indirect list may speak for them.
    pub fn unlisted<'s>(&'s self, store: &'s Store) -> impl Iterator<Item = String> + 's {
        let has_indirect = self.groups.iter().any(|group| group.scope.is_indirect);
        let all = store.anchors().chain(store.intermediates());
        // Of one that issues to CAs, the status of clients says nothing.
        let issues_to_cas = |ca: &Certificate| {
            let mut others = store.intermediates().iter().filter(|other| other.der() != ca.der());
            others.any(|other| ca.is_named_as_issuer_of(other))
        };
        let without = all.filter(move |ca| {
            !has_indirect
                && ca.fields.may_sign_certificates != Some(false)
                && self.issuer_of(ca.subject()).is_none()
                && (self.rules.depth == Depth::Path || !issues_to_cas(ca))
        });
        without.map(|ca| ca.subject_name().map(|name| name.text()).unwrap_or_default())
    }

    /// Every list, in no order.
    pub fn lists(&self, now: Now) -> impl Iterator<Item = Listed> {
        self.groups.iter().flat_map(move |group| {
            let current: [Option<&Crl>; 2] = match group.current(self.rules.grace_s, now) {
                Current::Fresh(base, delta) => [Some(base), delta],
                Current::Stale(..) | Current::None => [None, None],
            };
            group.lists().map(move |list| Listed {
                issuer: list.issuer().into(),
                number: list.number(),
                window: list.window(),
                entries: list.len(),
                is_delta: list.is_delta(),
                is_current: current.iter().flatten().any(|it| it.digest == list.digest),
                is_superseded: group.supersedes(list, now),
                is_set_back: now.unix_s <= list.next_update.saturating_add(self.rules.grace_s)
                    && !list.is_fresh(self.rules.grace_s, now),
                is_unproven: group.is_unproven(now),
            })
        })
    }

    /// What they take of memory, in bytes: the indexes.
    #[must_use]
    pub fn index_bytes(&self) -> usize {
        self.groups.iter().flat_map(Group::lists).map(|list| list.index_bytes()).sum()
    }

    /// The lists of whoever has this name, in DER.
    pub(super) fn issuer_of(&self, name: &[u8]) -> Option<&Issuer> {
        let at = self.by_der.get(name).copied().or_else(|| self.find(name))?;
        self.issuers.get(at)
    }

    /// The same, by the canonical name.
    pub(super) fn issuer_named(&self, canonical: &[u8]) -> Option<&Issuer> {
        self.issuers.get(*self.by_name.get(canonical)?)
    }

    pub(super) fn issuer_at(&self, at: usize) -> &Issuer {
        &self.issuers[at]
    }

    fn find(&self, name: &[u8]) -> Option<usize> {
        self.by_name.get(canonical(name).ok()?.as_slice()).copied()
    }
}
