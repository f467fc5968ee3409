//! Who has been withdrawn, whatever was issued to them, and what clients are told one by one.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, LazyLock};

use super::denied::{CertificateMark, Denied};
use super::setting::{Device, Setting};
use super::subjects::Subjects;
use crate::cert::Certificate;
use crate::crypto::sha256;
use crate::guid::Guid;
use crate::hash::OfIds;

/// Withdrawals and settings of one snapshot. Immutable once it is a part of a [`super::Policy`].
///
/// A copy shares what is long, and a change copies a small part of it: src/policy/subjects.rs.
#[derive(Clone, Debug, Default)]
pub struct Withdrawals {
    /// By tenant or site. Of one that is here something is listed.
    scopes: Arc<HashMap<Guid, Arc<Scope>, OfIds>>,
    /// How many stand there.
    len: usize,
    /// [`Withdrawn::Certificate`]s, apart: they are asked for by what a connection shows.
    certificates: Arc<Denied>,
    /// What holds beside them, told by others: it is taken back only where it was said. None is empty.
    beside: Arc<[Self]>,
}

/// What is listed of one tenant or site: for each id until which second of issue; [`i64::MAX`] for all that
/// was and will be issued.
type Scope = [Subjects; KINDS];

/// Whom a withdrawal names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Withdrawn {
    /// A client of a site.
    Client {
        /// The site's GUID.
        site: Guid,
        /// The client's.
        client: Guid,
    },
    /// A bulk registration token. No gate takes any (4015): this is for whoever registers.
    BulkToken {
        /// The site's GUID.
        site: Guid,
        /// The token's (`jti`).
        bulk: Guid,
    },
    /// All clients that registered with one bulk token: its id stands in their tokens (`provenance`).
    BulkClients {
        /// The site's GUID.
        site: Guid,
        /// The bulk token's.
        bulk: Guid,
    },
    /// Everything that a site issued.
    Site {
        /// The site's GUID.
        site: Guid,
    },
    /// A key of a site.
    Key {
        /// The site's GUID.
        site: Guid,
        /// Its `kid`.
        kid: KeyName,
    },
    /// A user of an Entra tenant.
    User {
        /// The tenant's GUID.
        tenant: Guid,
        /// The user's object id.
        user: Guid,
    },
    /// A device of an Entra tenant, by the device id that tokens of users and devices name.
    Device {
        /// The tenant's GUID.
        tenant: Guid,
        /// The device's id.
        device: Guid,
    },
    /// An Entra tenant, with all its users and devices.
    Tenant {
        /// The tenant's GUID.
        tenant: Guid,
    },
    /// A certificate, or all certificates of a key, whichever PKI they are of. Whatever time is given with
    /// it, all of it is withdrawn: nobody proves when a certificate was issued.
    Certificate(CertificateMark),
}

/// A `kid`, as it is listed: half of its SHA-256. Nobody but the site gives a name to its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyName(Guid);

impl KeyName {
    /// Of the `kid` itself.
    #[must_use]
    pub fn of(kid: &str) -> Self {
        let digest = sha256(&[kid.as_bytes()]);
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        Self(Guid(half))
    }
}

/// The list that something stands in.
#[derive(Clone, Copy)]
enum Kind {
    Client,
    BulkToken,
    BulkClients,
    Site,
    Key,
    User,
    Device,
    Tenant,
    GatewayDenied,
    GatewayDeniedByDefault,
    GatewayAllowed,
    NoUserPolicy,
    NoUserPolicyByDefault,
    UserPolicyAllowed,
}

impl Kind {
    /// By number.
    const ALL: [Self; 14] = [
        Self::Client,
        Self::BulkToken,
        Self::BulkClients,
        Self::Site,
        Self::Key,
        Self::User,
        Self::Device,
        Self::Tenant,
        Self::GatewayDenied,
        Self::GatewayDeniedByDefault,
        Self::GatewayAllowed,
        Self::NoUserPolicy,
        Self::NoUserPolicyByDefault,
        Self::UserPolicyAllowed,
    ];
}

const KINDS: usize = Kind::ALL.len();

/// Of tenant or site, in which list, which one.
type Place = (Guid, Kind, Guid);

/// Where something is listed.
enum Listed {
    At(Place),
    Certificate(CertificateMark),
}

