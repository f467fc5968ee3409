//! The command line as a script meets it: exit codes, one line for every misuse, names that stay.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;

use serde_json::Value;
use support::{Demo, Ran};

#[test]
fn the_demo_shows_every_kind_of_answer() {
    let demo = Demo::new();
    for (token, scenario, code, reason) in [
        ("user", "user", 0, "admitted"),
        ("user", "device", 0, "admitted"),
        ("device", "device", 0, "admitted"),
        ("device", "user", 1, "user_needed"),
        ("expired", "user", 1, "expired"),
        ("foreign", "user", 1, "tenant_unknown"),
        ("altered", "user", 1, "signature_wrong"),
    ] {
        let file = demo.path(&format!("{token}.jwt"));
        let ran = demo.run(&["check", "--json", "--scenario", scenario, "--token-file", &file]);
        assert_eq!(ran.code, code, "{token} {scenario}: {ran:?}");
        let line: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(line["reason"], reason, "{token} {scenario}");
        assert_eq!(ran.out.matches('\n').count(), 1, "one object on one line");
    }
}

#[test]
fn the_demo_shows_all_three_methods_alone_and_together() {
    let demo = Demo::new();
    for (token, cert, scenario, reason, id) in [
        (None, Some("pc7"), "device", "admitted", "pki:corp:dns:pc7.contoso.com"),
        (None, Some("pc7"), "user", "user_needed", ""),
        (None, Some("pc7-ended"), "device", "certificate_expired", ""),
        (None, Some("laptop9"), "device", "certificate_untrusted", ""),
        (Some("laptop9"), Some("laptop9"), "device", "admitted", "site:"),
        (Some("laptop9"), Some("laptop9"), "user", "user_needed", ""),
        (Some("laptop9"), None, "device", "proof_missing", ""),
        (Some("laptop9"), Some("pc7"), "device", "proof_mismatch", ""),
        (Some("bulk"), None, "device", "registration_only", ""),
        (Some("user"), Some("pc7"), "user", "admitted", "entra:"),
        (Some("user"), Some("pc7-ended"), "user", "certificate_expired", ""),
        (Some("user"), Some("laptop9"), "user", "admitted", "entra:"),
    ] {
        let mut args = vec!["check".into(), "--json".into(), "--scenario".into(), scenario.into()];
        if let Some(token) = token {
            args.extend(["--token-file".into(), demo.path(&format!("{token}.jwt"))]);
        }
        if let Some(cert) = cert {
            args.extend(["--cert".into(), demo.path(&format!("{cert}.pem"))]);
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let ran = demo.run(&args);
        let line: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(line["reason"], reason, "{args:?}: {ran:?}");
        assert_eq!(ran.code, i32::from(reason != "admitted"), "{args:?}");
        let got = line["principal"]["id"].as_str().unwrap_or("");
        assert!(got.starts_with(id) && got.is_empty() == id.is_empty(), "{args:?}: {got}");
    }
}

#[test]
fn a_certificate_in_a_header_counts_from_listed_senders_only() {
    let demo = Demo::new();
    let pem = fs::read_to_string(demo.path("pc7.pem")).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let header = format!("Client-Cert: :{body}:");
    let reason = |args: &[&str]| {
        let ran = demo.run(&[&["check", "--json", "--header", &header], args].concat());
        serde_json::from_str::<Value>(&ran.out).unwrap()["reason"].clone()
    };
    assert_eq!(reason(&[]), "sender_not_trusted");
    let config = demo.path("tollgate.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{text}[peers]\ntrusted = [\"unix\", \"10.0.0.0/8\"]\n")).unwrap();
    assert_eq!(reason(&[]), "admitted");
    assert_eq!(reason(&["--from", "10.2.3.4"]), "admitted");
    assert_eq!(reason(&["--from", "192.0.2.1"]), "sender_not_trusted");
    assert_eq!(reason(&["--header", &header]), "certificate_twice");
    assert_eq!(reason(&["--header", "Host: example.org"]), "admitted");
    // It never proves a token's key.
    let own = fs::read_to_string(demo.path("laptop9.pem")).unwrap();
    let own: String = own.lines().filter(|line| !line.starts_with("-----")).collect();
    let (own, token) = (format!("Client-Cert: :{own}:"), demo.path("laptop9.jwt"));
    let ran = demo.run(&["check", "--json", "--header", &own, "--token-file", &token]);
    assert!(ran.out.contains("\"reason\":\"proof_missing\""), "{ran:?}");
    for (args, said) in [
        (["check", "--header", "no colon"], "a header is written as"),
        (["check", "--header", ": x"], "a header is written as"),
        (["check", "--header", "Client-Cert : x"], "a header is written as"),
        (["check", "--header", "\nClient-Cert: x"], "a header is written as"),
        (["check", "--header", "Client-Cert\u{a0}: x"], "a header is written as"),
        (["check", "--from", "10.0.0.0/8"], "--from"),
        (["check", "--cert", "missing.pem"], "missing.pem"),
    ] {
        assert_misuse(&demo.run(&args), said);
    }
}

