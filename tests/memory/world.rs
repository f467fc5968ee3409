//! What an administrator configures, as plain values: changed at will, made into snapshots as often as
//! there are gates.

use std::sync::{Arc, LazyLock};

use serde_json::json;
use tollgate::cert::{Certificate, CrlRules, Crls, Depth, Store};
use tollgate::jws::{KeyRules, KeySet, Keys, public_jwk};
use tollgate::oidc::{Cloud, Form, Issuer};
use tollgate::pki::{IssuerRule, Pki, PrincipalName, SelectRule};
use tollgate::policy::{
    Denied, EndpointRules, Feeds, Guids, IssuerRules, Join, PkiRules, WindowsRule, Withdrawals,
};
use tollgate::site::{Format, Site};
use tollgate::{
    Algorithm, Ask, FreshUntil, Gate, Guid, Kind, Limits, Method, Now, Policy, Scenario, Senders,
    SigningKey, Trust, sample,
};

use super::chains::CHAINS;

pub(crate) const NOW: Now = Now { unix_s: 1_790_000_000, mono_ms: 1_000_000 };

pub(crate) const OPEN: Ask<'static> =
    Ask { endpoint: sample::ENDPOINT, scenario: Scenario::Device, windows: None, source: None };

// Keys, by their places in [`KEYS`]. Two of each issuer, and others of the same algorithms.
pub(crate) const A: [usize; 2] = [0, 1];
pub(crate) const B: [usize; 2] = [2, 3];
pub(crate) const C: [usize; 2] = [4, 5];
pub(crate) const PARTNER: [usize; 2] = [6, 7];
pub(crate) const PLANT: [usize; 2] = [8, 9];
pub(crate) const NAMELESS: [usize; 2] = [10, 11];
pub(crate) const SITE: [usize; 2] = [12, 13];
pub(crate) const CONFIGMGR: [usize; 2] = [14, 15];
pub(crate) const SPARE_HS: usize = 16;
pub(crate) const SPARE_ED: usize = 17;

const ALGORITHMS: [Algorithm; 18] = {
    use Algorithm::{EdDsa, Es256, Hs256, Rs256};
    [
        Hs256, Hs256, EdDsa, EdDsa, Es256, Es256, Hs256, Hs256, EdDsa, EdDsa, Hs256, Hs256, EdDsa,
        EdDsa, Rs256, Rs256, Hs256, EdDsa,
    ]
};

pub(crate) static KEYS: LazyLock<Vec<SigningKey>> = LazyLock::new(|| {
    ALGORITHMS.iter().map(|algorithm| SigningKey::generate(*algorithm).unwrap()).collect()
});

pub(crate) const TENANTS: [Guid; 3] = [Guid([1; 16]), Guid([2; 16]), Guid([3; 16])];
pub(crate) const SITES: [Guid; 2] = [Guid([0x51; 16]), Guid([0x52; 16])];
pub(crate) const OTHER_AUDIENCE: &str = "api://other";

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) issuers: Vec<IssuerEntry>,
    pub(crate) pkis: Vec<PkiEntry>,
    pub(crate) sites: Vec<SiteEntry>,
    pub(crate) endpoints: Vec<EndpointRules>,
    pub(crate) skew_s: i64,
    pub(crate) limits: Limits,
    pub(crate) withdrawals: Withdrawals,
    pub(crate) denied: Denied,
    /// Until when the first site's feed was heard, and who needs it.
    pub(crate) feed: (u64, Vec<Method>),
}

#[derive(Clone)]
pub(crate) struct IssuerEntry {
    pub(crate) name: Box<str>,
    pub(crate) form: Form,
    pub(crate) audiences: Vec<&'static str>,
    pub(crate) typ: Option<&'static str>,
    pub(crate) keys: KeyEntries,
    pub(crate) enabled: bool,
    pub(crate) client_apps: Vec<Box<str>>,
    pub(crate) users: Option<Guids>,
    /// Nothing, any device, one of these.
    pub(crate) join: Option<Option<Guids>>,
    pub(crate) is_once: bool,
}

#[derive(Clone)]
pub(crate) struct KeyEntries {
    pub(crate) keys: Vec<KeyEntry>,
    pub(crate) until_ms: u64,
}

/// A key as a set lists it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct KeyEntry {
    pub(crate) key: usize,
    pub(crate) kid: Option<&'static str>,
    pub(crate) x5t: Option<&'static str>,
    pub(crate) x5t_s256: Option<&'static str>,
    pub(crate) issuer: Option<&'static str>,
}

#[derive(Clone)]
pub(crate) struct PkiEntry {
    pub(crate) name: &'static str,
    /// By their places in [`CHAINS`].
    pub(crate) anchors: Vec<usize>,
    pub(crate) between: Vec<usize>,
    pub(crate) peer_intermediates: bool,
    pub(crate) principal: PrincipalName,
    pub(crate) tenant: Option<Guid>,
    pub(crate) select: Vec<SelectRule>,
    pub(crate) issuers: Vec<IssuerRule>,
    /// Which lists it has, and whether they are asked about the whole path; `None`: nobody asks.
    pub(crate) lists: Option<(Vec<usize>, Depth)>,
}

