//! A running gate, and what it takes to keep its trust fresh: one place where files and updates meet.

use std::env;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Mutex, MutexGuard};
use tollgate::policy::Withdrawals;
use tollgate::{Gate, Now, Policy, Trust};

use crate::clock::{Clock, SystemClock};
use crate::config::{ConfigError, ConfigErrors};
use crate::feed::{FeedHealth, Feeds, Polled};
use crate::load::{Document, Parts, Reader, read_parts, read_text, whole};
use crate::overlay::{Overlaid, Overlay};
use crate::relist::Relist;
use crate::tally::{Refreshes, Tally};
use crate::trail::Trail;
use crate::update::Update;
use crate::watch::{LOOK_MS, Watched};

/// Keeps a gate's trust as fresh as its files and its host say.
///
/// `Send + Sync`: one keeper serves all threads. Checks go to [`Keeper::gate`] and wait for nothing here;
/// refreshes and updates wait for each other. It starts no thread: [`crate::Refresher`] does, or the host
/// calls [`Keeper::refresh`] whenever [`Keeper::refresh_due`] is over.
///
/// Whoever calls [`Gate::replace`] or [`Gate::withdraw`] on its gate is overruled by the next refresh.
/// Variables (`jwks_env`) are read on each load: no other thread may set any meanwhile.
pub struct Keeper {
    gate: Gate,
    clock: Arc<dyn Clock>,
    paths: Paths,
    reader: Reader,
    cache_bytes: usize,
    /// On the monotonic clock.
    next_look_ms: AtomicU64,
    pub(crate) tally: Tally,
    /// How the feeds were when they were last looked at: held for no longer than it takes to copy it.
    health: Mutex<Arc<[FeedHealth]>>,
    state: Mutex<State>,
}

/// Where the configuration is.
#[derive(Clone, Debug)]
pub enum Origin {
    /// In this file, which is looked at as all that it names. Its paths are relative to its folder.
    File(PathBuf),
    /// Here.
    Text {
        /// The configuration itself.
        text: String,
        /// What messages call it.
        name: PathBuf,
        /// What its paths are relative to.
        folder: PathBuf,
    },
}

/// What a host says of itself.
#[derive(Clone)]
pub struct Options {
    /// Its clocks: the same that checks are told the time by.
    pub clock: Arc<dyn Clock>,
    /// How many processes of it serve this configuration: each has its part of `cache.max_bytes`, and
    /// `replay_detection` is an error where there is more than one.
    pub processes: NonZeroU32,
}

impl Default for Options {
    /// The system's clock, and one process.
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), processes: NonZeroU32::MIN }
    }
}

/// What came of a refresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// Everything is as it was; or a load that failed before fails in the same way.
    Unchanged,
    /// Files had changed and were loaded: it holds from the next check on. With what looks wrong in them. Or a
    /// feed that was not heard is heard again, which stands there as well.
    Replaced(Vec<ConfigError>),
    /// Files had changed and cannot be used, or a feed is not heard any more: what held goes on. Its revocation
    /// lists were read all the same; what looks wrong in them stands there too.
    Kept(ConfigErrors),
    /// Another thread is refreshing or updating.
    Busy,
}

/// Where the configuration is. Absolute, but for the name: a host may change its folder later.
struct Paths {
    /// What messages call it.
    name: PathBuf,
    /// Where it is read from, unless it is a text.
    file: PathBuf,
    /// What the paths of a text are relative to.
    folder: PathBuf,
}

/// What whoever refreshes or updates holds.
struct State {
    /// Of [`Origin::Text`].
    text: Option<String>,
    overlay: Overlay,
    watched: Watched,
    failing: Option<Failing>,
    feeds: Feeds,
    /// What is read on while the rest cannot be.
    lists: Relist,
}

impl State {
    /// Who is withdrawn: by the host, and by every feed.
    fn withdrawals(&self) -> Arc<Withdrawals> {
        Arc::new(self.feeds.beside(&self.overlay.withdrawals))
    }

    /// Whether the last load failed so long ago that it is tried again.
    fn retries(&self, now: Now) -> bool {
        self.failing.as_ref().is_some_and(|failing| failing.retry_ms <= now.mono_ms)
    }
}

/// The last load failed.
struct Failing {
    /// On the monotonic clock.
    retry_ms: u64,
    errors: ConfigErrors,
}

