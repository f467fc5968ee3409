//! One feed: how far it was heard, and how long that may be relied on.

use std::mem::discriminant;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tollgate::jws::KeySet;
use tollgate::policy::Withdrawals;
use tollgate::site::CLIENT_LIFETIME_MOST_S;
use tollgate::{FreshUntil, Guid, Method, Now};
use tollgate_site::feed::{FeedError, Heard, Hearing, Reader};

use super::health::FeedHealth;
use super::refused::Refused;
use super::registry::Seen;
use super::signed::{Resume, read_file};
use super::{Looked, Planned};
use crate::clock::fresh_until_ms;
use crate::config::{ConfigError, FeedFrom, FeedSettings};

/// A copy shares what is long.
#[derive(Clone)]
pub(super) struct Feed {
    site: Guid,
    from: FeedFrom,
    line: ConfigError,
    fresh: Arc<FreshUntil>,
    /// What `fresh` will be once all that was heard is before the gate.
    until_ms: u64,
    hearing: Hearing,
    heard: Option<Heard>,
    /// Whether that was heard elsewhere, and nothing yet from where it is read now.
    is_moved: bool,
    /// When what was issued in epochs that are over has ended, on the monotonic clock.
    past_until_ms: u64,
    resume: Option<Resume>,
    /// A file that was not heard, and is not read again for a while.
    refused: Option<Refused>,
    seen: Seen,
    tally: Tally,
    failing: Option<FeedError>,
}

/// What came of looking so far.
#[derive(Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) polls: u64,
    pub(super) failures: u64,
    /// When what it says was so, on the monotonic clock: before its zero, where negative.
    pub(super) last_ms: Option<i64>,
}

/// What statements are dated by has seconds.
const SLACK_MS: i64 = 1_000;

/// After the longest life of a site's token nothing that was issued in an epoch before can be valid, whatever
/// skew there is.
const LONGEST_LIFE_MS: u64 = (CLIENT_LIFETIME_MOST_S as u64 + 86_400) * 1_000;

impl Feed {
    pub(super) fn new(Planned { site, from, line }: Planned) -> Self {
        Self {
            site,
            from,
            line,
            fresh: Arc::default(),
            until_ms: 0,
            hearing: Hearing::new(site),
            heard: None,
            is_moved: false,
            past_until_ms: u64::MAX,
            resume: None,
            refused: None,
            seen: Seen::default(),
            tally: Tally::default(),
            failing: None,
        }
    }

    /// The same site's under another configuration: a shorter bound holds at once, for what was heard before too.
    ///
    /// From another place nothing is fresh before it was heard; what was heard elsewhere stands until then, since
    /// a line that is mistaken takes nothing back, and no history is heard that ends before it.
    pub(super) fn planned(self, planned: Planned, max_staleness: Duration) -> Self {
        let Planned { line, from, .. } = planned;
        if from == self.from {
            let until_ms = fresh_until_ms(self.tally.last_ms, max_staleness);
            return Self { line, until_ms, refused: None, ..self };
        }
        let elsewhere =
            |Heard { position, .. }| Heard { position, as_of_s: i64::MIN, head: position.seq };
        let Self { site, past_until_ms, hearing, heard, tally, .. } = self;
        let (heard, is_moved) = (heard.map(elsewhere), heard.is_some());
        let tally = Tally { last_ms: None, ..tally };
        let new = Self::new(Planned { site, from, line });
        Self { heard, is_moved, past_until_ms, hearing, tally, ..new }
    }

    /// These are the sites of the gate.
    pub(super) fn among(mut self, sites: impl IntoIterator<Item = Guid>) -> Self {
        self.hearing.stand_among(sites);
        self
    }

    pub(super) fn site(&self) -> Guid {
        self.site
    }

    pub(super) fn fresh(&self) -> Arc<FreshUntil> {
        Arc::clone(&self.fresh)
    }

