//! Clients as an administrator meets them: listed, approved, and what they may.

use serde_json::json;
use tollgate::Guid;

use crate::act::{Act, Mark};
use crate::authority::Authority;
use crate::error::SiteError;
use crate::registry::{Client, ClientFilter, ClientState, Kind, Page, RegistryError, WithdrawnRow};

/// The setting that says whether a client may use the gateway: `gateway_allowed`.
pub const GATEWAY_ALLOWED: &str = "gateway_allowed";

/// The setting that says whether a client gets user policy from the internet: `user_policy_from_internet`.
pub const USER_POLICY: &str = "user_policy_from_internet";

/// What a client may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientSettings {
    /// Whether it may use the gateway; nothing: as the default says.
    pub gateway_allowed: Option<bool>,
    /// Whether it gets user policy from the internet; nothing: it does.
    pub user_policy_from_internet: Option<bool>,
}

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
            let state = act.rows.client(id)?.map(|client| client.state);
            if state != Some(ClientState::Pending) {
                let is = state.map_or("not known", ClientState::name);
                let why = format!("client {id} is {is}; only one that is pending is approved");
                return Err(RegistryError::Site(why));
            }
            act.rows.set_client_state(id, ClientState::Active)?;
            act.administered(actor, "client approve", &id.to_string(), &json!({}))
        });
        Ok(done?)
    }

    /// What a client may by its own settings.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn client_settings(&self, id: Guid) -> Result<ClientSettings, SiteError> {
        let settings = self.read(|rows| {
            Ok(ClientSettings {
                gateway_allowed: rows.client_setting(id, GATEWAY_ALLOWED)?,
                user_policy_from_internet: rows.client_setting(id, USER_POLICY)?,
            })
        });
        Ok(settings?)
    }

    /// Sets what a client may. Gates refuse by the setting's name.
    ///
    /// # Errors
    /// When the registry would not.
    pub fn set_client_settings(
        &self,
        id: Guid,
        settings: ClientSettings,
        actor: &str,
        now_s: i64,
    ) -> Result<(), SiteError> {
        let site = self.id();
        let done = self.write(now_s, |act| {
            set_gateway_allowed(act, id, (site, id), settings.gateway_allowed)?;
            let policy = settings.user_policy_from_internet;
            act.rows.set_client_setting(id, USER_POLICY, policy)?;
            set(act, Kind::UserPolicyDenied, (site, id), policy == Some(false))?;
            let detail = json!({ GATEWAY_ALLOWED: settings.gateway_allowed, USER_POLICY: policy });
            act.administered(actor, "client set", &id.to_string(), &detail)
        });
        Ok(done?)
    }

    /// Whether clients may use the gateway that are told nothing by themselves.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn gateway_allowed_by_default(&self) -> Result<bool, SiteError> {
        let site = self.id().0;
        Ok(self.read(|rows| rows.withdrawn(Kind::GatewayDeniedByDefault, &[], &site))?.is_none())
    }

    /// Sets it.
    ///
    /// # Errors
    /// When the registry would not.
    pub fn set_gateway_allowed_by_default(
        &self,
        is_allowed: bool,
        actor: &str,
        now_s: i64,
    ) -> Result<(), SiteError> {
        let site = self.id();
        let done = self.write(now_s, |act| {
            if is_allowed {
                act.undo(Kind::GatewayDeniedByDefault, &[], &site.0)?;
            } else {
                act.withdraw(&mark(Kind::GatewayDeniedByDefault, Vec::new(), site))?;
            }
            act.administered(
                actor,
                "client set",
                "default",
                &json!({ GATEWAY_ALLOWED: is_allowed }),
            )
        });
        Ok(done?)
    }
}

/// Keeps the setting of the client `id`, and tells gates of it under the name that tokens give the device:
/// (site, client), or (tenant, device).
pub(crate) fn set_gateway_allowed(
    act: &mut Act<'_>,
    id: Guid,
    named: (Guid, Guid),
    value: Option<bool>,
) -> Result<(), RegistryError> {
    act.rows.set_client_setting(id, GATEWAY_ALLOWED, value)?;
    set(act, Kind::GatewayDenied, named, value == Some(false))?;
    set(act, Kind::GatewayAllowed, named, value == Some(true))
}

fn set(
    act: &mut Act<'_>,
    kind: Kind,
    (scope, id): (Guid, Guid),
    is_set: bool,
) -> Result<(), RegistryError> {
    match is_set {
        true => act.withdraw(&mark(kind, scope.0.to_vec(), id)).map(drop),
        false => act.undo(kind, &scope.0, &id.0).map(drop),
    }
}

fn mark(kind: Kind, scope: Vec<u8>, subject: Guid) -> Mark {
    Mark {
        kind,
        scope,
        subject: subject.0.to_vec(),
        before_s: None,
        expires_s: None,
        note: String::new(),
    }
}
