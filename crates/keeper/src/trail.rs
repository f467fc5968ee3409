//! The files that one load reads: the only way to them, so that none is forgotten when they are watched.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use tollgate::Now;
use tollgate::cert::Crl;
use zeroize::Zeroizing;

use crate::clock;
use crate::crls::Shelf;
use crate::watch::{Seen, Stamp, Watched};

/// What one load reads, and when that is.
pub(crate) struct Trail<'w> {
    pub(crate) now: Now,
    /// What the load before saw.
    before: Option<&'w Watched>,
    seen: RefCell<BTreeMap<PathBuf, Seen>>,
    shelf: RefCell<Shelf>,
}

/// A file that was read: bytes, wiped after.
pub(crate) struct FileRead {
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// When it was written, on the monotonic clock; `None` for a date in the future.
    pub(crate) written_ms: Option<i64>,
}

impl<'w> Trail<'w> {
    pub(crate) fn new(now: Now, before: Option<&'w Watched>) -> Self {
        Self { now, before, seen: RefCell::default(), shelf: RefCell::default() }
    }

    /// Reads a regular file of at most `most` bytes, and notes it with its stamp, whatever comes of it.
    pub(crate) fn read(&self, path: &Path, most: usize) -> Result<FileRead, String> {
        // Before it is read: what is written meanwhile shows at the next look.
        let stamp = Stamp::of(path);
        let read = read_bounded(path, most);
        let (bytes, modified) = match &read {
            Ok((bytes, modified)) => (Some(bytes.as_slice()), Some(*modified)),
            Err(_) => (None, None),
        };
        let computed_ms = modified.and_then(|modified| clock::written_ms(self.now, modified));
        let known = self.before.and_then(|before| before.written_ms(path, stamp.as_ref()));
        // A file that nobody wrote to becomes no younger when somebody sets the clock back.
        let written_ms = match (known, computed_ms) {
            (Some(known), Some(computed)) => Some(known.min(computed)),
            (known, computed) => known.or(computed),
        };
        let seen = Seen::new(stamp, most, bytes, written_ms);
        // Of two reads the first: if they differ, the next look shows it.
        self.seen.borrow_mut().entry(path.into()).or_insert(seen);
        let (bytes, _) = read?;
        Ok(FileRead { bytes, written_ms })
    }

    /// Notes a folder by its stamp, which changes with the names in it.
    pub(crate) fn watch(&self, folder: &Path) {
        let seen = Seen::new(Stamp::of(folder), 0, None, None);
        self.seen.borrow_mut().entry(folder.into()).or_insert(seen);
    }

    /// The revocation lists that the load before has read from this file.
    pub(crate) fn shelved(&self, pki: &str, path: &Path) -> Vec<Arc<Crl>> {
        self.before.map(|before| before.shelf.of(pki, path).to_vec()).unwrap_or_default()
    }

    /// As [`Trail::shelved`], of each file that stands in this folder.
    pub(crate) fn shelved_under(&self, pki: &str, folder: &Path) -> Vec<(PathBuf, Vec<Arc<Crl>>)> {
        self.before.map(|before| before.shelf.under(pki, folder)).unwrap_or_default()
    }

    /// Keeps lists for the next load.
    pub(crate) fn shelve(&self, pki: &str, path: &Path, lists: Vec<Arc<Crl>>) {
        self.shelf.borrow_mut().put(pki, path, lists);
    }

    /// What there is to watch from now on.
    pub(crate) fn into_watched(self) -> Watched {
        Watched::new(self.seen.into_inner(), self.shelf.into_inner(), self.now)
    }
}

/// One byte more than `most` is read, so that larger files show.
pub(crate) fn read_bounded(
    path: &Path,
    most: usize,
) -> Result<(Zeroizing<Vec<u8>>, SystemTime), String> {
    // Asked before it is opened: opening a pipe that nobody writes to would wait for ever.
    let about = fs::metadata(path).map_err(|error| error.to_string())?;
    if about.is_dir() {
        return Err("it is a directory".into());
    }
    if !about.is_file() {
        return Err("it is not a regular file".into());
    }
    let file = File::open(path).map_err(|error| error.to_string())?;
    // Of the open file: another one may have taken its name meanwhile.
    let modified = file.metadata().and_then(|about| about.modified());
    let modified = modified.map_err(|error| error.to_string())?;
    let mut bytes = Zeroizing::new(Vec::with_capacity((about.len() as usize).min(most) + 1));
    let read = file.take(most as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| error.to_string())?;
    if bytes.len() > most {
        return Err(format!("it is larger than {most} bytes"));
    }
    Ok((bytes, modified))
}
