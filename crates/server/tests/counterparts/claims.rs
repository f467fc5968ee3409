//! Every claim of JWT itself, altered: what holds for Entra and for any other issuer.

use serde_json::{Map, Value, json};

use super::draft::{ENDS, Form, ISSUED, NOW};
use super::headers::nested;
use super::refusal::*;
use super::site::{API_CLIENT, API_URI, PLAIN};
use super::table::Expected::{Admitted, Refused, Unread};
use super::table::Rows;

/// `gate.skew`, five minutes, is inclusive: its last second passes.
const SKEW_S: i64 = 300;

/// `limits.token_lifetime`, 30 h.
const LIFETIME_S: i64 = 108_000;

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
    for bound in [json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }), json!({})] {
        rows.claim("cnf", bound, Refused(PROOF_MISSING));
    }
    rows.claim("cnf", Value::Null, Refused(PROOF_MISSING));
}

/// A claim of the wrong type is refused whether the form needs it or not.
fn types(rows: &mut Rows<'_>) {
    for name in ["iss", "sub", "tid", "oid", "deviceid", "ver", "idtyp", "azp", "appid", "client_id"]
    {
        for value in [json!(7), Value::Null, json!(["x"])] {
            rows.claim(name, value, Unread(CLAIM_TYPE));
        }
    }
    for name in ["aud", "scp", "scope", "roles"] {
        for value in [json!(7), Value::Null, json!(["x", 7]), json!({ "x": "y" })] {
            rows.claim(name, value, Unread(CLAIM_TYPE));
        }
    }
    for name in ["exp", "nbf", "iat"] {
        for value in [
            json!(ENDS.to_string()),
            Value::Null,
            json!(true),
            json!([ENDS]),
            json!(-1),
            json!(-0.5),
            json!(253_402_300_800_u64),
            json!(9_223_372_036_854_775_808_u64),
            json!(1e300),
        ] {
            rows.claim(name, value, Unread(CLAIM_TYPE));
        }
    }
}

fn expiry(rows: &mut Rows<'_>) {
    let last = NOW - SKEW_S;
    rows.no_claim("exp", Unread(CLAIM_MISSING));
    rows.case("exp at the skew", |token| token.claim("exp", last), Admitted);
    rows.case("exp past the skew", |token| token.claim("exp", last - 1), Refused(EXPIRED));
    rows.case(
        "exp a fraction past the skew",
        |token| token.claim("exp", last as f64 - 0.5),
        Refused(EXPIRED),
    );
    rows.case("exp with a fraction", |token| token.claim("exp", ENDS as f64 + 0.5), Admitted);
    rows.case(
        "exp zero",
        |token| token.claim("exp", 0).no_claim("nbf").no_claim("iat"),
        Refused(EXPIRED),
    );
}

fn start(rows: &mut Rows<'_>) {
    let first = NOW + SKEW_S;
    rows.no_claim("nbf", Admitted);
    rows.case("nbf at the skew", |token| token.claim("nbf", first), Admitted);
    rows.case("nbf past the skew", |token| token.claim("nbf", first + 1), Refused(NOT_YET_VALID));
    rows.case(
        "nbf a fraction past the skew",
        |token| token.claim("nbf", first as f64 + 0.5),
        Refused(NOT_YET_VALID),
    );
    rows.case("nbf equal to exp", |token| token.claim("nbf", ENDS), Refused(NOT_YET_VALID));
    rows.case("nbf after exp", |token| token.claim("nbf", ENDS + 1), Unread(TIMES_CONTRADICT));
    rows.case("exp before nbf", |token| token.claim("exp", ISSUED - 1), Unread(TIMES_CONTRADICT));
}

fn issued(rows: &mut Rows<'_>) {
    let last = NOW + SKEW_S;
    rows.no_claim("iat", Admitted);
    rows.case("iat at the skew", |token| token.claim("iat", last), Admitted);
    rows.case("iat past the skew", |token| token.claim("iat", last + 1), Refused(ISSUED_IN_FUTURE));
}

/// Counted from `iat`, else `nbf`, else the present: leaving them out buys nothing.
fn lifetime(rows: &mut Rows<'_>) {
    let longest = ISSUED + LIFETIME_S;
    let too_long = Refused(LIFETIME_TOO_LONG);
    rows.case("lifetime at the bound", |token| token.claim("exp", longest), Admitted);
    rows.case("lifetime past the bound", |token| token.claim("exp", longest + 1), too_long);
    rows.case(
        "lifetime past the bound, no iat",
        |token| token.claim("exp", longest + 1).no_claim("iat"),
        too_long,
    );
    rows.case(
        "lifetime at the bound, no iat, no nbf",
        |token| token.claim("exp", NOW + LIFETIME_S).no_claim("iat").no_claim("nbf"),
        Admitted,
    );
    rows.case(
        "lifetime past the bound, no iat, no nbf",
        |token| token.claim("exp", NOW + LIFETIME_S + 1).no_claim("iat").no_claim("nbf"),
        too_long,
    );
}