impl Keeper {
    /// Reads the configuration and everything that it names, and makes a gate of it. The warnings say what
    /// was skipped or looks wrong.
    ///
    /// # Errors
    /// Everything that is wrong, by line; also when there is no memory for the cache.
    pub fn open(
        origin: Origin,
        options: Options,
    ) -> Result<(Self, Vec<ConfigError>), ConfigErrors> {
        let Options { clock, processes } = options;
        let (text, paths) = match origin {
            Origin::File(name) => {
                let file = absolute(name.clone());
                (None, Paths { name, file, folder: PathBuf::new() })
            }
            Origin::Text { text, name, folder } => {
                (Some(text), Paths { name, file: PathBuf::new(), folder: absolute(folder) })
            }
        };
        let overlay = Overlay::default();
        let now = clock.now();
        let trail = Trail::new(now, None);
        let reader = Reader { cache_bytes: None, processes };
        let taken = load(&paths, text.as_deref(), reader, &trail, &overlay, &Feeds::default())?;
        let reader = Reader { cache_bytes: Some(taken.cache_bytes), processes };
        let processes = usize::try_from(processes.get()).unwrap_or(usize::MAX);
        let cache_bytes = taken.cache_bytes / processes;
        let gate = Gate::with_cache(taken.trust, taken.policy, cache_bytes);
        let gate = gate.map_err(|error| whole(&paths.name, error.to_string()))?;
        taken.feeds.settle();
        let health = Mutex::new(taken.feeds.health().into());
        let next_look_ms = next_look_ms(now, &taken.feeds);
        let watched = trail.into_watched();
        let state =
            State { text, overlay, watched, failing: None, feeds: taken.feeds, lists: taken.lists };
        let keeper = Self {
            gate,
            clock,
            paths,
            reader,
            cache_bytes,
            next_look_ms: AtomicU64::new(next_look_ms),
            tally: Tally::new(now),
            health,
            state: Mutex::new(state),
        };
        Ok((keeper, taken.warnings))
    }

    /// The gate that judges. It stays the same one; what it trusts is swapped inside.
    #[inline]
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The present by the host's clock.
    #[must_use]
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// This process's part of `cache.max_bytes`, in bytes.
    #[must_use]
    pub fn cache_bytes(&self) -> usize {
        self.cache_bytes
    }

    /// How long until files should be looked at again; zero: now.
    #[must_use]
    pub fn refresh_due(&self) -> Duration {
        let left_ms = self.next_look_ms.load(Relaxed).saturating_sub(self.now().mono_ms);
        Duration::from_millis(left_ms)
    }

    /// Whether [`Keeper::refresh`] is due and would do more than look: for a host that keeps its loop from
    /// reading files, and refreshes in another thread. Asks for the stamps of all files, some 2 us each, and
    /// opens none. If it says no, refreshing is not due for a second.
    ///
    /// A feed that is due makes this say yes, and a file that was young when it was read does so once, two
    /// seconds later. While another thread refreshes or updates, it says no.
    pub fn needs_refresh(&self) -> bool {
        let now = self.now();
        if now.mono_ms < self.next_look_ms.load(Relaxed) {
            return false;
        }
        let Some(state) = self.state.try_lock() else { return false };
        let is_needed = state.retries(now)
            || state.feeds.due_ms() <= now.mono_ms
            || state.watched.may_have_changed(now)
            || self.gate.lists_have_turned(now);
        if !is_needed {
            self.next_look_ms.store(next_look_ms(now, &state.feeds), Relaxed);
        }
        is_needed
    }

    /// Looks at the sites' feeds, if it is time, and puts what they say before the gate. Then looks at the
    /// configuration and every file that it names, and loads all again if one changed, or if the last load
    /// failed a minute ago. Waits for no other thread, and no check waits for it; it reads files, so it takes as
    /// long as they do.
    ///
    /// Updates stay as they are. A load that fails changes nothing, and is told once for each change of a
    /// file.
    pub fn refresh(&self) -> Refreshed {
        let now = self.now();
        self.next_look_ms.store(now.mono_ms.saturating_add(LOOK_MS), Relaxed);
        let Some(mut state) = self.state.try_lock() else { return Refreshed::Busy };
        let state = &mut *state;
        let heard = self.hear(state, now);
        let refreshed = self.look(state, now);
        self.next_look_ms.store(next_look_ms(now, &state.feeds), Relaxed);
        told(heard, refreshed)
    }

    /// Looks at the feeds, if it is time, and puts what they say before the gate.
    fn hear(&self, state: &mut State, now: Now) -> Polled {
        if now.mono_ms < state.feeds.due_ms() {
            return Polled::default();
        }
        let polled = state.feeds.poll(now);
        if polled.is_news {
            self.gate.withdraw(state.withdrawals());
        }
        self.heard(state);
        polled
    }