#[test]
fn json_has_the_contracts_names_in_order() {
    let demo = Demo::new();
    let names = |out: &str| -> Vec<String> {
        // serde_json's map sorts; the order that was written is what counts here.
        let parts = out.trim().trim_start_matches('{').split("\":");
        parts.filter_map(|part| Some(part.rsplit_once('"')?.1.to_owned())).collect()
    };
    let admitted = demo.run(&["check", "--json", "--token-file", &demo.path("user.jwt")]);
    let expected = "verdict code reason class method scenario principal id authority tenant user \
                    device subject bound expires_at";
    assert_eq!(names(&admitted.out).join(" "), expected);
    let refused = demo.run(&["check", "--json", "--token-file", &demo.path("expired.jwt")]);
    let expected = "verdict code reason class method scenario principal expires_at";
    assert_eq!(names(&refused.out).join(" "), expected);
    let line: Value = serde_json::from_str(&refused.out).unwrap();
    assert_eq!(line["code"], 3001);
    assert_eq!(line["class"], "untimely");
    assert_eq!(line["method"], "entra");
    assert!(line["principal"].is_null() && line["expires_at"].is_null());
}

#[test]
fn a_token_comes_by_option_file_or_standard_input() {
    let demo = Demo::new();
    let token = fs::read_to_string(demo.path("user.jwt")).unwrap();
    assert_eq!(demo.run(&["check", "--token", &token]).code, 0);
    assert_eq!(demo.run_with(&["check", "-"], format!("{token}\r\n").as_bytes()).code, 0);
    assert_eq!(demo.run_with(&["check", "--token-file", "-"], token.as_bytes()).code, 0);
    let ran = demo.run(&["check"]);
    assert_misuse(&ran, "nothing to judge");
}

#[test]
fn time_is_an_argument() {
    let demo = Demo::new();
    let file = demo.path("user.jwt");
    let reason = |at: &str| {
        let ran = demo.run(&["check", "--json", "--token-file", &file, "--at", at]);
        serde_json::from_str::<Value>(&ran.out).unwrap()["reason"].clone()
    };
    assert_eq!(reason("4102444800"), "expired");
    assert_eq!(reason("0"), "not_yet_valid");
    assert_eq!(reason("9223372036854775807"), "expired");
    let ran = demo.run(&["check", "--json", "--token-file", &file, "--at", "-9223372036854775808"]);
    assert!(ran.out.contains("not_yet_valid"), "{ran:?}");
}

