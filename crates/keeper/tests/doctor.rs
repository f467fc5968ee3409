//! Configurations that are broken on purpose, and what the doctor says of them: the row, why, and the
//! line to change.

#![allow(clippy::unwrap_used)]

#[path = "doctor/folder.rs"]
mod folder;
#[path = "doctor/keys.rs"]
mod keys;
#[path = "doctor/lists.rs"]
mod lists;
#[path = "doctor/pki.rs"]
mod pki;

use folder::{Folder, assert_row, row};
use tollgate::Method;
use tollgate_keeper::doctor::Diagnosis;

const ALL: &str = r#"feed = "none"

[[endpoint]]
name = "internet"
methods = ["entra", "oidc", "pki", "site"]

[[entra]]
tenant = "9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b"
audiences = ["https://ConfigMgrService"]
client_apps = ["1950a258-227b-4e31-a9cf-717495945fc2"]
discovered_users_only = true
users_file = "users.csv"
join_required = "imported"
devices_file = "devices.csv"
algorithms = ["ES256"]
jwks_file = "entra.json"
jwks_max_age = "25h"

[[oidc]]
name = "devices"
issuer = "https://devices.example.org"
audiences = ["tollgate"]
typ = "at+jwt"
subject = "client_id"
client_apps = ["app"]
algorithms = ["ES256"]
jwks_file = "device.json"

[[oidc]]
name = "users"
issuer = "https://users.example.org"
audiences = ["tollgate"]
kind = "user"
algorithms = ["ES256"]
jwks_file = "user.json"

[[pki]]
name = "corp"
anchors = ["root.der"]
intermediates = ["issuing.der"]
revocation = "off"

[[site]]
id = "cdcc5e91-0adf-4a24-82d0-196667f1c081"
keys_file = "site.json"
"#;

/// One site more. Its keys are for RSA, and slow to make.
const CONFIGMGR: &str = r#"
[[site]]
id = "0f0e0d0c-0adf-4a24-82d0-196667f1c081"
format = "configmgr"
client_category = "Client"
keys_file = "configmgr.json"
"#;

/// The line in which `text` stands, first.
fn line_of(text: &str, part: &str) -> usize {
    let at = text.find(part).unwrap_or_else(|| panic!("{part} is not in it"));
    text[..at].matches('\n').count() + 1
}

/// Breaks [`ALL`] and looks at one row; `key` stands where `written` does.
fn breaks(
    folder: &Folder,
    (from, to): (&str, &str),
    (names, usable, why): (&str, bool, &str),
    (written, key): (&str, &str),
) -> Diagnosis {
    assert!(ALL.contains(from), "{from}");
    let text = ALL.replacen(from, to, 1);
    let diagnosis = folder.examine(&text);
    let line = match key {
        "" => String::new(),
        key => format!("{}: {key}", line_of(&text, written)),
    };
    assert_row(&diagnosis, names, usable, why, &line);
    diagnosis
}

#[test]
fn everything_that_can_be_is_usable_and_tested() {
    let folder = Folder::new();
    let diagnosis = folder.examine(&format!("{ALL}{CONFIGMGR}"));
    assert!(diagnosis.ok, "{:#?}\n{:#?}", diagnosis.complaints, diagnosis.self_tests);
    for (names, usable) in [
        ("internet entra device", true),
        ("internet entra user", true),
        ("internet oidc device", true),
        ("internet oidc user", true),
        ("internet pki device", true),
        ("internet pki user", false),
        ("internet site device", true),
        ("internet site user", false),
    ] {
        assert_eq!(row(&diagnosis, names).usable, usable, "{names}");
    }
    assert_row(&diagnosis, "internet pki user", false, "never a user; Entra ID does", "");
    assert_row(
        &diagnosis,
        "internet oidc user",
        true,
        "but issuer devices proves devices only",
        "",
    );
    let test = |method, of: &str| {
        let mut tests = diagnosis.self_tests.iter();
        tests.find(|test| test.method == method && test.authority.contains(of)).unwrap()
    };
    let names = |method, of| {
        let said = |probe: &tollgate_keeper::doctor::Probe| format!("{} {}", probe.name, probe.got);
        test(method, of).probes.iter().map(said).collect::<Vec<_>>().join(", ")
    };
    let token = "good admitted, altered signature_wrong (2012), expired expired (3001), ";
    assert_eq!(names(Method::Entra, "9a8b"), format!("{token}strange signature_wrong (2012)"));
    assert_eq!(
        names(Method::Pki, "corp"),
        "good admitted, altered path_invalid (2016), expired certificate_expired (3005), \
         strange path_invalid (2016)"
    );
    let bound = "no_proof proof_missing (2013), other_proof proof_mismatch (2014), ";
    for of in ["cdcc5e91", "0f0e0d0c"] {
        let expected = format!("{token}{bound}strange signature_wrong (2012)");
        assert_eq!(names(Method::Site, of), expected);
    }
    // Entra and the second issuer for both scenarios, the first, the PKI and two sites for devices.
    assert_eq!(diagnosis.self_tests.len(), 2 + 2 + 1 + 1 + 2);
}

