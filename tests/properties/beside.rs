//! Certificates, alone and beside tokens: a peer opens nothing but what is bound to it or issued to
//! it, and strangers learn nothing.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use tollgate::{Ask, Class, Peer, Reason, Request, Scenario, sample};

use super::chains::{changed, edit, signed_part};
use super::config;
use super::devices::{DEVICES, NO_PKI, judge, thumbprints};
use super::house::{ED25519, HOUSE, NOW, OPEN, Presented, USER, id};
use super::strategy::{now, presented};

#[test]
fn each_chain_alone_is_what_its_row_says() {
    for shown in &DEVICES.chains {
        for (way, peer) in [("direct", direct(&shown.chain)), ("forwarded", passed(&shown.chain))] {
            let verdict = judge(&Request::peer(&peer), &OPEN, NOW);
            let got = verdict.admission().map(|admission| id(&admission.principal()));
            assert_eq!(got.as_deref(), shown.is, "{way} {}: {verdict:?}", shown.name);
        }
    }
}

proptest! {
    #![proptest_config(config(2_000))]

    /// No token here is bound to any of these keys, so a peer cannot make one better; and what is
    /// definitely wrong with a token no certificate mends.
    #[test]
    fn a_peer_makes_no_token_better(
        Presented(token) in presented(), peer in peer(), ask in ask(), now in now(),
    ) {
        let request = Request::token(&token);
        let alone = judge(&request, &ask, now);
        let beside = judge(&request.with_peer(Some(&peer)), &ask, now);
        match (alone.admission(), beside.admission()) {
            (Some(alone), Some(beside)) => {
                prop_assert_eq!(id(&alone.principal()), id(&beside.principal()));
                prop_assert!(!beside.principal().bound);
                prop_assert!(beside.expires_s() <= alone.expires_s());
            }
            (None, Some(_)) => prop_assert!(token.is_empty(), "{alone:?}, yet {beside:?}"),
            (_, None) => {}
        }
        let definite = |reason: Reason| {
            // Of a token that is bound another thing is said where there is somebody to prove it.
            reason.class() != Class::Undecidable && reason != Reason::ProofMissing
        };
        if let Some(refusal) = alone.refusal()
            && definite(refusal.reason)
            && !token.is_empty()
        {
            prop_assert_eq!(beside.refusal(), Some(refusal));
        }
    }

    /// Outsiders see the class of a refusal. Whoever has nothing that a configured PKI issued is told
    /// that he proves nothing, whatever his certificate looks like.
    #[test]
    fn a_changed_certificate_is_nobodys_and_is_told_so(
        chain in changed(), is_direct in any::<bool>(), ask in ask(), now in now(),
    ) {
        let peer = if is_direct { Peer::new(slices(&chain)).ok() } else { DEVICES.forwarded(&chain) };
        let Some(peer) = peer else { return Ok(()) };
        let owner = DEVICES.chains.iter().find(|shown| shown.chain[0] == chain[0]);
        let verdict = judge(&Request::peer(&peer), &ask, now);
        match (verdict.admission(), owner) {
            (Some(admission), Some(owner)) => {
                prop_assert!(owner.is_ours, "{}", owner.name);
                let is = DEVICES.chains.iter().filter(|shown| shown.chain[0] == chain[0]);
                let is: Vec<_> = is.filter_map(|shown| shown.is).collect();
                // At another time the one that has ended is its own, too.
                let is_other = owner.name == "ended";
                prop_assert!(is_other || is.contains(&id(&admission.principal()).as_str()));
            }
            (Some(admission), None) => prop_assert!(false, "{:?} by {chain:?}", admission),
            (None, owner) if !owner.is_some_and(|owner| owner.is_ours) => {
                let class = verdict.refusal().map(|refusal| refusal.reason.class());
                prop_assert_eq!(class, Some(Class::Untrusted), "{:?}", verdict);
                let token = Some(HOUSE.token(ED25519, USER).text.as_bytes());
                let verdict = judge(&Request::peer(&peer).with_token(token), &OPEN, NOW);
                let admission = verdict.admission().expect("beside a token it is ignored");
                prop_assert!(admission.certificate().is_none() && !admission.principal().bound);
            }
            (None, _) => {}
        }
    }

    /// A CA signs much. Whatever it signs is judged alike twice, and explained.
    #[test]
    fn whatever_a_configured_ca_signed_gets_a_verdict(
        edits in prop::collection::vec(edit(), 0..4), now in now(), beside in any::<bool>(),
    ) {
        let mut signed_part = signed_part(&DEVICES.chains[0].chain[0]).to_vec();
        edits.iter().for_each(|edit| edit.apply(&mut signed_part));
        let der = DEVICES.sign(&signed_part);
        if let Ok(peer) = Peer::new([der.as_slice()]) {
            let token = beside.then(|| HOUSE.token(ED25519, USER).text.as_bytes());
            let _ = judge(&Request::peer(&peer).with_token(token), &OPEN, now);
        }
    }

    /// Against a reader of `cnf` that knows nothing of ours.
    #[test]
    fn a_bound_token_admits_its_holder_and_nobody_else(
        cnf in cnf(), site in 0..3_usize, holder in peer(), is_there in any::<bool>(),
    ) {
        let mut claims = match DEVICES.sites.get(site) {
            Some(site) => site.claims(),
            None => HOUSE.token(ED25519, USER).claims.clone(),
        };
        claims["cnf"] = json!("here");
        let text = claims.to_string().replace("\"here\"", &cnf);
        let token = match DEVICES.sites.get(site) {
            Some(site) => site.sign(&text),
            None => HOUSE.signers[ED25519].sign(&text),
        };
        let peer = Some(&holder).filter(|_| is_there);
        let request = Request::token(token.as_bytes()).with_peer(peer);
        let verdict = judge(&request, &OPEN, NOW);
        let proves = peer.is_some_and(|peer| !peer.is_forwarded() && names(&cnf, peer));
        prop_assert_eq!(verdict.is_admitted(), proves, "{}: {:?}", cnf, verdict);
        if let Some(admission) = verdict.admission() {
            prop_assert!(admission.principal().bound && admission.certificate().is_none());
        }
    }
}

