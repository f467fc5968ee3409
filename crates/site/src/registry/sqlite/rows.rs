//! Bulk tokens, answers, keys, settings, people and the audit, as SQL.

use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use tollgate::Guid;

use super::{SqliteOptions, told};
use crate::registry::RegistryError;
use crate::registry::rows::{
    AuditEntry, AuditRows, BulkRows, BulkToken, Imported, KeyRow, KeyRows, Page, PeopleRows,
    Person, Reply, ReplyRows, SettingRows, TenantCount,
};

pub(super) type Outcome<T> = Result<T, RegistryError>;

/// The rows of one transaction.
pub(super) struct Transaction<'c> {
    connection: &'c Connection,
    options: SqliteOptions,
}

impl<'c> Transaction<'c> {
    pub(super) fn new(connection: &'c Connection, options: SqliteOptions) -> Self {
        Self { connection, options }
    }

    /// Runs a statement; gives how many rows it changed.
    pub(super) fn run(&self, sql: &str, params: impl Params) -> Outcome<usize> {
        let done = self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(params));
        done.map_err(|error| told(&error, self.options))
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Outcome<Option<T>> {
        let statement = self.connection.prepare_cached(sql);
        let found = statement.and_then(|mut sql| sql.query_row(params, read).optional());
        found.map_err(|error| told(&error, self.options))
    }

    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Outcome<Vec<T>> {
        let found = self.connection.prepare_cached(sql).and_then(|mut sql| {
            let rows = sql.query_map(params, |row| read(row))?;
            rows.collect::<rusqlite::Result<Vec<T>>>()
        });
        found.map_err(|error| told(&error, self.options))
    }
}

/// A GUID out of a column.
pub(super) fn guid(row: &Row<'_>, at: usize) -> rusqlite::Result<Guid> {
    bytes::<16>(row, at).map(Guid)
}

pub(super) fn bytes<const N: usize>(row: &Row<'_>, at: usize) -> rusqlite::Result<[u8; N]> {
    <[u8; N]>::column_result(row.get_ref(at)?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Blob, Box::new(error))
    })
}

/// What is in the column is none of what was ever written there.
pub(super) fn unknown(at: usize, what: &str, number: i64) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(
        at,
        rusqlite::types::Type::Integer,
        format!("{what} {number} is not known").into(),
    )
}

const BULK: &str = "SELECT b.id, b.label, b.endpoint, b.device_name, b.created, b.expires, b.max_uses, b.uses, \
                    b.last_used, k.kid, b.blocked FROM bulk_token b JOIN site_key k ON k.num = b.key ";

fn bulk(row: &Row<'_>) -> rusqlite::Result<BulkToken> {
    Ok(BulkToken {
        id: guid(row, 0)?,
        label: row.get(1)?,
        endpoint: row.get(2)?,
        device_name: row.get(3)?,
        created_s: row.get(4)?,
        expires_s: row.get(5)?,
        max_uses: row.get(6)?,
        uses: row.get(7)?,
        last_used_s: row.get(8)?,
        kid: row.get(9)?,
        is_blocked: row.get(10)?,
    })
}