    /// What feeds said is before the gate.
    fn heard(&self, state: &State) {
        state.feeds.settle();
        // A fork may have left it locked: then nobody shows it, and nobody waits for it.
        if let Some(mut health) = self.health.try_lock() {
            *health = state.feeds.health().into();
        }
    }

    /// Looks at files.
    fn look(&self, state: &mut State, now: Now) -> Refreshed {
        // Lists that begin or end are news as a changed file is; a load that failed is tried again in a minute.
        let has_turned = state.failing.is_none() && self.gate.lists_have_turned(now);
        let has_changed = state.watched.has_changed(now) || has_turned;
        if !has_changed && !state.retries(now) {
            return Refreshed::Unchanged;
        }
        let trail = Trail::new(now, Some(&state.watched));
        let loaded = self.load(state.text.as_deref(), &trail, &state.overlay, &state.feeds);
        let loaded = loaded.and_then(|taken| self.replace(taken));
        match loaded {
            Ok((warnings, feeds, lists)) => {
                (state.watched, state.failing) = (trail.into_watched(), None);
                (state.feeds, state.lists) = (feeds, lists);
                self.heard(state);
                self.tally.refreshed(now);
                Refreshed::Replaced(warnings)
            }
            Err(ConfigErrors(mut errors)) => {
                // A certificate that was revoked does not wait for a typo to be mended.
                let overlay = &state.overlay;
                errors.extend(state.lists.read(&self.gate, overlay, &self.paths.name, &trail));
                let errors = ConfigErrors(errors);
                state.watched.tried(trail.into_watched());
                self.tally.failed();
                let said = state.failing.as_ref().map(|failing| &failing.errors);
                let is_news = has_changed || said != Some(&errors);
                let retry_ms = now.mono_ms.saturating_add(RETRY_MS);
                state.failing = Some(Failing { retry_ms, errors: errors.clone() });
                if is_news { Refreshed::Kept(errors) } else { Refreshed::Unchanged }
            }
        }
    }

    /// Applies an update, whole or not at all: it holds from the next check on, and stays when files change.
    /// One that only withdraws and restores reads no file; any other loads all again.
    ///
    /// Waits up to ten seconds for another thread that is refreshing or updating. Gives what looks wrong.
    ///
    /// # Errors
    /// Everything that is wrong with the update, or with the files that were read for it.
    pub fn apply(&self, update: Update) -> Result<Vec<ConfigError>, ConfigErrors> {
        let Some(mut state) = self.wait() else {
            let message = "the update was not applied: for 10 s another thread has been refreshing or \
                           updating; if this process was forked meanwhile, open the configuration anew";
            return Err(whole(&self.paths.name, message.into()));
        };
        let state = &mut *state;
        let now = self.now();
        let changed = update.over(&state.overlay, state.text.is_some(), now);
        let changed = changed.map_err(|wrong| {
            ConfigErrors(wrong.into_iter().map(|wrong| wrong.of(&self.paths.name)).collect())
        })?;
        if !changed.needs_load {
            let is_news = changed.overlay.withdrawals != state.overlay.withdrawals;
            state.overlay = changed.overlay;
            if is_news {
                self.gate.withdraw(state.withdrawals());
            }
            self.tally.updated();
            return Ok(Vec::new());
        }
        let trail = Trail::new(now, Some(&state.watched));
        let text = changed.configuration.as_ref().or(state.text.as_ref());
        let text = text.map(String::as_str);
        let taken = self.load(text, &trail, &changed.overlay, &state.feeds)?;
        // What an update names has to be there; what an earlier one named may be gone by now.
        let is_new = |idle: &&ConfigError| changed.keys.contains(&idle.key);
        let wrong: Vec<_> = taken.idle.iter().filter(is_new).cloned().collect();
        if !wrong.is_empty() {
            return Err(ConfigErrors(wrong));
        }
        let (warnings, feeds, lists) = self.replace(taken)?;
        state.watched = trail.into_watched();
        if let Some(text) = changed.configuration {
            state.text = Some(text);
        }
        (state.overlay, state.failing) = (changed.overlay, None);
        (state.feeds, state.lists) = (feeds, lists);
        self.heard(state);
        self.tally.loaded(now);
        self.tally.updated();
        Ok(warnings)
    }

    /// What refreshes and updates have done so far.
    #[must_use]
    pub fn refreshes(&self) -> Refreshes {
        self.tally.refreshes()
    }

    /// How the sites' feeds are, as of the last look at them.
    #[must_use]
    pub fn feeds(&self) -> Arc<[FeedHealth]> {
        for _ in 0..100 {
            if let Some(health) = self.health.try_lock() {
                return Arc::clone(&health);
            }
            thread::yield_now();
        }
        // A thread that was copying it was left behind by a fork.
        Arc::default()
    }

