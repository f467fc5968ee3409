//! Key sets, and the limits within which keys are made.

use std::time::Duration;

use serde_json::json;
use tollgate::jws::public_jwk;
use tollgate::{Algorithm, SigningKey};
use tollgate_keeper::doctor::State;

use super::folder::{Folder, assert_row};
use super::{ALL, CONFIGMGR, breaks, line_of};

#[test]
fn keys_past_their_bound_are_stale() {
    let folder = Folder::new();
    folder.age("entra.json", Duration::from_secs(30 * 3600));
    let why = "has keys that are past their bound";
    let key = "entra[0].jwks_file: save the key set again";
    let names = "internet entra device";
    let diagnosis =
        breaks(&folder, ("[[oidc]]", "[[oidc]]"), (names, false, why), ("\"entra.json\"", key));
    let stale = diagnosis.freshness.iter().find(|one| !one.freshness.ok).unwrap();
    assert_eq!(stale.freshness.state, State::Stale);
    let said = stale.line.as_ref().unwrap().to_string();
    assert!(said.contains("entra[0].jwks_file: 1 key, 30 h old, believed for 25 h only"), "{said}");
    let test = diagnosis.self_tests.iter().find(|test| !test.ok).unwrap();
    assert_eq!(test.steps.last().unwrap().name, "key freshness");
    assert_eq!(test.probes[0].got, "keys_stale (6001)");
    // Whoever is switched off needs no keys.
    let text = ALL.replacen("tenant =", "enabled = false\ntenant =", 1);
    assert!(folder.examine(&text).freshness.iter().all(|one| one.freshness.ok));
}

#[test]
fn a_key_set_of_another_tenant_signs_for_nobody_here() {
    let folder = Folder::new();
    let mut set = std::fs::read_to_string(folder.path().join("entra.json")).unwrap();
    let other = "\"issuer\":\"https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/v2.0\",\"kty\"";
    set = set.replacen("\"kty\"", other, 1);
    folder.write("entra.json", &set);
    let key = "entra[0].jwks_file: save the key set of this one";
    let names = "internet entra user";
    let why = "published for another issuer";
    breaks(&folder, ("[[oidc]]", "[[oidc]]"), (names, false, why), ("\"entra.json\"", key));
}

#[test]
fn whichever_key_signs_for_the_issuer_is_found() {
    let folder = Folder::new();
    let mut set = folder.json("entra.json");
    let mut other = folder.json("configmgr.json")["keys"][0].clone();
    other["issuer"] = "https://login.microsoftonline.com/{tenantid}/v2.0".into();
    let keys = set["keys"].as_array_mut().unwrap();
    keys[0]["issuer"] =
        "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0".into();
    keys.push(other);
    folder.write("entra.json", set.to_string());
    let secret = json!({ "kty": "oct", "kid": "s", "alg": "HS256", "k": "A".repeat(64) });
    folder.write("user.json", json!({ "keys": [secret] }).to_string());
    let text = ALL.replacen("[\"ES256\"]", "[\"RS256\", \"ES256\"]", 1);
    let (before, users) = text.split_at(text.find("name = \"users\"").unwrap());
    let diagnosis = folder.examine(&format!("{before}{}", users.replacen("ES256", "HS256", 1)));
    assert!(diagnosis.ok, "{:#?}", diagnosis.self_tests);
}

#[test]
fn keys_without_a_name_are_told_apart_by_nothing() {
    let folder = Folder::new();
    let nameless = || {
        let mut key = public_jwk(&SigningKey::generate(Algorithm::Es256).unwrap(), "");
        key.as_object_mut().unwrap().remove("kid");
        key
    };
    folder.write("device.json", json!({ "keys": [nameless()] }).to_string());
    assert!(folder.examine(ALL).ok);
    folder.write("device.json", json!({ "keys": [nameless(), nameless()] }).to_string());
    let why = "issuer devices is refused: key_ambiguous (2010)";
    let line = format!("{}: oidc[0]: ", line_of(ALL, "[[oidc]]"));
    let text = ALL.replace("kind = \"user\"\n", "enabled = false\n");
    assert_row(&folder.examine(&text), "internet oidc device", false, why, &line);
}

#[test]
fn limits_are_those_of_the_configuration() {
    let folder = Folder::new();
    let text = format!("{ALL}\n[limits]\ntoken_bytes = 512\n");
    let diagnosis = folder.examine(&text);
    let line = format!("{}: limits.token_bytes", line_of(&text, "512\n"));
    assert_row(&diagnosis, "internet entra user", false, "has longer tokens", &line);

    let text = format!("{ALL}\n[limits]\ntoken_lifetime = \"1m\"\n[gate]\nskew = \"0s\"\n");
    assert!(folder.examine(&text).ok);

    let limits = "\n[limits]\nrsa_max_bits = 2047\nrsa_min_bits = 1024\n";
    folder.write("configmgr.json", include_str!("rsa1024.json"));
    let text = format!("{ALL}{CONFIGMGR}{limits}");
    let diagnosis = folder.examine(&text);
    let why = "was not tested: no key for RS256 can be made within [limits]";
    let line = format!("{}: site[1]", line_of(&text, "[[site]]\nid = \"0f0e"));
    assert_row(&diagnosis, "internet site device", true, why, &line);
    assert!(!diagnosis.ok, "what was not tested is not known to work");
}