impl BulkRows for Transaction<'_> {
    fn add_bulk(&mut self, token: &BulkToken) -> Outcome<()> {
        let sql = "INSERT INTO bulk_token (id, label, endpoint, device_name, created, expires, max_uses, uses, \
                   last_used, key, blocked) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, \
                   (SELECT num FROM site_key WHERE kid = ?10), ?11)";
        let BulkToken { id, label, endpoint, device_name, .. } = token;
        let (created, expires, blocked) = (token.created_s, token.expires_s, token.is_blocked);
        let uses = (token.max_uses, token.uses, token.last_used_s);
        self.run(
            sql,
            params![
                id.0,
                label,
                endpoint,
                device_name,
                created,
                expires,
                uses.0,
                uses.1,
                uses.2,
                token.kid,
                blocked
            ],
        )
        .map(drop)
    }

    fn bulk(&mut self, id: Guid) -> Outcome<Option<BulkToken>> {
        self.one(&format!("{BULK} WHERE b.id = ?1"), [id.0], bulk)
    }

    fn bulks(&mut self, page: Page) -> Outcome<Vec<BulkToken>> {
        let Some(after) = page.after else {
            let sql = format!("{BULK} ORDER BY b.num DESC LIMIT ?1");
            return self.all(&sql, [page.limit], bulk);
        };
        let before = "b.num < (SELECT num FROM bulk_token WHERE id = ?1)";
        let sql = format!("{BULK} WHERE {before} ORDER BY b.num DESC LIMIT ?2");
        self.all(&sql, params![after.0, page.limit], bulk)
    }

    fn use_bulk(&mut self, id: Guid, uses: u32, now_s: i64) -> Outcome<bool> {
        let sql = "UPDATE bulk_token SET uses = uses + ?2, last_used = ?3 \
                   WHERE id = ?1 AND (max_uses IS NULL OR uses + ?2 <= max_uses)";
        self.run(sql, params![id.0, uses, now_s]).map(|changed| changed == 1)
    }

    fn block_bulk(&mut self, id: Guid, is_blocked: bool) -> Outcome<bool> {
        let sql = "UPDATE bulk_token SET blocked = ?2 WHERE id = ?1";
        self.run(sql, params![id.0, is_blocked]).map(|changed| changed == 1)
    }
}

impl ReplyRows for Transaction<'_> {
    fn reply(&mut self, request: &[u8; 32]) -> Outcome<Option<Reply>> {
        let sql = "SELECT request, at, client, generation, jti, expires, token FROM reply WHERE request = ?1";
        self.one(sql, [request], |row| {
            Ok(Reply {
                request: bytes(row, 0)?,
                at_s: row.get(1)?,
                client: guid(row, 2)?,
                generation: row.get(3)?,
                id: guid(row, 4)?,
                expires_s: row.get(5)?,
                token: row.get(6)?,
            })
        })
    }

    fn put_reply(&mut self, reply: &Reply) -> Outcome<()> {
        let sql = "INSERT INTO reply (request, at, client, generation, jti, expires, token) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (request) DO UPDATE \
                   SET at = ?2, client = ?3, generation = ?4, jti = ?5, expires = ?6, token = ?7";
        let Reply { request, at_s, client, generation, id, expires_s, token } = reply;
        self.run(sql, params![request, at_s, client.0, generation, id.0, expires_s, token])
            .map(drop)
    }

    fn forget_replies(&mut self, before_s: i64, limit: u32) -> Outcome<usize> {
        // By place: answers are given in the order of time, and the earliest row is found at once.
        let sql = "DELETE FROM reply WHERE num IN (SELECT num FROM (SELECT num, at FROM reply ORDER BY num \
                   LIMIT ?2) WHERE at < ?1)";
        self.run(sql, params![before_s, limit])
    }
}

impl KeyRows for Transaction<'_> {
    fn keys(&mut self) -> Outcome<Vec<KeyRow>> {
        let sql =
            "SELECT kid, alg, jwk, created, active_from, withdrawn FROM site_key ORDER BY num";
        self.all(sql, [], |row| {
            Ok(KeyRow {
                kid: row.get(0)?,
                alg: row.get(1)?,
                jwk: row.get(2)?,
                created_s: row.get(3)?,
                active_from_s: row.get(4)?,
                withdrawn_s: row.get(5)?,
            })
        })
    }

    fn add_key(&mut self, key: &KeyRow) -> Outcome<()> {
        let sql = "INSERT INTO site_key (kid, alg, jwk, created, active_from, withdrawn) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let KeyRow { kid, alg, jwk, created_s, active_from_s, withdrawn_s } = key;
        self.run(sql, params![kid, alg, jwk, created_s, active_from_s, withdrawn_s]).map(drop)
    }

    fn withdraw_key(&mut self, kid: &str, at_s: i64) -> Outcome<()> {
        self.run("UPDATE site_key SET withdrawn = ?2 WHERE kid = ?1", params![kid, at_s]).map(drop)
    }

    fn live_under_key(&mut self, kid: &str, now_s: i64) -> Outcome<(u64, u64, Option<i64>)> {
        let count = |table: &str| {
            let sql = format!(
                "SELECT count(*), max(expires) FROM {table} WHERE expires > ?2 \
                 AND key = (SELECT num FROM site_key WHERE kid = ?1)"
            );
            let read = |row: &Row<'_>| Ok((row.get::<_, u64>(0)?, row.get::<_, Option<i64>>(1)?));
            self.one(&sql, params![kid, now_s], read).map(Option::unwrap_or_default)
        };
        let ((clients, last), (bulks, last_bulk)) = (count("client")?, count("bulk_token")?);
        Ok((clients, bulks, last.max(last_bulk)))
    }
}

