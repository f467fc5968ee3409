//! The gate as a host uses it: swaps, threads, and what an admission carries.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicBool, Ordering};

use tollgate::policy::{self, IssuerRules, Join};
use tollgate::sample::{self, Tenant};
use tollgate::{
    Algorithm, Ask, Gate, Guid, Kind, Limits, Method, Now, Policy, Reason, Request, Scenario,
    Trust, TrustError,
};

const NOW: Now = Now { unix_s: 1_790_000_000, mono_ms: 5_000 };
const ASK: Ask<'static> =
    Ask { endpoint: sample::ENDPOINT, scenario: Scenario::User, windows: None, source: None };

fn tenant(n: u8) -> Tenant {
    Tenant::new(Guid([n; 16]), Algorithm::Es256)
}

fn policy(rules: Vec<IssuerRules>) -> Policy {
    Policy::new(300, Limits::default(), vec![sample::endpoint()], rules).unwrap()
}

fn reason(gate: &Gate, token: &str) -> Option<Reason> {
    let verdict = gate.check(&Request::token(token.as_bytes()), &ASK, NOW);
    verdict.refusal().map(|refusal| refusal.reason)
}

#[test]
fn a_swap_holds_on_the_next_check() {
    let contoso = tenant(1);
    let token = contoso.sign(&contoso.user_claims(1, NOW.unix_s));
    let gate = Tenant::gate(&[contoso]);
    assert_eq!(reason(&gate, &token), None);

    let other = tenant(2);
    gate.replace(Trust::new(vec![other.issuer()]).unwrap(), policy(vec![IssuerRules::default()]))
        .unwrap();
    assert_eq!(reason(&gate, &token), Some(Reason::TenantUnknown));

    // The same tenant with another key of the same name.
    let same = tenant(1);
    gate.replace(Trust::new(vec![same.issuer()]).unwrap(), policy(vec![IssuerRules::default()]))
        .unwrap();
    assert_eq!(reason(&gate, &token), Some(Reason::SignatureWrong));
    let token = same.sign(&same.user_claims(1, NOW.unix_s));
    assert_eq!(reason(&gate, &token), None);

    let disabled = IssuerRules { enabled: false, ..IssuerRules::default() };
    gate.replace(Trust::new(vec![same.issuer()]).unwrap(), policy(vec![disabled])).unwrap();
    assert_eq!(reason(&gate, &token), Some(Reason::TenantDisabled));
}

#[test]
fn a_snapshot_that_does_not_fit_is_refused_and_the_old_one_stays() {
    let contoso = tenant(1);
    let token = contoso.sign(&contoso.user_claims(1, NOW.unix_s));
    let gate = Tenant::gate(&[tenant(3)]);
    let trust = Trust::new(vec![contoso.issuer()]).unwrap();
    assert_eq!(gate.replace(trust, policy(vec![])), Err(TrustError::RulesDoNotMatch));
    assert_eq!(reason(&gate, &token), Some(Reason::TenantUnknown));
}

#[test]
fn trust_refuses_what_must_never_be_trusted() {
    let accounts = Tenant::new(Guid::MICROSOFT_ACCOUNTS, Algorithm::EdDsa);
    assert_eq!(Trust::new(vec![accounts.issuer()]).unwrap_err(), TrustError::MicrosoftAccounts);
    let twice = vec![tenant(1).issuer(), tenant(1).issuer()];
    assert!(matches!(Trust::new(twice).unwrap_err(), TrustError::Twice(_)));
}

#[test]
fn freshness_is_judged_on_the_monotonic_clock() {
    let contoso = tenant(1);
    let token = contoso.sign(&contoso.user_claims(1, NOW.unix_s));
    let issuer = contoso.issuer();
    issuer.keys.believe_until(NOW.mono_ms + 1);
    let trust = Trust::new(vec![issuer]).unwrap();
    let gate = Gate::new(trust, policy(vec![IssuerRules::default()])).unwrap();
    let reason_at = |now: Now, token: &str| {
        let verdict = gate.check(&Request::token(token.as_bytes()), &ASK, now);
        verdict.refusal().map(|refusal| refusal.reason)
    };
    assert_eq!(reason_at(NOW, &token), None);
    let later = Now { mono_ms: NOW.mono_ms + 1, ..NOW };
    assert_eq!(reason_at(later, &token), Some(Reason::KeysStale));
    // A wall clock set back changes nothing of it.
    assert_eq!(
        reason_at(Now { unix_s: NOW.unix_s - 60, ..later }, &token),
        Some(Reason::KeysStale)
    );
    // A definite refusal that needs no key wins.
    let mut claims = contoso.user_claims(1, NOW.unix_s);
    claims["aud"] = "somebody else".into();
    assert_eq!(reason_at(later, &contoso.sign(&claims)), Some(Reason::UnprovenAudience));
}

