//! What is done in one transaction: changes of the feed, rows of the audit, and the order in which they reach
//! the disk.
//!
//! ```text
//! begin -- clock -- work ... work -- audit rows (chain, checkpoint) -- head -- journal (fsync) -- commit -- undo lines
//! ```

use serde_json::Value;
use tollgate::Guid;
use tollgate::site::CLIENT_LIFETIME_MOST_S;

use crate::audit;
use crate::authority::KEYS_VERSION;
use crate::feed::TAKEN_BACK;
use crate::journal::{Journal, Line};
use crate::registry::{
    AuditEntry, BulkToken, Change, Effect, Head, Kind, RegistryError, Rows, WithdrawnRow,
};
use crate::renewal::RESTORED_AT;
use crate::token::Pen;
use crate::withdrawal::SKEW_S;

/// How far the clock may be behind what the registry has seen, in seconds: machines that share one differ.
pub(crate) const CLOCK_BACK_S: i64 = 300;

/// The setting that keeps the latest time seen.
pub(crate) const CLOCK: &str = "clock";

/// One transaction.
pub(crate) struct Act<'a> {
    pub(crate) rows: &'a mut dyn Rows,
    pub(crate) now_s: i64,
    head: Head,
    lines: Vec<Line>,
    audit: Vec<AuditEntry>,
    /// Place and hash of the latest row of the audit, once it was asked for.
    chain: Option<(i64, [u8; 32])>,
    is_administrative: bool,
    /// What many enrolments of one transaction ask again and again: nobody else writes meanwhile.
    keys_version: Option<String>,
    site_mark: Option<Option<WithdrawnRow>>,
    bulk: Option<(BulkToken, u32)>,
}

/// Something to be withdrawn.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) kind: Kind,
    pub(crate) scope: Vec<u8>,
    pub(crate) subject: Vec<u8>,
    pub(crate) before_s: Option<i64>,
    pub(crate) expires_s: Option<i64>,
    pub(crate) note: String,
}

/// What is left to do once the transaction is durable.
#[derive(Default)]
pub(crate) struct After {
    undone: Vec<Line>,
    /// Checkpoint to be kept outside.
    pub(crate) checkpoint: Option<String>,
}

impl<'a> Act<'a> {
    /// Begins, unless the clock was set back: then tokens that have ended would live again.
    pub(crate) fn begin(rows: &'a mut dyn Rows, now_s: i64) -> Result<Self, RegistryError> {
        let seen = rows.setting(CLOCK)?.and_then(|seen| seen.parse::<i64>().ok()).unwrap_or(0);
        if now_s < seen.saturating_sub(CLOCK_BACK_S) {
            return Err(RegistryError::ClockBack { now_s, seen_s: seen });
        }
        if now_s > seen {
            rows.set_setting(CLOCK, &now_s.to_string())?;
        }
        Self::begin_anyway(rows, now_s)
    }

    /// The same, whatever the clock says.
    pub(crate) fn begin_anyway(rows: &'a mut dyn Rows, now_s: i64) -> Result<Self, RegistryError> {
        let head = rows.head()?;
        Ok(Self {
            rows,
            now_s,
            head,
            lines: Vec::new(),
            audit: Vec::new(),
            chain: None,
            is_administrative: false,
            keys_version: None,
            site_mark: None,
            bulk: None,
        })
    }

    /// How often the keys were written.
    pub(crate) fn keys_version(&mut self) -> Result<&str, RegistryError> {
        if self.keys_version.is_none() {
            self.keys_version = Some(self.rows.setting(KEYS_VERSION)?.unwrap_or_default());
        }
        Ok(self.keys_version.as_deref().unwrap_or_default())
    }

    /// Whether what the site issued at a time is no longer good, whosever it is.
    pub(crate) fn distrusts(&mut self, site: Guid, issued_s: i64) -> Result<bool, RegistryError> {
        if self.site_mark.is_none() {
            self.site_mark = Some(self.rows.withdrawn(Kind::Site, &[], &site.0)?);
        }
        let mark = self.site_mark.as_ref().and_then(Option::as_ref);
        Ok(mark.is_some_and(|mark| mark.names(issued_s)))
    }

    /// A bulk token, with the uses that this transaction has counted.
    pub(crate) fn bulk(&mut self, id: Guid) -> Result<Option<&BulkToken>, RegistryError> {
        if self.bulk.as_ref().is_none_or(|(known, _)| known.id != id) {
            self.write_uses()?;
            self.bulk = self.rows.bulk(id)?.map(|row| (row, 0));
        }
        Ok(self.bulk.as_ref().map(|(row, _)| row))
    }

