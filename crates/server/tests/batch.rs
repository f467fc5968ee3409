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
    let long = "x".repeat(300_000);
    let input = [
        json!({"id": 1, "token": token}).to_string(),
        "{\"id\": 2".into(),
        json!({"id": 3, "token": token, "endpont": "internet"}).to_string(),
        json!({"id": 4}).to_string(),
        json!({"id": 5, "token": token, "endpoint": "other"}).to_string(),
        json!({"id": 6, "token": token, "scenario": "both"}).to_string(),
        json!({"id": 7, "token": token, "windows": "eleven"}).to_string(),
        json!({"id": 8, "token": long}).to_string(),
        "\0\u{1}".into(),
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
        (3, "line 4: missing field `token`"),
        (4, "line 5: endpoint: there is no \"other\"; there is internet"),
        (5, "line 6: scenario \"both\": write device or user"),
        (6, "line 7: windows \"eleven\""),
        (7, "line 8: longer than"),
        (8, "line 9: "),
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
fn all_admitted_is_exit_code_0_and_an_empty_file_too() {
    let demo = Demo::new();
    let token = fs::read_to_string(demo.path("user.jwt")).unwrap();
    let line = json!({ "token": token }).to_string();
    assert_eq!(demo.run_with(&["check", "--batch", "-"], line.as_bytes()).code, 0);
    assert_eq!(demo.run_with(&["check", "--batch", "-"], b"").code, 0);
}
