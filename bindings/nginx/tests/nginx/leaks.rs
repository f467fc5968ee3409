//! valgrind looks at one nginx from its start to its end, over a mix of requests.

use std::fs;
use std::process::Command;

use serde_json::json;

use crate::client::{bearer, get};
use crate::house::{has, module};
use crate::pki::Pki;
use crate::server::{Site, free_port};
use crate::trust::Trust;
use crate::upstream::Upstream;

#[test]
fn valgrind_finds_nothing_of_ours() {
    let Some(module) = module("valgrind") else { return };
    if !has("valgrind", "valgrind", "--version") {
        return;
    }
    let site = Site::new(module);
    let pki = Pki::new(&site.folder);
    pki.device("pc7");
    pki.self_signed("thief", &[]);
    let trust = Trust::new(&site.folder, true);
    let upstream = Upstream::http();
    let (port, tls) = (free_port(), free_port());
    site.configure(
        "master_process off; error_log error.log info;",
        &format!(
            r#"
            tollgate_config tollgate.toml;
            tollgate internet;
            add_header X-All "$tollgate_id$tollgate_method$tollgate_tenant$tollgate_device$tollgate_user$tollgate_reason$tollgate_subject$tollgate_claim_name$tollgate_claim_groups" always;
            ssl_certificate {folder}/server.pem;
            ssl_certificate_key {folder}/server.key;
            ssl_verify_client optional_no_ca;
            underscores_in_headers on;
            server {{
                listen 127.0.0.1:{port};
                listen 127.0.0.1:{tls} ssl http2;
                location / {{ proxy_pass http://127.0.0.1:{back}; }}
                location = /file {{ try_files /index.html =404; }}
                location = /any {{ satisfy any; deny all; proxy_pass http://127.0.0.1:{back}; }}
                location = /lost {{ error_page 404 = @users; }}
                location @users {{ tollgate users; tollgate_scenario user; proxy_pass http://127.0.0.1:{back}; }}
                location = /asked {{ auth_request /; empty_gif; }}
                location = /arg {{ tollgate_token $arg_t; tollgate_windows $arg_w; empty_gif; }}
                location = /metrics {{ tollgate off; tollgate_metrics; }}
            }}"#,
            folder = site.folder.display(),
            back = upstream.port,
        ),
    );
    let report = site.path("valgrind.log");
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--leak-check=full", "--show-leak-kinds=definite,indirect", "--num-callers=30"]);
    // nginx unloads the module before it ends; its frames would have no names.
    valgrind.arg("--keep-debuginfo=yes");
    valgrind.arg(format!("--log-file={report}")).arg("nginx").args(site.arguments());
    valgrind.current_dir(&site.folder);
    let nginx = site.start_by(valgrind, port);

    let tokens = [
        trust.user_with(1, &json!({ "name": "a\r\nb", "groups": ["x"] })),
        trust.device(2),
        trust.user(3, 200_000),
        trust.bound(&pki.certificate("pc7")),
        "x".repeat(40),
        "y".repeat(7000),
        String::new(),
    ];
    let forged = "X_Tollgate-Id: forged";
    for token in &tokens {
        let header = bearer(token);
        for path in ["/", "/file", "/any", "/lost", "/asked", "/metrics", "/arg?w=ten"] {
            let arguments = ["-H", &header, "-H", forged, "-H", "X-Tollgate-: forged"];
            get(&format!("http://127.0.0.1:{port}{path}"), &arguments);
        }
        get(&format!("http://127.0.0.1:{port}/arg?w=10.0.19045&t={token}"), &[]);
        for name in ["pc7", "thief"] {
            let (pem, key) = (format!("{name}.pem"), format!("{name}.key"));
            let (pem, key) = (pki.path(&pem), pki.path(&key));
            let ca = pki.path("root-ca.pem");
            let url = format!("https://127.0.0.1:{tls}/");
            let arguments = ["--cacert", &ca, "--cert", &pem, "--key", &key, "-H", &header];
            get(&url, &arguments);
        }
    }
    assert_eq!(nginx.quit(), 0);

    // Blocks of the report that name the module or the library; nginx and OpenSSL have their own.
    let text = fs::read_to_string(&report).expect("a report");
    assert!(text.contains("ERROR SUMMARY"), "{text}");
    let mut blocks = vec![String::new()];
    for line in text.lines() {
        match line.trim_end().ends_with("==") {
            true => blocks.push(String::new()),
            false => blocks.last_mut().expect("one").push_str(&format!("{line}\n")),
        }
    }
    let is_ours = |block: &&String| {
        block.contains(" at 0x") && (block.contains("tollgate_") || block.contains("tollgate::"))
    };
    let ours: Vec<&String> = blocks.iter().filter(is_ours).collect();
    assert!(ours.is_empty(), "{ours:?}");
    assert!(!site.errors().contains("[alert]"), "{}", site.errors());
}
