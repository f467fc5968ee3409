//! A set of keys that verify (RFC 7517 section 5): loaded once, immutable.

use core::fmt;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::header::Header;
use super::jwk::Jwk;
use crate::crypto::{Algorithm, KeyId, VerifyingKey};
use crate::limits::{JWKS_BYTES, JWKS_KEYS, Limits};
use crate::reason::{Reason, Refusal};

/// What a key must be to be taken.
#[derive(Clone, Copy)]
pub struct KeyRules<'a> {
    /// The algorithms that the issuer may use. A key without `alg` gets the one for its type.
    pub algorithms: &'a [Algorithm],
    /// Whether secrets (`oct`) are taken. Never for a set that was fetched.
    pub secrets: bool,
    /// The Entra cloud whose keys these are, where a key names one (`cloud_instance_name`).
    pub cloud_instance: Option<&'a str>,
    /// Bounds on RSA keys.
    pub limits: &'a Limits,
}

/// The keys of one issuer.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Key>,
    by_kid: HashMap<Box<str>, Vec<usize>>,
}

/// A key of a set.
#[derive(Debug)]
pub struct Key {
    kid: Option<Box<str>>,
    x5t: Option<Box<str>>,
    x5t_s256: Option<Box<str>>,
    issuers: Vec<Box<str>>,
    verifying: VerifyingKey,
}

/// A key that was skipped, and why. The rest of the set stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyWarning {
    /// `kid` of the key, or its place in the set.
    pub key: String,
    /// A clause that completes "skipped: ...".
    pub why: String,
}

/// Why there is no set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySetError {
    /// Larger than [`JWKS_BYTES`].
    TooLarge(usize),
    /// More than [`JWKS_KEYS`] keys.
    TooMany(usize),
    /// Not a JSON object with a list `keys`; says what it looks like.
    NotAKeySet(String),
    /// Every key was skipped. An empty set never replaces a good one.
    NoUsableKey(Vec<KeyWarning>),
}

impl KeySet {
    /// Reads a JWK set. A broken key is skipped with a warning, never the set; of two different keys
    /// with the same `kid` and algorithm neither is taken.
    ///
    /// # Errors
    /// When it is not a key set, is too large, or holds no usable key.
    pub fn from_json(
        json: &[u8],
        rules: &KeyRules<'_>,
    ) -> Result<(Self, Vec<KeyWarning>), KeySetError> {
        if json.len() > JWKS_BYTES {
            return Err(KeySetError::TooLarge(json.len()));
        }
        let document: Document<'_> = serde_json::from_slice(json)
            .map_err(|error| KeySetError::NotAKeySet(looks_like(json, &error)))?;
        if document.keys.len() > JWKS_KEYS {
            return Err(KeySetError::TooMany(document.keys.len()));
        }
        let mut warnings = Vec::new();
        let mut keys = Vec::new();
        for (place, raw) in document.keys.iter().enumerate() {
            match read_key(raw.get(), rules) {
                Ok(key) => keys.push(key),
                Err((kid, why)) => {
                    let key =
                        kid.map_or_else(|| format!("#{}", place + 1), |kid| format!("{kid:?}"));
                    warnings.push(KeyWarning { key, why });
                }
            }
        }
        let keys = without_ambiguous(keys, &mut warnings);
        if keys.is_empty() {
            return Err(KeySetError::NoUsableKey(warnings));
        }
        Ok((Self::new(keys), warnings))
    }

    fn new(keys: Vec<Key>) -> Self {
        let mut by_kid: HashMap<Box<str>, Vec<usize>> = HashMap::new();
        for (at, key) in keys.iter().enumerate() {
            if let Some(kid) = &key.kid {
                by_kid.entry(kid.clone()).or_default().push(at);
            }
        }
        Self { keys, by_kid }
    }

    /// Every key of the set.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Key> {
        self.keys.iter()
    }

    /// Whether a key with these numbers and this algorithm is still in the set, whatever its `kid`.
    pub(crate) fn holds(&self, id: KeyId) -> bool {
        self.keys.iter().any(|key| key.verifying.id() == id)
    }

    /// The one key that the header names. Keys are never tried one after the other.
    pub(crate) fn select(&self, header: &Header<'_>) -> Result<&Key, Refusal> {
        let fits = |key: &&Key| {
            agrees(header.x5t(), key.x5t.as_deref())
                && agrees(header.x5t_s256(), key.x5t_s256.as_deref())
        };
        if let Some(kid) = header.kid() {
            let places = self.by_kid.get(kid).map_or(&[][..], Vec::as_slice);
            return one(places.iter().map(|at| &self.keys[*at]).filter(fits), header);
        }
        let by_thumbprint = |key: &&Key| {
            header.x5t().is_some_and(|x5t| key.x5t.as_deref() == Some(x5t))
                || header.x5t_s256().is_some_and(|x5t| key.x5t_s256.as_deref() == Some(x5t))
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

    /// The issuers that the set binds this key to; none: to no issuer in particular. They may hold
    /// `{tenantid}` (Entra).
    pub fn issuers(&self) -> impl ExactSizeIterator<Item = &str> {
        self.issuers.iter().map(AsRef::as_ref)
    }

    /// The fingerprint of numbers and algorithm.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.verifying.id()
    }

    /// The same key, listed again: it may sign for the issuers of both entries.
    fn also_for(&mut self, again: Self) {
        if self.issuers.is_empty() || again.issuers.is_empty() {
            self.issuers.clear();
        } else {
            self.issuers.extend(again.issuers);
        }
    }

    pub(crate) fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }
}

