//! What is withdrawn now, with all that an administrator wants to know of it.

use crate::feed::Kind;

/// Something that is withdrawn now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawnRow {
    /// What it names.
    pub kind: Kind,
    /// Of whom.
    pub scope: Vec<u8>,
    /// Which one.
    pub subject: Vec<u8>,
    /// Only what was issued before this second.
    pub before_s: Option<i64>,
    /// The change that did it.
    pub seq: i64,
    /// When, in seconds since 1970.
    pub at_s: i64,
    /// From then on nothing that it names can be valid.
    pub expires_s: Option<i64>,
    /// What the administrator wrote beside it.
    pub note: String,
}

impl WithdrawnRow {
    /// Whether it names what was issued at a time.
    #[must_use]
    pub fn names(&self, issued_s: i64) -> bool {
        self.before_s.is_none_or(|before_s| issued_s < before_s)
    }
}
