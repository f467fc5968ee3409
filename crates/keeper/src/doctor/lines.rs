//! Finding lines of the configuration.

use toml::de::DeTable;

use super::freshness::Freshness;
use super::twin::Authority;
use crate::config::{ConfigError, Report, Section};

/// The configuration as it is written.
pub(super) struct Lines<'a> {
    report: &'a Report,
    root: Section<'a>,
    freshness: &'a [Freshness],
}

impl<'a> Lines<'a> {
    pub(super) fn new(
        report: &'a Report,
        document: &'a DeTable<'a>,
        freshness: &'a [Freshness],
    ) -> Self {
        Self { report, root: Section::root(report, document), freshness }
    }

    /// Where `key` of a section stands or should stand, with what to write there. The empty section
    /// is the whole file.
    pub(super) fn line(
        &self,
        (section, index): (&'static str, usize),
        key: &'static str,
        message: impl Into<String>,
    ) -> Option<ConfigError> {
        if section.is_empty() {
            return Some(self.root.place_of(key).remark(self.report, message));
        }
        let section = self.root.tables(section).into_iter().nth(index)?;
        let place = match key.split_once('.') {
            Some((_, inner)) => section.table("require").place_of(inner),
            None => section.place_of(key),
        };
        Some(place.remark(self.report, message))
    }

    /// The section of an authority.
    pub(super) fn section_line(&self, authority: &Authority) -> Option<ConfigError> {
        let (section, index) = authority.section;
        let section = self.root.tables(section).into_iter().nth(index)?;
        Some(section.place().remark(self.report, "look at this section"))
    }

    /// A key of `[limits]`.
    pub(super) fn limit(&self, key: &'static str, message: &str) -> Option<ConfigError> {
        Some(self.root.table("limits").place_of(key).remark(self.report, message))
    }

    /// What names the keys of an authority.
    pub(super) fn keys_line(&self, authority: &Authority, message: &str) -> Option<ConfigError> {
        let key = self.of(authority).find(|one| one.what == "keys").map(|one| one.at.2)?;
        self.line(authority.section, key, message)
    }

    /// `anchors`, or `intermediates` where these hold what is not valid now.
    pub(super) fn untimely_key(&self, authority: &Authority) -> &'static str {
        let untimely = self.of(authority).find(|one| !one.ok);
        untimely.map_or("anchors", |one| one.at.2)
    }

    /// The key of the CAs that issue to clients.
    pub(super) fn lowest_key(&self, authority: &Authority) -> &'static str {
        if self.has(authority, "intermediates") { "intermediates" } else { "anchors" }
    }

    /// Whether a key is written in the authority's section.
    pub(super) fn has(&self, authority: &Authority, key: &str) -> bool {
        let (section, index) = authority.section;
        self.root.tables(section).get(index).is_some_and(|section| section.has(key))
    }

    /// Whether the endpoint's `scenarios` are written out.
    pub(super) fn names_scenarios(&self, endpoint: usize) -> bool {
        let endpoint = self.root.tables("endpoint").into_iter().nth(endpoint);
        endpoint.is_some_and(|endpoint| endpoint.has("scenarios"))
    }

    fn of<'s>(&'s self, authority: &'s Authority) -> impl Iterator<Item = &'s Freshness> {
        let (section, index) = authority.section;
        self.freshness.iter().filter(move |one| (one.at.0, one.at.1) == (section, index))
    }
}