#[test]
fn misuse_is_one_line_and_exit_code_2() {
    let demo = Demo::new();
    let file = demo.path("user.jwt");
    let missing = demo.path("missing.jwt");
    let folder = demo.path("");
    for (args, said) in [
        (&["check", "--token-file", &missing][..], "missing.jwt: No such file"),
        (&["check", "--token-file", &folder], "Is a directory"),
        (
            &["check", "--token-file", &file, "--endpoint", "intranet"],
            "there is no \"intranet\"; there is internet",
        ),
        (&["check", "--batch", &missing], "missing.jwt: No such file"),
        (
            &["check", "--config", &missing, "--token", "x"],
            "missing.jwt: cannot be read: No such file",
        ),
        (&["check", "--config", &folder, "--token", "x"], "cannot be read: it is a directory"),
        (&["check", "--config", &file, "--token", "x"], "user.jwt:1:"),
        (&["explain", "--batch", &file], "--batch goes with check"),
    ] {
        assert_misuse(&demo.run(args), said);
    }
    for args in [
        &["check", "--scenario", "both", "--token", "x"][..],
        &["check", "--windows", "ten", "--token", "x"],
        &["check", "--at", "noon", "--token", "x"],
        &["check", "--token", "x", "--token-file", "y"],
        &["check", "--colour", "red"],
        &["judge"],
    ] {
        assert_misuse(&demo.run(args), "");
    }
    let ran = demo.run(&[]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("Usage: tollgate"), "nothing asked: the help {ran:?}");
    assert_eq!(demo.run(&["--help"]).code, 0);
    assert_eq!(demo.run(&["--version"]).code, 0);
}

#[test]
fn hostile_tokens_are_refused_and_nothing_breaks() {
    let demo = Demo::new();
    let huge = vec![b'a'; 10 << 20];
    for (token, reason) in [
        (&b""[..], "no_credential"),
        (b"\0\0\0", "token_shape"),
        (b"a\0b.c.d", "token_encoding"),
        (b"\xff\xfe.\xff.\xff", "token_encoding"),
        (b"<html></html>", "token_shape"),
        (&huge, "token_too_large"),
    ] {
        for command in ["check", "explain"] {
            let ran = demo.run_with(&[command, "--json", "-"], token);
            assert_eq!(ran.code, 1, "{reason}: {ran:?}");
            assert!(ran.out.contains(&format!("\"reason\":\"{reason}\"")), "{reason}: {ran:?}");
            assert!(ran.err.is_empty(), "{ran:?}");
        }
    }
}

#[test]
fn without_a_configuration_it_says_where_it_looked() {
    let empty = tempfile::tempdir().unwrap();
    let ran = support::run_in(empty.path(), &["check", "--token", "x"], b"");
    if Path::new("/etc/tollgate/tollgate.toml").exists() {
        eprintln!("SKIPPED: this machine has a configuration of its own in /etc/tollgate");
        return;
    }
    assert_misuse(&ran, "no configuration");
}

