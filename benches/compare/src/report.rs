//! The outcome of all parts, as tables or as JSON.

use std::collections::BTreeMap;
use std::io::Write;

use serde::Serialize;

use crate::Failure;
use crate::envoy::{self, Requests};
use crate::hit::{Hits, Threads};
use crate::miss::Misses;

/// What one run measured; a part that was not asked for, or could not run, is null.
#[derive(Default, Serialize)]
pub struct Report {
    /// Of everything that was met.
    versions: BTreeMap<&'static str, String>,
    /// Who is missing, and why.
    left_out: BTreeMap<&'static str, String>,
    pub miss: Option<Misses>,
    pub hit: Option<Hits>,
    pub threads: Option<Threads>,
    pub envoy: Option<Requests>,
}

impl Report {
    pub fn new() -> Self {
        let mut report = Self::default();
        for package in ["jsonwebtoken", "moka", "quick_cache", "dashmap", "papaya", "foldhash"] {
            report.met(package, locked(package).unwrap_or("of an unknown version").to_owned());
        }
        report
    }

    /// Somebody takes part, in this version.
    pub fn met(&mut self, who: &'static str, version: String) {
        self.versions.insert(who, version);
    }

    /// Somebody does not, which nobody shall overlook.
    pub fn leave_out(&mut self, who: &'static str, why: &Failure) {
        eprintln!("compare: !!! {} IS LEFT OUT: {why}", who.to_uppercase());
        self.left_out.insert(who, why.to_string());
    }

    /// One object.
    pub fn write_json(&self, out: &mut impl Write) -> Result<(), Failure> {
        serde_json::to_writer_pretty(&mut *out, self)?;
        Ok(writeln!(out)?)
    }

    /// A table for each part, and what they were measured with.
    pub fn write_markdown(&self, out: &mut impl Write) -> Result<(), Failure> {
        if let Some(miss) = &self.miss {
            miss.write_markdown(out)?;
        }
        if let Some(hit) = &self.hit {
            hit.write_markdown(out)?;
        }
        if let Some(threads) = &self.threads {
            threads.write_markdown(out)?;
        }
        if let Some(envoy) = &self.envoy {
            let hit_ns = self.hit.as_ref().and_then(|hit| hit.ours_ns(envoy::TOKENS));
            envoy.write_markdown(hit_ns, out)?;
        }
        let versions = self.versions.iter().map(|(who, version)| format!("{who} {version}"));
        writeln!(out, "{}.", versions.collect::<Vec<_>>().join(", "))?;
        for (who, why) in &self.left_out {
            writeln!(out, "{who} left out: {why}.")?;
        }
        Ok(())
    }
}

/// The version of a package in this program's own lock, which cannot go stale in a sentence. Of
/// several, the last: that of a direct dependency is the newest.
fn locked(package: &str) -> Option<&'static str> {
    let lock = include_str!("../Cargo.lock");
    let (_, entry) = lock.rsplit_once(&format!("name = \"{package}\"\nversion = \""))?;
    Some(entry.split_once('"')?.0)
}

/// Nanoseconds where a fraction says nothing.
pub fn whole(ns: f64) -> u64 {
    ns.round() as u64
}

/// Nanoseconds where one counts.
pub fn tenth(ns: f64) -> f64 {
    (ns * 10.0).round() / 10.0
}

/// A number as the tables write it: 26.6, 519, 23,087.
pub fn grouped(number: f64) -> String {
    if number.abs() < 100.0 && number.fract() != 0.0 {
        return format!("{number:.1}");
    }
    let digits = format!("{:.0}", number.abs());
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if number < -0.5 { format!("-{text}") } else { text }
}
