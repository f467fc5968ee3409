//! Reads the vectors for the tests that replay them; README.md describes the files.
//!
//! Strict on purpose: a member that is not in the schema is a case that says something nobody reads.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

/// So many there are at least: an empty or half copied folder must not pass.
const WRITTEN: usize = 1675;

/// The private keys that the cases are signed with; the only other JSON in the folder.
const KEYS: &str = "keys.json";

/// One file of cases.
pub(crate) struct Theme {
    /// File name without its ending.
    pub(crate) name: String,
    pub(crate) configs: BTreeMap<String, Config>,
    pub(crate) cases: Vec<Case>,
}

/// A configuration and the files beside it.
pub(crate) struct Config {
    pub(crate) toml: String,
    files: BTreeMap<String, String>,
    ages_s: BTreeMap<String, u64>,
}

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) config: String,
    pub(crate) endpoint: String,
    pub(crate) scenario: String,
    pub(crate) windows: Option<String>,
    pub(crate) now: i64,
    pub(crate) token: Option<String>,
    /// PEM, leaf first: the certificates of a TLS peer.
    pub(crate) cert: Option<String>,
    /// Names and values: what a proxy passed on. Never beside `cert`.
    pub(crate) headers: Vec<(String, String)>,
    /// Who passed the headers on: `unix`, or an IP address. There where headers are.
    pub(crate) from: Option<String>,
    pub(crate) expect: Outcome,
}

/// What a case expects, and what a replay got.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Admit { principal: String, expires_at: i64 },
    Refuse { class: String, reason: String, code: u16 },
}

/// Every theme, by file name.
pub(crate) fn read_all() -> Vec<Theme> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors"));
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| {
        path.extension().is_some_and(|kind| kind == "json")
            && path.file_name().is_some_and(|name| name != KEYS)
    });
    paths.sort();
    let themes: Vec<Theme> = paths.iter().map(|path| Theme::read(path)).collect();
    let read: usize = themes.iter().map(|theme| theme.cases.len()).sum();
    assert!(read >= WRITTEN, "{read} cases in {}, and {WRITTEN} were written", folder.display());
    themes
}

/// Fails with every mismatch by name, if there is one.
pub(crate) fn assert_none(what: &str, failures: &[String]) {
    assert!(failures.is_empty(), "{what}: {}\n  {}", failures.len(), failures.join("\n  "));
}

impl Theme {
    fn read(path: &Path) -> Self {
        let name = path.file_stem().expect("a file").to_string_lossy().into_owned();
        let text = fs::read(path).unwrap_or_else(|error| panic!("{name}: {error}"));
        let document = serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        let mut document = Members::of(document, &name);
        document.text("about");
        let configs = document.object("configs").into_iter();
        let configs: BTreeMap<_, _> = configs
            .map(|(config, value)| {
                let place = format!("{name}: {config}");
                (config, Config::read(Members::of(value, &place)))
            })
            .collect();
        let Value::Array(cases) = document.take("cases") else { panic!("{name}: cases is a list") };
        let cases: Vec<_> = cases.into_iter().map(|case| Case::read(case, &name)).collect();
        document.finish();
        for case in &cases {
            assert!(configs.contains_key(&case.config), "{}: no config {}", case.name, case.config);
        }
        Self { name, configs, cases }
    }
}

impl Config {
    fn read(mut members: Members) -> Self {
        let toml = members.text("toml");
        let files = members.object("files").into_iter().map(|(name, text)| match text {
            Value::String(text) => (name, text),
            other => panic!("{name} is {other}, not a text"),
        });
        let files = files.collect();
        let has_ages = members.has("file_age_s");
        let ages = if has_ages { members.object("file_age_s") } else { Map::new() };
        let ages_s = ages.into_iter().map(|(name, age)| match age.as_u64() {
            Some(age_s) => (name, age_s),
            None => panic!("the age of {name} is {age}"),
        });
        let ages_s = ages_s.collect();
        members.finish();
        Self { toml, files, ages_s }
    }

