//! A site's tokens between us and parties that are not us, over one private key: what we sign they
//! verify, what they sign we verify, and what was altered neither takes.

#![allow(clippy::unwrap_used)]

#[path = "counterparts/party.rs"]
mod party;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroU32;
use std::sync::LazyLock;

use party::{Answer, JOSE, JOSERFC, Party, say};
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};
use tempfile::TempDir;
use tollgate::jws::{KeyRules, KeySet, Keys, Unverified, base64url};
use tollgate::site::{Format, Site};
use tollgate::{
    Algorithm, Ask, Gate, Guid, Limits, Now, Peer, Policy, Reason, Request, Scenario, Trust,
    Verdict, sample,
};
use tollgate_site::{ALGORITHMS, Authority, BulkRequest, ClientRequest, Confirmation, Provenance};

const CLIENT: Guid = Guid([0xcd; 16]);
const BULK: Guid = Guid([0xef; 16]);
const NOW_S: i64 = 1_780_000_000;

#[test]
fn joserfc() {
    run("joserfc", &JOSERFC);
}

#[test]
fn debians_jose() {
    run("debians_jose", &JOSE);
}

fn run(test: &str, party: &Party) {
    let Some(set_up) = party::set_up(test) else { return };
    let (mut read, mut judged) = (0, 0);
    for algorithm in ALGORITHMS {
        let (_folder, site) = fresh_site(algorithm);
        // The same GUID: only its key tells it from the site.
        let (_other_folder, other) = fresh_site(algorithm);
        let ours = ours(&site, &other);
        let theirs = theirs(&site);
        let tokens = ours.iter().map(|(name, token, _)| (name.clone(), token.clone())).collect();
        let answer = party.ask(&set_up, &site, &tokens, &theirs);
        let who = format!("{} {algorithm}", party.name);
        assert_eq!(answer.unsupported, party.unsupported.contains(&algorithm.name()), "{who}");
        if answer.unsupported {
            continue;
        }
        assert_eq!(answer.thumbprint, site.keys(NOW_S)[0].kid, "{who}: RFC 7638");
        read += they_read(&who, &site, &answer, &ours);
        judged += we_judge(&who, &site, &other, &answer, &theirs);
    }
    let name = party.name;
    let line =
        format!("site counterparts: {name}: {read} of ours read there, {judged} of theirs judged");
    say(std::io::stdout(), &line);
}

fn fresh_site(algorithm: Algorithm) -> (TempDir, Authority) {
    let folder = tempfile::tempdir().unwrap();
    let site = Authority::init(&folder.path().join("site"), Guid([0xab; 16]), algorithm, NOW_S);
    (folder, site.unwrap())
}

/// What we sign, and what of it was altered: its name, the token, and whether it is good.
fn ours(site: &Authority, other: &Authority) -> Vec<(String, String, bool)> {
    let bulk = |site: &Authority| site.sign_bulk(&BulkRequest::default(), NOW_S).unwrap();
    let client = |provenance, confirmation| {
        let request = ClientRequest {
            generation: NonZeroU32::new(3).unwrap(),
            ..ClientRequest::first(CLIENT, provenance, confirmation)
        };
        site.sign_client(&request, NOW_S).unwrap()
    };
    let (key, certificate) = (PEER.key_thumbprint().unwrap(), PEER.thumbprint());
    let both = Confirmation::Both { key, certificate };
    let good = [
        ("bulk", bulk(site)),
        ("key", client(Provenance::Internal, Confirmation::Key(key))),
        ("certificate", client(Provenance::Bulk(BULK), Confirmation::Certificate(certificate))),
        ("both", client(Provenance::Internal, both)),
    ];
    let mut tokens = Vec::new();
    for (name, issued) in &good {
        let token = issued.token();
        tokens.push(((*name).to_owned(), token.to_owned(), true));
        for part in [1, 2] {
            let altered = altered(token, part);
            tokens.push((format!("{name}, part {part} altered"), altered, false));
        }
    }
    let foreign = bulk(other).token().to_owned();
    tokens.push(("another site's".into(), foreign, false));
    tokens
}

/// One letter in the middle of a part, where all bits count.
fn altered(token: &str, part: usize) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let at = parts[part].len() / 2;
    let letter = if parts[part][at..].starts_with('A') { "B" } else { "A" };
    parts[part].replace_range(at..=at, letter);
    parts.join(".")
}

fn they_read(
    who: &str,
    site: &Authority,
    answer: &Answer,
    ours: &[(String, String, bool)],
) -> usize {
    for (name, token, is_good) in ours {
        let read = answer.read[name].as_ref();
        assert_eq!(read.is_some(), *is_good, "{who}: {name}");
        if let Some(read) = read {
            let (header, claims) = judge(site, token).unwrap();
            assert_eq!((&read.header, &read.payload), (&header, &claims), "{who}: {name}");
        }
        let client = if name.starts_with("bulk") { None } else { Some(CLIENT) };
        assert_eq!(gate(site, token, true).is_ok(), *is_good && client.is_some(), "{who}: {name}");
        if *is_good {
            gates_verdict(&format!("{who}: {name}"), site, token, client);
        }
    }
    ours.len()
}

