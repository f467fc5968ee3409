//! The tokens that a running provider gives of its own accord (RFC 9068): nobody here wrote a word
//! of them.

use serde_json::{Map, Value, json};

use super::draft::Ask;
use super::gateway::{Provider, SKEW_S};
use super::refusal::*;
use super::signer::Answer;
use super::spliced::spliced;
use super::table::Expected::{Admitted, Refused, Unread};
use super::table::{ALGORITHMS, another};
use super::verdict::{Admission, Check, Principal};

/// What the provider calls the client that it gives tokens to.
const CLIENT: &str = "machine";

/// For how long it says that its tokens are good.
const LIVES_S: i64 = 600;

/// What is asked of the provider: for each algorithm a token as it comes, twice, and some with
/// claims of ours beside the provider's own.
pub(crate) fn jobs() -> Vec<Value> {
    let job = |alg: &str, what: &str, extra: Value| {
        let id = id(alg, what);
        json!({ "id": id, "kid": alg, "natural": true, "payload": extra })
    };
    let mut jobs = Vec::new();
    for alg in ALGORITHMS {
        jobs.push(job(alg, "good", json!({})));
        jobs.push(job(alg, "twin", json!({})));
    }
    jobs.push(job("RS256", "with a role", json!({ "roles": ["Gateway.Use"] })));
    jobs.push(job("RS256", "bound", json!({ "cnf": { "jkt": "0ZcOCORZNYy-DWpqq30jZyJ" } })));
    jobs.push(job("RS256", "with a wrong type", json!({ "azp": 7 })));
    jobs
}

/// What must come out of them.
pub(crate) fn checks(answer: &Answer, provider: Provider<'_>) -> Vec<Check> {
    let token = |alg: &str, what: &str| answer.token(&id(alg, what)).unwrap_or_default().to_owned();
    let check = |name: String, token: String, ask, expected| match expected {
        Admitted => {
            let admission = admission(&token, provider);
            Check::admitted(name, token, ask, admission)
        }
        Unread(refusal) => Check::refused(name, token, ask, refusal, None),
        Refused(refusal) => Check::refused(name, token, ask, refusal, Some("oidc")),
    };
    let mut checks = Vec::new();
    for alg in ALGORITHMS {
        let (good, twin) = (token(alg, "good"), token(alg, "twin"));
        let other = token(another(alg), "good");
        for (what, token, expected) in spliced(&good, &twin, &other) {
            checks.push(check(id(alg, what), token, ASK, expected));
        }
        checks.push(check(id(alg, "good"), good, ASK, Admitted));
        checks.push(check(id(alg, "twin"), twin, ASK, Admitted));
    }
    let [issued, ends] = ["iat", "exp"].map(|name| {
        let time = payload(&token("RS256", "good"))[name].as_i64();
        time.unwrap_or_else(|| panic!("a natural token has no {name}"))
    });
    assert_eq!(ends - issued, LIVES_S, "the provider was told how long its tokens live");
    let at = |endpoint| Ask { endpoint, ..ASK };
    let when = |at| Ask { at: Some(at), ..ASK };
    for (what, presented, ask, expected) in [
        ("good", "with its scope", at("reading"), Admitted),
        ("good", "without the scope", at("scoped"), Refused(SCOPE_MISSING)),
        ("good", "without the role", at("roled"), Refused(ROLE_MISSING)),
        ("good", "where only Entra is taken", at("entra-only"), Refused(METHOD_NOT_ENABLED)),
        ("good", "for a user", Ask { scenario: "user", ..ASK }, Refused(USER_NEEDED)),
        ("good", "at the end of the skew", when(ends + SKEW_S), Admitted),
        ("good", "after its end", when(ends + SKEW_S + 1), Refused(EXPIRED)),
        ("good", "at the start of the skew", when(issued - SKEW_S), Admitted),
        ("good", "before its start", when(issued - SKEW_S - 1), Refused(ISSUED_IN_FUTURE)),
        ("with a role", "that is required", at("roled"), Admitted),
        ("bound", "as a bearer token", ASK, Refused(PROOF_MISSING)),
        ("with a wrong type", "of azp", ASK, Unread(CLAIM_TYPE)),
    ] {
        let name = format!("{} {presented}", id("RS256", what));
        checks.push(check(name, token("RS256", what), ask, expected));
    }
    checks
}

/// Judged now: the provider has a clock of its own.
const ASK: Ask = Ask { endpoint: "open", scenario: "device", windows: None, at: None };

fn id(alg: &str, what: &str) -> String {
    format!("{alg}/natural/{what}")
}

fn admission(token: &str, provider: Provider<'_>) -> Admission {
    let expires_at = payload(token)["exp"].as_i64().expect("the provider's tokens end");
    let principal = Principal {
        id: format!("oidc:provider:{CLIENT}"),
        authority: provider.issuer.to_owned(),
        tenant: None,
        user: None,
        device: None,
        subject: CLIENT.to_owned(),
        bound: false,
    };
    Admission { method: "oidc", principal, expires_at, claims: Map::new() }
}

/// What a token says, read by a decoder that shares nothing with the one under test.
fn payload(token: &str) -> Value {
    let segment = token.split('.').nth(1).unwrap_or_default();
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for letter in segment.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => panic!("not base64url: {segment}"),
        };
        (bits, held) = (bits << 6 | u32::from(value), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{token}: {error}"))
}
