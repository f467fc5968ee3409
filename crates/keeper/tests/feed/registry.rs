//! A registry as the authority writes it: `head` last, in the transaction of the change.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Transaction, params};
use tollgate::Guid;
use tollgate_site::feed::{APPLICATION_ID, Effect, Kind, SCHEMA_VERSION, TABLES};

use super::world::START;

/// Effect, kind, scope, subject, before.
pub(crate) type Row<'r> = (Effect, Kind, &'r [u8], &'r [u8], Option<i64>);

pub(crate) struct Registry {
    pub(crate) path: PathBuf,
    pub(crate) connection: Connection,
}

impl Registry {
    pub(crate) fn new(path: &Path, epoch: [u8; 16]) -> Self {
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.pragma_update(None, "synchronous", "FULL").unwrap();
        connection.pragma_update(None, "application_id", APPLICATION_ID).unwrap();
        connection.pragma_update(None, "user_version", SCHEMA_VERSION).unwrap();
        connection.execute_batch(TABLES).unwrap();
        let head = "INSERT INTO head VALUES (1, ?1, 0, ?2)";
        connection.execute(head, params![epoch, START.unix_s]).unwrap();
        let site = "INSERT INTO setting VALUES ('site', ?1)";
        connection.execute(site, [super::town::SITE.0]).unwrap();
        Self { path: path.into(), connection }
    }

    /// One that is there.
    pub(crate) fn open(path: &Path) -> Self {
        Self { path: path.into(), connection: Connection::open(path).unwrap() }
    }

    /// All changes in one transaction.
    pub(crate) fn change(&mut self, changes: &[Row<'_>]) {
        let transaction = self.connection.transaction().unwrap();
        for change in changes {
            append(&transaction, *change);
        }
        transaction.commit().unwrap();
    }

    pub(crate) fn withdraw_client(&mut self, site: Guid, client: Guid) {
        self.change(&[(Effect::Withdraw, Kind::Client, &site.0, &client.0, None)]);
    }

    pub(crate) fn restore_client(&mut self, site: Guid, client: Guid) {
        self.change(&[(Effect::Undo, Kind::Client, &site.0, &client.0, None)]);
    }
}

fn append(transaction: &Transaction<'_>, (effect, kind, scope, subject, before): Row<'_>) {
    let seq = "SELECT seq + 1 FROM head";
    let seq: i64 = transaction.query_row(seq, [], |row| row.get(0)).unwrap();
    let change = "INSERT INTO change VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let row = params![seq, START.unix_s, effect as i64, kind as i64, scope, subject, before];
    transaction.execute(change, row).unwrap();
    if effect == Effect::Withdraw {
        let withdrawn =
            "INSERT OR REPLACE INTO withdrawn VALUES (?1, ?2, ?3, ?4, ?5, ?6, NULL, '')";
        let row = params![kind as i64, scope, subject, before, seq, START.unix_s];
        transaction.execute(withdrawn, row).unwrap();
    } else {
        let gone = "DELETE FROM withdrawn WHERE kind = ?1 AND scope = ?2 AND subject = ?3";
        transaction.execute(gone, params![kind as i64, scope, subject]).unwrap();
    }
    transaction.execute("UPDATE head SET seq = ?1", [seq]).unwrap();
}
