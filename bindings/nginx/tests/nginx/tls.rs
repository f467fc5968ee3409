//! Client certificates of real handshakes: as credentials of their PKI, and as proof of a token's key.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::client::{all, bearer, get};
use crate::house::{has, module};
use crate::pki::Pki;
use crate::server::{Nginx, Site, free_port, poll};
use crate::trust::{Trust, user_id};

fn open<'a>(site: &'a Site, ports: [u16; 3]) -> Nginx<'a> {
    configure(site, ports);
    site.start(ports[1])
}

pub(crate) fn configure(site: &Site, ports: [u16; 3]) {
    let [optional, any, required] = ports;
    site.configure(
        "",
        &format!(
            r#"
            tollgate_config tollgate.toml;
            tollgate internet;
            add_header X-Reason $tollgate_reason always;
            add_header X-Id $tollgate_id always;
            add_header X-Requests $connection_requests always;
            add_header X-Reused $ssl_session_reused always;
            ssl_certificate {folder}/server.pem;
            ssl_certificate_key {folder}/server.key;
            ssl_protocols TLSv1.2 TLSv1.3;
            ssl_session_cache shared:tls:1m;
            server {{
                listen 127.0.0.1:{optional} ssl http2;
                ssl_client_certificate {folder}/root-ca.pem;
                ssl_verify_client optional;
            }}
            server {{
                listen 127.0.0.1:{any} ssl http2;
                ssl_verify_client optional_no_ca;
            }}
            server {{
                listen 127.0.0.1:{required} ssl;
                ssl_verify_client off;
            }}"#,
            folder = site.folder.display(),
        ),
    );
}

pub(crate) struct World {
    pub(crate) site: Site,
    pub(crate) pki: Pki,
    pub(crate) trust: Trust,
    pub(crate) optional: u16,
    pub(crate) any: u16,
    pub(crate) none: u16,
}

impl World {
    pub(crate) fn new(test: &str) -> Option<Self> {
        let site = Site::new(module(test)?);
        let pki = Pki::new(&site.folder);
        let trust = Trust::new(&site.folder, true);
        let [optional, any, none] = [free_port(), free_port(), free_port()];
        Some(Self { site, pki, trust, optional, any, none })
    }

    /// curl's arguments for a certificate of the PKI's folder.
    pub(crate) fn with(&self, name: &str) -> Vec<String> {
        let mut arguments = vec!["--cacert".to_owned(), self.pki.path("root-ca.pem")];
        if !name.is_empty() {
            arguments.extend(["--cert".into(), self.pki.path(&format!("{name}.pem"))]);
            arguments.extend(["--key".into(), self.pki.path(&format!("{name}.key"))]);
        }
        arguments
    }

