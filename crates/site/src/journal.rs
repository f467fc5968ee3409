//! The journal of changes, outside of the registry: what was withdrawn since a backup was made is in here,
//! whatever became of the registry.
//!
//! One JSON object a line. A withdrawal is on the disk here before its transaction commits, so none that was
//! acknowledged is missing; one more than the registry has does no harm. An undo is written after its
//! transaction: a crash in between leaves it withdrawn.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::access;
use crate::error::SiteError;
use crate::files::{Readers, is_there};
use crate::hex;
use crate::registry::{Change, Effect, Head, Kind, RegistryError, WithdrawnRow};

/// A change as the journal has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) epoch: [u8; 16],
    pub(crate) effect: Effect,
    pub(crate) row: WithdrawnRow,
}

impl Line {
    pub(crate) fn new(head: &Head, change: &Change, expires_s: Option<i64>, note: &str) -> Self {
        let row = WithdrawnRow {
            kind: change.kind,
            scope: change.scope.clone(),
            subject: change.subject.clone(),
            before_s: change.before_s,
            seq: change.seq,
            at_s: change.at_s,
            expires_s,
            note: note.into(),
        };
        Self { epoch: head.epoch, effect: change.effect, row }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    epoch: String,
    seq: i64,
    at: i64,
    effect: String,
    kind: u8,
    scope: String,
    subject: String,
    before: Option<i64>,
    expires: Option<i64>,
    note: String,
}

/// The file.
pub(crate) struct Journal {
    path: PathBuf,
}

/// What was read of a journal.
pub(crate) struct Replay {
    pub(crate) lines: Vec<Line>,
    /// Lines that cannot be read, by number: a crash in the middle of one leaves such, and nothing of it was
    /// acknowledged.
    pub(crate) unread: Vec<usize>,
}

/// Bytes that one call writes, whole lines: appends of several processes do not cut each other's.
const CHUNK: usize = 64 * 1024;

impl Journal {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file, for its owner alone, where it is not there.
    pub(crate) fn ensure(&self) -> Result<(), SiteError> {
        if is_there(&self.path)? {
            return Ok(());
        }
        let failed =
            |error| SiteError::Io { path: self.path.clone(), what: "cannot be made", error };
        match access::create_new(&self.path, Readers::Owner) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(failed(error)),
            _ => access::sync_folder(crate::files::folder_of(&self.path)).map_err(failed),
        }
    }

    /// Appends lines; returns once they are on the disk.
    pub(crate) fn append(&self, lines: &[Line]) -> Result<(), RegistryError> {
        if lines.is_empty() {
            return Ok(());
        }
        let failed = |error: io::Error| {
            RegistryError::Journal(format!("{}: cannot be written: {error}", self.path.display()))
        };
        // Not made anew here: one that was taken away is an accident to be told of.
        let mut file =
            OpenOptions::new().read(true).append(true).open(&self.path).map_err(failed)?;
        let mut text = Vec::with_capacity(CHUNK + 1_024);
        if is_torn(&mut file).map_err(failed)? {
            text.push(b'\n');
        }
        for line in lines {
            let written = Written {
                epoch: hex::encode(&line.epoch),
                seq: line.row.seq,
                at: line.row.at_s,
                effect: match line.effect {
                    Effect::Withdraw => "withdraw".into(),
                    Effect::Undo => "undo".into(),
                },
                kind: line.row.kind as u8,
                scope: hex::encode(&line.row.scope),
                subject: hex::encode(&line.row.subject),
                before: line.row.before_s,
                expires: line.row.expires_s,
                note: line.row.note.clone(),
            };
            serde_json::to_writer(&mut text, &written).map_err(|error| failed(error.into()))?;
            text.push(b'\n');
            if text.len() >= CHUNK {
                file.write_all(&text).map_err(failed)?;
                text.clear();
            }
        }
        file.write_all(&text).and_then(|()| file.sync_data()).map_err(failed)
    }
}

/// Whether the last line has no end: a crash, or a full disk, cut it.
fn is_torn(file: &mut std::fs::File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

/// Reads a journal, this site's or a copy of it.
pub(crate) fn read(path: &Path) -> Result<Replay, SiteError> {
    let failed = |error| SiteError::Io { path: path.into(), what: "cannot be read", error };
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut replay = Replay { lines: Vec::new(), unread: Vec::new() };
    for (number, text) in (1..).zip(BufReader::new(file).split(b'\n')) {
        let text = text.map_err(failed)?;
        if text.is_empty() {
            continue;
        }
        match parse(&text) {
            Some(line) => replay.lines.push(line),
            None => replay.unread.push(number),
        }
    }
    Ok(replay)
}

fn parse(text: &[u8]) -> Option<Line> {
    let written: Written = serde_json::from_slice(text).ok()?;
    let effect = match written.effect.as_str() {
        "withdraw" => Effect::Withdraw,
        "undo" => Effect::Undo,
        _ => return None,
    };
    Some(Line {
        epoch: hex::decode(&written.epoch)?.try_into().ok()?,
        effect,
        row: WithdrawnRow {
            kind: Kind::from_number(written.kind.into())?,
            scope: hex::decode(&written.scope)?,
            subject: hex::decode(&written.subject)?,
            before_s: written.before,
            seq: written.seq,
            at_s: written.at,
            expires_s: written.expires,
            note: written.note,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seq: i64, effect: Effect) -> Line {
        let row = WithdrawnRow {
            kind: Kind::Client,
            scope: vec![1; 16],
            subject: vec![2; 16],
            before_s: Some(7),
            seq,
            at_s: 5,
            expires_s: None,
            note: "stolen, \"they\" say\n".into(),
        };
        Line { epoch: [9; 16], effect, row }
    }

    #[test]
    fn lines_come_back_and_a_torn_one_costs_itself_alone() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path().join("journal.jsonl"));
        journal.ensure().unwrap();
        let written = [line(1, Effect::Withdraw), line(2, Effect::Undo)];
        journal.append(&written).unwrap();
        let half = std::fs::read(journal.path()).unwrap();
        std::fs::write(journal.path(), [&half[..], &half[..40]].concat()).unwrap();
        journal.append(&written[..1]).unwrap();
        let read = read(journal.path()).unwrap();
        assert_eq!(read.lines, [&written[..], &written[..1]].concat());
        assert_eq!(read.unread, [3]);
    }

    #[test]
    fn a_journal_that_is_gone_is_told_of() {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::new(folder.path().join("journal.jsonl"));
        let why = journal.append(&[line(1, Effect::Withdraw)]).unwrap_err().to_string();
        assert!(why.contains("journal.jsonl: cannot be written: No such file"), "{why}");
    }
}
