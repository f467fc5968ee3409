//! x509-limbo's cases through our path code, with the profile that each asks for; those with CRLs through our
//! revocation lists too.
//!
//! The suite is not in this repository: `TOLLGATE_VECTORS` names the folder that holds
//! `limbo/limbo-core.json` (C2SP/x509-limbo, commit 8a2e6f41023b1716dc16fe63335e4bb972e4c3f6).

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;
use tollgate::Now;
use tollgate::cert::path::{Profile, Purpose, validate};
use tollgate::cert::{Certificate, Crl, CrlRules, Crls, Depth, Status, Store};

/// Certificates without a time of their own are valid from 1970 to 2969.
const ANY_TIME: i64 = 1_704_067_200;

/// No case may cost more, whatever it is made of (docs/performance.md, "Chains"). Debug builds are
/// about ten times slower.
const MOST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 100 } else { 2 });

/// How often one case may start over before its time counts: other work on the machine is no fault of it.
const TRIES: usize = 10;

#[derive(Deserialize)]
struct Suite {
    testcases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    validation_kind: String,
    trusted_certs: Vec<String>,
    untrusted_intermediates: Vec<String>,
    peer_certificate: String,
    validation_time: Option<String>,
    expected_result: String,
    max_chain_depth: Option<usize>,
    crls: Vec<String>,
}

/// Where we differ on purpose, and why: the difference must be there, and no other may be.
#[derive(Deserialize)]
struct Exceptions {
    reason: String,
    accepted_against_the_label: Vec<String>,
    refused_against_the_label: Vec<String>,
}

fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).unwrap()
}

fn read(pems: &[String]) -> Vec<Certificate> {
    // One that cannot be read is not there; it may be beside a good path.
    pems.iter().filter_map(|pem| Certificate::from_der(&der(pem)).ok()).collect()
}

/// An anchor that cannot be one is left out, as an administrator would after reading why.
fn store(pems: &[String]) -> Store {
    let usable = |pem: &&String| Store::new(read(&[(*pem).clone()]), Vec::new()).is_ok();
    let pems: Vec<String> = pems.iter().filter(usable).cloned().collect();
    Store::new(read(&pems), Vec::new()).unwrap()
}

fn run(case: &Case) -> Result<(), String> {
    let leaf =
        Certificate::from_der(&der(&case.peer_certificate)).map_err(|bad| bad.to_string())?;
    let (store, presented) = (store(&case.trusted_certs), read(&case.untrusted_intermediates));
    let now_s = case.validation_time.as_ref().map_or(ANY_TIME, |time| {
        // Fractions are cut, as everywhere.
        time.parse::<Timestamp>().unwrap().as_second()
    });
    let is_server = case.validation_kind == "SERVER";
    let profile = Profile {
        purpose: if is_server { Purpose::ServerAuth } else { Purpose::ClientAuth },
        leaf_must_say: false,
        most_intermediates: case.max_chain_depth.unwrap_or(6),
        peer_intermediates: true,
        ..Profile::GATE
    };
    let judge = || {
        let start = Instant::now();
        let path = validate(&leaf, &presented, &store, &profile, now_s);
        (start.elapsed(), path)
    };
    let (mut took, path) = judge();
    for _ in 1..TRIES {
        if took < MOST {
            break;
        }
        took = judge().0;
    }
    assert!(took < MOST, "{} took {took:?}", case.id);
    let path = path.map_err(|fault| format!("{fault:?}"))?;
    if case.crls.is_empty() {
        return Ok(());
    }
    // What the client brings may be on the path, but its lists have to be signed by a configured CA.
    let now = Now { unix_s: now_s, mono_ms: 0 };
    let read = |pem: &String| Crl::read(&der(pem), &store, now).map(Arc::new);
    let lists: Vec<_> = case.crls.iter().map(read).collect();
    let unread = format!("{lists:?}");
    let rules = CrlRules { grace_s: 0, depth: Depth::Path };
    let crls = Crls::new(lists.into_iter().flatten().collect(), rules, &store, now);
    let all: Vec<&Certificate> = store.anchors().chain(&presented).collect();
    let above = path.intermediates().iter().copied().chain([path.anchor()]);
    let above = above.map(|it| *all.iter().find(|other| other.thumbprint() == it).unwrap());
    let chain: Vec<&Certificate> = std::iter::once(&leaf).chain(above).collect();
    match crls.status(&store, &chain, now) {
        Status::Good => Ok(()),
        other => Err(format!("{other:?}, of {unread}")),
    }
}

#[test]
fn limbo_agrees_but_for_named_exceptions() {
    let Ok(vectors) = std::env::var("TOLLGATE_VECTORS") else {
        eprintln!(
            "\nSKIPPED: x509-limbo: TOLLGATE_VECTORS names no folder with limbo/limbo-core.json"
        );
        return;
    };
    let suite = fs::read(Path::new(&vectors).join("limbo/limbo-core.json")).unwrap();
    let suite: Suite = serde_json::from_slice(&suite).unwrap();
    let listed =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/limbo_exceptions.json"));
    let listed: Vec<Exceptions> = serde_json::from_slice(&listed.unwrap()).unwrap();

    let mut expected = BTreeMap::new();
    for Exceptions { reason, accepted_against_the_label, refused_against_the_label } in &listed {
        assert!(!reason.is_empty());
        let accepted = accepted_against_the_label.iter().map(|id| (id.as_str(), "accepted"));
        let refused = refused_against_the_label.iter().map(|id| (id.as_str(), "refused"));
        for (id, how) in accepted.chain(refused) {
            assert!(expected.insert(id, how).is_none(), "{id} is listed twice");
        }
    }

    let cases = &suite.testcases;
    let with_lists = cases.iter().filter(|case| !case.crls.is_empty()).count();
    assert_eq!((cases.len(), with_lists), (208, 8), "the suite has changed");
    let mut problems = Vec::new();
    let mut agreed = 0;
    for case in cases {
        let ours = run(case);
        let difference = match (case.expected_result.as_str(), &ours) {
            ("SUCCESS", Ok(())) | ("FAILURE", Err(_)) => None,
            ("FAILURE", Ok(())) => Some("accepted"),
            ("SUCCESS", Err(_)) => Some("refused"),
            (label, _) => panic!("{}: label {label}", case.id),
        };
        match (difference, expected.remove(case.id.as_str())) {
            (None, None) => agreed += 1,
            (Some(how), Some(listed)) if how == listed => {}
            (Some(how), _) => problems.push(format!("{} is {how}: {ours:?}", case.id)),
            (None, Some(_)) => {
                problems.push(format!("{} agrees now: take it off the list", case.id));
            }
        }
    }
    problems.extend(expected.keys().map(|id| format!("{id} is listed, and there is no such case")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let line = format!("limbo: {agreed} of 208 as labelled, {} named exceptions\n", 208 - agreed);
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}
