//! `[[site]]`.

use std::path::PathBuf;

use tollgate::Guid;
use tollgate::site::{CONFIGMGR_BULK_CATEGORY, Format};

use super::feed::{FeedSettings, FeedSource, read_feed, read_source};
use super::section::{Place, Section};

/// A site as the administrator wrote it.
pub(crate) struct SiteSettings {
    pub(crate) place: Place,
    pub(crate) id: Guid,
    pub(crate) format: Format,
    pub(crate) keys: (Place, PathBuf),
    pub(crate) feed: Option<FeedSource>,
}

/// The sites, and how their feeds are heard.
pub(crate) fn read_sites(root: &Section<'_>) -> (Vec<SiteSettings>, FeedSettings) {
    let sections = root.tables("site");
    let feed = read_feed(root, &sections);
    (sections.into_iter().filter_map(read_site).collect(), feed)
}

fn read_site(section: Section<'_>) -> Option<SiteSettings> {
    let report = section.report();
    let id = section.required_text("id", "\"<the site's GUID>\"").and_then(|text| {
        let id = Guid::parse(text).filter(|id| *id != Guid([0; 16]));
        if id.is_none() {
            let message = format!("{text:?} is not a GUID; `tollgate site init` shows the site's");
            section.place_of("id").error(report, message);
        }
        id
    });
    let is_configmgr = section.choice("format", &[("tollgate", false), ("configmgr", true)]);
    let is_configmgr = is_configmgr.unwrap_or(false);
    let client_category: Option<Box<str>> = section.text("client_category").map(Into::into);
    if client_category.is_some() && !is_configmgr {
        let message = "goes with format = \"configmgr\" only: our own tokens say what they are";
        section.place_of("client_category").error(report, message);
    }
    if client_category.as_deref() == Some(CONFIGMGR_BULK_CATEGORY) {
        let message = "is the category of bulk registration tokens, which only register";
        section.place_of("client_category").error(report, message);
    }
    let feed = read_source(&section, is_configmgr);
    for key in ["client_lifetime", "renew_after", "lapse", "approval"] {
        // Every process of a site has to mean the same, so its registry keeps them.
        let message = "is a term of the site, which all its processes share: `tollgate site set`";
        section.not_yet(key, message);
    }
    let keys = section.required_text("keys_file", "\"tollgate-data/site-keys.json\"");
    let keys = keys.map(|path| (section.place_of("keys_file"), path.into()));
    let place = section.place();
    section.finish();
    let format =
        if is_configmgr { Format::ConfigMgr { client_category } } else { Format::Tollgate };
    Some(SiteSettings { place, id: id?, format, keys: keys?, feed })
}
