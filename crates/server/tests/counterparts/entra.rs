//! Every claim of Entra's own, altered.

use serde_json::json;

use super::draft::Draft;
use super::gateway::{APPS, CHINA, DEVICE, TENANT, US_GOV, USER};
use super::refusal::*;
use super::table::Expected::{Admitted, Refused, Unread};
use super::table::Rows;

/// A tenant that no section names.
const STRANGER: &str = "0f0e0d0c-0b0a-4908-8706-050403020100";

/// The tenant of personal accounts, which anybody can have.
const MICROSOFT_ACCOUNTS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// What is almost a GUID.
const NOT_GUIDS: [&str; 3] =
    ["", "{11111111-2222-4333-8444-555555555555}", "11111111222243338444555555555555"];

pub(crate) fn alter(rows: &mut Rows<'_>) {
    tenant(rows);
    clouds(rows);
    version(rows);
    object(rows);
    device(rows);
    if rows.form.is_device() { kind_of_device(rows) } else { kind_of_user(rows) }
}

fn tenant(rows: &mut Rows<'_>) {
    let form = rows.form;
    rows.no_claim("tid", Refused(CLAIM_MISSING));
    rows.claim("tid", APPS, Refused(TENANT_MISMATCH));
    rows.claim("tid", "common", Refused(TENANT_MISMATCH));
    rows.claim("iss", form.entra_issuer(APPS), Refused(TENANT_MISMATCH));
    rows.claim("iss", form.entra_issuer(STRANGER), Unread(TENANT_UNKNOWN));
    rows.claim("iss", form.entra_issuer("common"), Unread(ISSUER_UNKNOWN));
    rows.case("iss and tid unknown", |token| token.of(STRANGER), Unread(TENANT_UNKNOWN));
    // A tenant is one whatever its letters' case, but both claims have to spell it alike.
    let upper = TENANT.to_uppercase();
    let mut more = rows.more();
    more.claim("tid", upper.as_str(), Refused(TENANT_MISMATCH));
    more.claim("iss", form.entra_issuer(&upper), Refused(TENANT_MISMATCH));
    more.case("iss and tid in upper case", |token| token.of(&upper), Admitted);
    for other in [STRANGER, MICROSOFT_ACCOUNTS, ""] {
        more.claim("tid", other, Refused(TENANT_MISMATCH));
    }
    more.claim("iss", form.entra_issuer(MICROSOFT_ACCOUNTS), Unread(TENANT_UNKNOWN));
    let personal = |token: Draft| token.of(MICROSOFT_ACCOUNTS);
    more.case("iss and tid of personal accounts", personal, Unread(TENANT_UNKNOWN));
    for nobody in ["organizations", "{tenantid}", "", &format!("{TENANT}/{TENANT}")] {
        more.claim("iss", form.entra_issuer(nobody), Unread(ISSUER_UNKNOWN));
    }
}

/// Each cloud spells its issuers in its own way; the worldwide one and US Government share v1.0's.
fn clouds(rows: &mut Rows<'_>) {
    let form = rows.form;
    let (us_gov, china) = if form.is_v1() {
        ("https://sts.windows.net/*/", "https://sts.chinacloudapi.cn/*/")
    } else {
        (
            "https://login.microsoftonline.us/*/v2.0",
            "https://login.partner.microsoftonline.cn/*/v2.0",
        )
    };
    for (tenant, spelling) in [(US_GOV, us_gov), (CHINA, china)] {
        let own = spelling.replace('*', tenant);
        let worldwide = form.entra_issuer(tenant);
        let with = |iss: &str| {
            let iss = iss.to_owned();
            move |token: Draft| token.of(tenant).claim("iss", iss)
        };
        rows.case(&format!("iss and tid of {own}"), with(&own), Admitted);
        if own != worldwide {
            let what = format!("iss and tid of {worldwide}");
            rows.case(&what, with(&worldwide), Unread(TENANT_UNKNOWN));
            rows.claim("iss", spelling.replace('*', TENANT), Unread(TENANT_UNKNOWN));
        }
    }
}

