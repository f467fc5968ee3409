//! What nginx.conf may say, what locations inherit, and what `nginx -t` says of what is wrong.

use crate::client::{get, get_with};
use crate::house::module;
use crate::server::{Site, free_port};
use crate::trust::Trust;

#[test]
fn a_location_inherits_the_endpoint_and_may_name_another_or_none() {
    let Some(module) = module("inheritance") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let (port, other) = (free_port(), free_port());
    site.configure(
        "",
        &format!(
            r#"
            tollgate_config tollgate.toml;
            tollgate internet;
            server {{
                listen 127.0.0.1:{port};
                location = /same {{ empty_gif; }}
                location = /off {{ tollgate off; empty_gif; }}
                location /users {{
                    tollgate users;
                    tollgate_scenario user;
                    location = /users/inner {{ empty_gif; }}
                    location = /users/device {{ tollgate_scenario device; empty_gif; }}
                    location = /users/off {{ tollgate off; empty_gif; }}
                }}
                location = /safe {{ tollgate off; limit_except GET {{ tollgate internet; }} empty_gif; }}
            }}
            server {{
                listen 127.0.0.1:{other};
                tollgate off;
                location = /off {{ empty_gif; }}
                location = /on {{ tollgate internet; empty_gif; }}
            }}"#
        ),
    );
    let _nginx = site.start(port);
    let (user, device) = (trust.user(1, 0), trust.device(2));
    let status = |port: u16, path: &str, token: &str| {
        let url = format!("http://127.0.0.1:{port}{path}");
        if token.is_empty() { get(&url, &[]).status } else { get_with(&url, token).status }
    };
    for (port, path, bare, of_user, of_device) in [
        (port, "/same", 401, 200, 200),
        (port, "/off", 200, 200, 200),
        (port, "/users/inner", 401, 200, 403),
        // The endpoint serves users alone.
        (port, "/users/device", 401, 403, 403),
        (port, "/users/off", 200, 200, 200),
        (port, "/safe", 200, 200, 200),
        (other, "/off", 200, 200, 200),
        (other, "/on", 401, 200, 200),
    ] {
        assert_eq!(status(port, path, ""), bare, "{path} without a token");
        assert_eq!(status(port, path, &user), of_user, "{path} with a user's");
        assert_eq!(status(port, path, &device), of_device, "{path} with a device's");
    }
    let url = format!("http://127.0.0.1:{port}/safe");
    assert_eq!(get(&url, &["-X", "DELETE"]).status, 401, "limit_except");
    assert_ne!(get(&url, &["-X", "DELETE", "-H", &crate::client::bearer(&user)]).status, 401);
}

#[test]
fn nginx_t_says_what_each_worker_may_remember() {
    let Some(module) = module("nginx -t") else { return };
    let site = Site::new(module);
    let _trust = Trust::new(&site.folder, false);
    let port = free_port();
    let http = format!("tollgate_config tollgate.toml; server {{ listen 127.0.0.1:{port}; }}");
    // 256 MiB, of the whole machine.
    for (main, bytes, of) in [
        ("", 268_435_456, "each of 1 worker"),
        ("worker_processes 4;", 67_108_864, "each of 4 workers"),
        ("worker_processes 4; master_process off;", 268_435_456, "each of 1 worker"),
    ] {
        site.configure(main, &http);
        let (is_content, said) = site.test();
        assert!(is_content, "{said}");
        let line = format!("tollgate: {bytes} bytes for remembered credentials in {of}\n");
        assert_eq!(said.matches(&line).count(), 1, "{said}");
        let log = site.errors();
        assert!(log.contains("[notice]") && log.contains(&line), "{log}");
    }
    // Known only when all of nginx.conf is read: here it stands at its end.
    site.configure("", &http);
    let text = site.read("nginx.conf") + "worker_processes 2;\n";
    std::fs::write(site.folder.join("nginx.conf"), text).expect("writes nginx.conf");
    let (_, said) = site.test();
    assert!(said.contains("134217728 bytes for remembered credentials in each of 2"), "{said}");
    site.configure("worker_processes auto;", &http);
    let (_, said) = site.test();
    let processors = std::thread::available_parallelism().expect("their number").get();
    assert!(said.contains(&format!("each of {processors} worker")), "{said}");
}

