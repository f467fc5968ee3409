//! What upstreams are told, and that no client can tell it to them.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::client::{bearer, get};
use crate::house::module;
use crate::server::{Site, free_port};
use crate::trust::{Trust, user_id};
use crate::upstream::Upstream;

/// The identity headers of a request's head, as they came.
fn identity(head: &str) -> Vec<(String, String)> {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let ours = lines.filter(|(name, _)| name.to_lowercase().contains("tollgate"));
    ours.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect()
}

const NAMES: [&str; 9] = [
    "x-tollgate-id",
    "x-tollgate-method",
    "x-tollgate-scenario",
    "x-tollgate-authority",
    "x-tollgate-tenant",
    "x-tollgate-user",
    "x-tollgate-device",
    "x-tollgate-bound",
    "x-tollgate-expires",
];

/// Headers that some backend would take for ours.
const FORGED: [&str; 12] = [
    "X-Tollgate-Id: forged",
    "x-tollgate-id: forged",
    "X_Tollgate_Id: forged",
    "X-Tollgate_User: forged",
    "x_tollgate-device: forged",
    "X-TOLLGATE-CLAIM-GROUPS: forged",
    "X-Tollgate-Claim-Name: forged",
    "X.Tollgate.Id: forged",
    "X-Tollgate: forged",
    "X-Tollgate-: forged",
    "X_TOLLGATE_ANYTHING: forged",
    "X-TollgateId: forged",
];