/// `ver` belongs to the spelling of `iss`.
fn version(rows: &mut Rows<'_>) {
    let is_v1 = rows.form.is_v1();
    let (other, other_issuer, mixed_issuer) = if is_v1 {
        (
            "2.0",
            format!("https://login.microsoftonline.com/{TENANT}/v2.0"),
            format!("https://sts.windows.net/{TENANT}/v2.0"),
        )
    } else {
        (
            "1.0",
            format!("https://sts.windows.net/{TENANT}/"),
            format!("https://login.microsoftonline.com/{TENANT}/"),
        )
    };
    rows.no_claim("ver", Admitted);
    rows.claim("ver", other, Refused(VERSION_MISMATCH));
    rows.claim("iss", other_issuer, Refused(VERSION_MISMATCH));
    rows.claim("iss", mixed_issuer, Unread(ISSUER_UNKNOWN));
    // v1.1 is v1.0 with claims of continuous access.
    let with_access = if is_v1 { Admitted } else { Refused(VERSION_MISMATCH) };
    rows.claim("ver", "1.1", with_access);
    for other in ["1", "2", "1.2", "2.1", "v1.0", "3.0", ""] {
        rows.more().claim("ver", other, Refused(VERSION_MISMATCH));
    }
}

fn object(rows: &mut Rows<'_>) {
    rows.no_claim("oid", Refused(CLAIM_MISSING));
    rows.claim("oid", "alice@example.org", Refused(CLAIM_TYPE));
    let mut more = rows.more();
    NOT_GUIDS.iter().for_each(|oid| more.claim("oid", *oid, Refused(CLAIM_TYPE)));
    more.claim("oid", USER.to_uppercase(), Admitted);
}

fn device(rows: &mut Rows<'_>) {
    let without = if rows.form.is_device() { Refused(CLAIM_MISSING) } else { Admitted };
    rows.no_claim("deviceid", without);
    rows.claim("deviceid", "PC-0042", Refused(CLAIM_TYPE));
    let mut more = rows.more();
    NOT_GUIDS.iter().for_each(|device| more.claim("deviceid", *device, Refused(CLAIM_TYPE)));
    more.claim("deviceid", DEVICE.to_uppercase(), Admitted);
}

fn kind_of_user(rows: &mut Rows<'_>) {
    rows.no_claim("idtyp", Admitted);
    rows.no_claim("scp", Admitted);
    let neither = |token: Draft| token.no_claim("idtyp").no_claim("scp");
    rows.case("no claim idtyp, no claim scp", neither, Refused(APP_ONLY));
    rows.claim("idtyp", "app", Refused(APP_ONLY));
    rows.claim("idtyp", "agent", Refused(KIND_UNCLEAR));
    let mut more = rows.more();
    let app = |token: Draft| token.claim("idtyp", "app").no_claim("scp");
    more.case("idtyp app, no claim scp", app, Refused(APP_ONLY));
    for kind in ["device", "User", "user ", ""] {
        more.claim("idtyp", kind, Refused(KIND_UNCLEAR));
    }
    more.claim("scp", json!(["access_as_user", "other"]), Admitted);
    more.claim("scp", "", Admitted);
}

fn kind_of_device(rows: &mut Rows<'_>) {
    rows.no_claim("idtyp", Refused(APP_ONLY));
    rows.claim("idtyp", "app", Refused(APP_ONLY));
    rows.claim("idtyp", "agent", Refused(KIND_UNCLEAR));
    rows.claim("scp", "access_as_user", Refused(KIND_UNCLEAR));
    let mut more = rows.more();
    for kind in ["Device", "device ", ""] {
        more.claim("idtyp", kind, Refused(KIND_UNCLEAR));
    }
    // `idtyp` is authoritative: the issuer says that this object is a user.
    more.claim("idtyp", "user", Admitted);
    let of_user = |token: Draft| token.no_claim("idtyp").claim("scp", "access_as_user");
    more.case("no claim idtyp, but scp", of_user, Admitted);
}
