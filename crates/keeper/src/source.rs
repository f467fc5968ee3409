//! Where the keys and CAs of a configuration come from: the files that it names, or others in their
//! place.

use std::path::Path;

use tollgate::Limits;
use tollgate::jws::Keys;
use tollgate::pki::Pki;
use tollgate::policy::IssuerRules;

use crate::certificates::read_pki;
use crate::config::{IssuerSettings, PkiSettings, Report, SiteSettings};
use crate::keys::{read_keys, read_site_keys};

/// What is the same for all that one configuration names.
pub(crate) struct Reading<'r> {
    /// What paths are relative to.
    pub(crate) folder: &'r Path,
    pub(crate) limits: &'r Limits,
    pub(crate) report: &'r Report,
}

/// Gives what is trusted, or notes why not and gives nothing. Asked in the order of the configuration:
/// issuers, PKIs, sites.
pub(crate) trait Source {
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
        read_keys(issuer, reading.folder, reading.limits, reading.report)
    }

    fn pki(&mut self, pki: &PkiSettings, reading: &Reading<'_>) -> Option<Pki> {
        read_pki(pki, reading.folder, reading.report)
    }

    fn site_keys(&mut self, site: &SiteSettings, reading: &Reading<'_>) -> Option<Keys> {
        read_site_keys(site, reading.folder, reading.limits, reading.report)
    }
}
