//! Why can clients not do this here? Every endpoint, method and scenario of a configuration, tried.
//!
//! The private keys of tenants and CAs are not ours, so credentials are made for a *twin*: the same
//! text, loaded by the same code, where only keys and CAs are replaced by ones made here. Policy,
//! lists, selection rules, limits and cryptography are the real ones, and its verdict is what is
//! reported; nothing is sent anywhere.

mod cause;
mod certificate;
mod credential;
mod der;
mod freshness;
mod issuer;
mod keys;
mod lines;
mod pki;
mod rows;
mod site;
mod trial;
mod twin;

use std::path::{Path, PathBuf};

use tollgate::policy::EndpointRules;
use tollgate::{Ask, Gate, Method, Now, Reason, Scenario, Step, WindowsVersion};
use toml::de::DeTable;

pub use freshness::{Freshness, State};
pub use rows::Row;
pub use trial::Probe;

use self::credential::Outcome;
use self::lines::Lines;
use self::trial::{Bench, words};
use self::twin::{Authority, Twin};
use crate::config::{ConfigError, ConfigErrors, Report, Section, read_endpoints};
use crate::load::{Loaded, load_from, load_text, read_text};
use crate::trail::Trail;

/// A configuration and its twin.
pub struct Doctor {
    file: PathBuf,
    text: String,
    now: Now,
    real: Gate,
    twin: Gate,
    warnings: Vec<ConfigError>,
    authorities: Vec<Authority>,
    freshness: Vec<Freshness>,
    endpoints: Vec<EndpointRules>,
}

/// What was found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Diagnosis {
    /// Whether everything that is configured is usable, fresh, and passed its test.
    pub ok: bool,
    /// What is wrong, a clause each; empty where all is well.
    pub complaints: Vec<String>,
    /// Endpoint, method and scenario, in that order.
    pub rows: Vec<Row>,
    /// How old what is believed is.
    pub freshness: Vec<Stood>,
    /// The tests, by endpoint.
    pub self_tests: Vec<SelfTest>,
}

/// Something that is believed, and the line that names it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stood {
    /// How it is.
    pub freshness: Freshness,
    /// Where it is configured.
    pub line: Option<ConfigError>,
}

/// The test of one issuer, PKI or site at an endpoint that takes it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SelfTest {
    /// Its method.
    pub method: Method,
    /// Its full name.
    pub authority: String,
    /// The endpoint.
    pub endpoint: String,
    /// The scenario.
    pub scenario: Scenario,
    /// Whether everything got the verdict that it should.
    pub ok: bool,
    /// What was presented.
    pub probes: Vec<Probe>,
    /// The last steps of the explanation of what went wrong.
    pub steps: Vec<Step>,
    /// What an administrator should know; empty where there is nothing.
    pub detail: String,
}

/// What came of one authority at one endpoint in one scenario.
struct Attempt {
    endpoint: usize,
    scenario: Scenario,
    authority: usize,
    outcome: Outcome,
}

impl Doctor {
    /// Reads the configuration and everything that it names, and makes its twin.
    ///
    /// # Errors
    /// As [`crate::load`].
    pub fn load(file: &Path) -> Result<Self, ConfigErrors> {
        let (text, folder) = read_text(file, file, &Trail::new(crate::now(), None))?;
        Self::load_text(&text, file, &folder)
    }

    /// As [`Doctor::load`], from memory: see [`crate::load_text`].
    ///
    /// # Errors
    /// As [`crate::load_text`].
    pub fn load_text(text: &str, name: &Path, folder: &Path) -> Result<Self, ConfigErrors> {
        let Loaded { gate: real, warnings, feeds, .. } = load_text(text, name, folder)?;
        let now = crate::now();
        let mut twin = Twin::new(now);
        let Loaded { gate, .. } = load_from(text, name, folder, &mut twin)?;
        let of_feeds: Vec<_> = feeds.iter().filter_map(|feed| twin.of_feed(feed, now)).collect();
        twin.freshness.extend(of_feeds);
        let report = Report::new(name, text);
        let endpoints = DeTable::parse(text).map(|document| {
            let read = read_endpoints(&Section::root(&report, document.get_ref()));
            read.into_iter().map(|(_, rules)| rules).collect()
        });
        Ok(Self {
            file: name.into(),
            text: text.into(),
            now,
            real,
            twin: gate,
            warnings,
            authorities: twin.authorities,
            freshness: twin.freshness,
            // It was parsed twice before.
            endpoints: endpoints.unwrap_or_default(),
        })
    }

    /// What was skipped or looks wrong, with its place.
    #[must_use]
    pub fn warnings(&self) -> &[ConfigError] {
        &self.warnings
    }

    /// The names of the endpoints.
    pub fn endpoint_names(&self) -> impl Iterator<Item = &str> {
        self.endpoints.iter().map(|endpoint| &*endpoint.name)
    }

