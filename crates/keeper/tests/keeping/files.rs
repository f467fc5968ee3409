//! Files change, come and go.

use std::fs;
use std::time::Duration;

use tollgate::Reason;
use tollgate_keeper::{Keeper, Origin, Refreshed};

use super::world::{A, ASK, B, World, config, entra, reason, tenant, token};

#[test]
fn changed_keys_hold_on_the_next_check() {
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let keeper = world.open();
    let (of_old, of_new) = (token(&old, 1), token(&new, 1));
    assert_eq!([reason(&keeper, &of_old), reason(&keeper, &of_old)], [None, None]);
    assert_eq!(reason(&keeper, &of_new), Some(Reason::SignatureWrong), "a key of the same name");
    assert_eq!(keeper.gate().counters().hits, 1, "the old one is remembered");
    world.write("a.json", &new.jwks().to_string());
    assert_eq!(reason(&keeper, &of_old), None, "nobody has looked yet");
    assert_eq!(world.replaced(&keeper), [""; 0]);
    assert_eq!(reason(&keeper, &of_old), Some(Reason::SignatureWrong));
    assert_eq!(reason(&keeper, &of_new), None);
    world.unchanged(&keeper);
    let refreshes = keeper.refreshes();
    assert_eq!((refreshes.done, refreshes.failed, refreshes.updates), (1, 0, 0));
    assert_eq!(refreshes.last_success_unix_s, keeper.now().unix_s - 1);
}

#[test]
fn a_look_is_due_each_second() {
    let world = World::of(&tenant(A));
    let keeper = world.open();
    assert_eq!(keeper.refresh_due(), Duration::from_secs(1));
    world.clock.pass(1);
    assert_eq!(keeper.refresh_due(), Duration::ZERO);
    world.clock.pass(1);
    assert_eq!(keeper.refresh(), Refreshed::Unchanged);
    assert_eq!(keeper.refresh_due(), Duration::from_secs(1));
    // A host may look whenever it likes.
    assert_eq!(keeper.refresh(), Refreshed::Unchanged);
}

#[test]
fn a_refresh_is_needed_when_a_file_changed_or_may_have() {
    let tenant = tenant(A);
    let world = World::of(&tenant);
    world.date("a.json", 0);
    let keeper = world.open();
    assert!(!keeper.needs_refresh(), "it is not due");
    world.clock.pass(1);
    assert!(!keeper.needs_refresh(), "nothing changed");
    assert_eq!(keeper.refresh_due(), Duration::from_secs(1));

    // A file was young when it was read, and is read once more when that is over.
    world.clock.pass(1);
    assert!(keeper.needs_refresh() && keeper.needs_refresh(), "asking changes nothing");
    assert_eq!(keeper.refresh(), Refreshed::Unchanged);
    world.clock.pass(60);
    assert!(!keeper.needs_refresh());

    world.write("a.json", "no keys");
    world.clock.pass(1);
    assert!(keeper.needs_refresh());
    assert!(matches!(keeper.refresh(), Refreshed::Kept(_)));
    world.clock.pass(59);
    assert!(!keeper.needs_refresh());
    // What failed is tried again after a minute.
    world.clock.pass(1);
    assert!(keeper.needs_refresh());
}

#[test]
fn a_tenant_that_is_taken_out_is_unknown() {
    let (a, b) = (tenant(A), tenant(B));
    let world = World::of(&a);
    world.write("b.json", &b.jwks().to_string());
    let both = config(&[entra(B, "b.json"), entra(A, "a.json")]);
    world.write("tollgate.toml", &both);
    let keeper = world.open();
    let tokens = [token(&a, 1), token(&b, 1)];
    assert_eq!(tokens.each_ref().map(|token| reason(&keeper, token)), [None, None]);
    world.write("tollgate.toml", &config(&[entra(A, "a.json")]));
    world.replaced(&keeper);
    let unknown = Some(Reason::TenantUnknown);
    assert_eq!(tokens.each_ref().map(|token| reason(&keeper, token)), [None, unknown]);
    // Its keys are named no more, so nobody looks at them.
    fs::remove_file(world.path("b.json")).unwrap();
    world.unchanged(&keeper);
    world.write("b.json", &b.jwks().to_string());
    world.write("tollgate.toml", &both);
    world.replaced(&keeper);
    assert_eq!(tokens.each_ref().map(|token| reason(&keeper, token)), [None, None]);
    assert_eq!(keeper.gate().counters().signature_checks, 2, "both were remembered throughout");
}

