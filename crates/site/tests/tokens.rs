//! What the two tokens say: every claim, and nothing else.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::num::NonZeroU32;

use serde_json::{Value, json};
use tempfile::TempDir;
use tollgate::jws::{KeyRules, KeySet, Unverified};
use tollgate::{Algorithm, Guid, Limits, site};
use tollgate_site::{
    ALGORITHMS, Authority, BulkRequest, ClientRequest, Confirmation, IssueError, Issued, Provenance,
};

const SITE: Guid = Guid([0xab; 16]);
const CLIENT: Guid = Guid([0xcd; 16]);
const BULK: Guid = Guid([0xef; 16]);
const NOW_S: i64 = 1_780_000_000;
/// base64url of 32 bytes 1, and of 32 bytes 2.
const ONES: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
const TWOS: &str = "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";

fn authority(algorithm: Algorithm) -> (TempDir, Authority) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("site");
    let made = Authority::init(&data, SITE, algorithm, NOW_S).unwrap();
    (folder, made)
}

/// Header and claims, once the site's own published key has verified them.
fn read(authority: &Authority, issued: &Issued) -> (Value, Value) {
    let limits = Limits::default();
    let rules =
        KeyRules { algorithms: &ALGORITHMS, secrets: false, cloud_instance: None, limits: &limits };
    let json = fs::read(authority.public_keys_file()).unwrap();
    let (keys, _) = KeySet::from_json(&json, &rules).unwrap();
    let mut buffer = Vec::new();
    let token = issued.token().as_bytes();
    let authentic = Unverified::parse(token, &mut buffer, &limits).unwrap().verify(&keys).unwrap();
    let header = authentic.header();
    let header =
        json!({ "typ": header.typ(), "alg": header.algorithm().name(), "kid": header.kid() });
    (header, serde_json::from_slice(authentic.payload()).unwrap())
}

fn client() -> ClientRequest {
    ClientRequest::first(CLIENT, Provenance::Internal, Confirmation::Key([1; 32]))
}

#[test]
fn a_clients_token_says_everything_and_nothing_else() {
    for algorithm in ALGORITHMS {
        let (_folder, authority) = authority(algorithm);
        let request = ClientRequest {
            generation: NonZeroU32::new(7).unwrap(),
            provenance: Provenance::Bulk(BULK),
            confirmation: Confirmation::Both { key: [1; 32], certificate: [2; 32] },
            ..client()
        };
        let issued = authority.sign_client(&request, NOW_S).unwrap();
        let (header, claims) = read(&authority, &issued);
        let kid = &authority.keys(NOW_S)[0].kid;
        assert_eq!(
            header,
            json!({ "typ": "tollgate-client+jwt", "alg": algorithm.name(), "kid": kid })
        );
        let expected = json!({
            "iss": "urn:tollgate:site:abababab-abab-abab-abab-abababababab",
            "aud": "urn:tollgate:gate",
            "jti": issued.id().to_string(),
            "sub": "cdcdcdcd-cdcd-cdcd-cdcd-cdcdcdcdcdcd",
            "iat": NOW_S, "nbf": NOW_S, "exp": NOW_S + 90 * 86_400,
            "generation": 7,
            "provenance": "bulk:efefefef-efef-efef-efef-efefefefefef",
            "cnf": { "jkt": ONES, "x5t#S256": TWOS },
        });
        assert_eq!(claims, expected);
        assert_eq!(issued.expires_s(), NOW_S + 90 * 86_400);
    }
}

#[test]
fn a_bulk_token_says_who_where_and_until_when() {
    for algorithm in ALGORITHMS {
        let (_folder, authority) = authority(algorithm);
        let issued = authority.sign_bulk(&BulkRequest::default(), NOW_S).unwrap();
        let (header, claims) = read(&authority, &issued);
        let kid = &authority.keys(NOW_S)[0].kid;
        assert_eq!(
            header,
            json!({ "typ": "tollgate-bulk+jwt", "alg": algorithm.name(), "kid": kid })
        );
        let expected = json!({
            "iss": "urn:tollgate:site:abababab-abab-abab-abab-abababababab",
            "aud": "urn:tollgate:registration",
            "jti": issued.id().to_string(),
            "iat": NOW_S, "nbf": NOW_S, "exp": NOW_S + 4_320 * 60,
        });
        assert_eq!(claims, expected);
    }
}

