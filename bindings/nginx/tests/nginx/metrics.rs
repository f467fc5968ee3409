//! tollgate_metrics: the figures of the worker that answers.

use crate::client::{bearer, get};
use crate::house::module;
use crate::server::{Site, free_port};
use crate::trust::Trust;

#[test]
fn a_worker_shows_what_it_counted() {
    let Some(module) = module("tollgate_metrics") else { return };
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let port = free_port();
    site.configure(
        "",
        &format!(
            "tollgate_config tollgate.toml; server {{ listen 127.0.0.1:{port};\n\
             location / {{ tollgate internet; }}\n\
             location = /metrics {{ tollgate_metrics; }} }}"
        ),
    );
    let _nginx = site.start(port);
    let url = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let tokens = [trust.user(1, 0), trust.user(2, 0)];
    for n in 0..5 {
        assert_eq!(get(&url("/"), &["-H", &bearer(&tokens[n % 2])]).status, 200);
    }
    assert_eq!(get(&url("/"), &[]).status, 401);
    let answer = get(&url("/metrics"), &[]);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("Content-Type"), Some("text/plain; version=0.0.4"));
    let page = &answer.body;
    for line in [
        "tollgate_decisions_total{worker=\"0\",outcome=\"admitted\"} 5",
        "tollgate_decisions_total{worker=\"0\",outcome=\"refused\",class=\"malformed\",reason=\"no_credential\"} 1",
        "tollgate_cache_entries{worker=\"0\"} 2",
    ] {
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
    // Every line is a comment, or a sample with the label.
    for line in page.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').expect("a value");
        assert!(value.parse::<f64>().is_ok(), "{line}");
        let (name, labels) = series.split_once('{').expect("labels");
        assert!(name.starts_with("tollgate_"), "{line}");
        assert!(labels.starts_with("worker=\"0\"") && labels.ends_with('}'), "{line}");
    }
    assert_eq!(get(&url("/metrics"), &["-X", "POST"]).status, 405);
    let head = get(&url("/metrics"), &["--head"]);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}
