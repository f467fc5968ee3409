//! What a gate remembers between two checks, and what is kept of one proven credential.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tollgate_table::{Value, allocated};

use crate::cache::Cache;
use crate::cache::budget::Buckets;
use crate::cache::flight::Flights;
use crate::cache::wrong::Wrong;
use crate::cert::Path;
use crate::counters::Stripes;
use crate::credential::Source;
use crate::crypto::Keyed;
use crate::directory::Directory;
use crate::facts::{Facts, Gist, Proof, Terms, Told};
use crate::identity::{Identity, NO_KEY};
use crate::method::Method;
use crate::peer::Peer;
use crate::policy::Policy;
use crate::replay::Replay;
use crate::snapshot::Snapshot;

/// Everything of a gate but its snapshot.
pub(super) struct Memory {
    pub(super) directory: Directory,
    pub(super) cache: Cache<Remembered>,
    pub(super) flights: Flights<Found>,
    pub(super) wrong: Wrong,
    pub(super) sources: Buckets<Source>,
    pub(super) issuers: Buckets<u32>,
    pub(super) replay: Replay,
    pub(super) keyed: Keyed,
    pub(super) counters: Stripes,
}

impl Memory {
    /// Where a peer's chain would stand.
    pub(super) fn hash_of(&self, peer: &Peer, snapshot: &Snapshot) -> u64 {
        self.cache.hash(peer.bytes(snapshot.trust.takes_intermediates()))
    }
}

/// What another thread found out about some bytes.
#[derive(Clone)]
pub(super) struct Found {
    /// The keyed hash of all of them.
    pub(super) print: [u8; 16],
    pub(super) proof: Proof,
}

impl Memory {
    /// `None` when there is no memory for so large a cache, or no random numbers.
    pub(super) fn new(cache_bytes: usize) -> Option<Self> {
        Some(Self {
            directory: Directory::default(),
            cache: Cache::new(cache_bytes)?,
            flights: Flights::new(),
            wrong: Wrong::default(),
            sources: Buckets::new(),
            issuers: Buckets::new(),
            replay: Replay::new(),
            keyed: Keyed::new()?,
            counters: Stripes::new(),
        })
    }
}

/// A proven credential as it is remembered: 88 bytes beside its own, and 240 more where it is bound to a
/// key, grants what an endpoint asks for, or has a path. No text is kept; that stays in the bytes, which
/// are presented again.
pub(super) struct Remembered {
    pub(super) identity: Identity,
    /// The sequence of the snapshot in which it stood last, and below it what it was told then: in one word,
    /// so that they belong together.
    stood: AtomicU64,
    /// What few have.
    more: Option<Box<More>>,
}

#[derive(Debug, Default)]
struct More {
    terms: Terms,
    path: Option<Proven>,
}

/// A path, and when the search for it finds it: none of the certificates that it may look at begins or
/// ends from the first second on and before the second.
#[derive(Debug)]
struct Proven {
    path: Path,
    steady: (i64, i64),
}

impl Remembered {
    /// `None` for what must not be kept: a token that passes once.
    ///
    /// `steady` are the seconds in which a path is found again.
    pub(super) fn of(facts: &Facts<'_>, snapshot: &Snapshot, steady: (i64, i64)) -> Option<Self> {
        if facts.token_id.is_some() {
            return None;
        }
        let identity = identity(facts, snapshot);
        let path = match facts.proof() {
            Proof::Path(path) => Some(Proven { path: path.clone(), steady }),
            Proof::Signature(_) if identity.key == NO_KEY => return None,
            Proof::Signature(_) => None,
        };
        let has_more = path.is_some() || facts.terms != Terms::default();
        let more = has_more.then(|| Box::new(More { terms: facts.terms.clone(), path }));
        let told = snapshot.policy.informed(facts.gist(), &snapshot.trust).told;
        Some(Self { identity, stood: AtomicU64::new(stood_word(snapshot, told)), more })
    }

    #[inline]
    pub(super) fn gist(&self, method: Method, issuer: usize, told: Told) -> Gist<'_> {
        let terms = self.more.as_deref().map(|more| &more.terms);
        Gist { method, issuer, identity: &self.identity, terms, told }
    }

    /// Whether it is bound to a key.
    #[inline]
    pub(super) fn is_bound(&self) -> bool {
        self.more.as_deref().is_some_and(|more| more.terms.confirmation.is_some())
    }

    #[inline]
    pub(super) fn is_chain(&self) -> bool {
        self.identity.key == NO_KEY
    }

    /// Whether the search finds its path at this second, too.
    pub(super) fn is_steady(&self, now_s: i64) -> bool {
        let proven = self.more.as_deref().and_then(|more| more.path.as_ref());
        proven.is_some_and(|proven| (proven.steady.0..proven.steady.1).contains(&now_s))
    }

    /// The path that proved it, if it is a chain.
    pub(super) fn path(&self) -> Option<&Path> {
        self.more.as_deref()?.path.as_ref().map(|proven| &proven.path)
    }

    /// What proved it, for whoever judges the same bytes again.
    pub(super) fn proof(&self, directory: &Directory) -> Option<Proof> {
        match self.more.as_deref().and_then(|more| more.path.as_ref()) {
            Some(proven) => Some(Proof::Path(proven.path.clone())),
            None => Some(Proof::Signature(directory.key(self.identity.key)?.id)),
        }
    }

    /// In which snapshot it stood last, and what it was told.
    #[inline]
    pub(super) fn stood(&self) -> (u64, Told) {
        let word = self.stood.load(Relaxed);
        (word >> Told::BITS, Told::from_lowest(word))
    }

    /// It stands in this snapshot. An older thread may put an older number back: that only makes the next
    /// one look again.
    pub(super) fn stands_in(&self, snapshot: &Snapshot, told: Told) {
        self.stood.store(stood_word(snapshot, told), Relaxed);
    }
}

fn stood_word(snapshot: &Snapshot, told: Told) -> u64 {
    snapshot.sequence << Told::BITS | told.bits()
}

impl Value for Remembered {
    /// In Unix seconds: when no skew could save it.
    fn deadline(&self) -> u64 {
        let last = self.identity.ends().saturating_add(Policy::SKEW_MOST_S + 1);
        u64::try_from(last).unwrap_or(0)
    }

    fn owned(&self) -> usize {
        let Some(more) = &self.more else { return 0 };
        let path = more
            .path
            .as_ref()
            .map_or(0, |proven| allocated(size_of_val(proven.path.intermediates())));
        allocated(size_of::<More>()).saturating_add(path)
    }
}

/// The identity of facts, with the gate's numbers.
pub(super) fn identity(facts: &Facts<'_>, snapshot: &Snapshot) -> Identity {
    let key = match facts.proof() {
        Proof::Signature(id) => snapshot.key(*id).unwrap_or(NO_KEY),
        Proof::Path(_) => NO_KEY,
    };
    let authority = snapshot.authority_at(facts.method, facts.issuer);
    facts.identity().numbered(authority, key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// docs/performance.md reckons with it.
    #[test]
    fn it_is_small() {
        assert_eq!(size_of::<Remembered>(), 88);
        assert!(allocated(size_of::<More>()) <= 240, "{}", size_of::<More>());
    }
}
