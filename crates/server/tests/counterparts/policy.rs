//! Good tokens that a section or an endpoint does not take: what policy reads of a proven token.

use serde_json::json;

use super::draft::Draft;
use super::gateway::{
    APP, APPS, BOUND, DISABLED, DISCOVERED, IMPORTED, JOINED, OIDC_APPS, OIDC_DISABLED, STALE,
};
use super::refusal::*;
use super::table::Expected::{Admitted, Refused};
use super::table::Rows;

/// An id that stands in no list.
const STRANGER: &str = "99999999-8888-4777-8666-555555555555";

pub(crate) fn alter(rows: &mut Rows<'_>) {
    scopes(rows);
    roles(rows);
    forwarded(rows);
    endpoints(rows);
    if rows.form.is_entra() {
        sections(rows);
        join(rows);
        windows(rows);
    } else {
        rows.case("disabled", |token| token.claim("iss", OIDC_DISABLED), Refused(TENANT_DISABLED));
    }
    client_apps(rows);
}

fn scopes(rows: &mut Rows<'_>) {
    let missing = Refused(SCOPE_MISSING);
    if rows.form.is_device() {
        rows.case("scope required of a device", |token| token.at("scoped"), missing);
        return;
    }
    let own = if rows.form.is_entra() { "scp" } else { "scope" };
    rows.case("scope there", |token| token.at("scoped"), Admitted);
    rows.case("scope missing", |token| token.at("scoped").no_claim(own), missing);
    rows.case("scope other", |token| token.at("scoped").claim(own, "other"), missing);
    for name in ["scp", "scope"] {
        // To Entra `scope` is no claim of scopes.
        let read = if name == "scope" && rows.form.is_entra() { missing } else { Admitted };
        for (value, expected) in [
            (json!("access_as_user_2"), missing),
            (json!("Access_as_user"), missing),
            (json!("access_as_user,other"), missing),
            (json!([]), missing),
            (json!("other access_as_user"), read),
            (json!(["other", "access_as_user"]), read),
        ] {
            let what = format!("scope in {name}: {value}");
            let alter = |token: Draft| token.at("scoped").no_claim(own).claim(name, value);
            rows.more().case(&what, alter, expected);
        }
    }
}

fn roles(rows: &mut Rows<'_>) {
    let missing = Refused(ROLE_MISSING);
    rows.case("role there", |token| token.at("roled"), Admitted);
    rows.case("role missing", |token| token.at("roled").no_claim("roles"), missing);
    rows.case("role other", |token| token.at("roled").claim("roles", json!(["Other"])), missing);
    for (value, expected) in [
        (json!("Gateway.Use"), Admitted),
        (json!(["Other", "Gateway.Use"]), Admitted),
        (json!(["gateway.use"]), missing),
        // Unlike scopes, roles are never cut at spaces.
        (json!("Other Gateway.Use"), missing),
        (json!([]), missing),
    ] {
        let what = format!("role {value}");
        rows.more().case(&what, |token| token.at("roled").claim("roles", value), expected);
    }
}

fn forwarded(rows: &mut Rows<'_>) {
    rows.case("claim forwarded", |token| token.at("forwarding"), Admitted);
    let mut more = rows.more();
    for (what, value, expected) in [
        ("at the bound", json!("d".repeat(1024)), Admitted),
        ("past the bound", json!("d".repeat(1025)), Refused(CLAIM_TOO_LONG)),
        ("a list", json!(["a", "b"]), Admitted),
        ("null", json!(null), Admitted),
    ] {
        more.case(
            &format!("claim forwarded, {what}"),
            |token| token.at("forwarding").claim("department", value),
            expected,
        );
    }
}

fn endpoints(rows: &mut Rows<'_>) {
    let (own, other) = if rows.form.is_entra() {
        ("entra-only", "oidc-only")
    } else {
        ("oidc-only", "entra-only")
    };
    rows.more().case("own method only", |token| token.at(own), Admitted);
    rows.case("other method only", |token| token.at(other), Refused(METHOD_NOT_ENABLED));
    if rows.form.is_device() {
        rows.case("for a user", |token| token.scenario("user"), Refused(USER_NEEDED));
    } else {
        rows.case("for a device", |token| token.scenario("device"), Admitted);
    }
    for (endpoint, scenario) in [("devices", "user"), ("users", "device")] {
        rows.more().case(
            &format!("scenario {scenario} at {endpoint}"),
            |token| token.at(endpoint).scenario(scenario),
            Refused(SCENARIO_NOT_ENABLED),
        );
    }
}