impl Withdrawn {
    fn listed(self) -> Listed {
        Listed::At(match self {
            Self::Client { site, client } => (site, Kind::Client, client),
            Self::BulkToken { site, bulk } => (site, Kind::BulkToken, bulk),
            Self::BulkClients { site, bulk } => (site, Kind::BulkClients, bulk),
            Self::Site { site } => (site, Kind::Site, site),
            Self::Key { site, kid } => (site, Kind::Key, kid.0),
            Self::User { tenant, user } => (tenant, Kind::User, user),
            Self::Device { tenant, device } => (tenant, Kind::Device, device),
            Self::Tenant { tenant } => (tenant, Kind::Tenant, tenant),
            Self::Certificate(mark) => return Listed::Certificate(mark),
        })
    }
}

impl Setting {
    fn place(self) -> Place {
        match self {
            Self::GatewayDenied(Device { of, id }) => (of, Kind::GatewayDenied, id),
            Self::GatewayDeniedByDefault(of) => (of, Kind::GatewayDeniedByDefault, of),
            Self::GatewayAllowed(Device { of, id }) => (of, Kind::GatewayAllowed, id),
            Self::NoUserPolicy(Device { of, id }) => (of, Kind::NoUserPolicy, id),
            Self::NoUserPolicyByDefault(of) => (of, Kind::NoUserPolicyByDefault, of),
            Self::UserPolicyAllowed(Device { of, id }) => (of, Kind::UserPolicyAllowed, id),
        }
    }
}

impl Withdrawals {
    /// Withdraws: everything, or what was issued before a Unix second. The later of two times counts.
    pub fn withdraw(&mut self, whom: Withdrawn, issued_before: Option<i64>) {
        match whom.listed() {
            Listed::At(place) => {
                let until = issued_before.unwrap_or(i64::MAX);
                let known = self.own(place).unwrap_or(i64::MIN);
                self.put(place, until.max(known));
            }
            Listed::Certificate(mark) => self.deny(mark),
        }
    }

    /// Withdraws as [`Withdrawals::withdraw`], but the last word counts, an earlier time too.
    pub fn replace(&mut self, whom: Withdrawn, issued_before: Option<i64>) {
        match whom.listed() {
            Listed::At(place) => self.put(place, issued_before.unwrap_or(i64::MAX)),
            Listed::Certificate(mark) => self.deny(mark),
        }
    }

    /// Takes a withdrawal back, whatever was issued when: as if it had never been. Whether there was one.
    pub fn restore(&mut self, whom: Withdrawn) -> bool {
        match whom.listed() {
            Listed::At(place) => self.take(place),
            Listed::Certificate(mark) => {
                self.certificates.holds(mark) && Arc::make_mut(&mut self.certificates).allow(mark)
            }
        }
    }

    /// Notes a setting.
    pub fn set(&mut self, setting: Setting) {
        self.put(setting.place(), i64::MAX);
    }

    /// Takes a setting back. Whether it was there.
    pub fn unset(&mut self, setting: Setting) -> bool {
        self.take(setting.place())
    }

    /// Makes room for so many more clients of one site at once.
    pub fn reserve_clients(&mut self, site: Guid, more: usize) {
        let scope = Arc::make_mut(&mut self.scopes).entry(site).or_default();
        Arc::make_mut(scope)[Kind::Client as usize].reserve(more);
    }

    /// The same with these beside them: any of them may withdraw, and what one takes back the others still say.
    #[must_use]
    pub fn beside(&self, others: impl IntoIterator<Item = Self>) -> Self {
        // All in one row, since they are compared place by place.
        let apart = |one: Self| {
            let beside = Arc::clone(&one.beside);
            core::iter::once(one.alone()).chain(beside.iter().cloned().collect::<Vec<_>>())
        };
        let others = others.into_iter().flat_map(apart).filter(|one| !one.is_empty());
        Self { beside: self.beside.iter().cloned().chain(others).collect(), ..self.clone() }
    }

    fn alone(self) -> Self {
        Self { beside: Arc::default(), ..self }
    }

