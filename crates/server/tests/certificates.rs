//! `explain` of certificates: what an operator needs to find the CA, the PKI or the rule that is wrong.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::fs;

use support::Demo;

/// The demo with a configuration of its own: this text becomes that one.
fn edited(from: &str, to: &str) -> Demo {
    let demo = Demo::new();
    let text = fs::read_to_string(demo.path("tollgate.toml")).unwrap();
    assert!(text.contains(from), "{from}\n{text}");
    fs::write(demo.path("tollgate.toml"), text.replace(from, to)).unwrap();
    demo
}

/// The step that did not hold, on its two lines.
fn refusing_step(demo: &Demo, certificate: &str) -> String {
    let ran = demo.run(&["explain", "--cert", &demo.path(certificate)]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let lines: Vec<_> =
        ran.out.lines().skip_while(|line| !line.starts_with("NO")).take(2).collect();
    assert!(!lines.is_empty(), "{}", ran.out);
    lines.join("\n")
}

fn assert_says(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn the_certificate_and_the_cas_above_it_are_named() {
    let demo = Demo::new();
    assert_says(
        &refusing_step(&demo, "pc7-ended.pem"),
        &[
            "NO  certificate path \"corp\": it, or one above it, has ended; subject \"CN=pc7.contoso.com\"",
            "issuer \"CN=Contoso Issuing CA 1\"",
            ", SHA-256 ",
            "\"corp\" has by these names intermediate \"CN=Contoso Issuing CA 1\"",
            ", under anchor \"CN=Contoso Root CA\"",
            "(ends in ",
        ],
    );
    // Another company's CAs of the same names: only the keys tell them apart.
    let other = Demo::new();
    fs::copy(other.path("pc7.pem"), demo.path("stranger.pem")).unwrap();
    assert_says(
        &refusing_step(&demo, "stranger.pem"),
        &["\"CN=pc7.contoso.com\"", "\"corp\" has by these names intermediate "],
    );
}

#[test]
fn a_ca_that_is_not_there_is_named() {
    let demo = edited("intermediates = [\"issuing-ca.pem\"]", "");
    let said = refusing_step(&demo, "pc7.pem");
    assert_says(&said, &["no configured certificate has its issuer's name", "an anchor of corp"]);
    assert!(!said.contains("by these names"), "{said}");
}

/// What its CA took back, a stale list, and none: each says what it is, by name.
#[test]
fn a_revoked_certificate_is_named_with_its_day_and_reason() {
    let demo = Demo::new();
    let said = refusing_step(&demo, "pc8-revoked.pem");
    assert_says(&said, &["not revoked", "CN=pc8.contoso.com", "revoked at ", "(keyCompromise)"]);
    let demo = edited(", \"issuing-ca.crl\"", "");
    let said = refusing_step(&demo, "pc7.pem");
    assert_says(&said, &["not revoked", "CN=pc7.contoso.com", "no list speaks of its issuer's"]);
    let checked = demo.run(&["config", "check"]);
    let warning = "crls: \"CN=Contoso Issuing CA 1\" has no list of its own";
    assert_says(&checked.err, &[warning]);
}

#[test]
fn of_several_pkis_the_rule_that_did_not_fit_is_shown() {
    let second = "\n[[pki]]\nname = \"second\"\nanchors = [\"root-ca.pem\"]\n\
        intermediates = [\"issuing-ca.pem\"]\nrevocation = \"off\"\n";
    for (rule, step, expected) in [
        ("select = [\"SubjectAttr:OU = Nobody\"]", "selected", "one of the 1 in `select`"),
        ("issuers = [\"CN=Nobody\"]", "issuers", "one of the 1 in `issuers`"),
        ("principal = \"san:upn\"", "identity", "a name by principal = \"san:upn\""),
    ] {
        let of_both = |written: &str| format!("{rule}\n{written}");
        let demo = edited("revocation = \"required\"", &of_both("revocation = \"required\""));
        let mut text = fs::read_to_string(demo.path("tollgate.toml")).unwrap();
        text.push_str(&second.replace("revocation = \"off\"", &of_both("revocation = \"off\"")));
        fs::write(demo.path("tollgate.toml"), text).unwrap();
        let said = refusing_step(&demo, "pc7.pem");
        assert_says(&said, &[&format!("NO  {step:<16} \"corp\": "), expected]);
        let ran = demo.run(&["explain", "--cert", &demo.path("pc7.pem")]);
        assert_eq!(ran.out.matches("NO  ").count(), 1, "{}", ran.out);
        assert_says(&ran.out, &["\"second\" does not take it"]);
        let passed = "ok  certificate      \"corp\" does not take it: certificate_";
        assert_says(&ran.out, &[passed, &format!("): {step}, \"corp\": ")]);
    }
}

#[test]
fn a_file_that_is_no_certificate_is_told_to_whoever_named_it() {
    let demo = Demo::new();
    let key = "-----BEGIN PRIVATE KEY-----\nMIIBAA==\n-----END PRIVATE KEY-----\n";
    fs::write(demo.path("key.pem"), key).unwrap();
    let ran = demo.run(&["check", "--json", "--cert", &demo.path("key.pem")]);
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{ran:?}");
    assert_says(&ran.out, &["\"certificate_malformed\""]);
    assert_says(&ran.err, &["key.pem: there is no certificate in it", "it holds a private key"]);
}
