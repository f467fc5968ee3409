//! The signed file, written out of the registry: for gates that cannot read that.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::change::Head;
use super::schema::CHANGE_FROM;
use super::sign::Standing;
use crate::authority::Authority;
use crate::error::SiteError;
use crate::files::{Readers, replace};
use crate::registry::Rows;

/// A signed file that is kept up.
pub struct FeedFile {
    path: PathBuf,
    /// What its last line says, and how many there are.
    written: Option<Written>,
}

struct Written {
    head: Head,
    kid: String,
    lines: u32,
}

/// Lines after which it is written anew: an hour of one a second, some 2 MB.
const LINES: u32 = 3_600;

/// Most changes of one line; more are told by a snapshot.
const TAIL: u32 = 10_000;

/// Rows that are read at once.
const PAGE: u32 = 10_000;

impl FeedFile {
    /// A file that will be written, in place of what is there.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.into(), written: None }
    }

    /// Brings it up to the registry: a line with what changed, or that nothing did; a new file where that cannot
    /// be said by a line. Done once in each `poll` of the gates, it keeps them fresh.
    ///
    /// # Errors
    /// When no key signs here, or the registry or the file would not.
    pub fn step(&mut self, site: &Authority, now_s: i64) -> Result<Head, SiteError> {
        site.refresh_keys()?;
        let pen = site.feed_pen(now_s)?;
        let before = self.written.as_ref().filter(|written| written.kid == pen.kid());
        let before = before.filter(|written| written.lines < LINES).map(|written| written.head);
        let (head, tail) = site.read(|rows| {
            let head = rows.head()?;
            let Some(before) = before.filter(|before| before.epoch == head.epoch) else {
                return Ok((head, None));
            };
            let from = rows.setting(CHANGE_FROM)?.and_then(|from| from.parse::<i64>().ok());
            let is_whole = from.unwrap_or(1) <= before.seq + 1 && head.seq >= before.seq;
            if !is_whole || head.seq - before.seq > i64::from(TAIL) {
                return Ok((head, None));
            }
            Ok((head, Some((before.seq, rows.changes(before.seq, TAIL)?))))
        })?;
        let Some((after, changes)) = tail else { return self.anew(site, now_s) };
        let line = pen.signer().tail(&head, now_s, after, &changes)?;
        let failed =
            |error| SiteError::Io { path: self.path.clone(), what: "cannot be written", error };
        let mut file = OpenOptions::new().append(true).open(&self.path).map_err(failed)?;
        file.write_all(line.as_bytes()).map_err(failed)?;
        let lines = self.written.as_ref().map_or(0, |written| written.lines) + 1;
        self.written = Some(Written { head, kid: pen.kid().into(), lines });
        Ok(head)
    }

    /// A new file, with all that holds.
    fn anew(&mut self, site: &Authority, now_s: i64) -> Result<Head, SiteError> {
        let pen = site.feed_pen(now_s)?;
        let (head, standing) = site.read(|rows| Ok((rows.head()?, standing(rows)?)))?;
        let line = pen.signer().snapshot(&head, now_s, &standing)?;
        replace(&self.path, line.as_bytes(), Readers::Everybody)?;
        self.written = Some(Written { head, kid: pen.kid().into(), lines: 1 });
        Ok(head)
    }
}

/// All that is withdrawn; what is of one kind, scope and time stands together.
fn standing(rows: &mut dyn Rows) -> Result<Vec<Standing>, crate::registry::RegistryError> {
    let (mut standing, mut after) = (Vec::new(), 0);
    loop {
        let page = rows.all_withdrawn(after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        standing.extend(page.into_iter().map(|row| Standing {
            kind: row.kind,
            scope: row.scope,
            subject: row.subject,
            before_s: row.before_s,
        }));
    }
    standing.sort_by(|one, other| {
        (one.kind, &one.scope, one.before_s).cmp(&(other.kind, &other.scope, other.before_s))
    });
    Ok(standing)
}
