//! `site.json`: who the site is and which keys it has. It names every key file that is read.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tollgate::{Algorithm, Guid};

use crate::error::SiteError;
use crate::files::{FILE_BYTES, Readers, read_private, write_new};
use crate::keyfile::is_kid;

/// The only version so far. A later one may mean something else by the same words.
const FORMAT: u32 = 1;

/// What a key is for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It signs, and what it signed is believed.
    Active,
}

impl KeyState {
    /// The name, as files and commands write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        (name == "active").then_some(Self::Active)
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
    /// What it is for.
    pub state: KeyState,
}

/// What `site.json` says.
pub(crate) struct Record {
    pub(crate) id: Guid,
    pub(crate) created_s: i64,
    /// Only one: rotation comes later.
    pub(crate) key: ListedKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    id: String,
    created: i64,
    keys: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kid: String,
    alg: String,
    created: i64,
    state: String,
}

/// Read first, whatever else is there: a newer file is called newer, and not broken.
#[derive(Deserialize)]
struct Versioned {
    format: u32,
}

impl Record {
    pub(crate) fn write(&self, path: &Path) -> Result<(), SiteError> {
        let document = Document {
            format: FORMAT,
            id: self.id.to_string(),
            created: self.created_s,
            keys: vec![Entry {
                kid: self.key.kid.clone(),
                alg: self.key.algorithm.name().into(),
                created: self.key.created_s,
                state: self.key.state.name().into(),
            }],
        };
        let unfit = |why: String| SiteError::Unfit { path: path.into(), why };
        let json = serde_json::to_string_pretty(&document);
        let json = json.map_err(|error| unfit(format!("cannot be put into JSON: {error}")))?;
        debug_assert!(json.len() < FILE_BYTES);
        write_new(path, format!("{json}\n").as_bytes(), Readers::Owner)
    }

    /// # Errors
    /// For every member that is missing, unknown, twice or cannot be meant.
    pub(crate) fn read(path: &Path) -> Result<Self, SiteError> {
        let json = read_private(path)?;
        parse(&json).map_err(|why| SiteError::Unfit { path: path.into(), why })
    }
}

fn parse(json: &[u8]) -> Result<Record, String> {
    // Serde alone would take a list of the members' values for an object.
    if json.trim_ascii_start().first() != Some(&b'{') {
        return Err("is not a JSON object".into());
    }
    let Versioned { format } = serde_json::from_slice(json).map_err(|why| why.to_string())?;
    if format != FORMAT {
        return Err(format!("is of format {format}; this version reads {FORMAT}"));
    }
    let document: Document = serde_json::from_slice(json).map_err(|why| why.to_string())?;
    let id = Guid::parse(&document.id).ok_or("its `id` is not a GUID")?;
    let Ok([entry]) = <[Entry; 1]>::try_from(document.keys) else {
        return Err("its `keys` are not exactly one, all that this version knows".into());
    };
    if !is_kid(&entry.kid) {
        return Err("its key's `kid` is not an RFC 7638 thumbprint".into());
    }
    let algorithm = Algorithm::from_name(&entry.alg);
    let algorithm = algorithm.filter(|algorithm| crate::ALGORITHMS.contains(algorithm));
    let key = ListedKey {
        kid: entry.kid,
        algorithm: algorithm.ok_or("its key's `alg` is not one that sites sign by")?,
        created_s: entry.created,
        state: KeyState::from_name(&entry.state).ok_or("its key's `state` is not \"active\"")?,
    };
    Ok(Record { id, created_s: document.created, key })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"format":1,"id":"CDCC5E91-0adf-4a24-82d0-196667f1c081","created":7,
        "keys":[{"kid":"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs","alg":"ES256","created":8,
        "state":"active"}]}"#;

    #[test]
    fn every_member_is_read() {
        let record = parse(GOOD.as_bytes()).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(record.id.to_string(), "cdcc5e91-0adf-4a24-82d0-196667f1c081");
        assert_eq!((record.created_s, record.key.created_s), (7, 8));
        assert_eq!(record.key.algorithm, Algorithm::Es256);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (from, to, expected) in [
            ("{\"format\"", "[\"format\"", "is not a JSON object"),
            ("\"format\":1", "\"format\":2", "is of format 2; this version reads 1"),
            ("\"format\":1,", "", "missing field `format`"),
            ("\"created\":7", "\"created\":7,\"note\":1", "unknown field `note`"),
            ("\"created\":7", "\"created\":7,\"created\":7", "duplicate field `created`"),
            ("\"created\":7", "\"created\":\"7\"", "invalid type: string"),
            ("\"created\":8", "\"created\":8,\"use\":\"sig\"", "unknown field `use`"),
            ("CDCC5E91-", "CDCC5E91", "its `id` is not a GUID"),
            ("NzbLsXh8uDCcd", "../../../../x", "its key's `kid` is not an RFC 7638 thumbprint"),
            ("C9Xs", "C9X", "its key's `kid` is not an RFC 7638 thumbprint"),
            ("ES256", "HS256", "its key's `alg` is not one that sites sign by"),
            ("ES256", "none", "its key's `alg` is not one that sites sign by"),
            ("active", "retired", "its key's `state` is not \"active\""),
            (
                "]}",
                ",{\"kid\":\"\",\"alg\":\"\",\"created\":1,\"state\":\"\"}]}",
                "not exactly one",
            ),
            ("]}", "]} x", "trailing characters"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let found = parse(GOOD.replacen(from, to, 1).as_bytes());
            let why = found.err().unwrap_or_else(|| panic!("{to}: taken"));
            assert!(why.contains(expected), "{to}: {why}");
        }
        assert!(parse(GOOD.split_at(40).0.as_bytes()).is_err(), "half of it");
    }
}
