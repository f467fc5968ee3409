//! Requests that nginx itself sends on: error pages, try_files, rewrites, X-Accel-Redirect, subrequests.

use std::time::Duration;

use crate::client::{bearer, get};
use crate::house::module;
use crate::server::{Site, free_port, poll};
use crate::trust::{Trust, user_id};
use crate::upstream::Upstream;

/// How often the gate was asked, by its own count.
fn checks(port: u16) -> u64 {
    let page = get(&format!("http://127.0.0.1:{port}/metrics"), &[]).body;
    let counts = page.lines().filter(|line| line.starts_with("tollgate_decisions_total"));
    counts.filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok()).sum()
}

fn configuration(port: u16, back: u16) -> String {
    format!(
        r#"
        tollgate_config tollgate.toml;
        tollgate internet;
        add_header X-Reason $tollgate_reason always;
        add_header X-Id $tollgate_id always;
        server {{
            listen 127.0.0.1:{port};
            location = /metrics {{ tollgate off; tollgate_metrics; }}

            location = /tried {{ try_files /lost @named; }}
            location @named {{ proxy_pass http://127.0.0.1:{back}; }}
            location = /rewritten {{ rewrite ^ /index.html last; }}
            location = /lost {{ error_page 404 = /behind; }}
            location = /behind {{ proxy_pass http://127.0.0.1:{back}; }}

            location = /elsewhere {{ error_page 404 = @users; }}
            location @users {{ tollgate users; tollgate_scenario user; proxy_pass http://127.0.0.1:{back}; }}
            location = /to-off {{ error_page 404 = @off; }}
            location @off {{ tollgate off; proxy_pass http://127.0.0.1:{back}; }}

            location = /page-of-401 {{ error_page 401 /sorry.html; empty_gif; }}
            location = /sorry.html {{ tollgate off; }}
            location = /page-behind {{ error_page 401 403 @sorry; tollgate users; tollgate_scenario user; empty_gif; }}
            location @sorry {{ tollgate off; proxy_pass http://127.0.0.1:{back}; }}
            location = /page-again {{ error_page 401 /sorry.html; recursive_error_pages on; empty_gif; }}
            location = /page-of-401-guarded {{ error_page 401 /index.html; empty_gif; }}

            location = /asked {{ auth_request /auth; proxy_pass http://127.0.0.1:{back}; }}
            location = /auth {{ internal; proxy_pass http://127.0.0.1:{back}; proxy_set_header X-Who $tollgate_id; }}
            location = /asked-off {{ tollgate off; auth_request /auth; proxy_pass http://127.0.0.1:{back}; }}
            location = /asked-off-file {{ tollgate off; auth_request /index.html; proxy_pass http://127.0.0.1:{back}; }}
            location = /asked-anyhow {{
                auth_request /auth; auth_request_set $seen $upstream_http_x_nothing;
                satisfy any; proxy_pass http://127.0.0.1:{back};
            }}
            location = /included.html {{ ssi on; }}
            location = /early {{ set $early "[$tollgate_id]"; add_header X-Early $early always;
                                 add_header X-Late $tollgate_id always; try_files /index.html =404; }}
            location = /early-log {{ add_header X-None ""; set $early "[$tollgate_id$tollgate_reason]"; try_files /index.html =404; }}
            location = /switch {{
                tollgate_token $cookie_ticket; error_page 502 = @switched;
                proxy_pass http://127.0.0.1:1;
            }}
            location @switched {{ tollgate_token $arg_ticket; proxy_pass http://127.0.0.1:{back}; }}
            location = /sent {{ proxy_pass http://127.0.0.1:{port}/sender; proxy_set_header Authorization ""; }}
            location = /sender {{ tollgate off; add_header X-Accel-Redirect /behind; return 204; }}
        }}"#
    )
}

#[test]
fn a_request_is_judged_once_however_often_it_is_sent_on() {
    let Some(module) = module("internal redirects") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let upstream = Upstream::http();
    let port = free_port();
    site.configure("", &configuration(port, upstream.port));
    let _nginx = site.start(port);
    let (user, id) = (bearer(&trust.user(1, 0)), user_id(&trust, 1));
    let ask = |path: &str| get(&format!("http://127.0.0.1:{port}{path}"), &["-H", &user]);
    let named = format!("\r\nX-Tollgate-Id: {id}\r\n");

    for path in ["/tried", "/rewritten", "/lost"] {
        let before = checks(port);
        let answer = ask(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert_eq!(answer.header("X-Id"), Some(id.as_str()), "{path}");
        assert_eq!(checks(port) - before, 1, "{path}");
        if path != "/rewritten" {
            assert_eq!(answer.body.matches(&named).count(), 1, "{path}: {answer:?}");
        }
        // Refused in the first location, and never sent on.
        assert_eq!(get(&format!("http://127.0.0.1:{port}{path}"), &[]).status, 401);
    }

    // Another endpoint: judged again, for what it asks.
    let before = checks(port);
    let answer = ask("/elsewhere");
    assert_eq!((answer.status, answer.header("X-Reason")), (200, Some("admitted")));
    assert!(answer.body.contains("\r\nX-Tollgate-Scenario: user\r\n"), "{answer:?}");
    assert_eq!(checks(port) - before, 2);
    let url = format!("http://127.0.0.1:{port}/elsewhere");
    let answer = get(&url, &["-H", &bearer(&trust.device(2))]);
    assert_eq!((answer.status, answer.header("X-Reason")), (403, Some("user_needed")));

    // Another place for the token, and somebody else in it: nothing of the first one stays.
    let cookie = format!("Cookie: ticket={}", trust.user(5, 0));
    let url = format!("http://127.0.0.1:{port}/switch?ticket={}", trust.device(6));
    let answer = get(&url, &["-H", &cookie]);
    assert_eq!((answer.status, answer.header("X-Reason")), (200, Some("admitted")));
    let device = "\r\nX-Tollgate-Device: 00000000-0000-0002-0000-000000000006\r\n";
    assert!(answer.body.contains(device), "{answer:?}");
    assert!(answer.body.contains("\r\nX-Tollgate-User: \r\n"), "{answer:?}");
    assert_eq!(answer.body.matches("X-Tollgate-Id: ").count(), 1, "{answer:?}");
    assert!(answer.header("X-Id").is_some_and(|id| !id.ends_with("5")), "{answer:?}");
    let url = format!("http://127.0.0.1:{port}/switch");
    let answer = get(&url, &["-H", &cookie]);
    assert_eq!((answer.status, answer.header("X-Reason")), (401, Some("no_credential")));
    assert_eq!(answer.header("X-Id"), None);

    // A location that is off says nothing of anybody.
    let answer = ask("/to-off");
    assert_eq!(answer.status, 200);
    assert!(!answer.body.to_lowercase().contains("x-tollgate"), "{answer:?}");
}

#[test]
fn pages_of_refusals_are_shown_where_a_location_is_off() {
    let Some(module) = module("error_page") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    std::fs::write(site.folder.join("html/sorry.html"), "sorry\n").expect("writes a page");
    let upstream = Upstream::http();
    let port = free_port();
    site.configure("", &configuration(port, upstream.port));
    let _nginx = site.start(port);
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");

    let answer = get(&url("/page-of-401"), &[]);
    assert_eq!((answer.status, answer.body.as_str()), (401, "sorry\n"));
    assert_eq!(answer.header("WWW-Authenticate"), Some("Bearer realm=\"tollgate\""));
    assert_eq!(answer.header("X-Reason"), Some("no_credential"));
    let answer = get(&url("/page-again"), &[]);
    assert_eq!((answer.status, answer.body.as_str()), (401, "sorry\n"));
    assert_eq!(answer.header("WWW-Authenticate"), Some("Bearer realm=\"tollgate\""));
    // A page that is guarded itself is refused as well: nginx's own page comes.
    let answer = get(&url("/page-of-401-guarded"), &[]);
    assert_eq!(answer.status, 401);
    assert!(answer.body.contains("401 Authorization Required"), "{answer:?}");
    // What an upstream makes of it is told no identity.
    let forged = ["-H", "X-Tollgate-Id: forged"];
    let user = bearer(&trust.device(2));
    for extra in [&forged[..], &["-H", &user, "-H", "x_tollgate-user: forged"]] {
        let answer = get(&url("/page-behind"), extra);
        assert!([401, 403].contains(&answer.status), "{answer:?}");
        assert!(answer.body.starts_with("GET /page-behind"), "{answer:?}");
        assert!(!answer.body.to_lowercase().contains("tollgate"), "{answer:?}");
    }
}

#[test]
fn subrequests_speak_for_the_request_that_made_them() {
    let Some(module) = module("subrequests") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let page = "<!--#include virtual=\"/behind\" --><!--#echo var=\"tollgate_id\" -->";
    std::fs::write(site.folder.join("html/included.html"), page).expect("writes a page");
    let upstream = Upstream::http();
    let port = free_port();
    site.configure("", &configuration(port, upstream.port));
    let _nginx = site.start(port);
    let (user, id) = (bearer(&trust.user(1, 0)), user_id(&trust, 1));
    let forged = "X-Tollgate-Id: forged";
    let ask = |path: &str| {
        let url = format!("http://127.0.0.1:{port}{path}");
        get(&url, &["-H", &user, "-H", forged])
    };
    let named = format!("\r\nX-Tollgate-Id: {id}\r\n");

    let before = checks(port);
    let answer = ask("/asked");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body.matches(&named).count(), 1, "{answer:?}");
    let answer = ask("/included.html");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body.matches(&named).count(), 1, "of the included: {answer:?}");
    assert_eq!(answer.body.matches("X-Tollgate-Method: entra\r\n").count(), 1, "{answer:?}");
    assert!(answer.body.ends_with(&id), "of the echo: {answer:?}");
    assert!(!answer.body.contains("forged"), "{answer:?}");
    assert_eq!(checks(port) - before, 2, "one each");

    // Lists of headers in several parts, with forged ones at the end of one and the head of another.
    for (forged, real) in [(30, 0), (30, 5), (19, 3), (20, 17), (5, 40)] {
        let forged = (0..forged).map(|n| format!("X-Tollgate-{n}: forged"));
        let real = (0..real).map(|n| format!("X-Mine-{n}: mine"));
        let headers: Vec<String> = forged.chain(real).chain([user.clone()]).collect();
        let arguments: Vec<&str> = headers.iter().flat_map(|header| ["-H", header]).collect();
        for path in ["/included.html", "/asked", "/asked-anyhow"] {
            let url = format!("http://127.0.0.1:{port}{path}");
            let answer = get(&url, &arguments);
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(answer.body.matches(&named).count(), 1, "{path}: {answer:?}");
            assert!(!answer.body.contains("forged"), "{answer:?}");
            let mine = headers.iter().filter(|header| header.contains("Mine")).count();
            assert_eq!(answer.body.matches(": mine\r\n").count(), mine, "{path}: {answer:?}");
        }
    }

    // Another nginx could have sent this; here it is the same.
    let answer = ask("/sent");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body.matches(&named).count(), 1, "{answer:?}");
}

/// nginx has no access phase for subrequests, so one to a location that is on would let everybody pass.
#[test]
fn a_request_that_is_off_cannot_ask_a_location_that_is_on() {
    let Some(module) = module("auth_request of a location that is off") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let upstream = Upstream::http();
    let port = free_port();
    site.configure("", &configuration(port, upstream.port));
    let _nginx = site.start(port);
    for path in ["/asked-off", "/asked-off-file"] {
        let url = format!("http://127.0.0.1:{port}{path}");
        assert_eq!(get(&url, &[]).status, 403, "{path}");
        assert_eq!(get(&url, &["-H", &bearer(&trust.user(1, 0))]).status, 403, "{path}");
    }
    let said = "tollgate: nginx asks nobody about subrequests, so \"/auth\" is refused for a request whose own \
                location is off; write \"tollgate internet;\" there";
    assert!(site.errors().contains(said), "{}", site.errors());
}

/// A filter that answers something else (412 here) clears what modules know of a request.
#[test]
fn a_precondition_that_fails_takes_nobodys_name_out_of_the_log() {
    let Some(module) = module("the log of a 412") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    site.configure("", &configuration(port, 1));
    let _nginx = site.start(port);
    let user = bearer(&trust.user(1, 0));
    let url = format!("http://127.0.0.1:{port}/index.html");
    let answer = get(&url, &["-H", &user, "-H", "If-Match: \"x\""]);
    let id = user_id(&trust, 1);
    assert_eq!((answer.status, answer.header("X-Id")), (412, Some(id.as_str())), "{answer:?}");
    let line = format!("/index.html 412 admitted {id}\n");
    let is_logged = || site.read("access.log").contains(&line);
    assert!(poll(Duration::from_secs(5), is_logged), "{}", site.read("access.log"));
}

#[test]
fn variables_that_were_asked_for_early_are_right_later() {
    let Some(module) = module("early variables") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    site.configure("", &configuration(port, 1));
    let _nginx = site.start(port);
    let user = bearer(&trust.user(1, 0));
    let answer = get(&format!("http://127.0.0.1:{port}/early"), &["-H", &user]);
    let id = user_id(&trust, 1);
    // In the rewrite phase nobody is judged yet.
    assert_eq!(answer.header("X-Early"), Some("[]"));
    assert_eq!(answer.header("X-Late"), Some(id.as_str()));
    // Nobody asked in between, but for the log at the end.
    get(&format!("http://127.0.0.1:{port}/early-log"), &["-H", &user]);
    for path in ["/early", "/early-log"] {
        let line = format!("{path} 200 admitted {id}\n");
        let is_logged = || site.read("access.log").contains(&line);
        assert!(poll(Duration::from_secs(5), is_logged), "{}", site.read("access.log"));
    }
}
