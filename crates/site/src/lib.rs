//! The authority of a site: it keeps the site's signing key and gives tokens to the site's clients.
//!
//! What a token says, and how a gate judges it, stands in docs/site-token.md. A gate never needs this
//! crate: it knows the public keys (`site-keys.json`) and nothing else.
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

#[cfg_attr(unix, path = "access_unix.rs")]
#[cfg_attr(not(unix), path = "access_other.rs")]
mod access;
mod authority;
mod error;
mod files;
mod keyfile;
mod record;
mod token;

pub use authority::Authority;
pub use error::{IssueError, SiteError};
pub use record::{KeyState, ListedKey};
pub use token::{BulkRequest, ClientRequest, Confirmation, Issued, Provenance};
pub use tollgate::site::ALGORITHMS;
