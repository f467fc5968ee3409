//! What strangers send, and when and for what.

use proptest::prelude::*;
use proptest::sample::select;
use tollgate::{Ask, Now, Scenario, WindowsVersion, sample};

use super::claims::altered;
use super::house::{ED25519, HOUSE, NOW, Presented, STRICT};
use super::mutant::mutant;

/// Names that carry meaning somewhere, their look-alikes, and two that do not.
const NAMES: &str = "alg kid typ x5t x5t#S256 cty crit b64 jku jwk x5u x5c enc zip \
                     iss aud exp nbf iat sub tid oid deviceid ver idtyp azp appid client_id scp \
                     scope roles cnf machine name TID Exp Alg \\u0061ud \\u0061lg x y";

const NUMBERS: [&str; 18] = [
    "0",
    "-0",
    "-1",
    "1.5",
    "1790000000",
    "1790000000.9999999999999999999",
    "253402300799",
    "253402300800",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551616",
    "123456789012345678901234567890123456789012345678901234567890",
    "1e308",
    "1e400",
    "1e-400",
    "0.0000000000000000000000000000000000000000000000001e9999999999",
];

/// Between quotes. Not all of them are JSON.
const TEXTS: [&str; 16] = [
    "",
    "RS256",
    "none",
    "JWT",
    "at+jwt",
    "\\u0000",
    "\\ud800",
    "\\udc00\\ud800",
    "\\ud83d\\ude00",
    "\\n\\t\\\"\\\\\\/",
    "\\x41",
    "\n",
    "\u{7f}\u{85}\u{202e}",
    "01010101-0101-0101-0101-010101010101",
    "https://sts.windows.net/01010101-0101-0101-0101-010101010101/",
    "ÄÖ\u{1f600}",
];

fn text() -> impl Strategy<Value = String> {
    let free = any::<String>().prop_map(|text| text.replace(['"', '\\'], "_"));
    prop_oneof![6 => select(&TEXTS[..]).prop_map(String::from), 1 => free]
}

fn member(value: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let names: Vec<&str> = NAMES.split_whitespace().collect();
    let name = prop_oneof![9 => select(names).prop_map(String::from), 1 => text()];
    let space = select(&["", " ", "\r\n\t"][..]);
    (name, space, value)
        .prop_map(|(name, space, value)| format!("\"{name}\"{space}:{space}{value}"))
}