fn audience(rows: &mut Rows<'_>) {
    let own = rows.form.audience();
    let foreign = "00000003-0000-0000-c000-000000000000";
    rows.no_claim("aud", Unread(CLAIM_MISSING));
    for good in [json!([own]), json!([foreign, own]), json!(API_URI), json!(API_CLIENT)] {
        rows.claim("aud", good, Admitted);
    }
    let others = [
        json!(foreign),
        json!([foreign]),
        json!([]),
        json!(""),
        json!(own.to_uppercase()),
        json!(format!("{own} ")),
        json!(format!("{own},{foreign}")),
        json!(format!("{API_URI}//")),
    ];
    for other in others {
        rows.claim("aud", other, Refused(UNPROVEN_AUDIENCE));
    }
    // Entra's v1.0 tokens carry an App ID URI as the client wrote it, others as it is registered.
    let with_slash = if rows.form.is_v1() { Admitted } else { Refused(UNPROVEN_AUDIENCE) };
    rows.claim("aud", format!("{API_URI}/"), with_slash);
}

/// Compared letter by letter.
fn issuer(rows: &mut Rows<'_>) {
    let own = Rows::own_issuer(rows.form);
    rows.no_claim("iss", Unread(CLAIM_MISSING));
    let moved_slash = own.strip_suffix('/').map_or(format!("{own}/"), str::to_owned);
    for other in [
        moved_slash,
        own.replace("https:", "http:"),
        own.replace("https:", "HTTPS:"),
        own.replace("://", "://user@"),
        own.replace(".", "%2E"),
        format!(" {own}"),
        format!("{own}\u{0}"),
        format!("{own}?"),
        "https://evil.example".to_owned(),
        String::new(),
    ] {
        rows.claim("iss", other, Unread(ISSUER_UNKNOWN));
    }
}

fn subject(rows: &mut Rows<'_>) {
    rows.no_claim("sub", Refused(CLAIM_MISSING));
    rows.claim("sub", "s".repeat(255), Admitted);
    rows.claim("sub", "s".repeat(256), Refused(CLAIM_TOO_LONG));
    for value in ["", "a\nb", "a\u{0}b", "\u{85}"] {
        rows.claim("sub", value, Refused(CLAIM_TYPE));
    }
}

/// The payload as a document.
fn document(rows: &mut Rows<'_>) {
    rows.claim("nested", nested(), Unread(PAYLOAD_JSON));
    rows.claim("x", json!({ "EXP": 1, "exp": 2 }), Admitted);
    rows.claim("EXP", ENDS, Unread(PAYLOAD_DUPLICATE));
    rows.claim("Aud", rows.form.audience(), Unread(PAYLOAD_DUPLICATE));
    let wide: Map<_, _> = (0..256).map(|i| (format!("m{i}"), json!(i))).collect();
    rows.claim("wide", wide, Unread(PAYLOAD_JSON));
    rows.claim("aio", "x".repeat(13_000), Unread(TOKEN_TOO_LARGE));
    for (what, more, refusal) in [
        ("text: exp twice", r#""exp":4102444800"#, PAYLOAD_DUPLICATE),
        ("text: exp twice, once escaped", r#""\u0065xp":4102444800"#, PAYLOAD_DUPLICATE),
        ("text: twice inside", r#""x":{"y":1,"y":2}"#, PAYLOAD_DUPLICATE),
        ("text: beyond any number", r#""x":1e999"#, PAYLOAD_JSON),
        ("text: not a number", r#""x":NaN"#, PAYLOAD_JSON),
        ("text: half a surrogate pair", r#""x":"\ud800""#, PAYLOAD_JSON),
        ("text: more after the object", r#""x":1}{"y":2"#, PAYLOAD_JSON),
    ] {
        rows.case(what, |token| token.with_text(more), Unread(refusal));
    }
    for (what, text) in [("list", "[]"), ("null", "null"), ("string", "\"x\""), ("nothing", "")] {
        let alter = |token| super::draft::Draft { text: Some(text.to_owned()), ..token };
        rows.case(&format!("text: {what}"), alter, Unread(PAYLOAD_JSON));
    }
}

impl Rows<'_> {
    fn own_issuer(form: Form) -> String {
        if form.is_entra() { form.entra_issuer(super::site::TENANT) } else { PLAIN.to_owned() }
    }
}
