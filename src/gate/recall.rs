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
use crate::credential::{Ask, Request};
use crate::facts::Gist;
use crate::method::Method;
use crate::peer::Peer;
use crate::pki;
use crate::reason::Refusal;
use crate::snapshot::{Snapshot, Standing};
use crate::time::Now;
use crate::verdict::{Admitted, Presented, Who};
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

/// All that a request shows was seen before.
pub(super) struct Seen<'p, 'a> {
    endpoint: usize,
    /// The one that names the principal.
    known: Known<'p>,
    presented: Presented<'a>,
    peer: Option<&'a Peer>,
    /// The certificate of a PKI beside it.
    beside: Option<(Known<'p>, &'a Peer)>,
}

impl<'p> Recall<'p> {
    /// What was presented, if memory knows all of it.
    pub(super) fn look<'a>(&self, request: &Request<'a>, ask: &Ask<'_>) -> Option<Seen<'p, 'a>> {
        let endpoint = self.snapshot.policy.endpoint(ask.endpoint)?;
        let peer = request.presented_peer().ok()?;
        match (request.presented_token().filter(|token| !token.is_empty()), peer) {
            (Some(token), Some(certificate)) => {
                let known = self.token(token, self.memory.cache.hash(token))?;
                let beside = self.beside(&known, certificate, endpoint)?;
                let presented = Presented::Token(token);
                Some(Seen { endpoint, known, presented, peer, beside })
            }
            (None, Some(certificate)) => {
                let takes = self.snapshot.policy.takes(endpoint, Method::Pki);
                let known = self.chain(certificate).filter(|_| takes)?;
                let presented = Presented::Certificate(certificate);
                Some(Seen { endpoint, known, presented, peer, beside: None })
            }
            // A token alone was looked for before this.
            (_, None) => None,
        }
    }

    /// A token and nothing else, from its bytes to whether it suits: no more than this is done for most
    /// requests. `None`: memory cannot tell.
    #[inline]
    pub(super) fn token_alone(
        &self,
        token: &[u8],
        hash: u64,
        ask: &Ask<'_>,
    ) -> Option<Result<(&'p Remembered, u32), Refusal>> {
        let policy = &self.snapshot.policy;
        let endpoint = policy.endpoint(ask.endpoint)?;
        let Known { entry, facts } = self.token(token, hash)?;
        Some(match policy.suit(&facts, endpoint, ask, None, self.now, &mut Silent) {
            Ok(()) => {
                self.stripe.used(entry.identity.key, self.now.unix_s, &self.memory.directory);
                Ok((entry, self.snapshot.forward(endpoint)))
            }
            Err(refusal) => Err(by(facts.method)(refusal)),
        })
    }

    /// Whether it suits what is asked, now.
    pub(super) fn suit(&self, seen: &Seen<'_, '_>, ask: &Ask<'_>) -> Result<(), Refusal> {
        let Seen { known: Known { entry, facts }, peer, endpoint, .. } = seen;
        let suits = self.snapshot.policy.suit(facts, *endpoint, ask, *peer, self.now, &mut Silent);
        if let Err(refusal) = suits {
            return Err(by(facts.method)(refusal));
        }
        if let Some((certificate, _)) = &seen.beside {
            self.suit_beside(entry, certificate).map_err(by(Method::Pki))?;
        }
        self.stripe.used(entry.identity.key, self.now.unix_s, &self.memory.directory);
        Ok(())
    }

    pub(super) fn admitted<'a>(&self, seen: &Seen<'p, 'a>) -> Admitted<'a> {
        let Seen { endpoint, known, presented, peer, beside } = seen;
        let is_direct = peer.is_some_and(|peer| !peer.is_forwarded());
        let is_bound = match presented {
            Presented::Token(_) => known.facts.confirmation().is_some(),
            Presented::Certificate(_) => is_direct,
        };
        Admitted {
            who: Who { identity: known.entry.identity, presented: *presented },
            certificate: beside.as_ref().map(|(known, peer)| Who {
                identity: known.entry.identity,
                presented: Presented::Certificate(peer),
            }),
            is_bound,
            is_direct,
            forward: self.snapshot.forward(*endpoint),
        }
    }

    #[inline(always)]
    fn token(&self, token: &[u8], hash: u64) -> Option<Known<'p>> {
        if token.len() > self.snapshot.policy.limits().token_bytes {
            return None;
        }
        let entry = self.memory.cache.get(self.pin, hash, token)?;
        self.stands(entry).filter(|known| !known.entry.is_chain())
    }

    /// The certificate beside a token: remembered too, or plainly nothing to us. The outer `None`: it has
    /// to be looked at.
    fn beside<'a>(
        &self,
        token: &Known<'_>,
        peer: &'a Peer,
        endpoint: usize,
    ) -> Option<Option<(Known<'p>, &'a Peer)>> {
        let Snapshot { trust, policy, .. } = self.snapshot;
        let is_named =
            || token.facts.confirmation().is_some_and(|key| key.check(Some(peer)).is_ok());
        if !policy.takes(endpoint, Method::Pki) || is_named() || pki::is_nobodys(peer, trust.pkis())
        {
            return Some(None);
        }
        self.chain(peer).map(|known| Some((known, peer)))
    }

    fn suit_beside(&self, token: &Remembered, certificate: &Known<'_>) -> Result<(), Refusal> {
        self.snapshot.policy.suit_time(&certificate.facts, self.now, &mut Silent)?;
        let directory = &self.memory.directory;
        let tenant = |entry: &Remembered| directory.authority(entry.identity.authority)?.tenant;
        one_tenant(tenant(token), tenant(certificate.entry), &mut Silent)
    }

    fn chain(&self, peer: &Peer) -> Option<Known<'p>> {
        let cache = &self.memory.cache;
        let bytes = peer.bytes(self.snapshot.trust.takes_intermediates());
        let entry = cache.get(self.pin, cache.hash(bytes), bytes)?;
        let known = self.stands(entry)?;
        (entry.is_chain() && entry.is_steady(self.now.unix_s)).then_some(known)
    }

    /// Whether what proved it is still believed, and whether it still stands.
    #[inline(always)]
    fn stands(&self, entry: &'p Remembered) -> Option<Known<'p>> {
        let Snapshot { trust, sequence, .. } = self.snapshot;
        let standing = self.snapshot.standing(entry.identity.authority)?;
        let place = standing.place()?;
        if let Some(keys) = trust.keys_of(standing.method, place)
            && !keys.are_fresh(self.now)
        {
            return None;
        }
        let known = Known { entry, facts: entry.gist(standing.method, place) };
        let stood = entry.stood();
        // One that stood in a later snapshot than this thread's says nothing of this one.
        if stood > *sequence {
            return None;
        }
        if stood < standing.changed_at && !self.stands_again(&known, standing, place, stood) {
            return None;
        }
        Some(known)
    }

    /// Trust or policy moved since it stood: the lists are asked again. No signature, and nothing is read.
    #[cold]
    fn stands_again(
        &self,
        known: &Known<'_>,
        standing: &Standing,
        place: usize,
        stood: u64,
    ) -> bool {
        let Snapshot { trust, policy, .. } = self.snapshot;
        let Known { entry, facts } = known;
        let keys = trust.keys_of(standing.method, place);
        let key = self.memory.directory.key(entry.identity.key);
        let stands = stood >= standing.reread_at
            && entry.identity.names_key()
            && keys.zip(key).is_some_and(|(keys, key)| keys.set.holds(key.id))
            && policy.stand_lists(facts, trust, &mut Silent).is_ok();
        if stands {
            entry.stands_in(self.snapshot);
            self.stripe.add(Count::Rejudged);
        }
        stands
    }
}