    /// Whoever says something here, one by one.
    pub(crate) fn sources(&self) -> impl Iterator<Item = Source<'_>> {
        core::iter::once(self).chain(self.beside.iter()).map(Source)
    }

    /// The same without settings, for what is kept of a time that is over.
    #[must_use]
    pub fn without_settings(&self) -> Self {
        let mut scopes = HashMap::clone(&self.scopes);
        for scope in scopes.values_mut() {
            let lists = Arc::make_mut(scope);
            lists[Kind::GatewayDenied as usize..].fill_with(Subjects::default);
        }
        self.with_scopes(scopes)
    }

    /// The same without what a site issues: clients, bulk tokens, keys and the site itself. What it issued ends;
    /// users, devices, tenants and certificates are of others, who set no end to them.
    #[must_use]
    pub fn without_issued(&self) -> Self {
        let mut scopes = HashMap::clone(&self.scopes);
        for scope in scopes.values_mut() {
            Arc::make_mut(scope)[..Kind::User as usize].fill_with(Subjects::default);
        }
        self.with_scopes(scopes)
    }

    fn with_scopes(&self, mut scopes: HashMap<Guid, Arc<Scope>, OfIds>) -> Self {
        scopes.retain(|_, scope| scope.iter().any(|list| list.len() > 0));
        let len = scopes.values().flat_map(|scope| scope.iter()).map(Subjects::len).sum();
        Self { scopes: Arc::new(scopes), len, ..self.clone() }
    }

    /// Takes over what another one says. Of two times the later counts.
    pub fn absorb(&mut self, other: &Self) {
        for (of, scope) in other.scopes.iter() {
            for (kind, list) in Kind::ALL.into_iter().zip(scope.iter()) {
                for (id, until) in list.iter() {
                    let place = (*of, kind, id);
                    let known = self.own(place).unwrap_or(i64::MIN);
                    self.put(place, until.max(known));
                }
            }
        }
        if !other.certificates.is_empty() {
            Arc::make_mut(&mut self.certificates).extend(other.certificates.iter());
        }
    }

    /// How many withdrawals and settings there are; what is said twice counts twice.
    #[must_use]
    pub fn len(&self) -> usize {
        let beside = self.beside.iter().map(Self::len).sum::<usize>();
        self.len + self.certificates.len() + beside
    }

    /// Whether there is none.
    #[inline]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0 && self.certificates.is_empty() && self.beside.is_empty()
    }

    /// How many of each kind there are, by the name that metrics read.
    #[must_use]
    pub fn counts(&self) -> [(&'static str, usize); KINDS + 1] {
        let count = |kind: usize| {
            let own = match kind {
                KINDS => self.certificates.len(),
                kind => self.scopes.values().map(|scope| scope[kind].len()).sum(),
            };
            own + self.beside.iter().map(|other| other.counts()[kind].1).sum::<usize>()
        };
        core::array::from_fn(|kind| (NAMES[kind], count(kind)))
    }

    /// Whether a credential of theirs is withdrawn. One that does not say when it was issued may have
    /// been issued before any time.
    #[must_use]
    pub fn holds(&self, whom: Withdrawn, issued: Option<i64>) -> bool {
        let is_before = |until| issued.is_none_or(|issued| issued < until);
        match whom.listed() {
            Listed::At(place) => self.any(place, is_before),
            Listed::Certificate(mark) => {
                self.certificates.holds(mark)
                    || self.beside.iter().any(|other| other.holds(whom, issued))
            }
        }
    }

    /// The mark by which a certificate is among them.
    pub(crate) fn denied_mark(&self, certificate: &Certificate) -> Option<CertificateMark> {
        let of_others = || self.beside.iter().find_map(|other| other.denied_mark(certificate));
        self.certificates.mark_of(certificate).or_else(of_others)
    }

    /// Whether any certificate is among them.
    pub(crate) fn deny_any(&self) -> bool {
        !self.certificates.is_empty() || self.beside.iter().any(Self::deny_any)
    }

    /// Whether both withdraw the same certificates.
    pub(crate) fn denies_like(&self, other: &Self) -> bool {
        let is_alike = |one: &Self, other: &Self| {
            Arc::ptr_eq(&one.certificates, &other.certificates)
                || one.certificates == other.certificates
        };
        is_alike(self, other) && self.beside_pairs(other).all(|(one, other)| is_alike(one, other))
    }

    /// Whether a setting is noted.
    #[must_use]
    pub fn has(&self, setting: Setting) -> bool {
        self.any(setting.place(), |_| true)
    }

    /// The tenants and sites for which the two do not say the same, as far as can be told cheaply: what is
    /// shared is left out, and what moved from one beside to another is not.
    pub(crate) fn differing<'w>(&'w self, other: &'w Self) -> impl Iterator<Item = Guid> + 'w {
        let pairs = core::iter::once((self, other)).chain(self.beside_pairs(other));
        pairs.flat_map(|(one, other)| one.own_differing(other).chain(other.own_missing(one)))
    }

    /// What stands beside both, place by place.
    fn beside_pairs<'w>(&'w self, other: &'w Self) -> impl Iterator<Item = (&'w Self, &'w Self)> {
        static NONE: LazyLock<Withdrawals> = LazyLock::new(Withdrawals::default);
        let most = self.beside.len().max(other.beside.len());
        let none: &'static Self = &NONE;
        let at = move |all: &'w [Self], at: usize| all.get(at).unwrap_or(none);
        (0..most).map(move |place| (at(&self.beside, place), at(&other.beside, place)))
    }

    /// Whose lists are here, and are others there.
    fn own_differing<'w>(&'w self, other: &'w Self) -> impl Iterator<Item = Guid> + 'w {
        let is_shared = Arc::ptr_eq(&self.scopes, &other.scopes);
        let scopes = self.scopes.iter().filter(move |_| !is_shared);
        let differs = |(of, scope): &(&Guid, &Arc<Scope>)| match other.scopes.get(of) {
            Some(theirs) => !Arc::ptr_eq(scope, theirs) && !say_the_same(scope, theirs),
            None => scope.iter().any(|list| list.len() > 0),
        };
        scopes.filter(differs).map(|(of, _)| *of)
    }

    /// Whose lists are here, and not there.
    fn own_missing<'w>(&'w self, other: &'w Self) -> impl Iterator<Item = Guid> + 'w {
        let scopes = self.scopes.iter().filter(|(of, _)| !other.scopes.contains_key(of));
        scopes.filter(|(_, scope)| scope.iter().any(|list| list.len() > 0)).map(|(of, _)| *of)
    }

    fn any(&self, place: Place, is_meant: impl Fn(i64) -> bool + Copy) -> bool {
        self.own(place).is_some_and(is_meant)
            || self.beside.iter().any(|other| other.any(place, is_meant))
    }

    fn own(&self, (of, kind, id): Place) -> Option<i64> {
        self.scopes.get(&of)?[kind as usize].get(id)
    }

    fn deny(&mut self, mark: CertificateMark) {
        if !self.certificates.holds(mark) {
            Arc::make_mut(&mut self.certificates).deny(mark);
        }
    }

    fn put(&mut self, (of, kind, id): Place, until: i64) {
        let scope = Arc::make_mut(&mut self.scopes).entry(of).or_default();
        let list = &mut Arc::make_mut(scope)[kind as usize];
        let before = list.len();
        list.put(id, until);
        self.len += list.len() - before;
    }

    fn take(&mut self, place: Place) -> bool {
        if self.own(place).is_none() {
            return false;
        }
        self.len -= 1;
        let (of, kind, id) = place;
        if let Entry::Occupied(mut entry) = Arc::make_mut(&mut self.scopes).entry(of) {
            let scope = Arc::make_mut(entry.get_mut());
            scope[kind as usize].take(id);
            if scope.iter().all(|list| list.len() == 0) {
                entry.remove();
            }
        }
        true
    }
}

/// One source of withdrawals and settings, without those beside it.
#[derive(Clone, Copy)]
pub(crate) struct Source<'w>(&'w Withdrawals);

impl Source<'_> {
    /// Whether this one has noted a setting.
    pub(crate) fn says(self, setting: Setting) -> bool {
        self.0.own(setting.place()).is_some()
    }
}

impl PartialEq for Withdrawals {
    /// Whether both say the same in the same places.
    fn eq(&self, other: &Self) -> bool {
        self.denies_like(other) && self.differing(other).next().is_none()
    }
}

fn say_the_same(one: &Scope, other: &Scope) -> bool {
    one.iter().zip(other).all(|(one, other)| one.says_the_same(other))
}

/// In the order of [`Kind`].
const NAMES: [&str; KINDS + 1] = [
    "client",
    "bulk_token",
    "bulk_clients",
    "site",
    "key",
    "user",
    "device",
    "tenant",
    "gateway_denied",
    "gateway_denied_by_default",
    "gateway_allowed",
    "no_user_policy",
    "no_user_policy_by_default",
    "user_policy_allowed",
    "certificate",
];

#[cfg(test)]
#[path = "withdrawn_tests.rs"]
mod tests;
