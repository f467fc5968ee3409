//! `[[pki]]`, `[[site]]`, `[peers]` and `feed`: every error says where and what to write.

#![allow(clippy::unwrap_used)]

mod folder;

use folder::{folder, load_in};

const WITH_ALL: &str = r#"
feed = "none"
[[endpoint]]
name = "internet"
methods = ["pki", "site"]
[[pki]]
name = "corp"
anchors = ["root-ca.pem"]
revocation = "off"
[[site]]
id = "cdcc5e91-0adf-4a24-82d0-196667f1c081"
keys_file = "site-keys.json"
"#;

#[test]
fn certificates_and_sites_are_as_strict() {
    let folder = folder();
    let loaded = load_in(folder.path(), WITH_ALL).map_err(|errors| format!("{errors:#?}")).unwrap();
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    let (revocation, anchors) = ("revocation = \"off\"", "[\"root-ca.pem\"]");
    let (id, keys) = ("cdcc5e91-0adf-4a24-82d0-196667f1c081", "\"site-keys.json\"");
    for (from, to, said) in [
        (
            revocation,
            "",
            ":6: pki[0].revocation: is missing; write revocation = \"required\" and crls = [\"issuing-ca.crl\"]",
        ),
        (revocation, "revocation = \"required\"", ":6: pki[0].crls: is missing; write crls ="),
        (revocation, "revocation = \"required\"\ncrls = []", ":10: pki[0].crls: is empty; write"),
        (
            revocation,
            "revocation = \"of\"",
            "\"of\" is not one of \"required\", \"required-leaf\", \"off\"",
        ),
        (
            revocation,
            "revocation = \"off\"\ncrls = [\"a.crl\"]",
            ":10: pki[0].crls: is not used: revocation is \"off\"",
        ),
        (
            revocation,
            "revocation = \"off\"\ncrl_grace = \"1h\"",
            ":10: pki[0].crl_grace: is not used: revocation is \"off\"",
        ),
        (
            revocation,
            "revocation = \"required\"\ncrls = \"a.crl\"\ncrl_grace = \"31d\"",
            ":11: pki[0].crl_grace: must be from 0s to 2592000s",
        ),
        (revocation, "revocation = \"off\"\nprincipal = \"cn\"", "\"cn\" is not one of \"san\""),
        (
            revocation,
            "revocation = \"off\"\ntenant = \"contoso\"",
            "pki[0].tenant: \"contoso\" is not",
        ),
        (revocation, "revocation = \"off\"\nselect = []", "pki[0].select: is empty and would take"),
        (
            revocation,
            "revocation = \"off\"\nselect = [\"OU=Computers\"]",
            "pki[0].select: \"OU=Computers\": write \"Subject:name\", \"SubjectStr:part\" or",
        ),
        (
            revocation,
            "revocation = \"off\"\nselect = [\"SubjectAttr:Unit = a\"]",
            "\"Unit\" is no attribute; write an OID or one of DC, E, CN",
        ),
        (
            revocation,
            "revocation = \"off\"\nissuers = [\"Contoso Root CA\"]",
            "pki[0].issuers: \"Contoso Root CA\": \"Contoso Root CA\" is no attribute; write",
        ),
        ("name = \"corp\"", "name = \"a:b\"", "pki[0].name: may have letters, digits"),
        ("name = \"corp\"", "", ":6: pki[0].name: is missing; write name = \"corp\" in [[pki]]"),
        (
            "[[site]]",
            "[[pki]]\nname = \"corp\"\nanchors = [\"root-ca.pem\"]\nrevocation = \"off\"\n[[site]]",
            ":10: pki[1]: there is already a PKI \"corp\"",
        ),
        (
            "[[site]]",
            "[[site]]\nid = \"CDCC5E91-0ADF-4A24-82D0-196667F1C081\"\nkeys_file = \"site-keys.json\"\n[[site]]",
            ":13: site[1]: there is already a site cdcc5e91-0adf-4a24-82d0-196667f1c081",
        ),
        (anchors, "[]", "pki[0].anchors: is empty"),
        (anchors, "[\"missing.pem\"]", ":8: pki[0].anchors: cannot read"),
        (anchors, "[\"users.csv\"]", "users.csv: there is no certificate in it"),
        (anchors, "[\"empty.pem\"]", "empty.pem: there is no certificate in it"),
        (anchors, "[\"with-key.pem\"]", "it holds something else beside certificates"),
        (anchors, "[\"leaf.pem\"]", "\"CN=pc7\" cannot be an anchor: it is not a CA"),
        (
            "feed = \"none\"",
            "",
            ":10: site[0]: nobody tells of withdrawals (feed): write registry = \"tollgate-data/registry.db\"",
        ),
        ("feed = \"none\"", "feed = \"some\"", ":2: feed: \"some\" is not one of \"none\""),
        ("feed = \"none\"", "feed = 1", "feed: is an integer; write a string"),
        ("feed = \"none\"", "[feed]\npoll = \"1s\"", "site[0]: nobody tells of withdrawals (feed)"),
        ("feed = \"none\"", "[feed]\npoll = \"0s\"", ":3: feed.poll: must be from 1s to 3600s"),
        (
            "feed = \"none\"",
            "[feed]\npoll = \"20s\"",
            "feed.max_staleness: is less than twice `poll`",
        ),
        ("feed = \"none\"", "[feed]\nmax_staleness = \"2d\"", "must be from 2s to 86400s"),
        ("feed = \"none\"", "[feed]\nrequired_for = [\"all\"]", "\"all\" is not one of \"entra\""),
        ("feed = \"none\"", "[feed]\npol = \"1s\"", "feed.pol: unknown key; did you mean `poll`?"),
        (id, "contoso", "site[0].id: \"contoso\" is not a GUID; `tollgate site init` shows"),
        (id, "00000000-0000-0000-0000-000000000000", "is not a GUID"),
        (keys, "\"missing.json\"", "site[0].keys_file: cannot read"),
        (
            keys,
            "\"other-site-keys.json\"",
            "other-site-keys.json are the keys of \"urn:tollgate:site:5c1e7a3b-2f64-4d0a-9b87-6e1f0c2d3a4b\"",
        ),
        (keys, "\"signing.pem\"", "this is not a JWK set ({\"keys\": [...]}): it looks like PEM"),
        (
            keys,
            "\"site-keys.json\"\nregistry = \"x\"",
            ":2: feed: says that no feed is heard, and this file names one",
        ),
        (
            keys,
            "\"site-keys.json\"\nregistry = \"x\"\nfeed = \"none\"",
            ":13: site[0].registry: stands beside feed = \"none\"; take one of them out",
        ),
        (
            keys,
            "\"site-keys.json\"\nregistry = \"x\"\nfeed_file = \"y\"",
            "site[0].registry: stands beside feed_file; one of them is read",
        ),
        (
            keys,
            "\"signing.pem\"\nformat = \"configmgr\"\nfeed_file = \"y\"",
            "site[0].feed_file: goes with format = \"tollgate\" only",
        ),
        (keys, "\"site-keys.json\"\nlapse = \"x\"", "site[0].lapse: is a term of the site"),
        (
            keys,
            "\"site-keys.json\"\nclient_category = \"x\"",
            "client_category: goes with format = \"configmgr\" only",
        ),
        (
            keys,
            "\"signing.pem\"\nformat = \"configmgr\"\nclient_category = \"SCCMPreAuthToken\"",
            "is the category of bulk registration tokens",
        ),
        (keys, "\"root-ca.pem\"\nformat = \"configmgr\"", "the key set holds no usable key"),
        ("[[pki]]", "[peers]\ntrusted = [\"10.0.0.1/8\"]\n[[pki]]", "peers.trusted: "),
        ("[[pki]]", "[peers]\ntrust = []\n[[pki]]", "peers.trust: unknown key; did you mean"),
    ] {
        assert!(WITH_ALL.contains(from), "{from}");
        let Err(errors) = load_in(folder.path(), &WITH_ALL.replacen(from, to, 1)) else {
            panic!("{to} was taken");
        };
        let lines: Vec<_> = errors.0.iter().map(ToString::to_string).collect();
        assert!(lines.iter().any(|line| line.contains(said)), "{said}\n{lines:#?}");
        assert!(lines.iter().all(|line| line.lines().count() == 1), "one line each: {lines:#?}");
    }
    // A string alone is a list of one, and a site may say for itself that it has no feed.
    let alone = WITH_ALL.replace(anchors, "\"root-ca.pem\"").replace("feed = \"none\"", "");
    assert!(load_in(folder.path(), &format!("{alone}feed = \"none\"\n")).is_ok());
    let configmgr = WITH_ALL.replace(keys, "\"signing.pem\"\nformat = \"configmgr\"");
    assert!(load_in(folder.path(), &configmgr).is_ok());
}