#[test]
fn a_file_that_is_named_later_is_watched_as_the_others() {
    let (a, b, renewed) = (tenant(A), tenant(B), tenant(B));
    let world = World::of(&a);
    let keeper = world.open();
    world.write("b.json", &b.jwks().to_string());
    world.write("tollgate.toml", &config(&[entra(A, "a.json"), entra(B, "b.json")]));
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &token(&b, 1)), None);
    world.write("b.json", &renewed.jwks().to_string());
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &token(&renewed, 1)), None);
}

/// Lists of users, and certificates, as much as keys.
#[test]
fn every_kind_of_file_is_watched() {
    let a = tenant(A);
    let world = World::of(&a);
    let listed = "discovered_users_only = true\nusers_file = \"users.csv\"\n\
                  join_required = \"imported\"\ndevices_file = \"devices.csv\"\n";
    let pki = "[[pki]]\nname = \"corp\"\nanchors = [\"root.pem\"]\nrevocation = \"off\"\n\
               intermediates = [\"sub.pem\"]\n";
    let site =
        "[[site]]\nid = \"cdcc5e91-0adf-4a24-82d0-196667f1c081\"\nkeys_file = \"site.json\"\n";
    let entra = entra(A, "a.json") + listed;
    world.write("tollgate.toml", &config(&[entra, pki.into(), site.into()]));
    let user = |n: u64| format!("00000000-0000-0001-0000-{n:012}\n");
    let device = |n: u64| format!("00000000-0000-0002-0000-{n:012}\n");
    world.write("users.csv", &format!("object_id\n{}", user(1)));
    world.write("devices.csv", &format!("device_id\n{}{}", device(1), device(2)));
    world.write("root.pem", &authority("Root"));
    world.write("sub.pem", &authority("Sub"));
    world.write("site.json", &tenant(B).jwks().to_string());
    let keeper = world.open();
    let asked = || [1, 2].map(|n| reason(&keeper, &token(&a, n)));
    let stranger = Some(Reason::UserNotDiscovered);
    assert_eq!(asked(), [None, stranger]);
    world.write("users.csv", &format!("object_id\n{}{}", user(1), user(2)));
    world.replaced(&keeper);
    assert_eq!(asked(), [None, None]);
    world.write("devices.csv", &format!("device_id\n{}", device(2)));
    world.replaced(&keeper);
    assert_eq!(asked(), [Some(Reason::DeviceNotImported), None]);
    let cas = || {
        let trusted = keeper.gate().trusted(keeper.now());
        let cas = trusted.into_iter().flat_map(|one| one.authorities);
        cas.map(|ca| ca.subject).collect::<Vec<_>>()
    };
    assert_eq!(cas(), ["CN=Root", "CN=Sub"]);
    for (file, name, expected) in [
        ("root.pem", "Root 2", ["CN=Root 2", "CN=Sub"]),
        ("sub.pem", "Sub 2", ["CN=Root 2", "CN=Sub 2"]),
    ] {
        world.write(file, &authority(name));
        world.replaced(&keeper);
        assert_eq!(cas(), expected);
    }
    world.write("site.json", &tenant(A).jwks().to_string());
    world.replaced(&keeper);
    world.unchanged(&keeper);
}

fn authority(name: &str) -> String {
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
}

/// As a careful writer does it; even with another's length and date it is another file.
#[cfg(unix)]
#[test]
fn a_file_that_is_renamed_into_place_is_seen() {
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let keeper = world.open();
    world.write("next.json", &new.jwks().to_string());
    let lengths = ["a.json", "next.json"].map(|name| fs::metadata(world.path(name)).unwrap().len());
    assert_eq!(lengths[0], lengths[1]);
    fs::rename(world.path("next.json"), world.path("a.json")).unwrap();
    world.date("a.json", 100);
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &token(&new, 1)), None);
    world.unchanged(&keeper);
}

/// As orchestrators do it: a link is turned to another folder.
#[cfg(unix)]
#[test]
fn a_link_that_is_turned_is_seen() {
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    for (version, tenant) in [("1", &old), ("2", &new)] {
        fs::create_dir(world.path(version)).unwrap();
        world.write(&format!("{version}/a.json"), &tenant.jwks().to_string());
    }
    let turn = |to: &str| {
        std::os::unix::fs::symlink(to, world.path("next")).unwrap();
        fs::rename(world.path("next"), world.path("now")).unwrap();
    };
    turn("1");
    world.write("tollgate.toml", &config(&[entra(A, "now/a.json")]));
    let keeper = world.open();
    assert_eq!(reason(&keeper, &token(&old, 1)), None);
    turn("2");
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &token(&new, 1)), None);
}

