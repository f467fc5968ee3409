//! The feed of withdrawals and settings: one ordered list of changes, and what holds at its head.
//!
//! It is read out of the registry's file, or out of a file that the site signs (docs/design-feed.md).
//! Neither needs a private key.

mod change;
mod error;
mod file;
mod hearing;
#[cfg(feature = "registry")]
mod registry;
mod schema;
#[cfg(feature = "issue")]
mod sign;
mod wire;
#[cfg(feature = "issue")]
mod writer;

pub use change::{Change, Effect, Head, Kind};
pub use error::FeedError;
pub use file::{Heard, Reader, read_signed};
pub use hearing::{Hearing, Item, Listener, Position, TAKEN_BACK};
#[cfg(feature = "registry")]
pub use registry::{Before, LastChange, Looked, read_registry};
pub use schema::{APPLICATION_ID, CHANGE_FROM, SCHEMA_LEAST, SCHEMA_VERSION, TABLES};
#[cfg(feature = "issue")]
pub use sign::{FeedPen, Signer, Standing};
pub use wire::{FEED_BYTES, FEED_TYP};
#[cfg(feature = "issue")]
pub use writer::FeedFile;
