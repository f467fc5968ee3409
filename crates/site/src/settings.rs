//! What clients may: settings by default and by client, under every name that a gate may meet the client by.

use serde_json::json;
use tollgate::Guid;

use crate::act::{Act, Mark};
use crate::authority::Authority;
use crate::error::SiteError;
use crate::registry::{Kind, RegistryError, Rows};
use crate::token::Provenance;

/// The setting that says whether a client may use the gateway: `gateway_allowed`.
pub const GATEWAY_ALLOWED: &str = "gateway_allowed";

/// The setting that says whether a client gets user policy from the internet: `user_policy_from_internet`.
pub const USER_POLICY: &str = "user_policy_from_internet";

/// What a client may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientSettings {
    /// Whether it may use the gateway; nothing: as the default says.
    pub gateway_allowed: Option<bool>,
    /// Whether it gets user policy from the internet; nothing: as the default says.
    pub user_policy_from_internet: Option<bool>,
}

/// Whose, and which: (site, client) in the site's tokens, (tenant, device) in the tenant's.
pub(crate) type Name = (Guid, Guid);

impl Authority {
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

    /// Sets what a client may, whatever token its device brings. Gates refuse by the setting's name.
    ///
    /// Whether this site has ever seen the client, registered or imported. One that comes later is met by what was
    /// set before.
    ///
    /// # Errors
    /// When the registry would not.
    pub fn set_client_settings(
        &self,
        id: Guid,
        settings: ClientSettings,
        actor: &str,
        now_s: i64,
    ) -> Result<bool, SiteError> {
        let done = self.write(now_s, |act| {
            let policy = settings.user_policy_from_internet;
            act.rows.set_client_setting(id, GATEWAY_ALLOWED, settings.gateway_allowed)?;
            act.rows.set_client_setting(id, USER_POLICY, policy)?;
            for name in names(act, self.id(), id)? {
                tell(act, name, settings)?;
            }
            let detail = json!({ GATEWAY_ALLOWED: settings.gateway_allowed, USER_POLICY: policy });
            act.administered(actor, "client set", &id.to_string(), &detail)?;
            is_known(act.rows, id)
        });
        Ok(done?)
    }

    /// Whether clients may that are told nothing by themselves: both settings have a value.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn default_settings(&self) -> Result<ClientSettings, SiteError> {
        let site = self.id().0;
        let is_allowed = |kind| {
            let denied = self.read(|rows| rows.withdrawn(kind, &[], &site));
            Ok::<_, SiteError>(Some(denied?.is_none()))
        };
        Ok(ClientSettings {
            gateway_allowed: is_allowed(Kind::GatewayDeniedByDefault)?,
            user_policy_from_internet: is_allowed(Kind::UserPolicyDeniedByDefault)?,
        })
    }

    /// Sets it, for the site and for every tenant whose devices were imported; what has no value stays.
    ///
    /// # Errors
    /// When the registry would not.
    pub fn set_default_settings(
        &self,
        settings: ClientSettings,
        actor: &str,
        now_s: i64,
    ) -> Result<(), SiteError> {
        let ClientSettings { gateway_allowed, user_policy_from_internet } = settings;
        let done = self.write(now_s, |act| {
            let tenants = act.rows.tenants()?.into_iter().filter(|tenant| tenant.devices > 0);
            for of in tenants.map(|tenant| tenant.tenant).chain([self.id()]) {
                for (kind, value) in
                    DEFAULTS.into_iter().zip([gateway_allowed, user_policy_from_internet])
                {
                    if let Some(is_allowed) = value {
                        deny_by_default(act, kind, of, !is_allowed)?;
                    }
                }
            }
            let detail =
                json!({ GATEWAY_ALLOWED: gateway_allowed, USER_POLICY: user_policy_from_internet });
            act.administered(actor, "client set", "default", &detail)
        });
        Ok(done?)
    }
}

/// The kinds that deny by default: of `gateway_allowed`, of `user_policy_from_internet`.
pub(crate) const DEFAULTS: [Kind; 2] =
    [Kind::GatewayDeniedByDefault, Kind::UserPolicyDeniedByDefault];

/// By which names gates may meet a client: its own, the device that it was imported as, the device that an
/// Entra token proved it to be.
pub(crate) fn names(
    act: &mut Act<'_>,
    site: Guid,
    client: Guid,
) -> Result<Vec<Name>, RegistryError> {
    let mut names = vec![(site, client)];
    let imported = act.rows.device(client)?;
    names.extend(imported.map(|device| (device.tenant, device.device)));
    if let Some(known) = act.rows.client(client)?
        && let (Provenance::Entra(tenant), Some(device)) = (known.provenance, known.device)
        && !names.contains(&(tenant, device))
    {
        names.push((tenant, device));
    }
    Ok(names)
}

/// Whether the registry has ever seen a client: it registered, or an import named it.
pub(crate) fn is_known(rows: &mut dyn Rows, client: Guid) -> Result<bool, RegistryError> {
    Ok(rows.client(client)?.is_some() || rows.device(client)?.is_some())
}

/// The settings of a client as they are kept.
pub(crate) fn kept(act: &mut Act<'_>, client: Guid) -> Result<ClientSettings, RegistryError> {
    Ok(ClientSettings {
        gateway_allowed: act.rows.client_setting(client, GATEWAY_ALLOWED)?,
        user_policy_from_internet: act.rows.client_setting(client, USER_POLICY)?,
    })
}

/// Tells gates what whoever has this name may.
pub(crate) fn tell(
    act: &mut Act<'_>,
    name: Name,
    settings: ClientSettings,
) -> Result<(), RegistryError> {
    let ClientSettings { gateway_allowed, user_policy_from_internet } = settings;
    set(act, Kind::GatewayDenied, name, gateway_allowed == Some(false))?;
    set(act, Kind::GatewayAllowed, name, gateway_allowed == Some(true))?;
    set(act, Kind::UserPolicyDenied, name, user_policy_from_internet == Some(false))?;
    set(act, Kind::UserPolicyAllowed, name, user_policy_from_internet == Some(true))
}

/// Tells gates that nobody of a site or tenant may, unless he is told so by himself: one of [`DEFAULTS`].
pub(crate) fn deny_by_default(
    act: &mut Act<'_>,
    kind: Kind,
    of: Guid,
    is_denied: bool,
) -> Result<(), RegistryError> {
    match is_denied {
        true => act.withdraw(&mark(kind, Vec::new(), of)).map(drop),
        false => act.undo(kind, &[], &of.0).map(drop),
    }
}

fn set(
    act: &mut Act<'_>,
    kind: Kind,
    (scope, id): Name,
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
