//! What we believe: issuers and sites, found by the `iss` that a token shows, and PKIs.

use core::fmt;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::cert::{Crls, Steady};
use crate::directory::{Authority, Naming};
use crate::guid::Guid;
use crate::hash::OfIds;
use crate::jws::Keys;
use crate::method::Method;
use crate::oidc::{EntraIssuer, Form, Iss, Issuer};
use crate::pki::Pki;
use crate::reason::{Reason, Refusal};
use crate::site::{Site, SiteIssuer};
use crate::time::Now;

/// The issuers, PKIs and sites of one snapshot. Immutable; a change is a new one. A clone shares them all.
#[derive(Clone, Debug)]
pub struct Trust {
    // Shared slices: as near as a vector's elements on a hit, and two snapshots may have them.
    issuers: Arc<[Issuer]>,
    pkis: Arc<[Pki]>,
    sites: Arc<[Site]>,
    by_site: Arc<HashMap<SiteIssuer, usize>>,
    by_iss: Arc<HashMap<Box<str>, usize>>,
    by_tenant: Arc<HashMap<Guid, usize, OfIds>>,
    /// Of the revocation lists of all PKIs: each is asked when those before it have no answer.
    steady: Steady,
}

/// Why there is no snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustError {
    /// Two entries for one issuer, tenant, PKI or site.
    Twice(Box<str>),
    /// An OpenID Connect issuer that is a tenant of Entra: its tokens would escape Entra's rules.
    EntraAsOidc(Box<str>),
    /// An OpenID Connect issuer that is a site: its tokens would escape the site's rules.
    SiteAsOidc(Box<str>),
    /// A name that would not end at its colon in `oidc:<name>:<sub>` or `pki:<name>:...`.
    Name(Box<str>),
    /// The tenant of personal Microsoft accounts.
    MicrosoftAccounts,
    /// The policy has rules for another number of issuers or PKIs.
    RulesDoNotMatch,
    /// There is no memory for a cache of that size, or the system gives no random numbers.
    NoMemory,
    /// More required scopes, required roles or forwarded claims than fit the facts, or two endpoints
    /// with one name.
    Policy(String),
}

impl Trust {
    /// Indexes the issuers.
    ///
    /// # Errors
    /// When two are the same, or one must never be trusted.
    pub fn new(issuers: Vec<Issuer>) -> Result<Self, TrustError> {
        let mut by_iss = HashMap::new();
        let mut by_tenant = HashMap::default();
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
        Ok(Self {
            issuers: issuers.into(),
            pkis: Arc::default(),
            sites: Arc::default(),
            by_site: Arc::default(),
            by_iss: Arc::new(by_iss),
            by_tenant: Arc::new(by_tenant),
            steady: Steady::ALWAYS,
        })
    }

    /// The same with these PKIs.
    ///
    /// # Errors
    /// When two have one name, or a name cannot be part of a principal.
    pub fn with_pkis(mut self, pkis: Vec<Pki>) -> Result<Self, TrustError> {
        let mut names = HashSet::new();
        for pki in &pkis {
            if pki.name.is_empty() || pki.name.contains(':') {
                return Err(TrustError::Name(pki.name.clone()));
            }
            if !names.insert(&pki.name) {
                return Err(TrustError::Twice(pki.name.clone()));
            }
        }
        self.steady = steady(&pkis);
        self.pkis = pkis.into();
        Ok(self)
    }

    /// The same with other revocation lists: what `of` gives for each PKI that asks for any.
    #[must_use]
    pub fn with_crls(mut self, mut of: impl FnMut(&Pki, &Arc<Crls>) -> Arc<Crls>) -> Self {
        let relisted =
            |pki: &Pki| Pki { crls: pki.crls.as_ref().map(|crls| of(pki, crls)), ..pki.clone() };
        self.pkis = self.pkis.iter().map(relisted).collect();
        self.steady = steady(&self.pkis);
        self
    }

