//! No request fails while trust changes and nginx reloads.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use tollgate::sample::Tenant;
use tollgate::{Algorithm, Guid};

use crate::client::bearer;
use crate::house::{has, module};
use crate::server::{Nginx, Site, free_port, poll, signal};
use crate::trust::Trust;
use crate::wrk::{counted, sign, write_script, wrk};

/// As many as make the trust reloads come in the time: each looks at its files once a second.
const WORKERS: usize = 40;
const TRUST_RELOADS: usize = 1000;
const NGINX_RELOADS: usize = 20;
/// Of ours, which know what may be sent again, and of wrk.
const CLIENTS: usize = 4;
const CONNECTIONS: u32 = 16;
const TOKENS: u64 = 4096;

#[derive(Default)]
struct Counts {
    answered: AtomicU64,
    /// Sent again since the server closed the connection before it said anything, as RFC 9112 section
    /// 9.3.1 allows for requests that change nothing.
    repeated: AtomicU64,
    failed: AtomicU64,
}

#[test]
fn no_request_fails_while_trust_and_nginx_reload() {
    let test = "reloads under load";
    let Some(module) = module(test) else { return };
    if !has(test, "wrk", "--version") {
        return;
    }
    let site = Site::new(module);
    let trust = Trust::new(&site.folder, false);
    let text = trust.configuration(false) + "\n[cache]\nmax_bytes = \"64MiB\"\n";
    trust.write_configuration(&text);
    let port = free_port();
    site.configure(
        &format!("worker_processes {WORKERS}; error_log error.log notice;"),
        &format!(
            "tollgate_config tollgate.toml; tollgate internet; access_log off;\n\
             server {{ listen 127.0.0.1:{port}; location / {{ empty_gif; }} }}"
        ),
    );
    let nginx = site.start(port);
    let tokens = sign(&trust.tenant, TOKENS);
    let script = write_script(&site.folder, &tokens);
    let requests: Vec<String> = tokens
        .iter()
        .map(|token| format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n\r\n", bearer(token)))
        .collect();
    // Longer than this takes: it is interrupted, and says what it counted.
    let url = format!("http://127.0.0.1:{port}/");
    let mut crowd = wrk(&script, CONNECTIONS, 600, &url);
    let crowd = crowd.stdout(Stdio::piped()).spawn().expect("wrk starts");
    let (counts, is_over) = (Counts::default(), AtomicBool::new(false));
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (requests, counts, is_over) = (&requests, &counts, &is_over);
            scope.spawn(move || ask_on(port, &requests[client..], counts, is_over));
        }
        let changes = scope.spawn(|| change_on(&trust, &is_over));
        // Also where a reload panics: the others would go on for ever, and the scope wait for them.
        let over = Over(&is_over);
        reload(&site, &nginx);
        drop(over);
        let changes = changes.join().expect("writes files");
        println!("{changes} changes of files");
    });
    signal(crowd.id(), "INT");
    let crowd = counted(&crowd.wait_with_output().expect("wrk ends"));
    let [answered, repeated, failed] =
        [&counts.answered, &counts.repeated, &counts.failed].map(|count| count.load(Relaxed));
    println!(
        "{} trust reloads, {NGINX_RELOADS} nginx reloads, {answered} requests, {repeated} sent again \
         on a fresh connection, {failed} failed; {crowd:?}",
        trust_reloads(&site)
    );
    let log = site.errors();
    assert_eq!(failed, 0, "{log}");
    assert!(answered > 1000, "{answered}");
    // wrk does not send again: each of its connections may meet a worker that ends, once a reload.
    assert_eq!(crowd.unreachable + crowd.refused, 0, "{crowd:?}");
    assert!(crowd.cut <= u64::from(CONNECTIONS) * NGINX_RELOADS as u64, "{crowd:?}");
    assert!(crowd.requests > 10_000, "{crowd:?}");
    assert!(trust_reloads(&site) >= TRUST_RELOADS);
    for word in ["[error]", "[alert]", "[emerg]", "signal 11", "lines of the log were lost"] {
        assert!(!log.contains(word), "{word}: {log}");
    }
    assert_eq!(nginx.quit(), 0);
}

