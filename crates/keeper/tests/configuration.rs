//! The configuration's page is a configuration, and every error says where and what to write.

#![allow(clippy::unwrap_used)]

mod folder;

use std::fs;
use std::path::Path;

use folder::{folder, load_in};
use tollgate::sample::Tenant;
use tollgate::{Algorithm, Guid};
use tollgate_keeper::load;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_page_is_a_configuration_and_names_every_key() {
    let page = page();
    let blocks: Vec<_> =
        page.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 7, "gate and peers, endpoint, entra, oidc, pki, deny, site");
    // The variable of the last section is set by whoever runs the gate; here a file stands for it.
    let text =
        blocks.join("\n").replace("jwks_env = \"SYMMETRIC_JWKS\"", "jwks_file = \"hmac.json\"");
    let folder = folder();
    let hmac = Tenant::new(Guid([2; 16]), Algorithm::Hs256).jwks().to_string();
    fs::write(folder.path().join("hmac.json"), hmac).unwrap();
    let loaded = load_in(folder.path(), &text).map_err(|errors| format!("{errors:#?}")).unwrap();
    assert_eq!(loaded.gate.endpoint_names(), ["internet", "inside"]);
    let written: String = blocks.concat();
    for key in loaded.known_keys {
        let name = key.rsplit('.').next().unwrap();
        let is_written = written.lines().any(|line| {
            let line = line.trim_start();
            line.starts_with(&format!("{name} ="))
                || line.starts_with(&format!("[[{name}]]"))
                || line.starts_with(&format!("[{name}]"))
                || line.starts_with(&format!("[endpoint.{name}]"))
        });
        assert!(is_written, "docs/configuration.md shows no `{key}`");
    }
}

const GOOD: &str = r#"
[[endpoint]]
name = "internet"
methods = ["entra"]
[[entra]]
tenant = "9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b"
audiences = ["a"]
jwks_file = "entra-keys.json"
"#;

