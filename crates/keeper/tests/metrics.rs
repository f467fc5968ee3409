//! The figures of a keeper, as whoever scrapes them reads them.

#![allow(clippy::unwrap_used)]

#[path = "metrics/scraped.rs"]
mod scraped;
mod world;

use std::collections::BTreeMap;
use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use scraped::{Family, scrape};
use tollgate::sample::Tenant;
use tollgate::{Ask, Reason, Request};
use tollgate_keeper::{Keeper, Update};
use world::{A, ASK, B, Over, World, config, entra, reason, tenant, token};

/// Names that need every escape there is.
const ISSUER: &str = r#"https://id.example.org/a\b"c""#;

/// A keeper to which everything has happened that is counted.
fn eventful(world: &World, a: &Tenant) -> Keeper {
    let oidc = format!(
        "[[oidc]]\nname = \"odd\"\nissuer = '{ISSUER}'\naudiences = [\"x\"]\n\
         algorithms = [\"ES256\"]\njwks_file = \"b.json\"\njwks_max_age = \"60s\"\n"
    );
    let pki = "[[pki]]\nname = \"corp\"\nanchors = [\"root.pem\", \"again.pem\"]\n\
               revocation = \"off\"\n";
    world.write("a.json", &a.jwks().to_string());
    world.write("b.json", &tenant(B).jwks().to_string());
    let ca = |name: &str, year| {
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
    };
    world.write("root.pem", &ca("Odd \"CA\"\\, é", 2040));
    world.write("again.pem", &ca("Odd \"CA\"\\, é", 2050));
    let text = config(&[entra(A, "a.json"), oidc, pki.into()]);
    world.write("tollgate.toml", &(text + "[cache]\nmax_bytes = \"1MiB\"\n"));
    let keeper = world.open();
    // One by signature and two from memory; one expired; one that is wrong, and wrong again.
    let good = token(a, 1);
    assert_eq!([0; 3].map(|_| reason(&keeper, &good)), [None; 3]);
    let expired = a.sign(&a.user_claims(2, world::START.unix_s - 100_000));
    assert_eq!(reason(&keeper, &expired), Some(Reason::Expired));
    let wrong = token(&tenant(A), 3);
    assert_eq!([0; 2].map(|_| reason(&keeper, &wrong)), [Some(Reason::SignatureWrong); 2]);
    assert_eq!(reason(&keeper, "x"), Some(Reason::TokenShape));
    world.write("b.json", "broken");
    world.kept(&keeper);
    world.write("b.json", &tenant(B).jwks().to_string());
    world.replaced(&keeper);
    keeper.apply(Update::default()).unwrap();
    keeper
}

#[test]
fn every_figure_is_what_happened() {
    let (world, a) = (World::new(), tenant(A));
    let keeper = eventful(&world, &a);
    let families = scrape(&keeper.metrics());
    let of = |name: &str, labels: &[(&str, &str)]| {
        let family = families.iter().find(|family| family.name == name);
        let family = family.unwrap_or_else(|| panic!("there is no {name}"));
        let labels: BTreeMap<_, _> =
            labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let sample = family.samples.iter().find(|sample| sample.labels == labels);
        sample.unwrap_or_else(|| panic!("{name} {labels:?}: {family:?}")).value
    };
    let refused = |class, reason| {
        of(
            "tollgate_decisions_total",
            &[("outcome", "refused"), ("class", class), ("reason", reason)],
        )
    };
    assert_eq!(of("tollgate_decisions_total", &[("outcome", "admitted")]), 3.0);
    assert_eq!(refused("untimely", "expired"), 1.0);
    assert_eq!(refused("untrusted", "signature_wrong"), 2.0);
    assert_eq!(refused("malformed", Reason::TokenShape.name()), 1.0);
    assert_eq!(refused("withdrawn", "tenant_disabled"), 0.0);
    for (name, labels, expected) in [
        ("build_info", vec![("version", env!("CARGO_PKG_VERSION"))], 1.0),
        ("cache_lookups_total", vec![("result", "hit")], 2.0),
        ("cache_lookups_total", vec![("result", "miss")], 5.0),
        ("cache_entries", vec![], 1.0),
        ("cache_max_bytes", vec![], 1048576.0),
        ("cache_insertions_total", vec![], 1.0),
        ("cache_evictions_total", vec![("cause", "room")], 0.0),
        ("cache_evictions_total", vec![("cause", "expired")], 0.0),
        ("cache_not_kept_total", vec![], 0.0),
        ("signature_checks_total", vec![], 3.0),
        ("rejudged_total", vec![], 0.0),
        ("flights_waited_total", vec![], 0.0),
        ("budget_refusals_total", vec![], 0.0),
        ("wrong_again_total", vec![], 1.0),
        ("config_last_reload_successful", vec![], 1.0),
        ("config_last_reload_success_timestamp_seconds", vec![], keeper.now().unix_s as f64),
        ("config_reloads_total", vec![("result", "success")], 1.0),
        ("config_reloads_total", vec![("result", "failure")], 1.0),
        ("updates_total", vec![], 1.0),
    ] {
        assert_eq!(of(&format!("tollgate_{name}"), &labels), expected, "{name} {labels:?}");
    }
    let bytes = of("tollgate_cache_bytes", &[]);
    assert_eq!(bytes, keeper.gate().counters().bytes as f64);
    let of_tenant = format!("https://login.microsoftonline.com/{A}/v2.0");
    for (method, authority, is_fresh, keys) in [
        ("entra", of_tenant.as_str(), 1.0, Some(1.0)),
        ("oidc", ISSUER, 0.0, Some(1.0)),
        ("pki", "corp", 1.0, None),
    ] {
        let labels = [("method", method), ("authority", authority)];
        assert_eq!(of("tollgate_authority_fresh", &labels), is_fresh, "{authority}");
        if let Some(keys) = keys {
            assert_eq!(of("tollgate_authority_keys", &labels), keys, "{authority}");
        }
    }
    let subject = r#"CN=Odd \"CA\"\\\, é"#;
    let ca = [("authority", "corp"), ("role", "anchor"), ("subject", subject)];
    let end_s = rcgen::date_time_ymd(2050, 1, 1).unix_timestamp();
    assert_eq!(of("tollgate_ca_not_after_timestamp_seconds", &ca), end_s as f64);
    // And while it fails.
    world.write("tollgate.toml", "[");
    world.kept(&keeper);
    assert!(keeper.metrics().contains("\ntollgate_config_last_reload_successful 0\n"));
}

