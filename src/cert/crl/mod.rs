//! Certificate revocation lists (RFC 5280 section 5), an engine of our own.
//!
//! [`Crl::read`] takes a list apart in one pass, in place, checks its signature once, and keeps an index of
//! 21 to 25 bytes an entry. [`Crls`] are the lists of one PKI, found by issuer and distribution point:
//! full ones with their deltas, partitions, lists for some reasons only and indirect ones. Which of
//! them count at a second, and what they say of a path, is [`Crls::status`]; no signature is checked there.
//! docs/design-crl.md says why it is built so.

mod entries;
mod index;
mod list;
mod lists;
mod names;
mod scope;
mod signer;
mod status;
mod time;

use core::fmt;

pub use list::{BadCrl, Crl, crl_ders};
pub(crate) use lists::Steady;
pub use lists::{CrlRules, Crls, Depth, Listed};
pub use status::{Status, Unknown};

/// What a list says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// When it was revoked, in Unix seconds; 0 for what is earlier, `u32::MAX` (2106) for what is later.
    pub date: u32,
    /// CRLReason (RFC 5280 section 5.3.1); 0 where the list does not say.
    pub reason: u8,
}

impl Revocation {
    /// removeFromCRL: it takes an entry of the base back (section 5.3.1).
    fn is_removal(self) -> bool {
        self.reason == REMOVE_FROM_CRL
    }

    /// The reason's name.
    #[must_use]
    pub fn reason_name(self) -> &'static str {
        REASON_NAMES.get(usize::from(self.reason)).copied().unwrap_or("unspecified")
    }
}

const REMOVE_FROM_CRL: u8 = 8;

const REASON_NAMES: [&str; 11] = [
    "unspecified",
    "keyCompromise",
    "cACompromise",
    "affiliationChanged",
    "superseded",
    "cessationOfOperation",
    "certificateHold",
    "unspecified",
    "removeFromCRL",
    "privilegeWithdrawn",
    "aACompromise",
];

impl fmt::Display for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "revoked at {} ({})", self.date, self.reason_name())
    }
}
