//! What a section `[[oidc]]` can ask: secrets, another `typ`, another subject.

use serde_json::json;

use super::draft::{Draft, Form, NOW};
use super::gateway::{NAMED, PLAIN, SECRET, SKEW_S, TENANT, TYPED};
use super::refusal::*;
use super::table::Expected::{Admitted, Refused, Unread};
use super::table::{Rows, another};

pub(crate) fn alter(rows: &mut Rows<'_>) {
    issuer(rows);
    typ(rows);
    named(rows);
    rows.more().no_claim("scope", Admitted);
    rows.more().no_claim("azp", Admitted);
    // What is Entra's own means nothing here.
    for (name, value) in
        [("tid", "x"), ("oid", "x"), ("deviceid", "x"), ("ver", "9"), ("idtyp", "app")]
    {
        rows.more().claim(name, value, Admitted);
    }
    // The only section that knows secrets takes nothing else.
    rows.case("at the issuer of secrets", |token| token.claim("iss", SECRET), Refused(KEY_UNKNOWN));
}

/// Secrets verify for the issuer whose `algorithms` name them.
pub(crate) fn secret(rows: &mut Rows<'_>) {
    // Other hashes are other algorithms, even where the secret would be long enough.
    let other = another(rows.alg);
    let of = |token: Draft| token.claim("iss", SECRET).scenario("device");
    let twin = |token: Draft| of(Draft::twin(&token.kid, token.form));
    rows.case("secret", of, Admitted);
    rows.case("secret, twin", twin, Admitted);
    rows.case("secret, no kid", |token| of(token).no_header("kid"), Admitted);
    let mut case = |what: &str, alter: &dyn Fn(Draft) -> Draft, expected| {
        rows.case(&format!("secret, {what}"), |token| alter(of(token)), expected);
    };
    case("other kid", &|token| token.header("kid", "nobody"), Refused(KEY_UNKNOWN));
    case("other alg", &|token| token.header("alg", other), Refused(ALGORITHM_MISMATCH));
    case("key of another alg", &|token| token.header("kid", other), Refused(ALGORITHM_MISMATCH));
    case("alg none", &|token| token.header("alg", "none"), Unread(ALGORITHM_UNKNOWN));
    case("expired", &|token| token.claim("exp", NOW - SKEW_S - 1), Refused(EXPIRED));
    case("for a user", &|token| token.scenario("user"), Refused(USER_NEEDED));
}

fn issuer(rows: &mut Rows<'_>) {
    for other in [PLAIN.to_uppercase(), format!("{PLAIN}/path"), format!("{PLAIN}:443")] {
        rows.more().claim("iss", other, Unread(ISSUER_UNKNOWN));
    }
    // The other form: from here on the rules of Entra hold, by which it is nobody's.
    let as_entra = |token: Draft| {
        let form = Form::EntraV2User;
        Draft { form, ..token }.claim("iss", form.entra_issuer(TENANT))
    };
    rows.case("iss of Entra", as_entra, Refused(APP_ONLY));
}

/// The section says `typ = "application/at+jwt"`.
fn typ(rows: &mut Rows<'_>) {
    let of = |token: Draft| token.claim("iss", TYPED);
    rows.case("typ at+jwt", |token| of(token).header("typ", "at+jwt"), Admitted);
    rows.case("typ JWT instead of at+jwt", of, Refused(UNPROVEN_TYPE));
    let mut more = rows.more();
    for typ in ["application/at+jwt", "AT+JWT"] {
        more.case(&format!("typ {typ}"), |token| of(token).header("typ", typ), Admitted);
    }
    for typ in ["", "application/", "at+jwt2", "application/application/at+jwt"] {
        let what = format!("typ {typ:?} instead of at+jwt");
        more.case(&what, |token| of(token).header("typ", typ), Refused(UNPROVEN_TYPE));
    }
    let without = |token| of(token).no_header("typ");
    more.case("no typ instead of at+jwt", without, Refused(UNPROVEN_TYPE));
}

/// The section says `subject = "employee"`.
fn named(rows: &mut Rows<'_>) {
    let of = |token: Draft| token.claim("iss", NAMED).claim("employee", "E-1001");
    rows.case("subject named", of, Admitted);
    let only_sub = |token| of(token).no_claim("employee");
    rows.case("subject named, but only sub", only_sub, Refused(CLAIM_MISSING));
    let mut more = rows.more();
    more.case("subject named, no sub", |token| of(token).no_claim("sub"), Admitted);
    for (value, refusal) in [
        (json!(1001), CLAIM_TYPE),
        (json!(null), CLAIM_TYPE),
        (json!(["E-1001"]), CLAIM_TYPE),
        (json!(""), CLAIM_TYPE),
        (json!("E\n1001"), CLAIM_TYPE),
        (json!("e".repeat(256)), CLAIM_TOO_LONG),
    ] {
        let what = format!("subject named, {:.20}", value.to_string());
        more.case(&what, |token| of(token).claim("employee", value), Refused(refusal));
    }
}