#[derive(Clone)]
pub(crate) struct SiteEntry {
    pub(crate) id: Guid,
    pub(crate) format: Format,
    pub(crate) keys: KeyEntries,
}

impl KeyEntry {
    pub(crate) const fn named(key: usize, kid: &'static str) -> Self {
        Self { key, kid: Some(kid), x5t: None, x5t_s256: None, issuer: None }
    }
}

impl KeyEntries {
    pub(crate) fn two(keys: [usize; 2]) -> Self {
        let keys = vec![KeyEntry::named(keys[0], "one"), KeyEntry::named(keys[1], "two")];
        Self { keys, until_ms: u64::MAX }
    }

    /// `None` where two keys of one name leave none that can be used.
    fn read(&self, algorithms: &[Algorithm]) -> Option<Keys> {
        let keys: Vec<_> = self.keys.iter().map(KeyEntry::jwk).collect();
        let limits = Limits::default();
        let rules = KeyRules { algorithms, secrets: true, cloud_instance: None, limits: &limits };
        let text = json!({ "keys": keys }).to_string();
        let (set, _) = KeySet::from_json(text.as_bytes(), &rules).ok()?;
        Some(Keys::new(set, self.until_ms))
    }
}

impl KeyEntry {
    fn jwk(&self) -> serde_json::Value {
        let mut jwk = public_jwk(&KEYS[self.key], self.kid.unwrap_or_default());
        let members = jwk.as_object_mut().unwrap();
        if self.kid.is_none() {
            members.remove("kid");
        }
        let others = [("x5t", self.x5t), ("x5t#S256", self.x5t_s256), ("issuer", self.issuer)];
        for (name, text) in others {
            if let Some(text) = text {
                members.insert(name.into(), text.into());
            }
        }
        jwk
    }
}

impl IssuerEntry {
    fn new(name: &str, form: Form, keys: [usize; 2]) -> Self {
        Self {
            name: name.into(),
            form,
            audiences: vec![sample::AUDIENCE],
            typ: None,
            keys: KeyEntries::two(keys),
            enabled: true,
            client_apps: Vec::new(),
            users: None,
            join: None,
            is_once: false,
        }
    }

    fn entra(tenant: Guid, keys: [usize; 2]) -> Self {
        let form = Form::Entra { tenant, cloud: Cloud::Public };
        Self::new(&tenant.to_string(), form, keys)
    }

    /// `iss`; the tenant for Entra.
    pub(crate) fn issuer_text(&self) -> String {
        match &self.form {
            Form::Oidc { issuer, .. } => issuer.to_string(),
            Form::Entra { tenant, .. } => tenant.to_string(),
        }
    }

    fn issuer(&self) -> Option<Issuer> {
        Some(Issuer {
            name: self.name.clone(),
            form: self.form.clone(),
            audiences: self.audiences.iter().map(|text| Box::from(*text)).collect(),
            typ: self.typ.map(Into::into),
            keys: self.keys.read(&[Algorithm::Hs256, Algorithm::EdDsa, Algorithm::Es256])?,
        })
    }

    fn rules(&self) -> IssuerRules {
        let join = match &self.join {
            None => Join::Off,
            Some(None) => Join::Claim,
            Some(Some(devices)) => Join::Imported(devices.clone()),
        };
        IssuerRules {
            enabled: self.enabled,
            client_apps: self.client_apps.clone(),
            users: self.users.clone(),
            join,
            replay_detection: self.is_once,
        }
    }
}

impl PkiEntry {
    fn pki(&self) -> Pki {
        let read = |places: &[usize]| {
            let ders = places.iter().map(|at| &CHAINS.authorities[*at]);
            ders.map(|der| Certificate::from_der(der).unwrap()).collect()
        };
        let store = Store::new(read(&self.anchors), read(&self.between)).unwrap();
        let crls = self.lists.as_ref().map(|(places, depth)| {
            let lists = places.iter().map(|at| Arc::clone(&CHAINS.lists[*at])).collect();
            let rules = CrlRules { grace_s: 0, depth: *depth };
            Arc::new(Crls::new(lists, rules, &store, NOW))
        });
        Pki {
            name: self.name.into(),
            store: store.into(),
            peer_intermediates: self.peer_intermediates,
            principal: self.principal,
            tenant: self.tenant,
            crls,
        }
    }
}

pub(crate) fn oidc(issuer: &str, subject: &str, kind: Kind) -> Form {
    Form::Oidc { issuer: issuer.into(), subject: subject.into(), kind }
}

pub(crate) fn names(names: &[&str]) -> Vec<Box<str>> {
    names.iter().map(|name| Box::from(*name)).collect()
}

