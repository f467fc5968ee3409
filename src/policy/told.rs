//! What an administrator has set for a device: found beside its standing, asked where it comes from the
//! internet.

use super::withdrawn::Source;
use super::{Device, Endpoint, Policy, Setting};
use crate::credential::{Ask, Scenario};
use crate::facts::{Gist, Told};
use crate::method::Method;
use crate::oidc::Form;
use crate::reason::{Reason, Refusal};
use crate::trust::Trust;
use crate::witness::{Witness, words};

impl Policy {
    /// The facts with what the settings say of their device.
    #[inline]
    pub(crate) fn informed<'f>(&self, facts: Gist<'f>, trust: &Trust) -> Gist<'f> {
        let told =
            if self.withdrawals.is_empty() { Told::default() } else { self.told(&facts, trust) };
        Gist { told, ..facts }
    }

    fn told(&self, facts: &Gist<'_>, trust: &Trust) -> Told {
        let of = match facts.method {
            Method::Site => trust.sites()[facts.issuer].id,
            Method::Entra | Method::Oidc => match trust.issuers()[facts.issuer].form {
                Form::Entra { tenant, .. } => tenant,
                Form::Oidc { .. } => return Told::default(),
            },
            Method::Pki => return Told::default(),
        };
        let device = facts.identity.device().map(|id| Device { of, id });
        // Each source by itself: what one allows lifts no default of another.
        let denies = |one: fn(Device) -> Setting, all: Setting, allowed: fn(Device) -> Setting| {
            self.withdrawals.sources().any(|source: Source<'_>| {
                let says = |setting: fn(Device) -> Setting| {
                    device.is_some_and(|device| source.says(setting(device)))
                };
                says(one) || source.says(all) && !says(allowed)
            })
        };
        Told::new(
            denies(
                Setting::GatewayDenied,
                Setting::GatewayDeniedByDefault(of),
                Setting::GatewayAllowed,
            ),
            denies(
                Setting::NoUserPolicy,
                Setting::NoUserPolicyByDefault(of),
                Setting::UserPolicyAllowed,
            ),
        )
    }
}

/// Settings speak of clients on the internet alone.
#[inline]
pub(super) fn suit_settings<W: Witness>(
    endpoint: &Endpoint,
    facts: &Gist<'_>,
    ask: &Ask<'_>,
    witness: &mut W,
) -> Result<(), Refusal> {
    if facts.told.is_nothing() || !endpoint.is_internet {
        return Ok(());
    }
    let may_come = !facts.told.gateway_denied();
    witness.demand("gateway_allowed", may_come, Reason::GatewayNotAllowed, || {
        words(format!("gateway_allowed = {may_come}"), "gateway_allowed = true for the device")
    })?;
    let may_ask = ask.scenario != Scenario::User || !facts.told.no_user_policy();
    witness.demand("user_policy_from_internet", may_ask, Reason::UserPolicyNotAllowed, || {
        words(
            format!("user_policy_from_internet = {may_ask}"),
            "user_policy_from_internet = true for the device, or a device scenario",
        )
    })
}
