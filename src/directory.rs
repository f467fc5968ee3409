//! Numbers that outlive a snapshot: who vouches, which keys, which claims are forwarded.
//!
//! A remembered credential must name its issuer though issuers come, go and change places, and an
//! admission must name it without holding a snapshot. So each gate numbers what it has ever known, and
//! forgets nothing: what is added is what an administrator configures or an issuer publishes (and of
//! keys, no more than [`MOST_KEYS`]), a few hundred bytes each, never anything that a client sends.

use core::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

use crate::crypto::KeyId;
use crate::guid::Guid;
use crate::hash::OfIds;
use crate::identity::NO_KEY;
use crate::method::Method;
use crate::pki::PrincipalName;

/// What a gate has known. Read without a lock; added to by whoever swaps a snapshot.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    authorities: boxcar::Vec<Authority>,
    keys: boxcar::Vec<KeyRecord>,
    forwards: boxcar::Vec<Box<[Box<str>]>>,
}

/// Who vouches, as principals name it. One that differs in anything is another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Authority {
    pub(crate) method: Method,
    /// The part of the id.
    pub(crate) name: Cow<'static, str>,
    /// The full name.
    pub(crate) authority: Cow<'static, str>,
    /// The tenant of an Entra issuer, or whose devices a PKI serves.
    pub(crate) tenant: Option<Guid>,
    pub(crate) naming: Naming,
}

impl Authority {
    /// What a number stands for that nobody gave out.
    pub(crate) const NOBODY: Self = Self {
        method: Method::Oidc,
        name: Cow::Borrowed(""),
        authority: Cow::Borrowed(""),
        tenant: None,
        naming: Naming::Device,
    };
}

/// Where the subject of a credential stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Naming {
    /// In this claim.
    Claim(Box<str>),
    /// It is the device's GUID.
    Device,
    /// In the certificate.
    Certificate(PrincipalName),
}

/// A key that verifies, and how long ago it did.
#[derive(Debug)]
pub(crate) struct KeyRecord {
    pub(crate) id: KeyId,
    /// Signature checks under it.
    pub(crate) checks: AtomicU64,
    /// Unix second of the last use off the common way, at most [`USE_STEP_S`] old; 0 for never.
    pub(crate) last_used_s: AtomicI64,
}

/// How coarse that time is: it is shared, so it is written once in so many seconds.
const USE_STEP_S: i64 = 60;

impl KeyRecord {
    /// Notes a use; a write only where the last one is a minute old.
    #[inline]
    pub(crate) fn touch(&self, now_s: i64) {
        if now_s.saturating_sub(self.last_used_s.load(Relaxed)) >= USE_STEP_S {
            self.last_used_s.store(now_s, Relaxed);
        }
    }
}

impl Directory {
    #[inline]
    pub(crate) fn authority(&self, number: u32) -> Option<&Authority> {
        self.authorities.get(number as usize)
    }

    #[inline]
    pub(crate) fn key(&self, number: u32) -> Option<&KeyRecord> {
        self.keys.get(number as usize)
    }

    /// The names of the claims that an endpoint forwards.
    pub(crate) fn forward(&self, number: u32) -> &[Box<str>] {
        self.forwards.get(number as usize).map_or(&[], |names| names)
    }

    pub(crate) fn authority_count(&self) -> usize {
        self.authorities.count()
    }

    pub(crate) fn key_count(&self) -> usize {
        self.keys.count()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = (usize, &KeyRecord)> {
        self.keys.iter()
    }
}

/// Most keys that a gate numbers in its life: issuers publish them. 100 tenants with five each that roll
/// weekly take 25 years.
const MOST_KEYS: usize = 1 << 16;

/// Numbers by key.
pub(crate) type KeyNumbers = HashMap<KeyId, u32, OfIds>;

/// The numbers given out so far, for the one who swaps snapshots.
#[derive(Debug, Default)]
pub(crate) struct Numbers {
    authorities: HashMap<Authority, u32>,
    keys: KeyNumbers,
    forwards: HashMap<Box<[Box<str>]>, u32>,
}

impl Numbers {
    pub(crate) fn authority(&mut self, directory: &Directory, authority: Authority) -> u32 {
        number(&mut self.authorities, &directory.authorities, authority, Clone::clone)
    }

    /// [`NO_KEY`] once there are too many: tokens under it are proven anew on every check.
    pub(crate) fn key(&mut self, directory: &Directory, id: KeyId) -> u32 {
        if self.keys.len() >= MOST_KEYS && !self.keys.contains_key(&id) {
            return NO_KEY;
        }
        number(&mut self.keys, &directory.keys, id, |id| KeyRecord {
            id: *id,
            checks: AtomicU64::new(0),
            last_used_s: AtomicI64::new(0),
        })
    }

    pub(crate) fn forward(&mut self, directory: &Directory, names: Box<[Box<str>]>) -> u32 {
        number(&mut self.forwards, &directory.forwards, names, Clone::clone)
    }
}

fn number<K: Eq + Hash, S: BuildHasher, T>(
    given: &mut HashMap<K, u32, S>,
    all: &boxcar::Vec<T>,
    key: K,
    record: impl FnOnce(&K) -> T,
) -> u32 {
    let next = || u32::try_from(all.push(record(&key))).unwrap_or(u32::MAX);
    match given.get(&key) {
        Some(number) => *number,
        None => {
            let number = next();
            given.insert(key, number);
            number
        }
    }
}