#[test]
fn header_and_claims_stand_once_in_this_order() {
    let (_folder, authority) = authority(Algorithm::EdDsa);
    let issued = authority.sign_client(&client(), NOW_S).unwrap();
    let limits = Limits::default();
    let mut buffer = Vec::new();
    Unverified::parse(issued.token().as_bytes(), &mut buffer, &limits).unwrap();
    let text = String::from_utf8_lossy(&buffer);
    let names = [
        "typ",
        "alg",
        "kid",
        "iss",
        "aud",
        "jti",
        "iat",
        "nbf",
        "exp",
        "sub",
        "generation",
        "provenance",
        "cnf",
        "jkt",
    ];
    let found: Vec<_> = names.iter().map(|name| text.find(&format!("\"{name}\":"))).collect();
    assert!(found.is_sorted() && found[0].is_some(), "{text}");
    assert_eq!(text.matches("\":").count(), names.len(), "{text}");
}

#[test]
fn each_confirmation_and_provenance_has_its_form() {
    let (_folder, authority) = authority(Algorithm::Es256);
    for (confirmation, expected) in [
        (Confirmation::Key([1; 32]), json!({ "jkt": ONES })),
        (Confirmation::Certificate([2; 32]), json!({ "x5t#S256": TWOS })),
    ] {
        let request = ClientRequest { confirmation, ..client() };
        let issued = authority.sign_client(&request, NOW_S).unwrap();
        let (_, claims) = read(&authority, &issued);
        assert_eq!(claims["cnf"], expected);
        assert_eq!(claims["provenance"], "internal");
        assert_eq!(claims["generation"], 1);
    }
}

#[test]
fn every_token_has_a_guid_of_its_own() {
    let (_folder, authority) = authority(Algorithm::EdDsa);
    let mut ids = Vec::new();
    for _ in 0..32 {
        ids.push(authority.sign_client(&client(), NOW_S).unwrap().id());
        ids.push(authority.sign_bulk(&BulkRequest::default(), NOW_S).unwrap().id());
    }
    assert!(ids.iter().all(|id| id.0[6] >> 4 == 4), "version 4");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 64);
}

#[test]
fn lives_have_bounds() {
    let (_folder, authority) = authority(Algorithm::EdDsa);
    let bulk = |lifetime_minutes| {
        let issued = authority.sign_bulk(&BulkRequest { lifetime_minutes }, NOW_S);
        issued.map(|issued| issued.expires_s() - NOW_S)
    };
    assert_eq!(bulk(5), Ok(300));
    assert_eq!(bulk(10_080), Ok(604_800));
    for minutes in [0, 4, 10_081, u32::MAX] {
        let why = bulk(minutes).unwrap_err().to_string();
        assert_eq!(why, format!("a bulk token lives 5 to 10080 minutes, not {minutes}"));
    }
    let client = |lifetime_s| {
        let issued = authority.sign_client(&ClientRequest { lifetime_s, ..client() }, NOW_S);
        issued.map(|issued| issued.expires_s() - NOW_S)
    };
    assert_eq!(client(3_600), Ok(3_600));
    assert_eq!(client(366 * 86_400), Ok(366 * 86_400));
    for seconds in [i64::MIN, -1, 0, 3_599, 366 * 86_400 + 1, i64::MAX] {
        let why = client(seconds).unwrap_err().to_string();
        assert_eq!(why, format!("a client's token lives 3600 to 31622400 seconds, not {seconds}"));
    }
}

#[test]
fn a_clock_that_no_token_can_hold_signs_nothing() {
    let (_folder, authority) = authority(Algorithm::EdDsa);
    // The last second of the year 9999.
    let last_s = 253_402_300_799;
    let bulk =
        |now_s| authority.sign_bulk(&BulkRequest::default(), now_s).map(|bulk| bulk.expires_s());
    assert_eq!(bulk(0), Ok(site::BULK_LIFETIME_S));
    assert_eq!(bulk(last_s - site::BULK_LIFETIME_S), Ok(last_s));
    for now_s in [i64::MIN, -1, last_s - site::BULK_LIFETIME_S + 1, i64::MAX] {
        assert_eq!(bulk(now_s), Err(IssueError::Time(now_s)));
        assert!(authority.sign_client(&client(), now_s).is_err());
    }
}

#[test]
fn a_token_is_shown_by_nothing_but_its_own_name() {
    let (_folder, authority) = authority(Algorithm::EdDsa);
    let issued = authority.sign_bulk(&BulkRequest::default(), NOW_S).unwrap();
    let expected = format!("Issued({} until {})", issued.id(), NOW_S + site::BULK_LIFETIME_S);
    assert_eq!(format!("{issued:?}"), expected);
}
