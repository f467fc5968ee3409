//! The feed as it stands in the registry's own file, read beside those who write it.
//!
//! The file is opened anew each time: a descriptor that stays open would go on with a file that was moved
//! away, and SQLite's are not carried across a fork. Nothing is written, and no writer waits.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Row, Transaction};
use tollgate::Guid;

use super::change::{Effect, Head, Kind};
use super::error::FeedError;
use super::hearing::{Item, Listener, Position};
use super::schema::{APPLICATION_ID, CHANGE_FROM, SCHEMA_LEAST, SCHEMA_VERSION};

/// What one look at a registry found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// Where it stands.
    pub head: Head,
    /// Whether everything was told, or only what came since.
    pub is_snapshot: bool,
    /// The last change itself, if it is still there: by it the next look knows the history again. A backup that
    /// was put back by hand and written to goes on under the same numbers.
    pub last: Option<LastChange>,
}

/// A change as it stands in the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastChange {
    at_s: i64,
    effect: i64,
    kind: i64,
    scope: Vec<u8>,
    subject: Vec<u8>,
    before_s: Option<i64>,
}

/// What a reader remembers.
#[derive(Clone, Copy, Debug)]
pub struct Before<'b> {
    /// Where it stands.
    pub position: Position,
    /// When the change there was made, as [`Head::at_s`] said; `None` where that was not read here.
    pub at_s: Option<i64>,
    /// The change there, if it was still there.
    pub last: Option<&'b LastChange>,
}

/// Most rows that are told at once, as many as a feed file can hold: more are no site's.
const ROWS: i64 = 5_000_000;

/// How long a lock is waited for: readers meet one only while the file is repaired or copied back.
const PATIENCE: Duration = Duration::from_millis(250);

