//! The authority of a site: it registers clients, gives them tokens, renews those, and withdraws.
//!
//! What a token says, and how a gate judges it, stands in docs/site-token.md; what is kept and how it is
//! written in docs/design-site.md; the commands in docs/site.md. Of this crate a gate needs the feed alone:
//! without the feature `issue` there is nothing here that signs.
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

pub mod feed;

#[cfg(feature = "issue")]
#[cfg_attr(unix, path = "access_unix.rs")]
#[cfg_attr(not(unix), path = "access_other.rs")]
mod access;
#[cfg(feature = "issue")]
mod act;
#[cfg(feature = "issue")]
mod asked;
#[cfg(feature = "issue")]
mod audit;
#[cfg(feature = "issue")]
mod audit_trail;
#[cfg(feature = "issue")]
mod authority;
#[cfg(feature = "issue")]
mod bulk;
#[cfg(feature = "issue")]
mod clients;
#[cfg(feature = "issue")]
mod error;
#[cfg(feature = "issue")]
mod files;
#[cfg(feature = "issue")]
mod group;
#[cfg(feature = "issue")]
mod hex;
#[cfg(feature = "issue")]
mod jkt;
#[cfg(feature = "issue")]
mod journal;
#[cfg(feature = "issue")]
mod keyfile;
#[cfg(feature = "issue")]
mod keylife;
#[cfg(feature = "issue")]
mod keyring;
#[cfg(feature = "issue")]
mod people;
#[cfg(feature = "issue")]
mod presented;
#[cfg(feature = "issue")]
mod proof;
#[cfg(feature = "issue")]
mod reason;
#[cfg(feature = "issue")]
mod record;
#[cfg(feature = "issue")]
mod registration;
#[cfg(feature = "issue")]
pub mod registry;
#[cfg(feature = "issue")]
mod renewal;
#[cfg(feature = "issue")]
mod restore;
#[cfg(feature = "issue")]
mod settings;
#[cfg(feature = "issue")]
mod target;
#[cfg(feature = "issue")]
mod tending;
#[cfg(feature = "issue")]
mod terms;
#[cfg(feature = "issue")]
mod token;
#[cfg(feature = "issue")]
mod undo;
#[cfg(feature = "issue")]
mod withdrawal;

#[cfg(feature = "issue")]
pub use asked::{Grant, Place, Registered, Registration, Voucher};
#[cfg(feature = "issue")]
pub use audit_trail::{Broken, Verified};
#[cfg(feature = "issue")]
pub use authority::Authority;
#[cfg(feature = "issue")]
pub use bulk::NewBulkToken;
#[cfg(feature = "issue")]
pub use error::{IssueError, SiteError};
#[cfg(feature = "issue")]
pub use keyring::{KeyState, ListedKey};
#[cfg(feature = "issue")]
pub use people::{IMPORT_BYTES, Import};
#[cfg(feature = "issue")]
pub use proof::Proof;
#[cfg(feature = "issue")]
pub use reason::{Denied, EnrolmentReason, Why};
#[cfg(feature = "issue")]
pub use registration::Checked;
#[cfg(feature = "issue")]
pub use restore::{Restore, Since};
#[cfg(feature = "issue")]
pub use settings::{ClientSettings, GATEWAY_ALLOWED, USER_POLICY};
#[cfg(feature = "issue")]
pub use target::{Target, shown};
#[cfg(feature = "issue")]
pub use tending::Tended;
#[cfg(feature = "issue")]
pub use terms::{Approval, Lapse, OnClone, Terms, TermsError};
#[cfg(feature = "issue")]
pub use token::{BulkRequest, ClientRequest, Confirmation, Issued, Provenance};
pub use tollgate::site::ALGORITHMS;
#[cfg(feature = "issue")]
pub use undo::Undo;
#[cfg(feature = "issue")]
pub use withdrawal::{Effects, Order};
