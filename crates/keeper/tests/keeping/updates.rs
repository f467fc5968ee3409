//! Keys, anchors and configurations that the host tells of, over the files.

use std::fs;

use serde_json::json;
use tollgate::sample::Tenant;
use tollgate::{Algorithm, Guid, Method, Reason};
use tollgate_keeper::{Keeper, Origin, Update};

use super::world::{A, B, START, World, config, entra, reason, tenant, token};

const SITE: &str = "cdcc5e91-0adf-4a24-82d0-196667f1c081";

fn jwks(tenant: &Tenant) -> Vec<u8> {
    tenant.jwks().to_string().into()
}

fn keys(method: Method, name: &str, jwks: Vec<u8>) -> Update {
    let mut update = Update::default();
    update.keys(method, name, jwks);
    update
}

#[track_caller]
fn applied(keeper: &Keeper, update: Update) -> Vec<String> {
    let warnings = keeper.apply(update).map_err(|errors| errors.to_string()).unwrap();
    warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn told_keys_hold_at_once_and_stay_over_the_file() {
    let (old, told, newer) = (tenant(A), tenant(A), tenant(A));
    let world = World::of(&old);
    let keeper = world.open();
    assert_eq!(reason(&keeper, &token(&old, 1)), None);
    let name = A.to_string().to_uppercase();
    assert_eq!(applied(&keeper, keys(Method::Entra, &name, jwks(&told))), [""; 0]);
    assert_eq!(reason(&keeper, &token(&told, 1)), None);
    assert_eq!(reason(&keeper, &token(&old, 1)), Some(Reason::SignatureWrong));
    // The file is out of force: broken or renewed, it is not looked at.
    world.write("a.json", "broken");
    world.unchanged(&keeper);
    world.write("tollgate.toml", &(config(&[entra(A, "a.json")]) + "enabled = true\n"));
    assert_eq!(world.replaced(&keeper), [""; 0]);
    assert_eq!(reason(&keeper, &token(&told, 1)), None);
    applied(&keeper, keys(Method::Entra, &A.to_string(), jwks(&newer)));
    assert_eq!(reason(&keeper, &token(&newer, 1)), None);
    assert_eq!(reason(&keeper, &token(&told, 1)), Some(Reason::SignatureWrong));
    let refreshes = keeper.refreshes();
    assert_eq!((refreshes.done, refreshes.updates), (1, 2));
}

#[test]
fn told_keys_are_as_fresh_as_their_update() {
    let (old, told) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let aged = config(&[entra(A, "a.json") + "jwks_max_age = \"1h\"\n"]);
    world.write("tollgate.toml", &aged);
    let keeper = world.open();
    world.clock.pass(10_000);
    assert_eq!(reason(&keeper, &token(&old, 1)), Some(Reason::KeysStale));
    applied(&keeper, keys(Method::Entra, &A.to_string(), jwks(&told)));
    let of_told = token(&told, 1);
    world.clock.pass(3598);
    // Another load makes them no younger.
    world.write("tollgate.toml", &(aged.clone() + "enabled = true\n"));
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &of_told), None);
    world.clock.pass(1);
    assert_eq!(reason(&keeper, &of_told), Some(Reason::KeysStale));
    // A calendar that is set has no say in it, and the same keys told again are young again.
    world.clock.set_wall(-50_000);
    world.write("tollgate.toml", &aged);
    world.replaced(&keeper);
    let unsure = reason(&keeper, &of_told);
    assert_eq!(unsure, Some(Reason::KeysStale));
    world.clock.set_wall(50_000);
    applied(&keeper, keys(Method::Entra, &A.to_string(), jwks(&told)));
    assert_eq!(reason(&keeper, &of_told), None);
    // Without a bound they are good for ever.
    world.write("tollgate.toml", &config(&[entra(A, "a.json")]));
    world.replaced(&keeper);
    world.clock.pass(60_000);
    assert_eq!(reason(&keeper, &of_told), None);
}

