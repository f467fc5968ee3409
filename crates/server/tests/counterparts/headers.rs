//! Every header member that a rule reads, altered.

use serde_json::{Value, json};

use super::draft::Draft;
use super::refusal::*;
use super::table::Expected::{Admitted, Refused, Unread};
use super::table::{Rows, another, spare};

pub(crate) fn alter(rows: &mut Rows<'_>) {
    algorithm(rows);
    key(rows);
    thumbprint(rows);
    kind(rows);
    for (name, value, refusal) in [
        ("crit", json!(["exp"]), HEADER_CRITICAL),
        ("b64", json!(false), HEADER_B64),
        ("jwk", json!({ "kty": "oct", "k": "AAAA" }), HEADER_KEY),
        ("jku", json!("https://id.example.org/keys.json"), HEADER_KEY),
        ("x5u", json!("https://id.example.org/chain.pem"), HEADER_KEY),
        ("x5c", json!(["MIIB"]), HEADER_KEY),
        ("enc", json!("A256GCM"), TOKEN_ENCRYPTED),
        ("zip", json!("DEF"), TOKEN_ENCRYPTED),
        ("cty", json!(7), HEADER_MEMBER),
    ] {
        rows.header(name, value, Unread(refusal));
    }
    for (name, value, refusal) in [
        ("crit", json!(["b64"]), HEADER_CRITICAL),
        ("crit", json!([]), HEADER_CRITICAL),
        ("crit", Value::Null, HEADER_CRITICAL),
        ("b64", json!(true), HEADER_B64),
        ("x5c", json!([]), HEADER_KEY),
        ("jwk", Value::Null, HEADER_KEY),
        ("Alg", json!("none"), HEADER_DUPLICATE),
        ("KID", json!("x"), HEADER_DUPLICATE),
        ("nested", nested(), HEADER_JSON),
    ] {
        rows.more().header(name, value, Unread(refusal));
    }
    rows.more().header("cty", "JWT", Admitted);
    rows.more().header("nonce", "what no rule reads", Admitted);
}

fn algorithm(rows: &mut Rows<'_>) {
    let own = rows.alg;
    rows.header("alg", "none", Unread(ALGORITHM_UNKNOWN));
    rows.header("alg", own.to_lowercase(), Unread(ALGORITHM_UNKNOWN));
    for name in ["None", "NONE", "RS256 ", "ES256K", "RSA1_5", "dir", ""] {
        rows.more().header("alg", name, Unread(ALGORITHM_UNKNOWN));
    }
    rows.case("no header alg", |token| token.no_header("alg"), Unread(HEADER_MEMBER));
    rows.header("alg", 256, Unread(HEADER_MEMBER));
    for value in [Value::Null, json!([own])] {
        rows.more().header("alg", value, Unread(HEADER_MEMBER));
    }
    // The key fixes the algorithm, whatever both can do: a public key taken for a secret is the
    // oldest forgery, and RS and PS share their keys.
    let other = if own == "RS256" { "PS256" } else { "ES384" };
    rows.header("alg", other, Refused(ALGORITHM_MISMATCH));
    rows.header("alg", "HS256", Refused(ALGORITHM_MISMATCH));
    for other in ["RS512", "ES256", "EdDSA"] {
        rows.more().header("alg", other, Refused(ALGORITHM_MISMATCH));
    }
}

fn key(rows: &mut Rows<'_>) {
    rows.header("kid", "nobody", Refused(KEY_UNKNOWN));
    rows.header("kid", another(rows.alg), Refused(ALGORITHM_MISMATCH));
    rows.header("kid", spare(rows.alg), Refused(SIGNATURE_WRONG));
    let lower = rows.alg.to_lowercase();
    for name in [&lower, "", "../../dev/null", "x' UNION SELECT 'k", &"k".repeat(256)] {
        rows.more().header("kid", name, Refused(KEY_UNKNOWN));
    }
    rows.header("kid", 7, Unread(HEADER_MEMBER));
    for value in [Value::Null, json!([rows.alg]), json!("k".repeat(257))] {
        rows.more().header("kid", value, Unread(HEADER_MEMBER));
    }
}

/// Entra names its keys by `x5t` too. No other key set here has thumbprints, and a hint that the
/// key cannot contradict says nothing.
fn thumbprint(rows: &mut Rows<'_>) {
    let own = rows.alg;
    let wrong = "AAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let unknown = Refused(KEY_UNKNOWN);
    rows.split("x5t wrong", |token| token.header("x5t", wrong), Admitted, unknown);
    rows.split(
        "x5t right, no kid",
        |token| token.header("x5t", own).no_header("kid"),
        unknown,
        Admitted,
    );
    for name in ["x5t", "x5t#S256"] {
        rows.header(name, 7, Unread(HEADER_MEMBER));
        let alone = |token: Draft| token.header(name, wrong).no_header("kid");
        rows.case(&format!("{name} wrong, no kid"), alone, unknown);
        for value in [Value::Null, json!("k".repeat(257))] {
            rows.more().header(name, value, Unread(HEADER_MEMBER));
        }
    }
    rows.more().case("x5t right", |token| token.header("x5t", own), Admitted);
    rows.more().split(
        "x5t of another algorithm, no kid",
        |token| token.header("x5t", "ES384").no_header("kid"),
        unknown,
        Refused(ALGORITHM_MISMATCH),
    );
    rows.more().header("x5t#S256", wrong, Admitted);
}

fn kind(rows: &mut Rows<'_>) {
    rows.case("no header typ", |token| token.no_header("typ"), Admitted);
    rows.header("typ", "at+jwt", Admitted);
    for typ in ["jwt", "AT+JWT", "application/at+jwt", "application/JWT"] {
        rows.more().header("typ", typ, Admitted);
    }
    rows.header("typ", "id_token+jwt", Refused(UNPROVEN_TYPE));
    for typ in ["dpop+jwt", "logout+jwt", "JWE", "at", "", "text/JWT"] {
        rows.more().header("typ", typ, Refused(UNPROVEN_TYPE));
    }
    rows.header("typ", 7, Unread(HEADER_MEMBER));
    for value in [Value::Null, json!(["JWT"])] {
        rows.more().header("typ", value, Unread(HEADER_MEMBER));
    }
}

/// One level deeper than is read: the header itself is the first of sixteen.
pub(crate) fn nested() -> Value {
    (0..16).fold(json!(0), |inner, _| json!([inner]))
}
