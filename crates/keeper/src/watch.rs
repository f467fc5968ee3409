//! Whether files changed: by their stamps, and by content where a stamp cannot be trusted yet.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use tollgate::Now;

use crate::system::{Identity, identity};
use crate::trail::read_bounded;

/// How often files are looked at. Asking for the stamps of ten files takes some 10 us, so each second is
/// not felt; and nobody who withdraws a key by hand waits longer than he takes to look whether it holds.
pub(crate) const LOOK_MS: u64 = 1000;

/// How long a file's date may stand still while it is written: FAT counts in two seconds, no common file
/// system in more. What is younger is read once more when that has passed (git calls such files racy).
const DATE_STEP_MS: u64 = 2000;

/// The files of one load, as they were just before they were read.
#[derive(Default)]
pub(crate) struct Watched {
    files: BTreeMap<PathBuf, Seen>,
    /// When those that were young are read once more, on the monotonic clock.
    settles_ms: Option<u64>,
}

/// A file as a load saw it.
pub(crate) struct Seen {
    stamp: Option<Stamp>,
    /// How much of it may be read.
    most: usize,
    /// A keyed hash of what was read; `None` for what could not be.
    content: Option<u64>,
    written_ms: Option<i64>,
}

/// What the system says of a file without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    identity: Identity,
}

impl Watched {
    pub(crate) fn new(files: BTreeMap<PathBuf, Seen>, now: Now) -> Self {
        let any_young = files.values().any(|seen| seen.is_young(now));
        let settles_ms = any_young.then(|| now.mono_ms.saturating_add(DATE_STEP_MS));
        Self { files, settles_ms }
    }

    /// Whether any file is not as it was.
    pub(crate) fn has_changed(&mut self, now: Now) -> bool {
        if self.files.iter().any(|(path, seen)| Stamp::of(path) != seen.stamp) {
            return true;
        }
        if self.settles_ms.is_none_or(|at| now.mono_ms < at) {
            return false;
        }
        // By now a write would have another date, so this is the last time that content is asked.
        self.settles_ms = None;
        self.files.iter().any(|(path, seen)| {
            let read = read_bounded(path, seen.most);
            content(read.as_ref().ok().map(|(bytes, _)| bytes.as_slice())) != seen.content
        })
    }

    /// After a load that failed with these files: they are what is watched. What it did not come to stays
    /// known, if it is as it was, so that a file becomes no younger by an error elsewhere.
    pub(crate) fn tried(&mut self, tried: Self) {
        let before = std::mem::replace(self, tried);
        for (path, seen) in before.files {
            if !self.files.contains_key(&path) && Stamp::of(&path) == seen.stamp {
                self.files.insert(path, seen);
            }
        }
    }

    /// When a file was written, if it still has this stamp.
    pub(crate) fn written_ms(&self, path: &Path, stamp: Option<&Stamp>) -> Option<i64> {
        let seen = self.files.get(path)?;
        if stamp.is_some() && seen.stamp.as_ref() == stamp { seen.written_ms } else { None }
    }
}

impl Seen {
    pub(crate) fn new(
        stamp: Option<Stamp>,
        most: usize,
        bytes: Option<&[u8]>,
        written_ms: Option<i64>,
    ) -> Self {
        Self { stamp, most, content: content(bytes), written_ms }
    }

    /// Whether it may be written to once more without another stamp. A date in the future is one of another
    /// clock, which may stand still as well.
    fn is_young(&self, now: Now) -> bool {
        let modified = self.stamp.as_ref().and_then(|stamp| stamp.modified);
        let since_1970 = modified.and_then(|modified| modified.duration_since(UNIX_EPOCH).ok());
        let modified_s = since_1970.and_then(|since| i64::try_from(since.as_secs()).ok());
        modified_s.is_some_and(|at| now.unix_s.saturating_sub(at) <= (DATE_STEP_MS / 1000) as i64)
    }
}

impl Stamp {
    /// `None` where there is no such file, or it may not be asked for.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let about = fs::metadata(path).ok()?;
        Some(Self { len: about.len(), modified: about.modified().ok(), identity: identity(&about) })
    }
}

/// Keyed by random numbers of the process: it tells changes, and nothing else.
fn content(bytes: Option<&[u8]>) -> Option<u64> {
    static KEYS: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    bytes.map(|bytes| KEYS.hash_one(bytes))
}