    /// The lock, if it is to be had in time.
    ///
    /// Asked for again and again: a thread that waits inside parking_lot stands in a table of the process,
    /// where a child that is forked meanwhile would find it and follow it to where nothing is.
    fn wait(&self) -> Option<MutexGuard<'_, State>> {
        let begun = Instant::now();
        loop {
            let state = self.state.try_lock();
            if state.is_some() || begun.elapsed() > PATIENCE {
                return state;
            }
            thread::sleep(TRY_EVERY);
        }
    }

    fn load(
        &self,
        text: Option<&str>,
        trail: &Trail<'_>,
        overlay: &Overlay,
        feeds: &Feeds,
    ) -> Result<Taken, ConfigErrors> {
        load(&self.paths, text, self.reader, trail, overlay, feeds)
    }

    fn replace(&self, taken: Taken) -> Result<(Vec<ConfigError>, Feeds, Relist), ConfigErrors> {
        let replaced = self.gate.replace(taken.trust, taken.policy);
        replaced.map_err(|error| whole(&self.paths.name, error.to_string()))?;
        Ok((taken.warnings, taken.feeds, taken.lists))
    }
}

/// What files and updates amount to together.
struct Taken {
    trust: Trust,
    policy: Policy,
    cache_bytes: usize,
    /// The idle parts of updates among them.
    warnings: Vec<ConfigError>,
    /// Parts of updates that nothing in the configuration asked for.
    idle: Vec<ConfigError>,
    feeds: Feeds,
    lists: Relist,
}

/// When there is something to look at again: files, or feeds.
fn next_look_ms(now: Now, feeds: &Feeds) -> u64 {
    now.mono_ms.saturating_add(LOOK_MS).min(feeds.due_ms())
}

/// What a refresh has to say, of feeds and of files.
fn told(heard: Polled, refreshed: Refreshed) -> Refreshed {
    let Polled { wrong, well, .. } = heard;
    match refreshed {
        Refreshed::Kept(ConfigErrors(mut errors)) => {
            errors.extend(wrong);
            Refreshed::Kept(ConfigErrors(errors))
        }
        refreshed if !wrong.is_empty() => match refreshed {
            Refreshed::Replaced(mut warnings) => {
                warnings.extend(wrong);
                Refreshed::Replaced(warnings)
            }
            _ => Refreshed::Kept(ConfigErrors(wrong)),
        },
        Refreshed::Replaced(mut warnings) => {
            warnings.extend(well);
            Refreshed::Replaced(warnings)
        }
        _ if !well.is_empty() => Refreshed::Replaced(well),
        refreshed => refreshed,
    }
}

/// `text` is the configuration; without one it is the file called so.
fn load(
    Paths { name, file, folder }: &Paths,
    text: Option<&str>,
    reader: Reader,
    trail: &Trail<'_>,
    overlay: &Overlay,
    feeds: &Feeds,
) -> Result<Taken, ConfigErrors> {
    let mut source = Overlaid::new(overlay);
    let (read, of_file);
    let (text, folder) = match text {
        Some(text) => (text, folder),
        None => {
            (read, of_file) = read_text(file, name, trail)?;
            (read.as_str(), &of_file)
        }
    };
    let parts = read_parts(Document { text, name, folder }, reader, trail, &mut source)?;
    let Parts { trust, policy, cache_bytes, feeds: plan, lists, mut warnings, .. } = parts;
    let lists = Relist::new(folder, lists);
    let mut feeds = feeds.planned(plan, &trust, trail.now);
    warnings.extend(feeds.begin(trail.now).wrong);
    let withdrawals = Arc::new(feeds.beside(&overlay.withdrawals));
    let policy = policy.with_withdrawals(withdrawals).with_feeds(feeds.bounds());
    let idle: Vec<_> = source.idle().map(|wrong| wrong.of(name)).collect();
    warnings.extend_from_slice(&idle);
    Ok(Taken { trust, policy, cache_bytes, warnings, idle, feeds, lists })
}

fn absolute(path: PathBuf) -> PathBuf {
    match env::current_dir() {
        Ok(folder) => folder.join(path),
        Err(_) => path,
    }
}

/// How long an update waits for its turn. Loads take milliseconds, with long lists seconds; a lock that
/// nobody releases is one that a fork copied.
const PATIENCE: Duration = Duration::from_secs(10);

/// A part of what a load takes.
const TRY_EVERY: Duration = Duration::from_millis(2);

/// How often a load that failed is tried again though no file changed: what failed may not show in a stamp,
/// as a full disk or too many open files. A minute, since each try may read long lists.
const RETRY_MS: u64 = 60_000;
