//! Answering from memory alone: the way that nearly every check takes.
//!
//! Everything that is not plainly as it was goes the long way, which knows all rules and is told what is
//! proven already (`proving.rs`). So this way may be short, and can only be wrong by saying yes where the
//! long one would not: it asks for the same bytes, fresh sources, a standing that is current or holds
//! again, and then lets policy suit, as the long way does.

use tollgate_table::Pin;

use super::judge::{by, one_tenant};
use super::memory::{Memory, Remembered};
use crate::counters::{Count, Stripe};
use crate::credential::Ask;
use crate::facts::Gist;
use crate::identity::Identity;
use crate::method::Method;
use crate::peer::Peer;
use crate::pki;
use crate::reason::Refusal;
use crate::snapshot::{Snapshot, Standing};
use crate::time::Now;
use crate::verdict::{Admitted, Beside, Presented, Who};
use crate::witness::Silent;

/// One look into the memory. What it finds is good while the pin is held.
pub(super) struct Recall<'p> {
    pub(super) memory: &'p Memory,
    pub(super) pin: &'p Pin,
    pub(super) snapshot: &'p Snapshot,
    pub(super) now: Now,
    pub(super) stripe: &'p Stripe,
}

/// A credential that was seen before, is proven still, and stands.
struct Known<'p> {
    entry: &'p Remembered,
    facts: Gist<'p>,
}

/// A token and a certificate of a PKI, both seen before.
pub(super) struct Seen<'p, 'a> {
    endpoint: usize,
    /// The token, which names the principal.
    known: Known<'p>,
    token: &'a [u8],
    peer: &'a Peer,
    certificate: Known<'p>,
}

impl<'p> Recall<'p> {
    /// One credential and nothing else that counts, from its bytes to whether it suits: no more than this is
    /// done for most requests. Gives the number of the claims that the endpoint forwards, too. `None`:
    /// memory cannot tell, or there is a second credential to be judged.
    #[inline(always)]
    pub(super) fn one(
        &self,
        (token, peer): (Option<&[u8]>, Option<&Peer>),
        hash: u64,
        ask: &Ask<'_>,
    ) -> Option<Result<(&'p Remembered, u32), Refusal>> {
        let policy = &self.snapshot.policy;
        let endpoint = policy.endpoint(ask.endpoint)?;
        let known = match (token, peer) {
            (Some(token), None) => self.token(token, hash)?,
            (Some(token), Some(peer)) => {
                let known = self.token(token, hash)?;
                self.is_beside_the_point(&known, peer, endpoint).then_some(known)?
            }
            (None, Some(peer)) if policy.takes(endpoint, Method::Pki) => self.chain(peer, hash)?,
            (None, _) => return None,
        };
        let Known { entry, facts } = known;
        Some(match policy.suit(&facts, endpoint, ask, peer, self.now, &mut Silent) {
            Ok(()) => {
                self.stripe.used(entry.identity.key, self.now.unix_s, &self.memory.directory);
                Ok((entry, self.snapshot.forward(endpoint)))
            }
            Err(refusal) => Err(by(facts.method)(refusal)),
        })
    }

