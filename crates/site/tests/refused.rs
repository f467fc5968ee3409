//! Everything that registration and renewal refuse, each by its own reason; and what an attacker tries.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::{
    ADMIN, DAY_S, Device, INTERNAL, INTERNET, ISSUER, Made, NOW_S, SITE, site, site_with, why,
};
use tollgate::jws::{Keys, public_jwk, sign};
use tollgate::policy::{Mode, Network};
use tollgate::{
    Admission, Algorithm, Ask, Gate, Guid, Now, Peer, Policy, Request, Scenario, Trust, Verdict,
    sample, site::Site,
};
use tollgate_site::{
    Approval, Authority, ClientRequest, Confirmation, Denied, EnrolmentReason, NewBulkToken, Order,
    Place, Proof, Provenance, Registered, Registration, Target, Terms, Voucher,
};

/// A proof to register by `bulk`, with claims changed.
fn changed(device: &Device, bulk: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = device.claims("register", Some(bulk), "j", NOW_S);
    change(&mut claims);
    device.sign(&claims)
}

/// What a registration by this proof is refused for.
fn refused(made: &Made, bulk: &str, proof: &str) -> &'static str {
    let device = Device::new();
    why(device.ask(&made.site, Voucher::Bulk(bulk), proof, INTERNET, NOW_S))
}

