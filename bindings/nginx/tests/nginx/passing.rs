//! Each of nginx's ways to pass a request on tells who it is, and nothing that a client forged.

use std::time::Duration;

use crate::client::{bearer, get};
use crate::house::module;
use crate::server::{Site, free_port, poll};
use crate::trust::{Trust, user_id};
use crate::upstream::Upstream;

const FORGED: [&str; 5] = [
    "X-Tollgate-Id: forged",
    "X_Tollgate_Id: forged",
    "x-tollgate_user: forged",
    "X.Tollgate.Id: forged",
    "X-Tollgate-Claim-Groups: forged",
];

/// Another nginx that says what it was told: over HTTP/2 and HTTP/1.1, and in its log.
fn configure_witness(site: &Site, plain: u16, http2: u16) {
    let says = "[$http_x_tollgate_id][$http_x_tollgate_user][$http_x_tollgate_claim_groups]";
    site.configure_without_module(
        "",
        &format!(
            "log_format told '$uri $http_range {says}'; access_log told.log told;\n\
             underscores_in_headers on; ignore_invalid_headers off;\n\
             server {{ listen 127.0.0.1:{plain}; listen 127.0.0.1:{http2} http2;\n\
             location / {{ return 200 \"{says}\"; }} location = /part {{ alias html/index.html; }} }}"
        ),
    );
}

#[test]
fn every_way_of_passing_on_tells_the_same() {
    let Some(module) = module("ways of passing on") else { return };
    let (site, witness) = (Site::new(module), Site::new(module));
    let trust = Trust::new(&site.folder, false);
    let (uwsgi, scgi) = (Upstream::uwsgi(), Upstream::scgi());
    let [port, plain, http2] = [free_port(), free_port(), free_port()];
    std::fs::write(witness.folder.join("html/index.html"), "x".repeat(2500)).expect("a page");
    configure_witness(&witness, plain, http2);
    let _witness = witness.start(plain);
    site.configure(
        "",
        &format!(
            r#"
            tollgate_config tollgate.toml;
            tollgate internet;
            underscores_in_headers on;
            ignore_invalid_headers off;
            server {{
                listen 127.0.0.1:{port};
                location = /proxy {{ proxy_pass http://127.0.0.1:{plain}; }}
                location = /grpc {{ grpc_pass grpc://127.0.0.1:{http2}; }}
                location = /uwsgi {{ uwsgi_pass 127.0.0.1:{}; }}
                location = /scgi {{ scgi_pass 127.0.0.1:{}; }}
                location = /mirror {{ mirror /mirrored; empty_gif; }}
                location = /mirrored {{ internal; proxy_pass http://127.0.0.1:{plain}/mirrored; }}
                location = /part {{
                    slice 1k; proxy_set_header Range $slice_range; proxy_pass http://127.0.0.1:{plain};
                }}
            }}"#,
            uwsgi.port, scgi.port,
        ),
    );
    let _nginx = site.start(port);
    let (user, id) = (bearer(&trust.user(1, 0)), user_id(&trust, 1));
    let mut arguments = vec!["-H", &user];
    arguments.extend(FORGED.iter().flat_map(|forged| ["-H", forged]));
    let ask = |path: &str| get(&format!("http://127.0.0.1:{port}{path}"), &arguments);
    let told = format!("[{id}][00000000-0000-0001-0000-000000000001][]");

    for path in ["/proxy", "/grpc"] {
        let answer = ask(path);
        assert_eq!((answer.status, answer.body.as_str()), (200, told.as_str()), "{path}");
    }
    for path in ["/uwsgi", "/scgi"] {
        let page = ask(path).body;
        let line = format!("HTTP_X_TOLLGATE_ID={id}\n");
        assert_eq!(page.matches("TOLLGATE_ID=").count(), 1, "{path}: {page}");
        assert!(page.contains(&line) && !page.contains("forged"), "{path}: {page}");
    }
    let log = || witness.read("told.log");
    let told = told.replace("[]", "[-]");
    ask("/mirror");
    let line = format!("/mirrored - {told}\n");
    assert!(poll(Duration::from_secs(10), || log().contains(&line)), "{}", log());
    // Three parts, two of them asked for by subrequests.
    assert_eq!(ask("/part").body.len(), 2500);
    for part in ["0-1023", "1024-2047", "2048-3071"] {
        let line = format!("/part bytes={part} {told}\n");
        assert!(poll(Duration::from_secs(10), || log().contains(&line)), "{part}: {}", log());
    }
    assert!(!log().contains("forged"), "{}", log());
}
