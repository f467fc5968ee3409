//! The audit: a chain of rows, each with the hash of all before it, signed every so often.
//!
//! Whoever edits, removes or swaps a row has to make every later hash anew, and every later checkpoint with
//! the site's key. What is newer than the last checkpoint is held by the chain alone; a checkpoint is made
//! with every administrative act, and with registrations each 1,000 rows or 60 seconds.

use serde::{Deserialize, Serialize};
use tollgate::jws::{Unverified, base64url};
use tollgate::{Limits, sha256};

use crate::error::IssueError;
use crate::hex;
use crate::keyring::Keyring;
use crate::registry::AuditEntry;
use crate::token::Pen;

/// `typ` of a checkpoint.
pub(crate) const CHECKPOINT_TYP: &str = "tollgate-audit+jwt";

/// Most rows without a checkpoint.
pub(crate) const CHECKPOINT_ROWS: i64 = 1_000;

/// Longest time without one, in seconds, while rows are written.
pub(crate) const CHECKPOINT_S: i64 = 60;

/// What the first row follows.
pub(crate) const START: [u8; 32] = [0; 32];

/// The act of a restore: checkpoints of rows that it took away are no fault.
pub(crate) const RESTORED: &str = "site restore";

/// Hash of a row: of the hash before it and all that the row says.
pub(crate) fn hash(before: &[u8; 32], entry: &AuditEntry) -> [u8; 32] {
    let AuditEntry { seq, at_s, actor, act, subject, detail, .. } = entry;
    let texts = [actor, act, subject, detail].map(String::as_bytes);
    // Lengths stand before the texts, so that no two rows share an input.
    let lengths = texts.map(|text| (text.len() as u64).to_be_bytes());
    let (seq, at_s) = (seq.to_be_bytes(), at_s.to_be_bytes());
    let mut parts: Vec<&[u8]> = vec![b"tollgate-audit-1", before, &seq, &at_s];
    for (length, text) in lengths.iter().zip(texts) {
        parts.extend([&length[..], text]);
    }
    sha256(&parts)
}

#[derive(Serialize, Deserialize)]
struct Checkpoint {
    iss: String,
    iat: i64,
    epoch: String,
    seq: i64,
    hash: String,
}

/// Signs the chain up to a row.
pub(crate) fn checkpoint(
    pen: &Pen,
    epoch: &[u8; 16],
    entry: &AuditEntry,
) -> Result<String, IssueError> {
    let claims = Checkpoint {
        iss: pen.issuer.to_string(),
        iat: entry.at_s,
        epoch: hex::encode(epoch),
        seq: entry.seq,
        hash: base64url(&entry.hash),
    };
    pen.signed(CHECKPOINT_TYP, &claims)
}

/// A checkpoint whose signature is good: it says which hash the row at a place has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) epoch: String,
    pub(crate) seq: i64,
    pub(crate) hash: String,
}

/// Why a checkpoint is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsigned {
    /// No key of the site that is believed now made it: a withdrawn one may have.
    KeyGone,
    /// Its signature is wrong, or it says something else.
    Forged,
}

/// Verifies one.
pub(crate) fn read_checkpoint(
    token: &str,
    issuer: &str,
    keys: &Keyring,
) -> Result<Signed, Unsigned> {
    let mut buffer = Vec::new();
    let limits = Limits::default();
    let read = Unverified::parse(token.as_bytes(), &mut buffer, &limits);
    let read = read.map_err(|_| Unsigned::Forged)?;
    if read.header().typ() != Some(CHECKPOINT_TYP) {
        return Err(Unsigned::Forged);
    }
    let keys = keys.audit_keys().ok_or(Unsigned::KeyGone)?;
    let proven = read.verify(keys).map_err(|refusal| match refusal.reason {
        tollgate::Reason::KeyUnknown => Unsigned::KeyGone,
        _ => Unsigned::Forged,
    })?;
    let claims: Checkpoint =
        serde_json::from_slice(proven.payload()).map_err(|_| Unsigned::Forged)?;
    match claims.iss == issuer {
        true => Ok(Signed { epoch: claims.epoch, seq: claims.seq, hash: claims.hash }),
        false => Err(Unsigned::Forged),
    }
}
