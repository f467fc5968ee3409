//! Where the keys and CAs of a configuration come from: the files that it names, or others in their
//! place.

use std::path::Path;

use tollgate::Limits;
use tollgate::jws::Keys;
use tollgate::pki::Pki;
use tollgate::policy::IssuerRules;

use crate::certificates::read_pki;
use crate::config::{IssuerSettings, PkiSettings, Place, Report, SiteSettings};
use crate::keys::{read_keys, read_site_keys};
use crate::trail::Trail;

/// What is the same for all that one configuration names.
pub(crate) struct Reading<'r> {
    /// What paths are relative to.
    pub(crate) folder: &'r Path,
    pub(crate) limits: &'r Limits,
    pub(crate) report: &'r Report,
    /// The way to files, and the time.
    pub(crate) trail: &'r Trail<'r>,
}

/// What an update has told in place of a file.
pub(crate) struct Told<'a> {
    /// What errors name.
    pub(crate) place: Place,
    pub(crate) bytes: &'a [u8],
}

/// Gives what is trusted, or notes why not and gives nothing. Asked in the order of the configuration:
/// issuers, PKIs, sites.
pub(crate) trait Source {
    /// Whether an issuer is enabled.
    fn is_enabled(&mut self, issuer: &IssuerSettings) -> bool {
        issuer.enabled
    }

    /// The keys of an issuer, for which these rules hold.
    fn issuer_keys(
        &mut self,
        issuer: &IssuerSettings,
        rules: &IssuerRules,
        reading: &Reading<'_>,
    ) -> Option<Keys>;

    /// A PKI with its CAs.
    fn pki(&mut self, pki: &PkiSettings, reading: &Reading<'_>) -> Option<Pki>;

    /// The keys of a site.
    fn site_keys(&mut self, site: &SiteSettings, reading: &Reading<'_>) -> Option<Keys>;

    /// Whether the sites' feeds are heard.
    fn hears_feeds(&self) -> bool {
        true
    }
}

/// What the configuration names.
pub(crate) struct Configured;

impl Source for Configured {
    fn issuer_keys(
        &mut self,
        issuer: &IssuerSettings,
        _: &IssuerRules,
        reading: &Reading<'_>,
    ) -> Option<Keys> {
        read_keys(issuer, reading)
    }

    fn pki(&mut self, pki: &PkiSettings, reading: &Reading<'_>) -> Option<Pki> {
        read_pki(pki, None, None, reading)
    }

    fn site_keys(&mut self, site: &SiteSettings, reading: &Reading<'_>) -> Option<Keys> {
        read_site_keys(site, reading)
    }
}
