//! Every case of tests/vectors, through C.

use std::fs;
use std::net::IpAddr;
use std::process::Command;

use tollgate::Reason;

use crate::cases::{Case, Outcome, assert_none, read_all};
use crate::prefix::prefix;
use crate::program::{build, finished};

#[test]
fn every_case_gets_its_verdict_in_c() {
    let Some(prefix) = prefix("every_case_gets_its_verdict_in_c") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut fields = Vec::new();
    let mut unpacked = Vec::new();
    let mut count = 0;
    for theme in read_all() {
        for (name, config) in &theme.configs {
            let cases: Vec<&Case> = theme.cases.iter().filter(|one| one.config == *name).collect();
            let files = config.unpack();
            put(&mut fields, files.path().to_str().expect("a path of ASCII").as_bytes());
            put_number(&mut fields, cases.len() as i64);
            cases.iter().for_each(|case| put_case(&mut fields, &theme.name, case));
            unpacked.push(files);
            count += cases.len();
        }
    }
    fs::write(folder.path().join("cases"), fields).expect("a file of our own");
    let program = build(&prefix, "vectors.c", folder.path());
    let output = finished(Command::new(program).arg(folder.path()));
    let said = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<String> = said.lines().map(str::to_owned).collect();
    let last = lines.pop().unwrap_or_default();
    assert_none("cases that C judges otherwise", &lines);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(last, format!("replayed {count} cases, 0 differences"), "{errors}");
    assert!(output.status.success(), "{errors}");
}

fn put_case(fields: &mut Vec<u8>, theme: &str, case: &Case) {
    let optional = |fields: &mut Vec<u8>, text: &Option<String>| match text {
        Some(text) => put(fields, text.as_bytes()),
        None => put_none(fields),
    };
    put(fields, format!("{theme}: {}", case.name).as_bytes());
    put(fields, case.endpoint.as_bytes());
    put_number(
        fields,
        match case.scenario.as_str() {
            "device" => tollgate_c::TOLLGATE_SCENARIO_DEVICE.into(),
            "user" => tollgate_c::TOLLGATE_SCENARIO_USER.into(),
            other => panic!("{}: scenario {other:?}", case.name),
        },
    );
    optional(fields, &case.windows);
    put_number(fields, case.now);
    optional(fields, &case.token);
    optional(fields, &case.cert);
    match case.from.as_deref() {
        None | Some("unix") => put_none(fields),
        Some(address) => match address.parse().expect("an IP address") {
            IpAddr::V4(address) => put(fields, &address.octets()),
            IpAddr::V6(address) => put(fields, &address.octets()),
        },
    }
    put_number(fields, case.headers.len() as i64);
    for (name, value) in &case.headers {
        put(fields, name.as_bytes());
        put(fields, value.as_bytes());
    }
    put_outcome(fields, &case.expect);
}

/// Status, name and class of the reason, principal, and end.
fn put_outcome(fields: &mut Vec<u8>, outcome: &Outcome) {
    match outcome {
        Outcome::Admit { principal, expires_at } => {
            put_number(fields, tollgate_c::TOLLGATE_ADMITTED.into());
            put(fields, b"admitted");
            put(fields, b"admitted");
            put(fields, principal.as_bytes());
            put_number(fields, *expires_at);
        }
        Outcome::Refuse { class, reason, code } => {
            assert!(Reason::from_number(*code).is_some(), "{code} is a reason's number");
            put_number(fields, (*code).into());
            put(fields, reason.as_bytes());
            put(fields, class.as_bytes());
            put_none(fields);
            put_number(fields, 0);
        }
    }
}

fn put(fields: &mut Vec<u8>, bytes: &[u8]) {
    fields.extend((bytes.len() as u64).to_le_bytes());
    fields.extend(bytes);
}

fn put_number(fields: &mut Vec<u8>, number: i64) {
    put(fields, number.to_string().as_bytes());
}

fn put_none(fields: &mut Vec<u8>) {
    fields.extend(u64::MAX.to_le_bytes());
}
