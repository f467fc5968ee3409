//! What only Unix can say.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

/// Which file it is, and when anything of it changed last: a file that was renamed into place with another's
/// length and date is another, and a date that was set back leaves its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
    changed: (i64, i64),
}

pub(crate) fn identity(about: &Metadata) -> Identity {
    let changed = (about.ctime(), about.ctime_nsec());
    Identity { device: about.dev(), inode: about.ino(), changed }
}

/// The number of this process, asked anew each time: a fork copies everything but the threads.
pub(crate) fn process() -> u32 {
    std::process::id()
}