impl SettingRows for Transaction<'_> {
    fn setting(&mut self, key: &str) -> Outcome<Option<String>> {
        self.one("SELECT value FROM setting WHERE key = ?1", [key], |row| row.get(0))
    }

    fn site(&mut self) -> Outcome<Option<Guid>> {
        self.one("SELECT value FROM setting WHERE key = 'site'", [], |row| guid(row, 0))
    }

    fn set_site(&mut self, site: Guid) -> Outcome<()> {
        let sql = "INSERT INTO setting (key, value) VALUES ('site', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1";
        self.run(sql, [site.0]).map(drop)
    }

    fn set_setting(&mut self, key: &str, value: &str) -> Outcome<()> {
        let sql = "INSERT INTO setting (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2";
        self.run(sql, [key, value]).map(drop)
    }

    fn client_setting(&mut self, client: Guid, name: &str) -> Outcome<Option<bool>> {
        let sql = "SELECT value FROM client_setting WHERE client = ?1 AND name = ?2";
        self.one(sql, params![client.0, name], |row| row.get(0))
    }

    fn set_client_setting(&mut self, client: Guid, name: &str, value: Option<bool>) -> Outcome<()> {
        let Some(value) = value else {
            let sql = "DELETE FROM client_setting WHERE client = ?1 AND name = ?2";
            return self.run(sql, params![client.0, name]).map(drop);
        };
        let sql = "INSERT INTO client_setting (client, name, value) VALUES (?1, ?2, ?3) \
                   ON CONFLICT (client, name) DO UPDATE SET value = ?3";
        self.run(sql, params![client.0, name, value]).map(drop)
    }
}

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        tenant: guid(row, 0)?,
        object: guid(row, 1)?,
        sid: row.get(2)?,
        is_enabled: row.get(3)?,
    })
}

fn imported(row: &Row<'_>) -> rusqlite::Result<Imported> {
    Ok(Imported {
        client: guid(row, 0)?,
        tenant: guid(row, 1)?,
        device: guid(row, 2)?,
        join: row.get(3)?,
    })
}

