//! What we allow. A judgement has two halves.
//!
//! *Standing* reads trust and policy only and may be remembered with their generation; *suiting*
//! reads what the caller said (ask, peer, time), runs every time and is never remembered.

mod denied;
mod endpoint;
mod feeds;
mod setting;
mod stand;
mod subjects;
mod suit;
mod told;
mod withdrawn;

use std::collections::HashSet;
use std::sync::Arc;

pub use denied::{BadMark, CertificateMark, Denied, hexadecimal};
pub(crate) use endpoint::Endpoint;
pub use endpoint::{EndpointRules, Mode, Network, WindowsRule};
pub use feeds::Feeds;
pub(crate) use feeds::Sources;
pub use setting::{Device, Setting};
pub use withdrawn::{KeyName, Withdrawals, Withdrawn};

use crate::cert::Certificate;
use crate::facts::{Projection, Reading};
use crate::guid::Guid;
use crate::hash::OfIds;
use crate::limits::{Limits, REQUIRED_NAMES, TOKEN_BYTES_MOST};
use crate::method::Method;
use crate::peer::Senders;
use crate::pki::{IssuerRule, SelectRule};
use crate::trust::TrustError;

/// The rules of one snapshot. Immutable; a change is a new one. A clone shares what may be long.
#[derive(Clone, Debug)]
pub struct Policy {
    skew_s: i64,
    limits: Limits,
    // Shared slices: as near as a vector's elements on a hit, and two snapshots may have them.
    endpoints: Arc<[Endpoint]>,
    issuers: Arc<[IssuerRules]>,
    pkis: Arc<[PkiRules]>,
    senders: Senders,
    withdrawals: Arc<Withdrawals>,
    feeds: Feeds,
    denied: Arc<Denied>,
    /// Whether any certificate is on a deny list: hits that show one need not go and look.
    denies: bool,
    projection: Projection,
}

/// The administrator's settings for one PKI.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct PkiRules {
    /// A certificate has to fit one of these; empty takes all.
    pub select: Vec<SelectRule>,
    /// A configured CA on the path has to fit one of these; empty takes all.
    pub issuers: Vec<IssuerRule>,
}

/// Users or devices.
pub type Guids = HashSet<Guid, OfIds>;

/// The administrator's settings for one issuer.
#[derive(Debug, PartialEq, Eq)]
pub struct IssuerRules {
    /// Off: everything of this issuer is refused as withdrawn.
    pub enabled: bool,
    /// The only client applications that are taken; empty takes all.
    pub client_apps: Vec<Box<str>>,
    /// The only users that are taken, by object id; `None` takes all.
    pub users: Option<Guids>,
    /// What is asked of the device.
    pub join: Join,
    /// Whether each token passes once: a second time it is refused (RFC 7519 section 4.1.7).
    pub replay_detection: bool,
}

/// What is asked of the device that a token names.
#[derive(Debug, PartialEq, Eq)]
pub enum Join {
    /// Nothing.
    Off,
    /// The token names one (`deviceid`): Entra names a device only when it is joined or registered.
    Claim,
    /// It names one of these.
    Imported(Guids),
}

impl Default for IssuerRules {
    fn default() -> Self {
        Self {
            enabled: true,
            client_apps: Vec::new(),
            users: None,
            join: Join::Off,
            replay_detection: false,
        }
    }
}

impl Policy {
    /// Largest `skew` in seconds (tink caps it alike): beyond, clocks have to be mended.
    pub const SKEW_MOST_S: i64 = 600;

    /// Compiles the rules. `issuers` stand in the order of the trust's issuers.
    ///
    /// # Errors
    /// Two endpoints with one name, or more required scopes, required roles or forwarded claims than
    /// facts can hold.
    pub fn new(
        skew_s: i64,
        limits: Limits,
        endpoints: Vec<EndpointRules>,
        issuers: Vec<IssuerRules>,
    ) -> Result<Self, TrustError> {
        let mut projection = Projection::default();
        for rules in &endpoints {
            gather(&mut projection.scopes, &rules.scopes);
            gather(&mut projection.roles, &rules.roles);
            gather(&mut projection.claims, &rules.forward_claims);
        }
        let Projection { scopes, roles, claims } = &projection;
        for (what, names) in
            [("required scopes", scopes), ("required roles", roles), ("forwarded claims", claims)]
        {
            if names.len() > REQUIRED_NAMES {
                let why = format!("the endpoints have more than {REQUIRED_NAMES} {what}");
                return Err(TrustError::Policy(why));
            }
        }
        let mut names = HashSet::new();
        if let Some(twice) = endpoints.iter().find(|rules| !names.insert(rules.name.clone())) {
            return Err(TrustError::Policy(format!("two endpoints are named {:?}", twice.name)));
        }
        let limits = Limits { token_bytes: limits.token_bytes.min(TOKEN_BYTES_MOST), ..limits };
        let compile = |rules| Endpoint::new(rules, &projection);
        let endpoints = endpoints.into_iter().map(compile).collect();
        Ok(Self {
            skew_s: skew_s.clamp(0, Self::SKEW_MOST_S),
            limits,
            endpoints,
            issuers: issuers.into(),
            pkis: Arc::default(),
            senders: Senders::default(),
            withdrawals: Arc::default(),
            feeds: Feeds::default(),
            denied: Arc::default(),
            denies: false,
            projection,
        })
    }

