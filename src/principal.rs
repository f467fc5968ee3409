//! Who it is. Exists only inside an admission.

use core::fmt;
use std::borrow::Cow;

use crate::cert::NameKind;
use crate::guid::Guid;
use crate::method::Method;

/// The identity that an admission gives to the gateway.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Principal<'a> {
    /// Who vouches: the issuer.
    pub authority: &'a str,
    /// The Entra tenant.
    pub tenant: Option<Guid>,
    /// The Entra user: the immutable object id, never a name or address.
    pub user: Option<Guid>,
    /// The Entra device, or the site's client.
    pub device: Option<Guid>,
    /// The subject in the issuer's own words.
    pub subject: Cow<'a, str>,
    /// Whether the client proved a key that the credential is bound to.
    pub bound: bool,
    pub(crate) method: Method,
    /// How the id calls who vouches.
    pub(crate) name: &'a str,
    pub(crate) object: Option<Guid>,
    /// What kind of name of the certificate the subject is.
    pub(crate) named_by: Option<NameKind>,
}

impl Principal<'_> {
    /// Whether the id says nothing that would have to be read out of the credential.
    pub(crate) fn is_named_by_numbers(&self) -> bool {
        match self.method {
            Method::Entra => self.tenant.is_some() && self.object.is_some(),
            Method::Site => self.device.is_some(),
            Method::Oidc | Method::Pki => false,
        }
    }

    /// One stable name across methods; never reassigned while the issuer keeps its word.
    #[must_use]
    pub fn id(&self) -> PrincipalId<'_> {
        PrincipalId(self)
    }
}

/// Displays as `entra:<tid>:<oid>`, `oidc:<name>:<sub>`, `pki:<pki>:<kind of name>:<value>` or
/// `site:<site>:<client>`.
#[derive(Clone, Copy)]
pub struct PrincipalId<'p>(&'p Principal<'p>);

impl fmt::Display for PrincipalId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Principal { name, subject, .. } = self.0;
        let method = self.0.method.name();
        let Principal { tenant, object, device, named_by, .. } = self.0;
        match (self.0.method, tenant, object, device, named_by) {
            (Method::Entra, Some(tenant), Some(object), ..) => {
                write!(f, "{method}:{tenant}:{object}")
            }
            (Method::Site, _, _, Some(client), _) => write!(f, "{method}:{name}:{client}"),
            (.., Some(kind)) => write!(f, "{method}:{name}:{}:{subject}", kind.name()),
            _ => write!(f, "{method}:{name}:{subject}"),
        }
    }
}

impl fmt::Debug for PrincipalId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
