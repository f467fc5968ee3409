//! Where tokens come from, and what is made of those that are none.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::client::{Answer, bearer, get, get_with};
use crate::house::module;
use crate::server::{Nginx, Site, free_port};
use crate::trust::{Trust, user_id};

const INVALID: &str = "Bearer realm=\"tollgate\", error=\"invalid_token\"";
const NOTHING: &str = "Bearer realm=\"tollgate\"";

fn open<'a>(site: &'a Site, port: u16) -> Nginx<'a> {
    site.configure(
        "",
        &format!(
            r#"
            tollgate_config tollgate.toml;
            tollgate internet;
            add_header X-Reason $tollgate_reason always;
            add_header X-Id $tollgate_id always;
            large_client_header_buffers 8 64k;
            server {{
                listen 127.0.0.1:{port};
                listen 127.0.0.2:{port};
                listen [::1]:{port};
                listen unix:{socket};
                location = /page {{ empty_gif; }}
                location /cookie {{
                    tollgate_token $cookie_ticket;
                    location = /cookie/inner {{ empty_gif; }}
                    location = /cookie/off {{ tollgate_token off; empty_gif; }}
                }}
                location = /arg {{ tollgate_token $arg_ticket; empty_gif; }}
                location = /either {{ tollgate_token $cookie_ticket$arg_ticket; empty_gif; }}
                location = /inside {{ tollgate inside; tollgate_windows $http_x_windows; empty_gif; }}
            }}"#,
            socket = site.path("s"),
        ),
    );
    site.start(port)
}

fn assert_refused(answer: &Answer, status: u16, reason: &str, challenge: Option<&str>) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("X-Reason"), Some(reason), "{answer:?}");
    assert_eq!(answer.header("WWW-Authenticate"), challenge, "{answer:?}");
    assert_eq!(answer.header("X-Id"), None, "{answer:?}");
}

