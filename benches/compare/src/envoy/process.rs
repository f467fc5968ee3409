//! One Envoy with one worker, which ends with this value.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::config;
use super::install::Installed;
use crate::Failure;
use crate::sample::Sample;

/// It reads 100 MB of itself first.
const START: Duration = Duration::from_secs(30);

/// An Envoy that listens.
pub struct Process {
    child: Child,
    admin: SocketAddr,
    /// What the kernel says of the one thread that serves requests.
    worker: PathBuf,
}

impl Process {
    pub fn start(installed: &Installed, sample: &Sample) -> Result<Self, Failure> {
        let folder = &installed.folder;
        let bootstrap = folder.join("bootstrap.json");
        let address = folder.join("admin.txt");
        fs::write(&bootstrap, config::bootstrap(sample).to_string())?;
        let _ = fs::remove_file(&address);
        let log = folder.join("envoy.log");
        let mut command = Command::new(&installed.binary);
        command
            .args(["--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"])
            .arg("--config-path")
            .arg(&bootstrap)
            .arg("--admin-address-path")
            .arg(&address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?);
        let child = command.spawn().map_err(|why| format!("Envoy does not run: {why}"))?;
        let mut process = Self { child, admin: ([127, 0, 0, 1], 0).into(), worker: PathBuf::new() };
        let deadline = Instant::now() + START;
        while !process.listens(&address) {
            if process.child.try_wait()?.is_some() || Instant::now() > deadline {
                return Err(format!("Envoy did not start; see {}", log.display()).into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        process.worker = process.find_worker()?;
        Ok(process)
    }

    fn listens(&mut self, address: &PathBuf) -> bool {
        let Ok(text) = fs::read_to_string(address) else { return false };
        let Ok(admin) = text.trim().parse() else { return false };
        self.admin = admin;
        self.ask("/ready").is_ok_and(|said| said.trim() == "LIVE")
    }

    /// Where this listener can be reached.
    pub fn port(&self, listener: &str) -> Result<SocketAddr, Failure> {
        let said: Value = serde_json::from_str(&self.ask("/listeners?format=json")?)?;
        let all = said["listener_statuses"].as_array().ok_or("Envoy names no listeners")?;
        let found = all.iter().find(|status| status["name"] == listener);
        let port = found.map(|status| &status["local_address"]["socket_address"]["port_value"]);
        let port = port.and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok());
        Ok(([127, 0, 0, 1], port.ok_or("Envoy names no port")?).into())
    }

    /// How many tokens it has found in its cache.
    pub fn cache_hits(&self) -> Result<u64, Failure> {
        let said = self.ask("/stats?filter=jwt_cache_hit")?;
        let counts = said.lines().filter_map(|line| line.rsplit_once(": ")?.1.parse::<u64>().ok());
        Ok(counts.sum())
    }

    /// What its worker has used of a processor since it started.
    pub fn cpu(&self) -> Result<Duration, Failure> {
        let stat = fs::read_to_string(self.worker.join("stat"))?;
        // The name, in brackets, is the second; of what follows it, these are 12th and 13th.
        let (_, fields) = stat.rsplit_once(')').ok_or("the kernel says nothing of Envoy")?;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
        let ticks = ticks.sum::<Result<u64, _>>()?;
        // USER_HZ, which is 100 wherever Linux runs.
        Ok(Duration::from_millis(ticks * 10))
    }

    fn find_worker(&self) -> Result<PathBuf, Failure> {
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))? {
            let task = task?.path();
            if fs::read_to_string(task.join("comm"))?.starts_with("wrk:worker_0") {
                return Ok(task);
            }
        }
        Err("Envoy has no worker that the kernel would name".into())
    }

    /// Its admin interface wants HTTP/1.1.
    fn ask(&self, path: &str) -> Result<String, Failure> {
        let mut admin = TcpStream::connect(self.admin)?;
        admin.set_read_timeout(Some(START))?;
        write!(admin, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        admin.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("Envoy did not answer")?;
        let chunked = head.contains("transfer-encoding: chunked");
        let body = if chunked { unchunked(body) } else { Some(body.to_owned()) };
        body.ok_or_else(|| "Envoy's answer ended early".into())
    }
}

fn unchunked(mut body: &str) -> Option<String> {
    let mut whole = String::new();
    loop {
        let (length, rest) = body.split_once("\r\n")?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(whole);
        }
        whole.push_str(rest.get(..length)?);
        body = rest.get(length..)?.strip_prefix("\r\n")?;
    }
}

impl Drop for Process {
    /// It holds nothing that it would have to write; waiting leaves no zombie.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