/// What they are to sign under the site's key: its two tokens, and headers that do not fit it.
fn theirs(site: &Authority) -> Value {
    let key = &site.keys(NOW_S)[0];
    let header = |typ: &str| json!({ "typ": typ, "alg": key.algorithm.name(), "kid": key.kid });
    let common = json!({
        "iss": site.issuer(), "jti": "00000000-0000-4000-8000-000000000001",
        "iat": NOW_S, "nbf": NOW_S, "exp": NOW_S + 3_600,
    });
    let with = |more: Value| {
        let mut claims = common.clone();
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    };
    let client = with(json!({
        "aud": "urn:tollgate:gate", "sub": CLIENT.to_string(), "generation": 1,
        "provenance": "internal", "cnf": { "jkt": base64url(&PEER.key_thumbprint().unwrap()) },
    }));
    let bulk = with(json!({ "aud": "urn:tollgate:registration" }));
    let mut other_kid = header("tollgate-client+jwt");
    other_kid["kid"] = base64url(&[0; 32]).into();
    json!({
        "client": { "header": header("tollgate-client+jwt"), "payload": client },
        "bulk": { "header": header("tollgate-bulk+jwt"), "payload": bulk },
        "other kid": { "header": other_kid, "payload": client },
    })
}

fn we_judge(
    who: &str,
    site: &Authority,
    other: &Authority,
    answer: &Answer,
    theirs: &Value,
) -> usize {
    let asked: BTreeMap<String, Value> = serde_json::from_value(theirs.clone()).unwrap();
    assert_eq!(answer.tokens.len(), asked.len(), "{who}");
    for (name, asked) in asked {
        let token = &answer.tokens[&name];
        let judged = judge(site, token);
        if name == "other kid" {
            assert_eq!(judged, Err(Reason::KeyUnknown), "{who}: {name}");
            continue;
        }
        let expected = (asked["header"].clone(), asked["payload"].clone());
        assert_eq!(judged, Ok(expected), "{who}: {name}");
        let client = Some(CLIENT).filter(|_| name == "client");
        gates_verdict(&format!("{who}: {name}"), site, token, client);
        assert_eq!(judge(site, &altered(token, 1)), Err(Reason::SignatureWrong), "{who}: {name}");
        assert_eq!(judge(site, &altered(token, 2)), Err(Reason::SignatureWrong), "{who}: {name}");
        assert_eq!(judge(other, token), Err(Reason::KeyUnknown), "{who}: {name}");
    }
    answer.tokens.len()
}

/// The client whose tokens these are, by the certificate that it made for itself.
static PEER: LazyLock<Peer> = LazyLock::new(|| {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::default().self_signed(&key).unwrap();
    Peer::new([certificate.der().as_ref()]).unwrap()
});

/// A client's token is admitted with its certificate alone, a bulk token nowhere.
fn gates_verdict(what: &str, site: &Authority, token: &str, client: Option<Guid>) {
    match client {
        Some(client) => {
            let id = format!("site:{}:{client}", site.id());
            assert_eq!(gate(site, token, true), Ok(id), "{what}");
            assert_eq!(gate(site, token, false), Err(Reason::ProofMissing), "{what}");
        }
        None => assert_eq!(gate(site, token, true), Err(Reason::RegistrationOnly), "{what}"),
    }
}

/// The principal that a gate with the site's public keys admits, with the client's certificate or
/// without.
fn gate(site: &Authority, token: &str, with_peer: bool) -> Result<String, Reason> {
    let keys = Keys::new(keys(site), u64::MAX);
    let trusted = Site { id: site.id(), format: Format::Tollgate, keys };
    let trust = Trust::new(Vec::new()).unwrap().with_sites(vec![trusted]).unwrap();
    let policy = Policy::new(300, Limits::default(), vec![sample::endpoint()], Vec::new());
    let gate = Gate::new(trust, policy.unwrap()).unwrap();
    let request = Request::token(token.as_bytes()).with_peer(with_peer.then_some(&*PEER));
    let ask =
        Ask { endpoint: sample::ENDPOINT, scenario: Scenario::Device, windows: None, source: None };
    match gate.check(&request, &ask, Now { unix_s: NOW_S, mono_ms: 0 }) {
        Verdict::Admit(admission) => {
            assert!(admission.principal().bound);
            Ok(admission.principal().id().to_string())
        }
        Verdict::Refuse(refusal) => Err(refusal.reason),
    }
}

fn keys(site: &Authority) -> KeySet {
    let limits = Limits::default();
    let rules =
        KeyRules { algorithms: &ALGORITHMS, secrets: false, cloud_instance: None, limits: &limits };
    let json = fs::read(site.public_keys_file()).unwrap();
    let (keys, warnings) = KeySet::from_json(&json, &rules).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    keys
}

/// Header and claims of a token that verifies under the site's public keys.
fn judge(site: &Authority, token: &str) -> Result<(Value, Value), Reason> {
    let (limits, keys) = (Limits::default(), keys(site));
    let mut buffer = Vec::new();
    let read = Unverified::parse(token.as_bytes(), &mut buffer, &limits);
    let authentic = read.and_then(|token| token.verify(&keys)).map_err(|refusal| refusal.reason)?;
    let header = authentic.header();
    let header =
        json!({ "typ": header.typ(), "alg": header.algorithm().name(), "kid": header.kid() });
    Ok((header, serde_json::from_slice(authentic.payload()).unwrap()))
}