#[test]
fn each_method_with_keys_can_be_told_of() {
    let (one, other) = (tenant(B), tenant(B));
    let world = World::new();
    let issuer = "https://id.example.org";
    let oidc = format!(
        "[[oidc]]\nname = \"workforce\"\nissuer = \"{issuer}\"\naudiences = [\"tollgate\"]\n\
         algorithms = [\"ES256\"]\njwks_file = \"oidc.json\"\n"
    );
    let site = format!("[[site]]\nid = \"{SITE}\"\nkeys_file = \"site.json\"\n");
    world.write("oidc.json", &one.jwks().to_string());
    world.write("site.json", &one.jwks().to_string());
    world.write("tollgate.toml", &config(&[oidc, site]));
    let keeper = world.open();
    let exp = START.unix_s + 3600;
    let claims = json!({
        "iss": issuer, "sub": "x", "aud": "tollgate", "exp": exp, "iat": START.unix_s
    });
    let tokens = [&one, &other].map(|tenant| tenant.sign(&claims));
    let asked = || tokens.each_ref().map(|token| reason(&keeper, token));
    let wrong = Some(Reason::SignatureWrong);
    assert_eq!(asked(), [None, wrong]);
    let mut update = keys(Method::Oidc, "workforce", jwks(&other));
    let two = json!({ "keys": [one.jwks()["keys"][0], tenant(A).jwks()["keys"][0]] });
    update.keys(Method::Site, &SITE.to_uppercase(), two.to_string().into());
    assert_eq!(applied(&keeper, update), [""; 0]);
    assert_eq!(asked(), [wrong, None]);
    let trusted = keeper.gate().trusted(keeper.now());
    let counts: Vec<_> = trusted.iter().map(|one| (one.method, one.keys.len())).collect();
    assert_eq!(counts, [(Method::Oidc, 1), (Method::Site, 2)]);
    // Names are letter for letter.
    let errors = keeper.apply(keys(Method::Oidc, "Workforce", jwks(&other))).unwrap_err();
    assert!(errors.to_string().contains("no [[oidc]] of this name"), "{errors}");
}

#[test]
fn anchors_can_be_told_of_as_pem_or_der() {
    let world = World::new();
    let ca = |name: &str| {
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap()
    };
    world.write("root.pem", &ca("In the file").pem());
    let pki = "[[pki]]\nname = \"corp\"\nanchors = [\"root.pem\"]\nrevocation = \"off\"\n";
    world.write("tollgate.toml", &config(&[pki.into()]));
    let keeper = world.open();
    let anchors = || {
        let trusted = keeper.gate().trusted(keeper.now());
        trusted[0].authorities.iter().map(|ca| ca.subject.clone()).collect::<Vec<_>>()
    };
    assert_eq!(anchors(), ["CN=In the file"]);
    let der = ca("As DER").der().to_vec();
    for (told, expected) in [
        (ca("As PEM").pem().into_bytes(), vec!["CN=As PEM"]),
        (der, vec!["CN=As DER"]),
        ((ca("One").pem() + &ca("Two").pem()).into_bytes(), vec!["CN=One", "CN=Two"]),
    ] {
        let mut update = Update::default();
        update.anchors("corp", told);
        applied(&keeper, update);
        assert_eq!(anchors(), expected);
    }
    fs::remove_file(world.path("root.pem")).unwrap();
    world.unchanged(&keeper);
}

#[test]
fn a_text_can_be_replaced_and_a_file_cannot() {
    let (a, b, told) = (tenant(A), tenant(B), tenant(A));
    let world = World::of(&a);
    world.write("b.json", &b.jwks().to_string());
    let keeper = world.open_text(&config(&[entra(A, "a.json")]));
    applied(&keeper, keys(Method::Entra, &A.to_string(), jwks(&told)));
    let configuration = |sections: &[String]| {
        let mut update = Update::default();
        update.configuration(config(sections));
        update
    };
    let both = [entra(A, "a.json"), entra(B, "b.json")];
    assert_eq!(applied(&keeper, configuration(&both)), [""; 0]);
    let asked = || [token(&told, 1), token(&b, 1)].map(|token| reason(&keeper, &token));
    assert_eq!(asked(), [None, None], "what was told stays");
    // What was told of a tenant waits while the tenant is away.
    let warnings = applied(&keeper, configuration(&both[1..]));
    let idle = format!("host: update.keys(entra, {A}): no [[entra]] of this name is configured");
    assert_eq!(warnings, [idle]);
    assert_eq!(asked(), [Some(Reason::TenantUnknown), None]);
    world.write("b.json", &b.jwks().to_string());
    world.date("b.json", 5);
    assert_eq!(world.replaced(&keeper).len(), 1, "and is told of with each load");
    assert_eq!(applied(&keeper, configuration(&both)), [""; 0]);
    assert_eq!(asked(), [None, None]);
    let errors = keeper.apply(configuration(&[])).unwrap_err();
    assert!(errors.to_string().contains("host:4: endpoint[0].methods: is empty"), "{errors}");
    assert_eq!(asked(), [None, None]);
    let of_file = world.open();
    let errors = of_file.apply(configuration(&both)).unwrap_err();
    let said = "update.configuration: the configuration is a file; change that";
    assert!(errors.to_string().contains(said), "{errors}");
}