#[test]
fn what_will_refuse_devices_is_warned_of() {
    let folder = folder();
    for (from, to, said) in [
        (
            "\"root-ca.pem\"",
            "\"root-ca.pem\", \"ended-ca.pem\"",
            "pki[0].anchors: \"CN=Ended\" has ended",
        ),
        (
            "revocation =",
            "intermediates = [\"issuing-ca.pem\"]\nrevocation =",
            "pki[0].intermediates: \"CN=Contoso Issuing CA\" leads to no anchor: nothing here is its issuer, \"CN=Another Root CA\"",
        ),
        (
            "[\"root-ca.pem\"]",
            "[\"root-ca.pem\"]\nintermediates = [\"ended-ca.pem\"]",
            "pki[0].intermediates: \"CN=Ended\" is its own issuer: a root belongs in `anchors`",
        ),
        (
            "revocation =",
            "intermediates = [\"leaf.pem\"]\nrevocation =",
            "pki[0].intermediates: \"CN=pc7\" proves nothing below it: it is not a CA certificate",
        ),
        (
            "[\"root-ca.pem\"]",
            "[\"root-ca.pem\", \"ed448-ca.pem\"]",
            "pki[0].anchors: \"CN=Ed448\" proves nothing below it: its key is none of RSA",
        ),
        ("[\"pki\", \"site\"]", "[\"pki\"]", "site[0]: no endpoint takes method \"site\""),
        ("[\"pki\", \"site\"]", "[\"site\"]", "pki[0]: no endpoint takes method \"pki\""),
    ] {
        assert!(WITH_ALL.contains(from), "{from}");
        let loaded = load_in(folder.path(), &WITH_ALL.replacen(from, to, 1));
        let warnings = loaded.map_err(|errors| format!("{errors:#?}")).unwrap().warnings;
        let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
        assert!(warnings.iter().any(|line| line.contains(said)), "{said}\n{warnings:#?}");
    }
}
