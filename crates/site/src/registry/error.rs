//! What goes wrong between the site and its registry: each is one line, and nothing was written.

use std::fmt;
use std::path::PathBuf;

/// Why a transaction was not made, or a registry not opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryError {
    /// The file is not there. An empty one in its place would forget every withdrawal, so none is made.
    Missing(PathBuf),
    /// Another process kept the registry locked for longer than was waited, in milliseconds.
    Busy(u64),
    /// The disk, or what the file may take of it, is full.
    Full,
    /// The file, its folder or its file system cannot be written.
    ReadOnly,
    /// A later version made it.
    Newer {
        /// The version of its schema.
        found: i64,
        /// The latest one that is known here.
        known: i64,
    },
    /// It is the file of something else.
    NotOurs(String),
    /// What is in it contradicts itself, or cannot be read.
    Damaged(String),
    /// The clock is far behind what the registry has seen: tokens that have ended would live again.
    ClockBack {
        /// Seconds since 1970 by the clock.
        now_s: i64,
        /// The latest time that the registry has seen.
        seen_s: i64,
    },
    /// The journal of withdrawals, which stands outside of the registry, could not be written.
    Journal(String),
    /// What was taken back holds, and the journal does not say so: a restore would withdraw it again.
    JournalBehind(String),
    /// Signing, or another part of the site, failed inside the transaction.
    Site(String),
    /// Anything else that the engine says.
    Engine(String),
}

impl RegistryError {
    /// Whether one part of a transaction may have caused it, so that the others would do without.
    pub(crate) fn may_be_of_one(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::Site(_) | Self::Engine(_))
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(
                f,
                "{}: is missing, and with it every withdrawal; put it back, or `tollgate site restore` a backup",
                path.display()
            ),
            Self::Busy(waited_ms) => write!(
                f,
                "the registry is locked by another process for more than {waited_ms} ms; see what holds \
                 registry.db (fuser registry.db)"
            ),
            Self::Full => f.write_str(
                "the disk is full: nothing was written, and nothing is lost; make room and try again",
            ),
            Self::ReadOnly => f.write_str(
                "the registry cannot be written: see the owner and bits of its folder, and whether the file \
                 system is mounted read-only",
            ),
            Self::Newer { found, known } => write!(
                f,
                "the registry has schema {found}, and this version knows {known}: install the version \
                 that wrote it; schemas only go forward"
            ),
            Self::NotOurs(why) => write!(f, "this is no registry of tollgate: {why}"),
            Self::Damaged(why) => write!(
                f,
                "the registry is damaged: {why}; stop, copy the folder away, and `tollgate site restore` a backup"
            ),
            Self::ClockBack { now_s, seen_s } => write!(
                f,
                "the clock says {now_s}, but the registry was written at {seen_s}, {} s later: set the \
                 clock right; if it was the later time that was wrong, `tollgate site clock --accept`",
                seen_s.saturating_sub(*now_s)
            ),
            Self::Journal(why) => write!(f, "the journal of withdrawals: {why}; nothing was changed"),
            Self::JournalBehind(why) => write!(
                f,
                "the journal of withdrawals: {why}; what was taken back holds, but after a restore it would be \
                 withdrawn again"
            ),
            Self::Site(why) => f.write_str(why),
            Self::Engine(why) => write!(f, "the registry: {why}"),
        }
    }
}

impl std::error::Error for RegistryError {}
