//! Every case of tests/vectors, through C.

use std::fs;
use std::process::Command;

use crate::cases::assert_none;
use crate::fields::every_case;
use crate::prefix::prefix;
use crate::program::build;
use crate::watch::finished;

#[test]
fn every_case_gets_its_verdict_in_c() {
    let Some(prefix) = prefix("every_case_gets_its_verdict_in_c") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let fields = every_case();
    fs::write(folder.path().join("cases"), &fields.bytes).expect("a file of our own");
    let program = build(&prefix, "vectors.c", folder.path());
    let output = finished(Command::new(program).arg(folder.path()));
    let said = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<String> = said.lines().map(str::to_owned).collect();
    let last = lines.pop().unwrap_or_default();
    assert_none("cases that C judges otherwise", &lines);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(last, format!("replayed {} cases, 0 differences", fields.count), "{errors}");
    assert!(output.status.success(), "{errors}");
}
