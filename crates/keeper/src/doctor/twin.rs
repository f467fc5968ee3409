//! The twin of a configuration: everything as it is written, with keys whose private halves are here.

use std::path::Path;
use std::time::{Duration, SystemTime};

use tollgate::jws::Keys;
use tollgate::oidc::Form;
use tollgate::pki::Pki;
use tollgate::policy::{EndpointRules, IssuerRules};
use tollgate::site::{ISSUER_PREFIX, Site};
use tollgate::{Kind, Limits, Method, Now, Scenario};

use super::credential::Outcome;
use super::freshness::{
    Freshness, KeysRead, Owner, of_cas, of_feed, of_keys, of_lists, of_no_feed, of_no_revocation,
};
use super::issuer::IssuerMint;
use super::keys::{TokenKey, Workshop};
use super::pki::{self, PkiMint};
use super::site::SiteMint;
use super::trial::Bench;
use crate::config::{IssuerSettings, KeysFrom, PkiSettings, SiteSettings};
use crate::feed::FeedHealth;
use crate::source::{Configured, Reading, Source};

/// A twin while it is loaded: who is trusted, and how old what they are trusted by is.
pub(super) struct Twin {
    now: Now,
    workshop: Workshop,
    pub(super) authorities: Vec<Authority>,
    pub(super) freshness: Vec<Freshness>,
}

/// An issuer, PKI or site of the configuration.
pub(super) struct Authority {
    pub(super) method: Method,
    /// Its section, and which of those it is: `entra`, 0.
    pub(super) section: (&'static str, usize),
    /// Its full name.
    pub(super) name: String,
    /// As the administrator calls it.
    pub(super) label: String,
    pub(super) is_enabled: bool,
    pub(super) proves_users: bool,
    mint: Mint,
}

enum Mint {
    Issuer(Box<IssuerMint>),
    Pki(PkiMint),
    Site(Box<SiteMint>),
    /// None can be made: why.
    Broken(String),
}

impl Twin {
    pub(super) fn new(now: Now) -> Self {
        let (workshop, authorities, freshness) = Default::default();
        Self { now, workshop, authorities, freshness }
    }

    /// The keys of the twin, and the ones that sign; the configured ones, where there is no twin.
    fn double(&mut self, real: Keys, limits: &Limits) -> (Keys, Result<Vec<TokenKey>, String>) {
        match self.workshop.double(&real, limits, self.now) {
            Ok((keys, signing)) => (keys, Ok(signing)),
            Err(why) => (real, Err(why)),
        }
    }

    /// How the feed of one of its sites is.
    pub(super) fn of_feed(&self, feed: &FeedHealth, now: Now) -> Option<Freshness> {
        let name = format!("{ISSUER_PREFIX}{}", feed.site);
        let site = self.authorities.iter().find(|one| one.name == name)?;
        let owner = Owner { method: Method::Site, section: site.section, authority: name };
        Some(of_feed(owner, feed, now))
    }

    /// The next section of this method.
    fn section(&self, method: Method) -> (&'static str, usize) {
        let before = self.authorities.iter().filter(|other| other.method == method).count();
        (method.name(), before)
    }
}

impl Source for Twin {
    fn issuer_keys(
        &mut self,
        issuer: &IssuerSettings,
        rules: &IssuerRules,
        reading: &Reading<'_>,
    ) -> Option<Keys> {
        let real = Configured.issuer_keys(issuer, rules, reading)?;
        let method = match issuer.form {
            Form::Entra { .. } => Method::Entra,
            Form::Oidc { .. } => Method::Oidc,
        };
        let section = self.section(method);
        let (key, name, file) = match &issuer.keys.from {
            KeysFrom::File(path) => ("jwks_file", path.display().to_string(), Some(path)),
            KeysFrom::Variable(name) => ("jwks_env", name.clone(), None),
            KeysFrom::Inline(_) => ("jwks", "in the configuration".into(), None),
        };
        let read = KeysRead {
            key,
            name,
            count: real.set.keys().len(),
            is_fresh: real.are_fresh(self.now),
            age: file.and_then(|path| age(&reading.folder.join(path))),
            bound: issuer.keys.max_age,
            matters: rules.enabled,
        };
        let owner = Owner { method, section, authority: authority(issuer) };
        self.freshness.push(of_keys(owner, read));
        let (keys, signing) = self.double(real, reading.limits);
        let mint = signing.map(|keys| IssuerMint::new(issuer, rules, reading.limits, keys));
        self.authorities.push(Authority {
            method,
            section,
            name: authority(issuer),
            label: match method {
                Method::Entra => format!("tenant {}", issuer.name),
                _ => format!("issuer {}", issuer.name),
            },
            is_enabled: rules.enabled,
            proves_users: !matches!(issuer.form, Form::Oidc { kind: Kind::Device, .. }),
            mint: mint.map_or_else(Mint::Broken, |mint| Mint::Issuer(Box::new(mint))),
        });
        Some(keys)
    }

