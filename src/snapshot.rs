//! Trust and policy that belong together: what one check sees, whole, and what it changed.

use core::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use crate::crypto::KeyId;
use crate::directory::{Directory, KeyNumbers, Numbers};
use crate::guid::Guid;
use crate::jws::Keys;
use crate::method::Method;
use crate::oidc::Form;
use crate::policy::{Policy, Sources, Withdrawals};
use crate::trust::{Trust, TrustError};

#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) trust: Trust,
    pub(crate) policy: Policy,
    /// Rises by one with every swap of the gate.
    pub(crate) sequence: u64,
    /// By the number of the authority.
    standings: Box<[Standing]>,
    /// The number of each issuer, then of each PKI, then of each site.
    authorities: Box<[u32]>,
    keys: Arc<KeyNumbers>,
    /// By the place of the endpoint.
    forwards: Box<[u32]>,
}

/// Since when what was remembered of an authority's credentials is good.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) method: Method,
    /// Its place in the trust; [`GONE`].
    place: u32,
    /// The sequence in which anything of it changed last: what stood before has to stand again.
    pub(crate) changed_at: u64,
    /// The sequence in which its tokens began to be read otherwise: what was read before is read again.
    pub(crate) reread_at: u64,
    /// The feeds of withdrawals without which nothing of it is decided.
    pub(crate) feeds: Sources,
}

const GONE: u32 = u32::MAX;

impl Standing {
    #[inline]
    pub(crate) fn place(&self) -> Option<usize> {
        (self.place != GONE).then_some(self.place as usize)
    }
}

impl Snapshot {
    /// Numbers what is new in it, and compares it with the one before.
    pub(crate) fn new(
        trust: Trust,
        policy: Policy,
        before: Option<&Self>,
        directory: &Directory,
        numbers: &mut Numbers,
    ) -> Result<Self, TrustError> {
        let fits = trust.issuers().len() == policy.issuer_count()
            && trust.pkis().len() == policy.pki_count();
        if !fits {
            return Err(TrustError::RulesDoNotMatch);
        }
        let sequence = before.map_or(1, |before| before.sequence + 1);
        let placed: Vec<_> = trust
            .authorities()
            .map(|(place, authority)| {
                let method = authority.method;
                (numbers.authority(directory, authority), method, place)
            })
            .collect();
        let keys_before = directory.key_count();
        let keys_of = |keys: &Keys| keys.set.keys().map(crate::jws::Key::id).collect::<Vec<_>>();
        let issuers = trust.issuers().iter().flat_map(|issuer| keys_of(&issuer.keys));
        let sites = trust.sites().iter().flat_map(|site| keys_of(&site.keys));
        let keys: KeyNumbers =
            issuers.chain(sites).map(|id| (id, numbers.key(directory, id))).collect();
        let forwards = policy.forwards().map(|names| numbers.forward(directory, names)).collect();
        let mut new = Self {
            authorities: placed.iter().map(|(number, ..)| *number).collect(),
            standings: Box::default(),
            trust,
            policy,
            sequence,
            keys: Arc::new(keys),
            forwards,
        };
        let nobody = Standing {
            method: Method::Oidc,
            place: GONE,
            changed_at: sequence,
            reread_at: sequence,
            feeds: Sources::default(),
        };
        let mut standings = vec![nobody; directory.authority_count()];
        let changes = before.map(|before| Changes::between(before, &new, keys_before));
        for (number, method, place) in placed {
            let known = before.and_then(|before| before.standing(number));
            let (changed_at, reread_at) = match (known, &changes) {
                (Some(known), Some(changes)) => match changes.of(known, method, place) {
                    Change::None => (known.changed_at, known.reread_at),
                    Change::Lists => (sequence, known.reread_at),
                    Change::Reading => (sequence, sequence),
                },
                _ => (sequence, sequence),
            };
            if let Some(standing) = standings.get_mut(number as usize) {
                let site = (method == Method::Site).then(|| new.trust.sites()[place].id);
                let feeds = new.policy.feeds().of(method, site);
                let place = u32::try_from(place).unwrap_or(GONE);
                *standing = Standing { method, place, changed_at, reread_at, feeds };
            }
        }
        new.standings = standings.into();
        Ok(new)
    }

