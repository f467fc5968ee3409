//! Reading the audit: verified, and exported.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use serde_json::{Value, json};
use tollgate::jws::base64url;

use crate::audit::{CHECKPOINT_ROWS, RESTORED, START, Signed, Unsigned, hash, read_checkpoint};
use crate::authority::Authority;
use crate::error::SiteError;
use crate::group::MOST;
use crate::hex;
use crate::keyring::Keyring;
use crate::registry::AuditEntry;

/// What a verified audit holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    /// Rows.
    pub rows: u64,
    /// Checkpoints whose signature is good.
    pub checkpoints: u64,
    /// Rows after the last checkpoint: the chain alone holds them.
    pub unsigned: u64,
    /// The first row.
    pub from: i64,
    /// The last row.
    pub to: i64,
}

impl Verified {
    /// The last row that a checkpoint signs; the one before the first, if none does.
    #[must_use]
    pub fn signed_to(&self) -> i64 {
        self.to - i64::try_from(self.unsigned).unwrap_or(i64::MAX)
    }

    /// The same, if it reaches a row that is known to be signed: an end that was cut off leaves a chain that is
    /// whole in itself. Rows behind the last checkpoint count for nothing, since anybody can write such.
    ///
    /// # Errors
    /// When it ends before.
    pub fn reaching(self, to: i64) -> Result<Self, Broken> {
        let (seq, signed) = (self.to, self.signed_to());
        if signed >= to {
            return Ok(self);
        }
        let why = match seq >= to {
            true => format!(
                "is the last, and no checkpoint signs row {to} or one behind it: its end was made anew, or it was \
                 exported before that row was signed"
            ),
            false => format!("is the last, and it has to reach row {to}: the end was cut off"),
        };
        Err(Broken { seq, why })
    }
}

/// The first thing that is wrong with an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The row.
    pub seq: i64,
    /// One clause.
    pub why: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}: {}", self.seq, self.why)
    }
}

/// Rows that are read at once.
const PAGE: u32 = 10_000;

/// Most rows without a checkpoint: those that make one due, and one group more.
const UNSIGNED: u64 = CHECKPOINT_ROWS as u64 + MOST as u64;

/// Longest line of an export that is read, in bytes.
const LINE_BYTES: usize = 64 * 1024;

/// Walks a chain.
struct Walk<'a> {
    issuer: &'a str,
    keys: &'a Keyring,
    before: Option<(i64, [u8; 32])>,
    found: Verified,
    /// Hashes that are asked for later, by the row.
    wanted: HashMap<i64, Signed>,
    /// The last restore.
    restored: i64,
}

impl<'a> Walk<'a> {
    fn new(issuer: &'a str, keys: &'a Keyring) -> Self {
        let (found, wanted) = (Verified::default(), HashMap::new());
        Self { issuer, keys, before: None, found, wanted, restored: 0 }
    }

    fn step(&mut self, entry: &AuditEntry) -> Result<(), Broken> {
        let broken = |why: String| Broken { seq: entry.seq, why };
        if let Some((seq, _)) = self.before
            && entry.seq != seq + 1
        {
            return Err(broken(format!(
                "follows row {seq}: rows between them were cut, or swapped"
            )));
        }
        // An export may begin anywhere; what it begins with is held by its first checkpoint.
        let before = match self.before {
            Some((_, before)) => Some(before),
            None if entry.seq == 1 => Some(START),
            None => None,
        };
        if before.is_some_and(|before| hash(&before, entry) != entry.hash) {
            return Err(broken(
                "was edited, or swapped: its hash is not that of what it says".into(),
            ));
        }
        if let Some(checkpoint) = &entry.checkpoint {
            let signed = read_checkpoint(checkpoint, self.issuer, self.keys).map_err(|why| {
                broken(match why {
                    Unsigned::KeyGone => "its checkpoint is by no key of this site".into(),
                    Unsigned::Forged => "its checkpoint is forged".into(),
                })
            })?;
            if signed.seq != entry.seq || signed.hash != base64url(&entry.hash) {
                return Err(broken(
                    "its checkpoint signs another row: the chain was made anew".into(),
                ));
            }
            self.found.checkpoints += 1;
            self.found.unsigned = 0;
        } else {
            self.found.unsigned += 1;
            if self.found.unsigned > UNSIGNED {
                let why = format!(
                    "is row {UNSIGNED} and one without a checkpoint: the chain may be made anew"
                );
                return Err(broken(why));
            }
        }
        if let Some(signed) = self.wanted.get(&entry.seq)
            && signed.hash != base64url(&entry.hash)
            && self.restored < entry.seq
        {
            return Err(broken(
                "another row was signed in this place: see checkpoints.jsonl".into(),
            ));
        }
        if self.found.rows == 0 {
            self.found.from = entry.seq;
        }
        self.found.rows += 1;
        self.found.to = entry.seq;
        self.before = Some((entry.seq, entry.hash));
        Ok(())
    }
}

