//! Why a credential was refused: a number that never changes its meaning, its class, and what to do.
//!
//! The reason is for the operator. Outsiders see the class only, as an HTTP status.

mod table;

pub use table::Reason;

use core::fmt;

use crate::method::Method;

/// The thousands of a reason's number: what kind of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u16)]
pub enum Class {
    /// Not a credential.
    Malformed = 1000,
    /// Nobody we trust said this, or nobody proved it.
    Untrusted = 2000,
    /// Proven, at another time.
    Untimely = 3000,
    /// Proven, but not allowed here.
    Unsuitable = 4000,
    /// Was fine, taken back.
    Withdrawn = 5000,
    /// We could not know; so, no.
    Undecidable = 6000,
}

impl Class {
    /// Every class, by number.
    pub const ALL: [Self; 6] = [
        Self::Malformed,
        Self::Untrusted,
        Self::Untimely,
        Self::Unsuitable,
        Self::Withdrawn,
        Self::Undecidable,
    ];

    /// The name that scripts read.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Untrusted => "untrusted",
            Self::Untimely => "untimely",
            Self::Unsuitable => "unsuitable",
            Self::Withdrawn => "withdrawn",
            Self::Undecidable => "undecidable",
        }
    }

    /// What an outsider is told. Our own trouble (6000) is never told to a client as its fault.
    #[must_use]
    pub fn http_status(self) -> u16 {
        match self {
            Self::Malformed | Self::Untrusted | Self::Untimely | Self::Withdrawn => 401,
            Self::Unsuitable => 403,
            Self::Undecidable => 503,
        }
    }
}

impl Reason {
    /// The class, which is the thousands of the number.
    #[must_use]
    pub fn class(self) -> Class {
        match self.number() / 1000 {
            1 => Class::Malformed,
            2 => Class::Untrusted,
            3 => Class::Untimely,
            4 => Class::Unsuitable,
            5 => Class::Withdrawn,
            _ => Class::Undecidable,
        }
    }

    /// See [`Class::http_status`].
    #[must_use]
    pub fn http_status(self) -> u16 {
        self.class().http_status()
    }
}

/// A small fact beside a reason. Never text from the credential: it goes to logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The reason says it all.
    None,
    /// Name of the header member or claim at fault.
    Member(&'static str),
    /// A measured size or count, and its bound.
    Count {
        /// What was found.
        got: u64,
        /// What is allowed.
        limit: u64,
    },
    /// A distance in time, and its bound, in seconds.
    Seconds {
        /// What was found.
        got: i64,
        /// What is allowed.
        limit: i64,
    },
}

/// A refusal: the reason and one small fact. Fixed size, `Copy`, no text of the credential inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// What exactly.
    pub detail: Detail,
    /// The method of the issuer that the credential named, where one was found.
    pub method: Option<Method>,
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reason, detail: Detail::None, method: None }
    }
}

impl Reason {
    pub(crate) fn of(self, member: &'static str) -> Refusal {
        self.with(Detail::Member(member))
    }

    pub(crate) fn count(self, got: usize, limit: usize) -> Refusal {
        self.with(Detail::Count { got: got as u64, limit: limit as u64 })
    }

    fn with(self, detail: Detail) -> Refusal {
        Refusal { reason: self, detail, method: None }
    }

    pub(crate) fn seconds(self, got: i64, limit: i64) -> Refusal {
        self.with(Detail::Seconds { got, limit })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.reason.name(), self.reason.number(), self.reason.sentence())?;
        match self.detail {
            Detail::None => Ok(()),
            Detail::Member(name) => write!(f, " [{name}]"),
            Detail::Count { got, limit } => write!(f, " [{got}, at most {limit}]"),
            Detail::Seconds { got, limit } => write!(f, " [{got} s, at most {limit} s]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_names_are_unique_snake_case() {
        for pair in Reason::ALL.windows(2) {
            assert!(pair[0].number() < pair[1].number(), "{pair:?}");
        }
        for (i, reason) in Reason::ALL.iter().enumerate() {
            let name = reason.name();
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            );
            assert!(Reason::ALL[..i].iter().all(|other| other.name() != name), "{name} twice");
            assert!(!reason.remedy().is_empty() && reason.sentence().ends_with('.'), "{name}");
        }
    }

    #[test]
    fn number_and_back() {
        for reason in Reason::ALL {
            assert_eq!(Reason::from_number(reason.number()), Some(*reason));
            assert_eq!(reason.class() as u16, reason.number() / 1000 * 1000);
        }
        assert_eq!(Reason::from_number(0), None);
        assert_eq!(Reason::from_number(1), None);
    }
}
