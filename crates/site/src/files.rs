//! Files that are there whole or not at all, and are read by their owner alone.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use tollgate::random_guid;
use zeroize::Zeroizing;

use crate::access;
use crate::error::SiteError;

/// Largest file of a site in bytes: a 4,096-bit RSA key in PEM has 3.3 KB.
pub(crate) const FILE_BYTES: usize = 16 * 1024;

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    Owner,
    Everybody,
}

/// Writes a new file. Under its name it appears once all of it is on the disk: a crash leaves it
/// whole, or leaves a `.NAME.<guid>.new` that nobody reads.
///
/// Invariant: only one process writes into the folder, the one that made `keys`; a rename replaces.
///
/// # Errors
/// When it is there already, or the system would not write.
pub(crate) fn write_new(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), SiteError> {
    if is_there(path)? {
        return Err(SiteError::Unfit { path: path.into(), why: "is there already".into() });
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = path.with_file_name(format!(".{name}.{}.new", random_guid()?));
    // What cannot be written can often not be removed either; the first error is the one to tell.
    let gone = |path: &Path, error| {
        let _ = fs::remove_file(path);
        error
    };
    write_synced(&unfinished, bytes, readers)
        .and_then(|()| fs::rename(&unfinished, path))
        .map_err(|error| gone(&unfinished, error))
        .and_then(|()| access::sync_folder(folder_of(path)).map_err(|error| gone(path, error)))
        .map_err(|error| SiteError::Io { path: path.into(), what: "cannot be written", error })
}

/// Writes a file in place of what is there: at each moment there is the old one or the new one, whole.
///
/// # Errors
/// When the system would not write; then the old one is still there.
pub(crate) fn replace(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), SiteError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let unfinished = path.with_file_name(format!(".{name}.{}.new", random_guid()?));
    write_synced(&unfinished, bytes, readers)
        .and_then(|()| fs::rename(&unfinished, path))
        .and_then(|()| access::sync_folder(folder_of(path)))
        .map_err(|error| {
            let _ = fs::remove_file(&unfinished);
            SiteError::Io { path: path.into(), what: "cannot be written", error }
        })
}

fn write_synced(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let mut file = access::create_new(path, readers)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Reads a file that is for the owner alone, at most [`FILE_BYTES`] of it. The bytes are wiped when
/// they are dropped.
///
/// # Errors
/// When it is a link, no regular file, too large, or open to others.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>, SiteError> {
    let unfit = |why: String| SiteError::Unfit { path: path.into(), why };
    let failed = |error| SiteError::Io { path: path.into(), what: "cannot be read", error };
    // Asked before it is opened: opening a pipe that nobody writes to would wait for ever.
    let seen = fs::symlink_metadata(path).map_err(failed)?;
    check_kind(path, &seen)?;
    let file = File::open(path).map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if !access::is_same(&seen, &about) {
        return Err(unfit("was exchanged while it was read".into()));
    }
    access::check_private(path, &about)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(FILE_BYTES + 1));
    file.take(FILE_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > FILE_BYTES {
        return Err(unfit(format!("is larger than {FILE_BYTES} bytes")));
    }
    Ok(bytes)
}

fn check_kind(path: &Path, about: &Metadata) -> Result<(), SiteError> {
    let kind = about.file_type();
    let why = if kind.is_symlink() {
        "is a link; put the file itself there"
    } else if kind.is_dir() {
        "is a directory"
    } else if !kind.is_file() {
        "is not a regular file"
    } else {
        return Ok(());
    };
    Err(SiteError::Unfit { path: path.into(), why: why.into() })
}

/// Whether anything has that name, a broken link included.
pub(crate) fn is_there(path: &Path) -> Result<bool, SiteError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(SiteError::Io { path: path.into(), what: "cannot be looked at", error }),
    }
}

/// A folder that is its owner's alone.
pub(crate) fn check_folder(path: &Path, about: &Metadata) -> Result<(), SiteError> {
    if !about.is_dir() {
        return Err(SiteError::Unfit { path: path.into(), why: "is not a directory".into() });
    }
    access::check_private(path, about)
}

/// The folder that a file is in; of a bare name the current one.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// What was made and is not to stay unless all of it is made.
#[derive(Default)]
pub(crate) struct Made {
    files: Vec<PathBuf>,
    folder: Option<PathBuf>,
}

impl Made {
    pub(crate) fn folder(&mut self, path: &Path) {
        self.folder = Some(path.into());
    }

    pub(crate) fn file(&mut self, path: &Path) {
        self.files.push(path.into());
    }

    /// All of it is there, and stays.
    pub(crate) fn keep(mut self) {
        self.files.clear();
        self.folder = None;
    }
}

impl Drop for Made {
    /// The last first. What cannot be removed stays, and `init` names it the next time.
    fn drop(&mut self) {
        for file in self.files.iter().rev() {
            let _ = fs::remove_file(file);
        }
        if let Some(folder) = &self.folder {
            let _ = fs::remove_dir(folder);
        }
    }
}
