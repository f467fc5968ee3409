//! What must not run together: two people under one name, and what a forger may tell apart.

use serde_json::{Value, json};
use tollgate::oidc::{Form, Issuer};
use tollgate::policy::IssuerRules;
use tollgate::sample::{self, Tenant};
use tollgate::site::Site;
use tollgate::{Algorithm, Class, Gate, Guid, Kind, Limits, Policy, Trust, TrustError};

use super::devices::DEVICES;
use super::house::{ED25519, HOUSE, NOW, OPEN, id, judge, trust};

/// `oidc:<name>:<sub>` is one person. Where two issuers could give the same text, there must be no
/// trust in both.
#[test]
fn two_issuers_never_share_a_principal() {
    for pair in [[("a", "alice"), ("a", "alice")], [("a", "b:c"), ("a:b", "c")]] {
        let tenants = [1, 2].map(|number| Tenant::new(Guid([number; 16]), Algorithm::EdDsa));
        let named = tenants.iter().zip(pair);
        let issuers = named.clone().map(|(tenant, (name, _))| other_issuer(tenant, name));
        let Ok(trust) = Trust::new(issuers.collect()) else { continue };
        let rules = pair.map(|_| IssuerRules::default()).into();
        let policy = Policy::new(0, Limits::default(), vec![sample::endpoint()], rules);
        let gate = Gate::new(trust, policy.expect("one endpoint")).expect("rules for each issuer");
        let ids = named.map(|(tenant, (_, sub))| {
            let claims = json!({
                "iss": issuer_of(tenant), "aud": sample::AUDIENCE, "exp": NOW.unix_s + 60, "sub": sub,
            });
            let token = tenant.sign(&claims);
            let verdict = judge(&gate, token.as_bytes(), &OPEN, NOW);
            verdict.admission().map(|admission| id(&admission.principal()))
        });
        let ids: Vec<Option<String>> = ids.collect();
        assert_ne!(ids[0], ids[1], "two issuers, one principal: {pair:?}");
    }
}

/// `site:<site>:<client>` is one client; a client of ConfigMgr has the same form of name as ours.
#[test]
fn two_sites_never_share_a_principal() {
    let [ours, configmgr] = &DEVICES.sites;
    for (one, other) in [(ours, ours), (configmgr, configmgr), (ours, configmgr)] {
        let twin = Site { id: one.id, ..other.site() };
        let trusted = trust(&[]).with_sites(vec![one.site(), twin]);
        assert_eq!(trusted.err(), Some(TrustError::Twice(one.id.to_string().into())));
    }
}

fn issuer_of(tenant: &Tenant) -> String {
    format!("https://{}.example.org", tenant.id)
}

fn other_issuer(tenant: &Tenant, name: &str) -> Issuer {
    let form =
        Form::Oidc { issuer: issuer_of(tenant).into(), subject: "sub".into(), kind: Kind::User };
    Issuer { name: name.into(), form, ..tenant.issuer() }
}

/// Outsiders see the class of a refusal. Were it another one for a tenant that is configured, a
/// forger could find out which ones are, without any key.
#[test]
fn a_forger_cannot_map_what_is_configured() {
    let known = &HOUSE.signers[ED25519].tenant;
    let unknown = Tenant::new(Guid([0xee; 16]), known.key.algorithm());
    let header = |typ: &str, kid: &str| json!({ "typ": typ, "alg": "EdDSA", "kid": kid });
    let headers = [header("JWT", &known.kid()), header("JWT", "?"), header("other", "?")];
    let changes = [
        ("x", json!(1)),
        ("tid", Value::Null),
        ("tid", json!("")),
        ("tid", json!(Guid([9; 16]).to_string())),
        ("ver", json!("9.9")),
        ("ver", Value::Null),
        ("aud", json!("another")),
        ("oid", Value::Null),
        ("sub", Value::Null),
        ("exp", json!(1_000_000_000)),
        ("idtyp", json!("app")),
        ("cnf", json!({})),
    ];
    let mut told = Vec::new();
    for header in &headers {
        for (name, value) in &changes {
            let answers = [known, &unknown].map(|tenant| {
                let mut claims = tenant.user_claims(1, 900_000_000);
                match value {
                    // Null stands for: not there.
                    Value::Null => drop(claims.as_object_mut().map(|claims| claims.remove(*name))),
                    value => claims[*name] = value.clone(),
                }
                let forged = tollgate::jws::sign(
                    &header.to_string(),
                    claims.to_string().as_bytes(),
                    &unknown.key,
                );
                judge(&HOUSE.open, forged.as_bytes(), &OPEN, NOW).refusal()
            });
            let [ours, theirs] =
                answers.map(|refusal| refusal.expect("a forged token is refused").reason);
            if ours.class() != Class::Untrusted || theirs.class() != Class::Untrusted {
                told.push(format!(
                    "{name} = {value}: {} if known, else {}",
                    ours.name(),
                    theirs.name()
                ));
            }
        }
    }
    told.dedup();
    assert!(told.is_empty(), "the class tells who is configured:\n{}", told.join("\n"));
}
