//! What the module costs: the same nginx with it and without, in turns, every request with a token.
//!
//! `cargo test --release -p tollgate-nginx -- --ignored --nocapture what_a_request_costs` measures in earnest;
//! each test run does a short round of it, so that the bench does not rot. Nothing is asserted of the
//! figures: other people's work runs on the same cores.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::json;
use tollgate::sample::Tenant;
use tollgate::{Algorithm, Guid};

use crate::client::get_with;
use crate::house::{has, module};
use crate::server::{Nginx, Site, free_port};
use crate::trust::Trust;
use crate::wrk::{Counted, counted, sign, write_script, wrk};

/// As many as a busy gateway sees again and again.
const TOKENS: u64 = 4096;

#[test]
fn the_bench_runs() {
    let Some(measured) = measure("the bench", 256, 1, Algorithm::Es256) else { return };
    println!("{}", table(&measured));
    let ran = measured.iter().flat_map(|row| row.rounds.iter());
    assert!(ran.flatten().all(|run| run.requests > 100 && run.cpu_us > 0.0));
}

/// Some two minutes. RS256, so that tokens have the size of Entra's.
#[test]
#[ignore = "for people: it takes minutes, and asserts nothing"]
fn what_a_request_costs() {
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20);
    let Some(measured) = measure("the bench", TOKENS, rounds, Algorithm::Rs256) else { return };
    println!("{}", table(&measured));
}

/// One run of wrk.
struct Run {
    requests: u64,
    per_s: f64,
    cpu_us: f64,
}

struct Row {
    name: &'static str,
    /// Without the module, and with it.
    rounds: Vec<[Run; 2]>,
}

fn measure(test: &str, tokens: u64, rounds: usize, algorithm: Algorithm) -> Option<Vec<Row>> {
    let module = module(test)?;
    if !has(test, "wrk", "--version") {
        return None;
    }
    let sites = [Site::new(module), Site::new(module)];
    let trust = Trust::new(&sites[1].folder, false);
    let tenant = Tenant::new(Guid([0x9a; 16]), algorithm);
    trust.write_keys(&json!({ "keys": tenant.jwks()["keys"] }));
    let tokens = sign(&tenant, tokens);
    let script = write_script(&sites[1].folder, &tokens);

    // What a gateway is for: a third nginx has what the two pass on.
    let (ports, back) = ([free_port(), free_port()], free_port());
    let upstream = Site::new(module);
    let listen = format!("listen 127.0.0.1:{back}; keepalive_requests 100000000;");
    let page = format!("access_log off; server {{ {listen} location / {{ empty_gif; }} }}");
    upstream.configure_without_module("error_log error.log error; worker_processes 1;", &page);
    let _upstream = upstream.start(back);

    let locations = "location = /file { alias html/index.html; }\nlocation = /gif { empty_gif; }\n\
        location = /passed { proxy_pass http://back; proxy_http_version 1.1;\n\
        proxy_set_header Connection \"\"; }";
    let back = format!("upstream back {{ server 127.0.0.1:{back}; keepalive 64; }}");
    let server = |port: u16| {
        let listen = format!("listen 127.0.0.1:{port}; keepalive_requests 100000000;");
        format!(
            "access_log off; open_file_cache max=10;\n{back}\nserver {{ {listen}\n{locations} }}"
        )
    };
    // Errors alone: the refusals of a broken bench would be lines.
    // The workers share a core, and wrk has the others.
    let main = "error_log error.log error; worker_processes 1; worker_cpu_affinity 1;";
    sites[0].configure_without_module(main, &server(ports[0]));
    // An endpoint that forwards claims reads them out of the token each time; this one has none.
    let ours = "tollgate_config tollgate.toml; tollgate bench;";
    let bare = "\n[[endpoint]]\nname = \"bench\"\nmethods = [\"entra\"]\n";
    trust.write_configuration(&(trust.configuration(false) + bare));
    sites[1].configure(main, &format!("{ours}\n{}", server(ports[1])));
    // A file that was young when it was read is read again by a thread, and from its first thread on the C
    // library locks what it did not.
    trust.settle();
    let nginx = [sites[0].start(ports[0]), sites[1].start(ports[1])];

    let mut rows = Vec::new();
    for (name, path) in [
        ("a small file", "/file"),
        ("empty_gif, with identity headers", "/gif"),
        ("passed on to an upstream", "/passed"),
    ] {
        let urls = ports.map(|port| format!("http://127.0.0.1:{port}{path}"));
        assert_eq!(get_with(&urls[1], &tokens[0]).status, 200);
        assert_eq!(get_with(&urls[1], "x").status, 401);
        let run = |side: usize| run(&nginx[side], &urls[side], &script);
        // All tokens are known before anything is counted.
        run(1);
        // Each side is first in turns: what else runs here comes and goes.
        let round = |n: usize| match n % 2 {
            0 => [run(0), run(1)],
            _ => {
                let with = run(1);
                [run(0), with]
            }
        };
        rows.push(Row { name, rounds: (0..rounds).map(round).collect() });
    }
    Some(rows)
}

/// One second of it.
fn run(nginx: &Nginx<'_>, url: &str, script: &Path) -> Run {
    let worker = nginx.workers()[0];
    let before = cpu_ns(worker);
    let output = wrk(script, 64, 1, url).output().expect("wrk runs");
    let used = cpu_ns(worker) - before;
    let counted = counted(&output);
    assert_eq!(counted.unreachable + counted.cut + counted.refused, 0, "{counted:?}");
    let Counted { requests, per_s, .. } = counted;
    Run { requests, per_s, cpu_us: used as f64 / 1000.0 / requests as f64 }
}

/// What the scheduler gave a process so far.
fn cpu_ns(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/schedstat")).expect("the kernel counts");
    text.split(' ').next().and_then(|first| first.parse().ok()).expect("nanoseconds")
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "\nnginx with the module against the same without, medians of rounds in turns\n\
         what                               req/s without     with   ratio   CPU us without   with   more   \
         more, of the least of each\n",
    );
    for Row { name, rounds } in rows {
        // What else runs here only adds.
        let least = |side: usize| {
            rounds.iter().map(|round| round[side].cpu_us).fold(f64::INFINITY, f64::min)
        };
        let of = |pick: &dyn Fn(&[Run; 2]) -> f64| median(rounds.iter().map(pick).collect());
        let _ = writeln!(
            text,
            "{name:<34} {:>13.0} {:>8.0} {:>7.3} {:>16.2} {:>6.2} {:>6.2} {:>8.2}",
            of(&|round| round[0].per_s),
            of(&|round| round[1].per_s),
            of(&|round| round[1].per_s / round[0].per_s),
            of(&|round| round[0].cpu_us),
            of(&|round| round[1].cpu_us),
            of(&|round| round[1].cpu_us - round[0].cpu_us),
            least(1) - least(0),
        );
    }
    text
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