fn configuration(port: u16, http: u16, fastcgi: u16) -> String {
    format!(
        r#"
        tollgate_config tollgate.toml;
        tollgate internet;
        underscores_in_headers on;
        ignore_invalid_headers off;
        server {{
            listen 127.0.0.1:{port};
            error_page 400 494 /errors;
            location / {{ proxy_pass http://127.0.0.1:{http}; }}
            location /off {{ tollgate off; proxy_pass http://127.0.0.1:{http}; }}
            location /errors {{ tollgate off; proxy_pass http://127.0.0.1:{http}; }}
            location = /echoed {{ tollgate off; return 200 "[$http_x_tollgate_id]"; }}
            location /any {{ satisfy any; allow 127.0.0.1; proxy_pass http://127.0.0.1:{http}; }}
            location /cgi {{ fastcgi_pass 127.0.0.1:{fastcgi}; fastcgi_param METHOD $request_method; }}
            location /own {{
                proxy_set_header X-Tollgate-Authority "";
                proxy_set_header X-Subject "$tollgate_subject";
                proxy_set_header X-Name "$tollgate_claim_preferred_username";
                proxy_set_header X-Groups "$tollgate_claim_groups";
                proxy_set_header X-Unknown "[$tollgate_claim_nothing]";
                proxy_pass http://127.0.0.1:{http};
            }}
        }}"#
    )
}

#[test]
fn an_upstream_is_told_everything_each_time() {
    let Some(module) = module("identity headers") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let (http, fastcgi) = (Upstream::http(), Upstream::fastcgi());
    let port = free_port();
    site.configure("", &configuration(port, http.port, fastcgi.port));
    let _nginx = site.start(port);
    let url = format!("http://127.0.0.1:{port}/page");
    let user = trust.user_with(1, &json!({ "groups": ["a", "b"] }));
    let told = identity(&get(&url, &["-H", &bearer(&user)]).body);
    let tenant = trust.tenant.id.to_string();
    let authority = format!("https://login.microsoftonline.com/{tenant}/v2.0");
    let of = |name: &str| {
        let found: Vec<_> = told.iter().filter(|(found, _)| found == name).collect();
        assert_eq!(found.len(), 1, "{name}: {told:?}");
        found[0].1.clone()
    };
    assert_eq!(of("x-tollgate-id"), user_id(&trust, 1));
    assert_eq!(of("x-tollgate-method"), "entra");
    assert_eq!(of("x-tollgate-scenario"), "device");
    assert_eq!(of("x-tollgate-authority"), authority);
    assert_eq!(of("x-tollgate-tenant"), tenant);
    assert_eq!(of("x-tollgate-user"), "00000000-0000-0001-0000-000000000001");
    assert_eq!(of("x-tollgate-device"), "00000000-0000-0002-0000-000000000001");
    assert_eq!(of("x-tollgate-bound"), "false");
    let expires_s: i64 = of("x-tollgate-expires").parse().expect("seconds");
    assert!((80_000..100_000).contains(&(expires_s - crate::trust::now_s())), "{expires_s}");
    assert_eq!(of("x-tollgate-claim-preferred-username"), "user000001@example.org");
    assert_eq!(of("x-tollgate-claim-name"), "Device User 000001");
    assert_eq!(of("x-tollgate-claim-groups"), r#"["a","b"]"#);
    assert_eq!(told.len(), NAMES.len() + 3, "{told:?}");

    // A device's token: what it does not say is there, and empty.
    let told = identity(&get(&url, &["-H", &bearer(&trust.device(7))]).body);
    let value =
        |name| told.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    assert_eq!(value("x-tollgate-user"), Some(""));
    assert_eq!(value("x-tollgate-device"), Some("00000000-0000-0002-0000-000000000007"));
    assert!(NAMES.iter().all(|name| value(name).is_some()), "{told:?}");

    // FastCGI, and whatever else reads the request's headers.
    let url = format!("http://127.0.0.1:{port}/cgi");
    let page = get(&url, &["-H", &bearer(&user), "-H", "X_Tollgate_Id: forged"]).body;
    let line = format!("HTTP_X_TOLLGATE_ID={}\n", user_id(&trust, 1));
    assert_eq!(page.matches(&line).count(), 1, "{page}");
    assert_eq!(page.matches("HTTP_X_TOLLGATE_ID=").count(), 1, "{page}");
    assert!(page.contains("HTTP_X_TOLLGATE_CLAIM_GROUPS=[\"a\",\"b\"]\n"), "{page}");

    // The operator's own words stand.
    let url = format!("http://127.0.0.1:{port}/own");
    let head = get(&url, &["-H", &bearer(&user)]).body;
    assert!(!head.to_lowercase().contains("x-tollgate-authority"), "{head}");
    assert!(head.contains("X-Subject: AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ\r\n"), "{head}");
    assert!(head.contains("X-Name: user000001@example.org\r\n"), "{head}");
    assert!(head.contains("X-Groups: [\"a\",\"b\"]\r\n"), "{head}");
    assert!(head.contains("X-Unknown: []\r\n"), "{head}");
}

#[test]
fn no_client_names_itself() {
    let Some(module) = module("forged identity headers") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let (http, fastcgi) = (Upstream::http(), Upstream::fastcgi());
    let port = free_port();
    site.configure("", &configuration(port, http.port, fastcgi.port));
    let nginx = site.start(port);
    let user = bearer(&trust.user(1, 0));
    let ask = |path: &str, headers: &[&str]| {
        let arguments: Vec<&str> = headers.iter().flat_map(|header| ["-H", header]).collect();
        get(&format!("http://127.0.0.1:{port}{path}"), &arguments)
    };
    let many: Vec<String> = (0..60).map(|n| format!("X-Tollgate-{n}: forged")).collect();
    let mixed: Vec<String> = (0..40)
        .flat_map(|n| [format!("X-Mine-{n}: {n}"), format!("X-Tollgate-Claim-{n}: forged")])
        .collect();

    for path in ["/page", "/off", "/any", "/cgi"] {
        let mut lists: Vec<Vec<&str>> = FORGED.iter().map(|forged| vec![*forged]).collect();
        lists.push(FORGED.to_vec());
        lists.push(many.iter().map(String::as_str).collect());
        lists.push(mixed.iter().map(String::as_str).collect());
        for list in lists {
            // At the head, in the middle and at the end of what the client sends.
            let all = [&list[..], &["X-Mine: kept", &user], &list[..]].concat();
            let answer = ask(path, &all);
            assert_eq!(answer.status, 200, "{path} {all:?}");
            assert!(!answer.body.contains("forged"), "{path} {all:?}: {}", answer.body);
            assert!(answer.body.to_lowercase().contains("mine"), "{path}: {}", answer.body);
            if list.len() == mixed.len() {
                let kept = answer.body.to_lowercase().matches("mine").count();
                assert_eq!(kept, 81, "what is no header of ours stays: {}", answer.body);
            }
        }
    }
    // Where there is nothing else in the request, and before the rewrite phase reads it.
    assert_eq!(ask("/echoed", &["X-Tollgate-Id: forged"]).body, "[]");
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("connects");
    stream.write_all(b"GET /off HTTP/1.0\r\nX-Tollgate-Id: forged\r\n\r\n").expect("sends");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 ") && !answer.contains("forged"), "{answer}");

    // A page of an error that is found while the headers are read.
    for bad in ["Host: a\r\nHost: b", "Content-Length: x", &format!("X-Long: {}", "a".repeat(9000))]
    {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("connects");
        let request = format!("GET / HTTP/1.1\r\nX-Tollgate-Id: forged\r\n{bad}\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("sends");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.contains("\r\n\r\nGET /errors HTTP/1.0\r\n"), "by the upstream: {answer}");
        assert!(!answer.contains("forged"), "{answer}");
    }
    assert_eq!(nginx.quit(), 0);
    assert!(!site.errors().contains("exited on signal"), "{}", site.errors());
}

/// HTTP/0.9 has no headers, nor has a request line that nginx does not take: its pages come here as well.
#[test]
fn requests_without_headers_are_passed_on() {
    let Some(module) = module("requests without headers") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let upstream = Upstream::http();
    let (port, back) = (free_port(), upstream.port);
    site.configure(
        "worker_processes 1;",
        &format!(
            r#"
            tollgate_config tollgate.toml;
            tollgate internet;
            server {{
                listen 127.0.0.1:{port};
                error_page 400 /any;
                location / {{ proxy_pass http://127.0.0.1:{back}; }}
                location /any {{ satisfy any; allow 127.0.0.1; proxy_pass http://127.0.0.1:{back}; }}
                location /off {{ tollgate off; proxy_pass http://127.0.0.1:{back}; }}
                location /asked {{ tollgate_token $arg_t; proxy_pass http://127.0.0.1:{back}; }}
            }}"#,
        ),
    );
    let nginx = site.start(port);
    let workers = nginx.workers();
    let ask = |request: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("connects");
        stream.write_all(request.as_bytes()).expect("sends");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    let nobody = "X-Tollgate-Id: \r\n";
    assert!(ask("GET /any\r\n").contains(nobody), "{}", site.errors());
    assert!(ask("GET / HTTP/x\r\n\r\n").contains(nobody), "{}", site.errors());
    let answer = ask("GET /off\r\n");
    assert!(answer.contains("HTTP/1.0\r\n") && !answer.contains("X-Tollgate"), "{answer}");
    assert!(ask("GET /\r\n").contains("401 Authorization Required"), "{}", site.errors());
    let named = format!("X-Tollgate-Id: {}\r\n", user_id(&trust, 1));
    let answer = ask(&format!("GET /asked?t={}\r\n", trust.user(1, 0)));
    assert!(answer.contains(&named), "{answer}");
    assert_eq!(nginx.workers(), workers, "{}", site.errors());
}

/// A byte that is not plain is found wherever it stands, and whatever stands around it.
#[test]
fn an_odd_byte_is_encoded_wherever_it_stands() {
    let Some(module) = module("odd bytes") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let (http, fastcgi) = (Upstream::http(), Upstream::fastcgi());
    let port = free_port();
    site.configure("", &configuration(port, http.port, fastcgi.port));
    let _nginx = site.start(port);
    const LENGTH: usize = 19;
    for (odd, written) in [
        ("\u{1f}", "%1F"),
        ("%", "%25"),
        ("\u{7f}", "%7F"),
        ("\u{80}", "%C2%80"),
        ("\u{10ffff}", "%F4%8F%BF%BF"),
    ] {
        for at in 0..LENGTH {
            // Neighbours at the ends of what is plain.
            let [before, behind] =
                [at, LENGTH - 1 - at].map(|count| &"!~ ~!~!~ ~~!!~!~~!"[..count.min(18)]);
            let name = format!("{}{odd}{}", before.trim_start(), behind.trim_end());
            let expected = format!("{}{written}{}", before.trim_start(), behind.trim_end());
            let token = trust.user_with(1, &json!({ "name": name }));
            let page = get(&format!("http://127.0.0.1:{port}/page"), &["-H", &bearer(&token)]).body;
            let line = format!("X-Tollgate-Claim-name: {expected}\r\n");
            assert!(page.contains(&line), "{name:?}: {page}");
        }
    }
}

#[test]
fn what_a_token_says_cannot_end_a_header_or_a_line() {
    let Some(module) = module("texts of tokens") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let (http, fastcgi) = (Upstream::http(), Upstream::fastcgi());
    let port = free_port();
    site.configure("", &configuration(port, http.port, fastcgi.port));
    let _nginx = site.start(port);
    for (name, header) in [
        ("a\r\nX-Evil: 1", "a%0D%0AX-Evil: 1"),
        ("a\0b", "a%00b"),
        ("100%", "100%25"),
        ("Müller", "M%C3%BCller"),
        (" ends ", "%20ends%20"),
        (" ", "%20"),
        ("", ""),
        ("a\u{7f}\u{9b}31m", "a%7F%C2%9B31m"),
        ("tab\there \"q\" \\", "tab%09here \"q\" \\"),
    ] {
        let token = trust.user_with(1, &json!({ "name": name }));
        for path in ["/page", "/cgi"] {
            let url = format!("http://127.0.0.1:{port}{path}");
            let page = get(&url, &["-H", &bearer(&token)]).body;
            let line = match path {
                "/page" => format!("X-Tollgate-Claim-name: {header}\r\n"),
                _ => format!("HTTP_X_TOLLGATE_CLAIM_NAME={header}\n"),
            };
            assert!(page.contains(&line), "{name:?}: {page}");
            assert!(!page.contains("\nX-Evil"), "{page}");
        }
    }
}
