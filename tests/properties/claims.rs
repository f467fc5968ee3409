//! Genuinely signed tokens with one claim altered: whoever is admitted is the one in the claims, and
//! nobody is where a claim that makes an identity is missing or of another type.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};
use tollgate::oidc::Cloud;
use tollgate::{Guid, Kind, sample};

use super::config;
use super::house::{Genuine, HOUSE, NOW, OPEN, Signer, id, judge, who};

/// A token of `signer` as it was signed.
#[derive(Clone, Debug)]
pub(crate) struct Altered {
    signer: usize,
    name: &'static str,
    claims: Value,
    pub(crate) text: String,
}

const TEXTS: [&str; 11] = [
    "iss",
    "tid",
    "oid",
    "sub",
    "deviceid",
    "ver",
    "idtyp",
    "azp",
    "appid",
    "client_id",
    "machine",
];
const LISTS: [&str; 4] = ["aud", "scp", "scope", "roles"];
const TIMES: [&str; 3] = ["exp", "nbf", "iat"];

/// Without these there is no identity, whoever signs; those of Entra stand in [`OF_ENTRA`].
const OF_ALL: [&str; 3] = ["iss", "aud", "exp"];
const OF_ENTRA: [&str; 2] = ["tid", "oid"];

/// Names that only Entra gives a meaning; other issuers may use them for anything.
const ENTRA_ONLY: [&str; 6] = ["tid", "oid", "deviceid", "ver", "idtyp", "appid"];

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn a_signed_token_is_of_the_one_in_its_claims(altered in altered()) {
        let Altered { signer, claims, text, .. } = &altered;
        let signer = &HOUSE.signers[*signer];
        let verdict = judge(&HOUSE.open, text.as_bytes(), &OPEN, NOW);
        let Some(admission) = verdict.admission() else { return Ok(()) };
        let principal = admission.principal();
        prop_assert_eq!(id(&principal), signer.principal_of(claims));
        if signer.other().is_some() {
            prop_assert_eq!((principal.tenant, principal.user, principal.device), (None, None, None));
            return Ok(());
        }
        let guid = |name: &str| claims[name].as_str().and_then(Guid::parse);
        prop_assert_eq!(principal.tenant, Some(signer.tenant.id), "signed by another tenant");
        prop_assert_eq!(principal.tenant, guid("tid"));
        let user = guid("oid").filter(|_| admission.kind() == Kind::User);
        prop_assert_eq!(principal.user, user);
        prop_assert_eq!(principal.device, guid("deviceid"));
        prop_assert_eq!(claims["sub"].as_str(), Some(&*principal.subject));
    }

    #[test]
    fn no_identity_without_its_claims(altered in altered()) {
        let Altered { signer, name, claims, text } = &altered;
        let value = claims.get(name);
        let is_typed = value.is_none_or(|value| is_typed(name, value));
        let is_needed = match HOUSE.signers[*signer].other() {
            None => OF_ALL.contains(name) || OF_ENTRA.contains(name),
            Some(other) => OF_ALL.contains(name) || other.subject == *name,
        };
        // `machine` is nobody's claim but that issuer's.
        let is_foreign = match HOUSE.signers[*signer].other() {
            None => *name == "machine",
            Some(_) => *name == "machine" || ENTRA_ONLY.contains(name),
        };
        let is_read = !is_foreign || is_needed;
        if is_read && !is_typed || is_needed && value.is_none() {
            let verdict = judge(&HOUSE.open, text.as_bytes(), &OPEN, NOW);
            prop_assert!(!verdict.is_admitted(), "{name} is {value:?}: {verdict:?}");
        }
    }
}

proptest! {
    #![proptest_config(config(1_000))]

    /// Readers differ in which of the two they believe; so nobody may believe either.
    #[test]
    fn a_name_twice_is_nobodys(
        at in 0..HOUSE.genuine.len(),
        member in any::<Index>(),
        spelling in 0..3_u8,
        depth in 0..3_usize,
        first in any::<bool>(),
        in_header in any::<bool>(),
    ) {
        let Genuine { signer, claims, .. } = &HOUSE.genuine[at];
        let signer = &HOUSE.signers[*signer];
        let (header, claims) = (signer.header(), claims.to_string());
        let doubled = if in_header { &header } else { &claims };
        let doubled = twice(doubled, member, spelling, depth, first);
        let token = match in_header {
            true => signer.sign_under(&doubled, &claims),
            false => signer.sign(&doubled),
        };
        prop_assert_eq!(who(token.as_bytes()), None, "{}", doubled);
    }
}