    fn pki(&mut self, settings: &PkiSettings, reading: &Reading<'_>) -> Option<Pki> {
        let real = Configured.pki(settings, reading)?;
        let section = self.section(Method::Pki);
        let owner = Owner { method: Method::Pki, section, authority: real.name.to_string() };
        let now_s = self.now.unix_s;
        for (what, key, cas) in [
            ("anchor", "anchors", real.store.anchors().collect::<Vec<_>>()),
            ("intermediate", "intermediates", real.store.intermediates().iter().collect()),
        ] {
            self.freshness.extend(of_cas(&owner, (what, key), &cas, now_s));
        }
        match &real.crls {
            Some(crls) => self.freshness.extend(of_lists(&owner, crls, &real.store, self.now)),
            None => self.freshness.push(of_no_revocation(owner)),
        }
        let (twin, mint) = match pki::double(&real, &settings.rules.select) {
            Ok((twin, mint)) => (Some(twin), Mint::Pki(mint)),
            Err(why) => (None, Mint::Broken(why)),
        };
        self.authorities.push(Authority {
            method: Method::Pki,
            section,
            name: real.name.to_string(),
            label: format!("PKI {}", real.name),
            is_enabled: true,
            proves_users: false,
            mint,
        });
        Some(twin.unwrap_or(real))
    }

    /// What the twin shows was issued just now, to nobody that a feed names; whether feeds are heard is asked
    /// of the real one.
    fn hears_feeds(&self) -> bool {
        false
    }

    fn site_keys(&mut self, site: &SiteSettings, reading: &Reading<'_>) -> Option<Keys> {
        let real = Configured.site_keys(site, reading)?;
        let section = self.section(Method::Site);
        let path = &site.keys.1;
        let read = KeysRead {
            key: "keys_file",
            name: path.display().to_string(),
            count: real.set.keys().len(),
            is_fresh: true,
            age: age(&reading.folder.join(path)),
            bound: None,
            matters: true,
        };
        let (keys, signing) = self.double(real, reading.limits);
        let (id, format) = (site.id, site.format.clone());
        let known = Site { id, format: format.clone(), keys };
        let name = known.authority().to_string();
        let owner = Owner { method: Method::Site, section, authority: name.clone() };
        self.freshness.push(of_keys(owner, read));
        // Said once for all that have none.
        let is_said = self.freshness.iter().any(|one| one.what == "feed");
        if site.feed.is_none() && !is_said {
            self.freshness.push(of_no_feed());
        }
        let mint = signing.and_then(|keys| SiteMint::new(id, format, name.clone(), keys));
        self.authorities.push(Authority {
            method: Method::Site,
            section,
            name,
            label: format!("site {id}"),
            is_enabled: true,
            proves_users: false,
            mint: mint.map_or_else(Mint::Broken, |mint| Mint::Site(Box::new(mint))),
        });
        Some(known.keys)
    }
}

impl Authority {
    /// Makes what the endpoint should admit, and shows it to `bench` until something is admitted.
    pub(super) fn attempt(
        &self,
        endpoint: &EndpointRules,
        scenario: Scenario,
        now_s: i64,
        bench: &Bench<'_>,
    ) -> Outcome {
        match &self.mint {
            Mint::Issuer(mint) => mint.attempt(endpoint, scenario, now_s, bench),
            Mint::Pki(mint) => mint.attempt(bench),
            Mint::Site(mint) => mint.attempt(now_s, bench),
            Mint::Broken(why) => Outcome::Untested(why.clone()),
        }
    }
}

/// The issuer's full name, as principals have it.
fn authority(issuer: &IssuerSettings) -> String {
    match &issuer.form {
        Form::Entra { tenant, cloud } => cloud.authority(*tenant),
        Form::Oidc { issuer, .. } => issuer.to_string(),
    }
}

/// How old a file is; nothing for one from the future.
fn age(path: &Path) -> Option<Duration> {
    let modified = std::fs::metadata(path).and_then(|about| about.modified()).ok()?;
    SystemTime::now().duration_since(modified).ok()
}
