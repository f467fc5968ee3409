//! Every claim of JWT itself, altered: what holds for Entra and for any other issuer.

use serde_json::{Map, Value, json};

use super::draft::{Draft, ENDS, ISSUED, NOW};
use super::gateway::{API_CLIENT, API_URI, LIFETIME_S, SKEW_S};
use super::headers::nested;
use super::refusal::*;
use super::table::Expected::{Admitted, Refused, Unread};
use super::table::Rows;

pub(crate) fn alter(rows: &mut Rows<'_>) {
    types(rows);
    expiry(rows);
    start(rows);
    issued(rows);
    lifetime(rows);
    audience(rows);
    issuer(rows);
    subject(rows);
    document(rows);
    let thumbprint = json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" });
    rows.claim("cnf", thumbprint, Refused(PROOF_MISSING));
    for bound in [json!({}), Value::Null] {
        rows.more().claim("cnf", bound, Refused(PROOF_MISSING));
    }
}

/// A claim of the wrong type is refused whether the form needs it or not.
fn types(rows: &mut Rows<'_>) {
    for name in ["iss", "sub", "azp", "client_id"] {
        rows.claim(name, 7, Unread(CLAIM_TYPE));
        for value in [Value::Null, json!(["x"])] {
            rows.more().claim(name, value, Unread(CLAIM_TYPE));
        }
    }
    // Other issuers use Entra's names for what they like: Okta's tokens say `"ver": 1`.
    let scalar = if rows.form.is_entra() { Unread(CLAIM_TYPE) } else { Admitted };
    for name in ["tid", "oid", "deviceid", "ver", "idtyp", "appid"] {
        rows.claim(name, 7, scalar);
        rows.claim(name, json!(["x"]), Unread(CLAIM_TYPE));
        rows.more().claim(name, Value::Null, scalar);
    }
    for name in ["aud", "scp", "scope", "roles"] {
        rows.claim(name, 7, Unread(CLAIM_TYPE));
        for value in [Value::Null, json!(["x", 7]), json!({ "x": "y" })] {
            rows.more().claim(name, value, Unread(CLAIM_TYPE));
        }
    }
    for name in ["exp", "nbf", "iat"] {
        for value in [json!(ENDS.to_string()), json!(-1), json!(253_402_300_800_u64)] {
            rows.claim(name, value, Unread(CLAIM_TYPE));
        }
        for value in [
            Value::Null,
            json!(true),
            json!([ENDS]),
            json!(-0.5),
            json!(9_223_372_036_854_775_808_u64),
            json!(1e300),
        ] {
            rows.more().claim(name, value, Unread(CLAIM_TYPE));
        }
    }
}

fn expiry(rows: &mut Rows<'_>) {
    let last = NOW - SKEW_S;
    rows.no_claim("exp", Unread(CLAIM_MISSING));
    rows.case("exp at the skew", |token| token.claim("exp", last), Admitted);
    rows.case("exp past the skew", |token| token.claim("exp", last - 1), Refused(EXPIRED));
    let mut more = rows.more();
    let past = |token: Draft| token.claim("exp", last as f64 - 0.5);
    more.case("exp a fraction past the skew", past, Refused(EXPIRED));
    more.case("exp with a fraction", |token| token.claim("exp", ENDS as f64 + 0.5), Admitted);
    let zero = |token: Draft| token.claim("exp", 0).no_claim("nbf").no_claim("iat");
    more.case("exp zero", zero, Refused(EXPIRED));
}

fn start(rows: &mut Rows<'_>) {
    let first = NOW + SKEW_S;
    rows.no_claim("nbf", Admitted);
    rows.case("nbf past the skew", |token| token.claim("nbf", first + 1), Refused(NOT_YET_VALID));
    rows.case("nbf after exp", |token| token.claim("nbf", ENDS + 1), Unread(TIMES_CONTRADICT));
    let mut more = rows.more();
    more.case("nbf at the skew", |token| token.claim("nbf", first), Admitted);
    let past = |token: Draft| token.claim("nbf", first as f64 + 0.5);
    more.case("nbf a fraction past the skew", past, Refused(NOT_YET_VALID));
    more.case("nbf equal to exp", |token| token.claim("nbf", ENDS), Refused(NOT_YET_VALID));
    more.case("exp before nbf", |token| token.claim("exp", ISSUED - 1), Unread(TIMES_CONTRADICT));
}

fn issued(rows: &mut Rows<'_>) {
    let last = NOW + SKEW_S;
    rows.no_claim("iat", Admitted);
    rows.case("iat past the skew", |token| token.claim("iat", last + 1), Refused(ISSUED_IN_FUTURE));
    rows.more().case("iat at the skew", |token| token.claim("iat", last), Admitted);
}