#[test]
fn an_admission_says_who_and_until_when() {
    let contoso = tenant(0xab);
    let mut claims = contoso.user_claims(7, NOW.unix_s);
    claims["groups"] = serde_json::json!(["a", "b"]);
    let token = contoso.sign(&claims);
    let mut endpoint = sample::endpoint();
    endpoint.forward_claims = vec!["groups".into(), "name".into(), "absent".into()];
    let rules = IssuerRules {
        users: Some([sample::user(7)].into_iter().collect()),
        join: Join::Claim,
        ..IssuerRules::default()
    };
    let policy = Policy::new(300, Limits::default(), vec![endpoint], vec![rules]).unwrap();
    let gate = Gate::new(Trust::new(vec![contoso.issuer()]).unwrap(), policy).unwrap();
    let verdict = gate.check(&Request::token(token.as_bytes()), &ASK, NOW);
    let admission = verdict.admission().unwrap();
    let principal = admission.principal();
    let tenant = "abababab-abab-abab-abab-abababababab";
    let user = "00000000-0000-0001-0000-000000000007";
    assert_eq!(principal.id().to_string(), format!("entra:{tenant}:{user}"));
    assert_eq!(principal.authority, format!("https://login.microsoftonline.com/{tenant}/v2.0"));
    assert_eq!(principal.tenant, Guid::parse(tenant));
    assert_eq!(principal.user, Guid::parse(user));
    assert_eq!(principal.device, Guid::parse("00000000-0000-0002-0000-000000000007"));
    assert!(!principal.bound);
    assert_eq!((admission.method(), admission.kind()), (Method::Entra, Kind::User));
    assert_eq!(admission.window().ends, NOW.unix_s + 86_400);
    let claims = admission.claims();
    let claims: Vec<_> = claims.iter().map(|(name, text)| (*name, text.as_ref())).collect();
    assert_eq!(claims, [("groups", r#"["a","b"]"#), ("name", "Device User 000007")]);
}

#[test]
fn a_claim_too_long_to_forward_matters_only_where_it_is_forwarded() {
    let contoso = tenant(1);
    let mut claims = contoso.user_claims(1, NOW.unix_s);
    claims["department"] = "x".repeat(1025).into();
    let token = contoso.sign(&claims);
    let forwarding = policy::EndpointRules {
        name: "forwarding".into(),
        forward_claims: vec!["department".into()],
        ..sample::endpoint()
    };
    let endpoints = vec![sample::endpoint(), forwarding];
    let rules = vec![IssuerRules::default()];
    let policy = Policy::new(300, Limits::default(), endpoints, rules).unwrap();
    let gate = Gate::new(Trust::new(vec![contoso.issuer()]).unwrap(), policy).unwrap();
    assert_eq!(reason(&gate, &token), None);
    let ask = Ask { endpoint: "forwarding", ..ASK };
    let verdict = gate.check(&Request::token(token.as_bytes()), &ask, NOW);
    assert_eq!(verdict.refusal().unwrap().reason, Reason::ClaimTooLong);
}

#[test]
fn many_threads_and_a_swapper_never_meet_a_torn_snapshot() {
    let (one, two) = (tenant(1), tenant(2));
    let tokens = [&one, &two].map(|tenant| tenant.sign(&tenant.user_claims(1, NOW.unix_s)));
    let both = || {
        let trust = Trust::new(vec![one.issuer(), two.issuer()]).unwrap();
        (trust, policy(vec![IssuerRules::default(), IssuerRules::default()]))
    };
    let only_two = || {
        let trust = Trust::new(vec![two.issuer()]).unwrap();
        (trust, policy(vec![IssuerRules::default()]))
    };
    let (trust, rules) = both();
    let gate = Gate::new(trust, rules).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let got = reason(&gate, &tokens[0]);
                    assert!(matches!(got, None | Some(Reason::TenantUnknown)), "{got:?}");
                    assert_eq!(reason(&gate, &tokens[1]), None, "trusted in every snapshot");
                }
            });
        }
        for round in 0..200 {
            let (trust, rules) = if round % 2 == 0 { only_two() } else { both() };
            gate.replace(trust, rules).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
}