    /// Counts one use, if any is left; whether it was. Written once for all of the transaction.
    pub(crate) fn use_bulk(&mut self, id: Guid) -> Result<bool, RegistryError> {
        self.bulk(id)?;
        let Some((row, counted)) = &mut self.bulk else { return Ok(false) };
        if row.max_uses.is_some_and(|most| row.uses >= most) {
            return Ok(false);
        }
        row.uses += 1;
        *counted += 1;
        Ok(true)
    }

    fn write_uses(&mut self) -> Result<(), RegistryError> {
        let Some((row, counted)) = &mut self.bulk else { return Ok(()) };
        if *counted > 0 && !self.rows.use_bulk(row.id, *counted, self.now_s)? {
            // Read and written in one transaction: nobody can have come between.
            return Err(RegistryError::Damaged(format!("bulk token {} changed under us", row.id)));
        }
        *counted = 0;
        Ok(())
    }

    /// Where the feed stands, with what this transaction has done.
    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// Withdraws; whether that changed anything. What is withdrawn wholly, or up to a later time, stays so.
    pub(crate) fn withdraw(&mut self, mark: &Mark) -> Result<bool, RegistryError> {
        let Mark { kind, scope, subject, before_s, expires_s, note } = mark;
        let known = self.rows.withdrawn(*kind, scope, subject)?;
        let covers = |known: &WithdrawnRow| match (known.before_s, before_s) {
            (None, _) => true,
            (Some(known), Some(new)) => known >= *new,
            (Some(_), None) => false,
        };
        // What was withdrawn by itself goes by itself too; once somebody says so, it is his to take back.
        let takes_over = |known: &WithdrawnRow| is_automatic(&known.note) && !is_automatic(note);
        if known.as_ref().is_some_and(|known| covers(known) && !takes_over(known)) {
            return Ok(false);
        }
        let change = self.change(Effect::Withdraw, *kind, scope, subject, *before_s)?;
        let line = Line::new(&self.head, &change, *expires_s, note);
        self.rows.put_withdrawn(&line.row)?;
        self.lines.push(line);
        Ok(true)
    }

    /// Takes a withdrawal back; whether there was one.
    pub(crate) fn undo(
        &mut self,
        kind: Kind,
        scope: &[u8],
        subject: &[u8],
    ) -> Result<bool, RegistryError> {
        if self.rows.withdrawn(kind, scope, subject)?.is_none() {
            return Ok(false);
        }
        self.take_back(kind, scope, subject)?;
        Ok(true)
    }

    /// The same, whether or not it is withdrawn here: gates may have heard so.
    pub(crate) fn take_back(
        &mut self,
        kind: Kind,
        scope: &[u8],
        subject: &[u8],
    ) -> Result<(), RegistryError> {
        self.rows.remove_withdrawn(kind, scope, subject)?;
        let change = self.change(Effect::Undo, kind, scope, subject, None)?;
        self.lines.push(Line::new(&self.head, &change, None, ""));
        // Gates that heard of it in the epoch before believe that until this one takes it back, and may look
        // only once the change is gone.
        if kind < Kind::GatewayDenied && self.rows.setting(RESTORED_AT)?.is_some() {
            self.rows.put_withdrawn(&WithdrawnRow {
                kind,
                scope: scope.into(),
                subject: subject.into(),
                before_s: Some(TAKEN_BACK),
                seq: change.seq,
                at_s: self.now_s,
                expires_s: Some(self.now_s + CLIENT_LIFETIME_MOST_S + SKEW_S),
                note: "taken back".into(),
            })?;
        }
        Ok(())
    }

    fn change(
        &mut self,
        effect: Effect,
        kind: Kind,
        scope: &[u8],
        subject: &[u8],
        before_s: Option<i64>,
    ) -> Result<Change, RegistryError> {
        self.head.seq += 1;
        self.head.at_s = self.now_s;
        let change = Change {
            seq: self.head.seq,
            at_s: self.now_s,
            effect,
            kind,
            scope: scope.to_vec(),
            subject: subject.to_vec(),
            before_s,
        };
        self.rows.add_change(&change)?;
        Ok(change)
    }