/// Ends the others when it goes.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Twenty reloads, far enough from each other that workers change their trust in between.
fn reload(site: &Site, nginx: &Nginx<'_>) {
    for n in 1..=NGINX_RELOADS {
        nginx.reload();
        let wanted = TRUST_RELOADS * n / (NGINX_RELOADS * 2);
        assert!(poll(Duration::from_secs(60), || trust_reloads(site) >= wanted), "{n}");
    }
    let is_done = || trust_reloads(site) >= TRUST_RELOADS;
    assert!(poll(Duration::from_secs(120), is_done), "{}", trust_reloads(site));
}

fn trust_reloads(site: &Site) -> usize {
    site.errors().matches("tollgate: the configuration and its files were loaded again").count()
}

/// Other keys beside the one that counts, a file renamed over the old one, and now and then the
/// configuration itself.
fn change_on(trust: &Trust, is_over: &AtomicBool) -> usize {
    let other = |n: u8| Tenant::new(Guid([n; 16]), Algorithm::Es256);
    let others = [other(1), other(2), other(3)];
    let mut changes = 0;
    while !is_over.load(Relaxed) {
        changes += 1;
        let some: Vec<&Tenant> = others[..changes % 4].iter().collect();
        trust.write_keys(&trust.jwks_beside(&some));
        if changes % 10 == 0 {
            let skew = if changes % 20 == 0 { "4m" } else { "5m" };
            let rest = format!("\n[cache]\nmax_bytes = \"64MiB\"\n[gate]\nskew = \"{skew}\"\n");
            trust.write_configuration(&(trust.configuration(false) + &rest));
        }
        thread::sleep(Duration::from_millis(25));
    }
    changes
}

/// One request behind the other, on a connection for as long as the server keeps it.
fn ask_on(port: u16, requests: &[String], counts: &Counts, is_over: &AtomicBool) {
    let mut connection = None;
    let mut requests = requests.iter().cycle();
    while !is_over.load(Relaxed) {
        let request = requests.next().expect("it goes round");
        let is_reused = connection.is_some();
        let mut stream = connection.take().unwrap_or_else(|| Connection::open(port));
        let mut answered = stream.ask(request);
        if answered == Answered::Nothing && is_reused {
            counts.repeated.fetch_add(1, Relaxed);
            stream = Connection::open(port);
            answered = stream.ask(request);
        }
        match answered {
            Answered::Well { keeps } => {
                counts.answered.fetch_add(1, Relaxed);
                connection = keeps.then_some(stream);
            }
            Answered::Nothing | Answered::Badly => {
                counts.failed.fetch_add(1, Relaxed);
            }
        }
    }
}

#[derive(PartialEq, Eq)]
enum Answered {
    Well { keeps: bool },
    Nothing,
    Badly,
}

struct Connection(BufReader<TcpStream>);

impl Connection {
    fn open(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("somebody listens");
        let limit = Some(Duration::from_secs(20));
        stream.set_read_timeout(limit).expect("a limit");
        stream.set_nodelay(true).expect("at once");
        Self(BufReader::new(stream))
    }

    fn ask(&mut self, request: &str) -> Answered {
        let sent = self.0.get_mut().write_all(request.as_bytes());
        let mut first = String::new();
        let began = Instant::now();
        match (sent, self.0.read_line(&mut first)) {
            // Closed, or reset while it was idle: not a byte of an answer.
            (_, Ok(0)) => return Answered::Nothing,
            (_, Err(_)) if first.is_empty() && began.elapsed() < Duration::from_secs(15) => {
                return Answered::Nothing;
            }
            (_, Err(_)) => return Answered::Badly,
            (_, Ok(_)) => {}
        }
        match self.rest() {
            Ok(keeps) if first.starts_with("HTTP/1.1 200 ") => Answered::Well { keeps },
            _ => Answered::Badly,
        }
    }

    /// Reads head and body; whether the connection stays.
    fn rest(&mut self) -> std::io::Result<bool> {
        let (mut length, mut keeps) = (0, true);
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line)?;
            let line = line.trim_end().to_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().map_err(std::io::Error::other)?;
            }
            keeps &= line != "connection: close";
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok(keeps)
    }
}