#[test]
fn a_proof_is_for_this_site_this_act_this_token_and_now() {
    let made = site();
    let (bulk, other) = (made.bulk(NOW_S), made.bulk(NOW_S));
    let device = Device::new();
    let case = |change: &dyn Fn(&mut Value)| {
        refused(&made, &bulk, &changed(&device, &bulk, |claims| change(claims)))
    };
    assert_eq!(case(&|claims| claims["aud"] = "urn:tollgate:gate".into()), "proof_audience");
    assert_eq!(case(&|claims| claims["act"] = "renew".into()), "proof_act");
    assert_eq!(case(&|claims| claims["iat"] = (NOW_S - 301).into()), "proof_time");
    assert_eq!(case(&|claims| claims["iat"] = (NOW_S + 301).into()), "proof_time");
    assert_eq!(case(&|claims| claims["iat"] = 1e300.into()), "proof_time");
    assert_eq!(case(&|claims| claims["jti"] = "".into()), "proof_claims");
    assert_eq!(case(&|claims| claims["jti"] = "x".repeat(65).into()), "proof_claims");
    assert_eq!(case(&|claims| claims["jti"] = 7.into()), "proof_claims");
    assert_eq!(case(&|claims| claims["ath"] = Value::Null), "proof_token");
    for name in ["aud", "act", "iat", "jti"] {
        let without = |claims: &mut Value| drop(claims.as_object_mut().unwrap().remove(name));
        assert_eq!(case(&without), "proof_claims", "{name}");
    }
    let without = |claims: &mut Value| drop(claims.as_object_mut().unwrap().remove("ath"));
    assert_eq!(case(&without), "proof_token");
    // A proof that was seen with one token is of no use with another.
    let stolen = device.proof("register", Some(&bulk), "j", NOW_S);
    assert_eq!(refused(&made, &other, &stolen), "proof_token");
    // A key that is named and not held.
    let victim = Device::new();
    let jwk = public_jwk(&victim.key, "");
    assert_eq!(case(&|claims| claims["cnf"]["jwk"] = jwk.clone()), "signature_wrong");
    assert_eq!(case(&|claims| claims["cnf"] = json!({ "jkt": "x" })), "claim_type");
    let without = |claims: &mut Value| drop(claims.as_object_mut().unwrap().remove("cnf"));
    assert_eq!(case(&without), "claim_missing");
    // A token of another kind, under the device's own key.
    let claims = device.claims("register", Some(&bulk), "j", NOW_S).to_string();
    for typ in ["JWT", "tollgate-client+jwt", "tollgate-bulk+jwt"] {
        let header = format!(r#"{{"typ":"{typ}","alg":"ES256"}}"#);
        assert_eq!(
            refused(&made, &bulk, &sign(&header, claims.as_bytes(), &device.key)),
            "proof_type"
        );
    }
    let brought =
        json!({ "typ": "tollgate-pop+jwt", "alg": "ES256", "jwk": public_jwk(&device.key, "") });
    let brought = sign(&brought.to_string(), claims.as_bytes(), &device.key);
    assert_eq!(refused(&made, &bulk, &brought), "header_key");
    assert_eq!(refused(&made, &bulk, "x"), "token_shape");
    let name = Device { name: "a\nb", ..Device::new() };
    assert_eq!(why(name.register(&made.site, &bulk, "j", NOW_S)), "device_name");
    // Nothing of all this counted.
    assert_eq!(made.site.bulk_tokens(support::FIRST).unwrap()[1].uses, 0);
}

#[test]
fn a_bulk_token_registers_whom_it_says_where_it_says() {
    let made = site();
    let scoped = NewBulkToken {
        endpoint: Some("branch".into()),
        device_name: Some("pc-*".into()),
        ..NewBulkToken::default()
    };
    let bulk = made.bulk_of(&scoped, NOW_S);
    let ask = |name: &'static str, endpoint: &'static str| {
        let device = Device { name, ..Device::new() };
        let proof = device.proof("register", Some(&bulk), "j", NOW_S);
        let endpoint = Place { name: endpoint, ..INTERNET };
        device.ask(&made.site, Voucher::Bulk(&bulk), &proof, endpoint, NOW_S)
    };
    assert_eq!(why(ask("pc-1", "internet")), "bulk_endpoint");
    assert_eq!(why(ask("mac-1", "branch")), "bulk_device");
    assert!(matches!(ask("PC-1", "branch"), Ok(Registered::Granted(_))));
    // Signed by the site, and known to nobody.
    let unknown = made.site.sign_bulk(&Default::default(), NOW_S).unwrap();
    assert_eq!(
        why(Device::new().register(&made.site, unknown.token(), "j", NOW_S)),
        "bulk_unknown"
    );
    // Another site's, and one that was altered.
    let other = site();
    let foreign = other.bulk(NOW_S);
    assert_eq!(why(Device::new().register(&made.site, &foreign, "j", NOW_S)), "key_unknown");
    // The same of a client.
    let nobody = Device::new();
    let request = ClientRequest::first(
        Guid([1; 16]),
        Provenance::Internal,
        Confirmation::Key(nobody.key.thumbprint()),
    );
    let unknown = made.site.sign_client(&request, NOW_S).unwrap();
    assert_eq!(why(nobody.renew(&made.site, unknown.token(), "j", NOW_S)), "client_unknown");
    // A client's token is no bulk token, and the other way round.
    let device = Device::new();
    let grant = device.register(&made.site, &made.bulk(NOW_S), "j", NOW_S).unwrap();
    let token = grant.issued.token();
    assert_eq!(why(device.register(&made.site, token, "j", NOW_S)), "unproven_type");
    assert_eq!(why(device.renew(&made.site, &bulk, "j", NOW_S)), "unproven_type");
    let early = NOW_S - 301;
    assert_eq!(why(Device::new().register(&made.site, &bulk, "j", early)), "not_yet_valid");
}

#[test]
fn lives_and_counts_have_bounds() {
    let made = site();
    let said = |wanted: &NewBulkToken| {
        made.site.new_bulk_token(wanted, ADMIN, NOW_S).unwrap_err().to_string()
    };
    let mut wanted = NewBulkToken::default();
    wanted.request.lifetime_minutes = 10_081;
    assert_eq!(said(&wanted), "a bulk token lives 5 to 10080 minutes, not 10081");
    let none = NewBulkToken { max_uses: Some(0), ..NewBulkToken::default() };
    assert_eq!(said(&none), "a bulk token registers at least one client");
    let label = NewBulkToken { label: "a\u{7}".into(), ..NewBulkToken::default() };
    assert!(said(&label).contains("control characters"), "{}", said(&label));
    assert!(made.site.bulk_tokens(support::FIRST).unwrap().is_empty());
}

/// A gate's word on a device of a tenant.
fn admitted(check: impl FnOnce(&Admission<'_>, &[u8])) {
    let tenant = sample::Tenant::new(Guid([0x77; 16]), Algorithm::Es256);
    let token = tenant.sign(&tenant.device_claims(1, NOW_S));
    let tenants = [tenant];
    let gate = sample::Tenant::gate(&tenants);
    let ask =
        Ask { endpoint: sample::ENDPOINT, scenario: Scenario::Device, windows: None, source: None };
    let request = Request::token(token.as_bytes());
    match gate.check(&request, &ask, Now { unix_s: NOW_S, mono_ms: 0 }) {
        Verdict::Admit(admission) => check(&admission, token.as_bytes()),
        Verdict::Refuse(refusal) => panic!("{refusal}"),
    }
}

#[test]
fn an_entra_token_registers_where_the_management_point_is_https() {
    admitted(|admission, token| {
        let made = site();
        let device = Device::new();
        let text = std::str::from_utf8(token).unwrap();
        let ask = |site: &Authority, mode, network| {
            let proof = device.proof("register", Some(text), "j", NOW_S);
            let endpoint = Place { name: "e", mode, network };
            let voucher = Voucher::Admitted { admission, presented: token };
            device.ask(site, voucher, &proof, endpoint, NOW_S)
        };
        assert_eq!(why(ask(&made.site, Mode::EHttp, Network::Internet)), "https_needed");
        let waits = ask(&made.site, Mode::EHttp, Network::Internal).unwrap();
        assert!(matches!(waits, Registered::Pending(_)), "{waits:?}");
        let tenant = admission.tenant().unwrap();
        let known = Terms { approval: Approval::KnownTenants(vec![tenant]), ..Terms::default() };
        let inside = site_with(known);
        let grant = support::granted(ask(&inside.site, Mode::EHttp, Network::Internal).unwrap());
        assert_eq!(grant.unwrap().generation, 1);
        let https = ask(&made.site, Mode::Https, Network::Internet).unwrap();
        let grant = support::granted(https).unwrap();
        let (client, _) = made.site.client(grant.client).unwrap();
        assert_eq!(client.provenance.to_string(), format!("entra:{tenant}"));
        assert_eq!(client.device, admission.device());
        assert_eq!(made.site.tenants().unwrap()[0].seen_s, Some(NOW_S));
        // The proof is about this very token.
        let proof = device.proof("register", Some("another"), "j", NOW_S);
        let voucher = Voucher::Admitted { admission, presented: token };
        assert_eq!(why(device.ask(&made.site, voucher, &proof, INTERNET, NOW_S)), "proof_token");
    });
}

#[test]
fn a_connection_proves_the_key_and_a_header_never_does() {
    let made = site_with(Terms { approval: Approval::All, ..Terms::default() });
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    let peer = Peer::new([certificate.der().as_ref()]).unwrap();
    let ask = |peer: &Peer, request: &str| {
        let proof = Proof::Connection { peer, request };
        let asked = Registration {
            voucher: Voucher::Network,
            proof,
            endpoint: INTERNAL,
            device_name: "pc",
        };
        made.site.register(&asked, NOW_S)
    };
    let first = support::granted(ask(&peer, "r1").unwrap()).unwrap();
    let same = support::granted(ask(&peer, "r1").unwrap()).unwrap();
    assert_eq!(first.issued.token(), same.issued.token());
    assert_eq!(why(ask(&peer, "")), "proof_claims");
    // The same certificate, as a proxy passes it on.
    let policy = Policy::new(300, Default::default(), vec![sample::endpoint()], Vec::new());
    let policy = policy.unwrap().with_senders(tollgate::Senders::parse(["unix"]).unwrap());
    let trust = Trust::new(Vec::new()).unwrap();
    let gate = Gate::new(trust, policy).unwrap();
    let der = base64(certificate.der());
    let header = format!(":{der}:");
    let headers = [("Client-Cert", header.as_bytes())];
    let forwarded = gate.forwarded(tollgate::Sender::Unix, headers).unwrap().unwrap();
    assert_eq!(forwarded.key_thumbprint(), peer.key_thumbprint());
    assert_eq!(why(ask(&forwarded, "r2")), "proof_missing");

    // A gate takes what was issued, with the connection of that key and with no other.
    let keys = std::fs::read(made.site.public_keys_file()).unwrap();
    let gate = gate_of(&keys);
    let token = first.issued.token();
    assert_eq!(judged(&gate, token, Some(&peer)), format!("site:{SITE}:{}", first.client));
    assert_eq!(judged(&gate, token, None), "proof_missing");
    // It vouches for nobody.
    let ask =
        Ask { endpoint: sample::ENDPOINT, scenario: Scenario::Device, windows: None, source: None };
    let request = Request::token(token.as_bytes()).with_peer(Some(&peer));
    let now = Now { unix_s: NOW_S, mono_ms: 0 };
    let Verdict::Admit(admission) = gate.check(&request, &ask, now) else { panic!("refused") };
    let voucher = Voucher::Admitted { admission: &admission, presented: token.as_bytes() };
    let other = Device::new();
    let proof = other.proof("register", Some(token), "j", NOW_S);
    assert_eq!(why(other.ask(&made.site, voucher, &proof, INTERNAL, NOW_S)), "voucher_unfit");
    // However the client came to be known.
    let tenant = Guid([0x77; 16]);
    let known = [Provenance::Internal, Provenance::Bulk(tenant), Provenance::Entra(tenant)];
    for provenance in known.into_iter().chain([Provenance::Pki]) {
        let key = Confirmation::Key(peer.key_thumbprint().unwrap());
        let request = ClientRequest::first(first.client, provenance, key);
        let issued = made.site.sign_client(&request, NOW_S).unwrap();
        let id = format!("site:{SITE}:{}", first.client);
        assert_eq!(judged(&gate, issued.token(), Some(&peer)), id, "{provenance}");
    }
}

fn base64(bytes: &[u8]) -> String {
    let url = tollgate::jws::base64url(bytes).replace('-', "+").replace('_', "/");
    let padding = "=".repeat((4 - url.len() % 4) % 4);
    url + &padding
}

fn gate_of(keys: &[u8]) -> Gate {
    let limits = Default::default();
    let rules = tollgate::jws::KeyRules {
        algorithms: &tollgate_site::ALGORITHMS,
        secrets: false,
        cloud_instance: None,
        limits: &limits,
    };
    let (keys, _) = tollgate::jws::KeySet::from_json(keys, &rules).unwrap();
    let keys = Keys::new(keys, u64::MAX);
    let trusted = Site { id: SITE, format: tollgate::site::Format::Tollgate, keys };
    let trust = Trust::new(Vec::new()).unwrap().with_sites(vec![trusted]).unwrap();
    let policy = Policy::new(300, limits, vec![sample::endpoint()], Vec::new());
    Gate::new(trust, policy.unwrap()).unwrap()
}

fn judged(gate: &Gate, token: &str, peer: Option<&Peer>) -> String {
    let ask =
        Ask { endpoint: sample::ENDPOINT, scenario: Scenario::Device, windows: None, source: None };
    let request = Request::token(token.as_bytes()).with_peer(peer);
    match gate.check(&request, &ask, Now { unix_s: NOW_S, mono_ms: 0 }) {
        Verdict::Admit(admission) => admission.principal().id().to_string(),
        Verdict::Refuse(refusal) => refusal.reason.name().into(),
    }
}

#[test]
fn of_two_renewals_at_once_one_is_first() {
    let made = site();
    let device = Device::new();
    let first = device.register(&made.site, &made.bulk(NOW_S), "r", NOW_S).unwrap();
    let (token, day_30) = (first.issued.token(), NOW_S + 30 * DAY_S);
    let answers: Vec<_> = std::thread::scope(|scope| {
        let renew = |jti: String| {
            let (device, site) = (&device, &made.site);
            scope.spawn(move || device.renew(site, token, &jti, day_30))
        };
        let running: Vec<_> = (0..8).map(|round| renew(format!("n{round}"))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    // The first, and the one that is forgiven; the others are alarms.
    let granted = answers.iter().filter(|answer| answer.is_ok()).count();
    let alarms = answers.into_iter().filter_map(Result::err);
    let alarms: Vec<_> = alarms.map(|denied: Denied| denied.name()).collect();
    assert_eq!((granted, alarms), (2, vec!["generation_over"; 6]));
    let (client, _) = made.site.client(first.client).unwrap();
    assert_eq!((client.generation, client.graces, client.alarms), (2, 1, 6));
}

#[test]
fn what_was_issued_before_a_time_can_be_refused() {
    let made = site();
    let site = &made.site;
    let device = Device::new();
    let first = device.register(site, &made.bulk(NOW_S), "r", NOW_S).unwrap();
    let old_bulk = made.bulk(NOW_S);
    let order = Order { issued_before_s: Some(NOW_S + 5), ..Order::default() };
    site.withdraw(&[Target::Site], &order, ADMIN, NOW_S + 10).unwrap();
    let day_30 = NOW_S + 30 * DAY_S;
    assert_eq!(why(device.renew(site, first.issued.token(), "n", NOW_S + 11)), "issued_before");
    assert_eq!(why(Device::new().register(site, &old_bulk, "r", NOW_S + 11)), "issued_before");
    // What is issued later is good, for the same device too.
    let bulk = made.bulk(NOW_S + 11);
    let again = device.register(site, &bulk, "r2", NOW_S + 12).unwrap();
    assert_eq!((again.client, again.generation), (first.client, 2));
    for (order, expected) in [
        (Order::default(), "withdraw site needs --issued-before"),
        (Order { issued_before_s: Some(day_30), ..Order::default() }, "is in the future"),
        (Order { issued_before_s: Some(0), ..Order::default() }, "before anything was issued"),
        (Order { cascade: true, ..Order::default() }, "withdraw site needs"),
    ] {
        let said = site.withdraw(&[Target::Site], &order, ADMIN, NOW_S + 20).unwrap_err();
        assert!(said.to_string().contains(expected), "{said}");
    }
}

#[test]
fn every_reason_is_given_somewhere() {
    // What the tests of this crate see refused, and where.
    let seen: BTreeSet<_> = [
        include_str!("refused.rs"),
        include_str!("life.rs"),
        include_str!("keys.rs"),
        include_str!("faults.rs"),
        include_str!("safekeeping.rs"),
    ]
    .iter()
    .flat_map(|text| text.split('"'))
    .collect();
    for reason in EnrolmentReason::ALL {
        assert!(
            seen.contains(reason.name()),
            "no test sees {} ({})",
            reason.name(),
            reason.number()
        );
        assert_eq!(reason.number() / 1_000, reason.class() as u16 / 1_000);
        assert!(reason.number() % 1_000 >= 500, "{} is a number of the core's", reason.number());
    }
    let numbers: BTreeSet<_> = EnrolmentReason::ALL.iter().map(|reason| reason.number()).collect();
    assert_eq!(numbers.len(), EnrolmentReason::ALL.len());
    assert_eq!(ISSUER, format!("urn:tollgate:site:{SITE}"));
}