#[test]
fn what_the_endpoint_leaves_out_is_named() {
    let folder = Folder::new();
    let methods = "methods = [\"entra\", \"oidc\", \"pki\", \"site\"]";
    for (to, names, why, written, key) in [
        (
            "methods = [\"entra\", \"oidc\", \"site\"]",
            "internet pki device",
            "the endpoint does not take pki",
            "[\"entra\", \"oidc\"",
            "endpoint[0].methods: add \"pki\"",
        ),
        (
            "methods = [\"entra\", \"oidc\", \"pki\", \"site\"]\nscenarios = [\"device\"]",
            "internet entra user",
            "does not serve scenario user",
            "[\"device\"]",
            "endpoint[0].scenarios: add \"user\"",
        ),
        (
            "methods = [\"pki\", \"site\"]",
            "internet entra user",
            "does not take entra",
            "[\"pki\"",
            "endpoint[0].methods: add \"entra\"",
        ),
        ("methods = [\"pki\"]", "internet pki user", "pki proves devices, never a user", "", ""),
        (
            "methods = [\"entra\", \"pki\", \"site\"]\nrequire = { roles = [\"Connect\"] }",
            "internet pki device",
            "PKI corp gives no roles, and the endpoint requires \"Connect\"",
            "[\"Connect\"]",
            "endpoint[0].require.roles: take it out, or give pki an endpoint of its own",
        ),
        (
            "methods = [\"entra\", \"pki\", \"site\"]\nrequire = { scp = [\"a\", \"b\"] }",
            "internet site device",
            "gives no scopes, and the endpoint requires \"a\", \"b\"",
            "[\"a\"",
            "endpoint[0].require.scp: take it out",
        ),
    ] {
        let diagnosis = breaks(&folder, (methods, to), (names, false, why), (written, key));
        // Whoever serves no users on purpose is not told off for it.
        assert_eq!(diagnosis.ok, to.contains("scenarios"), "{to}: {:?}", diagnosis.complaints);
    }
}

#[test]
fn a_method_without_a_section_is_said_to_have_none() {
    let folder = Folder::new();
    let text = "[[endpoint]]\nname = \"m\"\nmethods = [\"pki\"]\n[[pki]]\nname = \"corp\"\n\
                anchors = [\"root.der\"]\nrevocation = \"off\"\n";
    let diagnosis = folder.examine(text);
    assert!(diagnosis.ok, "{:?}", diagnosis.complaints);
    let why = "the endpoint does not take entra, and there is no [[entra]] section";
    let line = "3: endpoint[0].methods: add \"entra\", and write a [[entra]] section";
    assert_row(&diagnosis, "m entra user", false, why, line);
    let users = text.replace("[\"pki\"]\n", "[\"pki\"]\nscenarios = [\"device\", \"user\"]\n");
    let diagnosis = folder.examine(&users);
    assert_eq!(diagnosis.complaints, ["no method serves scenario user at \"m\""]);
}

/// The twin's clients are on nobody's list; that a real one would be refused has to be said all the same.
#[test]
fn a_ca_without_a_list_is_no_health() {
    let folder = Folder::new();
    let text = "[[endpoint]]\nname = \"m\"\nmethods = [\"pki\"]\n[[pki]]\nname = \"corp\"\n\
                anchors = [\"root.der\"]\nrevocation = \"required\"\ncrls = \"none.crl\"\n";
    let diagnosis = folder.examine(text);
    assert_eq!(diagnosis.complaints, ["1 stale or ended"]);
    let stood = diagnosis.freshness.iter().find(|stood| stood.freshness.what == "crl").unwrap();
    assert!(!stood.freshness.ok && stood.freshness.says.ends_with("is refused (6020)"));
    assert!(stood.line.as_ref().unwrap().to_string().contains(":8: pki[0].crls: "));
}

#[test]
fn roles_and_scopes_leave_devices_to_users_tokens() {
    let folder = Folder::new();
    let require = ("\n\n[[entra]]", "\nrequire = { scp = [\"a\"], roles = [\"r\"] }\n\n[[entra]]");
    let why = "by users' tokens only: a device's own is refused (scope_missing)";
    let names = "internet entra device";
    breaks(&folder, require, (names, true, why), ("{ scp", "endpoint[0].require: ask for less"));
}

