//! The site's administrator at the command line, with gates that run beside: what is withdrawn by a command is
//! refused by every gate, and what is taken back is let in again.

#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Ran, run_in};
use tollgate::policy::{Mode, Network};
use tollgate::{Ask, Guid, Peer, Request, Scenario, Verdict};
use tollgate_keeper::{Keeper, Options, Origin};
use tollgate_site::{Authority, Grant, Place, Proof, Registered, Registration, Voucher};

/// A site in a folder, and devices that connect to its gates.
struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        site.good(&["site", "init"]);
        site
    }

    fn run(&self, args: &[&str]) -> Ran {
        run_in(self.folder.path(), args, b"")
    }

    /// What the command prints; it has to succeed.
    #[track_caller]
    fn good(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}: {ran:?}");
        ran.out
    }

    #[track_caller]
    fn json(&self, args: &[&str]) -> Value {
        let out = self.good(&[args, &["--json"]].concat());
        assert_eq!(out.matches('\n').count(), 1, "one object on one line: {out}");
        serde_json::from_str(&out).unwrap()
    }

    /// The one line that a misuse says.
    #[track_caller]
    fn misuse(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {ran:?}");
        assert_eq!(ran.err.matches('\n').count(), 1, "{ran:?}");
        ran.err
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A device registers, as the service will have it do.
    fn register(&self, bulk: &str, peer: &Peer) -> Result<Grant, tollgate_site::Denied> {
        let site = Authority::open(&self.path("tollgate-data")).unwrap();
        let asked = Registration {
            voucher: Voucher::Bulk(bulk),
            proof: Proof::Connection { peer, request: "r" },
            endpoint: Place { name: "internet", network: Network::Internet, mode: Mode::Https },
            device_name: "pc7",
        };
        match site.register(&asked, tollgate_keeper::now().unix_s)? {
            Registered::Granted(grant) => Ok(grant),
            Registered::Pending(client) => panic!("{client} waits"),
        }
    }

    /// A gate that hears the site by this line of its section.
    fn gate(&self, name: &str, source: &str) -> Keeper {
        let id = self.json(&["keys", "list"])["site"].as_str().unwrap().to_owned();
        let methods = match source.contains("[[entra]]") {
            true => r#"["site", "entra"]"#,
            false => r#"["site"]"#,
        };
        let text = format!(
            "[feed]\npoll = \"1s\"\nmax_staleness = \"20s\"\n\
             [[endpoint]]\nname = \"internet\"\nmethods = {methods}\n\
             scenarios = [\"device\", \"user\"]\nmode = \"https\"\n\
             [[site]]\nid = \"{id}\"\nkeys_file = \"tollgate-data/site-keys.json\"\n{source}\n"
        );
        fs::write(self.path(name), text).unwrap();
        let (keeper, warnings) =
            Keeper::open(Origin::File(self.path(name)), Options::default()).unwrap();
        assert!(warnings.is_empty(), "{warnings:?}");
        keeper
    }
}

fn device() -> Peer {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    Peer::new([certificate.der().as_ref()]).unwrap()
}

/// `admit`, or the name of the reason.
fn judged(keeper: &Keeper, token: &str, peer: &Peer) -> &'static str {
    keeper.refresh();
    let ask = Ask { endpoint: "internet", scenario: Scenario::Device, windows: None, source: None };
    let request = Request::token(token.as_bytes()).with_peer(Some(peer));
    match keeper.gate().check(&request, &ask, keeper.now()) {
        Verdict::Admit(_) => "admit",
        Verdict::Refuse(refusal) => refusal.reason.name(),
    }
}

