//! Clients, as SQL.

use rusqlite::{Row, params};
use tollgate::Guid;

use super::rows::{Outcome, Transaction, bytes, guid, unknown};
use crate::registry::rows::{Client, ClientFilter, ClientRows, ClientState, Page};
use crate::token::Provenance;

const CLIENT: &str = "SELECT c.id, c.thumbprint, c.name, c.state, c.origin, c.origin_id, c.device, c.endpoint, \
                      c.registered, c.generation, c.token, c.issued, c.expires, k.kid, c.graces, c.alarms \
                      FROM client c LEFT JOIN site_key k ON k.num = c.key ";

fn client(row: &Row<'_>) -> rusqlite::Result<Client> {
    let (state, origin) = (row.get(3)?, row.get(4)?);
    let provenance = match origin {
        1 => Provenance::Internal,
        2 => Provenance::Bulk(guid(row, 5)?),
        3 => Provenance::Entra(guid(row, 5)?),
        4 => Provenance::Pki,
        _ => return Err(unknown(4, "origin", origin)),
    };
    Ok(Client {
        id: guid(row, 0)?,
        key: bytes(row, 1)?,
        name: row.get(2)?,
        state: ClientState::from_number(state).ok_or_else(|| unknown(3, "state", state))?,
        provenance,
        device: row.get::<_, Option<[u8; 16]>>(6)?.map(Guid),
        endpoint: row.get(7)?,
        registered_s: row.get(8)?,
        generation: row.get(9)?,
        token: guid(row, 10)?,
        issued_s: row.get(11)?,
        expires_s: row.get(12)?,
        kid: row.get::<_, Option<String>>(13)?.unwrap_or_default(),
        graces: row.get(14)?,
        alarms: row.get(15)?,
    })
}

fn origin(provenance: Provenance) -> (u8, Option<[u8; 16]>) {
    match provenance {
        Provenance::Internal => (1, None),
        Provenance::Bulk(id) => (2, Some(id.0)),
        Provenance::Entra(tenant) => (3, Some(tenant.0)),
        Provenance::Pki => (4, None),
    }
}

/// Conditions of a filter, one for each set of them: each is a statement that stays prepared.
fn conditions(filter: &ClientFilter) -> &'static str {
    // Literal, so that the index of the states that are rare is taken.
    match (filter.state, filter.bulk.is_some()) {
        (None, false) => "?2 IS NULL",
        (None, true) => "c.origin_id = ?2 AND c.origin = 2",
        (Some(ClientState::Pending), false) => "?2 IS NULL AND c.state = 1",
        (Some(ClientState::Active), false) => "?2 IS NULL AND c.state = 2",
        (Some(ClientState::Withdrawn), false) => "?2 IS NULL AND c.state = 3",
        (Some(ClientState::Pending), true) => "c.origin_id = ?2 AND c.origin = 2 AND c.state = 1",
        (Some(ClientState::Active), true) => "c.origin_id = ?2 AND c.origin = 2 AND c.state = 2",
        (Some(ClientState::Withdrawn), true) => "c.origin_id = ?2 AND c.origin = 2 AND c.state = 3",
    }
}

impl ClientRows for Transaction<'_> {
    fn add_client(&mut self, client: &Client) -> Outcome<()> {
        let sql = "INSERT INTO client (id, thumbprint, name, state, origin, origin_id, device, endpoint, registered, \
                   generation, token, issued, expires, key, graces, alarms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, \
                   ?8, ?9, ?10, ?11, ?12, ?13, (SELECT num FROM site_key WHERE kid = ?14), ?15, ?16)";
        let (origin, origin_id) = origin(client.provenance);
        self.run(
            sql,
            params![
                client.id.0,
                client.key,
                client.name,
                client.state as u8,
                origin,
                origin_id,
                client.device.map(|device| device.0),
                client.endpoint,
                client.registered_s,
                client.generation,
                client.token.0,
                client.issued_s,
                client.expires_s,
                client.kid,
                client.graces,
                client.alarms,
            ],
        )
        .map(drop)
    }

    fn client(&mut self, id: Guid) -> Outcome<Option<Client>> {
        self.one(&format!("{CLIENT} WHERE c.id = ?1"), [id.0], client)
    }

    fn client_by_key(&mut self, key: &[u8; 32]) -> Outcome<Option<Client>> {
        self.one(&format!("{CLIENT} WHERE c.thumbprint = ?1"), [key], client)
    }

    fn clients(&mut self, filter: &ClientFilter, page: Page) -> Outcome<Vec<Client>> {
        let conditions = conditions(filter);
        let sql = format!("{CLIENT} WHERE c.id > ?1 AND {conditions} ORDER BY c.id LIMIT ?3");
        let after = page.after.map_or(Vec::new(), |after| after.0.to_vec());
        self.all(&sql, params![after, filter.bulk.map(|id| id.0), page.limit], client)
    }

    fn count_clients(&mut self, filter: &ClientFilter) -> Outcome<u64> {
        let sql =
            format!("SELECT count(*) FROM client c WHERE ?1 IS NULL AND {}", conditions(filter));
        let bulk = filter.bulk.map(|id| id.0);
        let none: Option<i64> = None;
        self.one(&sql, params![none, bulk], |row| row.get(0)).map(Option::unwrap_or_default)
    }

    fn renew_client(&mut self, client: &Client, was: u32) -> Outcome<bool> {
        let sql = "UPDATE client SET state = ?2, generation = ?3, token = ?4, issued = ?5, expires = ?6, \
                   key = (SELECT num FROM site_key WHERE kid = ?7), graces = ?8, name = ?9, origin = ?10, \
                   origin_id = ?11, device = ?12, endpoint = ?13 WHERE id = ?1 AND generation = ?14";
        let (origin, origin_id) = origin(client.provenance);
        let changed = self.run(
            sql,
            params![
                client.id.0,
                client.state as u8,
                client.generation,
                client.token.0,
                client.issued_s,
                client.expires_s,
                client.kid,
                client.graces,
                client.name,
                origin,
                origin_id,
                client.device.map(|device| device.0),
                client.endpoint,
                was,
            ],
        )?;
        Ok(changed == 1)
    }

    fn set_client_state(&mut self, id: Guid, state: ClientState) -> Outcome<bool> {
        let sql = "UPDATE client SET state = ?2 WHERE id = ?1";
        self.run(sql, params![id.0, state as u8]).map(|changed| changed == 1)
    }

    fn count_client(&mut self, id: Guid, graces: u32, alarms: u32) -> Outcome<()> {
        let sql = "UPDATE client SET graces = ?2, alarms = ?3 WHERE id = ?1";
        self.run(sql, params![id.0, graces, alarms]).map(drop)
    }
}
