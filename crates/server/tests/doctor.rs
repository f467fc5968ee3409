//! `tollgate doctor` as administrators and scripts meet it.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;

use serde_json::Value;
use support::Demo;

fn edit(demo: &Demo, from: &str, to: &str) {
    let path = demo.path("tollgate.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn object(demo: &Demo, code: i32) -> Value {
    let ran = demo.run(&["doctor", "--json"]);
    assert_eq!(ran.code, code, "{ran:?}");
    assert_eq!(ran.out.matches('\n').count(), 1, "one object on one line");
    assert_eq!(ran.err, "");
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn the_demo_is_ready() {
    let demo = Demo::new();
    let ran = demo.run(&["doctor"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    let first = ran.out.lines().next().unwrap();
    assert!(first.starts_with("tollgate.toml: ready: "), "{first}");
    let usable = |line: &&str| line.contains("entra") && line.ends_with("usable");
    assert!(ran.out.lines().filter(usable).count() >= 2, "{}", ran.out);

    let found = object(&demo, 0);
    assert_eq!(found["ok"], true);
    assert_eq!(found["file"], "tollgate.toml");
    let row = |method: &str, scenario: &str| {
        let mut rows = found["endpoints"].as_array().unwrap().iter();
        rows.find(|row| row["method"] == method && row["scenario"] == scenario).unwrap().clone()
    };
    let entra = row("entra", "user");
    assert_eq!((&entra["endpoint"], &entra["usable"]), (&"internet".into(), &true.into()));
    assert!(entra["why"].is_null() && entra["line"].is_null() && entra["key"].is_null());
    assert_eq!(row("pki", "user")["usable"], false);
    assert!(row("pki", "user")["line"].is_null(), "there is no line that helps");
    for test in found["self_test"].as_array().unwrap() {
        assert_eq!(test["ok"], true, "{test}");
        assert!(test["authority"].is_string() && test["probes"].is_array(), "{test}");
    }
    assert_eq!(found["freshness"][0]["what"], "keys");
}

#[test]
fn a_tenant_that_is_switched_off_is_found_with_its_line() {
    let demo = Demo::new();
    edit(&demo, "[[entra]]\n", "[[entra]]\nenabled = false\n");
    let text = fs::read_to_string(demo.path("tollgate.toml")).unwrap();
    let line = text.lines().position(|line| line == "enabled = false").unwrap() + 1;
    let found = object(&demo, 1);
    let mut rows = found["endpoints"].as_array().unwrap().iter();
    let row = rows.find(|row| row["method"] == "entra").unwrap();
    assert_eq!((&row["line"], &row["key"]), (&line.into(), &"entra[0].enabled".into()));
    let ran = demo.run(&["doctor"]);
    assert_eq!(ran.code, 1);
    let first = ran.out.lines().next().unwrap();
    assert!(first.starts_with("tollgate.toml: not ready: entra is not usable at"), "{first}");
    let told = format!("tollgate.toml:{line}: entra[0].enabled: write true");
    assert!(ran.out.contains(&told), "{}", ran.out);
}

#[test]
fn misuse_is_one_line() {
    let demo = Demo::new();
    let ran = demo.run(&["doctor", "--endpoint", "nowhere"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let said = "tollgate: --endpoint: there is no \"nowhere\"; there is \"internet\"";
    assert!(ran.err.starts_with(said) && ran.err.lines().count() == 1, "{ran:?}");
    edit(&demo, "methods =", "method =");
    for args in [&["doctor"][..], &["doctor", "--json"]] {
        let ran = demo.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
        assert_eq!(ran.err.lines().count(), 1, "{ran:?}");
    }
}

#[test]
fn nothing_of_a_configuration_moves_the_cursor() {
    let demo = Demo::new();
    fs::write(demo.path("tollgate.toml"), ODD).unwrap();
    for args in [&["doctor"][..], &["doctor", "--endpoint", "a\u{1b}[2Jb\u{9b}\u{202e}\nc"]] {
        let ran = demo.run(args);
        let odd = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!ran.out.contains(odd) && !ran.err.contains(odd), "{ran:?}");
        assert!(
            ran.out.contains("a\\u{1b}[2Jb\\u{9b}\\u{202e}\\nc  entra  device  usable"),
            "{}",
            ran.out
        );
    }
}

const ODD: &str = r#"
[[endpoint]]
name = "a\u001b[2Jb\u009b\u202e\nc"
methods = ["entra"]
require = { roles = ["\u001br"] }

[[entra]]
tenant = "9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b"
audiences = ["\u001b\u0007"]
client_apps = ["\u001b[31m"]
jwks_file = "keys.json"

[[oidc]]
name = "odd"
issuer = "https://\u001b[2J\u202e"
audiences = ["\u001b[0m"]
enabled = false
jwks_file = "keys.json"
"#;