/// Waits until every gate says so.
#[track_caller]
fn until(gates: &[Keeper], token: &str, peer: &Peer, expected: &str, mut each: impl FnMut()) {
    let start = Instant::now();
    loop {
        each();
        let said: Vec<_> = gates.iter().map(|gate| judged(gate, token, peer)).collect();
        if said.iter().all(|said| *said == expected) {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{said:?} instead of {expected}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_a_command_withdraws_every_gate_refuses() {
    let site = Site::new();
    let bulk = site.json(&["bulk-token", "new", "--max-uses", "2", "--label", "rollout"]);
    let (bulk_id, bulk) = (bulk["id"].as_str().unwrap(), bulk["token"].as_str().unwrap());
    let (peer, other) = (device(), device());
    let grant = site.register(bulk, &peer).unwrap();
    let (token, client) = (grant.issued.token(), grant.client.to_string());
    let bystander = site.register(bulk, &other).unwrap();
    assert_eq!(site.register(bulk, &device()).unwrap_err().name(), "bulk_used_up");

    // One gate reads the registry, one a file that the site signs.
    let feed = || drop(site.good(&["site", "feed", "feed.jws"]));
    feed();
    let gates = [
        site.gate("registry.toml", "registry = \"tollgate-data/registry.db\""),
        site.gate("file.toml", "feed_file = \"feed.jws\""),
    ];
    until(&gates, token, &peer, "admit", feed);
    assert_eq!(judged(&gates[0], token, &other), "proof_mismatch");

    let would = site.json(&["withdraw", "client", &client, "--dry-run"]);
    assert_eq!((&would["changed"], &would["dry_run"]), (&1.into(), &true.into()));
    until(&gates, token, &peer, "admit", feed);
    site.good(&["withdraw", "client", &client, "--note", "stolen at the airport"]);
    until(&gates, token, &peer, "client_withdrawn", feed);
    until(&gates, bystander.issued.token(), &other, "admit", feed);
    let listed = site.json(&["withdraw", "list"]);
    assert_eq!(
        (&listed["kind"], &listed["note"]),
        (&"client".into(), &"stolen at the airport".into())
    );
    let number = listed["seq"].to_string();
    site.good(&["withdraw", "undo", &number]);
    until(&gates, token, &peer, "admit", feed);

    // The whole rollout.
    let did = site.json(&["withdraw", "bulk-token", bulk_id, "--cascade"]);
    assert_eq!(did["clients"], 2);
    until(&gates, token, &peer, "bulk_clients_withdrawn", feed);
    until(&gates, bystander.issued.token(), &other, "bulk_clients_withdrawn", feed);
    let tokens = site.json(&["bulk-token", "list"]);
    let token_row = &tokens["bulk_tokens"][0];
    assert_eq!((&token_row["state"], &token_row["uses"]), (&"blocked".into(), &2.into()));

    // A backup of before is put back: who was thrown out stays out, in a new epoch.
    let listed = site.good(&["withdraw", "list"]);
    let number = listed.lines().find(|line| line.contains("  bulk-token  ")).unwrap();
    let number = number.split(' ').next().unwrap();
    assert!(site.misuse(&["withdraw", "undo", "99"]).contains("there is no such withdrawal"));
    site.good(&["withdraw", "undo", number, "--cascade"]);
    until(&gates, token, &peer, "admit", feed);
    site.good(&["site", "backup", "backup.db"]);
    site.good(&["block", "client", &client]);
    until(&gates, token, &peer, "client_withdrawn", feed);
    let restored = site.good(&["site", "restore", "backup.db"]);
    assert!(restored.contains("withdrawals from the journal: 1 more"), "{restored}");
    until(&gates, token, &peer, "client_withdrawn", feed);
    site.good(&["unblock", "client", &client]);
    until(&gates, token, &peer, "admit", feed);
    assert!(site.good(&["audit", "verify"]).starts_with("whole: rows 1 to "));

    // A key is stolen: what it signed is nothing.
    let kid = site.json(&["keys", "list"])["keys"][0]["kid"].as_str().unwrap().to_owned();
    let killed = site.json(&["keys", "withdraw", &kid]);
    assert_eq!(
        (&killed["live_clients_under_key"], &killed["live_bulk_tokens_under_key"]),
        (&2.into(), &1.into())
    );
    let start = Instant::now();
    while judged(&gates[0], token, &peer) == "admit" {
        assert!(start.elapsed() < Duration::from_secs(60));
    }
    assert!(site.misuse(&["bulk-token", "new"]).contains("no key signs here"));
    site.good(&["keys", "rotate", "--max-staleness", "1"]);
}

/// A certificate of the organisation's CA, judged by a gate, registers its device where the management point
/// is HTTPS; by another key than the certificate's, if the device has one.
#[test]
fn a_certificate_of_a_configured_pki_registers() {
    use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyPair};
    let site = Site::new();
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    let anchor = ca.self_signed(&ca_key).unwrap();
    fs::write(site.path("root.pem"), anchor.pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut leaf = CertificateParams::new(vec!["pc7.contoso.com".to_owned()]).unwrap();
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    leaf.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
    let issuer = rcgen::Issuer::from_params(&ca, &ca_key);
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let peer = Peer::new([leaf.der().as_ref()]).unwrap();
    let text = "[[endpoint]]\nname = \"internet\"\nmethods = [\"pki\"]\nmode = \"https\"\n\
                [[pki]]\nname = \"corp\"\nanchors = [\"root.pem\"]\nrevocation = \"off\"\n";
    fs::write(site.path("pki.toml"), text).unwrap();
    let opened = Keeper::open(Origin::File(site.path("pki.toml")), Options::default());
    let (keeper, _) = opened.unwrap();
    let ask = Ask { endpoint: "internet", scenario: Scenario::Device, windows: None, source: None };
    let request = Request::empty().with_peer(Some(&peer));
    let verdict = keeper.gate().check(&request, &ask, keeper.now());
    let Verdict::Admit(admission) = verdict else { panic!("{verdict:?}") };
    let open = Authority::open(&site.path("tollgate-data")).unwrap();
    let register = |mode| {
        let asked = Registration {
            voucher: Voucher::Admitted { admission: &admission, presented: leaf.der() },
            proof: Proof::Connection { peer: &peer, request: "r" },
            endpoint: Place { name: "internet", network: Network::Internet, mode },
            device_name: "pc7",
        };
        open.register(&asked, tollgate_keeper::now().unix_s)
    };
    assert_eq!(register(Mode::EHttp).unwrap_err().name(), "https_needed");
    let Registered::Granted(grant) = register(Mode::Https).unwrap() else { panic!("it waits") };
    let shown = site.json(&["client", "show", &grant.client.to_string()]);
    assert_eq!(shown["provenance"], "pki");
    let gates = [site.gate("registry.toml", "registry = \"tollgate-data/registry.db\"")];
    until(&gates, grant.issued.token(), &peer, "admit", || {});
}

#[test]
fn bulk_tokens_are_shown_once() {
    let site = Site::new();
    let made = site.json(&["bulk-token", "new", "--lifetime", "5"]);
    let names: Vec<_> = made.as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["expires_at", "id", "token"]);
    let token = made["token"].as_str().unwrap();
    let text = site.good(&["bulk-token", "new", "--out", "b.jwt", "--label", "x"]);
    let kept = fs::read_to_string(site.path("b.jwt")).unwrap();
    assert!(!text.contains(kept.trim()), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(site.path("b.jwt")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // Nothing that the site keeps has it.
    for secret in [token, kept.trim()] {
        let signature = secret.rsplit('.').next().unwrap();
        for file in everything(&site.path("tollgate-data")) {
            let bytes = fs::read(&file).unwrap();
            let found = bytes.windows(signature.len()).any(|part| part == signature.as_bytes());
            assert!(!found, "{}", file.display());
        }
    }
    assert!(site.misuse(&["bulk-token", "new", "--out", "b.jwt"]).contains("b.jwt: File exists"));
    assert_eq!(site.json(&["bulk-token", "list"])["bulk_tokens"].as_array().unwrap().len(), 2);
    for (minutes, said) in [("4", "lives 5 to 10080 minutes, not 4"), ("10081", "not 10081")] {
        assert!(site.misuse(&["bulk-token", "new", "--lifetime", minutes]).contains(said));
    }
    let nobody = Guid([1; 16]).to_string();
    assert!(site.misuse(&["bulk-token", "show", &nobody]).contains("there is no bulk token"));
    assert!(site.misuse(&["withdraw", "bulk-token", &nobody]).contains("there is no bulk token"));
}

fn everything(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { everything(&path) } else { vec![path] }).collect()
}

#[test]
fn an_audit_that_was_touched_fails_by_its_exit_code() {
    let site = Site::new();
    site.good(&["bulk-token", "new"]);
    site.good(&["bulk-token", "new"]);
    let text = site.good(&["audit", "export"]);
    fs::write(site.path("audit.jsonl"), &text).unwrap();
    let verified = site.json(&["audit", "verify", "--file", "audit.jsonl"]);
    assert_eq!((&verified["ok"], &verified["rows"]), (&true.into(), &2.into()));
    assert_eq!(verified["signed_to"], 2);
    let verify = |to| site.run(&["audit", "verify", "--file", "audit.jsonl", "--to", to]);
    assert_eq!(verify("2").code, 0);
    fs::write(site.path("audit.jsonl"), text.lines().next().unwrap()).unwrap();
    assert_eq!(verify("1").code, 0, "the end is gone, and nobody asked for it");
    let ran = verify("2");
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.out.starts_with("NOT WHOLE: row 1: is the last, and it has to reach row 2"),
        "{ran:?}"
    );
    assert!(site.misuse(&["audit", "verify", "--to", "0"]).contains("0"));
    fs::write(site.path("audit.jsonl"), text.replacen("command line", "nobody", 1)).unwrap();
    let ran = site.run(&["audit", "verify", "--file", "audit.jsonl"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.starts_with("NOT WHOLE: row 1: was edited"), "{ran:?}");
}

/// As somebody who may read the site and not write it; root may write everything, so it steps down.
#[cfg(unix)]
#[test]
fn a_site_that_cannot_be_written_says_so_and_is_as_it_was() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;
    let site = Site::new();
    let data = site.path("tollgate-data");
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    // Where the build stands may be closed to others.
    let binary = site.path("tollgate");
    // By a process of its own: what a test that forks meanwhile inherits keeps a file from being run.
    let mut copy = std::process::Command::new("cp");
    assert!(copy.arg(env!("CARGO_BIN_EXE_tollgate")).arg(&binary).status().unwrap().success());
    let is_root = fs::metadata(&data).unwrap().uid() == 0;
    if is_root {
        let all = everything(site.folder.path()).into_iter();
        let folders = [data.clone(), data.join("keys"), site.folder.path().to_path_buf()];
        all.chain(folders).for_each(|path| chown(path, Some(NOBODY), Some(NOBODY)).unwrap());
    }
    set(&data.join("registry.db"), 0o400);
    set(&data, 0o500);
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(&binary);
        command.args(args).current_dir(site.folder.path());
        if is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        let ran = command.output().unwrap();
        (ran.status.code(), String::from_utf8(ran.stderr).unwrap())
    };
    let before = fs::read(data.join("registry.db")).unwrap();
    let client = Guid([1; 16]).to_string();
    let (code, said) = run(&["withdraw", "client", &client]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("the registry cannot be written: see the owner and bits"), "{said}");
    assert_eq!(said.matches('\n').count(), 1, "{said}");
    assert_eq!(fs::read(data.join("registry.db")).unwrap(), before);
    set(&data, 0o700);
    set(&data.join("registry.db"), 0o600);
    assert_eq!(run(&["withdraw", "client", &client]), (Some(0), String::new()));
}

#[test]
fn many_are_withdrawn_by_lines() {
    let site = Site::new();
    let lines: String = (1..=50_u8).map(|id| format!("{}\n", Guid([id; 16]))).collect();
    let args = ["withdraw", "client", "-", "--json"];
    let ran = run_in(site.folder.path(), &args, lines.as_bytes());
    let did: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&did["changed"], &did["seq"]), (&50.into(), &50.into()));
    let ran = run_in(site.folder.path(), &args, format!("{lines}bob\n").as_bytes());
    assert!(ran.err.contains("line 51: \"bob\" is not a GUID"), "{ran:?}");
    let page = site.good(&["withdraw", "list", "--after", "48"]);
    assert_eq!(page.lines().count(), 2, "{page}");
}

#[path = "administration/settings.rs"]
mod settings;
