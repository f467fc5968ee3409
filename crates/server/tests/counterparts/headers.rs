//! Every header member that a rule reads, altered.

use serde_json::{Value, json};

use super::refusal::*;
use super::table::Expected::{Admitted, Refused, Unread};
use super::table::{Rows, spare};

pub(crate) fn alter(rows: &mut Rows<'_>) {
    algorithm(rows);
    key(rows);
    thumbprint(rows);
    kind(rows);
    for (name, value, refusal) in [
        ("crit", json!(["exp"]), HEADER_CRITICAL),
        ("crit", json!(["b64"]), HEADER_CRITICAL),
        ("crit", json!([]), HEADER_CRITICAL),
        ("crit", Value::Null, HEADER_CRITICAL),
        ("b64", json!(false), HEADER_B64),
        ("b64", json!(true), HEADER_B64),
        ("jwk", json!({ "kty": "oct", "k": "AAAA" }), HEADER_KEY),
        ("jku", json!("https://id.example.org/keys.json"), HEADER_KEY),
        ("x5u", json!("https://id.example.org/chain.pem"), HEADER_KEY),
        ("x5c", json!(["MIIB"]), HEADER_KEY),
        ("x5c", json!([]), HEADER_KEY),
        ("enc", json!("A256GCM"), TOKEN_ENCRYPTED),
        ("zip", json!("DEF"), TOKEN_ENCRYPTED),
        ("cty", json!(7), HEADER_MEMBER),
        ("Alg", json!("none"), HEADER_DUPLICATE),
        ("KID", json!("x"), HEADER_DUPLICATE),
        ("nested", nested(), HEADER_JSON),
    ] {
        rows.header(name, value, Unread(refusal));
    }
    rows.header("cty", "JWT", Admitted);
    rows.header("nonce", "what no rule reads", Admitted);
}

fn algorithm(rows: &mut Rows<'_>) {
    for name in ["none", "None", "NONE", "rs256", "es256", "RS256 ", "ES256K", "RSA1_5", "dir", ""]
    {
        rows.header("alg", name, Unread(ALGORITHM_UNKNOWN));
    }
    for value in [Value::Null, json!(256), json!([rows.alg])] {
        rows.header("alg", value, Unread(HEADER_MEMBER));
    }
    rows.case("no header alg", |token| token.no_header("alg"), Unread(HEADER_MEMBER));
    // The key fixes the algorithm, whatever both can do: a public key taken for a secret is the
    // oldest forgery, and RS and PS share their keys.
    let own = rows.alg;
    for other in ["HS256", "RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA"] {
        if other != own {
            rows.header("alg", other, Refused(ALGORITHM_MISMATCH));
        }
    }
}

fn key(rows: &mut Rows<'_>) {
    let other = if rows.alg == "RS256" { "ES256" } else { "RS256" };
    for (name, refusal) in [
        ("nobody".to_owned(), KEY_UNKNOWN),
        (rows.alg.to_lowercase(), KEY_UNKNOWN),
        (String::new(), KEY_UNKNOWN),
        ("../../dev/null".to_owned(), KEY_UNKNOWN),
        ("x' UNION SELECT 'k".to_owned(), KEY_UNKNOWN),
        ("k".repeat(256), KEY_UNKNOWN),
        (other.to_owned(), ALGORITHM_MISMATCH),
        (spare(rows.alg), SIGNATURE_WRONG),
    ] {
        rows.header("kid", name, Refused(refusal));
    }
    for value in [json!(7), Value::Null, json!([rows.alg]), json!("k".repeat(257))] {
        rows.header("kid", value, Unread(HEADER_MEMBER));
    }
}

/// Entra names its keys by `x5t` too. No other key set here has thumbprints, and a hint that the key
/// cannot contradict says nothing.
fn thumbprint(rows: &mut Rows<'_>) {
    let own = rows.alg;
    let wrong = "AAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let by_thumbprint_alone = Refused(KEY_UNKNOWN);
    rows.split("x5t wrong", |token| token.header("x5t", wrong), Admitted, Refused(KEY_UNKNOWN));
    rows.case("x5t right", |token| token.header("x5t", own), Admitted);
    rows.split(
        "x5t right, no kid",
        |token| token.header("x5t", own).no_header("kid"),
        by_thumbprint_alone,
        Admitted,
    );
    rows.case(
        "x5t wrong, no kid",
        |token| token.header("x5t", wrong).no_header("kid"),
        by_thumbprint_alone,
    );
    rows.split(
        "x5t of another algorithm, no kid",
        |token| token.header("x5t", "ES384").no_header("kid"),
        by_thumbprint_alone,
        Refused(ALGORITHM_MISMATCH),
    );
    rows.header("x5t#S256", wrong, Admitted);
    rows.case(
        "x5t#S256 wrong, no kid",
        |token| token.header("x5t#S256", wrong).no_header("kid"),
        by_thumbprint_alone,
    );
    for name in ["x5t", "x5t#S256"] {
        for value in [json!(7), Value::Null, json!("k".repeat(257))] {
            rows.header(name, value, Unread(HEADER_MEMBER));
        }
    }
}

fn kind(rows: &mut Rows<'_>) {
    for typ in ["jwt", "at+jwt", "AT+JWT", "application/at+jwt", "application/JWT"] {
        rows.header("typ", typ, Admitted);
    }
    rows.case("no header typ", |token| token.no_header("typ"), Admitted);
    for typ in ["id_token+jwt", "dpop+jwt", "logout+jwt", "JWE", "at", "", "text/JWT"] {
        rows.header("typ", typ, Refused(UNPROVEN_TYPE));
    }
    for value in [json!(7), Value::Null, json!(["JWT"])] {
        rows.header("typ", value, Unread(HEADER_MEMBER));
    }
}

/// One level deeper than is read: the header itself is the first of sixteen.
pub(crate) fn nested() -> Value {
    (0..16).fold(json!(0), |inner, _| json!([inner]))
}
