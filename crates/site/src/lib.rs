//! The authority of a site: it keeps the site's signing key and gives tokens to the site's clients.
//!
//! What a token says, and how a gate judges it, stands in docs/site-token.md. Of this crate
//! a gate needs the feed alone: without the feature `issue` there is nothing here that signs.
//!
//! ```text
//! DATA/                0700
//!   site.json          0600   who the site is, which key signs; written last: without it no site
//!   site-keys.json     0644   the public keys, a JWK set: for gates
//!   keys/              0700
//!     <kid>.pem        0600   the private key, PKCS#8
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
mod authority;
#[cfg(feature = "issue")]
mod error;
#[cfg(feature = "issue")]
mod files;
#[cfg(feature = "issue")]
mod keyfile;
#[cfg(feature = "issue")]
mod record;
#[cfg(feature = "issue")]
mod token;

#[cfg(feature = "issue")]
pub use authority::Authority;
#[cfg(feature = "issue")]
pub use error::{IssueError, SiteError};
#[cfg(feature = "issue")]
pub use record::{KeyState, ListedKey};
#[cfg(feature = "issue")]
pub use token::{BulkRequest, ClientRequest, Confirmation, Issued, Provenance};
pub use tollgate::site::ALGORITHMS;