/// JSON text, nearly always well-formed: nested, with large numbers, escapes and repeated names.
fn json() -> BoxedStrategy<String> {
    let leaf = prop_oneof![
        2 => select(&["null", "true", "false", "[]", "{}"][..]).prop_map(String::from),
        2 => select(&NUMBERS[..]).prop_map(String::from),
        1 => any::<f64>().prop_map(|number| number.to_string()),
        4 => text().prop_map(|text| format!("\"{text}\"")),
        1 => (1..20_usize).prop_map(|depth| "[".repeat(depth) + &"]".repeat(depth)),
    ];
    let nested = leaf.prop_recursive(6, 48, 6, |inner| {
        let object = prop::collection::vec(member(inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(|list| format!("[{}]", list.join(","))),
            object.prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    });
    nested.boxed()
}

/// An object of most of these members and a few others, in any order.
fn object_with(own: &'static [&'static str]) -> impl Strategy<Value = String> {
    let others = prop::collection::vec(member(json()), 0..3);
    let own = prop::sample::subsequence(own, own.len() - 1..=own.len());
    (own, others)
        .prop_map(|(own, others)| [own.into_iter().map(String::from).collect(), others].concat())
        .prop_flat_map(|members| Just(members).prop_shuffle())
        .prop_map(|members| format!("{{{}}}", members.join(",")))
}

fn header() -> impl Strategy<Value = String> {
    let own = &[r#""alg":"EdDSA""#, r#""kid":"EdDSA-02020202""#, r#""typ":"JWT""#];
    prop_oneof![8 => object_with(own), 1 => json()]
}

/// Claims, broken and whole: of nobody, or of somebody and then some more.
fn payload() -> impl Strategy<Value = String> {
    let own = &[
        r#""iss":"https://sts.windows.net/02020202-0202-0202-0202-020202020202/""#,
        r#""aud":"6e74172b-be56-4843-9ff4-e66a39bb12e3""#,
        r#""exp":1790000100"#,
        r#""tid":"02020202-0202-0202-0202-020202020202""#,
        r#""oid":"00000000-0000-0001-0000-000000000001""#,
        r#""sub":"s""#,
        r#""scp":"access_as_user""#,
    ];
    let genuine = 0..HOUSE.genuine.len();
    let genuine = genuine.prop_map(|at| HOUSE.genuine[at].claims.to_string());
    let more = (genuine, prop::collection::vec(member(json()), 0..3)).prop_map(|(claims, more)| {
        let more: String = more.iter().map(|member| format!("{member},")).collect();
        claims.replacen('{', &format!("{{{more}"), 1)
    });
    prop_oneof![2 => object_with(own), 2 => more, 1 => json()]
}

/// Three parts of base64url, now and then only nearly so.
fn three_parts() -> impl Strategy<Value = Vec<u8>> {
    let letter = select(&b"ABCabcxyz0189-_"[..]);
    let part = prop::collection::vec(prop_oneof![60 => letter, 1 => any::<u8>()], 0..200);
    let count = prop_oneof![6 => Just(3_usize), 1 => 0..8_usize];
    count
        .prop_flat_map(move |count| prop::collection::vec(part.clone(), count))
        .prop_map(|parts| parts.join(&b'.'))
}

pub(crate) fn now() -> impl Strategy<Value = Now> {
    let edge = select(&[i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX][..]);
    let near = (-200_000..200_000_i64).prop_map(|off| NOW.unix_s + off);
    let unix_s = prop_oneof![2 => near, 1 => edge, 1 => any::<i64>()];
    let mono_ms = prop_oneof![
        4 => Just(NOW.mono_ms), 1 => select(&[0, NOW.mono_ms - 1, u64::MAX][..]), 1 => any::<u64>()
    ];
    (unix_s, mono_ms).prop_map(|(unix_s, mono_ms)| Now { unix_s, mono_ms })
}

pub(crate) fn ask() -> impl Strategy<Value = Ask<'static>> {
    let endpoint = prop_oneof![
        4 => Just(sample::ENDPOINT), 4 => Just(STRICT), 1 => select(&["", "other", "Strict"][..])
    ];
    let version = [any::<u32>().boxed(), (8..12_u32).boxed()];
    let version = prop::strategy::Union::new(version);
    let windows = prop::option::of(version.prop_map(|major| WindowsVersion {
        major,
        minor: 0,
        build: 19_045,
    }));
    (endpoint, select(&Scenario::ALL[..]), windows).prop_map(|(endpoint, scenario, windows)| Ask {
        endpoint,
        scenario,
        windows,
        source: None,
    })
}

/// Any payload under a good header and a good signature: the signer, the payload, the token.
pub(crate) fn signed() -> impl Strategy<Value = (usize, String, String)> {
    (0..HOUSE.signers.len(), payload()).prop_map(|(signer, payload)| {
        let token = HOUSE.signers[signer].sign(&payload);
        (signer, payload, token)
    })
}

/// All that anybody may present: bytes, parts, what was genuine once, and what is signed.
pub(crate) fn presented() -> impl Strategy<Value = Presented> {
    let nobody = (header(), payload()).prop_map(|(header, payload)| {
        let unsigned = HOUSE.signers[ED25519].sign_under(&header, &payload);
        let (message, _) = unsigned.rsplit_once('.').expect("a token has dots");
        format!("{message}.AAAA").into_bytes()
    });
    let under_any_header = (header(), payload()).prop_map(|(header, payload)| {
        HOUSE.signers[ED25519].sign_under(&header, &payload).into_bytes()
    });
    prop_oneof![
        1 => prop::collection::vec(any::<u8>(), 0..300),
        1 => three_parts(),
        2 => mutant().prop_map(|(_, Presented(bytes))| bytes),
        2 => nobody,
        2 => under_any_header,
        2 => signed().prop_map(|(_, _, token)| token.into_bytes()),
        2 => altered().prop_map(|altered| altered.text.into_bytes()),
    ]
    .prop_map(Presented)
}