    /// Tries everything, at one endpoint with what it takes, or at all. `progress` is told how many attempts are done,
    /// and of how many.
    pub fn examine(&self, only: Option<&str>, progress: &mut dyn FnMut(usize, usize)) -> Diagnosis {
        let asked = |name: &str| only.is_none_or(|only| only == name);
        let places = self.endpoints.iter().enumerate();
        let endpoints: Vec<_> = places.filter(|(_, endpoint)| asked(&endpoint.name)).collect();
        let total = endpoints.len() * Scenario::ALL.len() * self.authorities.len();
        let mut attempts = Vec::new();
        let mut self_tests = Vec::new();
        for &(place, endpoint) in &endpoints {
            for scenario in Scenario::ALL {
                for (at, authority) in self.authorities.iter().enumerate() {
                    progress(attempts.len(), total);
                    let bench = self.bench(endpoint, scenario);
                    let outcome = authority.attempt(endpoint, scenario, self.now.unix_s, &bench);
                    let is_served = endpoint.methods.contains(&authority.method)
                        && endpoint.scenarios.contains(&scenario)
                        && (scenario == Scenario::Device || authority.proves_users);
                    if is_served {
                        self_tests.push(self_test(authority, &bench, &outcome));
                    }
                    attempts.push(Attempt { endpoint: place, scenario, authority: at, outcome });
                }
            }
        }
        progress(total, total);
        self.diagnosis(&endpoints, &attempts, self_tests, only.is_none())
    }

    fn diagnosis(
        &self,
        endpoints: &[(usize, &EndpointRules)],
        attempts: &[Attempt],
        self_tests: Vec<SelfTest>,
        is_whole: bool,
    ) -> Diagnosis {
        let report = Report::new(&self.file, &self.text);
        let Ok(document) = DeTable::parse(&self.text) else {
            // It was parsed when it was loaded.
            let (rows, freshness) = Default::default();
            let complaints = vec!["the configuration cannot be read again".into()];
            return Diagnosis { ok: false, complaints, rows, freshness, self_tests };
        };
        let lines = Lines::new(&report, document.get_ref(), &self.freshness);
        let rows = rows::rows(&lines, endpoints, &self.authorities, attempts);
        let mut complaints =
            rows::complaints(&lines, endpoints, &self.authorities, &rows, is_whole);
        let stood = |freshness: &Freshness| {
            let (section, index, key) = freshness.at;
            let line = lines.line((section, index), key, freshness.says.as_str());
            Stood { freshness: freshness.clone(), line }
        };
        let is_taken = |method| endpoints.iter().any(|(_, one)| one.methods.contains(&method));
        let asked = self.freshness.iter().filter(|one| is_whole || is_taken(one.method));
        let freshness: Vec<Stood> = asked.map(stood).collect();
        for (count, what) in [
            (freshness.iter().filter(|one| !one.freshness.ok).count(), "stale or ended"),
            (self_tests.iter().filter(|test| !test.ok).count(), "self-tests failed"),
        ] {
            if count > 0 {
                complaints.push(format!("{count} {what}"));
            }
        }
        Diagnosis { ok: complaints.is_empty(), complaints, rows, freshness, self_tests }
    }

    fn bench<'b>(&'b self, endpoint: &'b EndpointRules, scenario: Scenario) -> Bench<'b> {
        let ask = Ask { endpoint: &endpoint.name, scenario, windows: Some(WINDOWS), source: None };
        Bench { twin: &self.twin, real: &self.real, ask, now: self.now }
    }
}

fn self_test(authority: &Authority, bench: &Bench<'_>, outcome: &Outcome) -> SelfTest {
    let mut test = SelfTest {
        method: authority.method,
        authority: authority.name.clone(),
        endpoint: bench.ask.endpoint.into(),
        scenario: bench.ask.scenario,
        ok: false,
        probes: Vec::new(),
        steps: Vec::new(),
        detail: String::new(),
    };
    match outcome {
        Outcome::Admitted { credential, ends_s, note } => {
            test.detail = note.clone().unwrap_or_default();
            match bench.probe(credential, *ends_s) {
                Ok((probes, steps)) => {
                    test.ok = probes.iter().all(|probe| probe.ok);
                    (test.probes, test.steps) = (probes, steps);
                }
                Err(why) => test.detail = format!("not tested: {why}"),
            }
        }
        // That is what switching it off is for.
        Outcome::Refused { refusal, .. } if refusal.reason == Reason::TenantDisabled => {
            test.ok = !authority.is_enabled;
            let got = words(Some(refusal.reason));
            test.probes = vec![Probe { name: "good", expected: got.clone(), got, ok: test.ok }];
            test.detail = "switched off, and refused as such".into();
        }
        Outcome::Refused { refusal, steps } => {
            let got = words(Some(refusal.reason));
            let expected = words(None);
            test.probes = vec![Probe { name: "good", expected, got, ok: false }];
            test.steps.clone_from(steps);
            test.detail = refusal.to_string();
        }
        Outcome::Untested(why) => test.detail = format!("not tested: {why}"),
    }
    test
}

/// A version that every rule takes: whether the gateway tells one is not known here.
const WINDOWS: WindowsVersion = WindowsVersion { major: 10, minor: 0, build: 19_045 };
