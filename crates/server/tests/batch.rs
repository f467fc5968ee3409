//! `check --batch`: order, ids, and lines that are wrong.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::fmt::Write;
use std::fs;

use serde_json::{Value, json};
use support::Demo;

fn objects(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn verdicts_come_in_order_with_their_ids() {
    let demo = Demo::new();
    let token = |name: &str| fs::read_to_string(demo.path(&format!("{name}.jwt"))).unwrap();
    let lines = [
        json!({"id": "a", "token": token("user")}),
        json!({"id": 2, "token": token("expired")}),
        json!({"id": {"x": [1]}, "token": token("device"), "scenario": "user"}),
        json!({"token": token("user"), "at": 4_102_444_800_i64}),
        json!({"id": "e", "token": token("user"), "windows": "6.3.9600", "endpoint": "internet"}),
    ];
    let input: String = lines.iter().fold(String::new(), |mut all, line| {
        writeln!(all, "{line}\n").unwrap();
        all
    });
    fs::write(demo.path("batch.jsonl"), &input).unwrap();
    for ran in [
        demo.run(&["check", "--batch", &demo.path("batch.jsonl")]),
        demo.run_with(&["check", "--batch", "-"], input.as_bytes()),
    ] {
        assert_eq!(ran.code, 1, "{ran:?}");
        let got = objects(&ran.out);
        let reasons: Vec<_> = got.iter().map(|line| line["reason"].as_str().unwrap()).collect();
        assert_eq!(reasons, ["admitted", "expired", "user_needed", "expired", "windows_too_old"]);
        assert_eq!(got[0]["id"], "a");
        assert_eq!(got[1]["id"], 2);
        assert_eq!(got[2]["id"], json!({"x": [1]}));
        assert!(got[3].get("id").is_none());
        let summary = "tollgate: 5 judged: 1 admitted, 4 refused; 0 not understood;";
        assert!(ran.err.starts_with(summary), "{ran:?}");
    }
}

#[test]
fn a_wrong_line_is_named_and_the_others_are_judged() {
    let demo = Demo::new();
    let token = fs::read_to_string(demo.path("user.jwt")).unwrap();
    let long = "x".repeat(600_000);
    let input = [
        json!({"id": 1, "token": token}).to_string(),
        "{\"id\": 2".into(),
        json!({"id": 3, "token": token, "endpont": "internet"}).to_string(),
        json!({"id": 4}).to_string(),
        json!({"id": 5, "token": token, "endpoint": "other"}).to_string(),
        json!({"id": 6, "token": token, "scenario": "both"}).to_string(),
        json!({"id": 7, "token": token, "windows": "eleven"}).to_string(),
        json!({"id": 8, "token": long}).to_string(),
        json!([9, "x", "internet", "device", null, null]).to_string(),
        json!({"id": 9, "token": "x\u{0}"}).to_string(),
        json!({"id": 10, "token": token}).to_string(),
    ]
    .join("\n");
    let ran = demo.run_with(&["check", "--batch", "-"], input.as_bytes());
    assert_eq!(ran.code, 2, "{ran:?}");
    let got = objects(&ran.out);
    assert_eq!(got.len(), 11);
    for (at, said) in [
        (1, "line 2: EOF"),
        (2, "line 3: unknown field `endpont`"),
        (3, "line 4: nothing to judge: write `token`, `cert` or `headers`"),
        (4, "line 5: endpoint: there is no \"other\"; there is internet"),
        (5, "line 6: scenario \"both\": write device or user"),
        (6, "line 7: windows \"eleven\""),
        (7, "line 8: longer than"),
        (8, "line 9: not a JSON object"),
    ] {
        let error = got[at]["error"].as_str().unwrap();
        assert!(error.starts_with(said), "{error}");
    }
    assert_eq!(got[2]["id"], 3, "the id comes back even so");
    assert_eq!(got[9]["reason"], "token_shape");
    assert_eq!(got[10]["verdict"], "admit");
    assert!(ran.err.contains("2 admitted, 1 refused; 8 not understood"), "{ran:?}");
}

#[test]
fn a_certificate_is_pem_or_a_file() {
    let demo = Demo::new();
    let pem = fs::read_to_string(demo.path("pc7.pem")).unwrap();
    let header = format!(
        "Client-Cert: :{}:",
        pem.lines().filter(|l| !l.starts_with('-')).collect::<String>()
    );
    let input = [
        json!({ "cert": pem }),
        json!({ "cert": "pc7.pem" }),
        json!({ "cert": demo.path("pc7.pem") }),
        json!({ "cert": "missing.pem" }),
        json!({ "headers": [header], "from": "unix" }),
        json!({ "token": "x", "from": "unix" }),
    ];
    let input: String = input.iter().map(|line| format!("{line}\n")).collect();
    let got = objects(&demo.run_with(&["check", "--batch", "-"], input.as_bytes()).out);
    for at in [0, 1, 2] {
        assert_eq!(got[at]["principal"]["id"], "pki:corp:dns:pc7.contoso.com", "{}", got[at]);
    }
    assert_eq!(got[3]["reason"], "certificate_malformed");
    assert_eq!(got[4]["reason"], "sender_not_trusted");
    assert_eq!(got[5]["error"], "line 6: from: goes with headers");
}

#[test]
fn all_admitted_is_exit_code_0_and_an_empty_file_too() {
    let demo = Demo::new();
    let token = fs::read_to_string(demo.path("user.jwt")).unwrap();
    let line = json!({ "token": token }).to_string();
    assert_eq!(demo.run_with(&["check", "--batch", "-"], line.as_bytes()).code, 0);
    assert_eq!(demo.run_with(&["check", "--batch", "-"], b"").code, 0);
}

#[test]
fn an_id_comes_back_as_it_was_written() {
    let demo = Demo::new();
    let id = "123456789012345678901234567890.0010";
    let input = format!("{{\"id\": {id}, \"token\": \"x\"}}\n{{\"id\": {id}, \"tokn\": \"x\"}}\n");
    let ran = demo.run_with(&["check", "--batch", "-"], input.as_bytes());
    assert_eq!(ran.out.matches(&format!("{{\"id\":{id},")).count(), 2, "{ran:?}");
}

/// A gateway's script may write a line and wait for its verdict.
#[test]
fn each_line_is_answered_before_the_next_is_written() {
    use std::io::{BufRead, BufReader, Write};
    use std::process::{Command, Stdio};

    let demo = Demo::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_tollgate"))
        .args(["check", "--config", &demo.path("tollgate.toml"), "--batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    for n in 0..3 {
        // In one piece, with an empty line: what was written last is no question.
        stdin.write_all(format!("{{\"id\": {n}, \"token\": \"x\"}}\n\n").as_bytes()).unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("{{\"id\":{n},")), "{answer}");
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