#[test]
fn the_text_is_strictly_what_the_format_says() {
    let (world, a) = (World::new(), tenant(A));
    let keeper = eventful(&world, &a);
    for family in scrape(&keeper.metrics()) {
        let Family { name, kind, help, samples } = &family;
        assert!(name.starts_with("tollgate_"), "{name}");
        assert!(help.ends_with('.') && help.len() > 20, "{name}: {help}");
        assert!(!samples.is_empty(), "{name}");
        assert_eq!(name.ends_with("_total"), kind == "counter", "{name}");
        assert!(samples.iter().all(|sample| sample.value.is_finite()), "{family:?}");
    }
}

/// No count ever falls, though checks go on while they are read.
#[test]
fn counts_rise_under_load() {
    let a = tenant(A);
    let world = World::of(&a);
    let keeper = world.open();
    let (good, bad) = (token(&a, 1), a.sign(&a.user_claims(2, world::START.unix_s - 100_000)));
    let is_over = AtomicBool::new(false);
    let checks: u64 = thread::scope(|scope| {
        let check = || {
            let mut checks = 0;
            let ask: Ask<'_> = ASK;
            while !is_over.load(SeqCst) {
                for (token, is_good) in [(&good, true), (&bad, false)] {
                    let verdict =
                        keeper.gate().check(&Request::token(token.as_bytes()), &ask, keeper.now());
                    assert_eq!(verdict.is_admitted(), is_good);
                    checks += 1;
                }
            }
            checks
        };
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(check)).collect();
        let over = Over(&is_over);
        let mut before: BTreeMap<String, f64> = BTreeMap::new();
        for _ in 0..300 {
            for family in scrape(&keeper.metrics()).iter().filter(|one| one.kind == "counter") {
                for sample in &family.samples {
                    let key = format!("{} {:?}", family.name, sample.labels);
                    let last = before.insert(key.clone(), sample.value).unwrap_or(0.0);
                    assert!(sample.value >= last, "{key}: {last}, then {}", sample.value);
                }
            }
        }
        drop(over);
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let admitted = format!("tollgate_decisions_total{{outcome=\"admitted\"}} {}\n", checks / 2);
    assert!(keeper.metrics().contains(&admitted), "{admitted}");
}

/// What PyPI's prometheus_client reads is what we read.
#[test]
fn prometheus_client() {
    const VARIABLE: &str = "TOLLGATE_COUNTERPARTS";
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(folder) = env::var_os(VARIABLE).map(PathBuf::from) else {
        let banner = format!(
            "\n**** SKIPPED: prometheus_client\n\
             **** {VARIABLE} is not set; it has to name the folder where a parser of metrics\n\
             **** is set up that is not ours. Run `make test`, or\n\
             **** tests/counterparts/setup.sh target/counterparts\n\
             **** {VARIABLE}=target/counterparts cargo test -p tollgate-keeper --test metrics\n"
        );
        // Past the harness, which swallows what a passing test prints by macro.
        return writeln!(std::io::stderr(), "{banner}").unwrap();
    };
    let folder = root.join(folder);
    let (world, a) = (World::new(), tenant(A));
    let text = eventful(&world, &a).metrics();
    let script = r#". "$1"; exec "$COUNTERPARTS_PYTHON" "$2""#;
    let mut child = Command::new("sh")
        .args(["-c", script, "metrics"])
        .arg(folder.join("env.sh"))
        .arg(root.join("tests/counterparts/metrics.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It reads all before it writes anything. If it ends early, that is told below.
    let mut stdin = child.stdin.take().unwrap();
    let _ = stdin.write_all(text.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "metrics.py failed, {}: {said}", output.status);
    let theirs: Vec<Family> = serde_json::from_slice(&output.stdout).unwrap();
    let mut ours = scrape(&text);
    for family in &mut ours {
        // They name a counter's family without it.
        if let Some(name) = family.name.strip_suffix("_total") {
            family.name = name.into();
        }
    }
    assert_eq!(theirs, ours);
    let samples: usize = ours.iter().map(|family| family.samples.len()).sum();
    let line = format!("metrics: {} families, {samples} samples read alike", ours.len());
    writeln!(std::io::stdout(), "{line}").unwrap();
}
