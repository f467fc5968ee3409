//! The schema, version by version. Forward only: what is published is never edited, the next version is
//! appended.

use crate::feed::SCHEMA_VERSION;

/// What leads from the version before to this one; the first makes an empty file into version 1.
pub(super) const MIGRATIONS: [&str; SCHEMA_VERSION as usize] = [V1, V2];

/// Everything that is copied when a backup is put back, in an order that foreign keys allow. Not `change`: the
/// new epoch counts anew.
pub(super) const TABLES: [&str; 11] = [
    "site_key",
    "setting",
    "bulk_token",
    "client",
    "reply",
    "client_setting",
    "person",
    "device",
    "withdrawn",
    "audit",
    "head",
];

const V1: &str = "
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1), epoch BLOB NOT NULL CHECK (length(epoch) = 16),
    seq INTEGER NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE TABLE change (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, effect INTEGER NOT NULL, kind INTEGER NOT NULL,
    scope BLOB NOT NULL, subject BLOB NOT NULL, before INTEGER
) STRICT;
CREATE TABLE withdrawn (
    kind INTEGER NOT NULL, scope BLOB NOT NULL, subject BLOB NOT NULL, before INTEGER,
    seq INTEGER NOT NULL, at INTEGER NOT NULL, expires INTEGER, note TEXT NOT NULL,
    PRIMARY KEY (kind, scope, subject)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX withdrawn_seq ON withdrawn (seq);
CREATE INDEX withdrawn_expires ON withdrawn (expires) WHERE expires IS NOT NULL;
CREATE TABLE setting (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE site_key (
    num INTEGER PRIMARY KEY, kid TEXT NOT NULL UNIQUE, alg TEXT NOT NULL, jwk TEXT NOT NULL,
    created INTEGER NOT NULL, active_from INTEGER NOT NULL, withdrawn INTEGER
) STRICT;
CREATE TABLE bulk_token (
    num INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE CHECK (length(id) = 16), label TEXT NOT NULL,
    endpoint TEXT, device_name TEXT, created INTEGER NOT NULL, expires INTEGER NOT NULL,
    max_uses INTEGER, uses INTEGER NOT NULL DEFAULT 0 CHECK (max_uses IS NULL OR uses <= max_uses),
    last_used INTEGER, key INTEGER NOT NULL REFERENCES site_key (num), blocked INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE client (
    num INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    thumbprint BLOB NOT NULL UNIQUE CHECK (length(thumbprint) = 32), name TEXT NOT NULL,
    state INTEGER NOT NULL, origin INTEGER NOT NULL, origin_id BLOB, device BLOB, endpoint TEXT NOT NULL,
    registered INTEGER NOT NULL, generation INTEGER NOT NULL, token BLOB NOT NULL, issued INTEGER NOT NULL,
    expires INTEGER NOT NULL, key INTEGER REFERENCES site_key (num), graces INTEGER NOT NULL DEFAULT 0,
    alarms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX client_origin ON client (origin_id, id) WHERE origin_id IS NOT NULL;
CREATE INDEX client_state ON client (state, id) WHERE state <> 2;
CREATE TABLE reply (
    num INTEGER PRIMARY KEY, request BLOB NOT NULL UNIQUE CHECK (length(request) = 32),
    at INTEGER NOT NULL, client BLOB NOT NULL, generation INTEGER NOT NULL, jti BLOB NOT NULL,
    expires INTEGER NOT NULL, token TEXT NOT NULL
) STRICT;
CREATE TABLE client_setting (
    client BLOB NOT NULL, name TEXT NOT NULL, value INTEGER NOT NULL, PRIMARY KEY (client, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE person (
    tenant BLOB NOT NULL, object BLOB NOT NULL, sid TEXT NOT NULL, enabled INTEGER NOT NULL,
    PRIMARY KEY (tenant, object)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_sid ON person (sid) WHERE sid <> '';
CREATE TABLE device (
    client BLOB PRIMARY KEY, tenant BLOB NOT NULL, device BLOB NOT NULL, joined TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX device_tenant ON device (tenant);
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, act TEXT NOT NULL,
    subject TEXT NOT NULL, detail TEXT NOT NULL, hash BLOB NOT NULL, checkpoint TEXT
) STRICT;
CREATE INDEX audit_checkpoint ON audit (seq, at) WHERE checkpoint IS NOT NULL;
";

/// How many live tokens a key signed is asked by `keys list`, and by `keys withdraw` while everybody waits.
const V2: &str = "
CREATE INDEX client_key ON client (key, expires) WHERE key IS NOT NULL;
";