    /// Writes a row of the audit about what a client did.
    pub(crate) fn note(
        &mut self,
        actor: &str,
        act: &str,
        subject: Guid,
        detail: &Value,
    ) -> Result<(), RegistryError> {
        self.note_about(actor, act, &subject.to_string(), detail)
    }

    /// Writes a row of the audit about what an administrator did: it is signed with this transaction.
    pub(crate) fn administered(
        &mut self,
        actor: &str,
        act: &str,
        subject: &str,
        detail: &Value,
    ) -> Result<(), RegistryError> {
        self.is_administrative = true;
        self.note_about(actor, act, subject, detail)
    }

    fn note_about(
        &mut self,
        actor: &str,
        act: &str,
        subject: &str,
        detail: &Value,
    ) -> Result<(), RegistryError> {
        let (seq, before) = match self.chain {
            Some(chain) => chain,
            None => {
                let last = self.rows.last_audit()?;
                last.map_or((0, audit::START), |last| (last.seq, last.hash))
            }
        };
        let mut entry = AuditEntry {
            seq: seq + 1,
            at_s: self.now_s,
            actor: actor.into(),
            act: act.into(),
            subject: subject.into(),
            detail: if detail.is_null() { String::new() } else { detail.to_string() },
            hash: audit::START,
            checkpoint: None,
        };
        entry.hash = audit::hash(&before, &entry);
        self.chain = Some((entry.seq, entry.hash));
        self.audit.push(entry);
        Ok(())
    }

    /// Writes a row, so that those before it are signed, if the last one is not.
    pub(crate) fn sign_what_is_left(&mut self) -> Result<(), RegistryError> {
        match self.rows.last_audit()? {
            Some(last) if last.checkpoint.is_none() => {
                self.administered("site", "checkpoint", "", &Value::Null)
            }
            _ => Ok(()),
        }
    }

    /// Begins a new epoch: from here on numbers of the feed start anew.
    pub(crate) fn begin_epoch(&mut self, epoch: [u8; 16]) {
        self.head = Head { epoch, seq: 0, at_s: self.now_s };
    }

    /// Writes what a transaction ends with. After this nothing but the commit may fail.
    pub(crate) fn finish(
        mut self,
        pen: Option<&Pen>,
        journal: &Journal,
    ) -> Result<After, RegistryError> {
        self.write_uses()?;
        let checkpoint = self.finish_audit(pen)?;
        // The last row that is written: whoever sees a head sees all that it counts.
        self.rows.set_head(&self.head)?;
        let (withdrawn, undone): (Vec<_>, Vec<_>) =
            self.lines.into_iter().partition(|line| line.effect == Effect::Withdraw);
        journal.append(&withdrawn)?;
        Ok(After { undone, checkpoint })
    }

    fn finish_audit(&mut self, pen: Option<&Pen>) -> Result<Option<String>, RegistryError> {
        let mut entries = std::mem::take(&mut self.audit);
        let Some(last) = entries.last_mut() else { return Ok(None) };
        let (seq, at_s) = self.rows.last_checkpoint()?.unwrap_or((0, 0));
        let is_due = self.is_administrative
            || last.seq - seq >= audit::CHECKPOINT_ROWS
            || last.at_s - at_s >= audit::CHECKPOINT_S;
        let mut signed = None;
        if let Some(pen) = pen
            && is_due
        {
            let checkpoint = audit::checkpoint(pen, &self.head.epoch, last)
                .map_err(|error| RegistryError::Site(error.to_string()))?;
            last.checkpoint = Some(checkpoint.clone());
            signed = Some(checkpoint);
        }
        for entry in &entries {
            self.rows.add_audit(entry)?;
        }
        Ok(signed)
    }
}

/// What is written beside a withdrawal that nobody ordered by itself.
pub(crate) const DISABLED: &str = "disabled by an import";
pub(crate) const CASCADE: &str = "cascade of bulk-token ";
pub(crate) const CLONE: &str = "clone alarm";
pub(crate) const RESTORED: &str = "restored";

fn is_automatic(note: &str) -> bool {
    [DISABLED, CLONE, RESTORED].contains(&note) || note.starts_with(CASCADE)
}

impl After {
    /// Writes the undone withdrawals into the journal.
    pub(crate) fn write_undone(&self, journal: &Journal) -> Result<(), RegistryError> {
        journal.append(&self.undone).map_err(|error| match error {
            RegistryError::Journal(why) => RegistryError::JournalBehind(why),
            other => other,
        })
    }
}
