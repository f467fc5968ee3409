//! Envoy with its own filter for tokens and the filter's cache, beside the same Envoy without it.

use std::io::Write;

use serde::Serialize;

use self::install::Installed;
use self::load::{CONNECTIONS, Load, request, status};
use self::process::Process;
use crate::Failure;
use crate::report::{grouped, whole};
use crate::rounds::median;
use crate::sample::Sample;

mod config;
mod install;
mod load;
mod process;

/// How many tokens are presented: fewer than its cache has room for.
pub const TOKENS: usize = 4_096;

/// Envoy, ready to be started.
pub struct Envoy {
    /// Which version was met.
    pub version: String,
    installed: Installed,
}

/// What one run measured.
#[derive(Serialize)]
pub struct Requests {
    turns: usize,
    requests_a_turn: usize,
    connections: usize,
    tokens: usize,
    plain: Listener,
    jwt_authn: Listener,
    /// The median of what a request took more of the worker's processor than in the turn before.
    pub added_cpu_ns: u64,
}

#[derive(Serialize)]
struct Listener {
    requests_per_s: u64,
    /// Of its worker, for one request.
    cpu_ns: u64,
    /// What share of the time the worker ran: below 1 it waited for requests.
    busy: f64,
}

impl Envoy {
    /// Installs it below the build directory and makes sure that it runs.
    pub fn install() -> Result<Self, Failure> {
        if !cfg!(target_os = "linux") {
            return Err("what it uses of a processor is read as Linux tells it".into());
        }
        let program = std::env::current_exe()?;
        let built = program.parent().ok_or("this program lies in no folder")?;
        let installed = Installed::new(built.join("envoy"))?;
        Ok(Self { version: installed.version()?, installed })
    }

    /// Turn by turn without and with the filter, so many requests each.
    pub fn measure(
        &self,
        sample: &Sample,
        turns: usize,
        requests_a_turn: usize,
    ) -> Result<Requests, Failure> {
        let tokens = sample.tokens.get(..TOKENS).ok_or("the sample is too small")?;
        let requests = tokens.iter().map(|token| request(token)).collect::<Vec<_>>();
        let process = Process::start(&self.installed, sample)?;
        prove(&process, sample)?;
        eprintln!("compare: Envoy: {turns} turns of {requests_a_turn} requests");
        let mut plain = Turns::new(&process, config::PLAIN, &requests)?;
        let mut jwt = Turns::new(&process, config::JWT, &requests)?;
        // Each token once: from now on all are in the cache.
        for listener in [&mut plain, &mut jwt] {
            listener.load.run(TOKENS)?;
        }
        for _ in 0..turns {
            plain.turn(requests_a_turn)?;
            let before = process.cache_hits()?;
            jwt.turn(requests_a_turn)?;
            if process.cache_hits()? - before != requests_a_turn as u64 {
                return Err("Envoy's cache did not serve each request".into());
            }
        }
        let added = jwt.cpu.iter().zip(&plain.cpu).map(|(jwt, plain)| jwt - plain);
        Ok(Requests {
            turns,
            requests_a_turn,
            connections: CONNECTIONS,
            tokens: TOKENS,
            added_cpu_ns: whole(median(added.collect())),
            plain: plain.listener(),
            jwt_authn: jwt.listener(),
        })
    }
}

/// The filter takes a good token and no other; without it, nobody is asked.
fn prove(process: &Process, sample: &Sample) -> Result<(), Failure> {
    let listener = process.port(config::JWT)?;
    let good = sample.tokens.first().ok_or("the sample is empty")?;
    let refused = sample.refused.forged.iter().chain(&sample.refused.unfit);
    // Twice: the second time the good one comes out of the cache.
    for _ in 0..2 {
        if status(listener, &request(good))? != 200 {
            return Err("Envoy refuses a good token".into());
        }
        for (what, token) in refused.clone() {
            if status(listener, &request(token))? == 200 {
                return Err(format!("Envoy accepts a token {what}").into());
            }
        }
    }
    Ok(())
}

/// One listener's turns.
struct Turns<'p> {
    process: &'p Process,
    load: Load<'p>,
    rates: Vec<f64>,
    /// Nanoseconds of the worker for a request.
    cpu: Vec<f64>,
}

impl<'p> Turns<'p> {
    fn new(process: &'p Process, listener: &str, requests: &'p [Vec<u8>]) -> Result<Self, Failure> {
        let load = Load::new(process.port(listener)?, requests)?;
        Ok(Self { process, load, rates: Vec::new(), cpu: Vec::new() })
    }

    fn turn(&mut self, requests: usize) -> Result<(), Failure> {
        let before = self.process.cpu()?;
        let elapsed = self.load.run(requests)?;
        let cpu = self.process.cpu()?.saturating_sub(before);
        self.rates.push(requests as f64 / elapsed.as_secs_f64());
        self.cpu.push(cpu.as_secs_f64() * 1e9 / requests as f64);
        Ok(())
    }

    fn listener(&self) -> Listener {
        let (rate, cpu) = (median(self.rates.clone()), median(self.cpu.clone()));
        let busy = (rate * cpu / 1e9 * 100.0).round() / 100.0;
        Listener { requests_per_s: whole(rate), cpu_ns: whole(cpu), busy }
    }
}

impl Requests {
    /// One table; `hit_ns` is tollgate's with as many tokens seen.
    pub fn write_markdown(&self, hit_ns: Option<f64>, out: &mut impl Write) -> Result<(), Failure> {
        writeln!(out, "### Envoy with its filter\n")?;
        writeln!(out, "| | requests/s | CPU a request | worker busy |")?;
        writeln!(out, "|---|--:|--:|--:|")?;
        let lines = [("Envoy", &self.plain), ("with jwt_authn and its cache", &self.jwt_authn)];
        for (name, Listener { requests_per_s, cpu_ns, busy }) in lines {
            let (rate, cpu) = (grouped(*requests_per_s as f64), grouped(*cpu_ns as f64));
            writeln!(out, "| {name} | {rate} | {cpu} | {busy:.2} |")?;
        }
        write!(
            out,
            "\nThe filter adds {} ns of CPU to a request whose token is in its cache",
            grouped(self.added_cpu_ns as f64)
        )?;
        match hit_ns {
            Some(ns) => writeln!(
                out,
                ", {:.2} x the {} ns of tollgate's hit among as many.",
                self.added_cpu_ns as f64 / ns,
                grouped(ns)
            )?,
            None => writeln!(out, ".")?,
        }
        writeln!(
            out,
            "Nanoseconds of the one worker: median of {} turns of {} requests each, {} tokens over \
            {} connections.\n",
            self.turns, self.requests_a_turn, self.tokens, self.connections
        )?;
        Ok(())
    }
}