    /// The same with these sites.
    ///
    /// # Errors
    /// When two have one GUID.
    pub fn with_sites(mut self, sites: Vec<Site>) -> Result<Self, TrustError> {
        let mut ids = HashSet::new();
        let mut by_site = HashMap::new();
        for (place, site) in sites.iter().enumerate() {
            // The GUID alone is half of `site:<site>:<client>`: two formats of one would let the keys
            // of either speak for the clients of the other.
            if !ids.insert(site.id) {
                return Err(TrustError::Twice(site.id.to_string().into()));
            }
            by_site.insert(site.issuer(), place);
        }
        (self.sites, self.by_site) = (sites.into(), Arc::new(by_site));
        Ok(self)
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
            Form::Oidc { issuer, .. } if SiteIssuer::is_like(issuer) => {
                Err(TrustError::SiteAsOidc(issuer.clone()))
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

    /// Every PKI, in the order of the configuration.
    pub fn pkis(&self) -> &[Pki] {
        &self.pkis
    }

    /// Every site, in the order of the configuration.
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }

    /// Every authority, in the order of issuers, PKIs and sites, with its place among its own.
    pub(crate) fn authorities(&self) -> impl Iterator<Item = (usize, Authority)> {
        let issuers = self.issuers.iter().map(authority_of_issuer).enumerate();
        let pkis = self.pkis.iter().map(authority_of_pki).enumerate();
        issuers.chain(pkis).chain(self.sites.iter().map(authority_of_site).enumerate())
    }

    /// The full name of the authority at this place.
    pub(crate) fn authority_of(&self, method: Method, place: usize) -> Box<str> {
        match method {
            Method::Entra | Method::Oidc => self.issuers[place].authority(),
            Method::Pki => self.pkis[place].name.clone(),
            Method::Site => self.sites[place].authority(),
        }
    }

    /// The keys of the issuer or site at this place; a PKI has none.
    #[inline]
    pub(crate) fn keys_of(&self, method: Method, place: usize) -> Option<&Keys> {
        match method {
            Method::Entra | Method::Oidc => self.issuers.get(place).map(|issuer| &issuer.keys),
            Method::Site => self.sites.get(place).map(|site| &site.keys),
            Method::Pki => None,
        }
    }

    /// Whether any PKI lets clients bring intermediates.
    pub(crate) fn takes_intermediates(&self) -> bool {
        self.pkis.iter().any(|pki| pki.peer_intermediates)
    }

    /// Whether the revocation lists that counted when they were ordered count now, and no others.
    #[inline]
    pub(crate) fn is_steady(&self, now: Now) -> bool {
        self.steady.holds(now)
    }

    /// The full names of up to eight issuers or sites, for explanations.
    pub(crate) fn some_authorities(&self) -> String {
        let all = self.issuers.iter().map(Issuer::authority);
        let all = all.chain(self.sites.iter().map(Site::authority));
        all.take(8).collect::<Vec<_>>().join(", ")
    }

    /// The site that a token names; only a hint, as for issuers.
    pub(crate) fn find_site(&self, iss: Option<SiteIssuer>) -> Result<(usize, &Site), Refusal> {
        let place = iss.and_then(|iss| self.by_site.get(&iss)).ok_or(Reason::IssuerUnknown)?;
        Ok((*place, &self.sites[*place]))
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

/// When the lists of all of them count as they were ordered.
fn steady(pkis: &[Pki]) -> Steady {
    let crls = pkis.iter().filter_map(|pki| pki.crls.as_ref());
    crls.fold(Steady::ALWAYS, |all, crls| all.and(crls.steady()))
}

fn authority_of_issuer(issuer: &Issuer) -> Authority {
    let (tenant, subject) = match &issuer.form {
        Form::Entra { tenant, .. } => (Some(*tenant), "sub".into()),
        Form::Oidc { subject, .. } => (None, subject.clone()),
    };
    Authority {
        method: issuer.method(),
        name: issuer.name.to_string().into(),
        authority: issuer.authority().into_string().into(),
        tenant,
        naming: Naming::Claim(subject),
    }
}

fn authority_of_pki(pki: &Pki) -> Authority {
    let name = pki.name.to_string();
    Authority {
        method: Method::Pki,
        authority: name.clone().into(),
        name: name.into(),
        tenant: pki.tenant,
        naming: Naming::Certificate(pki.principal),
    }
}

fn authority_of_site(site: &Site) -> Authority {
    Authority {
        method: Method::Site,
        name: site.id.to_string().into(),
        authority: site.authority().into_string().into(),
        tenant: None,
        naming: Naming::Device,
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
            Self::SiteAsOidc(issuer) => write!(
                f,
                "{issuer} is a site; write it as [[site]], so that the rules of its tokens hold"
            ),
            Self::Name(name) => write!(f, "the name {name:?} is empty or has a colon"),
            Self::MicrosoftAccounts => f.write_str(
                "this is the tenant of personal Microsoft accounts, which anybody can have",
            ),
            Self::RulesDoNotMatch => {
                f.write_str("the policy is for other lists of issuers and PKIs")
            }
            Self::NoMemory => f.write_str(
                "there is not enough memory for cache.max_bytes, or the system gives no random numbers",
            ),
            Self::Policy(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for TrustError {}