#[test]
fn a_tenant_that_is_switched_off_is_no_fault_where_another_serves() {
    let folder = Folder::new();
    let off = ("tenant =", "enabled = false\ntenant =");
    let why = "tenant 9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b is switched off";
    let key = "entra[0].enabled: write true, or take the line out";
    let diagnosis =
        breaks(&folder, off, ("internet entra device", false, why), ("false\ntenant", key));
    assert!(!diagnosis.ok);
    assert!(diagnosis.self_tests.iter().all(|test| test.ok), "it is refused, as it was asked for");
    assert_eq!(diagnosis.complaints, ["entra is not usable at \"internet\""]);

    let other = "\n[[entra]]\ntenant = \"11111111-1111-4111-8111-111111111111\"\n\
                 audiences = [\"a\"]\nalgorithms = [\"ES256\"]\njwks_file = \"entra.json\"\n";
    let text = format!("{}{other}", ALL.replacen(off.0, off.1, 1));
    let diagnosis = folder.examine(&text);
    assert!(diagnosis.ok, "{:?}", diagnosis.complaints);
    let line = format!("{}: {key}", line_of(&text, "false\ntenant"));
    let why = "but tenant 9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b is switched off";
    assert_row(&diagnosis, "internet entra user", true, why, &line);
}

#[test]
fn lists_without_anybody_admit_nobody() {
    let folder = Folder::new();
    folder.write("users.csv", "object_id\n");
    let same = ("[[oidc]]", "[[oidc]]");
    let why = "has no discovered user";
    let key = "entra[0].users_file: export the discovered users again";
    let names = "internet entra user";
    let diagnosis = breaks(&folder, same, (names, false, why), ("\"users.csv\"", key));
    assert!(row(&diagnosis, "internet entra device").usable, "devices are not in that list");
    folder.write("devices.csv", "tenant_id,device_id\n");
    let names = "internet entra device";
    let key = "entra[0].devices_file: export the devices again";
    breaks(&folder, same, (names, false, "has no imported device"), ("\"devices.csv\"", key));
}

#[test]
fn windows_that_is_required_is_a_condition() {
    let folder = Folder::new();
    let to = "methods = [\"entra\", \"oidc\", \"pki\", \"site\"]\nwindows = \"required\"";
    let from = "methods = [\"entra\", \"oidc\", \"pki\", \"site\"]";
    let why = "only where the gateway tells the client's Windows version";
    let key = "endpoint[0].windows: ";
    let names = "internet entra device";
    let diagnosis = breaks(&folder, (from, to), (names, true, why), ("\"required\"", key));
    assert!(diagnosis.ok, "{:?}", diagnosis.complaints);
}

#[test]
fn a_site_of_configmgr_needs_the_category_of_its_clients() {
    let folder = Folder::new();
    let text = format!("{ALL}{}", CONFIGMGR.replace("client_category = \"Client\"\n", ""));
    let diagnosis = folder.examine(&text);
    let why = "but site 0f0e0d0c-0adf-4a24-82d0-196667f1c081 says of no category";
    let line = line_of(&text, "[[site]]\nid = \"0f0e");
    let line = format!("{line}: site[1].client_category: write the SCCMTokenCategory");
    assert_row(&diagnosis, "internet site device", true, why, &line);
    assert!(!diagnosis.ok, "its self-test fails");
}

#[test]
fn one_endpoint_can_be_asked_for() {
    let folder = Folder::new();
    let text = ALL.replace(
        "\n\n[[entra]]",
        "\n\n[[endpoint]]\nname = \"inside\"\nmethods = [\"pki\"]\n\n[[entra]]",
    );
    let doctor = folder.doctor(&text);
    assert_eq!(doctor.endpoint_names().collect::<Vec<_>>(), ["internet", "inside"]);
    let mut told = Vec::new();
    let diagnosis = doctor.examine(Some("inside"), &mut |done, total| told.push((done, total)));
    assert!(diagnosis.ok, "{:?}", diagnosis.complaints);
    assert!(diagnosis.rows.iter().all(|row| row.endpoint == "inside"));
    assert!(diagnosis.freshness.iter().all(|one| one.freshness.method == Method::Pki));
    assert_eq!(told.last(), Some(&(10, 10)), "five authorities in two scenarios");
    let line = format!("{}: endpoint[1].methods: add \"site\"", line_of(&text, "[\"pki\"]"));
    assert_row(&diagnosis, "inside site device", false, "does not take site", &line);
}
