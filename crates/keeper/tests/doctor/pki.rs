//! CAs and the rules that select certificates.

use tollgate_keeper::doctor::State;

use super::folder::{Folder, constrain, for_servers, row, valid};
use super::{ALL, breaks};

#[test]
fn cas_that_have_ended_admit_nobody() {
    let folder = Folder::new();
    let same = ("[[oidc]]", "[[oidc]]");
    let names = ("internet pki device", false, "PKI corp has ended");
    folder.make_pki(|root| valid(root, -400, -1), |_| {});
    let diagnosis = breaks(&folder, same, names, ("[\"root.der\"]", "pki[0].anchors: renew"));
    let ended = diagnosis.freshness.iter().find(|one| !one.freshness.ok).unwrap();
    assert_eq!((ended.freshness.state, ended.freshness.what), (State::Ended, "anchor"));
    assert!(ended.freshness.name.contains("CN=Contoso Root CA"), "{ended:?}");

    folder.make_pki(|_| {}, |issuing| valid(issuing, -300, -1));
    breaks(&folder, same, names, ("[\"issuing.der\"]", "pki[0].intermediates: renew"));

    // So long ago that it and what is issued now were never valid together.
    folder.make_pki(|_| {}, |issuing| valid(issuing, -1000, -500));
    let names = ("internet pki device", false, "PKI corp has a CA that ended before what is below");
    breaks(&folder, same, names, ("[\"issuing.der\"]", "pki[0].intermediates: renew"));

    folder.make_pki(|_| {}, |issuing| valid(issuing, -300, 10));
    let diagnosis = folder.examine(ALL);
    assert!(diagnosis.ok, "{:?}", diagnosis.complaints);
    let soon = diagnosis.freshness.iter().find(|one| one.freshness.state == State::Soon).unwrap();
    assert_eq!(soon.freshness.what, "intermediate");
}

#[test]
fn what_else_is_wrong_with_cas_shows_too() {
    let folder = Folder::new();
    let same = ("[[oidc]]", "[[oidc]]");
    folder.make_pki(|_| {}, for_servers);
    let names = ("internet pki device", false, "not for client authentication");
    breaks(&folder, same, names, ("[\"issuing.der\"]", "pki[0].intermediates: "));
    // The issuing CA of one PKI under the root of another.
    let root = std::fs::read(folder.path().join("root.der")).unwrap();
    folder.make_pki(|_| {}, |_| {});
    folder.write("root.der", &root);
    let names = ("internet pki device", false, "leads to no anchor");
    breaks(&folder, same, names, ("[\"issuing.der\"]", "pki[0].intermediates: "));
    // A key that no path is proven with: the twin must not have a better one.
    folder.write("root.der", include_bytes!("ed448-ca.pem"));
    let names = ("internet pki device", false, "has CAs with a key or a critical extension");
    let rules = ("intermediates = [\"issuing.der\"]\n", "");
    breaks(&folder, rules, names, ("[\"root.der\"]", "pki[0].anchors: name CAs"));
    folder.make_pki(|_| {}, |_| {});
    // Constraints of names are kept, and met.
    folder.make_pki(|_| {}, |issuing| constrain(issuing, "contoso.com"));
    assert!(folder.examine(ALL).ok);
}

#[test]
fn rules_that_a_certificate_can_meet_are_met_and_others_named() {
    let folder = Folder::new();
    for rule in [
        "select = [\"Subject:pc7.contoso.com\"]",
        "select = [\"SubjectStr:Contoso\"]",
        "select = [\"SubjectAttr:OU = Computers\"]",
        "select = [\"SubjectAttr:2.5.4.11\"]",
        "select = [\"SubjectAttr:2.5.29.17 = anything at all\"]",
        "principal = \"san:email\"",
        "principal = \"san:upn\"",
        "principal = \"san:uri\"",
        "principal = \"subject\"",
        "issuers = [\"CN=Contoso Issuing CA; O=Contoso\"]",
        "issuers = [\"CN=Contoso Root CA; O=Contoso\"]",
        "peer_intermediates = true",
    ] {
        let text = ALL.replace("revocation = \"off\"", &format!("revocation = \"off\"\n{rule}"));
        let diagnosis = folder.examine(&text);
        assert!(diagnosis.ok, "{rule}: {:?}", row(&diagnosis, "internet pki device"));
    }
    let long = "x".repeat(300);
    for (rule, why, written, key) in [
        (
            "issuers = [\"CN=Fabrikam\"]".to_owned(),
            "has no CA that `issuers` names",
            "[\"CN=Fabrikam\"]",
            "pki[0].issuers: ",
        ),
        (
            format!("principal = \"subject\"\nselect = [\"Subject:{long}\"]"),
            "was not tested: no certificate can be made for `select` and `principal`",
            "[\"Subject:",
            "pki[0].select: ",
        ),
    ] {
        let to = format!("revocation = \"off\"\n{rule}");
        let names = ("internet pki device", false, why);
        let diagnosis = breaks(&folder, ("revocation = \"off\"", &to), names, (written, key));
        assert!(!diagnosis.ok);
        let test = diagnosis.self_tests.iter().find(|test| !test.ok).unwrap();
        assert!(!test.steps.is_empty(), "{test:#?}");
    }
}

#[test]
fn of_two_pkis_the_rule_that_is_wrong_is_named() {
    let folder = Folder::new();
    let off = "revocation = \"off\"";
    let second = format!(
        "{off}\nissuers = [\"CN=Fabrikam\"]\n\n[[pki]]\nname = \"second\"\nanchors = [\"root.der\"]\n\
         intermediates = [\"issuing.der\"]\n{off}\nissuers = [\"CN=Fabrikam\"]"
    );
    let names = ("internet pki device", false, "has no CA that `issuers` names");
    breaks(&folder, (off, &second), names, ("[\"CN=Fabrikam\"]", "pki[0].issuers: "));
}