/// Each worker would let a token pass once.
#[test]
fn tokens_pass_once_with_one_worker_alone() {
    let Some(module) = module("replay_detection") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let keys = "jwks_file = \"keys.json\"";
    let once = format!("{keys}\nreplay_detection = true");
    trust.write_configuration(&trust.configuration(false).replace(keys, &once));
    let port = free_port();
    let http = format!(
        "tollgate_config tollgate.toml; tollgate internet;\n\
         server {{ listen 127.0.0.1:{port}; location / {{ empty_gif; }} }}"
    );
    site.configure("worker_processes 2;", &http);
    let (is_content, said) = site.test();
    let line = "replay_detection: each of the 2 processes here would let a token pass once";
    assert!(!is_content && said.contains(line), "{said}");
    site.configure("worker_processes 1;", &http);
    let nginx = site.start(port);
    let url = format!("http://127.0.0.1:{port}/");
    let token = trust.user(1, 0);
    assert_eq!([0; 3].map(|_| get_with(&url, &token).status), [200, 401, 401]);
    assert!(site.errors().contains("replayed (5005)"), "{}", site.errors());
    assert_eq!(nginx.quit(), 0);
}

#[test]
fn a_broken_configuration_fails_nginx_t_with_our_message() {
    let Some(module) = module("broken configurations") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let good = trust.configuration(false);
    let path = site.path("nginx.conf");
    let says = |http: &str, expected: &[&str]| {
        site.configure("", http);
        let (is_content, said) = site.test();
        assert!(!is_content, "{http}: {said}");
        for expected in expected {
            assert!(said.contains(expected), "{http}: {said}\nlacks: {expected}");
        }
        assert!(said.contains("[emerg]") && said.contains(&format!("in {path}:")), "{said}");
    };
    let config = "tollgate_config tollgate.toml;";

    trust.write_configuration(&good.replace("audiences = ", "audience = "));
    says(config, &["audiences: is missing; write", "audience: unknown key; did you mean"]);
    trust.write_configuration(&good.replace("keys.json", "lost.json"));
    says(config, &["lost.json"]);
    trust.write_configuration(&good);
    says("tollgate_config lost.toml;", &["lost.toml"]);
    says("tollgate_config \"\";", &["has an empty name"]);
    says(&format!("{config}{config}"), &["\"tollgate_config\" directive is duplicate"]);

    says(
        &format!("{config} server {{ location / {{ tollgate intrenet; }} }}"),
        &["there is no endpoint \"intrenet\"; there are internet, users, inside"],
    );
    says(&format!("{config} tollgate \"\";"), &["has an empty name"]);
    says(&format!("{config} tollgate internet; tollgate off;"), &["directive is duplicate"]);
    says("tollgate internet;", &["there is no configuration; write \"tollgate_config FILE;\""]);
    says(
        "server { location / { tollgate_metrics; } }",
        &["there is no configuration; write \"tollgate_config FILE;\""],
    );
    says(&format!("{config} tollgate_scenario machine;"), &["invalid value \"machine\""]);
    says(&format!("{config} tollgate_token secret;"), &["has no variable in it"]);
    says(&format!("{config} tollgate_windows 10.0;"), &["has no variable in it"]);
    says(
        &format!("{config} tollgate_token $arg_a; tollgate_token $arg_b;"),
        &["\"tollgate_token\" directive is duplicate"],
    );

    // The line is that of the directive, in the file where it stands.
    let part = site.folder.join("part.conf");
    std::fs::write(&part, "\n\ntollgate nowhere;\n").expect("writes a file");
    site.configure("", &format!("{config} include part.conf;"));
    let (_, said) = site.test();
    assert!(said.contains(&format!("in {}:3", part.display())), "{said}");
}

#[test]
fn loaded_and_not_configured_the_module_is_not_there() {
    let Some(module) = module("a module without configuration") else { return };
    let site = Site::new(module);
    let port = free_port();
    site.configure("", &format!("server {{ listen 127.0.0.1:{port}; }}"));
    let nginx = site.start(port);
    let answer = get(&format!("http://127.0.0.1:{port}/"), &["-H", "X-Tollgate-Id: mine"]);
    assert_eq!((answer.status, answer.body.as_str()), (200, "a page\n"));
    assert_eq!(nginx.quit(), 0);
}
