//! NIST's PKITS, all 249 cases, through our path code and our revocation lists.
//!
//! The suite is not in this repository: `TOLLGATE_VECTORS` names the folder that holds `pkits/` (PKITS 1.0.1 as
//! BoringSSL packages it, with a manifest).

#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use tollgate::Now;
use tollgate::cert::path::{Profile, validate};
use tollgate::cert::{Certificate, Crl, CrlRules, Crls, Depth, Status, Store};

#[derive(Deserialize)]
struct Case {
    id: String,
    section: String,
    expected: String,
    invalid_because: Option<String>,
    validation_time: String,
    path: Vec<String>,
    extra_certs: Vec<String>,
    crls: Vec<String>,
}

/// Where we differ on purpose, and why: the difference must be there, and no other may be.
#[derive(Deserialize)]
struct Exceptions {
    reason: String,
    accepted_against_the_label: Vec<String>,
    refused_against_the_label: Vec<String>,
}

/// Sections that are about revocation: what is refused there by policy or path is another issue's, what is
/// accepted against the label is nobody's.
const OF_REVOCATION: [&str; 5] = ["4.4", "4.5", "4.7", "4.14", "4.15"];

fn run(case: &Case, folder: &Path) -> Result<(), String> {
    let certificate = |name: &String| {
        let der = fs::read(folder.join("certs").join(name)).unwrap();
        Certificate::from_der(&der).map_err(|bad| format!("{name}: {bad}"))
    };
    let (anchor, rest) = case.path.split_first().unwrap();
    let (leaf, between) = rest.split_last().unwrap();
    let leaf = certificate(leaf)?;
    // A CA that cannot be read is not there; an administrator would have been told.
    let between = between.iter().chain(&case.extra_certs).filter_map(|it| certificate(it).ok());
    let store = Store::new(vec![certificate(anchor)?], between.collect()).unwrap();
    let unix_s = case.validation_time.parse::<Timestamp>().unwrap().as_second();
    let now = Now { unix_s, mono_ms: 0 };
    let profile = Profile { leaf_must_say: false, ..Profile::GATE };
    let path = validate(&leaf, &[], &store, &profile, unix_s).map_err(|it| format!("{it:?}"))?;

    let mut unread = Vec::new();
    let mut lists = Vec::new();
    for name in &case.crls {
        let der = fs::read(folder.join("crls").join(name)).unwrap();
        match Crl::read(&der, &store, now) {
            Ok(list) => lists.push(Arc::new(list)),
            Err(why) => unread.push(format!("{name}: {why:?}")),
        }
    }
    let rules = CrlRules { grace_s: 0, depth: Depth::Path };
    let all = store.anchors().chain(store.intermediates());
    let all: Vec<&Certificate> = all.collect();
    let on_path = path.intermediates().iter().copied().chain([path.anchor()]);
    let above = on_path.map(|it| *all.iter().find(|other| other.thumbprint() == it).unwrap());
    let chain: Vec<&Certificate> = std::iter::once(&leaf).chain(above).collect();
    // Whatever the order of the files, the verdict is one.
    let asked = [lists.clone(), lists.iter().rev().cloned().collect()]
        .map(|lists| Crls::new(lists, rules, &store, now).status(&store, &chain, now));
    assert_eq!(asked[0], asked[1], "{}", case.id);
    match asked[0] {
        Status::Good => Ok(()),
        other => Err(format!("{other:?} {unread:?}")),
    }
}

#[test]
fn pkits_agrees_but_for_named_exceptions() {
    let Ok(vectors) = std::env::var("TOLLGATE_VECTORS") else {
        eprintln!("\nSKIPPED: PKITS: TOLLGATE_VECTORS names no folder with pkits/pkits.json");
        return;
    };
    let folder = PathBuf::from(vectors).join("pkits");
    let cases: Vec<Case> =
        serde_json::from_slice(&fs::read(folder.join("pkits.json")).unwrap()).unwrap();
    assert_eq!(cases.len(), 249);
    let listed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pkits_exceptions.json");
    let listed: Vec<Exceptions> = serde_json::from_slice(&fs::read(listed).unwrap()).unwrap();
    let mut expected = BTreeMap::new();
    for Exceptions { reason, accepted_against_the_label, refused_against_the_label } in &listed {
        let accepted = accepted_against_the_label.iter().map(|id| (id, true));
        for (id, is_accepted) in
            accepted.chain(refused_against_the_label.iter().map(|id| (id, false)))
        {
            let twice = expected.insert(id.as_str(), (is_accepted, reason.as_str()));
            assert!(twice.is_none(), "{id} is listed twice");
        }
    }

    let (mut wrong, mut sections) = (Vec::new(), BTreeMap::<&str, [usize; 3]>::new());
    let mut false_accepts = BTreeSet::new();
    for case in &cases {
        let outcome = run(case, &folder);
        let (is_valid, is_accepted) = (case.expected == "valid", outcome.is_ok());
        let said = match &outcome {
            Ok(()) => "accepted".to_owned(),
            Err(why) => format!("refused: {why}"),
        };
        let differs = is_valid != is_accepted;
        let section = case.section.split(' ').next().unwrap();
        let of_section = sections.entry(section).or_default();
        of_section[if !differs {
            0
        } else if is_accepted {
            1
        } else {
            2
        }] += 1;
        if differs && is_accepted && OF_REVOCATION.contains(&section) {
            false_accepts.insert(&case.id);
        }
        match (differs, expected.remove(case.id.as_str())) {
            (false, None) => {}
            (true, Some((listed, _))) if listed == is_accepted => {}
            (true, _) => wrong.push(format!(
                "{} is {} ({:?}), {said}",
                case.id, case.expected, case.invalid_because
            )),
            (false, Some((_, reason))) => {
                wrong.push(format!("{} agrees now, and is listed: {reason}", case.id));
            }
        }
    }
    for (section, [agree, accepted, refused]) in &sections {
        eprintln!(
            "PKITS {section}: {agree} agree, {accepted} accepted against the label, {refused} refused"
        );
    }
    for (id, (_, reason)) in expected {
        wrong.push(format!("{id} is listed and is no case: {reason}"));
    }
    assert!(false_accepts.is_empty(), "false accepts of revocation: {false_accepts:?}");
    assert!(wrong.is_empty(), "{} cases:\n  {}", wrong.len(), wrong.join("\n  "));
}