    pub(super) fn was_heard(&self) -> bool {
        self.heard.is_some() && !self.is_moved
    }

    pub(super) fn is_failing(&self) -> bool {
        self.failing.is_some()
    }

    /// What it withdraws: now, and in epochs that are over.
    pub(super) fn says(&self) -> [Withdrawals; 2] {
        [self.hearing.withdrawals.clone(), self.hearing.past.clone()]
    }

    pub(super) fn settle(&self) {
        self.fresh.set(self.until_ms);
    }

    /// Looks once.
    pub(super) fn look(
        &mut self,
        keys: Option<&KeySet>,
        max_staleness: Duration,
        now: Now,
    ) -> Looked {
        self.tally.polls += 1;
        let forgets = self.forget_past(now);
        let looked = match self.from.clone() {
            FeedFrom::Registry(path) => self.look_at_registry(&path, now),
            FeedFrom::File(path) => match (self.refuses(&path, now), keys) {
                (Some(why), _) => Err(why),
                (None, None) => Err(FeedError::NotBySite("the site has no keys".into())),
                (None, Some(keys)) => {
                    let looked = self.look_at_file(&path, keys, max_staleness, now);
                    let why = looked.as_ref().err();
                    self.refused = why.and_then(|why| Refused::new(&path, why, max_staleness, now));
                    looked
                }
            },
        };
        let (is_news, wrong) = match looked {
            Ok((is_news, since_ms)) => {
                self.tally.last_ms = Some(since_ms);
                let until_ms = fresh_until_ms(Some(since_ms), max_staleness);
                self.until_ms = self.until_ms.max(until_ms);
                let is_silent = self.until_ms <= now.mono_ms;
                let age_s = mono_ms(now).saturating_sub(since_ms).max(0).unsigned_abs() / 1000;
                (is_news, is_silent.then_some(FeedError::Silent { age_s }))
            }
            Err(why) => (false, Some(why)),
        };
        self.tally.failures += u64::from(wrong.is_some());
        let said = self.failing.as_ref().map(discriminant);
        self.failing = wrong;
        let wrong = self.failing.clone().filter(|wrong| said != Some(discriminant(wrong)));
        Looked { is_news: is_news || forgets, wrong }
    }

    /// Whether there is news, and since when, on the monotonic clock, that is known.
    fn look_at_registry(&mut self, path: &Path, now: Now) -> Result<(bool, i64), FeedError> {
        let mut hearing = self.hearing.clone();
        let heard = self.seen.read(path, self.site, self.heard, &mut hearing, now)?;
        Ok((self.take(hearing, heard, now), mono_ms(now)))
    }

    fn look_at_file(
        &mut self,
        path: &Path,
        keys: &KeySet,
        max_staleness: Duration,
        now: Now,
    ) -> Result<(bool, i64), FeedError> {
        let staleness_s = i64::try_from(max_staleness.as_secs()).unwrap_or(i64::MAX);
        let reader = Reader {
            site: self.site,
            keys,
            // Clocks differ; by more than the bound itself they would make it meaningless.
            latest_s: now.unix_s.saturating_add(staleness_s),
        };
        let mut hearing = self.hearing.clone();
        let (heard, resume) =
            read_file(path, self.resume.as_ref(), self.heard, reader, &mut hearing)?;
        self.resume = Some(resume);
        let (before, since_ms) = (self.heard, self.tally.last_ms);
        let is_news = self.take(hearing, heard, now);
        let is_younger = before.is_none_or(|before| heard.as_of_s > before.as_of_s);
        let since_ms = match since_ms {
            // What was said at one time stays as old as it is, whatever is done to a clock.
            Some(since_ms) if !is_younger => since_ms,
            since_ms if heard.head != heard.position.seq => since_ms.unwrap_or(i64::MIN),
            since_ms => {
                let age_s = now.unix_s.saturating_sub(heard.as_of_s).max(0);
                let by_calendar = mono_ms(now).saturating_sub(age_s.saturating_mul(1000));
                // It has grown no younger than the one before it by more than the site says.
                let by_site = since_ms.zip(before).map_or(i64::MAX, |(since_ms, before)| {
                    let later_s = heard.as_of_s.saturating_sub(before.as_of_s);
                    since_ms.saturating_add(later_s.saturating_mul(1000)).saturating_add(SLACK_MS)
                });
                by_calendar.min(by_site)
            }
        };
        Ok((is_news, since_ms))
    }