#[test]
fn a_bearer_token_is_what_rfc_6750_says() {
    let Some(module) = module("bearer tokens") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    let _nginx = open(&site, port);
    let url = format!("http://127.0.0.1:{port}/page");
    let token = trust.user(1, 0);
    let ask = |value: &str| get(&url, &["-H", &format!("Authorization: {value}")]);

    for scheme in ["Bearer ", "bearer ", "BEARER ", "beAreR    "] {
        let answer = ask(&format!("{scheme}{token}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("X-Id"), Some(user_id(&trust, 1).as_str()));
        assert_eq!(answer.header("X-Reason"), Some("admitted"));
        assert_eq!(answer.header("WWW-Authenticate"), None);
    }
    // Other schemes show nothing to us.
    for other in ["Basic dTpw", "Bearers x", "Bear", "B", "Digest a=b", &token] {
        assert_refused(&ask(other), 401, "no_credential", Some(NOTHING));
    }
    assert_refused(&get(&url, &[]), 401, "no_credential", Some(NOTHING));
    // Ours and broken: never taken for nothing.
    assert_refused(&ask("Bearer"), 401, "token_shape", Some(INVALID));
    assert_refused(&ask("Bearer  "), 401, "token_shape", Some(INVALID));
    assert_refused(&ask(&format!("Bearer\t{token}")), 401, "token_encoding", Some(INVALID));
    assert_refused(&ask("Bearer x"), 401, "token_shape", Some(INVALID));
    assert_refused(&ask("Bearer a.b.c.d.e"), 401, "token_encrypted", Some(INVALID));
    assert_refused(&ask(&format!("Bearer {token},")), 401, "token_encoding", Some(INVALID));
    assert_refused(&ask(&format!("Bearer {token} {token}")), 401, "token_encrypted", Some(INVALID));
    let huge = format!("Bearer {}", "a".repeat(40_000));
    assert_refused(&ask(&huge), 401, "token_too_large", Some(INVALID));
    // What the gate says of genuine ones.
    assert_refused(&get_with(&url, &trust.user(1, 200_000)), 401, "expired", Some(INVALID));
    let altered = format!("{}AAAA", &token[..token.len() - 4]);
    assert_refused(&get_with(&url, &altered), 401, "signature_wrong", Some(INVALID));
}

#[test]
fn of_two_authorization_headers_none_counts() {
    let Some(module) = module("two Authorization headers") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    let _nginx = open(&site, port);
    let url = format!("http://127.0.0.1:{port}/page");
    let (one, other) = (bearer(&trust.user(1, 0)), bearer(&trust.user(2, 0)));
    for pair in [[one.as_str(), other.as_str()], [one.as_str(), one.as_str()]] {
        let status = get(&url, &["-H", pair[0], "-H", pair[1]]).status;
        // nginx's own 400, or our 401.
        assert!([400, 401].contains(&status), "{status}");
    }
    assert_eq!(get(&url, &["-H", &one]).status, 200);
}

#[test]
fn any_bytes_are_refused_and_nothing_falls_over() {
    let Some(module) = module("bytes that are no token") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    let nginx = open(&site, port);
    let token = trust.user(1, 0);
    let workers = nginx.workers();
    let ask = |value: &[u8]| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("connects");
        let mut request = b"GET /page HTTP/1.1\r\nHost: a\r\nAuthorization: ".to_vec();
        request.extend_from_slice(value);
        request.extend_from_slice(b"\r\nConnection: close\r\n\r\n");
        stream.write_all(&request).expect("sends");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    for length in 0..8 {
        let answer = ask(&b"Bearer "[..length]);
        assert!(answer.starts_with("HTTP/1.1 401 "), "{length}: {answer}");
    }
    for byte in (1..=255).filter(|byte| ![b'\n', b'\r'].contains(byte)) {
        let at = usize::from(byte) % token.len();
        let mut broken = [b"Bearer ", token.as_bytes()].concat();
        broken.insert(7 + at, byte);
        let answer = ask(&broken);
        let is_refused = answer.starts_with("HTTP/1.1 401 ") || answer.starts_with("HTTP/1.1 400 ");
        // Spaces before and behind the token are no part of it.
        assert!(is_refused || byte == b' ' && at == 0, "{byte} at {at}: {answer}");
    }
    for cut in (0..token.len()).step_by(7) {
        let answer = ask(&[b"Bearer ", &token.as_bytes()[..cut]].concat());
        assert!(answer.starts_with("HTTP/1.1 401 "), "{cut}: {answer}");
    }
    assert_eq!(nginx.workers(), workers, "no worker died");
}

#[test]
fn a_token_may_come_in_a_cookie_or_the_query() {
    let Some(module) = module("tollgate_token") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    let _nginx = open(&site, port);
    let token = trust.user(1, 0);
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let (header, cookie) = (bearer(&token), format!("Cookie: a=b; ticket={token}; c=d"));

    assert_eq!(get(&url("/cookie/inner"), &["-H", &cookie]).status, 200);
    assert_eq!(get(&url(&format!("/arg?a=b&ticket={token}")), &[]).status, 200);
    assert_eq!(get(&url("/either"), &["-H", &cookie]).status, 200);
    assert_eq!(get(&url(&format!("/either?ticket={token}")), &[]).status, 200);
    // Instead of the header, never beside it.
    let answer = get(&url("/cookie/inner"), &["-H", &header]);
    assert_refused(&answer, 401, "no_credential", Some(NOTHING));
    assert_eq!(get(&url("/cookie/off"), &["-H", &header]).status, 200);
    assert_eq!(get(&url("/cookie/off"), &["-H", &cookie]).status, 401);
    let answer = get(&url("/either?ticket=x"), &["-H", &cookie]);
    assert_refused(&answer, 401, "token_encoding", Some(INVALID));
    let answer = get(&url("/cookie/inner"), &["-H", "Cookie: ticket="]);
    assert_refused(&answer, 401, "no_credential", Some(NOTHING));
}

#[test]
fn the_windows_version_comes_from_where_the_operator_says() {
    let Some(module) = module("tollgate_windows") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    let _nginx = open(&site, port);
    let url = format!("http://127.0.0.1:{port}/inside");
    let header = bearer(&trust.user(1, 0));
    let ask = |version: &str| {
        let version = format!("X-Windows: {version}");
        get(&url, &["-H", &header, "-H", &version])
    };
    assert_eq!(ask("10.0.19045").status, 200);
    assert_refused(&ask("6.1.7601"), 403, "windows_too_old", None);
    assert_refused(&ask("ten"), 403, "windows_unknown", None);
    assert_refused(&get(&url, &["-H", &header]), 403, "windows_unknown", None);
    assert_eq!(site.errors().matches("Windows version cannot be read").count(), 1);
}

#[test]
fn a_source_that_forges_is_held_up_and_others_are_not() {
    let Some(module) = module("budgets of sources") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let few = "\n[limits]\nsource_checks = 2\nsource_checks_per_s = 1\n";
    trust.write_configuration(&(trust.configuration(false) + few));
    let port = free_port();
    let _nginx = open(&site, port);
    let urls = [
        format!("http://127.0.0.1:{port}/page"),
        format!("http://127.0.0.2:{port}/page"),
        format!("http://[::1]:{port}/page"),
    ];
    let forged = |n: u64| {
        let token = trust.user(n, 0);
        format!("{}AAAA", &token[..token.len() - 4])
    };
    // By its own address: curl connects from the address that it connects to.
    for (place, url) in urls.iter().enumerate() {
        let place = place as u64 * 10;
        let from = ["127.0.0.1", "127.0.0.2", "::1"][place as usize / 10];
        let ask = |n| get(url, &["--interface", from, "-H", &bearer(&forged(place + n))]);
        assert_refused(&ask(1), 401, "signature_wrong", Some(INVALID));
        assert_refused(&ask(2), 401, "signature_wrong", Some(INVALID));
        let answer = ask(3);
        assert_refused(&answer, 503, "budget_spent", None);
        assert_eq!(answer.header("Retry-After"), Some("1"));
    }
    let socket = site.path("s");
    for n in 50..54 {
        let arguments = ["--unix-socket", &socket, "-H", &bearer(&forged(n))];
        let answer = get("http://a/page", &arguments);
        assert_refused(&answer, 401, "signature_wrong", Some(INVALID));
    }
    let log = site.errors();
    let line = log.lines().find(|line| line.contains("budget_spent")).expect("a line");
    assert!(line.contains("[warn]") && line.contains("(6003)"), "{line}");
    assert!(!log.contains(&forged(1)[..20]), "never a token");
}
