//! Why a feed was not heard: each is a clause behind the name of the file.

use std::fmt;

/// Why nothing was taken from a feed. What was heard before stands, and grows old.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FeedError {
    /// It is not there, or may not be read.
    Unreadable(String),
    /// Somebody else held it locked for longer than was waited.
    Busy,
    /// It is something else than a feed.
    NotAFeed(String),
    /// A later version wrote it.
    Newer {
        /// The version of its schema.
        found: i64,
        /// The latest that is known here.
        known: i64,
    },
    /// What is in it contradicts itself.
    Damaged(String),
    /// It says less than was heard already: a backup that was put back, or an old copy that is shown again.
    Back(String),
    /// Changes are missing between what was heard and what it tells.
    Gap {
        /// What was heard.
        heard: i64,
        /// The number behind which it goes on.
        from: i64,
    },
    /// Another site's, or signed by nobody who may.
    NotBySite(String),
    /// Nothing was said for too long.
    Silent {
        /// How old the last word is, in seconds.
        age_s: u64,
    },
    /// It is dated later than now.
    Future {
        /// How much, in seconds.
        ahead_s: i64,
    },
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "cannot be read: {why}"),
            Self::Busy => f.write_str(
                "is locked by another process; see which one holds it, and end what does not give it back",
            ),
            Self::NotAFeed(why) => write!(f, "is no feed: {why}"),
            Self::Newer { found, known } => write!(
                f,
                "has schema {found}, and this version reads {known}: update the gateway before the site"
            ),
            Self::Damaged(why) => write!(f, "is damaged: {why}"),
            Self::Back(why) => write!(
                f,
                "goes back: {why}; if a backup was put back, `tollgate site restore` has to do it"
            ),
            Self::Gap { heard, from } => write!(
                f,
                "has a gap: changes up to {heard} were heard, and it goes on behind {from}"
            ),
            Self::NotBySite(why) => write!(f, "is not the site's: {why}"),
            Self::Silent { age_s } => write!(
                f,
                "says nothing new: its last word is {age_s} s old; see whether the site still writes it, \
                 and compare the clocks"
            ),
            Self::Future { ahead_s } => write!(
                f,
                "is dated {ahead_s} s in the future: compare the clocks of the site and the gateway"
            ),
        }
    }
}

impl std::error::Error for FeedError {}
