//! Who may read what, on unix: permission bits, and folders that are synced like files.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::error::SiteError;
use crate::files::Readers;

/// Everything that group and others could be granted.
const OTHERS: u32 = 0o077;

/// Makes a folder for its owner alone, and those above it that are missing.
pub(crate) fn make_folders(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// The same, and fails if it is there already.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// A new file, with its bits from the start: at no moment can anybody else open a private one.
pub(crate) fn create_new(path: &Path, readers: Readers) -> io::Result<File> {
    let mode = match readers {
        Readers::Owner => 0o600,
        Readers::Everybody => 0o644,
    };
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    // The umask may have taken bits away.
    file.set_permissions(Permissions::from_mode(mode))?;
    Ok(file)
}

/// A rename holds once the folder is on the disk.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Refuses what group or others may read, write or enter.
pub(crate) fn check_private(path: &Path, about: &Metadata) -> Result<(), SiteError> {
    let mode = about.permissions().mode();
    if mode & OTHERS == 0 {
        return Ok(());
    }
    Err(SiteError::OpenToOthers {
        path: path.into(),
        mode: mode & 0o777,
        wanted: if about.is_dir() { 0o700 } else { 0o600 },
    })
}

/// Whether what was opened is what was looked at: a name may lead elsewhere meanwhile.
pub(crate) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}