#[test]
fn the_files_of_a_text_are_watched_too() {
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let keeper = world.open_text(&config(&[entra(A, "a.json")]));
    world.write("tollgate.toml", "not its configuration");
    world.unchanged(&keeper);
    world.write("a.json", &new.jwks().to_string());
    world.replaced(&keeper);
    assert_eq!(reason(&keeper, &token(&new, 1)), None);
}

#[test]
fn each_process_has_its_part_of_the_cache() {
    let a = tenant(A);
    let world = World::of(&a);
    let with_cache = |bytes: &str| {
        format!("{}[cache]\nmax_bytes = \"{bytes}\"\n", config(&[entra(A, "a.json")]))
    };
    world.write("tollgate.toml", &with_cache("8MiB"));
    let options = tollgate_keeper::Options {
        processes: std::num::NonZeroU32::new(4).unwrap(),
        ..world.options()
    };
    let origin = Origin::File(world.path("tollgate.toml"));
    let (keeper, warnings) = Keeper::open(origin, options).map_err(|e| e.to_string()).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(keeper.cache_bytes(), 2 << 20);
    let request = |token: &str| {
        let request = tollgate::Request::token(token.as_bytes());
        keeper.gate().check(&request, &ASK, keeper.now()).is_admitted()
    };
    let tokens: Vec<_> = (0..3_000).map(|n| token(&a, n)).collect();
    assert!(tokens.iter().all(|token| request(token)));
    let counters = keeper.gate().counters();
    assert!(counters.bytes <= 2 << 20 && counters.bytes > 1 << 20, "{counters:?}");
    // A running gate's memory has its size.
    world.write("tollgate.toml", &with_cache("16MiB"));
    let said = world.replaced(&keeper);
    let expected = "tollgate.toml:11: cache.max_bytes: takes effect at a restart; until then it is \
                    8388608 bytes";
    assert!(said.len() == 1 && said[0].ends_with(expected), "{said:?}");
    assert_eq!(keeper.cache_bytes(), 2 << 20);
    world.write("tollgate.toml", &with_cache("8MiB"));
    assert_eq!(world.replaced(&keeper), [""; 0]);
}

/// Each process would let a token pass once.
#[test]
fn tokens_pass_once_in_one_process_alone() {
    let a = tenant(A);
    let world = World::of(&a);
    let once = config(&[format!("{}replay_detection = true\n", entra(A, "a.json"))]);
    let open = |processes: u32| {
        let processes = std::num::NonZeroU32::new(processes).unwrap();
        let options = tollgate_keeper::Options { processes, ..world.options() };
        Keeper::open(Origin::File(world.path("tollgate.toml")), options)
    };
    world.write("tollgate.toml", &once);
    assert!(open(1).is_ok());
    let said = open(4).err().expect("refused").to_string();
    let expected = "replay_detection: each of the 4 processes here would let a token pass once; serve this \
                    by one process (nginx: worker_processes 1), or write false";
    assert!(said.ends_with(expected) && said.lines().count() == 1, "{said}");

    // Neither does a change bring it in.
    world.write("tollgate.toml", &config(&[entra(A, "a.json")]));
    let (keeper, _) = open(4).map_err(|e| e.to_string()).unwrap();
    world.write("tollgate.toml", &once);
    let said = world.kept(&keeper);
    assert!(said.ends_with(expected) && said.lines().count() == 1, "{said}");
}

/// The whole of it, by the system's clock and files as they are written.
#[test]
fn it_works_by_the_systems_clock() {
    let (old, new) = (tenant(A), tenant(A));
    let now_s = tollgate_keeper::now().unix_s;
    let token_of = |tenant: &tollgate::sample::Tenant| tenant.sign(&tenant.user_claims(1, now_s));
    let world = World::new();
    let put = |name: &str, text: &str| fs::write(world.path(name), text).unwrap();
    put("a.json", &old.jwks().to_string());
    put("tollgate.toml", &config(&[entra(A, "a.json") + "jwks_max_age = \"1h\"\n"]));
    let origin = Origin::File(world.path("tollgate.toml"));
    let (keeper, warnings) = Keeper::open(origin, Default::default()).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(reason(&keeper, &token_of(&old)), None);
    put("a.json", &(new.jwks().to_string() + "\n"));
    assert!(matches!(keeper.refresh(), Refreshed::Replaced(_)));
    assert_eq!(reason(&keeper, &token_of(&new)), None);
    assert_eq!(reason(&keeper, &token_of(&old)), Some(Reason::SignatureWrong));
}
