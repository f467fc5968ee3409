//! The registry in one SQLite file, shared by the processes of a machine.
//!
//! WAL and `synchronous = FULL`: a commit is on the disk before it is acknowledged, and readers go on while
//! one process writes. A file that a later version made is refused, an earlier one is brought up to date.

mod client_rows;
mod feed_rows;
mod rows;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, TransactionBehavior};

use tollgate::Guid;

use super::{Registry, RegistryError, Work};
use crate::access;
use crate::feed::{APPLICATION_ID, SCHEMA_LEAST, SCHEMA_VERSION};
use crate::files::Readers;
use crate::registry::Rows;
use schema::{MIGRATIONS, TABLES};

/// A registry in a file.
pub struct Sqlite {
    path: PathBuf,
    options: SqliteOptions,
    writer: Mutex<Connection>,
    /// Readers that are free.
    readers: Mutex<Vec<Connection>>,
}

/// How the file is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqliteOptions {
    /// How long is waited for another process that writes, in milliseconds.
    pub busy_ms: u64,
    /// Most pages of 4 KiB that the file may grow to; a write beyond it fails as on a full disk.
    pub most_pages: Option<u32>,
}

impl Default for SqliteOptions {
    /// Ten seconds are longer than any transaction that is made here, and shorter than a caller's patience.
    fn default() -> Self {
        Self { busy_ms: 10_000, most_pages: None }
    }
}

/// A prepared statement is kept for each piece of SQL in this crate.
const STATEMENTS: usize = 96;

impl Sqlite {
    /// Makes a registry in a file that is not there yet, for its owner alone.
    ///
    /// # Errors
    /// When it is there, or the system would not write.
    pub fn create(path: &Path, options: SqliteOptions) -> Result<Self, RegistryError> {
        access::create_new(path, Readers::Owner).map_err(|error| match error.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                RegistryError::ReadOnly
            }
            _ => RegistryError::Engine(format!("{}: cannot be made: {error}", path.display())),
        })?;
        Self::open_existing(path, options, true)
    }

    /// Opens the registry in a file, and brings its schema up to date.
    ///
    /// # Errors
    /// When there is none, when it is something else's, a later version's or damaged, and when it cannot be
    /// read.
    pub fn open(path: &Path, options: SqliteOptions) -> Result<Self, RegistryError> {
        if !path.exists() {
            return Err(RegistryError::Missing(path.into()));
        }
        Self::open_existing(path, options, false)
    }

    fn open_existing(
        path: &Path,
        options: SqliteOptions,
        is_new: bool,
    ) -> Result<Self, RegistryError> {
        let mut writer = connect(path, options)?;
        migrate(&mut writer, is_new)?;
        Ok(Self {
            path: path.into(),
            options,
            writer: Mutex::new(writer),
            readers: Mutex::default(),
        })
    }

    /// Writes a copy of one state of the registry into a new file, while others go on writing.
    ///
    /// # Errors
    /// When the file is there, or the system would not write.
    pub fn backup(&self, to: &Path) -> Result<(), RegistryError> {
        let failed = |error: std::io::Error| {
            RegistryError::Engine(format!("{}: cannot be made: {error}", to.display()))
        };
        // Made for its owner first: SQLite would ask the umask.
        access::create_new(to, Readers::Owner).map_err(failed)?;
        let reader = self.reader()?;
        let mut copy = Connection::open(to).map_err(|error| told(&error, self.options))?;
        // In one step, on one state: a backup that lets others in between begins anew each time one writes.
        // Nobody waits for it: readers of a WAL do not hold up writers.
        let done = rusqlite::backup::Backup::new(&reader, &mut copy)
            .and_then(|backup| backup.run_to_completion(i32::MAX, Duration::ZERO, None));
        if let Err(error) = done {
            let _ = std::fs::remove_file(to);
            return Err(told(&error, self.options));
        }
        self.free(reader);
        // A backup is one file: its own log is folded in.
        copy.pragma_update(None, "journal_mode", "DELETE")
            .and_then(|()| check(&copy))
            .map_err(|error| told(&error, self.options))?;
        drop(copy);
        let synced = std::fs::File::open(to).and_then(|file| file.sync_all());
        synced.and_then(|()| access::sync_folder(crate::files::folder_of(to))).map_err(failed)
    }

    /// Puts the rows of a backup in place of all that is here, and runs `work` on them, in one transaction.
    ///
    /// # Errors
    /// When the backup is no registry, is a later version's or damaged; then nothing was changed.
    pub fn replace_by(&self, backup: &Path, work: &mut Work<'_>) -> Result<(), RegistryError> {
        let told = |error| told(&error, self.options);
        Self::look_into(backup)?;
        let mut writer = self.writer();
        let name = backup.to_string_lossy();
        writer.execute("ATTACH DATABASE ?1 AS backup", [name.as_ref()]).map_err(told)?;
        let done = write(&mut writer, self.options, &mut |connection| {
            for table in TABLES.iter().rev().chain(&["change"]) {
                connection.execute(&format!("DELETE FROM main.{table}"), []).map_err(told)?;
            }
            for table in TABLES {
                let copy = format!("INSERT INTO main.{table} SELECT * FROM backup.{table}");
                connection.execute(&copy, []).map_err(told)?;
            }
            work(&mut rows::Transaction::new(connection, self.options))
        });
        let detached = writer.execute("DETACH DATABASE backup", []).map_err(told);
        done.and(detached.map(drop))
    }

    /// Which site a backup is of, read without touching it.
    ///
    /// # Errors
    /// When it is no registry of a version that is known.
    pub fn look_into(backup: &Path) -> Result<Option<Guid>, RegistryError> {
        let told = |error| told(&error, SqliteOptions::default());
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let source = Connection::open_with_flags(backup, flags).map_err(told)?;
        match version(&source).map_err(told)? {
            (APPLICATION_ID, SCHEMA_LEAST..=SCHEMA_VERSION) => {}
            (APPLICATION_ID, found) if found > SCHEMA_VERSION => {
                return Err(RegistryError::Newer { found, known: SCHEMA_VERSION });
            }
            _ => return Err(RegistryError::NotOurs(format!("{}", backup.display()))),
        }
        check(&source).map_err(told)?;
        let site = "SELECT value FROM setting WHERE key = 'site'";
        source.query_row(site, [], |row| rows::guid(row, 0)).optional().map_err(told)
    }

    /// Whether its pages and indexes agree. Reads all of it.
    ///
    /// # Errors
    /// When they do not.
    pub fn check(&self) -> Result<(), RegistryError> {
        check(&self.writer()).map_err(|error| told(&error, self.options))
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        // A panic rolled its transaction back; the connection is as good as before.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reader(&self) -> Result<Connection, RegistryError> {
        let free = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.map_or_else(|| connect(&self.path, self.options), Ok)
    }

    fn free(&self, reader: Connection) {
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < 8 {
            readers.push(reader);
        }
    }
}