#[test]
fn every_error_names_line_key_and_what_to_write() {
    let folder = folder();
    assert!(load_in(folder.path(), GOOD).is_ok());
    assert!(load_in(folder.path(), &GOOD.replace("entra-keys", "bom")).is_ok());
    for (from, to, said) in [
        (
            "name = \"internet\"",
            "",
            "tollgate.toml:2: endpoint[0].name: is missing; write name = \"internet\"",
        ),
        (
            "methods = [\"entra\"]",
            "",
            "endpoint[0].methods: is missing; write methods = [\"entra\"]",
        ),
        ("[\"entra\"]", "[]", "tollgate.toml:4: endpoint[0].methods: is empty"),
        ("[\"entra\"]", "[\"pki\"]", "takes method \"pki\", but there is no [[pki]] section"),
        ("[\"entra\"]", "[\"site\"]", "takes method \"site\", but there is no [[site]] section"),
        (
            "[\"entra\"]",
            "[\"kerberos\"]",
            "\"kerberos\" is not a method; write one of \"entra\", \"oidc\", \"pki\", \"site\"",
        ),
        ("[\"entra\"]", "[\"oidc\"]", "takes method \"oidc\", but there is no [[oidc]] section"),
        ("[\"entra\"]", "\"entra\"", "is a string; write a list of strings"),
        ("[\"entra\"]", "[\"entra\", \"entra\"]", "has \"entra\" twice"),
        (
            "[\"entra\"]",
            "[\"entra\"]\nmode = \"http\"",
            ":5: endpoint[0].mode: plain HTTP protects no credential; write \"https\" or \"e-http\"",
        ),
        (
            "[\"entra\"]",
            "[\"entra\"]\nscenarios = [\"users\"]",
            "\"users\" is not one of \"device\", \"user\"",
        ),
        (
            "[\"entra\"]",
            "[\"entra\"]\nscenario = [\"user\"]",
            "unknown key; did you mean `scenarios`?",
        ),
        (
            "[\"entra\"]",
            "[\"entra\"]\nrequire = [\"x\"]",
            "endpoint[0].require: is an array; write a table",
        ),
        (
            "[\"entra\"]",
            "[\"entra\"]\nrequire = {scope = [\"x\"]}",
            "endpoint[0].require.scope: unknown key; here may stand scp, roles",
        ),
        (
            "9a8b7c6d",
            "9a8b",
            ":6: entra[0].tenant: \"9a8b-1234-4e5f-8a9b-0c1d2e3f4a5b\" is not a GUID",
        ),
        (
            "9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b",
            "9188040d-6c67-4c5b-b112-36a304b66dad",
            "personal Microsoft accounts",
        ),
        ("audiences = [\"a\"]", "audiences = []", ":7: entra[0].audiences: is empty"),
        ("audiences = [\"a\"]", "audiences = [\"a\", 1]", "is an integer; write a list of strings"),
        ("audiences = [\"a\"]", "", ":5: entra[0].audiences: is missing"),
        (
            "jwks_file = \"entra-keys.json\"",
            "",
            ":5: entra[0]: the issuer has no keys; write jwks_file",
        ),
        (
            "jwks_file = \"entra-keys.json\"",
            "jwks_url = \"https://x\"",
            ":8: entra[0].jwks_url: keys are not fetched over the network in this version",
        ),
        (
            "[[entra]]",
            "[[deny]]\ncertificates = \"sha1:ab\"\n[[entra]]",
            ":6: deny[0].certificates: \"sha1:ab\" has 1 bytes; SHA-1 has 20",
        ),
        ("[[entra]]", "[[deny]]\n[[entra]]", "deny[0]: denies nothing; write certificates"),
        (
            "[[entra]]",
            "[[deny]]\nserials = [\"1f\"]\n[[entra]]",
            "deny[0].issuer: is missing; write issuer = \"issuing-ca.pem\": a serial number alone",
        ),
        (
            "[[entra]]",
            "[[deny]]\nissuer = \"root-ca.pem\"\n[[entra]]",
            "deny[0].serials: is missing",
        ),
        (
            "[[entra]]",
            "[[deny]]\nissuer = \"root-ca.pem\"\nserials = \"10 g\"\n[[entra]]",
            "\"10 g\" is not in hexadecimal",
        ),
        ("[[entra]]", "[[deny]]\nfile = \"users.csv\"\n[[entra]]", "users.csv:1: "),
        ("entra-keys.json", "missing.json", "cannot read"),
        ("entra-keys.json", ".", "it is a directory"),
        (
            "entra-keys.json",
            "page.html",
            ":8: entra[0].jwks_file: this is not a JWK set ({\"keys\": [...]}): it looks like an HTML or XML page",
        ),
        ("entra-keys.json", "users.csv", "this is not a JWK set"),
        (
            "entra-keys.json",
            "secret.json",
            "the key set holds no usable key; key \"s\" skipped: it is a secret (oct)",
        ),
        (
            "jwks_file = \"entra-keys.json\"",
            "jwks_file = \"entra-keys.json\"\njwks = \"{}\"",
            ":9: entra[0].jwks: is one source of keys too many",
        ),
        (
            "jwks_file = \"entra-keys.json\"",
            "jwks_env = \"TOLLGATE_NO_SUCH_VARIABLE\"",
            "cannot read the variable TOLLGATE_NO_SUCH_VARIABLE",
        ),
        (
            "jwks_file = \"entra-keys.json\"",
            "jwks = \"{\\\"keys\\\":[]}\"\njwks_max_age = \"1h\"",
            "jwks_max_age: goes with jwks_file only",
        ),
        ("[[entra]]", "[[entra]]\nenabled = \"yes\"", "is a string; write true or false"),
        (
            "[[entra]]",
            "[[entra]]\ncloud = \"german\"",
            "\"german\" is not one of \"public\", \"usgov\", \"china\"",
        ),
        ("[[entra]]", "[[entra]]\nalgorithms = [\"none\"]", "\"none\" is not one of"),
        (
            "[[entra]]",
            "[[entra]]\ndiscovered_users_only = true",
            "needs the discovered users; write users_file",
        ),
        (
            "[[entra]]",
            "[[entra]]\ndiscovered_users_only = true\nusers_file = \"devices.csv\"",
            "there is no column object_id",
        ),
        (
            "[[entra]]",
            "[[entra]]\njoin_required = \"imported\"",
            "needs the imported devices; write devices_file",
        ),
        ("[[entra]]", "[[entra]]\njoin_required = true", "is a boolean; write a string"),
        (
            "[[entra]]",
            "[gate]\nskew = \"5 minutes\"\n[[entra]]",
            "gate.skew: \"5 minutes\" is not a duration; write \"30s\", \"5m\"",
        ),
        ("[[entra]]", "[gate]\nskew = \"1h\"\n[[entra]]", "gate.skew: must be from 0s to 600s"),
        (
            "[[entra]]",
            "[gate]\nskew = 5\n[[entra]]",
            "gate.skew: is an integer; write a duration such as \"5m\"",
        ),
        (
            "[[entra]]",
            "[limits]\ntoken_bytes = \"1GiB\"\n[[entra]]",
            "limits.token_bytes: must be from 512 bytes to 65536 bytes",
        ),
        (
            "[[entra]]",
            "[limits]\nrsa_min_bits = 512\n[[entra]]",
            "limits.rsa_min_bits: must be from 1024 to 8192",
        ),
        (
            "[[entra]]",
            "[limits]\nrsa_min_bits = 4096\nrsa_max_bits = 2048\n[[entra]]",
            "is larger than rsa_max_bits",
        ),
        ("[[entra]]", "[feed]\npoll = \"0s\"\n[[entra]]", "feed.poll: must be from 1s to 3600s"),
        (
            "[[entra]]",
            "[gates]\nskew = \"5m\"\n[[entra]]",
            ":5: gates: unknown key; did you mean `gate`?",
        ),
        ("[[entra]]", "entra = 1\n[[entra]]", "tollgate.toml:"),
        (
            "[[entra]]",
            "require = { scp = [\"a b\"] }\n[[entra]]",
            "endpoint[0].require.scp: has a scope with a space",
        ),
        (
            "[[entra]]",
            "[[oidc]]\nsubject = \"aud\"\n[[entra]]",
            "oidc[0].subject: names no subject",
        ),
        ("[[endpoint]]", "[endpoint]", "endpoint: write it as [[endpoint]]"),
        (
            "[[entra]]",
            "[[entra]]\nusers_file = \"users.csv\"",
            "users_file: has no effect; write discovered_users_only = true",
        ),
        (
            "[[entra]]",
            "[[entra]]\ndevices_file = \"devices.csv\"",
            "devices_file: has no effect; write join_required = \"imported\"",
        ),
        (
            "[[entra]]",
            "[[entra]]\nalgorithms = [\"RS256\", \"HS256\"]",
            "no tenant shares a secret",
        ),
        ("entra-keys.json", "positional.json", "this is not a JWK set"),
        ("entra-keys.json", "null.json", "skipped: invalid type: null, expected a string"),
        ("entra-keys.json", "utf16.json", "it is UTF-16 text; save it as UTF-8"),
    ] {
        assert!(GOOD.contains(from), "{from}");
        let Err(errors) = load_in(folder.path(), &GOOD.replacen(from, to, 1)) else {
            panic!("{to} was taken");
        };
        let lines: Vec<_> = errors.0.iter().map(ToString::to_string).collect();
        assert!(lines.iter().any(|line| line.contains(said)), "{said}\n{lines:#?}");
        assert!(lines.iter().all(|line| line.lines().count() == 1), "one line each: {lines:#?}");
    }
}