impl Authority {
    /// Verifies the audit in the registry: every row's hash, every checkpoint's signature, and that nothing is
    /// missing that was signed and kept outside of the registry.
    ///
    /// # Errors
    /// When the registry cannot be read. What is wrong with the audit is the inner result.
    pub fn verify_audit(&self) -> Result<Result<Verified, Broken>, SiteError> {
        let keys = self.keyring();
        let kept = self.kept_checkpoints(&keys)?;
        let judged = self.read(|rows| {
            let mut walk = Walk::new(self.issuer(), &keys);
            let (epoch, mut after) = (hex::encode(&rows.head()?.epoch), 0);
            // Of an epoch that a restore ended, what it took away is no fault.
            let of_epoch = kept.iter().filter(|signed| signed.epoch == epoch);
            walk.wanted = of_epoch.map(|signed| (signed.seq, signed.clone())).collect();
            loop {
                let page = rows.audit(after, PAGE)?;
                let Some(last) = page.last() else { break };
                after = last.seq;
                for entry in &page {
                    if walk.before.is_none() && entry.seq != 1 {
                        let why = "is the first: the rows before it were cut".into();
                        return Ok(Err(Broken { seq: entry.seq, why }));
                    }
                    if entry.act == RESTORED {
                        walk.restored = entry.seq;
                    }
                    if let Err(broken) = walk.step(entry) {
                        return Ok(Err(broken));
                    }
                }
            }
            if walk.found.rows > 0 && walk.found.checkpoints == 0 {
                let why = "is the last, and no checkpoint signs any: the chain may be made anew";
                return Ok(Err(Broken { seq: walk.found.to, why: why.into() }));
            }
            let last_signed = walk.wanted.keys().max().copied().unwrap_or(0);
            if last_signed > walk.found.to {
                let why =
                    format!("is the last, and row {last_signed} was signed: the end was cut off");
                return Ok(Err(Broken { seq: walk.found.to, why }));
            }
            Ok(Ok(walk.found))
        });
        Ok(judged?)
    }

    /// Checkpoints that were kept beside the registry. A line that is none says nothing: whoever can write
    /// there can take lines away too.
    fn kept_checkpoints(&self, keys: &Keyring) -> Result<Vec<Signed>, SiteError> {
        let path = self.checkpoints_file();
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(SiteError::Io { path, what: "cannot be read", error }),
        };
        let read = |line: &str| read_checkpoint(line, self.issuer(), keys).ok();
        Ok(text.lines().filter_map(read).collect())
    }

    /// How many rows the audit has.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn audit_rows(&self) -> Result<i64, SiteError> {
        Ok(self.read(|rows| rows.last_audit())?.map_or(0, |last| last.seq))
    }

    /// Writes the rows after `after` as JSON, one object a line, the latest last. Gives how many.
    ///
    /// # Errors
    /// When the registry cannot be read, or `out` not be written.
    pub fn export_audit(&self, after: i64, out: &mut dyn Write) -> Result<u64, SiteError> {
        let (mut after, mut written) = (after, 0);
        loop {
            let page = self.read(|rows| rows.audit(after, PAGE))?;
            let Some(last) = page.last() else { return Ok(written) };
            after = last.seq;
            for entry in &page {
                let detail: Value = serde_json::from_str(&entry.detail).unwrap_or(Value::Null);
                let line = json!({
                    "seq": entry.seq, "at": entry.at_s, "actor": entry.actor, "act": entry.act,
                    "subject": entry.subject, "detail": detail, "detail_text": entry.detail,
                    "hash": hex::encode(&entry.hash), "checkpoint": entry.checkpoint,
                });
                let failed = |error| SiteError::Io {
                    path: "the export".into(),
                    what: "cannot be written",
                    error,
                };
                writeln!(out, "{line}").map_err(failed)?;
                written += 1;
            }
        }
    }

    /// Verifies an export by this site's keys.
    ///
    /// # Errors
    /// When the file cannot be read. What is wrong with it is the inner result.
    pub fn verify_export(&self, file: &Path) -> Result<Result<Verified, Broken>, SiteError> {
        let failed = |error| SiteError::Io { path: file.into(), what: "cannot be read", error };
        let reader = BufReader::new(fs::File::open(file).map_err(failed)?);
        let keys = self.keyring();
        let mut walk = Walk::new(self.issuer(), &keys);
        for (number, line) in (1..).zip(reader.split(b'\n')) {
            let line = line.map_err(failed)?;
            let entry = (line.len() <= LINE_BYTES).then(|| parse(&line)).flatten();
            let judged = match entry {
                Some(entry) => walk.step(&entry),
                None => {
                    let why = format!("line {number} of the file is no row of an audit");
                    Err(Broken { seq: walk.found.to, why })
                }
            };
            if let Err(broken) = judged {
                return Ok(Err(broken));
            }
        }
        Ok(Ok(walk.found))
    }
}

fn parse(line: &[u8]) -> Option<AuditEntry> {
    let value: Value = serde_json::from_slice(line).ok()?;
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let detail_text = text("detail_text")?;
    // What is read by people is what was hashed.
    let detail: Value = serde_json::from_str(&detail_text).unwrap_or(Value::Null);
    (value["detail"] == detail).then_some(())?;
    Some(AuditEntry {
        seq: value["seq"].as_i64()?,
        at_s: value["at"].as_i64()?,
        actor: text("actor")?,
        act: text("act")?,
        subject: text("subject")?,
        detail: detail_text,
        hash: hex::decode(value["hash"].as_str()?)?.try_into().ok()?,
        checkpoint: text("checkpoint"),
    })
}
