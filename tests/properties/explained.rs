//! An explanation ends where the refusal came from: an operator who reads the last step has the
//! cause before his eyes.

use proptest::prelude::*;
use serde_json::{Value, json};
use tollgate::{Ask, Now, Reason, Request, Scenario, WindowsVersion};

use super::config;
use super::house::{
    DEVICE, ED25519, ED25519_TOO, ES256, Genuine, HOUSE, HS256, NOW, OPEN, PARTNER, PLANT,
    Presented, RS256, STRICT, USER, gap,
};
use super::strategy::{ask, now, presented};

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn the_last_step_of_a_refusal_did_not_hold(
        Presented(token) in presented(), ask in ask(), now in now(), strict in any::<bool>(),
    ) {
        let gate = if strict { &HOUSE.strict } else { &HOUSE.open };
        let gap = gap(&gate.explain(&Request::token(&token), &ask, now));
        prop_assert!(gap.is_none(), "{}", gap.unwrap_or_default());
    }
}

#[test]
fn a_request_without_a_token_is_explained_too() {
    let explanation = HOUSE.open.explain(&Request::empty(), &OPEN, NOW);
    assert_eq!(explanation.verdict.refusal(), Some(Reason::NoCredential.into()));
    assert_eq!(gap(&explanation), None);
}

/// Who reads an explanation could otherwise use the token.
#[test]
fn an_explanation_never_shows_a_signature() {
    for token in &HOUSE.genuine {
        let (message, signature) = token.text.rsplit_once('.').expect("a token has dots");
        let turned: String = signature.chars().rev().collect();
        for text in [token.text.clone(), format!("{message}.{turned}"), format!(".{signature}.")] {
            let shown =
                format!("{:?}", HOUSE.open.explain(&Request::token(text.as_bytes()), &OPEN, NOW));
            for secret in [signature, &turned] {
                assert!(!shown.contains(&secret[1..secret.len() - 1]), "{shown}");
            }
        }
    }
}

/// The refusals of a proven token, each provoked by one change; all gaps in one list.
#[test]
fn each_refusal_of_a_proven_token_has_its_step() {
    let long = "x".repeat(2_000);
    let (user, device) = (HOUSE.token(ED25519, USER), HOUSE.token(ED25519, DEVICE));
    let changes: [(&Genuine, &str, Value, Reason); 15] = [
        (user, "cnf", json!({ "jkt": "x" }), Reason::ProofMissing),
        (user, "idtyp", json!("app"), Reason::AppOnly),
        (user, "idtyp", json!("robot"), Reason::KindUnclear),
        (user, "oid", Value::Null, Reason::ClaimMissing),
        (user, "oid", json!("somebody"), Reason::ClaimType),
        (user, "deviceid", json!("something"), Reason::ClaimType),
        (device, "deviceid", Value::Null, Reason::ClaimMissing),
        (user, "sub", Value::Null, Reason::ClaimMissing),
        (user, "sub", json!(""), Reason::ClaimType),
        (user, "sub", json!("a\nb"), Reason::ClaimType),
        (user, "sub", json!(long), Reason::ClaimTooLong),
        (user, "exp", json!(1), Reason::TimesContradict),
        (user, "nbf", json!(NOW.unix_s + 400), Reason::NotYetValid),
        (user, "iat", json!(NOW.unix_s + 400), Reason::IssuedInFuture),
        (user, "exp", json!(NOW.unix_s + 1_000_000), Reason::LifetimeTooLong),
    ];
    let mut gaps = Vec::new();
    for (genuine, name, value, reason) in changes {
        let mut claims = genuine.claims.clone();
        match value {
            // Null stands for: not there.
            Value::Null => drop(claims.as_object_mut().map(|claims| claims.remove(name))),
            value => claims[name] = value,
        }
        let token = HOUSE.signers[genuine.signer].sign(&claims.to_string());
        let explanation = HOUSE.open.explain(&Request::token(token.as_bytes()), &OPEN, NOW);
        let got = explanation.verdict.refusal().map(|refusal| refusal.reason);
        assert_eq!(got, Some(reason), "{name} = {}", claims[name]);
        gaps.extend(gap(&explanation).map(|gap| format!("{name}: {gap}")));
    }
    assert!(gaps.is_empty(), "refusals without a step that failed:\n{}", gaps.join("\n"));
}

/// What policy refuses, each by a genuine token at the strict gate.
#[test]
fn each_refusal_by_policy_has_its_step() {
    let windows = |major| Some(WindowsVersion { major, minor: 0, build: 19_045 });
    let strict =
        Ask { endpoint: STRICT, scenario: Scenario::User, windows: windows(10), source: None };
    let late = Now { unix_s: NOW.unix_s + 90_000, ..NOW };
    let fresh = Now { mono_ms: NOW.mono_ms - 1, ..NOW };
    let undiscovered = HOUSE.token(HS256, USER);
    let not_imported = HOUSE.token(ED25519, USER);
    let disabled = HOUSE.token(ED25519_TOO, USER);
    let other_app = HOUSE.token(ES256, USER);
    let device = HOUSE.token(ES256, DEVICE);
    let stale = HOUSE.token(RS256, USER);
    let plant = HOUSE.token(PLANT, 0);
    for (token, ask, now, reason) in [
        (undiscovered, Ask { endpoint: "other", ..OPEN }, NOW, Reason::EndpointUnknown),
        (undiscovered, OPEN, NOW, Reason::UserNotDiscovered),
        (undiscovered, OPEN, late, Reason::UserNotDiscovered),
        (not_imported, OPEN, NOW, Reason::DeviceNotImported),
        (disabled, OPEN, NOW, Reason::TenantDisabled),
        (other_app, OPEN, NOW, Reason::ClientAppNotAllowed),
        (plant, OPEN, NOW, Reason::NotJoined),
        (device, OPEN, late, Reason::Expired),
        (device, Ask { scenario: Scenario::Device, ..strict }, NOW, Reason::ScenarioNotEnabled),
        (device, strict, NOW, Reason::UserNeeded),
        (stale, OPEN, NOW, Reason::KeysStale),
        (stale, Ask { windows: None, ..strict }, fresh, Reason::WindowsUnknown),
        (stale, Ask { windows: windows(6), ..strict }, fresh, Reason::WindowsTooOld),
        (stale, strict, fresh, Reason::RoleMissing),
    ] {
        let request = Request::token(token.text.as_bytes());
        let explanation = HOUSE.strict.explain(&request, &ask, now);
        let got = explanation.verdict.refusal().map(|refusal| refusal.reason);
        assert_eq!((got, gap(&explanation)), (Some(reason), None), "{ask:?}, {}", token.claims);
    }
}

/// The counterpart: an admission by every rule, explained to its end.
#[test]
fn an_admission_by_policy_holds_at_each_step() {
    let alice = HOUSE.token(PARTNER, 0);
    let strict = Ask { endpoint: STRICT, scenario: Scenario::User, windows: None, source: None };
    let explanation = HOUSE.strict.explain(&Request::token(alice.text.as_bytes()), &strict, NOW);
    assert_eq!(gap(&explanation), None);
    let admission = explanation.verdict.admission().expect("nothing is wrong with alice");
    let claims = admission.claims();
    let aud = alice.claims["aud"].to_string();
    assert_eq!(claims, [("name", "alice".into()), ("aud", aud.into())]);
}