/// Every part of an update that cannot be, and what is said of it. Beside a good part each time, of which
/// nothing holds.
#[test]
fn an_update_is_applied_whole_or_not_at_all() {
    let (a, told) = (tenant(A), tenant(A));
    let world = World::of(&a);
    let pki = "[[pki]]\nname = \"corp\"\nanchors = [\"root.pem\"]\nrevocation = \"off\"\n";
    let site = format!("[[site]]\nid = \"{SITE}\"\nkeys_file = \"site.json\"\n");
    world.write("site.json", &tenant(B).jwks().to_string());
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem();
    world.write("root.pem", &root);
    world.write("tollgate.toml", &config(&[entra(A, "a.json"), pki.into(), site]));
    let keeper = world.open();
    let of_a = token(&a, 1);
    assert_eq!(reason(&keeper, &of_a), None);
    let (of_tenant, of_other) = (A.to_string(), Guid([9; 16]).to_string());
    let leaf = rcgen::CertificateParams::new(["pc7".into()]).unwrap();
    let leaf = leaf.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem();
    let hmac = Tenant::new(A, Algorithm::Hs256);
    let elsewhere = json!({ "keys": [{ "issuer": "urn:tollgate:site:5c1e7a3b-2f64-4d0a-9b87-6e1f0c2d3a4b",
        "kid": "k", "kty": "EC", "crv": "P-256", "use": "sig", "x": told.jwks()["keys"][0]["x"],
        "y": told.jwks()["keys"][0]["y"] }] });
    type Part<'a> = (Box<dyn Fn(&mut Update) + 'a>, &'a str);
    let parts: Vec<Part<'_>> = vec![
        (
            Box::new(|update| update.keys(Method::Entra, &of_other, jwks(&told))),
            "update.keys(entra, 09090909-0909-0909-0909-090909090909): no [[entra]] of this name is configured",
        ),
        (
            Box::new(|update| update.keys(Method::Entra, "contoso", jwks(&told))),
            "update.keys(entra, contoso): no [[entra]] of this name",
        ),
        (
            Box::new(|update| update.keys(Method::Oidc, &of_tenant, jwks(&told))),
            "update.keys(oidc, a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1): no [[oidc]] of this name",
        ),
        (
            Box::new(|update| update.keys(Method::Pki, "corp", jwks(&told))),
            "update.keys(pki, corp): a PKI has no keys; give its anchors",
        ),
        (
            Box::new(|update| update.keys(Method::Entra, &of_tenant, b"{}".to_vec())),
            "update.keys(entra, a1a1a1a1-a1a1-a1a1-a1a1-a1a1a1a1a1a1): this is not a JWK set",
        ),
        (Box::new(|update| update.keys(Method::Entra, &of_tenant, Vec::new())), "this is not"),
        (
            Box::new(|update| update.keys(Method::Entra, &of_tenant, jwks(&hmac))),
            "the key set holds no usable key",
        ),
        (
            Box::new(|update| update.keys(Method::Entra, &of_tenant, vec![b' '; 2 << 20])),
            "is larger than",
        ),
        (
            Box::new(|update| update.keys(Method::Site, SITE, elsewhere.to_string().into())),
            "update.keys(site, cdcc5e91-0adf-4a24-82d0-196667f1c081): the keys are the keys of \"urn:toll",
        ),
        (
            Box::new(|update| update.anchors("home", root.clone().into())),
            "update.anchors(pki, home): no [[pki]] of this name is configured",
        ),
        (
            Box::new(|update| update.anchors("corp", leaf.clone().into())),
            "update.anchors(pki, corp): \"CN=rcgen self signed cert\" cannot be an anchor",
        ),
        (Box::new(|update| update.anchors("corp", b"?".to_vec())), "update.anchors(pki, corp): "),
        (Box::new(|update| update.anchors("corp", vec![0; 2 << 20])), "is larger than 1048576"),
        (
            Box::new(|update| update.enable(Method::Oidc, "nobody", true)),
            "update.enable(oidc, nobody): no [[oidc]] of this name is configured",
        ),
        (
            Box::new(|update| update.enable(Method::Site, SITE, false)),
            "update.enable(site, cdcc5e91-0adf-4a24-82d0-196667f1c081): only [[entra]] and [[oidc]]",
        ),
        (Box::new(|update| update.configuration(String::new())), "update.configuration: "),
    ];
    for (part, said) in &parts {
        for is_first in [true, false] {
            let mut update = Update::default();
            let whom =
                tollgate::policy::Withdrawn::User { tenant: A, user: tollgate::sample::user(1) };
            if is_first {
                part(&mut update);
            }
            update.withdraw(whom, None);
            update.enable(Method::Entra, &of_tenant, false);
            if !is_first {
                part(&mut update);
            }
            let errors = keeper.apply(update).unwrap_err();
            assert!(errors.to_string().contains(said), "{errors}\n{said}");
            assert_eq!(reason(&keeper, &of_a), None, "{said}");
        }
        // Nor does anything of it wait for the next load.
        world.date("a.json", 50);
        assert_eq!(world.replaced(&keeper), [""; 0]);
        assert_eq!(reason(&keeper, &of_a), None, "{said}");
        world.date("a.json", 100);
        world.replaced(&keeper);
    }
    assert_eq!(keeper.refreshes().updates, 0);
    // Several parts that are wrong by themselves are told of together.
    let mut update = keys(Method::Pki, "corp", Vec::new());
    update.enable(Method::Pki, "corp", true);
    update.configuration(String::new());
    assert_eq!(keeper.apply(update).unwrap_err().0.len(), 3);
}

