//! An endpoint: a place where requests arrive, and what it takes.

use crate::credential::Scenario;
use crate::facts::Projection;
use crate::method::Method;

/// An endpoint as the administrator wrote it.
#[derive(Clone, Debug)]
pub struct EndpointRules {
    /// The name by which the gateway asks.
    pub name: Box<str>,
    /// How the management point behind it listens.
    pub mode: Mode,
    /// From where its clients come.
    pub network: Network,
    /// The methods that it takes.
    pub methods: Vec<Method>,
    /// The scenarios that it serves.
    pub scenarios: Vec<Scenario>,
    /// Scopes that a token must have, all of them.
    pub scopes: Vec<Box<str>>,
    /// Roles that a token must have, all of them.
    pub roles: Vec<Box<str>>,
    /// Claims that are handed to the gateway with the verdict.
    pub forward_claims: Vec<Box<str>>,
    /// Whether Entra clients must run Windows 10 or later.
    pub windows: WindowsRule,
}

/// How a management point listens. Plain HTTP is not one of the ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// HTTPS with the organisation's certificates.
    Https,
    /// Enhanced HTTP: certificates issued by the site.
    EHttp,
}

/// From where an endpoint's clients come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Anybody may knock.
    Internet,
    /// The inner network.
    Internal,
}

/// How the client's Windows version is judged for method entra.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowsRule {
    /// Not at all.
    Ignore,
    /// If the gateway says it.
    IfKnown,
    /// The gateway must say it.
    Required,
}

impl WindowsRule {
    /// Words for an explanation.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Ignore => "any",
            Self::IfKnown => "10.0 or later, if known",
            Self::Required => "10.0 or later",
        }
    }
}

/// An endpoint, compiled against the projection.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(super) name: Box<str>,
    /// Bit i: it takes method i.
    methods: u8,
    /// Bit i: it serves scenario i.
    scenarios: u8,
    pub(super) scopes: u64,
    pub(super) roles: u64,
    /// Bit i: it forwards claim i of the projection.
    pub(super) forward: u64,
    pub(super) windows: WindowsRule,
    /// Whether its clients come from outside.
    pub(super) is_internet: bool,
}

impl Endpoint {
    pub(super) fn new(rules: EndpointRules, projection: &Projection) -> Self {
        let bits =
            |wanted, names: &[Box<str>]| Projection::bits(wanted, names.iter().map(AsRef::as_ref));
        Self {
            scopes: bits(&projection.scopes, &rules.scopes),
            roles: bits(&projection.roles, &rules.roles),
            forward: bits(&projection.claims, &rules.forward_claims),
            name: rules.name,
            methods: rules.methods.iter().fold(0, |bits, method| bits | 1 << *method as u8),
            scenarios: rules.scenarios.iter().fold(0, |bits, one| bits | 1 << *one as u8),
            windows: rules.windows,
            is_internet: rules.network == Network::Internet,
        }
    }

    #[inline]
    pub(super) fn takes(&self, method: Method) -> bool {
        self.methods >> method as u8 & 1 == 1
    }

    #[inline]
    pub(super) fn serves(&self, scenario: Scenario) -> bool {
        self.scenarios >> scenario as u8 & 1 == 1
    }

    /// Neither scopes nor roles nor claims.
    #[inline]
    pub(super) fn asks_nothing(&self) -> bool {
        self.scopes | self.roles | self.forward == 0
    }
}