    /// Writes `tollgate.toml` and the files beside it, as old as they shall be.
    pub(crate) fn unpack(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            path
        };
        write("tollgate.toml", &self.toml);
        for (name, text) in &self.files {
            let path = write(name, text);
            if let Some(age_s) = self.ages_s.get(name) {
                let written = SystemTime::now() - Duration::from_secs(*age_s);
                let file = fs::File::options().write(true).open(&path).expect("just written");
                file.set_modified(written).expect("a file of our own can be made older");
            }
        }
        folder
    }
}

impl Case {
    fn read(value: Value, theme: &str) -> Self {
        let mut members = Members::of(value, theme);
        let name = members.text("name");
        members.place = format!("{theme}: {name}");
        let mut ask = Members::of(members.take("ask"), &members.place);
        let cert = members.has("cert").then(|| members.text("cert"));
        let headers = if members.has("headers") { members.headers() } else { Vec::new() };
        let from = (!headers.is_empty()).then(|| members.text("from"));
        assert!(cert.is_none() || headers.is_empty(), "{theme}: {name}: a peer and headers");
        let case = Self {
            config: members.text("config"),
            endpoint: ask.text("endpoint"),
            scenario: ask.text("scenario"),
            windows: ask.has("windows").then(|| ask.text("windows")),
            now: members.number("now"),
            token: match members.take("token") {
                Value::Null => None,
                Value::String(token) => Some(token),
                other => panic!("{name}: the token is {other}"),
            },
            cert,
            headers,
            from,
            expect: Outcome::read(Members::of(members.take("expect"), &members.place)),
            name,
        };
        members.text("why");
        members.finish();
        ask.finish();
        case
    }
}

impl Outcome {
    fn read(mut members: Members) -> Self {
        let outcome = match members.text("verdict").as_str() {
            "admit" => Self::Admit {
                principal: members.text("principal"),
                expires_at: members.number("expires_at"),
            },
            "refuse" => Self::Refuse {
                class: members.text("class"),
                reason: members.text("reason"),
                code: u16::try_from(members.number("code")).expect("a code has four digits"),
            },
            other => panic!("{}: verdict {other}", members.place),
        };
        members.finish();
        outcome
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Admit { principal, expires_at } => write!(f, "admit {principal} to {expires_at}"),
            Self::Refuse { class, reason, code } => write!(f, "refuse {reason} ({code}, {class})"),
        }
    }
}

/// An object whose members are taken one by one; none may be missing, and none left over.
struct Members {
    place: String,
    left: Map<String, Value>,
}

impl Members {
    fn of(value: Value, place: &str) -> Self {
        match value {
            Value::Object(left) => Self { place: place.into(), left },
            other => panic!("{place}: {other} is not an object"),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.left.contains_key(name)
    }

    fn take(&mut self, name: &str) -> Value {
        self.left.remove(name).unwrap_or_else(|| panic!("{}: {name} is missing", self.place))
    }

    fn text(&mut self, name: &str) -> String {
        match self.take(name) {
            Value::String(text) => text,
            other => panic!("{}: {name} is {other}, not a string", self.place),
        }
    }

    fn number(&mut self, name: &str) -> i64 {
        let value = self.take(name);
        value.as_i64().unwrap_or_else(|| panic!("{}: {name} is {value}", self.place))
    }

    fn object(&mut self, name: &str) -> Map<String, Value> {
        match self.take(name) {
            Value::Object(members) => members,
            other => panic!("{}: {name} is {other}, not an object", self.place),
        }
    }

    /// A list of one or more pairs of texts.
    fn headers(&mut self) -> Vec<(String, String)> {
        let value = self.take("headers");
        let read: Result<Vec<(String, String)>, _> = serde_json::from_value(value);
        let headers = read.unwrap_or_else(|error| panic!("{}: headers: {error}", self.place));
        assert!(!headers.is_empty(), "{}: headers, and none in it", self.place);
        headers
    }

    fn finish(self) {
        let left: Vec<_> = self.left.keys().collect();
        assert!(left.is_empty(), "{}: nobody reads {left:?}", self.place);
    }
}
