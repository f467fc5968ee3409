//! The programs of tests/counterparts that read and mint a site's tokens, and where they are set up.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use serde::Deserialize;
use serde_json::{Value, json};
use tollgate_site::Authority;

const VARIABLE: &str = "TOLLGATE_COUNTERPARTS";

pub(crate) struct Party {
    pub(crate) name: &'static str,
    program: &'static str,
    /// Algorithms that it does not have.
    pub(crate) unsupported: &'static [&'static str],
}

pub(crate) const JOSERFC: Party =
    Party { name: "joserfc", program: "site_joserfc.py", unsupported: &[] };

pub(crate) const JOSE: Party =
    Party { name: "jose", program: "site_jose.py", unsupported: &["EdDSA"] };

/// What a party gives back.
#[derive(Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    pub(crate) unsupported: bool,
    /// RFC 7638, of the private key that it was given.
    #[serde(default)]
    pub(crate) thumbprint: String,
    /// What it read of each token; nothing where it did not verify.
    #[serde(default)]
    pub(crate) read: BTreeMap<String, Option<Read>>,
    #[serde(default)]
    pub(crate) tokens: BTreeMap<String, String>,
}

#[derive(Deserialize)]
pub(crate) struct Read {
    pub(crate) header: Value,
    pub(crate) payload: Value,
}

impl Party {
    /// Has tokens read under the site's public keys, and others minted under its private one.
    pub(crate) fn ask(
        &self,
        set_up: &Path,
        site: &Authority,
        read: &BTreeMap<String, String>,
        sign: &Value,
    ) -> Answer {
        let public = fs::read(site.public_keys_file()).unwrap();
        let request = json!({
            "alg": site.keys(crate::NOW_S)[0].algorithm.name(),
            "keys": serde_json::from_slice::<Value>(&public).unwrap(),
            "private": fs::read_to_string(site.private_key_file(&site.keys(crate::NOW_S)[0].kid)).unwrap(),
            "read": read,
            "sign": sign,
        });
        let script = r#". "$1"; exec "$COUNTERPARTS_PYTHON" "$2""#;
        let mut child = Command::new("sh")
            .args(["-c", script, self.name])
            .arg(set_up.join("env.sh"))
            .arg(root().join("tests/counterparts").join(self.program))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It reads all before it writes anything. If it ends early, that is told below.
        let mut stdin = child.stdin.take().unwrap();
        let _ = stdin.write_all(request.to_string().as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} failed, {}: {said}", self.name, output.status);
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{}: {error}; {said}", self.name))
    }
}

/// Where the programs are set up; a banner and nothing where the environment does not say.
pub(crate) fn set_up(test: &str) -> Option<PathBuf> {
    let Some(folder) = env::var_os(VARIABLE) else {
        let banner = format!(
            "\n**** SKIPPED: {test}\n\
             **** {VARIABLE} is not set; it has to name the folder where the programs are\n\
             **** set up that read and sign tokens and are not ours. Run `make test`, or\n\
             **** tests/counterparts/setup.sh target/counterparts\n\
             **** {VARIABLE}=target/counterparts cargo test -p tollgate-site --test counterparts\n"
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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Past the harness, which swallows what a passing test prints by macro.
pub(crate) fn say(mut stream: impl Write, text: &str) {
    writeln!(stream, "{text}").expect("standard streams are open");
}