    /// From now on this holds. Whether it says anything else than before.
    fn take(&mut self, hearing: Hearing, heard: Heard, now: Now) -> bool {
        if hearing.over.len() > self.hearing.over.len() {
            self.hearing.over.clone_from(&hearing.over);
            self.past_until_ms = now.mono_ms.saturating_add(LONGEST_LIFE_MS);
        }
        let is_news =
            hearing.withdrawals != self.hearing.withdrawals || hearing.past != self.hearing.past;
        (self.heard, self.is_moved) = (Some(heard), false);
        // What says the same stays, since it is what the gate has.
        if is_news {
            self.hearing = hearing;
        }
        is_news
    }

    fn forget_past(&mut self, now: Now) -> bool {
        if now.mono_ms < self.past_until_ms {
            return false;
        }
        self.past_until_ms = u64::MAX;
        let left = self.hearing.past.without_issued();
        let forgets = left != self.hearing.past;
        self.hearing.past = left;
        forgets
    }

    /// Why the file was not heard, if it is still the one that was not, and not long ago: a file may be long, and
    /// to read and prove it each second is a load.
    fn refuses(&self, path: &Path, now: Now) -> Option<FeedError> {
        self.refused.as_ref().filter(|refused| refused.holds(path, now))?;
        self.failing.clone()
    }

    /// What is wrong, by its line.
    pub(super) fn line(&self, why: &FeedError, max_staleness: Duration) -> ConfigError {
        let (path, bound_s) = (self.path().display(), max_staleness.as_secs());
        let message = match self.tally.last_ms {
            Some(_) => format!(
                "{path} {why}; what was heard goes on until {bound_s} s after it was last heard, then \
                 6011 (503) is said of the methods in feed.required_for"
            ),
            None => format!(
                "{path} {why}; nothing was heard of it yet: 6011 (503) is said of the methods in \
                 feed.required_for"
            ),
        };
        ConfigError { message, ..self.line.clone() }
    }

    pub(super) fn line_well(&self) -> ConfigError {
        let message = format!("{} is heard again", self.path().display());
        ConfigError { message, ..self.line.clone() }
    }

    fn path(&self) -> &Path {
        match &self.from {
            FeedFrom::Registry(path) | FeedFrom::File(path) => path,
        }
    }

    pub(super) fn health(&self, settings: &FeedSettings) -> FeedHealth {
        FeedHealth {
            site: self.site,
            source: match self.from {
                FeedFrom::Registry(_) => "registry",
                FeedFrom::File(_) => "feed_file",
            },
            path: self.path().to_owned(),
            epoch: self.heard.map(|heard| Guid(heard.position.epoch)),
            seq: self.heard.map_or(0, |heard| heard.position.seq),
            head: self.heard.map_or(0, |heard| heard.head),
            counts: self.hearing.withdrawals.counts().to_vec(),
            past: self.hearing.past.len(),
            polls: self.tally.polls,
            failures: self.tally.failures,
            problem: self.failing.as_ref().map(ToString::to_string),
            max_staleness: settings.max_staleness,
            is_required: settings.required_for.contains(&Method::Site),
            last_ms: self.tally.last_ms,
            fresh: Arc::clone(&self.fresh),
        }
    }
}

fn mono_ms(now: Now) -> i64 {
    i64::try_from(now.mono_ms).unwrap_or(i64::MAX)
}
