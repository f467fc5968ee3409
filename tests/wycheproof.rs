//! Wycheproof's JWS vectors through the raw entry point: every label is met, or the deviation named.
//!
//! The labels are upstream's and are never edited. Where a strict verifier must disagree,
//! `wycheproof_exceptions.json` says so, and an exception that no longer applies is a failure too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Write;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};
use tollgate::jws::{KeyRules, KeySet, KeySetError, Unverified};
use tollgate::{Algorithm, Limits};

const FILE: &str = "wycheproof/json_web_signature_test.json";
const SHA256: &str = "8e687a06fe8359f4ec51480f1a9f73c8faebd6f4c01b818b843b44eee54fd5d9";
const CASES: usize = 401;
const DEVIATIONS: [u32; 8] = [346, 347, 350, 351, 367, 370, 372, 373];

/// Good signatures under keys that are not for signatures: `use: enc`, `key_ops: [encrypt]`.
const WRONG_PURPOSE: [u32; 4] = [353, 354, 355, 356];
/// The key says ES521, which is no algorithm.
const ALG_OF_NOBODY: [u32; 2] = [347, 351];

/// What a key of the file means that names no `alg`: all four of them were made for these. One for
/// each key type, so that such a key can only be refused for what else it says.
const WITHOUT_ALG: [Algorithm; 2] = [Algorithm::Rs256, Algorithm::Es256];

#[derive(Deserialize)]
struct Vectors {
    #[serde(rename = "numberOfTests")]
    count: usize,
    #[serde(rename = "testGroups")]
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    public: Option<Value>,
    private: Option<Value>,
    tests: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(rename = "tcId")]
    id: u32,
    comment: String,
    result: String,
    jws: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    #[serde(rename = "tcId")]
    id: u32,
    label: String,
    ours: String,
    reason: String,
}

#[test]
fn every_label_is_met_but_for_the_named_deviations() {
    let Some(vectors) = vectors("every_label_is_met_but_for_the_named_deviations") else { return };
    let exceptions = exceptions();
    let named: Vec<u32> = exceptions.keys().copied().collect();
    assert_eq!(named, DEVIATIONS, "the exceptions file names other cases than the vectors' README");

    let mut wrong = Vec::new();
    let (mut by_label, mut deviations) = (0, 0);
    let mut without_key = BTreeSet::new();
    for (group, case) in vectors.cases() {
        let key = group.key();
        let ours = judge(&case.jws, &key, algorithms_for(&key));
        if let Ours::NoKey(_) = ours {
            without_key.insert(case.id);
        }
        if let Ours::Valid(payload) = &ours
            && Some(payload) != payload_of(&case.jws).as_ref()
        {
            wrong.push(format!("{case}: accepted with the payload {payload:02x?}"));
        }
        let agrees = ours.label() == case.result;
        let exception = exceptions.get(&case.id);
        match exception {
            None if agrees => by_label += 1,
            None => wrong.push(format!("{case} is {:?} upstream and {ours} here", case.result)),
            Some(_) if agrees => wrong.push(format!("{case}: a stale exception, ours is {ours}")),
            Some(named) if named.label != case.result || named.ours != ours.to_string() => {
                wrong
                    .push(format!("{case}: upstream {:?}, ours {ours}; not as named", case.result));
            }
            Some(_) => deviations += 1,
        }
    }
    assert!(wrong.is_empty(), "{} disagreements:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((by_label, deviations), (CASES - DEVIATIONS.len(), DEVIATIONS.len()));
    // A key that is not read makes all its invalid cases pass; so no other key may fail.
    let expected = BTreeSet::from_iter([WRONG_PURPOSE.as_slice(), &ALG_OF_NOBODY].concat());
    assert_eq!(without_key, expected, "other keys than these were refused");
    let line = format!("wycheproof: {by_label} of {CASES} by label, {deviations} named deviations");
    say(std::io::stdout(), &line);
}

/// Each half alone would prove nothing: the key is refused for its purpose, and for nothing else.
#[test]
fn keys_for_another_purpose_are_refused_for_that_alone() {
    let Some(vectors) = vectors("keys_for_another_purpose_are_refused_for_that_alone") else {
        return;
    };
    for (group, case) in vectors.cases().filter(|(_, case)| WRONG_PURPOSE.contains(&case.id)) {
        let key = group.key();
        let clause = if key.get("use").is_some() { "`use`" } else { "`key_ops`" };
        let ours = judge(&case.jws, &key, algorithms_for(&key));
        let is_named = matches!(&ours, Ours::NoKey(why) if why.contains(clause));
        assert!(is_named, "{case}: the refusal does not name {clause}: {ours}");
        let freed = without(&key, &["use", "key_ops"]);
        let ours = judge(&case.jws, &freed, algorithms_for(&freed));
        assert_eq!(ours.label(), "valid", "{case}: refused for something else as well: {ours}");
    }
}

/// The four signatures are good ones: what refuses them is that the key's `alg` contradicts them.
#[test]
fn deviations_over_alg_are_refused_for_that_alone() {
    let Some(vectors) = vectors("deviations_over_alg_are_refused_for_that_alone") else { return };
    for (group, case) in vectors.cases().filter(|(_, case)| [346, 347, 350, 351].contains(&case.id))
    {
        let freed = without(&group.key(), &["alg"]);
        let ours = judge(&case.jws, &freed, &[Algorithm::Ps384, Algorithm::Es512]);
        assert_eq!(ours.label(), "valid", "{case}: refused for something else as well: {ours}");
    }
}

/// Our verdict over one case.
enum Ours {
    Valid(Vec<u8>),
    NoKey(String),
    Refused(&'static str),
}

impl Ours {
    fn label(&self) -> &'static str {
        if let Self::Valid(_) = self { "valid" } else { "invalid" }
    }
}

impl fmt::Display for Ours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid(_) => f.write_str("valid"),
            Self::NoKey(why) => write!(f, "no key: {why}"),
            Self::Refused(reason) => f.write_str(reason),
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tcId {} ({})", self.id, self.comment)
    }
}

