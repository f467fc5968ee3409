//! The cases as a row of fields, for programs that read no JSON (bindings/c/ctest/vectors.c says how): eight bytes
//! of length, lowest first, then the bytes; all bits set for none.

use std::net::IpAddr;

use tempfile::TempDir;
use tollgate::Reason;

use super::cases::{Case, Outcome, read_all};

/// What a program is given.
pub(crate) struct Fields {
    pub(crate) bytes: Vec<u8>,
    /// How many cases there are.
    pub(crate) count: usize,
    /// The folders that it names; they go when this goes.
    _unpacked: Vec<TempDir>,
}

/// Every case, by theme and configuration.
pub(crate) fn every_case() -> Fields {
    let mut fields = Fields { bytes: Vec::new(), count: 0, _unpacked: Vec::new() };
    for theme in read_all() {
        for (name, config) in &theme.configs {
            let cases: Vec<&Case> = theme.cases.iter().filter(|one| one.config == *name).collect();
            let files = config.unpack();
            put(&mut fields.bytes, files.path().to_str().expect("a path of ASCII").as_bytes());
            put_number(&mut fields.bytes, cases.len() as i64);
            cases.iter().for_each(|case| put_case(&mut fields.bytes, &theme.name, case));
            fields._unpacked.push(files);
            fields.count += cases.len();
        }
    }
    fields
}

fn put_case(fields: &mut Vec<u8>, theme: &str, case: &Case) {
    let optional = |fields: &mut Vec<u8>, text: &Option<String>| match text {
        Some(text) => put(fields, text.as_bytes()),
        None => put_none(fields),
    };
    put(fields, format!("{theme}: {}", case.name).as_bytes());
    put(fields, case.endpoint.as_bytes());
    // TOLLGATE_SCENARIO_*
    put_number(
        fields,
        match case.scenario.as_str() {
            "device" => 1,
            "user" => 2,
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

/// Status (1 is admitted), name and class of the reason, principal, and end.
fn put_outcome(fields: &mut Vec<u8>, outcome: &Outcome) {
    match outcome {
        Outcome::Admit { principal, expires_at } => {
            put_number(fields, 1);
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