/// Counted from `iat`, else `nbf`, else the present: leaving them out buys nothing.
fn lifetime(rows: &mut Rows<'_>) {
    let longest = ISSUED + LIFETIME_S;
    let too_long = Refused(LIFETIME_TOO_LONG);
    rows.case("lifetime past the bound", |token| token.claim("exp", longest + 1), too_long);
    let mut more = rows.more();
    more.case("lifetime at the bound", |token| token.claim("exp", longest), Admitted);
    let from_nbf = |token: Draft| token.claim("exp", longest + 1).no_claim("iat");
    more.case("lifetime past the bound, no iat", from_nbf, too_long);
    for (what, more_s, expected) in [("at", 0, Admitted), ("past", 1, too_long)] {
        more.case(
            &format!("lifetime {what} the bound, no iat, no nbf"),
            |token| {
                let ends = NOW + LIFETIME_S + more_s;
                token.claim("exp", ends).no_claim("iat").no_claim("nbf")
            },
            expected,
        );
    }
}

fn audience(rows: &mut Rows<'_>) {
    let own = rows.form.audience();
    let foreign = "00000003-0000-0000-c000-000000000000";
    rows.no_claim("aud", Unread(CLAIM_MISSING));
    rows.claim("aud", foreign, Refused(UNPROVEN_AUDIENCE));
    rows.claim("aud", json!([foreign, own]), Admitted);
    rows.claim("aud", json!([foreign]), Refused(UNPROVEN_AUDIENCE));
    // Entra's v1.0 tokens carry an App ID URI as the client wrote it, others as it is registered.
    let with_slash = if rows.form.is_v1() { Admitted } else { Refused(UNPROVEN_AUDIENCE) };
    rows.claim("aud", format!("{API_URI}/"), with_slash);
    for good in [json!([own]), json!(API_URI), json!(API_CLIENT)] {
        if good != own {
            rows.more().claim("aud", good, Admitted);
        }
    }
    for other in [
        json!([]),
        json!(""),
        json!(own.to_uppercase()),
        json!(format!("{own} ")),
        json!(format!("{own},{foreign}")),
        json!(format!("{API_URI}//")),
    ] {
        rows.more().claim("aud", other, Refused(UNPROVEN_AUDIENCE));
    }
}

/// Compared letter by letter.
fn issuer(rows: &mut Rows<'_>) {
    let own = rows.form.issuer();
    rows.no_claim("iss", Unread(CLAIM_MISSING));
    let moved_slash = own.strip_suffix('/').map_or(format!("{own}/"), str::to_owned);
    let over_http = own.replace("https:", "http:");
    for other in [moved_slash, over_http, "https://evil.example".to_owned()] {
        rows.claim("iss", other, Unread(ISSUER_UNKNOWN));
    }
    for other in [
        own.replace("https:", "HTTPS:"),
        own.replace("://", "://user@"),
        own.replace('.', "%2E"),
        format!(" {own}"),
        format!("{own}\0"),
        format!("{own}?"),
        String::new(),
    ] {
        rows.more().claim("iss", other, Unread(ISSUER_UNKNOWN));
    }
}

fn subject(rows: &mut Rows<'_>) {
    rows.no_claim("sub", Refused(CLAIM_MISSING));
    rows.claim("sub", "s".repeat(256), Refused(CLAIM_TOO_LONG));
    rows.claim("sub", "", Refused(CLAIM_TYPE));
    rows.more().claim("sub", "s".repeat(255), Admitted);
    for value in ["a\nb", "a\0b", "\u{85}"] {
        rows.more().claim("sub", value, Refused(CLAIM_TYPE));
    }
}

/// The payload as a document.
fn document(rows: &mut Rows<'_>) {
    let twice = r#""exp":4102444800"#;
    rows.case("text: exp twice", |token| token.with_text(twice), Unread(PAYLOAD_DUPLICATE));
    rows.claim("EXP", ENDS, Unread(PAYLOAD_DUPLICATE));
    let mut more = rows.more();
    more.claim("Aud", more.form.audience(), Unread(PAYLOAD_DUPLICATE));
    more.claim("x", json!({ "EXP": 1, "exp": 2 }), Admitted);
    more.claim("nested", nested(), Unread(PAYLOAD_JSON));
    let wide: Map<_, _> = (0..256).map(|i| (format!("m{i}"), json!(i))).collect();
    more.claim("wide", wide, Unread(PAYLOAD_JSON));
    more.claim("aio", "x".repeat(13_000), Unread(TOKEN_TOO_LARGE));
    for (what, text, refusal) in [
        ("exp twice, once escaped", r#""\u0065xp":4102444800"#, PAYLOAD_DUPLICATE),
        ("twice inside", r#""x":{"y":1,"y":2}"#, PAYLOAD_DUPLICATE),
        ("beyond any number", r#""x":1e999"#, PAYLOAD_JSON),
        ("not a number", r#""x":NaN"#, PAYLOAD_JSON),
        ("half a surrogate pair", r#""x":"\ud800""#, PAYLOAD_JSON),
        ("more after the object", r#""x":1}{"y":2"#, PAYLOAD_JSON),
    ] {
        more.case(&format!("text: {what}"), |token| token.with_text(text), Unread(refusal));
    }
    for text in ["[]", "null", "\"x\"", "{}{}", ""] {
        let instead = |token| Draft { text: Some(text.to_owned()), ..token };
        more.case(&format!("text: {text:?}"), instead, Unread(PAYLOAD_JSON));
    }
}
