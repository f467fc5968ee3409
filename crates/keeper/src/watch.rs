//! Whether files changed: by their stamps, and by content where a stamp cannot be trusted yet.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use tollgate::Now;

use crate::crls::Shelf;
use crate::system::{Identity, identity};
use crate::trail::read_bounded;

/// How often files are looked at. Asking for the stamps of ten files takes some 20 us, so each second is
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
    /// The revocation lists among them.
    pub(crate) shelf: Shelf,
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
    pub(crate) fn new(files: BTreeMap<PathBuf, Seen>, shelf: Shelf, now: Now) -> Self {
        let any_young = files.values().any(|seen| seen.is_young(now));
        let settles_ms = any_young.then(|| now.mono_ms.saturating_add(DATE_STEP_MS));
        Self { files, settles_ms, shelf }
    }

    /// Whether any file is not as it was.
    pub(crate) fn has_changed(&mut self, now: Now) -> bool {
        if self.any_other_stamp() {
            return true;
        }
        if !self.is_settling(now) {
            return false;
        }
        // By now a write would have another date, so this is the last time that content is asked.
        self.settles_ms = None;
        self.files.iter().any(|(path, seen)| {
            let read = read_bounded(path, seen.most);
            content(read.as_ref().ok().map(|(bytes, _)| bytes.as_slice())) != seen.content
        })
    }

    /// Whether [`Watched::has_changed`] may say yes; it reads no file.
    pub(crate) fn may_have_changed(&self, now: Now) -> bool {
        self.is_settling(now) || self.any_other_stamp()
    }

    fn any_other_stamp(&self) -> bool {
        self.files.iter().any(|(path, seen)| Stamp::of(path) != seen.stamp)
    }

    /// Whether those that were young are to be read once more.
    fn is_settling(&self, now: Now) -> bool {
        self.settles_ms.is_some_and(|at| at <= now.mono_ms)
    }

    /// After a load that failed with these files: they are what is watched. What it did not come to stays
    /// known, if it is as it was, so that a file becomes no younger by an error elsewhere.
    pub(crate) fn tried(&mut self, tried: Self) {
        let before = std::mem::replace(self, tried);
        self.shelf.keep(before.shelf);
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Now = Now { unix_s: 1_790_000_000, mono_ms: 50_000 };

    fn later(ms: u64) -> Now {
        Now { mono_ms: NOW.mono_ms + ms, ..NOW }
    }

    /// A file that is dated so long ago, and was seen with this content.
    fn watched(ago_s: i64, content: &[u8]) -> (tempfile::NamedTempFile, Watched) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "as it is").unwrap();
        let date = Duration::from_secs((NOW.unix_s - ago_s).unsigned_abs());
        file.as_file().set_modified(UNIX_EPOCH + date).unwrap();
        let seen = Seen::new(Stamp::of(file.path()), 100, Some(content), Some(7));
        let files = BTreeMap::from([(file.path().to_owned(), seen)]);
        (file, Watched::new(files, Shelf::default(), NOW))
    }

    /// A second write within a step of the file's date leaves the stamp as it was.
    #[test]
    fn a_young_file_is_read_once_more() {
        for ago_s in [0, 1, 2, -1, -500] {
            let (_file, mut other) = watched(ago_s, b"as it was");
            assert!(!other.has_changed(NOW) && !other.has_changed(later(1999)), "{ago_s}");
            assert!(other.has_changed(later(2000)), "{ago_s}");
            let (file, mut same) = watched(ago_s, b"as it is");
            assert!(!same.has_changed(later(2000)), "{ago_s}");
            // Once: from now on the stamp tells. It is not read any more.
            let seen = same.files.get_mut(file.path()).unwrap();
            seen.content = None;
            assert!(!same.has_changed(later(9000)), "{ago_s}");
        }
        let (_file, mut old) = watched(3, b"as it was");
        assert!(!old.has_changed(later(2000)) && !old.has_changed(later(9000)));
    }

    #[test]
    fn each_part_of_a_stamp_tells() {
        let (file, mut watched) = watched(100, b"as it is");
        let as_it_was = Stamp::of(file.path()).unwrap();
        assert!(!watched.has_changed(NOW));
        let mut with = |stamp: Option<Stamp>| {
            watched.files.get_mut(file.path()).unwrap().stamp = stamp;
            watched.has_changed(NOW)
        };
        assert!(!with(Some(as_it_was.clone())));
        assert!(with(Some(Stamp { len: 9, ..as_it_was.clone() })));
        assert!(with(Some(Stamp { modified: Some(UNIX_EPOCH), ..as_it_was.clone() })));
        let another = tempfile::NamedTempFile::new().unwrap();
        let identity = Stamp::of(another.path()).unwrap().identity;
        assert_eq!(with(Some(Stamp { identity, ..as_it_was })), cfg!(unix));
        assert!(with(None));
    }

    #[test]
    fn an_age_is_remembered_for_the_same_stamp_only() {
        let (file, mut before) = watched(100, b"as it is");
        let (path, stamp) = (file.path().to_owned(), Stamp::of(file.path()));
        assert_eq!(before.written_ms(&path, stamp.as_ref()), Some(7));
        assert_eq!(before.written_ms(&path, None), None);
        // A load that failed before it came to the file.
        before.tried(Watched::default());
        assert_eq!(before.written_ms(&path, stamp.as_ref()), Some(7));
        file.as_file().set_modified(UNIX_EPOCH).unwrap();
        assert_eq!(before.written_ms(&path, Stamp::of(&path).as_ref()), None);
        before.tried(Watched::default());
        assert!(!before.has_changed(NOW), "nobody waits for it");
    }
}
