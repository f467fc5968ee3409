//! Users and devices, imported.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::fs;

use support::{ADMIN, NOW_S, site};
use tollgate::Guid;
use tollgate_site::registry::Kind;
use tollgate_site::{Authority, ClientSettings, Order, Target};

const TENANT: &str = "9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b";
const ANN: &str = "00000000-0000-0000-0000-00000000000a";
const BOB: &str = "00000000-0000-0000-0000-00000000000b";

fn import(site: &Authority, csv: &str) -> (u64, u64, u64) {
    let done = site.import_users("u.csv", csv.as_bytes(), ADMIN, NOW_S).unwrap();
    (done.rows, done.disabled, done.enabled)
}

fn refused_users(site: &Authority) -> Vec<Vec<u8>> {
    let rows = site.withdrawals(0, 99).unwrap();
    rows.into_iter().filter(|row| row.kind == Kind::User).map(|row| row.subject).collect()
}

#[test]
fn users_are_known_by_tenant_and_object_or_sid() {
    let made = site();
    let site = &made.site;
    let head = "tenant_id,object_id,onprem_sid,enabled\n";
    assert_eq!(import(site, &format!("{head}{TENANT},{ANN},S-1-5-21-7,true\n")), (1, 0, 0));
    // The second import names one more, and leaves the first as it is.
    assert_eq!(import(site, &format!("{head}{TENANT},{BOB},,false\n")), (1, 1, 0));
    assert_eq!(site.users(None, 9).unwrap().len(), 2);
    let bob = Guid::parse(BOB).unwrap().0.to_vec();
    assert_eq!(refused_users(site), [bob]);
    let file = fs::read_to_string(site.users_file()).unwrap();
    let expected =
        format!("tenant_id,object_id,enabled\n{TENANT},{ANN},true\n{TENANT},{BOB},false\n");
    assert_eq!(file, expected);
    assert_eq!(import(site, &format!("{head}{TENANT},{BOB},,true\n")), (1, 0, 1));
    assert!(refused_users(site).is_empty());
    // A column that is not there says nothing.
    assert_eq!(
        import(site, &format!("tenant_id,object_id,enabled\n{TENANT},{ANN},true\n")),
        (1, 0, 0)
    );
    assert_eq!(site.users(None, 9).unwrap()[0].sid, "S-1-5-21-7");
    // What an administrator withdrew no import gives back, though an import had disabled it before.
    assert_eq!(import(site, &format!("{head}{TENANT},{ANN},S-1-5-21-7,false\n")), (1, 1, 0));
    let sid = Target::parse("user", "S-1-5-21-7").unwrap();
    let order = Order { note: "left".into(), ..Order::default() };
    site.withdraw(&[sid], &order, ADMIN, NOW_S).unwrap();
    assert_eq!(import(site, &format!("{head}{TENANT},{ANN},S-1-5-21-7,true\n")), (1, 0, 0));
    assert_eq!(refused_users(site), [Guid::parse(ANN).unwrap().0.to_vec()]);
    let nobody = Target::parse("user", "S-1-5-21-8").unwrap();
    let said = site.withdraw(&[nobody], &order, ADMIN, NOW_S).unwrap_err().to_string();
    assert!(said.contains("no imported user has the SID"), "{said}");
}

#[test]
fn one_bad_row_imports_nothing_and_names_its_line() {
    let made = site();
    let good = format!("{TENANT},{ANN}");
    for (csv, expected) in [
        (format!("object_id\n{ANN}\n"), "u.csv:1: there is no column tenant_id"),
        (format!("tenant_id,object_id\n{good}\n{TENANT},bob@contoso.com\n"), "u.csv:3: object_id"),
        (format!("tenant_id,object_id,enabled\n{good},maybe\n"), "u.csv:2: enabled \"maybe\""),
        (format!("tenant_id,object_id,onprem_sid\n{good},x\n"), "u.csv:2: onprem_sid \"x\" is not"),
        (format!("tenant_id,object_id,Enabled,enabled\n{good},1,0\n"), "two columns enabled"),
        (format!("tenant_id,object_id\n{good}\n{TENANT}\n"), "u.csv:3: "),
        (
            format!("tenant_id,object_id,enabled\n{good},true\n{good},false\n"),
            "stands above, and otherwise",
        ),
    ] {
        let said =
            made.site.import_users("u.csv", csv.as_bytes(), ADMIN, NOW_S).unwrap_err().to_string();
        assert!(said.contains(expected) && said.ends_with("nothing was imported"), "{said}");
        assert!(made.site.users(None, 9).unwrap().is_empty());
    }
}