/// A bulk token is for many, and admits none of them to anything.
#[test]
fn bulk_tokens_admit_nobody_anywhere() {
    let [ours, configmgr] = &DEVICES.sites;
    let mut bulk = ours.claims();
    bulk["aud"] = json!("urn:tollgate:registration");
    let header = json!({ "typ": "tollgate-bulk+jwt", "alg": "ES256", "kid": "one" }).to_string();
    let mut theirs = configmgr.claims();
    theirs["SCCMTokenCategory"] = json!("SCCMPreAuthToken");
    for shown in &DEVICES.chains {
        let peer = direct(&shown.chain);
        let [certificate, key] = thumbprints(&peer);
        for claims in [&mut bulk, &mut theirs] {
            claims["cnf"] = json!({ "x5t#S256": certificate, "jkt": key });
        }
        let tokens = [
            tollgate::jws::sign(&header, bulk.to_string().as_bytes(), &ours.key),
            configmgr.sign(&theirs.to_string()),
        ];
        for token in tokens {
            for peer in [None, Some(&peer)] {
                let request = Request::token(token.as_bytes()).with_peer(peer);
                let got = judge(&request, &OPEN, NOW).refusal().map(|refusal| refusal.reason);
                assert_eq!(got, Some(Reason::RegistrationOnly), "{}", shown.name);
            }
        }
    }
}

/// What a `cnf` names, read in another way: every known member has to be a text that is the peer's.
fn names(cnf: &str, peer: &Peer) -> bool {
    let [certificate, key] = thumbprints(peer);
    let Ok(Value::Object(members)) = serde_json::from_str(cnf) else { return false };
    let known = [("x5t#S256", certificate), ("jkt", key)];
    let mut there = known.iter().filter_map(|(name, own)| Some((members.get(*name)?, own)));
    let is_named = known.iter().any(|(name, _)| members.contains_key(*name));
    is_named && there.all(|(value, own)| value.as_str() == Some(own))
}

/// `cnf` as JSON text: of the peers here, of nobody, broken, escaped.
fn cnf() -> impl Strategy<Value = String> {
    let name =
        select(&["x5t#S256", "jkt", "JKT", "x5t#s256", "x5t", "kid", "j\\u006bt", "jwk"][..]);
    let thumbprint = (peer(), 0..2_usize).prop_map(|(peer, at)| thumbprints(&peer)[at].clone());
    let text = thumbprint.prop_flat_map(|text| {
        let padded = format!("{text}=");
        let short = text[1..].to_string();
        let escaped = format!("\\u{:04x}{}", u32::from(text.as_bytes()[0]), &text[1..]);
        prop_oneof![8 => Just(text), 2 => Just(escaped), 1 => Just(padded), 1 => Just(short)]
    });
    let value = prop_oneof![
        8 => text.prop_map(|text| format!("\"{text}\"")),
        1 => select(&["null", "1", "[]", "{}", "\"\"", "true"][..]).prop_map(String::from),
    ];
    let member = (name, value).prop_map(|(name, value)| format!("\"{name}\":{value}"));
    let members = prop::collection::vec(member, 0..4);
    let object = members.prop_map(|mut members| {
        // Twice in one object is refused for itself.
        let name =
            |member: &String| member.split("\":").next().map(|name| name.replace("\\u006b", "k"));
        members.sort_by_key(name);
        members.dedup_by_key(|member| name(member));
        format!("{{{}}}", members.join(","))
    });
    prop_oneof![12 => object, 1 => select(&["null", "[]", "\"x\"", "7"][..]).prop_map(String::from)]
}

fn peer() -> impl Strategy<Value = Peer> {
    (0..DEVICES.chains.len(), prop::bool::weighted(0.8)).prop_map(|(at, is_direct)| {
        let chain = &DEVICES.chains[at].chain;
        if is_direct { direct(chain) } else { passed(chain) }
    })
}

fn ask() -> impl Strategy<Value = Ask<'static>> {
    let endpoint = prop_oneof![4 => Just(sample::ENDPOINT), 1 => Just(NO_PKI)];
    (endpoint, select(&Scenario::ALL[..])).prop_map(|(endpoint, scenario)| Ask {
        endpoint,
        scenario,
        windows: None,
        source: None,
    })
}

fn direct(chain: &[Vec<u8>]) -> Peer {
    Peer::new(slices(chain)).expect("a chain that can be read")
}

fn passed(chain: &[Vec<u8>]) -> Peer {
    DEVICES.forwarded(chain).expect("a chain that can be passed on")
}

fn slices(chain: &[Vec<u8>]) -> impl Iterator<Item = &[u8]> {
    chain.iter().map(Vec::as_slice)
}
