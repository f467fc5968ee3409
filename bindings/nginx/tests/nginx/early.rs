//! Requests before the TLS handshake is complete (0-RTT), by openssl.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::client::bearer;
use crate::hold::hold_handshake;
use crate::house::module;
use crate::pki::Pki;
use crate::server::{Site, free_port};
use crate::trust::Trust;

/// Whoever recorded early data can send it again: it is told to wait (RFC 8470), and shows no certificate.
#[test]
fn early_data_is_too_early() {
    let Some(module) = module("early data") else { return };
    let site = Site::new(module);
    let pki = Pki::new(&site.folder);
    pki.device("pc7");
    let trust = Trust::new(&site.folder, true);
    let port = free_port();
    site.configure(
        "worker_processes 1;",
        &format!(
            r#"
            tollgate_config tollgate.toml;
            tollgate internet;
            add_header X-Early "[$ssl_early_data]" always;
            add_header X-Id "[$tollgate_id]" always;
            server {{
                listen 127.0.0.1:{port} ssl;
                ssl_certificate {folder}/server.pem;
                ssl_certificate_key {folder}/server.key;
                ssl_protocols TLSv1.3;
                ssl_early_data on;
                ssl_verify_client optional_no_ca;
                location / {{ empty_gif; }}
                location /any {{ satisfy any; allow 127.0.0.1; deny all; empty_gif; }}
                location /any-of-us {{ satisfy any; deny all; empty_gif; }}
                location /off {{ tollgate off; empty_gif; }}
            }}"#,
            folder = site.folder.display(),
        ),
    );
    let _nginx = site.start(port);
    let token = bearer(&trust.user(1, 0));
    let request = |path: &str, header: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: a\r\n{header}Connection: close\r\n\r\n")
    };
    let ask_at = |port: u16, request: &str, arguments: &[&str]| {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-ign_eof", "-quiet", "-tls1_3", "-CAfile", "root-ca.pem"]);
        command.args(["-connect", &format!("127.0.0.1:{port}")]).args(arguments);
        command.current_dir(&site.folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().expect("openssl starts");
        let mut input = child.stdin.take().expect("a pipe");
        // Where all was sent early, the server has ended the connection by now.
        let _ = input.write_all(request.as_bytes());
        let output = child.wait_with_output().expect("openssl ends");
        drop(input);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let ask = |request: &str, arguments: &[&str]| ask_at(port, request, arguments);
    let with = ["-cert", "pc7.pem", "-key", "pc7.key"];
    let first = [&["-sess_out", "session.pem"][..], &with].concat();
    let early = ["-sess_in", "session.pem", "-early_data", "early.txt"];

    for header in [String::new(), format!("{token}\r\n")] {
        for (path, status) in [("/", 425), ("/any-of-us", 425), ("/any", 200), ("/off", 200)] {
            // A session with the certificate's proof, for one connection.
            let answer = ask(&request("/", ""), &first);
            let expected = "X-Id: [pki:corp:dns:pc7.example.org]\r\n";
            assert!(answer.contains("X-Early: []\r\n") && answer.contains(expected), "{answer}");
            fs::write(site.folder.join("early.txt"), request(path, &header)).expect("a file");
            let answer = ask_at(hold_handshake(port), "", &early);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path} {header}: {answer}");
            assert!(answer.contains("X-Early: [1]\r\n"), "{path}: it was early: {answer}");
            assert!(answer.contains("X-Id: []\r\n"), "{path}: nobody was judged: {answer}");
        }
    }
    // The same session, after the handshake: the proof counts.
    ask(&request("/", ""), &first);
    let answer = ask(&request("/", ""), &["-sess_in", "session.pem"]);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}
