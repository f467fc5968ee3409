//! The programs that sign: how they are called, and what each of them is known not to do.

use std::env;
use std::fmt::Debug;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::draft::Draft;
use super::gateway::Provider;
use super::table::{ALGORITHMS, Case, THOROUGH, spare};

const VARIABLE: &str = "TOLLGATE_COUNTERPARTS";

/// A program of tests/counterparts.
pub(crate) struct Signer {
    pub(crate) name: &'static str,
    /// Shell that has the paths of env.sh, and the programs' folder in `$2`.
    run: &'static str,
    /// The same, to print the version.
    version: &'static str,
    /// Algorithms that it does not have.
    unsupported: &'static [&'static str],
    /// Whether it has no way to emit a token, be its algorithm one that it has.
    refuses: fn(&Draft) -> bool,
    /// Whether it is a running provider, which has tokens of its own.
    pub(crate) is_provider: bool,
}

pub(crate) const JOSERFC: Signer = Signer {
    name: "joserfc",
    run: r#"exec "$COUNTERPARTS_PYTHON" "$2/sign_joserfc.py""#,
    version: r#""$COUNTERPARTS_PYTHON" -c 'import joserfc; print(joserfc.__version__)'"#,
    unsupported: &[],
    refuses: |_| false,
    is_provider: false,
};

pub(crate) const PYJWT: Signer = Signer {
    name: "PyJWT",
    run: r#"exec "$COUNTERPARTS_PYTHON" "$2/sign_pyjwt.py""#,
    version: r#""$COUNTERPARTS_PYTHON" -c 'import jwt; print(jwt.__version__)'"#,
    unsupported: &[],
    refuses: |_| false,
    is_provider: false,
};

pub(crate) const JOSE: Signer = Signer {
    name: "jose",
    run: r#"exec "$COUNTERPARTS_PYTHON" "$2/sign_jose.py""#,
    // The command does not say; its Debian package does.
    version: "dpkg-query --show --showformat='${Version}' jose",
    unsupported: &["EdDSA"],
    // It signs by the header's `alg` where there is one, so the key has to be good for that.
    refuses: |draft| draft.header.get("alg").is_some_and(|alg| !can_sign(&draft.kid, alg)),
    is_provider: false,
};

pub(crate) const OIDC_PROVIDER: Signer = Signer {
    name: "oidc-provider",
    run: r#"exec "$COUNTERPARTS_NODE" "$2/oidc_provider.mjs""#,
    version: r#""$COUNTERPARTS_NODE" -p 'require(process.argv[1]).version' \
                "$COUNTERPARTS_NODE_MODULES/oidc-provider/package.json""#,
    unsupported: &[],
    // It signs by the key's own `alg`, knows no `crit`, and writes payloads itself.
    refuses: |draft| {
        let alg = draft.header.get("alg").and_then(Value::as_str).unwrap_or_default();
        let is_secret = alg.starts_with("HS") && draft.kid.starts_with("HS");
        let has_own_alg = alg == draft.kid || is_secret;
        let is_odd = |text: &str| !WRITTEN_ALIKE.iter().any(|end| text.ends_with(end));
        let is_odd = draft.text.as_deref().is_some_and(is_odd);
        !has_own_alg || draft.header.contains_key("crit") || is_odd
    },
    is_provider: true,
};

/// Whether a key that was made for one algorithm can sign by what the header says. A secret has to
/// be as long as the hash.
fn can_sign(key: &str, alg: &Value) -> bool {
    let Some(alg) = alg.as_str().filter(|alg| ALGORITHMS.contains(alg)) else { return false };
    let is_rsa = |alg: &str| alg.starts_with("RS") || alg.starts_with("PS");
    let is_secret = |alg: &str| alg.starts_with("HS");
    alg == key || is_rsa(alg) && is_rsa(key) || is_secret(alg) && is_secret(key) && alg < key
}

/// Ends of those texts in the table that JavaScript writes in the same way.
const WRITTEN_ALIKE: [&str; 4] = ["[]", "null", "\"x\"", r#""x":"\ud800"}"#];

/// What a signer gives back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    pub(crate) jwks: Value,
    tokens: Map<String, Value>,
    unsupported: Vec<String>,
    refused: Vec<String>,
    issuer: Option<String>,
    audience: Option<String>,
}

