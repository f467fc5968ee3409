//! How a token gets to a contestant: as it does in a gateway, in bytes that were just received.
//!
//! A train of tokens is copied into one buffer, in an order that no prefetcher knows; then it is
//! checked, and only that is timed. So what is presented is hot, and what a contestant has stored
//! lies where it fell.

use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};

use tollgate::Now;

use crate::Failure;
use crate::contestant::{Checker, LEAD_IN};
use crate::sample::unix_now_s;

/// As many as fit into the first cache of most processors together with what checks them, and
/// enough for the clock.
const TRAIN: usize = 16;

/// Whether a token passes: its number in the set, its bytes, and the time, which whoever received
/// the train has read once.
pub trait Check: Fn(usize, &[u8], Now) -> bool + Sync {}

impl<C: Fn(usize, &[u8], Now) -> bool + Sync> Check for C {}

/// A contestant of this process.
pub trait Local: Checker + Sync {
    /// Checks this one token so many times: whether it passed each time.
    fn run(&self, number: usize, token: &[u8], checks: u32) -> bool;
}

/// A contestant of this process that is to be timed on this set.
pub struct Receiver<'s, C> {
    tokens: &'s [String],
    check: C,
    /// Whether it has anything in memory that the lead-in should bring back.
    remembers: bool,
    train: Train,
    walk: Walk,
}

#[derive(Default)]
struct Train {
    bytes: Vec<u8>,
    tokens: Vec<(usize, Range<usize>)>,
}

impl<'s, C: Check> Receiver<'s, C> {
    pub fn new(tokens: &'s [String], remembers: bool, check: C) -> Self {
        Self { tokens, check, remembers, train: Train::default(), walk: Walk(1) }
    }

    /// So many trains: how long their checks took, unless one was refused.
    fn trains(&mut self, trains: u32) -> Option<Duration> {
        let mut elapsed = Duration::ZERO;
        for _ in 0..trains {
            self.receive();
            let now = now();
            let train = black_box(&self.train);
            let start = Instant::now();
            let mut refused = false;
            for (number, place) in &train.tokens {
                refused |= !(self.check)(*number, &train.bytes[place.clone()], now);
            }
            elapsed += start.elapsed();
            if refused {
                return None;
            }
        }
        Some(elapsed)
    }

    fn receive(&mut self) {
        let Train { bytes, tokens } = &mut self.train;
        bytes.clear();
        tokens.clear();
        for _ in 0..TRAIN {
            let number = self.walk.below(self.tokens.len());
            let from = bytes.len();
            bytes.extend_from_slice(self.tokens[number].as_bytes());
            tokens.push((number, from..bytes.len()));
        }
    }
}

impl<C: Check> Checker for Receiver<'_, C> {
    fn accepts(&mut self, token: &str) -> Result<bool, Failure> {
        Ok((self.check)(0, token.as_bytes(), now()))
    }

    fn accepts_all(&mut self, tokens: &[String]) -> Result<bool, Failure> {
        let now = now();
        let mut tokens = tokens.iter().enumerate();
        Ok(tokens.all(|(number, token)| (self.check)(number, token.as_bytes(), now)))
    }

    fn time(&mut self, checks: u32) -> Result<Option<f64>, Failure> {
        let set = u32::try_from(self.tokens.len().min(4_096))?;
        let lead_in = if self.remembers { checks.max(set) } else { LEAD_IN };
        let trains = |checks: u32| checks.div_ceil(TRAIN as u32);
        if self.trains(trains(lead_in)).is_none() {
            return Ok(None);
        }
        let elapsed = self.trains(trains(checks));
        let timed = f64::from(trains(checks)) * TRAIN as f64;
        Ok(elapsed.map(|elapsed| elapsed.as_secs_f64() * 1e9 / timed))
    }
}

impl<C: Check> Local for Receiver<'_, C> {
    fn run(&self, number: usize, token: &[u8], checks: u32) -> bool {
        let now = now();
        let mut refused = false;
        for _ in 0..checks {
            refused |= !(self.check)(number, black_box(token), now);
        }
        !refused
    }
}

/// The wall clock for what expires; nothing here is refreshed.
pub fn now() -> Now {
    Now { unix_s: unix_now_s(), mono_ms: 0 }
}

/// An order that repeats only after 2^64 steps (splitmix64).
struct Walk(u64);

impl Walk {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((mixed >> 32) * end as u64) >> 32) as usize
    }
}
