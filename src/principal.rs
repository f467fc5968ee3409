//! Who it is. Exists only inside an admission.

use core::fmt;

use crate::facts::{Facts, Kind};
use crate::guid::Guid;
use crate::method::Method;

/// The identity that an admission gives to the gateway.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Principal<'a> {
    /// One stable name across methods; never reassigned while the issuer keeps its word.
    pub id: PrincipalId<'a>,
    /// Who vouches: the issuer.
    pub authority: &'a str,
    /// The Entra tenant.
    pub tenant: Option<Guid>,
    /// The Entra user: the immutable object id, never a name or address.
    pub user: Option<Guid>,
    /// The Entra device.
    pub device: Option<Guid>,
    /// The subject in the issuer's own words.
    pub subject: &'a str,
    /// Whether the client proved a key that the credential is bound to.
    pub bound: bool,
}

impl<'a> Principal<'a> {
    pub(crate) fn of(facts: &'a Facts, name: &'a str, authority: &'a str) -> Self {
        Self {
            id: PrincipalId { facts, name },
            authority,
            tenant: facts.tenant,
            user: facts.object.filter(|_| facts.kind == Kind::User),
            device: facts.device,
            subject: &facts.subject,
            bound: false,
        }
    }
}

/// Displays as `entra:<tid>:<oid>` or `oidc:<name>:<sub>`.
#[derive(Clone, Copy)]
pub struct PrincipalId<'a> {
    facts: &'a Facts,
    name: &'a str,
}

impl fmt::Display for PrincipalId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.facts.method, self.facts.tenant, self.facts.object) {
            (Method::Entra, Some(tenant), Some(object)) => write!(f, "entra:{tenant}:{object}"),
            (method, ..) => write!(f, "{}:{}:{}", method.name(), self.name, self.facts.subject),
        }
    }
}

impl fmt::Debug for PrincipalId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