impl Answer {
    pub(crate) fn token(&self, id: &str) -> Option<&str> {
        self.tokens.get(id)?.as_str()
    }

    pub(crate) fn provider(&self) -> Option<Provider<'_>> {
        let (issuer, audience) = (self.issuer.as_deref()?, self.audience.as_deref()?);
        Some(Provider { issuer, audience })
    }
}

/// Where the signers are set up; a banner and nothing where the environment does not say.
pub(crate) fn set_up(test: &str) -> Option<PathBuf> {
    let Some(folder) = env::var_os(VARIABLE) else {
        let banner = format!(
            "\n**** NOT RUN: {test}\n\
             **** {VARIABLE} is not set; it has to name the folder where the programs are\n\
             **** set up that sign tokens and are not ours. Run `make test`, or\n\
             **** tests/counterparts/setup.sh target/counterparts\n\
             **** {VARIABLE}=target/counterparts cargo test --test counterparts\n"
        );
        say(std::io::stderr(), &banner);
        return None;
    };
    // From where cargo was called, if it is relative; tests run in the folder of their crate.
    let folder = root().join(folder);
    assert!(
        folder.join("env.sh").is_file(),
        "{VARIABLE} names {}, where nothing is set up; run tests/counterparts/setup.sh with it",
        folder.display()
    );
    Some(folder)
}

impl Signer {
    /// Where the answer leaves out something else than it is known to. A list that is too long is
    /// wrong as well: it would hide the day on which the program stops signing.
    pub(crate) fn surprises(&self, answer: &Answer, cases: &[Case]) -> Vec<String> {
        let mut surprises = Vec::new();
        let mut expect = |what: &str, expected: &dyn Debug, got: &dyn Debug| {
            let [expected, got] = [expected, got].map(|side| format!("{side:?}"));
            if got != expected {
                let name = self.name;
                surprises.push(format!("{name}: {what}\n  expected {expected}\n  got      {got}"));
            }
        };
        expect("unsupported", &self.unsupported, &answer.unsupported);
        for Case { id, draft, .. } in cases {
            let expected = match draft {
                _ if self.unsupported.contains(&draft.kid.as_str()) => "nothing",
                _ if (self.refuses)(draft) => "a refusal to sign",
                _ => "a token",
            };
            let got = match answer.token(id) {
                Some(_) => "a token",
                None if answer.refused.contains(id) => "a refusal to sign",
                None => "nothing",
            };
            expect(id, &expected, &got);
        }
        surprises
    }

    /// The name with the version of what really runs.
    pub(crate) fn title(&self, set_up: &Path) -> String {
        let output = self.shell(set_up, self.version).output().expect("a shell runs");
        let version = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}: its version is not known: {output:?}", self.name);
        // A package of Debian adds its own revision.
        let version = version.trim().split('-').next().unwrap_or_default();
        format!("{} {version}", self.name)
    }

    /// Has the jobs signed. `folder` is for what goes in.
    pub(crate) fn sign(&self, set_up: &Path, folder: &Path, jobs: &[Value]) -> Answer {
        let named = ALGORITHMS.map(|alg| json!({ "kid": alg, "alg": alg }));
        let spares = THOROUGH.map(|alg| json!({ "kid": spare(alg), "alg": alg }));
        let keys = [named.as_slice(), &spares].concat();
        let request = folder.join("request.json");
        fs::write(&request, json!({ "keys": keys, "jobs": jobs }).to_string())
            .expect("the folder takes files");
        // A file, since a pipe would have to be written and read at the same time.
        let request = File::open(request).expect("it was just written");
        let output = self.shell(set_up, self.run).stdin(request).output().expect("a shell runs");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} failed, {}: {said}", self.name, output.status);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{}: the answer is not as README.md says: {error}; {said}", self.name)
        })
    }

    fn shell(&self, set_up: &Path, script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!(". \"$1\"\n{script}")).arg(self.name);
        shell.arg(set_up.join("env.sh")).arg(root().join("tests/counterparts"));
        shell
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Past the harness, which swallows what a passing test prints by macro.
pub(crate) fn say(mut stream: impl Write, text: &str) {
    writeln!(stream, "{text}").expect("standard streams are open");
}
