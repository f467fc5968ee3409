//! Reading a JWK set: a broken key is skipped by its name, never the set.

use core::fmt;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::jwk::Jwk;
use super::keyset::{Key, KeySet};
use crate::crypto::{Algorithm, KeyId};
use crate::limits::{JWKS_BYTES, JWKS_KEYS, Limits};

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
        // Some editors put a byte order mark before UTF-8.
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        let document: Document<'_> =
            object(json).map_err(|why| KeySetError::NotAKeySet(looks_like(json, why)))?;
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
                warnings.iter().take(SHOWN).try_for_each(|warning| write!(f, "; {warning}"))?;
                match warnings.len().saturating_sub(SHOWN) {
                    0 => Ok(()),
                    more => write!(f, "; and {more} more"),
                }
            }
        }
    }
}

impl std::error::Error for KeySetError {}

/// Most keys that one line names.
const SHOWN: usize = 8;

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

fn read_key(json: &str, rules: &KeyRules<'_>) -> Result<Key, (Option<String>, String)> {
    // A key that cannot be read may still say its name.
    let name = || object::<Named>(json.as_bytes()).ok().and_then(|named| named.kid);
    let jwk: Jwk = object(json.as_bytes()).map_err(|why| (name(), why))?;
    match jwk.verifying_key(rules) {
        Ok(verifying) => Ok(Key {
            kid: jwk.kid.as_deref().map(Into::into),
            x5t: jwk.x5t.as_deref().into_iter().map(Into::into).collect(),
            x5t_s256: jwk.x5t_s256.as_deref().into_iter().map(Into::into).collect(),
            issuers: jwk.issuer.as_deref().into_iter().map(Into::into).collect(),
            verifying,
        }),
        Err(why) => Err((jwk.kid.clone(), why)),
    }
}

/// A key that stands alone, with its RFC 7638 thumbprint.
pub(super) fn own_key(json: &str, rules: &KeyRules<'_>) -> Option<(Key, [u8; 32])> {
    let key = read_key(json, rules).ok()?;
    let thumbprint = object::<Jwk>(json.as_bytes()).ok()?.thumbprint(rules)?;
    Some((key, thumbprint))
}

/// Only the name of a key whose other members may be anything.
#[derive(Deserialize)]
struct Named {
    kid: Option<String>,
}

/// Reads an object. Serde alone would take a list of the members' values for it.
fn object<'j, T: Deserialize<'j>>(json: &'j [u8]) -> Result<T, String> {
    if json.trim_ascii_start().first() != Some(&b'{') {
        return Err("it is not a JSON object".into());
    }
    serde_json::from_slice(json).map_err(|error| error.to_string())
}

/// The same numbers twice are one key, for every issuer that either entry names. Two keys under one
/// name and algorithm are a trap (the header could mean either), so both go. One `kid` for two
/// algorithms is common (Keycloak #15114).
pub(super) fn without_ambiguous(keys: Vec<Key>, warnings: &mut Vec<KeyWarning>) -> Vec<Key> {
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

fn looks_like(json: &[u8], why: String) -> String {
    match json.trim_ascii_start() {
        [] => "it is empty".into(),
        [b'<', ..] => "it looks like an HTML or XML page, as a proxy or login page gives".into(),
        [b'-', ..] => "it looks like PEM; key sets are JSON".into(),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16 text; save it as UTF-8".into(),
        _ => why,
    }
}
