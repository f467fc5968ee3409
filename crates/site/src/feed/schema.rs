//! What a reader relies on in `registry.db`: the tables that the authority writes, and how they are told
//! from those of another program or version.

/// `PRAGMA application_id`: "toll".
pub const APPLICATION_ID: i64 = 0x746F_6C6C;

/// `PRAGMA user_version`: the version of the schema that this version writes, and the latest that it reads.
pub const SCHEMA_VERSION: i64 = 2;

/// The earliest version whose rows are as they are now: a gate reads it, and a backup of it can be put back. What
/// changes a table raises this; version 2 added an index.
pub const SCHEMA_LEAST: i64 = 1;

/// The name of the row of `setting` that says from which number on `change` has every row; without the
/// row, from 1 on.
pub const CHANGE_FROM: &str = "change_from";

/// The tables of the feed, empty, with a head. The authority's migrations make the same; tests make
/// theirs from this.
pub const TABLES: &str = "
CREATE TABLE head (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    epoch BLOB    NOT NULL CHECK (length(epoch) = 16),
    seq   INTEGER NOT NULL,
    at    INTEGER NOT NULL
);
CREATE TABLE change (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    effect  INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    scope   BLOB    NOT NULL,
    subject BLOB    NOT NULL,
    before  INTEGER
);
CREATE TABLE withdrawn (
    kind    INTEGER NOT NULL,
    scope   BLOB    NOT NULL,
    subject BLOB    NOT NULL,
    before  INTEGER,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    expires INTEGER,
    note    TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (kind, scope, subject)
) WITHOUT ROWID;
CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value
) WITHOUT ROWID;
";