impl Registry for Sqlite {
    fn write(&self, work: &mut Work<'_>) -> Result<(), RegistryError> {
        write(&mut self.writer(), self.options, &mut |connection| {
            work(&mut rows::Transaction::new(connection, self.options) as &mut dyn Rows)
        })
    }

    fn read(&self, work: &mut Work<'_>) -> Result<(), RegistryError> {
        let told = |error| told(&error, self.options);
        let mut reader = self.reader()?;
        let transaction =
            reader.transaction_with_behavior(TransactionBehavior::Deferred).map_err(told)?;
        work(&mut rows::Transaction::new(&transaction, self.options))?;
        transaction.finish().map_err(told)?;
        self.free(reader);
        Ok(())
    }
}

fn write(
    writer: &mut Connection,
    options: SqliteOptions,
    work: &mut dyn FnMut(&Connection) -> Result<(), RegistryError>,
) -> Result<(), RegistryError> {
    let told = |error| told(&error, options);
    let transaction =
        writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
    // Dropped unless it is committed: everything is rolled back.
    work(&transaction)?;
    transaction.commit().map_err(told)
}

fn connect(path: &Path, options: SqliteOptions) -> Result<Connection, RegistryError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(path, flags).map_err(|error| told(&error, options))?;
    prepare(&connection, options).map_err(|error| told(&error, options))?;
    Ok(connection)
}

fn prepare(connection: &Connection, options: SqliteOptions) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_millis(options.busy_ms))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Names in a file that somebody exchanged do nothing by themselves.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -32 * 1024)?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_096)?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    if let Some(pages) = options.most_pages {
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    }
    Ok(())
}

fn version(connection: &Connection) -> rusqlite::Result<(i64, i64)> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok((number("application_id")?, number("user_version")?))
}

/// Brings the schema to [`SCHEMA_VERSION`]. Two processes that start at once do it once.
fn migrate(connection: &mut Connection, is_new: bool) -> Result<(), RegistryError> {
    let options = SqliteOptions::default();
    let told = |error| told(&error, options);
    match version(connection).map_err(told)? {
        (APPLICATION_ID, SCHEMA_VERSION) => return Ok(()),
        (APPLICATION_ID, found) if found > SCHEMA_VERSION => {
            return Err(RegistryError::Newer { found, known: SCHEMA_VERSION });
        }
        (APPLICATION_ID, 1..) => {}
        (0, 0) if is_new => {
            connection.pragma_update(None, "journal_mode", "WAL").map_err(told)?;
        }
        (id, version) => {
            let why = format!("application id {id}, version {version}");
            return Err(RegistryError::NotOurs(why));
        }
    }
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Exclusive).map_err(told)?;
    let (_, found) = version(&transaction).map_err(told)?;
    for (from, sql) in (0..).zip(MIGRATIONS).skip(usize::try_from(found).unwrap_or(0)) {
        transaction
            .execute_batch(sql)
            .and_then(|()| transaction.pragma_update(None, "application_id", APPLICATION_ID))
            .and_then(|()| transaction.pragma_update(None, "user_version", from + 1))
            .map_err(told)?;
    }
    transaction.commit().map_err(told)
}

/// Whether pages and indexes agree.
fn check(connection: &Connection) -> rusqlite::Result<()> {
    let said: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if said == "ok" {
        return Ok(());
    }
    Err(rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT),
        Some(said),
    ))
}

/// What the engine says, as what an administrator can act on.
pub(super) fn told(error: &rusqlite::Error, options: SqliteOptions) -> RegistryError {
    let words = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            RegistryError::Busy(options.busy_ms)
        }
        Some(ErrorCode::DiskFull) => RegistryError::Full,
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            RegistryError::ReadOnly
        }
        Some(ErrorCode::DatabaseCorrupt) => RegistryError::Damaged(words),
        Some(ErrorCode::NotADatabase) => RegistryError::NotOurs(words),
        Some(ErrorCode::ConstraintViolation) => {
            RegistryError::Damaged(format!("a row contradicts another: {words}"))
        }
        _ => RegistryError::Engine(words),
    }
}
