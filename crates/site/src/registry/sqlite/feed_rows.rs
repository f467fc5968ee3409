//! The feed, as SQL.

use rusqlite::{Row, params};

use super::rows::{Outcome, Transaction, bytes, unknown};
use crate::feed::{Change, Effect, Head, Kind};
use crate::registry::RegistryError;
use crate::registry::change::WithdrawnRow;
use crate::registry::rows::FeedRows;

const CHANGE: &str = "SELECT seq, at, effect, kind, scope, subject, before FROM change ";
const WITHDRAWN: &str =
    "SELECT kind, scope, subject, before, seq, at, expires, note FROM withdrawn ";

fn kind(row: &Row<'_>, at: usize) -> rusqlite::Result<Kind> {
    let number = row.get(at)?;
    Kind::from_number(number).ok_or_else(|| unknown(at, "kind", number))
}

fn change(row: &Row<'_>) -> rusqlite::Result<Change> {
    let number: i64 = row.get(2)?;
    let effect = Effect::from_number(number);
    Ok(Change {
        seq: row.get(0)?,
        at_s: row.get(1)?,
        effect: effect.ok_or_else(|| unknown(2, "effect", number))?,
        kind: kind(row, 3)?,
        scope: row.get(4)?,
        subject: row.get(5)?,
        before_s: row.get(6)?,
    })
}

fn withdrawn(row: &Row<'_>) -> rusqlite::Result<WithdrawnRow> {
    Ok(WithdrawnRow {
        kind: kind(row, 0)?,
        scope: row.get(1)?,
        subject: row.get(2)?,
        before_s: row.get(3)?,
        seq: row.get(4)?,
        at_s: row.get(5)?,
        expires_s: row.get(6)?,
        note: row.get(7)?,
    })
}

impl FeedRows for Transaction<'_> {
    fn head(&mut self) -> Outcome<Head> {
        let read =
            |row: &Row<'_>| Ok(Head { epoch: bytes(row, 0)?, seq: row.get(1)?, at_s: row.get(2)? });
        let head = self.one("SELECT epoch, seq, at FROM head WHERE one = 1", [], read)?;
        head.ok_or_else(|| RegistryError::Damaged("the feed has no head".into()))
    }

    fn set_head(&mut self, head: &Head) -> Outcome<()> {
        let sql = "INSERT INTO head (one, epoch, seq, at) VALUES (1, ?1, ?2, ?3) \
                   ON CONFLICT (one) DO UPDATE SET epoch = ?1, seq = ?2, at = ?3";
        self.run(sql, params![head.epoch, head.seq, head.at_s]).map(drop)
    }

    fn add_change(&mut self, change: &Change) -> Outcome<()> {
        let sql = "INSERT INTO change (seq, at, effect, kind, scope, subject, before) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let Change { seq, at_s, effect, kind, scope, subject, before_s } = change;
        let (effect, kind) = (*effect as u8, *kind as u8);
        self.run(sql, params![seq, at_s, effect, kind, scope, subject, before_s]).map(drop)
    }

    fn changes(&mut self, after: i64, limit: u32) -> Outcome<Vec<Change>> {
        let sql = format!("{CHANGE} WHERE seq > ?1 ORDER BY seq LIMIT ?2");
        self.all(&sql, params![after, limit], change)
    }

    fn compact_changes(&mut self, before_s: i64) -> Outcome<i64> {
        // Up to the first that is young enough: what is left has no gap, whatever the clock did.
        let next = "SELECT coalesce((SELECT min(seq) FROM change WHERE at >= ?1), (SELECT max(seq) FROM change), \
                    (SELECT seq + 1 FROM head))";
        let next = self.one(next, [before_s], |row| row.get::<_, i64>(0))?.unwrap_or(1);
        self.run("DELETE FROM change WHERE seq < ?1", [next])?;
        Ok(next)
    }

    fn put_withdrawn(&mut self, row: &WithdrawnRow) -> Outcome<()> {
        let sql = "INSERT INTO withdrawn (kind, scope, subject, before, seq, at, expires, note) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (kind, scope, subject) DO UPDATE \
                   SET before = ?4, seq = ?5, at = ?6, expires = ?7, note = ?8";
        let WithdrawnRow { kind, scope, subject, before_s, seq, at_s, expires_s, note } = row;
        let kind = *kind as u8;
        self.run(sql, params![kind, scope, subject, before_s, seq, at_s, expires_s, note]).map(drop)
    }

    fn remove_withdrawn(&mut self, kind: Kind, scope: &[u8], subject: &[u8]) -> Outcome<bool> {
        let sql = "DELETE FROM withdrawn WHERE kind = ?1 AND scope = ?2 AND subject = ?3";
        self.run(sql, params![kind as u8, scope, subject]).map(|removed| removed > 0)
    }

    fn withdrawn(
        &mut self,
        kind: Kind,
        scope: &[u8],
        subject: &[u8],
    ) -> Outcome<Option<WithdrawnRow>> {
        let sql = format!(
            "{WITHDRAWN} WHERE kind = ?1 AND scope = ?2 AND subject = ?3 AND before IS NOT 0"
        );
        self.one(&sql, params![kind as u8, scope, subject], withdrawn)
    }

    fn all_withdrawn(&mut self, after: i64, limit: u32) -> Outcome<Vec<WithdrawnRow>> {
        let sql = format!("{WITHDRAWN} WHERE seq > ?1 ORDER BY seq LIMIT ?2");
        self.all(&sql, params![after, limit], withdrawn)
    }

    fn withdrawn_by(&mut self, seq: i64) -> Outcome<Option<WithdrawnRow>> {
        self.one(&format!("{WITHDRAWN} WHERE seq = ?1 AND before IS NOT 0"), [seq], withdrawn)
    }

    fn expired_withdrawn(&mut self, now_s: i64, limit: u32) -> Outcome<Vec<WithdrawnRow>> {
        let sql = format!(
            "{WITHDRAWN} WHERE expires IS NOT NULL AND expires <= ?1 ORDER BY expires LIMIT ?2"
        );
        self.all(&sql, params![now_s, limit], withdrawn)
    }
}
