//! What goes wrong between an administrator, a disk and the authority: each is one line, and none
//! holds anything of a private key.

use std::fmt;
use std::io;
use std::path::PathBuf;

use tollgate::{Algorithm, SigningFailed};

use crate::registry::RegistryError;
use crate::terms::TermsError;

/// Why a site was not made or not opened. Nothing is half made, and nothing is written over.
#[derive(Debug)]
pub enum SiteError {
    /// The folder holds a site already; nothing was changed.
    Exists(PathBuf),
    /// There are parts of a site but no `site.json`: the making of it was interrupted, or somebody
    /// took it away. Its key may have signed, so it is left alone.
    Unfinished {
        /// The folder of the site.
        data: PathBuf,
        /// The part that is there.
        part: &'static str,
    },
    /// The folder holds no site.
    Missing(PathBuf),
    /// Group or others may read, write or enter what is for the owner alone.
    OpenToOthers {
        /// The file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What they have to be.
        wanted: u32,
    },
    /// A file is there and is not what it should be.
    Unfit {
        /// The file or folder.
        path: PathBuf,
        /// A clause, as "it is a link".
        why: String,
    },
    /// The system would not read or write.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// A clause, as "cannot be written".
        what: &'static str,
        /// The system's own words.
        error: io::Error,
    },
    /// Sites do not sign by this algorithm.
    Algorithm(Algorithm),
    /// The registry would not.
    Registry(RegistryError),
    /// The terms cannot be meant.
    Terms(TermsError),
    /// What was asked for cannot be done as things stand: one sentence that says why, and what to do.
    Refused(String),
    /// The cryptography library failed.
    Signing(SigningFailed),
}

impl fmt::Display for SiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(data) => {
                let data = data.display();
                write!(f, "{data}: there is a site already; nothing was changed")
            }
            Self::Unfinished { data, part } => {
                let data = data.display();
                write!(
                    f,
                    "{data}: has {part} but no site.json: an `init` was interrupted, or the file was \
                     taken away; restore it, or name another folder"
                )
            }
            Self::Missing(data) => {
                let data = data.display();
                write!(f, "{data}: there is no site; `tollgate site init` makes one")
            }
            Self::OpenToOthers { path, mode, wanted } => {
                let path = path.display();
                write!(f, "{path}: is open to others (mode {mode:03o}); chmod {wanted:o} {path}")
            }
            Self::Unfit { path, why } => write!(f, "{}: {why}", path.display()),
            Self::Io { path, what, error } => write!(f, "{}: {what}: {error}", path.display()),
            Self::Algorithm(algorithm) => {
                let names = crate::ALGORITHMS.map(Algorithm::name).join(", ");
                write!(f, "a site does not sign by {algorithm}; take one of {names}")
            }
            Self::Registry(error) => error.fmt(f),
            Self::Terms(error) => error.fmt(f),
            Self::Refused(why) => f.write_str(why),
            Self::Signing(failed) => failed.fmt(f),
        }
    }
}

impl From<RegistryError> for SiteError {
    fn from(error: RegistryError) -> Self {
        Self::Registry(error)
    }
}

impl From<TermsError> for SiteError {
    fn from(error: TermsError) -> Self {
        Self::Terms(error)
    }
}

impl From<IssueError> for SiteError {
    fn from(error: IssueError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl std::error::Error for SiteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::Signing(failed) => Some(failed),
            _ => None,
        }
    }
}

impl From<SigningFailed> for SiteError {
    fn from(failed: SigningFailed) -> Self {
        Self::Signing(failed)
    }
}

/// Why a token was not signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssueError {
    /// Too short or too long a life.
    Lifetime {
        /// What was to be signed.
        what: &'static str,
        /// In which unit the numbers are.
        unit: &'static str,
        /// What was asked for.
        got: i64,
        /// The shortest life.
        least: i64,
        /// The longest life.
        most: i64,
    },
    /// The time is outside 1970 to 9999, or the end would be.
    Time(i64),
    /// The private half of the key that signs now is not here: this process verifies and does not issue.
    NoKey,
    /// The cryptography library failed.
    Signing(SigningFailed),
}

impl fmt::Display for IssueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lifetime { what, unit, got, least, most } => {
                write!(f, "{what} lives {least} to {most} {unit}, not {got}")
            }
            Self::Time(now_s) => {
                write!(f, "the clock says {now_s} s since 1970, which no token can hold")
            }
            Self::NoKey => f.write_str(
                "no key signs here: the private half of the active key is not in this folder, or no key is \
                 active; see `tollgate keys list`",
            ),
            Self::Signing(failed) => failed.fmt(f),
        }
    }
}

impl std::error::Error for IssueError {}

impl From<SigningFailed> for IssueError {
    fn from(failed: SigningFailed) -> Self {
        Self::Signing(failed)
    }
}