impl Vectors {
    fn cases(&self) -> impl Iterator<Item = (&Group, &Case)> {
        self.groups.iter().flat_map(|group| group.tests.iter().map(move |case| (group, case)))
    }
}

impl Group {
    /// The public key; where there is none, the secret.
    fn key(&self) -> Value {
        self.public.as_ref().or(self.private.as_ref()).expect("each group has a key").clone()
    }
}

/// All of them, where the key itself says which one it is for.
fn algorithms_for(key: &Value) -> &'static [Algorithm] {
    if key.get("alg").is_some() { Algorithm::ALL } else { &WITHOUT_ALG }
}

fn judge(token: &str, key: &Value, algorithms: &[Algorithm]) -> Ours {
    let limits = Limits::default();
    let rules = KeyRules {
        algorithms,
        secrets: key["kty"] == "oct",
        cloud_instance: None,
        limits: &limits,
    };
    let set = match KeySet::from_json(json!({ "keys": [key] }).to_string().as_bytes(), &rules) {
        Ok((set, _)) => set,
        Err(KeySetError::NoUsableKey(warnings)) => {
            return Ours::NoKey(warnings.into_iter().map(|warning| warning.why).collect());
        }
        Err(error) => panic!("the key set itself was not read: {error}"),
    };
    let mut buffer = Vec::new();
    let verified = Unverified::parse(token.as_bytes(), &mut buffer, &limits)
        .and_then(|unverified| unverified.verify(&set));
    match verified {
        Ok(authentic) => Ours::Valid(authentic.payload().to_vec()),
        Err(refusal) => Ours::Refused(refusal.reason.name()),
    }
}

fn without(key: &Value, members: &[&str]) -> Value {
    let mut key = key.clone();
    let object = key.as_object_mut().expect("a JWK is an object");
    members.iter().for_each(|member| drop(object.remove(*member)));
    key
}

/// The bytes of the middle segment, by a decoder that shares nothing with the one under test.
fn payload_of(token: &str) -> Option<Vec<u8>> {
    let segment = token.split('.').nth(1)?;
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for letter in segment.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        (bits, held) = (bits << 6 | u32::from(value), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    (bits & ((1 << held) - 1) == 0).then_some(bytes)
}

/// The file, if the environment names it. Another file than the known one is a failure.
fn vectors(test: &str) -> Option<Vectors> {
    let Some(folder) = std::env::var_os("TOLLGATE_VECTORS") else {
        let banner = format!(
            "\n**** NOT RUN: {test}\n\
             **** TOLLGATE_VECTORS is not set; it has to name a folder that holds\n\
             **** {FILE}, which is upstream\n\
             **** C2SP/wycheproof, commit dac1dd4729fd1f8dd9e1e9f3dce51d783da6c166,\n\
             **** testvectors_v1/json_web_signature_test.json\n"
        );
        say(std::io::stderr(), &banner);
        return None;
    };
    let path = PathBuf::from(folder).join(FILE);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
    let digest: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, SHA256, "{} is not the file that the README names", path.display());
    let vectors: Vectors = serde_json::from_slice(&bytes).expect("the format of the README");
    let ids: Vec<u32> = vectors.cases().map(|(_, case)| case.id).collect();
    assert_eq!((vectors.count, ids.len()), (CASES, CASES), "the number of cases");
    assert!(ids.into_iter().eq(1..=CASES as u32), "tcId runs from 1 to {CASES}");
    Some(vectors)
}

fn exceptions() -> BTreeMap<u32, Exception> {
    let list: Vec<Exception> = serde_json::from_str(include_str!("wycheproof_exceptions.json"))
        .expect("the exceptions file is a list of {tcId, label, ours, reason}");
    assert!(list.iter().all(|exception| !exception.reason.is_empty()), "an exception says why");
    let count = list.len();
    let by_id: BTreeMap<_, _> =
        list.into_iter().map(|exception| (exception.id, exception)).collect();
    assert_eq!(by_id.len(), count, "an exception stands twice");
    by_id
}

/// Past the harness, which swallows what a passing test prints by macro.
fn say(mut stream: impl Write, text: &str) {
    writeln!(stream, "{text}").expect("standard streams are open");
}
