//! What is measured: something that checks tokens, here or in another process.

use std::fmt;
use std::hint::black_box;
use std::time::Instant;

use crate::Failure;
use crate::sample::Refused;

/// Checks before each batch that are not timed: they bring the code and the key back into the
/// caches, from which the other contestants have pushed them.
pub const LEAD_IN: u32 = 16;

/// Which part a contestant plays in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What nobody can do without: the signature check of a miss, the comparison of a hit.
    Floor,
    /// The full check of tollgate.
    Tollgate,
    /// The full check of somebody else.
    Peer(&'static str),
}

impl Part {
    /// As the tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Tollgate => "tollgate",
            Self::Peer(name) => name,
        }
    }
}

/// Something that checks tokens.
pub struct Contestant<'s> {
    /// Its part.
    pub part: Part,
    /// The library that verifies for it, where several do: the report takes the fastest.
    pub library: &'static str,
    checker: Box<dyn Checker + 's>,
}

impl<'s> Contestant<'s> {
    /// `library` is empty where there is no choice.
    pub fn new(part: Part, library: &'static str, checker: Box<dyn Checker + 's>) -> Self {
        Self { part, library, checker }
    }

    /// Makes sure that it does the work it is timed for: takes every one of these tokens, and none
    /// that is altered or does not fit.
    pub fn prove(&mut self, tokens: &[String], refused: &Refused) -> Result<(), Failure> {
        if !self.checker.accepts_all(tokens)? {
            return Err("it refuses a good token".into());
        }
        let unfit = match self.part {
            Part::Floor => &[],
            Part::Tollgate | Part::Peer(_) => refused.unfit.as_slice(),
        };
        for (what, token) in refused.forged.iter().chain(unfit) {
            if self.checker.accepts(token)? {
                return Err(format!("it accepts a token {what}").into());
            }
        }
        Ok(())
    }

    /// Times a batch of so many checks, which go on through the sample: the mean in nanoseconds.
    pub fn time(&mut self, checks: u32) -> Result<f64, Failure> {
        let mean_ns = self.checker.time(checks)?;
        mean_ns.ok_or_else(|| format!("{self} refused a good token while timed").into())
    }
}

impl fmt::Display for Contestant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.part.name();
        if self.library.is_empty() {
            f.write_str(name)
        } else {
            write!(f, "{name} ({})", self.library)
        }
    }
}

/// How a contestant is reached.
pub trait Checker {
    /// Whether it takes this token.
    fn accepts(&mut self, token: &str) -> Result<bool, Failure>;

    /// Whether it takes each of these, which are the tokens that it is timed on.
    fn accepts_all(&mut self, tokens: &[String]) -> Result<bool, Failure> {
        for token in tokens {
            if !self.accepts(token)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// As [`Contestant::time`], after a lead-in; `None` when a token was refused.
    fn time(&mut self, checks: u32) -> Result<Option<f64>, Failure>;
}

/// A checker in this process: `check` is inlined into the loop that is timed.
pub struct InProcess<T, C> {
    read: fn(&str) -> Option<T>,
    check: C,
    sample: Vec<T>,
    next: usize,
}

impl<T, C: Fn(&T) -> bool> InProcess<T, C> {
    /// `read` makes of a token what `check` takes, outside the time measured.
    pub fn new(tokens: &[String], read: fn(&str) -> Option<T>, check: C) -> Self {
        let sample = tokens.iter().filter_map(|token| read(token)).collect();
        Self { read, check, sample, next: 0 }
    }

    /// Checks the next `checks` tokens: whether all of them passed.
    fn run(&mut self, checks: u32) -> bool {
        let mut refused = false;
        for _ in 0..checks {
            refused |= !(self.check)(black_box(&self.sample[self.next]));
            self.next = if self.next + 1 < self.sample.len() { self.next + 1 } else { 0 };
        }
        !refused
    }
}

impl<T, C: Fn(&T) -> bool> Checker for InProcess<T, C> {
    fn accepts(&mut self, token: &str) -> Result<bool, Failure> {
        Ok((self.read)(token).is_some_and(|token| (self.check)(&token)))
    }

    fn time(&mut self, checks: u32) -> Result<Option<f64>, Failure> {
        let ready = self.run(LEAD_IN);
        let start = Instant::now();
        let passed = self.run(checks);
        let elapsed_ns = start.elapsed().as_secs_f64() * 1e9;
        Ok((ready && passed).then(|| elapsed_ns / f64::from(checks)))
    }
}