#[test]
fn explain_shows_what_was_found_and_expected() {
    let demo = Demo::new();
    let ran = demo.run(&["explain", "--token-file", &demo.path("expired.jwt")]);
    assert_eq!(ran.code, 1);
    for part in [
        "NO  exp",
        "ended 86",
        "not ended, 300 s of skew",
        "ok  signature",
        "expired (3001)",
        "get a new one",
        "HTTP 401",
        "RFC 7519 section 4.1.4",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let token = fs::read_to_string(demo.path("user.jwt")).unwrap();
    let signature = token.trim().rsplit('.').next().unwrap().to_owned();
    let ran = demo.run(&["explain", "--json", "--token", &token]);
    assert!(!ran.out.contains(&signature), "an explanation could be replayed");
}

#[test]
fn config_check_lists_every_error_with_its_line() {
    let demo = Demo::new();
    let config = demo.path("tollgate.toml");
    let text = fs::read_to_string(&config).unwrap();
    let bad = text.replace("audiences", "audience").replacen("name =", "nam =", 1);
    fs::write(&config, bad).unwrap();
    let ran = demo.run(&["config", "check"]);
    assert_eq!(ran.code, 2);
    for said in [
        "tollgate.toml:6: endpoint[0].nam: unknown key; did you mean `name`?",
        "endpoint[0].name: is missing; write name = \"internet\" in [[endpoint]]",
        "tollgate.toml:23: entra[0].audience: unknown key; did you mean `audiences`?",
    ] {
        assert!(ran.err.contains(said), "{said}\n{}", ran.err);
    }
    let ran = demo.run(&["config", "check", "--json"]);
    let object: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(object["ok"], false);
    assert_eq!(object["errors"].as_array().unwrap().len(), 4);
    assert_misuse(&demo.run(&["check", "--token", "x"]), "(and 3 more: `tollgate config check`");
}

#[test]
fn the_demo_never_writes_over_what_it_did_not_make() {
    let demo = Demo::new();
    assert_eq!(demo.run(&["demo", &demo.path("")]).code, 0, "its own folder, again");
    for (name, bytes) in [
        ("tollgate.toml", &b"# mine\n"[..]),
        ("tollgate.toml", b"# \xff\xfe mine\n"),
        ("keys.json", b"mine"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        fs::write(&file, bytes).unwrap();
        let ran = demo.run(&["demo", folder.path().to_str().unwrap()]);
        assert_misuse(&ran, "is in use and not a demo's");
        assert_eq!(fs::read(&file).unwrap(), bytes, "{name}");
    }
    #[cfg(unix)]
    {
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        fs::write(elsewhere.path(), "mine").unwrap();
        fs::remove_file(demo.path("user.jwt")).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), demo.path("user.jwt")).unwrap();
        assert_eq!(demo.run(&["demo", &demo.path("")]).code, 0);
        assert_eq!(fs::read_to_string(elsewhere.path()).unwrap(), "mine", "not through a link");
    }
}

#[test]
fn config_check_shows_what_is_trusted_and_what_is_stale() {
    let demo = Demo::new();
    let good = demo.run(&["config", "check"]);
    assert_eq!(good.code, 0);
    for said in ["endpoints: internet", "entra https://login.", "key \"RS256-9a8b7c6d\" for RS256"]
    {
        assert!(good.out.contains(said), "{said}: {good:?}");
    }
    let config = demo.path("tollgate.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{text}jwks_max_age = \"1h\"\n")).unwrap();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(3 * 3600);
    let keys = fs::File::options().write(true).open(demo.path("keys.json")).unwrap();
    keys.set_modified(old).unwrap();
    let stale = demo.run(&["config", "check"]);
    assert!(stale.out.contains("STALE") && stale.err.contains("jwks_max_age 3600 s"), "{stale:?}");
    let ran = demo.run(&["check", "--json", "--token-file", &demo.path("user.jwt")]);
    assert!(ran.out.contains("\"reason\":\"keys_stale\""), "{ran:?}");
}

#[test]
fn explain_json_has_the_members_of_check_json() {
    let demo = Demo::new();
    let file = demo.path("expired.jwt");
    let check = demo.run(&["check", "--json", "--token-file", &file]);
    let explain = demo.run(&["explain", "--json", "--token-file", &file]);
    let check: Value = serde_json::from_str(&check.out).unwrap();
    let explain: Value = serde_json::from_str(&explain.out).unwrap();
    for (name, value) in check.as_object().unwrap() {
        assert_eq!(&explain[name], value, "{name}");
    }
    assert_eq!(explain["refusal"]["http_status"], 401);
    let last = explain["steps"].as_array().unwrap().last().unwrap();
    assert_eq!((last["step"].as_str(), last["held"].as_bool()), (Some("exp"), Some(false)));
}

fn assert_misuse(ran: &Ran, said: &str) {
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.out.is_empty(), "{ran:?}");
    assert!(ran.err.starts_with("tollgate: ") && ran.err.contains(said), "{said}: {ran:?}");
    assert_eq!(ran.err.trim_end().lines().count(), 1, "one line: {ran:?}");
}
