//! `tollgate site init` and `tollgate keys list` as a script meets them.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::fs;

use serde_json::Value;
use support::{Ran, run_in};

const SITE: &str = "cdcc5e91-0adf-4a24-82d0-196667f1c081";

fn json(ran: &Ran) -> Value {
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    assert_eq!(ran.out.matches('\n').count(), 1, "one object on one line: {ran:?}");
    serde_json::from_str(&ran.out).unwrap()
}

fn names(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[track_caller]
fn assert_misuse(ran: &Ran, said: &str) {
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    assert_eq!(ran.err.matches('\n').count(), 1, "{ran:?}");
    assert!(ran.err.starts_with("tollgate: ") && ran.err.contains(said), "{said}: {ran:?}");
}

#[test]
fn a_site_is_made_in_the_usual_folder_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run_in(folder.path(), &["site", "init"], b"");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    let public = fs::canonicalize(folder.path().join("tollgate-data/site-keys.json")).unwrap();
    let registry = fs::canonicalize(folder.path().join("tollgate-data/registry.db")).unwrap();
    let listed = json(&run_in(folder.path(), &["keys", "list", "--json"], b""));
    let id = listed["site"].as_str().unwrap();
    assert_eq!(&id[14..15], "4", "a random GUID: {id}");
    for line in [
        "    [[site]]".into(),
        format!("    id = \"{id}\""),
        format!("    keys_file = {}", Value::from(public.to_str().unwrap())),
        format!("    registry = {}", Value::from(registry.to_str().unwrap())),
    ] {
        assert!(ran.out.lines().any(|found| found == line), "{line}: {ran:?}");
    }
    let key = &listed["keys"][0];
    let kid = key["kid"].as_str().unwrap();
    assert!(folder.path().join(format!("tollgate-data/keys/{kid}.pem")).is_file());
    let text = run_in(folder.path(), &["keys", "list"], b"").out;
    assert!(text.contains(&format!("site {id}\n    key {kid}  ES256  active  made 2")), "{text}");
}

#[test]
fn json_has_names_that_stay() {
    let folder = tempfile::tempdir().unwrap();
    let upper = SITE.to_uppercase();
    for alg in ["ES256", "EdDSA", "RS256"] {
        let args = ["--data", alg, "site", "init", "--alg", alg, "--id", &upper, "--json"];
        let made = json(&run_in(folder.path(), &args, b""));
        assert_eq!(
            names(&made),
            ["created_at", "data", "id", "issuer", "key", "keys_file", "registry"]
        );
        assert_eq!((&made["id"], &made["data"]), (&SITE.into(), &alg.into()));
        assert_eq!(made["issuer"], format!("urn:tollgate:site:{SITE}"));
        assert_eq!(
            names(&made["key"]),
            ["active_from", "alg", "created_at", "is_here", "kid", "state"]
        );
        assert_eq!((&made["key"]["alg"], &made["key"]["state"]), (&alg.into(), &"active".into()));
        let args = ["keys", "list", "--data", alg, "--json"];
        let listed = json(&run_in(folder.path(), &args, b""));
        assert_eq!(names(&listed), ["keys", "site"]);
        for name in names(&made["key"]) {
            assert_eq!(listed["keys"][0][name], made["key"][name], "{name}");
        }
    }
}

#[test]
fn misuse_is_one_line_and_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| run_in(folder.path(), args, b"");
    assert_misuse(&run(&["keys", "list"]), "./tollgate-data: there is no site; `tollgate site");
    assert_misuse(&run(&["site", "init", "--alg", "HS256"]), "write one of ES256, EdDSA, RS256");
    assert_misuse(&run(&["site", "init", "--alg", "es256"]), "write one of ES256, EdDSA, RS256");
    assert_misuse(&run(&["site", "init", "--id", "contoso"]), "write a GUID");
    assert!(!folder.path().join("tollgate-data").exists(), "nothing was made");
    assert_eq!(run(&["site", "init"]).code, 0);
    assert_misuse(&run(&["site", "init"]), "there is a site already; nothing was changed");
    fs::write(folder.path().join("file"), "").unwrap();
    assert_misuse(&run(&["site", "init", "--data", "file/site"]), "Not a directory");
    fs::remove_file(folder.path().join("tollgate-data/site.json")).unwrap();
    assert_misuse(&run(&["site", "init"]), "has keys but no site.json");
    assert_misuse(&run(&["keys", "list"]), "has keys but no site.json");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run_in(folder.path(), &["site", "init"], b"").code, 0);
    let keys = folder.path().join("tollgate-data/keys");
    let key = fs::read_dir(&keys).unwrap().next().unwrap().unwrap().path();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let ran = run_in(folder.path(), &["keys", "list"], b"");
    assert_misuse(&ran, ".pem: is open to others (mode 640); chmod 600 ./tollgate-data/keys/");
}

/// The first byte that is written kills the process: a crash in the middle of a key.
#[cfg(unix)]
#[test]
fn a_crash_leaves_no_half_key() {
    let folder = tempfile::tempdir().unwrap();
    let ran = std::process::Command::new("sh")
        .args(["-c", "ulimit -c 0; ulimit -f 0; exec \"$0\" site init"])
        .arg(env!("CARGO_BIN_EXE_tollgate"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(!ran.status.success() && ran.stdout.is_empty(), "{ran:?}");
    let keys = fs::read_dir(folder.path().join("tollgate-data/keys")).unwrap();
    let names: Vec<_> = keys.map(|entry| entry.unwrap().file_name()).collect();
    let is_aside = |name: &str| name.starts_with('.') && name.ends_with(".new");
    assert!(names.iter().all(|name| is_aside(name.to_str().unwrap())), "{names:?}");
    assert!(!folder.path().join("tollgate-data/site.json").exists());
    let run = |args: &[&str]| run_in(folder.path(), args, b"");
    assert_misuse(&run(&["keys", "list"]), "has keys but no site.json");
    assert_misuse(&run(&["site", "init"]), "has keys but no site.json");
}
