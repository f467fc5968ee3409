//! wrk: many connections, each request with the next of many tokens.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use tollgate::sample::Tenant;

use crate::trust::now_s;

/// What wrk counted.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) requests: u64,
    pub(crate) per_s: f64,
    /// Connections that were not made, or gave no answer in time.
    pub(crate) unreachable: u64,
    /// Connections that ended before the answer was there.
    pub(crate) cut: u64,
    /// Answers of 400 and above.
    pub(crate) refused: u64,
}

/// wrk's script for these tokens, in a folder.
///
/// Requests are made once, and taken in turns: Lua is not what is measured.
pub(crate) fn write_script(folder: &Path, tokens: &[String]) -> PathBuf {
    let mut text = String::from("local tokens = {\n");
    for token in tokens {
        let _ = writeln!(text, "\"{token}\",");
    }
    text += "}\nlocal ready = {}\nlocal at = 0\n\
        init = function(args)\n  for i, token in ipairs(tokens) do\n    \
        ready[i] = wrk.format(\"GET\", nil, { [\"Authorization\"] = \"Bearer \" .. token })\n  end\nend\n\
        request = function()\n  at = at % #ready + 1\n  return ready[at]\nend\n\
        done = function(summary, latency, requests)\n  \
        local e = summary.errors\n  \
        io.write(string.format(\"RESULT %d %d %d %d %d\\n\", summary.requests, summary.duration,\n    \
        e.connect + e.timeout, e.read + e.write, e.status))\nend\n";
    let script = folder.join("tokens.lua");
    fs::write(&script, text).expect("writes a script");
    script
}

/// wrk itself, on every core but the first, if there are others.
pub(crate) fn wrk(script: &Path, connections: u32, seconds: u32, url: &str) -> Command {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let mut command = match processors {
        1 => Command::new("wrk"),
        more => {
            let mut command = Command::new("taskset");
            command.args(["-c", &format!("1-{}", more - 1), "wrk"]);
            command
        }
    };
    command.args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}s"), "-s"]);
    command.arg(script).arg(url);
    command
}

/// Its last words.
pub(crate) fn counted(output: &Output) -> Counted {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = said.lines().find_map(|line| line.strip_prefix("RESULT ")).expect(&said);
    let figures: Vec<u64> = line.split(' ').map(|figure| figure.parse().expect(&said)).collect();
    let [requests, us, unreachable, cut, refused] = figures[..] else { panic!("{said}") };
    let per_s = requests as f64 / Duration::from_micros(us).as_secs_f64();
    Counted { requests, per_s, unreachable, cut, refused }
}

/// Tokens of users, by two threads: RSA takes its time.
pub(crate) fn sign(tenant: &Tenant, count: u64) -> Vec<String> {
    let now_s = now_s();
    let some = |from: u64| {
        (from..count).step_by(2).map(|n| tenant.sign(&tenant.user_claims(n, now_s))).collect()
    };
    let (mut even, odd): (Vec<String>, Vec<String>) = std::thread::scope(|scope| {
        let even = scope.spawn(|| some(0));
        let odd = some(1);
        (even.join().expect("signs"), odd)
    });
    even.extend(odd);
    even
}