impl fmt::Display for KeyWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {} skipped: {}", self.key, self.why)
    }
}

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(got) => {
                write!(f, "the key set has {got} bytes; at most {JWKS_BYTES} are read")
            }
            Self::TooMany(got) => {
                write!(f, "the key set has {got} keys; at most {JWKS_KEYS} are read")
            }
            Self::NotAKeySet(why) => {
                write!(f, "this is not a JWK set ({{\"keys\": [...]}}): {why}")
            }
            Self::NoUsableKey(warnings) => {
                f.write_str("the key set holds no usable key")?;
                warnings.iter().try_for_each(|warning| write!(f, "; {warning}"))
            }
        }
    }
}

impl std::error::Error for KeySetError {}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

fn read_key(json: &str, rules: &KeyRules<'_>) -> Result<Key, (Option<String>, String)> {
    let jwk: Jwk<'_> = serde_json::from_str(json).map_err(|error| (None, plain(&error)))?;
    match jwk.verifying_key(rules) {
        Ok(verifying) => Ok(Key {
            kid: jwk.kid.map(Into::into),
            x5t: jwk.x5t.map(Into::into),
            x5t_s256: jwk.x5t_s256.map(Into::into),
            issuers: jwk.issuer.into_iter().map(Into::into).collect(),
            verifying,
        }),
        Err(why) => Err((jwk.kid.map(Into::into), why)),
    }
}

/// The same numbers twice are one key, for every issuer that either entry names. Two keys under one
/// name and algorithm are a trap (the header could mean either), so both go. One `kid` for two
/// algorithms is common (Keycloak #15114).
fn without_ambiguous(keys: Vec<Key>, warnings: &mut Vec<KeyWarning>) -> Vec<Key> {
    let mut names: HashMap<(&str, Algorithm), HashSet<KeyId>> = HashMap::new();
    for key in &keys {
        if let Some(kid) = key.kid() {
            names.entry((kid, key.algorithm())).or_default().insert(key.id());
        }
    }
    let mut ambiguous: Vec<(String, Algorithm)> = names
        .iter()
        .filter(|(_, ids)| ids.len() > 1)
        .map(|((kid, algorithm), _)| ((*kid).to_owned(), *algorithm))
        .collect();
    ambiguous.sort_by(|a, b| a.0.cmp(&b.0));
    let mut taken: Vec<Key> = Vec::new();
    let mut places: HashMap<_, usize> = HashMap::new();
    for key in keys {
        let name = key.kid().map(|kid| (kid.to_owned(), key.algorithm()));
        if name.as_ref().is_some_and(|name| ambiguous.contains(name)) {
            continue;
        }
        match places.entry((name, key.id())) {
            Entry::Occupied(place) => taken[*place.get()].also_for(key),
            Entry::Vacant(place) => {
                place.insert(taken.len());
                taken.push(key);
            }
        }
    }
    warnings.extend(ambiguous.into_iter().map(|(kid, algorithm)| KeyWarning {
        key: format!("{kid:?}"),
        why: format!("two different keys have this kid for {algorithm}; neither is used"),
    }));
    taken
}

/// A hint that the key does not have says nothing; one that it has must be equal.
fn agrees(hint: Option<&str>, own: Option<&str>) -> bool {
    !matches!((hint, own), (Some(hint), Some(own)) if hint != own)
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

fn looks_like(json: &[u8], error: &serde_json::Error) -> String {
    let start = json.iter().position(|byte| !byte.is_ascii_whitespace());
    match start.map(|at| json[at]) {
        None => "it is empty".into(),
        Some(b'<') => "it looks like an HTML or XML page, as a proxy or login page gives".into(),
        Some(b'-') => "it looks like PEM; key sets are JSON".into(),
        Some(_) => plain(error),
    }
}

fn plain(error: &serde_json::Error) -> String {
    error.to_string()
}
