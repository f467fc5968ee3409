//! Standing: what trust and policy say of proven facts, whoever asks and whenever.

use super::{Join, Policy};
use crate::facts::{Facts, Kind};
use crate::method::Method;
use crate::oidc::Issuer;
use crate::reason::{Reason, Refusal};
use crate::witness::{Witness, shown, words};

impl Policy {
    /// Reads facts, trust and policy; never the ask or the time.
    pub(crate) fn stand<W: Witness>(
        &self,
        facts: &Facts,
        issuer: &Issuer,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        let rules = &self.issuers[facts.issuer];
        witness.demand("tenant enabled", rules.enabled, Reason::TenantDisabled, || {
            words(if rules.enabled { "enabled" } else { "disabled" }, "enabled")
        })?;
        // A remembered signature stands only while its key and audience do.
        let holds = issuer.keys.set.holds(facts.key());
        witness.demand("key stands", holds, Reason::KeyUnknown, || {
            words(format!("{:?}", facts.key()), "a key that the issuer still has")
        })?;
        let taken = issuer.takes_audience(&facts.audience);
        witness.demand("audience stands", taken, Reason::UnprovenAudience, || {
            words(&*facts.audience, "an audience that is still taken")
        })?;
        if !rules.client_apps.is_empty() {
            // Device tokens carry no client application; any other token without one is refused.
            let is_free = facts.method == Method::Entra && facts.kind == Kind::Device;
            let listed = match &facts.client_app {
                Some(app) => rules.client_apps.contains(app),
                None => is_free,
            };
            witness.demand("client app", listed, Reason::ClientAppNotAllowed, || {
                words(
                    shown(facts.client_app.as_deref()),
                    format!("one of {}", rules.client_apps.join(", ")),
                )
            })?;
        }
        if let Some(users) = &rules.users
            && facts.kind == Kind::User
        {
            let known = facts.object.is_some_and(|user| users.contains(&user));
            witness.demand("discovered user", known, Reason::UserNotDiscovered, || {
                let found = facts.object.map_or("no object id".into(), |user| user.to_string());
                words(found, format!("one of {} discovered users", users.len()))
            })?;
        }
        let found = || facts.device.map_or("no device".into(), |device| device.to_string());
        match &rules.join {
            Join::Off => Ok(()),
            Join::Claim => {
                witness.demand("device join", facts.device.is_some(), Reason::NotJoined, || {
                    words(found(), "a device (deviceid)")
                })
            }
            Join::Imported(devices) => {
                let device = facts.device.ok_or(Reason::NotJoined);
                let device = witness
                    .outcome("device join", device, |_| words(found(), "a device (deviceid)"))?;
                let known = devices.contains(&device);
                witness.demand("imported device", known, Reason::DeviceNotImported, || {
                    words(found(), format!("one of {} imported devices", devices.len()))
                })
            }
        }
    }
}