    fn ask(&self, port: u16, certificate: &str, token: Option<&str>) -> (u16, String, String) {
        let mut arguments = self.with(certificate);
        if let Some(token) = token {
            arguments.extend(["-H".into(), bearer(token)]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut first = None;
        for version in ["--http1.1", "--http2"] {
            let arguments = [&[version][..], &arguments[..]].concat();
            let answer = get(&format!("https://127.0.0.1:{port}/"), &arguments);
            let text = |name| answer.header(name).unwrap_or_default().to_owned();
            let said = (answer.status, text("X-Reason"), text("X-Id"));
            let first = first.get_or_insert_with(|| said.clone());
            assert_eq!(*first, said, "HTTP/1.1 and HTTP/2 say the same");
        }
        first.expect("asked")
    }
}

fn refused(status: u16, reason: &str) -> (u16, String, String) {
    (status, reason.into(), String::new())
}

#[test]
fn a_certificate_of_the_pki_is_a_credential() {
    let Some(world) = World::new("client certificates") else { return };
    world.pki.device("pc7");
    world.pki.device_until("ended", "20260201000000Z");
    world.pki.self_signed("stranger", &["extendedKeyUsage=clientAuth"]);
    let _nginx = open(&world.site, [world.optional, world.any, world.none]);
    let admitted = |id: &str| (200, "admitted".to_owned(), id.to_owned());
    let user = world.trust.user(1, 0);
    let user_id = user_id(&world.trust, 1);

    for port in [world.optional, world.any] {
        let pc7 = admitted("pki:corp:dns:pc7.example.org");
        assert_eq!(world.ask(port, "pc7", None), pc7);
        assert_eq!(world.ask(port, "", None), refused(401, "no_credential"));
        assert_eq!(world.ask(port, "pc7", Some(&user)), admitted(&user_id));
    }
    // Where nginx leaves the judgement to us.
    assert_eq!(world.ask(world.any, "stranger", None), refused(401, "certificate_untrusted"));
    // Nobody's certificate says nothing beside a token.
    assert_eq!(world.ask(world.any, "stranger", Some(&user)), admitted(&user_id));
    // One that has ended nginx itself refuses, even so: nobody is asked about it.
    for port in [world.optional, world.any] {
        assert_eq!(world.ask(port, "ended", None), refused(400, ""));
        assert_eq!(world.ask(port, "ended", Some(&user)), refused(400, ""));
    }
    assert_eq!(world.ask(world.optional, "stranger", None), refused(400, ""));
    // Not asked for, none is sent.
    assert_eq!(world.ask(world.none, "pc7", None), refused(401, "no_credential"));
}

#[test]
fn a_bound_token_needs_the_key_that_it_is_bound_to() {
    let Some(world) = World::new("bound tokens") else { return };
    // Its own certificate, as a client of the site makes it.
    world.pki.self_signed("laptop9", &["extendedKeyUsage=clientAuth"]);
    world.pki.self_signed("thief", &["extendedKeyUsage=clientAuth"]);
    world.pki.device("pc7");
    let token = world.trust.bound(&world.pki.certificate("laptop9"));
    let of_pc7 = world.trust.bound(&world.pki.certificate("pc7"));
    let _nginx = open(&world.site, [world.optional, world.any, world.none]);

    let (status, reason, id) = world.ask(world.any, "laptop9", Some(&token));
    assert_eq!((status, reason.as_str()), (200, "admitted"));
    assert!(id.starts_with("site:"), "{id}");
    assert_eq!(world.ask(world.any, "", Some(&token)), refused(401, "proof_missing"));
    assert_eq!(world.ask(world.any, "thief", Some(&token)), refused(401, "proof_mismatch"));
    assert_eq!(world.ask(world.any, "pc7", Some(&token)), refused(401, "proof_mismatch"));
    assert_eq!(world.ask(world.none, "laptop9", Some(&token)), refused(401, "proof_missing"));
    assert_eq!(world.ask(world.optional, "pc7", Some(&of_pc7)).0, 200);
    let log = world.site.errors();
    for line in ["proof_missing (2013)", "proof_mismatch (2014)"] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert!(!log.contains(&token[..30]), "never a token");
}

/// Each connection has its own peer, and keeps it: none is left over from another connection.
#[test]
fn a_connection_keeps_its_peer() {
    let Some(world) = World::new("keep-alive") else { return };
    world.pki.self_signed("laptop9", &["extendedKeyUsage=clientAuth"]);
    let token = world.trust.bound(&world.pki.certificate("laptop9"));
    let _nginx = open(&world.site, [world.optional, world.any, world.none]);
    let url = format!("https://127.0.0.1:{}/", world.any);
    let header = bearer(&token);
    for version in ["--http1.1", "--http2"] {
        for _ in 0..5 {
            let with = world.with("laptop9");
            let mut arguments: Vec<&str> = with.iter().map(String::as_str).collect();
            arguments.extend([version, "-H", &header]);
            // One connection, several requests.
            let urls = vec![url.as_str(); 5];
            arguments.extend(&urls);
            let answers = all(&url, &arguments);
            assert_eq!(answers.len(), 6);
            for (n, answer) in answers.iter().enumerate() {
                assert_eq!(answer.status, 200, "{answer:?}");
                assert_eq!(answer.header("X-Requests"), Some((n + 1).to_string().as_str()));
            }
            assert_eq!(world.ask(world.any, "", Some(&token)), refused(401, "proof_missing"));
        }
    }
}

/// One request by `openssl s_client`, which keeps its session in a file, or resumes that one.
fn ask_in_session(world: &World, who: &str, token: Option<&str>, options: &[&str]) -> String {
    let name = format!("127.0.0.1:{}", world.any);
    let (pem, key) = (format!("{who}.pem"), format!("{who}.key"));
    let mut command = Command::new("openssl");
    command.args(["s_client", "-ign_eof", "-quiet", "-connect", &name, "-CAfile", "root-ca.pem"]);
    command.args(options);
    if !who.is_empty() {
        command.args(["-cert", &pem, "-key", &key]);
    }
    command.current_dir(&world.site.folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::null()).spawn().expect("openssl starts");
    let header = token.map_or(String::new(), |token| format!("{}\r\n", bearer(token)));
    let request = format!("GET / HTTP/1.1\r\nHost: a\r\n{header}Connection: close\r\n\r\n");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(request.as_bytes()).expect("sends");
    // It stays open until the answer is there.
    let output = child.wait_with_output().expect("openssl ends");
    drop(input);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

const KEEP: &str = "-sess_out";
const RESUME: &str = "-sess_in";
const FILE: &str = "session.pem";

/// A resumed session is bound to the handshake that it resumes, and to its proof.
#[test]
fn a_resumed_session_has_the_peer_of_its_handshake() {
    let Some(world) = World::new("resumed sessions") else { return };
    world.pki.self_signed("laptop9", &["extendedKeyUsage=clientAuth"]);
    world.pki.device("pc7");
    let token = world.trust.bound(&world.pki.certificate("laptop9"));
    let _nginx = open(&world.site, [world.optional, world.any, world.none]);
    for version in ["-tls1_2", "-tls1_3"] {
        let ask = |who, token, way| ask_in_session(&world, who, token, &[version, way, FILE]);
        let first = ask("laptop9", Some(&token), KEEP);
        assert!(first.starts_with("HTTP/1.1 200 "), "{version}: {first}");
        assert!(first.contains("X-Reused: .\r\n"), "{version}: {first}");
        // The client shows no certificate now; the session has it.
        let again = ask("", Some(&token), RESUME);
        assert!(again.contains("X-Reused: r\r\n"), "{version}: {again}");
        assert!(again.starts_with("HTTP/1.1 200 "), "{version}: {again}");

        let first = ask("pc7", None, KEEP);
        assert!(first.starts_with("HTTP/1.1 200 "), "{version}: {first}");
        let again = ask("", None, RESUME);
        assert!(again.contains("X-Reused: r\r\n"), "{version}: {again}");
        assert!(again.contains("X-Id: pki:corp:dns:pc7.example.org\r\n"), "{version}: {again}");
        // Another one's session proves another key.
        let again = ask("", Some(&token), RESUME);
        assert!(again.contains("X-Reason: proof_mismatch\r\n"), "{version}: {again}");
    }
}

/// nginx looks at the end of a certificate in the handshake alone; the gate does each time.
#[test]
fn a_certificate_that_ends_within_its_session_is_refused_from_then_on() {
    let Some(world) = World::new("a certificate that ends") else { return };
    let end = Command::new("date").args(["-u", "-d", "+6 seconds", "+%Y%m%d%H%M%SZ"]).output();
    let end = String::from_utf8(end.expect("date runs").stdout).expect("digits");
    world.pki.device_until("brief", end.trim());
    let _nginx = open(&world.site, [world.optional, world.any, world.none]);
    let first = ask_in_session(&world, "brief", None, &["-tls1_2", KEEP, FILE]);
    assert!(first.starts_with("HTTP/1.1 200 "), "{first}");
    let mut last = String::new();
    let has_ended = || {
        last = ask_in_session(&world, "", None, &["-tls1_2", RESUME, FILE]);
        assert!(last.contains("X-Reused: r\r\n"), "{last}");
        last.starts_with("HTTP/1.1 401 ")
    };
    assert!(poll(Duration::from_secs(30), has_ended));
    assert!(last.contains("X-Reason: certificate_expired\r\n"), "{last}");
}

/// Many streams at once on each of several connections, by an independent client.
#[test]
fn many_streams_of_http2_are_judged() {
    let Some(world) = World::new("streams of HTTP/2") else { return };
    if !has("streams of HTTP/2", "h2load", "--version") {
        return;
    }
    let nginx = open(&world.site, [world.optional, world.any, world.none]);
    let header = format!("authorization: Bearer {}", world.trust.user(1, 0));
    let url = format!("https://127.0.0.1:{}/", world.any);
    let mut h2load = Command::new("h2load");
    h2load.args(["-n", "2000", "-c", "4", "-m", "50", "-H", &header, &url]);
    let output = h2load.output().expect("h2load runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("2000 done, 2000 succeeded, 0 failed, 0 errored"), "{said}");
    assert!(said.contains("status codes: 2000 2xx, 0 3xx, 0 4xx, 0 5xx"), "{said}");
    assert_eq!(nginx.quit(), 0);
}
