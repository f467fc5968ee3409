//! What we believe: the issuers, found by the `iss` that a token shows.

use core::fmt;
use std::collections::{HashMap, HashSet};

use crate::guid::Guid;
use crate::oidc::{EntraIssuer, Form, Iss, Issuer};
use crate::reason::{Reason, Refusal};

/// The issuers of one snapshot. Immutable; a change is a new one.
#[derive(Debug)]
pub struct Trust {
    issuers: Vec<Issuer>,
    authorities: Vec<Box<str>>,
    by_iss: HashMap<Box<str>, usize>,
    by_tenant: HashMap<Guid, usize>,
}

/// Why there is no snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustError {
    /// Two entries for one issuer or tenant.
    Twice(Box<str>),
    /// An OpenID Connect issuer that is a tenant of Entra: its tokens would escape Entra's rules.
    EntraAsOidc(Box<str>),
    /// A name of an OpenID Connect issuer that would not end at its colon in `oidc:<name>:<sub>`.
    Name(Box<str>),
    /// The tenant of personal Microsoft accounts.
    MicrosoftAccounts,
    /// The policy has rules for another number of issuers.
    RulesDoNotMatch,
    /// More required scopes or roles than fit the facts, or two endpoints with one name.
    Policy(String),
}

impl Trust {
    /// Indexes the issuers.
    ///
    /// # Errors
    /// When two are the same, or one must never be trusted.
    pub fn new(issuers: Vec<Issuer>) -> Result<Self, TrustError> {
        let mut by_iss = HashMap::new();
        let mut by_tenant = HashMap::new();
        let mut names = HashSet::new();
        for (place, issuer) in issuers.iter().enumerate() {
            Self::may_trust(issuer)?;
            let other = match &issuer.form {
                Form::Entra { tenant, .. } => by_tenant.insert(*tenant, place),
                Form::Oidc { issuer, .. } => by_iss.insert(issuer.clone(), place),
            };
            if other.is_some() {
                return Err(TrustError::Twice(issuer.authority()));
            }
            // The name is half of `oidc:<name>:<sub>`: shared, it would make two people one.
            if !names.insert(&issuer.name) {
                return Err(TrustError::Twice(issuer.name.clone()));
            }
        }
        let authorities = issuers.iter().map(Issuer::authority).collect();
        Ok(Self { issuers, authorities, by_iss, by_tenant })
    }

    /// Whether an issuer may be trusted at all, whatever the administrator wrote.
    ///
    /// # Errors
    /// The tenant that anybody can have an account in, and Entra in the guise of another issuer.
    pub fn may_trust(issuer: &Issuer) -> Result<(), TrustError> {
        match &issuer.form {
            Form::Entra { tenant: Guid::MICROSOFT_ACCOUNTS, .. } => {
                Err(TrustError::MicrosoftAccounts)
            }
            Form::Oidc { issuer, .. } if EntraIssuer::parse(issuer).is_some() => {
                Err(TrustError::EntraAsOidc(issuer.clone()))
            }
            Form::Oidc { .. } if issuer.name.is_empty() || issuer.name.contains(':') => {
                Err(TrustError::Name(issuer.name.clone()))
            }
            _ => Ok(()),
        }
    }

    /// Every issuer, in the order of the configuration.
    pub fn issuers(&self) -> &[Issuer] {
        &self.issuers
    }

    pub(crate) fn authority(&self, place: usize) -> &str {
        &self.authorities[place]
    }

    /// The issuer that a token names. It is only a hint: it selects keys, and the signature decides.
    pub(crate) fn find(&self, iss: &Iss<'_>) -> Result<(usize, &Issuer), Refusal> {
        let place = match iss.entra {
            Some(entra) => {
                let place = *self.by_tenant.get(&entra.tenant).ok_or(Reason::TenantUnknown)?;
                match self.issuers[place].form {
                    Form::Entra { cloud, .. } if entra.is_of(cloud) => place,
                    _ => return Err(Reason::TenantUnknown.into()),
                }
            }
            None => *self.by_iss.get(iss.text.as_ref()).ok_or(Reason::IssuerUnknown)?,
        };
        Ok((place, &self.issuers[place]))
    }
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice(name) => write!(f, "{name} is configured twice"),
            Self::EntraAsOidc(issuer) => write!(
                f,
                "{issuer} is a tenant of Entra ID; write it as [[entra]], so that Entra's rules hold"
            ),
            Self::Name(name) => write!(f, "the name {name:?} is empty or has a colon"),
            Self::MicrosoftAccounts => f.write_str(
                "this is the tenant of personal Microsoft accounts, which anybody can have",
            ),
            Self::RulesDoNotMatch => f.write_str("the policy is for another list of issuers"),
            Self::Policy(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for TrustError {}
