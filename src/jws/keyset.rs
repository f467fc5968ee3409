//! A set of keys that verify (RFC 7517 section 5): loaded once, immutable.

use std::collections::{HashMap, HashSet};

use super::header::Header;
use crate::crypto::{Algorithm, KeyId, VerifyingKey};
use crate::hash::OfIds;
use crate::reason::{Reason, Refusal};

/// The keys of one issuer.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Key>,
    by_kid: HashMap<Box<str>, Vec<usize>>,
    ids: HashSet<KeyId, OfIds>,
}

/// A key of a set.
#[derive(Debug)]
pub struct Key {
    pub(super) kid: Option<Box<str>>,
    /// One for each certificate that the set lists with this key.
    pub(super) x5t: Vec<Box<str>>,
    pub(super) x5t_s256: Vec<Box<str>>,
    pub(super) issuers: Vec<Box<str>>,
    pub(super) verifying: VerifyingKey,
}

impl KeySet {
    pub(super) fn new(keys: Vec<Key>) -> Self {
        let mut by_kid: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        for (at, key) in keys.iter().enumerate() {
            if let Some(kid) = &key.kid {
                by_kid.entry(kid.clone()).or_default().push(at);
            }
        }
        let ids = keys.iter().map(Key::id).collect();
        Self { keys, by_kid, ids }
    }

    /// Every key of the set.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Key> {
        self.keys.iter()
    }

    /// Whether a key with these numbers and this algorithm is still in the set, whatever its `kid`.
    pub(crate) fn holds(&self, id: KeyId) -> bool {
        self.ids.contains(&id)
    }

    /// Whether it has the same keys under the same names, in whatever order.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let has = |key: &Key| other.keys.iter().any(|theirs| theirs.is_same(key));
        self.keys.len() == other.keys.len() && self.keys.iter().all(has)
    }

    /// Whether every token that names its key and was proven under a key of `before` that is still here
    /// names that same key here: it is listed as it was, under all of its names, and nothing new shares
    /// one of them.
    pub(crate) fn continues(&self, before: &Self) -> bool {
        let is_in = |set: &Self, key: &Key| set.keys.iter().any(|other| other.is_same(key));
        let stays = || before.keys.iter().filter(|old| self.holds(old.id()));
        // A name that a key has left behind may be given again: nothing stands under the old one.
        let is_free = |new: &Key| !stays().any(|old| old.shares_a_name_with(new));
        stays().all(|old| is_in(self, old))
            && self.keys.iter().all(|key| is_in(before, key) || is_free(key))
    }

    /// The one key that the header names. Keys are never tried one after the other.
    pub(crate) fn select(&self, header: &Header<'_>) -> Result<&Key, Refusal> {
        let fits =
            |key: &&Key| agrees(header.x5t(), &key.x5t) && agrees(header.x5t_s256(), &key.x5t_s256);
        if let Some(kid) = header.kid() {
            let places = self.by_kid.get(kid).map_or(&[][..], Vec::as_slice);
            return one(places.iter().map(|at| &self.keys[*at]).filter(fits), header);
        }
        let by_thumbprint = |key: &&Key| {
            header.x5t().is_some_and(|x5t| holds(&key.x5t, x5t))
                || header.x5t_s256().is_some_and(|x5t| holds(&key.x5t_s256, x5t))
        };
        if header.x5t().is_some() || header.x5t_s256().is_some() {
            return one(self.keys.iter().filter(by_thumbprint).filter(fits), header);
        }
        // Nothing names the key: the only one for this algorithm, or none.
        one(self.keys.iter().filter(|key| key.algorithm() == header.algorithm()), header)
    }
}

impl Key {
    /// The algorithm: the only one this key verifies.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.verifying.algorithm()
    }

    /// `kid`.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// What a header names it by, quoted, for explanations: `kid`, else `x5t`.
    pub(super) fn label(&self) -> String {
        match (&self.kid, self.x5t.first()) {
            (Some(kid), _) => format!("{kid:?}"),
            (None, Some(x5t)) => format!("x5t {x5t:?}"),
            (None, None) => "without a name".into(),
        }
    }

    /// The issuers that the set binds this key to; none: to no issuer in particular. They may hold
    /// `{tenantid}` (Entra).
    pub fn issuers(&self) -> impl ExactSizeIterator<Item = &str> {
        self.issuers.iter().map(AsRef::as_ref)
    }

    /// Whether it may sign for this issuer, whose name stands as it is: it is bound to it, or to none.
    pub(crate) fn may_sign_for(&self, issuer: &str) -> bool {
        self.issuers.is_empty() || self.issuers.iter().any(|of_key| **of_key == *issuer)
    }

    /// `x5t`, one for each certificate that the set lists with this key.
    pub fn x5t(&self) -> impl ExactSizeIterator<Item = &str> {
        self.x5t.iter().map(AsRef::as_ref)
    }

    /// The fingerprint of numbers and algorithm.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.verifying.id()
    }

    fn is_same(&self, other: &Self) -> bool {
        self.id() == other.id()
            && self.kid == other.kid
            && self.x5t == other.x5t
            && self.x5t_s256 == other.x5t_s256
            && self.issuers == other.issuers
    }

    fn shares_a_name_with(&self, other: &Self) -> bool {
        let shares =
            |ours: &[Box<str>], theirs: &[Box<str>]| ours.iter().any(|name| theirs.contains(name));
        (self.kid.is_some() && self.kid == other.kid)
            || shares(&self.x5t, &other.x5t)
            || shares(&self.x5t_s256, &other.x5t_s256)
    }

    /// The same key, listed again: it may sign for the issuers that the entries name, under either
    /// certificate. An entry that names no issuer does not set the other one free.
    pub(super) fn also_for(&mut self, again: Self) {
        self.issuers.extend(again.issuers);
        self.x5t.extend(again.x5t);
        self.x5t_s256.extend(again.x5t_s256);
    }

    pub(crate) fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }
}

/// A hint that the key does not have says nothing; one that it has must be equal.
fn agrees(hint: Option<&str>, own: &[Box<str>]) -> bool {
    own.is_empty() || hint.is_none_or(|hint| holds(own, hint))
}

fn holds(own: &[Box<str>], hint: &str) -> bool {
    own.iter().any(|own| own.as_ref() == hint)
}

/// The only candidate for the header's algorithm.
fn one<'k>(
    candidates: impl Iterator<Item = &'k Key>,
    header: &Header<'_>,
) -> Result<&'k Key, Refusal> {
    let mut named = candidates.peekable();
    if named.peek().is_none() {
        return Err(Reason::KeyUnknown.into());
    }
    let mut fitting = named.filter(|key| key.algorithm() == header.algorithm());
    match (fitting.next(), fitting.next()) {
        (Some(key), None) => Ok(key),
        (None, _) => Err(Reason::AlgorithmMismatch.into()),
        _ => Err(Reason::KeyAmbiguous.into()),
    }
}