    /// The same with rules for PKIs, in the order of the trust's.
    #[must_use]
    pub fn with_pkis(self, pkis: Vec<PkiRules>) -> Self {
        Self { pkis: pkis.into(), ..self }
    }

    /// The same with senders that may pass client certificates on.
    #[must_use]
    pub fn with_senders(self, senders: Senders) -> Self {
        Self { senders, ..self }
    }

    /// The same with these withdrawn.
    #[must_use]
    pub fn with_withdrawals(self, withdrawals: Arc<Withdrawals>) -> Self {
        let denies = !self.denied.is_empty() || withdrawals.deny_any();
        Self { withdrawals, denies, ..self }
    }

    /// The same, deciding nothing of some methods without these feeds.
    #[must_use]
    pub fn with_feeds(self, feeds: Feeds) -> Self {
        Self { feeds, ..self }
    }

    pub(crate) fn feeds(&self) -> &Feeds {
        &self.feeds
    }

    /// The same with a deny list of the configuration's, beside the certificates among the withdrawals.
    #[must_use]
    pub fn with_denied(self, denied: Arc<Denied>) -> Self {
        let denies = !denied.is_empty() || self.withdrawals.deny_any();
        Self { denied, denies, ..self }
    }

    /// The mark by which a certificate is on a deny list: the configuration's, or the withdrawals'.
    #[inline]
    pub(crate) fn denied_mark(&self, certificate: &Certificate) -> Option<CertificateMark> {
        if !self.denies {
            return None;
        }
        let of_withdrawals = || self.withdrawals.denied_mark(certificate);
        self.denied.mark_of(certificate).or_else(of_withdrawals)
    }

    /// Whether no certificate is denied.
    pub(crate) fn denies_none(&self) -> bool {
        !self.denies
    }

    /// Whether both deny the same certificates.
    pub(crate) fn denies_like(&self, other: &Self) -> bool {
        self.withdrawals.denies_like(&other.withdrawals)
            && (Arc::ptr_eq(&self.denied, &other.denied) || self.denied == other.denied)
    }

    /// Who is withdrawn.
    #[must_use]
    pub fn withdrawals(&self) -> &Arc<Withdrawals> {
        &self.withdrawals
    }

    pub(crate) fn issuer_rules(&self, place: usize) -> &IssuerRules {
        &self.issuers[place]
    }

    pub(crate) fn pki_rules(&self, place: usize) -> &PkiRules {
        &self.pkis[place]
    }

    pub(crate) fn senders(&self) -> &Senders {
        &self.senders
    }

    /// The bounds on what is read.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The names of the endpoints.
    pub fn endpoint_names(&self) -> impl Iterator<Item = &str> {
        self.endpoints.iter().map(|endpoint| endpoint.name.as_ref())
    }

    pub(crate) fn issuer_count(&self) -> usize {
        self.issuers.len()
    }

    pub(crate) fn pki_count(&self) -> usize {
        self.pkis.len()
    }

    /// Whether the endpoint takes the method.
    pub(crate) fn takes(&self, endpoint: usize, method: Method) -> bool {
        self.endpoints[endpoint].takes(method)
    }

    pub(crate) fn projection(&self) -> &Projection {
        &self.projection
    }

    /// What tokens of the issuer at this place are read for.
    pub(crate) fn reading(&self, place: usize) -> Reading<'_> {
        Reading { projection: &self.projection, is_once: self.issuers[place].replay_detection }
    }

    /// The place of an endpoint; no name means the only one there is. A linear look: sites have a handful.
    #[inline]
    pub(crate) fn endpoint(&self, name: &str) -> Option<usize> {
        if name.is_empty() {
            return (self.endpoints.len() == 1).then_some(0);
        }
        self.endpoints.iter().position(|endpoint| endpoint.name.as_ref() == name)
    }

    /// The names of the claims that each endpoint forwards.
    pub(crate) fn forwards(&self) -> impl Iterator<Item = Box<[Box<str>]>> {
        let claims = &self.projection.claims;
        self.endpoints.iter().map(|endpoint| {
            let forwarded = claims.iter().enumerate();
            let forwarded = forwarded.filter(|(place, _)| endpoint.forward >> place & 1 == 1);
            forwarded.map(|(_, name)| name.clone()).collect()
        })
    }
}

fn gather(all: &mut Vec<Box<str>>, names: &[Box<str>]) {
    for name in names {
        // One too many shows that there are too many; looking through more would take its square.
        if all.len() <= REQUIRED_NAMES && !all.contains(name) {
            all.push(name.clone());
        }
    }
}