#[test]
fn two_of_a_kind_are_refused() {
    let folder = folder();
    let entra = &GOOD[GOOD.find("[[entra]]").unwrap()..];
    let endpoint = &GOOD[..GOOD.find("[[entra]]").unwrap()];
    let oidc = "[[oidc]]\nname = \"x\"\nissuer = \"https://a\"\naudiences = [\"a\"]\njwks_file = \"entra-keys.json\"\n";
    for (more, said) in [
        (entra.to_owned(), "v2.0 is configured twice"),
        (endpoint.to_owned(), "there is already an endpoint \"internet\""),
        (format!("{oidc}{oidc}"), "https://a is configured twice"),
        (format!("{oidc}{}", oidc.replace("https://a", "https://b")), "the name \"x\" is taken"),
        (
            oidc.replace(
                "https://a",
                "https://sts.windows.net/9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b/",
            ),
            "tollgate.toml:9: oidc[0]: https://sts.windows.net/9a8b7c6d-1234-4e5f-8a9b-0c1d2e3f4a5b/ is a tenant",
        ),
        (oidc.replace("\"x\"", "\"x:y\""), "may have letters, digits"),
    ] {
        let Err(errors) = load_in(folder.path(), &format!("{GOOD}{more}")) else {
            panic!("{more}")
        };
        assert!(errors.to_string().contains(said), "{said}\n{errors}");
    }
}

#[test]
fn a_configuration_without_an_endpoint_is_no_gate() {
    let folder = folder();
    for text in ["", "endpoint = []"] {
        let errors = load_in(folder.path(), text).err().unwrap();
        assert!(
            errors.to_string().contains("there is no endpoint; write [[endpoint]]"),
            "{errors}"
        );
    }
    let errors =
        load_in(folder.path(), "entra = []\n[[endpoint]]\nname = \"x\"\nmethods = [\"entra\"]");
    let errors = errors.err().unwrap().to_string();
    assert!(errors.contains("there is no [[entra]] section"), "{errors}");
}

#[test]
fn what_was_skipped_is_warned_of() {
    let folder = folder();
    let mut set = Tenant::new(Guid([1; 16]), Algorithm::Rs256).jwks();
    let mut broken = set["keys"][0].clone();
    broken["kid"] = "broken".into();
    broken["n"] = "AQAB".into();
    set["keys"].as_array_mut().unwrap().push(broken);
    fs::write(folder.path().join("entra-keys.json"), set.to_string()).unwrap();
    let loaded = load_in(folder.path(), GOOD).map_err(|errors| format!("{errors:#?}")).unwrap();
    let warnings: Vec<_> = loaded.warnings.iter().map(ToString::to_string).collect();
    let said = "tollgate.toml:8: entra[0].jwks_file: key \"broken\" skipped: its modulus has 17 bits; 2048 to 4096 are allowed";
    assert_eq!(warnings, [said]);
}

#[test]
fn a_file_is_read_with_paths_relative_to_it() {
    let folder = folder();
    let file = folder.path().join("tollgate.toml");
    fs::write(&file, GOOD).unwrap();
    assert!(load(&file).is_ok());
    fs::write(&file, b"\xff\xfe").unwrap();
    assert!(load(&file).err().unwrap().to_string().contains("is not UTF-8 text"));
    fs::write(&file, GOOD.replace("\"internet\"", "\"internet")).unwrap();
    let error = load(&file).err().unwrap().to_string();
    assert!(error.contains("tollgate.toml:3: "), "{error}");
}
