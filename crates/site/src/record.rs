//! `site.json`: who the site is. It names every file that is read; the keys are in the registry.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tollgate::Guid;

use crate::error::SiteError;
use crate::files::{FILE_BYTES, Readers, read_private, write_new};

/// Format 1 named the only key; since there is a registry, the keys are in there.
const FORMAT: u32 = 2;

/// What `site.json` says.
pub(crate) struct Record {
    pub(crate) id: Guid,
    pub(crate) created_s: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    id: String,
    created: i64,
}

/// Read first, whatever else is there: a newer file is called newer, and not broken.
#[derive(Deserialize)]
struct Versioned {
    format: u32,
}

impl Record {
    pub(crate) fn write(&self, path: &Path) -> Result<(), SiteError> {
        let document =
            Document { format: FORMAT, id: self.id.to_string(), created: self.created_s };
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
    Ok(Record { id, created_s: document.created })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"format":2,"id":"CDCC5E91-0adf-4a24-82d0-196667f1c081","created":7}"#;

    #[test]
    fn every_member_is_read() {
        let record = parse(GOOD.as_bytes()).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(record.id.to_string(), "cdcc5e91-0adf-4a24-82d0-196667f1c081");
        assert_eq!(record.created_s, 7);
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (from, to, expected) in [
            ("{\"format\"", "[\"format\"", "is not a JSON object"),
            ("\"format\":2", "\"format\":1", "is of format 1; this version reads 2"),
            ("\"format\":2,", "", "missing field `format`"),
            ("\"created\":7", "\"created\":7,\"note\":1", "unknown field `note`"),
            ("\"created\":7", "\"created\":7,\"created\":7", "duplicate field `created`"),
            ("\"created\":7", "\"created\":\"7\"", "invalid type: string"),
            ("CDCC5E91-", "CDCC5E91", "its `id` is not a GUID"),
            ("7}", "7} x", "trailing characters"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let found = parse(GOOD.replacen(from, to, 1).as_bytes());
            let why = found.err().unwrap_or_else(|| panic!("{to}: taken"));
            assert!(why.contains(expected), "{to}: {why}");
        }
        assert!(parse(GOOD.split_at(40).0.as_bytes()).is_err(), "half of it");
    }
}
