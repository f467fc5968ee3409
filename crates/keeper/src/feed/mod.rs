//! The feeds of withdrawals: looked at again and again, and what they say put before the gate.
//!
//! ```text
//! registry, or a file that the site signs --poll--> Feed: what holds, and how far it was heard
//!        all feeds, and what the host told ------> one Withdrawals ---- swap --> the next check
//!        heard in time --------------------------> FreshUntil --------- after the swap
//! ```
//!
//! A feed becomes fresh only once what it said is before the gate; until the first time it is not.

mod health;
mod one;
mod refused;
#[cfg(feature = "registry")]
mod registry;
#[cfg(not(feature = "registry"))]
#[path = "registry_none.rs"]
mod registry;
mod signed;

use std::path::Path;
use std::time::Duration;

use tollgate::policy::{self, Withdrawals};
use tollgate::{Guid, Now, Trust};
use tollgate_site::feed::FeedError;

pub use self::health::FeedHealth;
use self::one::Feed;
use crate::config::{ConfigError, FeedFrom, FeedSettings, Report, SiteSettings};

/// What a configuration says of feeds.
#[derive(Default)]
pub(crate) struct Plan {
    settings: FeedSettings,
    sources: Vec<Planned>,
}

/// One feed of a configuration.
pub(crate) struct Planned {
    pub(crate) site: Guid,
    /// With the absolute path.
    pub(crate) from: FeedFrom,
    /// Where it is written, as an error without words.
    pub(crate) line: ConfigError,
}

impl Plan {
    pub(crate) fn new(
        settings: FeedSettings,
        sites: &[SiteSettings],
        folder: &Path,
        report: &Report,
    ) -> Self {
        let planned = |site: &SiteSettings| {
            let source = site.feed.as_ref()?;
            let from = match &source.from {
                FeedFrom::Registry(path) => FeedFrom::Registry(folder.join(path)),
                FeedFrom::File(path) => FeedFrom::File(folder.join(path)),
            };
            Some(Planned { site: site.id, from, line: source.place.remark(report, "") })
        };
        Self { settings, sources: sites.iter().filter_map(planned).collect() }
    }
}

/// All feeds of a keeper.
#[derive(Default)]
pub(crate) struct Feeds {
    settings: FeedSettings,
    feeds: Vec<Feed>,
    /// Whose keys sign files.
    trust: Option<Trust>,
    /// When they are looked at next, on the monotonic clock.
    due_ms: u64,
}

/// What came of looking at the feeds.
#[derive(Default)]
pub(crate) struct Polled {
    /// Whether anything is withdrawn or restored that was not.
    pub(crate) is_news: bool,
    /// What is wrong now and was not, or was something else.
    pub(crate) wrong: Vec<ConfigError>,
    /// What is well again.
    pub(crate) well: Vec<ConfigError>,
}

impl Feeds {
    /// As another configuration has it. What was heard of a site stands, and no look is put off: loads may
    /// follow each other more often than looks.
    pub(crate) fn planned(&self, plan: Plan, trust: &Trust, now: Now) -> Self {
        let Plan { settings, sources } = plan;
        let max_staleness = settings.max_staleness;
        let feeds = sources.into_iter().map(|planned| {
            let known = self.feeds.iter().find(|feed| feed.site() == planned.site);
            let feed = match known {
                Some(known) => known.clone().planned(planned, max_staleness),
                None => Feed::new(planned),
            };
            feed.among(trust.sites().iter().map(|site| site.id))
        });
        let feeds = feeds.collect();
        let due_ms = match self.feeds.is_empty() {
            true => next_ms(now, settings.poll),
            false => self.due_ms.min(next_ms(now, settings.poll)),
        };
        Self { settings, feeds, trust: Some(trust.clone()), due_ms }
    }

    /// When they are to be looked at; never, where there is none.
    pub(crate) fn due_ms(&self) -> u64 {
        if self.feeds.is_empty() { u64::MAX } else { self.due_ms }
    }

    /// Looks at those of which nothing was heard yet, for a gate that begins.
    pub(crate) fn begin(&mut self, now: Now) -> Polled {
        self.look(now, |feed| !feed.was_heard())
    }

    /// Looks at all, if it is time.
    pub(crate) fn poll(&mut self, now: Now) -> Polled {
        if now.mono_ms < self.due_ms() {
            return Polled::default();
        }
        self.due_ms = next_ms(now, self.settings.poll);
        self.look(now, |_| true)
    }

    fn look(&mut self, now: Now, is_meant: impl Fn(&Feed) -> bool) -> Polled {
        let mut polled = Polled::default();
        let max_staleness = self.settings.max_staleness;
        for feed in self.feeds.iter_mut().filter(|feed| is_meant(feed)) {
            let sites = self.trust.as_ref().map_or(&[][..], Trust::sites);
            let site = sites.iter().find(|site| site.id == feed.site());
            let keys = site.map(|site| &site.keys.set);
            let before = feed.is_failing();
            let looked = feed.look(keys, max_staleness, now);
            polled.is_news |= looked.is_news;
            polled.wrong.extend(looked.wrong.map(|why| feed.line(&why, max_staleness)));
            if before && !feed.is_failing() {
                polled.well.push(feed.line_well());
            }
        }
        polled
    }

    /// What the host told, and all feeds beside it.
    pub(crate) fn beside(&self, host: &Withdrawals) -> Withdrawals {
        host.beside(self.feeds.iter().flat_map(Feed::says))
    }

    /// What the gate has to compare.
    pub(crate) fn bounds(&self) -> policy::Feeds {
        let feeds = self.feeds.iter().map(|feed| (feed.site(), feed.fresh()));
        policy::Feeds::new(feeds.collect(), self.settings.required_for.clone())
    }

    /// What was heard is before the gate by now: it may be relied on.
    pub(crate) fn settle(&self) {
        self.feeds.iter().for_each(Feed::settle);
    }

    pub(crate) fn health(&self) -> Vec<FeedHealth> {
        self.feeds.iter().map(|feed| feed.health(&self.settings)).collect()
    }
}

/// Up to a tenth sooner, so that gates which began together do not go on together.
fn next_ms(now: Now, poll: Duration) -> u64 {
    use std::hash::{BuildHasher, RandomState};
    let poll_ms = u64::try_from(poll.as_millis()).unwrap_or(u64::MAX);
    let sooner_ms = RandomState::new().hash_one(poll_ms) % (poll_ms / 10).max(1);
    now.mono_ms.saturating_add(poll_ms - sooner_ms)
}

/// What one look found.
struct Looked {
    is_news: bool,
    /// Where it is another fault than the time before.
    wrong: Option<FeedError>,
}
