//! What devices are told they may, by default and one by one.

use crate::guid::Guid;

/// What an administrator has set for one device, or for all that are not named: other than a withdrawal it
/// says nothing of what was issued to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setting {
    /// `gateway_allowed = false` for a device: it may not come from the internet.
    GatewayDenied(Device),
    /// `gateway_allowed = false` for all devices of a site or tenant that are not allowed one by one.
    GatewayDeniedByDefault(Guid),
    /// `gateway_allowed = true` for a device, whatever the default.
    GatewayAllowed(Device),
    /// `user_policy_from_internet = false` for a device: no user scenario from the internet.
    NoUserPolicy(Device),
    /// `user_policy_from_internet = false` for all devices of a site or tenant that are not allowed one by one.
    NoUserPolicyByDefault(Guid),
    /// `user_policy_from_internet = true` for a device, whatever the default.
    UserPolicyAllowed(Device),
}

/// A client of a site, or a device of an Entra tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Device {
    /// The site's or tenant's GUID.
    pub of: Guid,
    /// The client's or device's.
    pub id: Guid,
}
