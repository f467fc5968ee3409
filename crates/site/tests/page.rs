//! The example in docs/site-token.md is a true one, and the page says the bounds that hold.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tollgate::jws::{KeyRules, KeySet, Unverified};
use tollgate::{Limits, site};
use tollgate_site::ALGORITHMS;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/site-token.md");
    fs::read_to_string(path).unwrap()
}

/// The block of that name.
fn block<'p>(page: &'p str, name: &str) -> &'p str {
    let start = format!(" {name}\n");
    let blocks = page.split("```").skip(1).step_by(2);
    let found: Vec<_> = blocks.filter_map(|block| Some(block.split_once(&start)?.1)).collect();
    let [block] = found[..] else { panic!("{} blocks {name}", found.len()) };
    block.trim()
}

#[test]
fn the_example_verifies_and_says_what_stands_beside_it() {
    let page = page();
    let limits = Limits::default();
    let rules =
        KeyRules { algorithms: &ALGORITHMS, secrets: false, cloud_instance: None, limits: &limits };
    let (keys, warnings) = KeySet::from_json(block(&page, "keys").as_bytes(), &rules).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    for kind in ["client", "bulk"] {
        let json = |part: &str| -> Value {
            serde_json::from_str(block(&page, &format!("{kind}-{part}"))).unwrap()
        };
        let mut buffer = Vec::new();
        let token = block(&page, &format!("{kind}-token")).as_bytes();
        let read = Unverified::parse(token, &mut buffer, &limits).unwrap().verify(&keys).unwrap();
        let header = read.header();
        let header =
            json!({ "typ": header.typ(), "alg": header.algorithm().name(), "kid": header.kid() });
        assert_eq!(header, json("header"), "{kind}");
        let claims: Value = serde_json::from_slice(read.payload()).unwrap();
        assert_eq!(claims, json("claims"), "{kind}");
    }
}

#[test]
fn the_page_has_the_words_and_bounds_of_the_format() {
    let page = page();
    for word in [
        site::CLIENT_TYP,
        site::BULK_TYP,
        site::GATE_AUDIENCE,
        site::REGISTRATION_AUDIENCE,
        site::ISSUER_PREFIX,
        site::PROVENANCE_INTERNAL,
        site::PROVENANCE_BULK_PREFIX,
    ] {
        assert!(page.contains(&format!("`{word}`")), "{word}");
    }
    let days = |s: i64| s / 86_400;
    let hours = site::CLIENT_LIFETIME_LEAST_S / 3_600;
    let (usual, most) = (days(site::CLIENT_LIFETIME_S), days(site::CLIENT_LIFETIME_MOST_S));
    let client = format!("{usual} days ({hours} hour to {most} days)");
    assert!(page.contains(&client), "{client}");
    // The page writes thousands with a comma.
    let minutes = |s: i64| match s / 60 {
        minutes @ ..1_000 => minutes.to_string(),
        minutes => format!("{},{:03}", minutes / 1_000, minutes % 1_000),
    };
    let (usual, least) = (minutes(site::BULK_LIFETIME_S), minutes(site::BULK_LIFETIME_LEAST_S));
    let bulk = format!("{usual} minutes ({least} to {})", minutes(site::BULK_LIFETIME_MOST_S));
    assert!(page.contains(&bulk), "{bulk}");
}