/// An update other than of withdrawals loads everything, so what is broken keeps it out.
#[test]
fn an_update_over_broken_files_says_what_is_broken() {
    let (a, b) = (tenant(A), tenant(B));
    let world = World::of(&a);
    world.write("b.json", &b.jwks().to_string());
    world.write("tollgate.toml", &config(&[entra(A, "a.json"), entra(B, "b.json")]));
    let keeper = world.open();
    world.write("b.json", "broken");
    let errors = keeper.apply(keys(Method::Entra, &A.to_string(), jwks(&tenant(A)))).unwrap_err();
    assert!(errors.to_string().contains("entra[1].jwks_file: this is not a JWK set"), "{errors}");
    let asked = || [token(&a, 1), token(&b, 1)].map(|token| reason(&keeper, &token));
    assert_eq!(asked(), [None, None]);
    // The refresh has not heard of it yet.
    world.kept(&keeper);
    // What mends it may come as an update.
    applied(&keeper, keys(Method::Entra, &B.to_string(), jwks(&b)));
    world.unchanged(&keeper);
    assert_eq!(asked(), [None, None]);
    let refreshes = keeper.refreshes();
    assert_eq!((refreshes.done, refreshes.failed, refreshes.updates), (0, 1, 1));
    assert_eq!(refreshes.last_success_unix_s, keeper.now().unix_s - 1);
}

/// Changed files that an update has read are no news to the next refresh.
#[test]
fn an_update_reads_what_has_changed_as_well() {
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let origin = Origin::File(world.path("tollgate.toml"));
    let (keeper, _) = Keeper::open(origin, world.options()).map_err(|e| e.to_string()).unwrap();
    world.write("a.json", &new.jwks().to_string());
    let mut update = Update::default();
    update.enable(Method::Entra, &A.to_string(), true);
    applied(&keeper, update);
    assert_eq!(reason(&keeper, &token(&new, 1)), None);
    world.unchanged(&keeper);
}