/// The object with one of its members once more: in another spelling at the top, or as it is within
/// other values, where every name is as good as any.
fn twice(object: &str, member: Index, spelling: u8, depth: usize, first: bool) -> String {
    let members: Map<String, Value> = serde_json::from_str(object).expect("an object of ours");
    let known: Vec<_> = members.iter().filter(|(name, _)| KNOWN.contains(&name.as_str())).collect();
    let (name, value) = known[member.index(known.len())];
    let again = match spelling {
        0 => name.clone(),
        1 => name.to_uppercase(),
        _ => format!("\\u{:04x}{}", u32::from(name.as_bytes()[0]), &name[1..]),
    };
    let inner = object.trim_start_matches('{').trim_end_matches('}');
    if depth > 0 {
        let twins = format!("{{\"{name}\":1,\"y\":[],\"{name}\":{value}}}");
        let deep = format!("{}{twins}{}", "[".repeat(depth), "]".repeat(depth));
        return format!("{{\"x\":{deep},{inner}}}");
    }
    match first {
        true => format!("{{\"{again}\":{value},{inner}}}"),
        false => format!("{{{inner},\"{again}\":{value}}}"),
    }
}

/// Those that carry meaning, where letter case makes no other name, and stand in genuine tokens.
const KNOWN: [&str; 15] = [
    "alg", "kid", "typ", "iss", "aud", "exp", "nbf", "iat", "sub", "tid", "oid", "deviceid", "ver",
    "idtyp", "scp",
];

pub(crate) fn altered() -> impl Strategy<Value = Altered> {
    let names = [&TEXTS[..], &LISTS, &TIMES, &["cnf"]].concat();
    (0..HOUSE.genuine.len(), select(names), prop::option::of(value())).prop_map(
        |(at, name, value)| {
            let genuine = &HOUSE.genuine[at];
            let mut claims = genuine.claims.clone();
            match value {
                Some(value) => claims[name] = value,
                None => drop(claims.as_object_mut().map(|claims| claims.remove(name))),
            }
            let text = HOUSE.signers[genuine.signer].sign(&claims.to_string());
            Altered { signer: genuine.signer, name, claims, text }
        },
    )
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => select(others()),
        1 => select(untyped()),
        1 => select(times()).prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
    ]
}

/// Values that stand in other genuine tokens, in every spelling.
fn others() -> Vec<Value> {
    let mut texts: Vec<String> =
        ["user", "device", "app", "1.0", "1.1", "2.0", "access_as_user", "alice", ""]
            .map(String::from)
            .to_vec();
    texts.push(sample::AUDIENCE.into());
    let names = HOUSE.genuine.iter().flat_map(|token| {
        let text = |name: &&str| token.claims[*name].as_str().map(String::from);
        ["iss", "tid", "oid", "sub", "deviceid"].iter().filter_map(text).collect::<Vec<_>>()
    });
    texts.extend(names);
    texts.extend(
        HOUSE
            .signers
            .iter()
            .flat_map(|Signer { tenant, .. }| Cloud::ALL.map(|cloud| cloud.authority(tenant.id))),
    );
    texts.sort();
    texts.dedup();
    let upper: Vec<String> = texts.iter().map(|text| text.to_uppercase()).collect();
    let values = texts.iter().chain(&upper).map(|text| json!(text));
    let lists = texts.iter().map(|text| json!([text]));
    values.chain(lists).collect()
}

fn untyped() -> Vec<Value> {
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!([]),
        json!({}),
        json!([1]),
        json!([null]),
        json!([["x"]]),
        json!([sample::AUDIENCE, 1]),
        json!({ "x": sample::AUDIENCE }),
        json!(""),
    ];
    values.to_vec()
}

fn times() -> Vec<i64> {
    let off = [-400, -300, -299, 0, 1, 299, 300, 301, 86_400, 108_000, 108_001, 1_000_000];
    off.map(|off| NOW.unix_s + off).to_vec()
}

/// Whether the claim has the type that RFC 7519, RFC 8693 and Entra give it.
fn is_typed(name: &str, value: &Value) -> bool {
    match value {
        Value::String(_) => !TIMES.contains(&name),
        Value::Array(list) => LISTS.contains(&name) && list.iter().all(Value::is_string),
        Value::Number(number) => {
            let in_range = number.as_f64().is_some_and(|n| (0.0..253_402_300_800.0).contains(&n));
            TIMES.contains(&name) && in_range
        }
        _ => false,
    }
}
