//! The site's keys: which sign, which are believed, and which of them this process holds.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tollgate::jws::{KeyRules, KeySet};
use tollgate::{Algorithm, Limits, SigningKey};

use crate::error::SiteError;
use crate::files::is_there;
use crate::keyfile;
use crate::registry::KeyRow;

/// What a key is for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Gates know it, and it does not sign yet.
    Pending,
    /// It signs, and what it signed is believed.
    Active,
    /// It no longer signs; what it signed is believed.
    Retiring,
    /// Nothing that it signed is believed.
    Withdrawn,
}

impl KeyState {
    /// The name, as commands write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A key of the site, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// RFC 7638 thumbprint of the public key, base64url.
    pub kid: String,
    /// The one algorithm that it signs by.
    pub algorithm: Algorithm,
    /// When it was made, in seconds since 1970.
    pub created_s: i64,
    /// From when on it signs.
    pub active_from_s: i64,
    /// What it is for.
    pub state: KeyState,
    /// Whether this folder has its private half.
    pub is_here: bool,
}

/// The keys as they stood when they were read.
pub(crate) struct Keyring {
    rows: Vec<(KeyRow, Algorithm)>,
    signers: HashMap<String, Arc<Signer>>,
    verifying: Option<KeySet>,
    /// The withdrawn ones too: a checkpoint that was made before a key was stolen still binds.
    ever: Option<KeySet>,
    /// Which writing of the keys this was read from.
    pub(crate) version: String,
}

/// A private key with its name.
pub(crate) struct Signer {
    pub(crate) kid: String,
    pub(crate) key: SigningKey,
}

impl Keyring {
    /// Reads the private half of each key that is believed, where it is here.
    pub(crate) fn read(keys: &Path, rows: Vec<KeyRow>, version: String) -> Result<Self, SiteError> {
        let unfit = |why: String| SiteError::Unfit { path: keys.into(), why };
        let mut named = Vec::with_capacity(rows.len());
        for row in rows {
            let algorithm = Algorithm::from_name(&row.alg);
            let algorithm = algorithm.filter(|algorithm| crate::ALGORITHMS.contains(algorithm));
            let algorithm = algorithm.ok_or_else(|| {
                unfit(format!("key {} is for {:?}, which no site signs by", row.kid, row.alg))
            })?;
            if !keyfile::is_kid(&row.kid) {
                return Err(unfit(format!("{:?} is no RFC 7638 thumbprint", row.kid)));
            }
            named.push((row, algorithm));
        }
        let mut signers = HashMap::new();
        for (row, algorithm) in named.iter().filter(|(row, _)| row.withdrawn_s.is_none()) {
            if is_there(&keyfile::path(keys, &row.kid))? {
                let key = keyfile::read(keys, &row.kid, *algorithm)?;
                signers.insert(row.kid.clone(), Arc::new(Signer { kid: row.kid.clone(), key }));
            }
        }
        let believed = |(row, _): &&(KeyRow, Algorithm)| row.withdrawn_s.is_none();
        let verifying = key_set(named.iter().filter(believed)).map_err(unfit)?;
        let ever = key_set(named.iter()).map_err(unfit)?;
        Ok(Self { rows: named, signers, verifying, ever, version })
    }

    /// The place of the key that signs: of those whose time has come, the latest.
    fn active(&self, now_s: i64) -> Option<usize> {
        let due = |(row, _): &&(KeyRow, Algorithm)| {
            row.withdrawn_s.is_none() && row.active_from_s <= now_s
        };
        let active = self.rows.iter().filter(due).max_by_key(|(row, _)| row.active_from_s)?;
        self.rows.iter().position(|(row, _)| row.kid == active.0.kid)
    }

    /// The key that signs now, if its private half is here.
    pub(crate) fn signer(&self, now_s: i64) -> Option<Arc<Signer>> {
        let (row, _) = &self.rows[self.active(now_s)?];
        self.signers.get(&row.kid).cloned()
    }

    /// What the site's own tokens are verified by: every key that is not withdrawn.
    pub(crate) fn verifying(&self) -> Option<&KeySet> {
        self.verifying.as_ref()
    }

    /// What checkpoints of the audit are verified by: every key that there ever was.
    pub(crate) fn audit_keys(&self) -> Option<&KeySet> {
        self.ever.as_ref()
    }

    pub(crate) fn listed(&self, now_s: i64) -> Vec<ListedKey> {
        let active = self.active(now_s);
        let state = |at: usize, row: &KeyRow| match row.withdrawn_s {
            Some(_) => KeyState::Withdrawn,
            None if Some(at) == active => KeyState::Active,
            None if row.active_from_s > now_s => KeyState::Pending,
            None => KeyState::Retiring,
        };
        let listed = |(at, (row, algorithm)): (usize, &(KeyRow, Algorithm))| ListedKey {
            kid: row.kid.clone(),
            algorithm: *algorithm,
            created_s: row.created_s,
            active_from_s: row.active_from_s,
            state: state(at, row),
            is_here: self.signers.contains_key(&row.kid),
        };
        self.rows.iter().enumerate().map(listed).collect()
    }

    /// The JWK set for gates: every key that is not withdrawn.
    pub(crate) fn public_document(&self) -> String {
        let rows = self.rows.iter().map(|(row, _)| row);
        document(rows.filter(|row| row.withdrawn_s.is_none()))
    }
}

/// A JWK set of these keys.
pub(crate) fn document<'r>(rows: impl Iterator<Item = &'r KeyRow>) -> String {
    let keys: Vec<Value> = rows.filter_map(|row| serde_json::from_str(&row.jwk).ok()).collect();
    format!("{:#}\n", json!({ "keys": keys }))
}

fn key_set<'r>(
    rows: impl Iterator<Item = &'r (KeyRow, Algorithm)>,
) -> Result<Option<KeySet>, String> {
    let mut rows = rows.map(|(row, _)| row).peekable();
    if rows.peek().is_none() {
        return Ok(None);
    }
    let limits = Limits::default();
    let rules = KeyRules {
        algorithms: &crate::ALGORITHMS,
        secrets: false,
        cloud_instance: None,
        limits: &limits,
    };
    let (set, warnings) = KeySet::from_json(document(rows).as_bytes(), &rules)
        .map_err(|why| format!("its keys: {why}"))?;
    match warnings.first() {
        None => Ok(Some(set)),
        Some(warning) => Err(format!("its keys: {warning}")),
    }
}