impl PeopleRows for Transaction<'_> {
    fn person(&mut self, tenant: Guid, object: Guid) -> Outcome<Option<Person>> {
        let sql =
            "SELECT tenant, object, sid, enabled FROM person WHERE tenant = ?1 AND object = ?2";
        self.one(sql, params![tenant.0, object.0], person)
    }

    fn put_person(&mut self, person: &Person) -> Outcome<()> {
        let Person { tenant, object, sid, is_enabled } = person;
        let sql = "INSERT INTO person (tenant, object, sid, enabled) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (tenant, object) DO UPDATE SET sid = ?3, enabled = ?4";
        self.run(sql, params![tenant.0, object.0, sid, is_enabled]).map(drop)
    }

    fn people(&mut self, after: Option<(Guid, Guid)>, limit: u32) -> Outcome<Vec<Person>> {
        let (tenant, object) = after.map_or((Vec::new(), Vec::new()), |(tenant, object)| {
            (tenant.0.to_vec(), object.0.to_vec())
        });
        let sql = "SELECT tenant, object, sid, enabled FROM person WHERE (tenant, object) > (?1, ?2) \
                   ORDER BY tenant, object LIMIT ?3";
        self.all(sql, params![tenant, object, limit], person)
    }

    fn people_by_sid(&mut self, sid: &str) -> Outcome<Vec<Person>> {
        let sql = "SELECT tenant, object, sid, enabled FROM person WHERE sid = ?1 AND sid <> '' LIMIT 100";
        self.all(sql, [sid], person)
    }

    fn put_device(&mut self, device: &Imported) -> Outcome<()> {
        let sql = "INSERT INTO device (client, tenant, device, joined) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (client) DO UPDATE SET tenant = ?2, device = ?3, joined = ?4";
        let Imported { client, tenant, device, join } = device;
        self.run(sql, params![client.0, tenant.0, device.0, join]).map(drop)
    }

    fn device(&mut self, client: Guid) -> Outcome<Option<Imported>> {
        let sql = "SELECT client, tenant, device, joined FROM device WHERE client = ?1";
        self.one(sql, [client.0], imported)
    }

    fn devices(&mut self, after: Option<Guid>, limit: u32) -> Outcome<Vec<Imported>> {
        let after = after.map_or(Vec::new(), |after| after.0.to_vec());
        let sql = "SELECT client, tenant, device, joined FROM device WHERE client > ?1 ORDER BY client LIMIT ?2";
        self.all(sql, params![after, limit], imported)
    }

    fn tenants(&mut self) -> Outcome<Vec<TenantCount>> {
        let sql = "SELECT tenant, sum(users), sum(devices), max(seen) FROM (\
                   SELECT tenant, count(*) AS users, 0 AS devices, NULL AS seen FROM person WHERE enabled GROUP BY tenant \
                   UNION ALL SELECT tenant, 0, count(*), NULL FROM device GROUP BY tenant \
                   UNION ALL SELECT d.tenant, 0, 0, max(c.issued) FROM device d JOIN client c ON c.id = d.client GROUP BY d.tenant \
                   UNION ALL SELECT origin_id, 0, 0, max(issued) FROM client WHERE origin = 3 GROUP BY origin_id) \
                   GROUP BY tenant ORDER BY tenant";
        self.all(sql, [], |row| {
            Ok(TenantCount {
                tenant: guid(row, 0)?,
                users: row.get(1)?,
                devices: row.get(2)?,
                seen_s: row.get(3)?,
            })
        })
    }
}

const AUDIT: &str = "SELECT seq, at, actor, act, subject, detail, hash, checkpoint FROM audit ";

fn audit(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    Ok(AuditEntry {
        seq: row.get(0)?,
        at_s: row.get(1)?,
        actor: row.get(2)?,
        act: row.get(3)?,
        subject: row.get(4)?,
        detail: row.get(5)?,
        hash: bytes(row, 6)?,
        checkpoint: row.get(7)?,
    })
}

impl AuditRows for Transaction<'_> {
    fn last_audit(&mut self) -> Outcome<Option<AuditEntry>> {
        self.one(&format!("{AUDIT} ORDER BY seq DESC LIMIT 1"), [], audit)
    }

    fn last_checkpoint(&mut self) -> Outcome<Option<(i64, i64)>> {
        let sql =
            "SELECT seq, at FROM audit WHERE checkpoint IS NOT NULL ORDER BY seq DESC LIMIT 1";
        self.one(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    fn add_audit(&mut self, entry: &AuditEntry) -> Outcome<()> {
        let sql = "INSERT INTO audit (seq, at, actor, act, subject, detail, hash, checkpoint) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let AuditEntry { seq, at_s, actor, act, subject, detail, hash, checkpoint } = entry;
        self.run(sql, params![seq, at_s, actor, act, subject, detail, hash, checkpoint]).map(drop)
    }

    fn audit(&mut self, after: i64, limit: u32) -> Outcome<Vec<AuditEntry>> {
        self.all(
            &format!("{AUDIT} WHERE seq > ?1 ORDER BY seq LIMIT ?2"),
            params![after, limit],
            audit,
        )
    }
}
