//! The authority of a site: it registers clients, gives them tokens, renews those, and withdraws.
//!
//! What a token says, and how a gate judges it, stands in docs/site-token.md; what is kept and how it is
//! written in docs/design-site.md; the commands in docs/site.md. A gate never needs this crate: it knows the
//! public keys (`site-keys.json`) and hears the feed.
//!
//! ```text
//! DATA/                0700
//!   site.json          0600   who the site is; written last: without it no site
//!   site-keys.json     0644   the public keys, a JWK set: for gates
//!   keys/              0700
//!     <kid>.pem        0600   a private key, PKCS#8
//!   registry.db        0600   what the site remembers (SQLite)
//!   journal.jsonl      0600   every withdrawal, once more: it outlives the registry
//!   checkpoints.jsonl  0600   signatures over the audit, once more
//! ```
//!
//! Time is an argument here too. Private keys are wiped when they are dropped, and stand in no error
//! and no debug output.

#![forbid(unsafe_code)]

#[cfg_attr(unix, path = "access_unix.rs")]
#[cfg_attr(not(unix), path = "access_other.rs")]
mod access;
mod act;
mod audit;
mod audit_trail;
mod authority;
mod bulk;
mod clients;
mod error;
mod files;
mod group;
mod hex;
mod jkt;
mod journal;
mod keyfile;
mod keylife;
mod keyring;
mod people;
mod presented;
mod proof;
mod reason;
mod record;
mod registration;
pub mod registry;
mod renewal;
mod restore;
mod target;
mod tending;
mod terms;
mod token;
mod withdrawal;

pub use audit_trail::{Broken, Verified};
pub use authority::Authority;
pub use bulk::NewBulkToken;
pub use clients::{ClientSettings, GATEWAY_ALLOWED, USER_POLICY};
pub use error::{IssueError, SiteError};
pub use keyring::{KeyState, ListedKey};
pub use people::{IMPORT_BYTES, Import};
pub use proof::Proof;
pub use reason::{Denied, EnrolmentReason, Why};
pub use registration::{Checked, Grant, Place, Registered, Registration, Voucher};
pub use restore::{Restore, Since};
pub use target::{Target, shown};
pub use tending::Tended;
pub use terms::{Approval, Lapse, OnClone, Terms, TermsError};
pub use token::{BulkRequest, ClientRequest, Confirmation, Issued, Provenance};
pub use tollgate::site::ALGORITHMS;
pub use withdrawal::{Effects, Order, Undo};
