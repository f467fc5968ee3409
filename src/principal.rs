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
    /// The Entra device, or the site's client.
    pub device: Option<Guid>,
    /// The subject in the issuer's own words.
    pub subject: &'a str,
    /// Whether the client proved a key that the credential is bound to.
    pub bound: bool,
}

impl<'a> Principal<'a> {
    pub(crate) fn of(facts: &'a Facts, name: &'a str, authority: &'a str, bound: bool) -> Self {
        Self {
            id: PrincipalId { facts, name },
            authority,
            tenant: facts.tenant,
            user: facts.object.filter(|_| facts.kind == Kind::User),
            device: facts.device,
            subject: &facts.subject,
            bound,
        }
    }
}

/// Displays as `entra:<tid>:<oid>`, `oidc:<name>:<sub>`, `pki:<pki>:<kind of name>:<value>` or
/// `site:<site>:<client>`.
#[derive(Clone, Copy)]
pub struct PrincipalId<'a> {
    facts: &'a Facts,
    name: &'a str,
}

impl fmt::Display for PrincipalId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { facts, name } = self;
        let (method, subject) = (facts.method.name(), &facts.subject);
        match (facts.method, facts.tenant, facts.object, facts.named_by) {
            (Method::Entra, Some(tenant), Some(object), _) => {
                write!(f, "{method}:{tenant}:{object}")
            }
            (_, _, _, Some(kind)) => write!(f, "{method}:{name}:{}:{subject}", kind.name()),
            _ => write!(f, "{method}:{name}:{subject}"),
        }
    }
}

impl fmt::Debug for PrincipalId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
