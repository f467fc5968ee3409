//! Tokens as they are presented: hot, as in the buffers that a server receives into, though there are a
//! million of them.
//!
//! All tokens of a set have one length and differ in a few runs of bytes: ids and signature. Only these
//! are kept beside the stored tokens; those of the next steps are gathered before the clock runs, and
//! written into a few buffers while it does. What that writing takes is measured by itself and is taken
//! off everybody's times.

use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};

use super::measure::Contestant;
use crate::misuse::Misuse;

/// Tokens that are stored somewhere, each in a box of its own, and what tells them apart.
pub(super) struct Set {
    pub(super) stored: Vec<Box<[u8]>>,
    runs: Vec<Range<usize>>,
    /// Of all runs together.
    stride: usize,
    patches: Vec<u8>,
}

/// Runs that are closer are one: a short copy costs as much as none.
const GAP: usize = 16;

impl Set {
    pub(super) fn new(stored: Vec<Box<[u8]>>) -> Result<Self, Misuse> {
        let first = stored.first().ok_or_else(|| Misuse::new("a bench without tokens: a bug"))?;
        if stored.iter().any(|token| token.len() != first.len()) {
            return Err(Misuse::new("the bench's tokens have not one length: a bug"));
        }
        let mut differs = vec![0; first.len()];
        for token in &stored {
            for ((differs, byte), first) in differs.iter_mut().zip(token).zip(first) {
                *differs |= byte ^ first;
            }
        }
        // The signature always: also a token that is alone arrives.
        let tail = first.iter().rposition(|byte| *byte == b'.').map_or(0, |dot| dot + 1);
        differs[tail..].fill(1);
        let runs = runs(&differs);
        let stride = runs.iter().map(Range::len).sum();
        let mut patches = Vec::with_capacity(stride * stored.len());
        for token in &stored {
            runs.iter().for_each(|run| patches.extend_from_slice(&token[run.clone()]));
        }
        Ok(Self { stored, runs, stride, patches })
    }

    /// The length of a token.
    pub(super) fn token_bytes(&self) -> usize {
        self.stored[0].len()
    }
}

fn runs(differs: &[u8]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in (0..differs.len()).filter(|at| differs[*at] != 0) {
        match runs.last_mut() {
            Some(run) if at < run.end + GAP => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// Buffers that take turns: what was written a moment ago is not read while the stores are on their way,
/// as it is not when the system has copied from a socket. Together they fit the nearest cache.
const BUFFERS: usize = 8;

/// Tokens that a cache of the last level holds, with what stands beside them.
const FITTING: usize = 8192;

/// So many steps are gathered at once.
pub(super) const STAGED: usize = 512;

/// The next tokens of a set, and the buffers that they arrive in.
pub(super) struct Presented<'s> {
    set: &'s Set,
    buffers: [Vec<u8>; BUFFERS],
    patches: Vec<u8>,
    /// Their numbers, and where the same bytes are stored: read before the clock runs.
    stored: Vec<(usize, &'s [u8])>,
}

impl<'s> Presented<'s> {
    pub(super) fn new(set: &'s Set) -> Self {
        let buffers = [const { Vec::new() }; BUFFERS].map(|_: Vec<u8>| set.stored[0].to_vec());
        Self { set, buffers, patches: Vec::new(), stored: Vec::new() }
    }

    /// Gathers the tokens of the next steps.
    pub(super) fn stage(&mut self, numbers: impl IntoIterator<Item = usize>) {
        self.patches.clear();
        self.stored.clear();
        for number in numbers {
            let from = number * self.set.stride;
            self.patches.extend_from_slice(&self.set.patches[from..from + self.set.stride]);
            self.stored.push((number, &self.set.stored[number]));
        }
    }

    /// Presents what was gathered: `find` has number and place of the stored bytes, and those that have
    /// arrived. Gives how many were not found.
    #[inline]
    pub(super) fn walk(&mut self, mut find: impl FnMut((usize, &'s [u8]), &[u8]) -> bool) -> u64 {
        let mut missed = 0;
        let patches = self.patches.chunks(BUFFERS * self.set.stride);
        for (patches, stored) in patches.zip(self.stored.chunks(BUFFERS)) {
            for (patch, buffer) in patches.chunks_exact(self.set.stride).zip(&mut self.buffers) {
                let mut rest = patch;
                for run in &self.set.runs {
                    let (part, behind) = rest.split_at(run.len());
                    buffer[run.clone()].copy_from_slice(part);
                    rest = behind;
                }
            }
            for (stored, buffer) in stored.iter().zip(&self.buffers) {
                missed += u64::from(!find(*stored, black_box(buffer.as_slice())));
            }
        }
        missed
    }
}

/// A contestant that looks for tokens of a set in an order that no prefetcher knows.
pub(super) struct Walk<'s, F> {
    presented: Presented<'s>,
    random: Random,
    find: F,
    /// How many were not found.
    pub(super) missed: u64,
}

impl<'s, F: FnMut((usize, &'s [u8]), &[u8]) -> bool> Walk<'s, F> {
    /// Each has a seed of its own, so that nobody walks where another has just been.
    pub(super) fn new(set: &'s Set, seed: u64, find: F) -> Self {
        Self { presented: Presented::new(set), random: Random(seed), find, missed: 0 }
    }
}

impl<'s, F: FnMut((usize, &'s [u8]), &[u8]) -> bool> Contestant for Walk<'s, F> {
    fn run(&mut self, count: u32) -> Duration {
        let Self { presented, random, find, missed } = self;
        let (mut left, mut took) = (count as usize, Duration::ZERO);
        while left > 0 {
            let steps = left.min(STAGED);
            let many = presented.set.stored.len();
            // One token alone is the same token again.
            if many > 1 || presented.stored.len() != steps {
                presented.stage((0..steps).map(|_| random.below(many)));
            }
            let start = Instant::now();
            *missed += presented.walk(&mut *find);
            took += start.elapsed();
            left -= steps;
        }
        took
    }

    /// What fits the caches was in use the moment before, all of it: else a round of some thousand steps
    /// would fetch what the other contestants have pushed out.
    fn warm(&mut self, count: u32) {
        let many = self.presented.set.stored.len();
        if many > 1 && many <= FITTING {
            for from in (0..many).step_by(STAGED) {
                self.presented.stage(from..many.min(from + STAGED));
                self.missed += self.presented.walk(&mut self.find);
            }
        }
        self.run(count / 4 + 1);
    }
}

/// SplitMix64: fast, and good enough for an order.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ word >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ word >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^= word >> 31;
        ((u128::from(word) * bound as u128) >> 64) as usize
    }

    /// The numbers below the bound in an order of its own.
    pub(super) fn order(&mut self, bound: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..bound).collect();
        for at in (1..bound).rev() {
            numbers.swap(at, self.below(at + 1));
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_presented_is_what_is_stored() {
        let token = |n: u32| format!("header.{n:06}{}{n:04}.{n:08}", "a".repeat(100));
        let tokens = (0..1000).map(|n| token(n * 7).into_bytes().into());
        let Ok(set) = Set::new(tokens.collect()) else { panic!("tokens of one length") };
        // The number before the signature is so near that both are one run.
        assert_eq!(set.runs, [9..13, 113..126]);
        let mut walk = Walk::new(&set, 1, |(number, stored), arrived| {
            *set.stored[number] == *stored && stored == arrived
        });
        walk.run(2000);
        assert_eq!(walk.missed, 0);
        let mut order = Random(2).order(1000);
        order.sort_unstable();
        assert!(order.into_iter().eq(0..1000));
    }
}
