//! fast-jwt: a process of node for each verifier, asked by lines of JSON; see verifier.mjs.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tollgate::jws::public_jwk;
use tollgate::sample::AUDIENCE;

use crate::Failure;
use crate::contestant::{Checker, Contestant, LEAD_IN, Part};
use crate::npm::Installed;
use crate::sample::{SKEW_S, Sample};

/// fast-jwt, ready to be started.
pub struct FastJwt {
    /// Which versions were met.
    pub versions: Versions,
    installed: Installed,
}

/// As the script tells them.
#[derive(Deserialize)]
pub struct Versions {
    /// Of fast-jwt.
    pub fast_jwt: String,
    /// Of what runs it.
    pub node: String,
}

/// What it remembers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// Nothing: each token is verified each time.
    None,
    /// As it is made: what the hash of a token stands for.
    Hash,
    /// What the token itself stands for, which it warns of, since other keys may collide.
    Token,
}

/// How a verifier is timed.
pub enum Presented<'s> {
    /// These strings, one after the other.
    InTurn(&'s [String]),
    /// Strings made anew from these as from what a socket received, in an order that no prefetcher
    /// knows.
    Received(&'s [String]),
}

impl FastJwt {
    /// Installs it below the build directory and makes sure that it starts.
    pub fn install() -> Result<Self, Failure> {
        let program = std::env::current_exe()?;
        let built = program.parent().ok_or("this program lies in no folder")?;
        let installed = Installed::new(built.join("fast-jwt"))?;
        let (_, versions) = Process::start(&installed)?;
        Ok(Self { versions, installed })
    }

    /// A verifier in a process of its own: in one process, the compiled code of one would have to
    /// serve the other as well.
    pub fn verifier(
        &self,
        name: &'static str,
        memory: Memory,
        sample: &Sample,
        presented: &Presented<'_>,
    ) -> Result<Contestant<'static>, Failure> {
        let (mut process, _) = Process::start(&self.installed)?;
        process.set_up(memory, sample, presented)?;
        Ok(Contestant::new(Part::Peer(name), "", Box::new(process)))
    }
}

struct Process {
    child: Child,
    /// Taken when it shall end.
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
}

impl Process {
    fn start(installed: &Installed) -> Result<(Self, Versions), Failure> {
        let mut command = installed.script();
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|why| format!("node does not run: {why}"))?;
        let requests = child.stdin.take();
        let replies = BufReader::new(child.stdout.take().ok_or("node has no standard output")?);
        let mut process = Self { child, requests, replies };
        let versions = process.reply()?;
        Ok((process, versions))
    }

    fn set_up(
        &mut self,
        memory: Memory,
        sample: &Sample,
        presented: &Presented<'_>,
    ) -> Result<(), Failure> {
        let (tokens, received) = match presented {
            Presented::InTurn(tokens) => (tokens, false),
            Presented::Received(tokens) => (tokens, true),
        };
        let ready: bool = self.ask(&json!({ "setup": {
            "algorithm": sample.tenant.key.algorithm().name(),
            "jwk": public_jwk(&sample.tenant.key, &sample.tenant.kid()),
            "audience": AUDIENCE,
            "issuer": sample.issuer,
            "skew_s": SKEW_S,
            "remember": if memory == Memory::None { 0 } else { tokens.len().max(1_000) },
            "by_token": memory == Memory::Token,
            "received": received,
            // What is remembered has to be brought back as well.
            "lead_in": if received { tokens.len().clamp(16, 4_096) } else { LEAD_IN as usize },
        }}))?;
        // No line longer than what its reader does well with.
        for tokens in tokens.chunks(1_000) {
            let _: bool = self.ask(&json!({ "tokens": tokens }))?;
        }
        if ready { Ok(()) } else { Err("fast-jwt took no settings".into()) }
    }

    fn ask<T: DeserializeOwned>(&mut self, request: &Value) -> Result<T, Failure> {
        let mut requests = self.requests.as_ref().ok_or("node was told to end")?;
        // One write, so that node wakes up once and not in the middle of a line.
        requests.write_all(format!("{request}\n").as_bytes())?;
        self.reply()
    }

    fn reply<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        let mut line = String::new();
        if self.replies.read_line(&mut line)? == 0 {
            return Err("node ended; what it said of that is above".into());
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Checker for Process {
    fn accepts(&mut self, token: &str) -> Result<bool, Failure> {
        self.ask(&json!({ "accepts": token }))
    }

    /// It has them already.
    fn accepts_all(&mut self, _: &[String]) -> Result<bool, Failure> {
        self.ask(&json!({ "accepts_all": true }))
    }

    fn time(&mut self, checks: u32) -> Result<Option<f64>, Failure> {
        self.ask(&json!({ "time": checks }))
    }
}

impl Drop for Process {
    /// The script ends with its input; waiting leaves no zombie.
    fn drop(&mut self) {
        self.requests = None;
        // Nobody is left who could be told.
        let _ = self.child.wait();
    }
}
