//! A folder with a configuration, a clock that is set by hand, and tenants that sign.

#![allow(dead_code)]

use std::fs::{self, File};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, UNIX_EPOCH};

use tollgate::sample::{self, Tenant};
use tollgate::{Algorithm, Ask, Guid, Now, Peer, Reason, Request, Scenario};
use tollgate_keeper::{Clock, ConfigError, ConfigErrors, Keeper, Options, Origin, Refreshed};

/// When everything begins.
pub(crate) const START: Now = Now { unix_s: 1_790_000_000, mono_ms: 7_000_000 };

pub(crate) const A: Guid = Guid([0xa1; 16]);
pub(crate) const B: Guid = Guid([0xb2; 16]);

pub(crate) const ASK: Ask<'static> =
    Ask { endpoint: sample::ENDPOINT, scenario: Scenario::Device, windows: None, source: None };

/// A clock that stands still until it is moved.
pub(crate) struct Watch {
    unix_s: AtomicI64,
    mono_ms: AtomicU64,
}

impl Clock for Watch {
    fn now(&self) -> Now {
        Now { unix_s: self.unix_s.load(SeqCst), mono_ms: self.mono_ms.load(SeqCst) }
    }
}

impl Watch {
    pub(crate) fn pass(&self, seconds: u32) {
        self.set_wall(i64::from(seconds));
        self.mono_ms.fetch_add(u64::from(seconds) * 1000, SeqCst);
    }

    pub(crate) fn set_mono_ms(&self, mono_ms: u64) {
        self.mono_ms.store(mono_ms, SeqCst);
    }

    /// The calendar alone.
    pub(crate) fn set_wall(&self, seconds: i64) {
        self.unix_s.fetch_add(seconds, SeqCst);
    }
}

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<Watch>,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock =
            Watch { unix_s: AtomicI64::new(START.unix_s), mono_ms: AtomicU64::new(START.mono_ms) };
        Self { folder: tempfile::tempdir().unwrap(), clock: Arc::new(clock) }
    }

    /// A world with a tenant's keys in `a.json` and a configuration in `tollgate.toml`.
    pub(crate) fn of(tenant: &Tenant) -> Self {
        let world = Self::new();
        world.write("a.json", &tenant.jwks().to_string());
        world.write("tollgate.toml", &config(&[entra(A, "a.json")]));
        world
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        self.date(name, 100);
    }

    /// Sets a file's date: so many seconds ago.
    pub(crate) fn date(&self, name: &str, ago_s: i64) {
        let since_1970 = (self.clock.now().unix_s - ago_s).unsigned_abs();
        let date = UNIX_EPOCH + Duration::from_secs(since_1970);
        let file = File::options().append(true).open(self.path(name)).unwrap();
        file.set_modified(date).unwrap();
    }

    /// Seconds since 1970.
    pub(crate) fn clock_s(&self) -> i64 {
        self.clock.now().unix_s
    }

    pub(crate) fn options(&self) -> Options {
        let clock: Arc<dyn Clock> = self.clock.clone();
        Options { clock, processes: NonZeroU32::MIN }
    }

    pub(crate) fn try_open(&self) -> Result<(Keeper, Vec<ConfigError>), ConfigErrors> {
        Keeper::open(Origin::File(self.path("tollgate.toml")), self.options())
    }

    pub(crate) fn open(&self) -> Keeper {
        self.try_open().map_err(|errors| errors.to_string()).unwrap().0
    }

    /// The configuration as a text, its files in the folder.
    pub(crate) fn open_text(&self, text: &str) -> Keeper {
        let (name, folder) = ("host".into(), self.folder.path().into());
        let origin = Origin::Text { text: text.into(), name, folder };
        Keeper::open(origin, self.options()).map_err(|errors| errors.to_string()).unwrap().0
    }

    /// A second later.
    pub(crate) fn refresh(&self, keeper: &Keeper) -> Refreshed {
        self.clock.pass(1);
        assert!(keeper.refresh_due().is_zero());
        let is_needed = keeper.needs_refresh();
        let refreshed = keeper.refresh();
        let is_news = matches!(refreshed, Refreshed::Replaced(_) | Refreshed::Kept(_));
        assert!(is_needed || !is_news, "nobody would have asked for {refreshed:?}");
        refreshed
    }

    /// Loaded anew; with its warnings.
    #[track_caller]
    pub(crate) fn replaced(&self, keeper: &Keeper) -> Vec<String> {
        match self.refresh(keeper) {
            Refreshed::Replaced(warnings) => warnings.iter().map(ToString::to_string).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// Not loaded; with what is wrong.
    #[track_caller]
    pub(crate) fn kept(&self, keeper: &Keeper) -> String {
        match self.refresh(keeper) {
            Refreshed::Kept(errors) => errors.to_string(),
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn unchanged(&self, keeper: &Keeper) {
        assert_eq!(self.refresh(keeper), Refreshed::Unchanged);
    }
}

/// Tells other threads that it is over when this one is done, or has failed.
pub(crate) struct Over<'f>(pub(crate) &'f AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

/// A tenant with a key of its own each time.
pub(crate) fn tenant(id: Guid) -> Tenant {
    Tenant::new(id, Algorithm::Es256)
}

/// A token of user `n`, good for a day from the start.
pub(crate) fn token(tenant: &Tenant, n: u64) -> String {
    tenant.sign(&tenant.user_claims(n, START.unix_s))
}

/// Why a token is refused; `None` for admitted.
pub(crate) fn reason(keeper: &Keeper, token: &str) -> Option<Reason> {
    with_peer(keeper, token, None)
}

pub(crate) fn with_peer(keeper: &Keeper, token: &str, peer: Option<&Peer>) -> Option<Reason> {
    let request = Request::token(token.as_bytes()).with_peer(peer);
    let verdict = keeper.gate().check(&request, &ASK, keeper.now());
    verdict.refusal().map(|refusal| refusal.reason)
}

/// One endpoint that takes what the sections bring.
pub(crate) fn config(sections: &[String]) -> String {
    let sections = sections.concat();
    let methods = ["entra", "oidc", "pki", "site"];
    let methods = methods.into_iter().filter(|name| sections.contains(&format!("[[{name}]]")));
    let methods: Vec<_> = methods.collect();
    format!(
        "feed = \"none\"\n[[endpoint]]\nname = \"{}\"\nmethods = {methods:?}\n{sections}",
        sample::ENDPOINT
    )
}

pub(crate) fn entra(id: Guid, file: &str) -> String {
    let audience = sample::AUDIENCE;
    format!(
        "[[entra]]\ntenant = \"{id}\"\naudiences = [\"{audience}\"]\nalgorithms = [\"ES256\"]\n\
         jwks_file = \"{file}\"\n"
    )
}
