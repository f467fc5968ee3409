//! `feed`, `[feed]`, and where each site's feed is read.

use std::path::PathBuf;
use std::time::Duration;

use tollgate::Method;

use super::section::{Place, Section};

/// How feeds are heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FeedSettings {
    /// How often they are looked at.
    pub(crate) poll: Duration,
    /// How old the last word may be.
    pub(crate) max_staleness: Duration,
    /// The methods of which nothing is decided once it is older.
    pub(crate) required_for: Vec<Method>,
}

/// A site's feed as it is written.
pub(crate) struct FeedSource {
    pub(crate) place: Place,
    pub(crate) from: FeedFrom,
}

/// Where a feed is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FeedFrom {
    /// The registry's own file.
    Registry(PathBuf),
    /// A file that the site signs.
    File(PathBuf),
}

const POLL: Duration = Duration::from_secs(1);
const MAX_STALENESS: Duration = Duration::from_secs(30);

/// The settings; `sites` are asked whether they have a feed, or say that they have none.
pub(crate) fn read_feed(root: &Section<'_>, sites: &[Section<'_>]) -> FeedSettings {
    let report = root.report();
    let is_written = |site: &Section<'_>| site.has("registry") || site.has("feed_file");
    let any_written = sites.iter().any(is_written);
    let without = sites.iter().find(|site| !is_written(site) && !site.has("feed"));
    let none = "write feed = \"none\" above the first section, and know that a withdrawn client \
                passes until its token ends";
    if root.has("feed") && !root.is_table("feed") {
        let is_none = root.choice("feed", &[("none", ())]).is_some();
        if is_none && any_written {
            let message = "says that no feed is heard, and this file names one (registry or \
                           feed_file); take one of them out";
            root.place_of("feed").error(report, message);
        }
        return FeedSettings::default();
    }
    if let Some(site) = without {
        let message = format!(
            "nobody tells of withdrawals (feed): write registry = \"tollgate-data/registry.db\" or \
             feed_file in [[site]], or {none}"
        );
        site.place().error(report, message);
    }
    let feed = root.table("feed");
    let second = Duration::from_secs(1);
    let (hour, day) = (3_600 * second, 86_400 * second);
    let poll = feed.duration("poll", second, hour).unwrap_or(POLL);
    let max_staleness = feed.duration("max_staleness", 2 * second, day).unwrap_or(MAX_STALENESS);
    if max_staleness < 2 * poll {
        let message = "is less than twice `poll`, so that one look that comes late would leave \
                       nothing to be decided";
        feed.place_of("max_staleness").error(report, message);
    }
    let names = Method::ALL.map(|method| (method.name(), method));
    let required_for = feed.choices("required_for", &names).unwrap_or(vec![Method::Site]);
    if root.is_table("feed") && !any_written {
        let message = "is never used: no [[site]] names a registry or a feed_file";
        feed.place().warn(report, message);
    }
    if any_written && !required_for.contains(&Method::Site) {
        let message = "leaves out \"site\": while a feed is not heard, a client that is withdrawn passes, and \
                       nothing says so but the logs";
        feed.place_of("required_for").warn(report, message);
    }
    feed.finish();
    FeedSettings { poll, max_staleness, required_for }
}

/// Where this site's feed is read, if anywhere.
pub(crate) fn read_source(site: &Section<'_>, is_configmgr: bool) -> Option<FeedSource> {
    let report = site.report();
    let said_none = site.choice("feed", &[("none", ())]).is_some();
    let registry = site.text("registry").map(|path| ("registry", FeedFrom::Registry(path.into())));
    let file = site.text("feed_file").map(|path| ("feed_file", FeedFrom::File(path.into())));
    let both = registry.is_some() && file.is_some();
    let (key, from) = registry.or(file)?;
    let place = site.place_of(key);
    if both {
        place.error(report, "stands beside feed_file; one of them is read, take the other out");
    }
    if said_none {
        place.error(report, "stands beside feed = \"none\"; take one of them out");
    }
    if is_configmgr {
        let message = "goes with format = \"tollgate\" only: nobody writes a feed for ConfigMgr's \
                       clients; write feed = \"none\"";
        place.error(report, message);
    }
    if cfg!(not(feature = "registry")) && key == "registry" {
        place.error(report, "cannot be read by this build; write feed_file");
    }
    Some(FeedSource { place, from })
}

impl Default for FeedSettings {
    fn default() -> Self {
        let required_for = vec![Method::Site];
        Self { poll: POLL, max_staleness: MAX_STALENESS, required_for }
    }
}