    /// The same with these withdrawn, and nothing else changed: it shares with the one before whatever is
    /// long, so it costs the difference of the withdrawals and not the size of the trust.
    pub(crate) fn withdrawing(&self, withdrawals: Arc<Withdrawals>) -> Self {
        let sequence = self.sequence + 1;
        let old = self.policy.withdrawals();
        let scopes: HashSet<Guid> = old.differing(&withdrawals).collect();
        let denies_others = !old.denies_like(&withdrawals);
        let standing = |standing: &Standing| match (standing.method, standing.place()) {
            (Method::Pki, Some(place)) if denies_others => {
                // What the first left for its list's sake it may take now.
                let reread_at = if place == 0 { standing.reread_at } else { sequence };
                Standing { changed_at: sequence, reread_at, ..standing.clone() }
            }
            (method, Some(place)) if self.knows_any(method, place, &scopes) => {
                Standing { changed_at: sequence, ..standing.clone() }
            }
            _ => standing.clone(),
        };
        Self {
            trust: self.trust.clone(),
            policy: self.policy.clone().with_withdrawals(withdrawals),
            sequence,
            standings: self.standings.iter().map(standing).collect(),
            authorities: self.authorities.clone(),
            keys: Arc::clone(&self.keys),
            forwards: self.forwards.clone(),
        }
    }

    /// Whether the authority at this place is one of these tenants and sites, of whose clients some were
    /// withdrawn or restored.
    fn knows_any(&self, method: Method, place: usize, scopes: &HashSet<Guid>) -> bool {
        match method {
            Method::Entra | Method::Oidc => match self.trust.issuers()[place].form {
                Form::Entra { tenant, .. } => scopes.contains(&tenant),
                Form::Oidc { .. } => false,
            },
            Method::Site => scopes.contains(&self.trust.sites()[place].id),
            Method::Pki => false,
        }
    }

    /// Of the authority with this number; `None` where it is gone, or newer than this snapshot.
    #[inline]
    pub(crate) fn standing(&self, number: u32) -> Option<&Standing> {
        self.standings.get(number as usize).filter(|standing| standing.place != GONE)
    }

    /// The number of the authority at this place.
    pub(crate) fn authority_at(&self, method: Method, place: usize) -> u32 {
        let before = match method {
            Method::Entra | Method::Oidc => 0,
            Method::Pki => self.trust.issuers().len(),
            Method::Site => self.trust.issuers().len() + self.trust.pkis().len(),
        };
        self.authorities[before + place]
    }

    /// The number of a key that this snapshot has.
    pub(crate) fn key(&self, id: KeyId) -> Option<u32> {
        self.keys.get(&id).copied()
    }

    #[inline]
    pub(crate) fn forward(&self, endpoint: usize) -> u32 {
        self.forwards[endpoint]
    }
}

/// What a swap did to an authority that stays.
enum Change {
    None,
    /// Keys came or went, somebody was withdrawn, a list moved.
    Lists,
    /// Its credentials are read otherwise, or are found by other names.
    Reading,
}

/// What two snapshots do not have alike.
struct Changes<'s> {
    before: &'s Snapshot,
    new: &'s Snapshot,
    is_projected_alike: bool,
    /// Tenants and sites.
    withdrawn: HashSet<Guid>,
    /// PKIs from this place on may find other paths: each is asked when those before it have none.
    pkis_alike: usize,
    /// PKIs from this place on may have other revocation lists.
    lists_alike: usize,
    /// Whether the same certificates are denied.
    denies_alike: bool,
    /// Keys with a number from here on are new to the gate.
    keys_before: usize,
}