fn sections(rows: &mut Rows<'_>) {
    rows.case("tenant disabled", |token| token.of(DISABLED), Refused(TENANT_DISABLED));
    rows.case("keys stale", |token| token.of(STALE), Refused(KEYS_STALE));
    rows.split("keys of another tenant", |token| token.of(BOUND), Admitted, Refused(KEY_ISSUER));
    rows.case("user discovered", |token| token.of(DISCOVERED), Admitted);
    // The list is one of users: a device alone is none of them.
    let unlisted = if rows.form.is_device() { Admitted } else { Refused(USER_NOT_DISCOVERED) };
    let stranger = |token: Draft| token.of(DISCOVERED).claim("oid", STRANGER);
    rows.case("user not discovered", stranger, unlisted);
}

fn join(rows: &mut Rows<'_>) {
    let is_device = rows.form.is_device();
    let unnamed = Refused(if is_device { CLAIM_MISSING } else { NOT_JOINED });
    for (what, tenant) in [("join claimed", JOINED), ("device imported", IMPORTED)] {
        rows.more().case(what, |token| token.of(tenant), Admitted);
        let without = |token: Draft| token.of(tenant).no_claim("deviceid");
        rows.case(&format!("{what}, no device"), without, unnamed);
    }
    let stranger = |tenant| move |token: Draft| token.of(tenant).claim("deviceid", STRANGER);
    rows.case("join claimed, any device", stranger(JOINED), Admitted);
    rows.case("device not imported", stranger(IMPORTED), Refused(DEVICE_NOT_IMPORTED));
}

fn windows(rows: &mut Rows<'_>) {
    rows.case("Windows unknown", |token| token.at("windows"), Refused(WINDOWS_UNKNOWN));
    for endpoint in ["windows", "open"] {
        let mut more = rows.more();
        let what = format!("Windows 8.1 at {endpoint}");
        let old = |token: Draft| token.at(endpoint).windows("6.3.9600");
        more.case(&what, old, Refused(WINDOWS_TOO_OLD));
        let what = format!("Windows 10 at {endpoint}");
        more.case(&what, |token| token.at(endpoint).windows("10.0.19045"), Admitted);
    }
}

fn client_apps(rows: &mut Rows<'_>) {
    let not_allowed = Refused(CLIENT_APP_NOT_ALLOWED);
    let (own, other) = rows.form.app_claims();
    let listed = |token: Draft| match token.form.is_entra() {
        true => token.of(APPS),
        false => token.claim("iss", OIDC_APPS),
    };
    rows.case("client app listed", |token| listed(token).claim(own, APP), Admitted);
    let stranger = |token: Draft| listed(token).claim(own, STRANGER);
    rows.case("client app not listed", stranger, not_allowed);
    let upper = |token: Draft| listed(token).claim(own, APP.to_uppercase());
    rows.more().case("client app in upper case", upper, not_allowed);
    if rows.form.is_device() {
        // Entra gives device tokens without one.
        rows.case("no client app", listed, Admitted);
        return;
    }
    rows.case("no client app", |token| listed(token).no_claim(own), not_allowed);
    rows.case(
        "client app in the other form's claim",
        |token| listed(token).no_claim(own).claim(other, APP),
        not_allowed,
    );
    // RFC 9068 has `client_id` where OpenID Connect has `azp`, which goes first.
    let in_client_id = if rows.form.is_entra() { not_allowed } else { Admitted };
    let mut more = rows.more();
    let instead = |token: Draft| listed(token).no_claim(own).claim("client_id", APP);
    more.case("client app in client_id", instead, in_client_id);
    let beside = |token: Draft| stranger(token).claim("client_id", APP);
    more.case("client app not listed, but in client_id", beside, not_allowed);
}