/// Tells what came since the look before; all that holds, where there is none, where the registry has another
/// epoch, where changes are missing, and where `whole` asks for it.
///
/// # Errors
/// When the file is not there, locked, of another program, version or site, or damaged, when it stands before the
/// look before, tells another history than it or is of an epoch that is over, and when the listener refuses an
/// item.
pub fn read_registry(
    file: &Path,
    site: Guid,
    before: Option<Before<'_>>,
    whole: bool,
    listener: &mut dyn Listener,
) -> Result<Looked, FeedError> {
    // Asked first: SQLite would say of all of these that it is "unable to open the database file".
    let about = std::fs::metadata(file).map_err(|why| FeedError::Unreadable(why.to_string()))?;
    if !about.is_file() {
        return Err(FeedError::Unreadable("it is not a regular file".into()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(PATIENCE)?;
    // What somebody has put into the file beside its rows is not run.
    connection.pragma_update(None, "trusted_schema", false)?;
    // One state of all tables, however many write.
    let state = connection.transaction()?;
    check_version(&state)?;
    check_site(&state, site)?;
    let head = state.query_row("SELECT epoch, seq, at FROM head WHERE one = 1", [], head_of);
    let head: Head = head?;
    if head.seq < 0 {
        return Err(FeedError::Damaged(format!("its last change is {}", head.seq)));
    }
    if listener.is_over(head.epoch) {
        return Err(FeedError::Back("it is of an epoch that is over".into()));
    }
    let last = change_at(&state, head.seq)?;
    if let Some(before) = before {
        let Position { epoch, seq } = before.position;
        if epoch != head.epoch {
            listener.end_epoch(epoch);
            tell_snapshot(&state, listener)?;
            return Ok(Looked { head, is_snapshot: true, last });
        }
        if head.seq < seq {
            let why = format!("its last change is {}, and {seq} was heard", head.seq);
            return Err(FeedError::Back(why));
        }
        let now = change_at(&state, seq)?;
        let is_same = before.last.zip(now.as_ref()).map(|(before, now)| before == now);
        if is_same == Some(false) {
            let why = format!("its change {seq} is another one than was heard");
            return Err(FeedError::Back(why));
        }
        // Where the change itself was folded away nothing shows that this is the history that was heard.
        let stands_still = head.seq == seq && before.at_s == Some(head.at_s);
        let is_known = is_same.is_some() || seq == 0 || stands_still;
        if !whole && is_known && has_all_behind(&state, seq, head.seq)? {
            tell_tail(&state, (seq, head.seq), listener)?;
            return Ok(Looked { head, is_snapshot: false, last });
        }
    }
    tell_snapshot(&state, listener)?;
    Ok(Looked { head, is_snapshot: true, last })
}

fn change_at(state: &Transaction<'_>, seq: i64) -> Result<Option<LastChange>, FeedError> {
    let change = "SELECT at, effect, kind, scope, subject, before FROM change WHERE seq = ?1";
    let change = state.query_row(change, [seq], |row| {
        Ok(LastChange {
            at_s: row.get(0)?,
            effect: row.get(1)?,
            kind: row.get(2)?,
            scope: row.get(3)?,
            subject: row.get(4)?,
            before_s: row.get(5)?,
        })
    });
    Ok(change.optional()?)
}

fn check_version(state: &Transaction<'_>) -> Result<(), FeedError> {
    let number = |pragma| state.query_row(pragma, [], |row| row.get::<_, i64>(0));
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    match (application, version) {
        (APPLICATION_ID, SCHEMA_LEAST..=SCHEMA_VERSION) => Ok(()),
        (APPLICATION_ID, found) if found > SCHEMA_VERSION => {
            Err(FeedError::Newer { found, known: SCHEMA_VERSION })
        }
        (APPLICATION_ID, found) => Err(FeedError::NotAFeed(format!(
            "its schema is {found}; open the site with this version once, which brings it to {SCHEMA_VERSION}"
        ))),
        (other, _) => {
            Err(FeedError::NotAFeed(format!("it is a database of another program ({other:#x})")))
        }
    }
}

/// A registry of another site would withdraw nobody of this one, and be fresh all the same.
fn check_site(state: &Transaction<'_>, site: Guid) -> Result<(), FeedError> {
    let said = "SELECT value FROM setting WHERE key = 'site'";
    let said = state.query_row(said, [], |row| row.get::<_, [u8; 16]>(0)).optional();
    match said?.map(Guid) {
        Some(said) if said == site => Ok(()),
        Some(other) => Err(FeedError::NotBySite(format!(
            "it is the registry of site {other}, and is read as that of {site}"
        ))),
        None => Err(FeedError::NotBySite("it does not say of which site it is".into())),
    }
}

fn head_of(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head { epoch: row.get(0)?, seq: row.get(1)?, at_s: row.get(2)? })
}

/// Whether every change behind `after` up to `head` is there.
fn has_all_behind(state: &Transaction<'_>, after: i64, head: i64) -> Result<bool, FeedError> {
    let from = "SELECT CAST(value AS INTEGER) FROM setting WHERE key = ?1";
    let from = state.query_row(from, [CHANGE_FROM], |row| row.get::<_, i64>(0));
    let from = from.optional()?.unwrap_or(1);
    let count = "SELECT count(*) FROM change WHERE seq > ?1 AND seq <= ?2";
    let count = state.query_row(count, [after, head], |row| row.get::<_, i64>(0));
    Ok(from <= after.saturating_add(1) && Some(count?) == head.checked_sub(after))
}

fn tell_tail(
    state: &Transaction<'_>,
    (after, head): (i64, i64),
    listener: &mut dyn Listener,
) -> Result<(), FeedError> {
    bounded(head.saturating_sub(after))?;
    let changes = "SELECT kind, scope, subject, before, effect FROM change \
                   WHERE seq > ?1 AND seq <= ?2 ORDER BY seq";
    let mut statement = state.prepare(changes)?;
    let mut rows = statement.query([after, head])?;
    while let Some(row) = rows.next()? {
        let number: i64 = row.get(4)?;
        let effect = Effect::from_number(number);
        let effect = effect.ok_or_else(|| unknown("effect", number))?;
        tell(row, effect, listener)?;
    }
    Ok(())
}

fn tell_snapshot(state: &Transaction<'_>, listener: &mut dyn Listener) -> Result<(), FeedError> {
    let count = state.query_row("SELECT count(*) FROM withdrawn", [], |row| row.get::<_, i64>(0));
    let count = bounded(count?)?;
    listener.begin_snapshot(usize::try_from(count).unwrap_or(0));
    let all = "SELECT kind, scope, subject, before FROM withdrawn";
    let mut statement = state.prepare(all)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        tell(row, Effect::Withdraw, listener)?;
    }
    Ok(())
}

fn bounded(rows: i64) -> Result<i64, FeedError> {
    match rows <= ROWS {
        true => Ok(rows),
        false => {
            Err(FeedError::Damaged(format!("it tells {rows} changes at once, {ROWS} at most")))
        }
    }
}

fn tell(row: &Row<'_>, effect: Effect, listener: &mut dyn Listener) -> Result<(), FeedError> {
    let number: i64 = row.get(0)?;
    // Of a kind that this version does not know it cannot say who is meant.
    let kind = Kind::from_number(number).ok_or_else(|| unknown("kind", number))?;
    let (scope, subject) = (bytes(row, 1)?, bytes(row, 2)?);
    let before_s = row.get(3)?;
    listener.hear(Item { effect, kind, scope, subject, before_s })
}

fn bytes<'r>(row: &'r Row<'_>, at: usize) -> Result<&'r [u8], FeedError> {
    match row.get_ref(at)? {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => Ok(bytes),
        _ => Err(FeedError::Damaged("a scope or subject is no blob".into())),
    }
}

fn unknown(what: &str, number: i64) -> FeedError {
    FeedError::Damaged(format!(
        "it has a change of {what} {number}, which this version does not know"
    ))
}

impl From<rusqlite::Error> for FeedError {
    fn from(why: rusqlite::Error) -> Self {
        match why.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::NotADatabase) => Self::NotAFeed("it is no SQLite database".into()),
            Some(ErrorCode::DatabaseCorrupt) => {
                Self::Damaged(format!("{why}; see it with PRAGMA integrity_check, and restore a backup"))
            }
            Some(ErrorCode::CannotOpen) => Self::Unreadable(
                "it is in use by nobody and cannot be opened read-only (its -wal and -shm are gone); let the \
                 gateway's user write into the folder, or keep a process of the site running"
                    .into(),
            ),
            Some(_) => Self::Unreadable(why.to_string()),
            None => Self::Damaged(why.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_told_than_a_site_can_mean() {
        assert_eq!((bounded(0), bounded(ROWS)), (Ok(0), Ok(ROWS)));
        for rows in [ROWS + 1, i64::MAX] {
            let FeedError::Damaged(why) = bounded(rows).unwrap_err() else { panic!("{rows}") };
            assert!(why.contains(&format!("{rows} changes at once, 5000000 at most")), "{why}");
        }
    }
}