impl<'s> Changes<'s> {
    fn between(before: &'s Snapshot, new: &'s Snapshot, keys_before: usize) -> Self {
        let (old, now) = (before.policy.withdrawals(), new.policy.withdrawals());
        let withdrawn =
            if Arc::ptr_eq(old, now) { HashSet::new() } else { old.differing(now).collect() };
        let pairs = before.trust.pkis().iter().zip(new.trust.pkis()).enumerate();
        let alike = pairs.take_while(|(at, (old, now))| {
            old.says_the_same(now) && before.policy.pki_rules(*at) == new.policy.pki_rules(*at)
        });
        let pkis_alike = alike.count();
        let pairs = before.trust.pkis().iter().zip(new.trust.pkis());
        let lists_alike = pairs.take_while(|(old, now)| old.revokes_like(now)).count();
        let is_projected_alike = before.policy.projection() == new.policy.projection();
        let denies_alike = before.policy.denies_like(&new.policy);
        Self {
            before,
            new,
            is_projected_alike,
            withdrawn,
            pkis_alike,
            lists_alike,
            denies_alike,
            keys_before,
        }
    }

    /// Whether tokens that name their key mean the one they meant. A key that was away may have come back
    /// under other names, or to a namesake, and nobody has compared it with what it was.
    fn means_the_same_keys(&self, old: &Keys, now: &Keys) -> bool {
        let is_new = |id| self.new.key(id).is_none_or(|number| number as usize >= self.keys_before);
        let mut ids = now.set.keys().map(crate::jws::Key::id);
        now.set.continues(&old.set) && ids.all(|id| old.set.holds(id) || is_new(id))
    }

    fn of(&self, known: &Standing, method: Method, place: usize) -> Change {
        let Some(was) = known.place() else { return Change::Reading };
        match method {
            Method::Entra | Method::Oidc => self.of_issuer(was, place),
            Method::Site => self.of_site(was, place),
            Method::Pki if was == place && place < self.pkis_alike => self.of_lists(place),
            Method::Pki => Change::Reading,
        }
    }

    /// A PKI whose lists alone moved is asked by them. What those before it left for their lists' sake they may
    /// take now.
    fn of_lists(&self, place: usize) -> Change {
        match place.cmp(&self.lists_alike) {
            Ordering::Greater => Change::Reading,
            Ordering::Less if self.denies_alike => Change::None,
            Ordering::Less | Ordering::Equal if self.denies_alike || place == 0 => Change::Lists,
            Ordering::Less | Ordering::Equal => Change::Reading,
        }
    }

    fn of_issuer(&self, was: usize, is: usize) -> Change {
        let (old, now) = (&self.before.trust.issuers()[was], &self.new.trust.issuers()[is]);
        let (old_rules, rules) =
            (self.before.policy.issuer_rules(was), self.new.policy.issuer_rules(is));
        let reads_alike = self.is_projected_alike
            && old.reads_like(now)
            && old_rules.client_apps == rules.client_apps
            && old_rules.replay_detection == rules.replay_detection
            && self.means_the_same_keys(&old.keys, &now.keys);
        if !reads_alike {
            return Change::Reading;
        }
        let is_touched = self.new.knows_any(now.method(), is, &self.withdrawn);
        if is_touched || old_rules != rules || !old.keys.set.says_the_same(&now.keys.set) {
            Change::Lists
        } else {
            Change::None
        }
    }

    fn of_site(&self, was: usize, is: usize) -> Change {
        let (old, now) = (&self.before.trust.sites()[was], &self.new.trust.sites()[is]);
        if old.format != now.format || !self.means_the_same_keys(&old.keys, &now.keys) {
            return Change::Reading;
        }
        let is_touched = self.new.knows_any(Method::Site, is, &self.withdrawn);
        if is_touched || !old.keys.set.says_the_same(&now.keys.set) {
            Change::Lists
        } else {
            Change::None
        }
    }
}