#[test]
fn devices_bring_their_setting_to_both_names() {
    let made = site();
    let site = &made.site;
    let (client, device) = (Guid([0xc1; 16]), Guid([0xd1; 16]));
    let head = "client_id,tenant_id,device_id,join,gateway_allowed\n";
    let import = |rest: &str| {
        let csv = format!("{head}{client},{TENANT},{device},{rest}\n");
        site.import_devices("d.csv", csv.as_bytes(), ADMIN, NOW_S).unwrap();
        let rows = site.withdrawals(0, 99).unwrap();
        rows.into_iter().map(|row| (row.kind, row.subject)).collect::<Vec<_>>()
    };
    let both = |kind| vec![(kind, client.0.to_vec()), (kind, device.0.to_vec())];
    assert_eq!(import("hybrid,false"), both(Kind::GatewayDenied));
    assert_eq!(import("hybrid,true"), both(Kind::GatewayAllowed));
    assert_eq!(import("none,"), []);
    assert_eq!(site.client_settings(client).unwrap().gateway_allowed, None);
    let file = fs::read_to_string(site.devices_file()).unwrap();
    assert_eq!(
        file, "tenant_id,device_id,client_id,join\n",
        "one that is not joined is not listed"
    );
    let tenants = site.tenants().unwrap();
    assert_eq!((tenants[0].users, tenants[0].devices), (0, 1));
    // What is set by hand holds under both names; what the device is called no longer is free.
    let settings =
        ClientSettings { gateway_allowed: Some(true), user_policy_from_internet: Some(false) };
    site.set_client_settings(client, settings, ADMIN, NOW_S).unwrap();
    let mut rows = site.withdrawals(0, 99).unwrap();
    rows.sort_by_key(|row| row.kind);
    let told: Vec<_> = rows.iter().map(|row| (row.kind, row.subject.clone())).collect();
    let expected = [both(Kind::GatewayAllowed), both(Kind::UserPolicyDenied)].concat();
    assert_eq!(told, expected);
    let renamed = Guid([0xd2; 16]);
    let csv = format!("client_id,tenant_id,device_id\n{client},{TENANT},{renamed}\n");
    site.import_devices("d.csv", csv.as_bytes(), ADMIN, NOW_S).unwrap();
    let subjects: Vec<_> =
        site.withdrawals(0, 99).unwrap().into_iter().map(|row| row.subject).collect();
    assert!(!subjects.contains(&device.0.to_vec()) && subjects.contains(&renamed.0.to_vec()));
    let nothing = ClientSettings { gateway_allowed: None, user_policy_from_internet: None };
    site.set_client_settings(client, nothing, ADMIN, NOW_S).unwrap();
    let all = |value| ClientSettings {
        gateway_allowed: Some(value),
        user_policy_from_internet: Some(value),
    };
    assert_eq!(site.default_settings().unwrap(), all(true));
    let one = ClientSettings { user_policy_from_internet: None, ..all(false) };
    site.set_default_settings(one, ADMIN, NOW_S).unwrap();
    let half = ClientSettings { gateway_allowed: Some(false), ..all(true) };
    assert_eq!(site.default_settings().unwrap(), half);
    site.set_default_settings(all(false), ADMIN, NOW_S).unwrap();
    assert_eq!(site.default_settings().unwrap(), all(false));
    let denied = |kind| {
        let rows = site.withdrawals(0, 99).unwrap().into_iter();
        rows.filter(|row| row.kind == kind).map(|row| row.subject).collect::<Vec<_>>()
    };
    let tenant = Guid::parse(TENANT).unwrap();
    // A tenant that comes later is told as well.
    let other = Guid([0x7e; 16]);
    let csv = format!("client_id,tenant_id,device_id\n{device},{other},{device}\n");
    site.import_devices("d.csv", csv.as_bytes(), ADMIN, NOW_S).unwrap();
    for kind in [Kind::GatewayDeniedByDefault, Kind::UserPolicyDeniedByDefault] {
        assert_eq!(denied(kind), [tenant.0, site.id().0, other.0], "{kind:?}");
    }
    let free = ClientSettings { user_policy_from_internet: Some(true), ..nothing };
    site.set_client_settings(client, free, ADMIN, NOW_S).unwrap();
    assert_eq!(denied(Kind::UserPolicyAllowed), [client.0, renamed.0]);
    site.set_client_settings(client, nothing, ADMIN, NOW_S).unwrap();
    site.set_default_settings(all(true), ADMIN, NOW_S).unwrap();
    assert!(site.withdrawals(0, 9).unwrap().is_empty());
}
