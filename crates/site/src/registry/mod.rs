//! What the site remembers: one trait, whatever keeps it.
//!
//! A [`Registry`] gives transactions and nothing else; what is done in them, and why, is written once,
//! above it. `conformance`, a feature, holds every engine to the same behaviour.

mod change;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod rows;
mod sqlite;

pub use change::WithdrawnRow;
pub use error::RegistryError;
pub use rows::{
    AuditEntry, AuditRows, BulkRows, BulkToken, Client, ClientFilter, ClientRows, ClientState,
    FeedRows, Imported, KeyRow, KeyRows, Page, PeopleRows, Person, Reply, ReplyRows, Rows,
    SettingRows, TenantCount,
};
pub use sqlite::{Sqlite, SqliteOptions};

pub use crate::feed::{Change, Effect, Head, Kind, SCHEMA_VERSION};

/// What is done in a transaction.
pub type Work<'w> = dyn FnMut(&mut dyn Rows) -> Result<(), RegistryError> + 'w;

/// Keeps what the site remembers. Shared by threads; the store below it by processes.
pub trait Registry: Send + Sync {
    /// Runs `work` in one transaction that no other writer overlaps, and returns once it is durable.
    /// Blocks while another process writes, for as long as the engine was told.
    ///
    /// # Errors
    /// What `work` gives, or the engine; then nothing of it was written.
    fn write(&self, work: &mut Work<'_>) -> Result<(), RegistryError>;

    /// Runs `work` on one state of the store, while others go on writing. It must not write.
    ///
    /// # Errors
    /// What `work` gives, or the engine.
    fn read(&self, work: &mut Work<'_>) -> Result<(), RegistryError>;
}
