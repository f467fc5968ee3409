//! docs/brief.md names every statement of the brief, and every test that it names exists.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

/// The statements: S1 to S21, C1 to C7, F1 to F5.
const STATEMENTS: [(char, u32); 3] = [('S', 21), ('C', 7), ('F', 5)];

struct Row {
    statement: String,
    shown_by: String,
    proven_by: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rows() -> Vec<Row> {
    let page = fs::read_to_string(root().join("docs/brief.md")).unwrap();
    let cells = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| -"));
    let rows =
        cells.map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect::<Vec<_>>());
    rows.filter(|cells| cells[0].starts_with(['S', 'C', 'F']) && cells[0].len() <= 3)
        .map(|cells| {
            assert_eq!(cells.len(), 4, "statement, meaning, shown by, proven by: {cells:?}");
            Row {
                statement: cells[0].into(),
                shown_by: cells[2].into(),
                proven_by: cells[3].into(),
            }
        })
        .collect()
}

#[test]
fn every_statement_has_its_row_once_and_in_order() {
    let expected = STATEMENTS
        .iter()
        .flat_map(|(letter, most)| (1..=*most).map(move |n| format!("{letter}{n}")));
    let found: Vec<_> = rows().into_iter().map(|row| row.statement).collect();
    assert_eq!(found, expected.collect::<Vec<_>>());
}

#[test]
fn every_named_test_exists() {
    let mut named = 0;
    for Row { statement, proven_by, .. } in rows() {
        let references: Vec<_> = proven_by.split('`').skip(1).step_by(2).collect();
        assert!(
            !references.is_empty()
                || proven_by.contains("to come")
                || proven_by.contains("not ours"),
            "{statement}: names no test and does not say `to come`: {proven_by}"
        );
        for reference in references {
            let is_test = reference.contains("::") || reference.starts_with("benches/");
            assert!(is_test, "{statement}: {reference} is no test, case or bench");
            assert!(exists(reference), "{statement}: there is no {reference}");
            named += 1;
        }
    }
    assert!(named >= 15, "only {named} tests are named: were the rows read?");
}

#[test]
fn what_is_to_come_claims_nothing() {
    for Row { statement, shown_by, proven_by } in rows() {
        if proven_by == "to come" {
            assert_eq!(shown_by, "to come", "{statement}: shown, but not proven");
        }
    }
}

#[test]
fn a_test_that_is_gone_is_noticed() {
    assert!(exists("tests/brief.rs::a_test_that_is_gone_is_noticed"));
    assert!(!exists("tests/brief.rs::no_such_test"));
    assert!(!exists("tests/no_such_file.rs::a_test_that_is_gone_is_noticed"));
    assert!(exists("bindings/python/tests/test_vectors.py::test_vectors"));
    assert!(!exists("bindings/python/tests/test_vectors.py::test_vector"));
    assert!(exists("tests/vectors/README.md"));
    assert!(!exists("tests/vectors/times.json::no_such_case"));
    assert!(!exists("tests/vectors/policy.json::windows_too_old"), "a reason, and no case");
}

/// `path/to/file.rs::test`, `path/to/file.py::test`, `tests/vectors/file.json::case`, or a file alone.
fn exists(reference: &str) -> bool {
    let (path, name) =
        reference.split_once("::").map_or((reference, None), |(path, name)| (path, Some(name)));
    let Ok(text) = fs::read_to_string(root().join(path)) else { return false };
    match name {
        None => true,
        // A reason may be called as its case is.
        Some(case) if path.ends_with(".json") => text.contains(&format!("\"name\": \"{case}\"")),
        Some(test) if path.ends_with(".py") => text.contains(&format!("def {test}(")),
        Some(test) => text.contains(&format!("fn {test}(")),
    }
}