    /// A token and the certificate of a PKI beside it, if memory knows both.
    pub(super) fn two<'a>(
        &self,
        token: &'a [u8],
        peer: &'a Peer,
        hash: u64,
        ask: &Ask<'_>,
    ) -> Option<Seen<'p, 'a>> {
        let endpoint = self.snapshot.policy.endpoint(ask.endpoint)?;
        let known = self.token(token, hash)?;
        let certificate = self.chain(peer, self.memory.hash_of(peer, self.snapshot))?;
        Some(Seen { endpoint, known, token, peer, certificate })
    }

    /// Whether both suit what is asked, now.
    pub(super) fn suit(&self, seen: &Seen<'_, '_>, ask: &Ask<'_>) -> Result<(), Refusal> {
        let Seen { known: Known { entry, facts }, peer, endpoint, certificate, .. } = seen;
        let policy = &self.snapshot.policy;
        let suits = policy.suit(facts, *endpoint, ask, Some(peer), self.now, &mut Silent);
        suits.map_err(by(facts.method))?;
        self.suit_beside(entry, certificate).map_err(by(Method::Pki))?;
        self.stripe.used(entry.identity.key, self.now.unix_s, &self.memory.directory);
        Ok(())
    }

    pub(super) fn admitted<'a>(&self, seen: &Seen<'p, 'a>) -> Admitted<'a> {
        let Seen { endpoint, known, token, peer, certificate } = seen;
        let Identity { authority, .. } = certificate.entry.identity;
        let certificate = Beside { peer, authority, ends: certificate.entry.identity.ends() };
        Admitted {
            who: Who { identity: known.entry.identity, presented: Presented::Token(token) },
            certificate: Some(certificate),
            is_bound: known.facts.confirmation().is_some(),
            is_direct: !peer.is_forwarded(),
            forward: self.snapshot.forward(*endpoint),
        }
    }

    #[inline(always)]
    fn token(&self, token: &[u8], hash: u64) -> Option<Known<'p>> {
        if token.len() > self.snapshot.policy.limits().token_bytes {
            return None;
        }
        let entry = self.memory.cache.get(self.pin, hash, token)?;
        self.stands(entry, None).filter(|known| !known.entry.is_chain())
    }

    /// Whether the certificate beside a token is no credential: it proves the token's key, or the endpoint
    /// takes none, or it is plainly nobody's.
    #[inline(always)]
    fn is_beside_the_point(&self, token: &Known<'_>, peer: &Peer, endpoint: usize) -> bool {
        let Snapshot { trust, policy, .. } = self.snapshot;
        token.facts.confirmation().is_some_and(|key| key.check(Some(peer)).is_ok())
            || !policy.takes(endpoint, Method::Pki)
            || pki::is_nobodys(peer, trust.pkis())
    }

    fn suit_beside(&self, token: &Remembered, certificate: &Known<'_>) -> Result<(), Refusal> {
        self.snapshot.policy.suit_time(&certificate.facts, self.now, &mut Silent)?;
        let directory = &self.memory.directory;
        let tenant = |entry: &Remembered| directory.authority(entry.identity.authority)?.tenant;
        one_tenant(tenant(token), tenant(certificate.entry), &mut Silent)
    }

    #[inline(always)]
    fn chain(&self, peer: &Peer, hash: u64) -> Option<Known<'p>> {
        let bytes = peer.bytes(self.snapshot.trust.takes_intermediates());
        let entry = self.memory.cache.get(self.pin, hash, bytes)?;
        // Lists that count now are those by which it stood, or is about to.
        let is_steady = entry.is_steady(self.now.unix_s) && self.snapshot.trust.is_steady(self.now);
        (entry.is_chain() && is_steady).then_some(())?;
        self.stands(entry, Some(peer))
    }

    /// Whether what proved it is still believed, and whether it still stands.
    #[inline(always)]
    fn stands(&self, entry: &'p Remembered, peer: Option<&Peer>) -> Option<Known<'p>> {
        let Snapshot { trust, sequence, .. } = self.snapshot;
        let standing = self.snapshot.standing(entry.identity.authority)?;
        let place = standing.place()?;
        if let Some(keys) = trust.keys_of(standing.method, place)
            && !keys.are_fresh(self.now)
        {
            return None;
        }
        // Nor is anything decided while nobody tells who has been withdrawn.
        if !standing.feeds.are_fresh(self.now) {
            return None;
        }
        let (stood, told) = entry.stood();
        let mut facts = entry.gist(standing.method, place, told);
        // One that stood in a later snapshot than this thread's says nothing of this one.
        if stood > *sequence {
            return None;
        }
        if stood < standing.changed_at {
            let known = Known { entry, facts };
            facts = self.stands_again(&known, standing, (place, stood), peer)?;
        }
        Some(Known { entry, facts })
    }

    /// Trust or policy moved since it stood: the lists are asked again. No signature, and nothing is read.
    #[cold]
    fn stands_again(
        &self,
        known: &Known<'p>,
        standing: &Standing,
        (place, stood): (usize, u64),
        peer: Option<&Peer>,
    ) -> Option<Gist<'p>> {
        let Snapshot { trust, policy, .. } = self.snapshot;
        let Known { entry, facts } = *known;
        let stands = stood >= standing.reread_at
            && match (standing.method, peer) {
                (Method::Pki, Some(peer)) => self.chain_stands(entry, peer, place),
                (Method::Pki, None) => false,
                _ => self.token_stands(known, standing.method, place),
            };
        stands.then(|| {
            let facts = policy.informed(facts, trust);
            entry.stands_in(self.snapshot, facts.told);
            self.stripe.add(Count::Rejudged);
            facts
        })
    }

    fn token_stands(&self, known: &Known<'_>, method: Method, place: usize) -> bool {
        let Snapshot { trust, policy, .. } = self.snapshot;
        let Known { entry, facts } = known;
        let keys = trust.keys_of(method, place);
        let key = self.memory.directory.key(entry.identity.key).map(|key| key.id);
        entry.identity.names_key()
            && keys.zip(key).is_some_and(|(keys, key)| keys.set.holds(key))
            && policy.stand_lists(facts, key, trust, &mut Silent).is_ok()
    }

    /// Its path is as it was; deny lists and revocation lists are asked about each certificate of it.
    fn chain_stands(&self, entry: &Remembered, peer: &Peer, place: usize) -> bool {
        let Snapshot { trust, policy, .. } = self.snapshot;
        let pki = trust.pkis().get(place);
        pki.zip(entry.path()).is_some_and(|(pki, path)| {
            policy.stand_chain(peer, path, pki, self.now, &mut Silent).is_ok()
        })
    }
}