impl World {
    /// Three tenants, three other issuers, three PKIs, two sites, five endpoints.
    pub(crate) fn new() -> Self {
        let mut nameless = IssuerEntry::new(
            "nameless",
            oidc("https://nameless.example.org", "sub", Kind::User),
            NAMELESS,
        );
        nameless.keys.keys.truncate(1);
        let partner = oidc("https://id.example.org", "sub", Kind::User);
        let plant = oidc("https://plant.example.org", "machine", Kind::Device);
        let issuers = vec![
            IssuerEntry::entra(TENANTS[0], A),
            IssuerEntry::entra(TENANTS[1], B),
            IssuerEntry::entra(TENANTS[2], C),
            IssuerEntry::new("partner", partner, PARTNER),
            IssuerEntry::new("plant", plant, PLANT),
            nameless,
        ];
        let site = |id, format, keys| SiteEntry { id, format, keys: KeyEntries::two(keys) };
        let configmgr = Format::ConfigMgr { client_category: Some("Client".into()) };
        let sites =
            vec![site(SITES[0], Format::Tollgate, SITE), site(SITES[1], configmgr, CONFIGMGR)];
        Self {
            issuers,
            pkis: PkiEntry::all(),
            sites,
            endpoints: endpoints(),
            skew_s: 300,
            limits: Limits::default(),
            withdrawals: Withdrawals::default(),
            denied: Denied::default(),
            feed: (u64::MAX, vec![Method::Site]),
        }
    }

    pub(crate) fn issuer(&mut self, name: &str) -> Option<&mut IssuerEntry> {
        self.issuers.iter_mut().find(|issuer| *issuer.name == *name)
    }

    pub(crate) fn tenant(&mut self, place: usize) -> Option<&mut IssuerEntry> {
        self.issuer(&TENANTS[place].to_string())
    }

    /// `None` for what nobody could configure: two issuers that are one, a set without a key. Changes pile
    /// up to that now and then.
    pub(crate) fn snapshot(&self) -> Option<(Trust, Policy)> {
        let site = |site: &SiteEntry| {
            let keys = site.keys.read(site.format.algorithms())?;
            Some(Site { id: site.id, format: site.format.clone(), keys })
        };
        let issuers: Option<_> = self.issuers.iter().map(IssuerEntry::issuer).collect();
        let sites: Option<_> = self.sites.iter().map(site).collect();
        let trust = Trust::new(issuers?).ok()?;
        let trust = trust.with_pkis(self.pkis.iter().map(PkiEntry::pki).collect()).ok()?;
        let trust = trust.with_sites(sites?).ok()?;
        let rules = self.issuers.iter().map(IssuerEntry::rules).collect();
        let policy = Policy::new(self.skew_s, self.limits, self.endpoints.clone(), rules).ok()?;
        let rules = self.pkis.iter();
        let rules =
            rules.map(|pki| PkiRules { select: pki.select.clone(), issuers: pki.issuers.clone() });
        let policy = policy.with_pkis(rules.collect()).with_denied(Arc::new(self.denied.clone()));
        let policy = policy.with_senders(Senders::parse(["unix"]).unwrap());
        let (until_ms, required_for) = self.feed.clone();
        let feed = (SITES[0], Arc::new(FreshUntil::new(until_ms)));
        let policy = policy.with_feeds(Feeds::new(vec![feed], required_for));
        Some((trust, policy.with_withdrawals(Arc::new(self.withdrawals.clone()))))
    }

    pub(crate) fn gate(&self, cache_bytes: usize) -> Gate {
        let (trust, policy) = self.snapshot().expect("a world that can be");
        Gate::with_cache(trust, policy, cache_bytes).unwrap()
    }

    pub(crate) fn swap(&self, gate: &Gate) {
        let (trust, policy) = self.snapshot().expect("a world that can be");
        gate.replace(trust, policy).unwrap();
    }
}

pub(crate) const STRICT: &str = "strict";

/// Added by a change.
pub(crate) const LATE: &str = "late";

fn endpoints() -> Vec<EndpointRules> {
    let named = |name: &str| EndpointRules { name: name.into(), ..sample::endpoint() };
    let methods = vec![Method::Entra, Method::Oidc];
    vec![
        sample::endpoint(),
        EndpointRules { methods, ..named("tokens") },
        EndpointRules { scenarios: vec![Scenario::Device], ..named("devices") },
        EndpointRules { methods: vec![Method::Pki, Method::Site], ..named("keys") },
        EndpointRules {
            scopes: names(&["access_as_user"]),
            forward_claims: names(&["name", "department"]),
            windows: WindowsRule::Required,
            ..named(STRICT)
        },
    ]
}

pub(crate) fn late() -> EndpointRules {
    EndpointRules {
        name: LATE.into(),
        scopes: names(&["read"]),
        roles: names(&["reader"]),
        forward_claims: names(&["groups"]),
        windows: WindowsRule::IfKnown,
        ..sample::endpoint()
    }
}
