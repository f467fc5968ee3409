//! Clients as an administrator meets them: listed, shown, approved.

use serde_json::json;
use tollgate::Guid;

use crate::authority::Authority;
use crate::error::SiteError;
use crate::registry::{Client, ClientFilter, ClientState, Kind, Page, RegistryError, WithdrawnRow};

impl Authority {
    /// A page of the clients that the filter takes, by rising id.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn clients(&self, filter: &ClientFilter, page: Page) -> Result<Vec<Client>, SiteError> {
        Ok(self.read(|rows| rows.clients(filter, page))?)
    }

    /// How many clients the filter takes.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn count_clients(&self, filter: &ClientFilter) -> Result<u64, SiteError> {
        Ok(self.read(|rows| rows.count_clients(filter))?)
    }

    /// One client, with its withdrawal, where there is one.
    ///
    /// # Errors
    /// When the registry cannot be read, or there is no such client.
    pub fn client(&self, id: Guid) -> Result<(Client, Option<WithdrawnRow>), SiteError> {
        let site = self.id().0;
        let found = self.read(|rows| {
            let withdrawn = rows.withdrawn(Kind::Client, &site, &id.0)?;
            Ok(rows.client(id)?.map(|client| (client, withdrawn)))
        })?;
        found.ok_or_else(|| SiteError::Refused(format!("there is no client {id}")))
    }

    /// Lets a client in that waits: it gets its token when it asks again.
    ///
    /// # Errors
    /// When it does not wait, or the registry would not.
    pub fn approve(&self, id: Guid, actor: &str, now_s: i64) -> Result<(), SiteError> {
        let done = self.write(now_s, |act| {
            let client = act.rows.client(id)?;
            let Some(client) = client.filter(|client| client.state == ClientState::Pending) else {
                let why =
                    format!("client {id} does not wait; `tollgate client list --state pending`");
                return Err(RegistryError::Site(why));
            };
            // Without a token: so it is told from one whose token has ended.
            let (state, generation) = (ClientState::Active, client.generation);
            let approved =
                Client { state, issued_s: 0, expires_s: 0, kid: String::new(), ..client };
            act.rows.renew_client(&approved, generation)?;
            act.administered(actor, "client approve", &id.to_string(), &json!({}))
        });
        Ok(done?)
    }
}
