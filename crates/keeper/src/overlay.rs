//! What updates have left over the files.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tollgate::jws::{KeySet, Keys};
use tollgate::oidc::Form;
use tollgate::pki::Pki;
use tollgate::policy::{IssuerRules, Withdrawals};
use tollgate::{Guid, Method};
use zeroize::Zeroizing;

use crate::certificates::read_pki;
use crate::config::{IssuerSettings, PkiSettings, Place, SiteSettings};
use crate::keys::{issuer_set, site_set};
use crate::source::{Configured, Reading, Source, Told};
use crate::update::Wrong;

/// All of it. A clone shares what is long.
#[derive(Clone, Default)]
pub(crate) struct Overlay {
    pub(crate) keys: BTreeMap<Target, Arc<OtherKeys>>,
    pub(crate) anchors: BTreeMap<Target, Arc<[u8]>>,
    pub(crate) crls: BTreeMap<Target, Arc<[u8]>>,
    pub(crate) switches: BTreeMap<Target, bool>,
    pub(crate) withdrawals: Arc<Withdrawals>,
}

/// A key set in place of a configured one.
pub(crate) struct OtherKeys {
    pub(crate) jwks: Zeroizing<Vec<u8>>,
    /// When it came, on the monotonic clock.
    pub(crate) since_ms: u64,
}

/// An authority by its name in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    pub(crate) method: &'static str,
    name: String,
}

impl Target {
    /// GUIDs in whatever letters.
    pub(crate) fn new(method: Method, name: &str) -> Self {
        let guid = match method {
            Method::Entra | Method::Site => Guid::parse(name).map(|guid| guid.to_string()),
            Method::Oidc | Method::Pki => None,
        };
        Self { method: method.name(), name: guid.unwrap_or_else(|| name.into()) }
    }

    fn of_issuer(issuer: &IssuerSettings) -> Self {
        let method = match issuer.form {
            Form::Entra { .. } => Method::Entra,
            Form::Oidc { .. } => Method::Oidc,
        };
        Self::new(method, &issuer.name)
    }

    /// What messages call the part of an update that is for it.
    pub(crate) fn of_keys(&self) -> String {
        self.part("keys")
    }

    pub(crate) fn of_anchors(&self) -> String {
        self.part("anchors")
    }

    pub(crate) fn of_crls(&self) -> String {
        self.part("crls")
    }

    pub(crate) fn of_switch(&self) -> String {
        self.part("enable")
    }

    fn part(&self, what: &str) -> String {
        format!("update.{what}({}, {})", self.method, self.name)
    }
}

/// The configuration with an overlay over it.
pub(crate) struct Overlaid<'o> {
    overlay: &'o Overlay,
    /// The parts that the configuration asked for.
    asked: BTreeSet<String>,
}

impl<'o> Overlaid<'o> {
    pub(crate) fn new(overlay: &'o Overlay) -> Self {
        Self { overlay, asked: BTreeSet::new() }
    }

    /// Parts that nothing asked for.
    pub(crate) fn idle(&self) -> impl Iterator<Item = Wrong> {
        let Overlay { keys, anchors, crls, switches, .. } = self.overlay;
        let keys = keys.keys().map(|target| (target.of_keys(), target));
        let anchors = anchors.keys().map(|target| (target.of_anchors(), target));
        let switches = switches.keys().map(|target| (target.of_switch(), target));
        let crls = crls.keys().map(|target| (target.of_crls(), target));
        let all = keys.chain(anchors).chain(crls).chain(switches);
        all.filter(|(part, _)| !self.asked.contains(part)).map(|(key, target)| {
            let named = format!("no [[{}]] of this name is configured", target.method);
            let message = match key == target.of_crls() {
                true => format!("{named}, or its revocation is \"off\""),
                false => named,
            };
            Wrong { key, message }
        })
    }

    /// The keys for this authority, and what messages call them.
    fn keys(&mut self, target: &Target) -> Option<(&'o OtherKeys, String)> {
        let keys = self.overlay.keys.get(target)?;
        self.asked.insert(target.of_keys());
        Some((keys, target.of_keys()))
    }
}

impl Source for Overlaid<'_> {
    fn is_enabled(&mut self, issuer: &IssuerSettings) -> bool {
        let target = Target::of_issuer(issuer);
        match self.overlay.switches.get(&target) {
            Some(enabled) => {
                self.asked.insert(target.of_switch());
                *enabled
            }
            None => issuer.enabled,
        }
    }

    fn issuer_keys(
        &mut self,
        issuer: &IssuerSettings,
        rules: &IssuerRules,
        reading: &Reading<'_>,
    ) -> Option<Keys> {
        let Some((other, part)) = self.keys(&Target::of_issuer(issuer)) else {
            return Configured.issuer_keys(issuer, rules, reading);
        };
        let set = issuer_set(issuer, &other.jwks, true, &Place::nowhere(part), reading)?;
        let until_ms = issuer.keys.max_age.map_or(u64::MAX, |max_age| {
            let max_age_ms = u64::try_from(max_age.as_millis()).unwrap_or(u64::MAX);
            other.since_ms.saturating_add(max_age_ms)
        });
        Some(Keys::new(set, until_ms))
    }

    fn pki(&mut self, pki: &PkiSettings, reading: &Reading<'_>) -> Option<Pki> {
        let target = Target::new(Method::Pki, &pki.name);
        let anchors = self.overlay.anchors.get(&target).map(|bytes| {
            self.asked.insert(target.of_anchors());
            Told { place: Place::nowhere(target.of_anchors()), bytes }
        });
        // Where revocation is off nobody asks for lists, and who told some has to know.
        let is_asked = pki.revocation.is_some();
        let crls = self.overlay.crls.get(&target).filter(|_| is_asked).map(|bytes| {
            self.asked.insert(target.of_crls());
            Told { place: Place::nowhere(target.of_crls()), bytes }
        });
        read_pki(pki, anchors.as_ref(), crls.as_ref(), reading)
    }

    fn site_keys(&mut self, site: &SiteSettings, reading: &Reading<'_>) -> Option<Keys> {
        let target = Target::new(Method::Site, &site.id.to_string());
        let Some((other, part)) = self.keys(&target) else {
            return Configured.site_keys(site, reading);
        };
        let set: KeySet = site_set(site, &other.jwks, "the keys", &Place::nowhere(part), reading)?;
        Some(Keys::new(set, u64::MAX))
    }
}
