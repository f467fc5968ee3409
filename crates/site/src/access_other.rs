//! Who may read what, where there are no permission bits: the folder's own access list says it.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

use crate::error::SiteError;
use crate::files::Readers;

pub(crate) fn make_folders(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

pub(crate) fn create_new(path: &Path, _: Readers) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

/// Folders cannot be opened to be synced there.
pub(crate) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

pub(crate) fn check_private(_: &Path, _: &Metadata) -> Result<(), SiteError> {
    Ok(())
}

pub(crate) fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}
