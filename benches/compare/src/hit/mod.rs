//! A token that was seen before, among so many others.

use tollgate::Algorithm;

use crate::Failure;
use crate::contestant::{Contestant, Part};
use crate::fast_jwt::{FastJwt, Memory, Presented};
use crate::rounds::{self, Pace};
use crate::sample::Sample;

mod local;
mod maps;
mod received;
mod table;
mod threads;

pub use table::{Hits, Set};
pub use threads::{Threads, measure_threads};

/// How many tokens are remembered: one that the caches of the processor never lose, a busy
/// gateway's, and more than any cache of the processor holds.
pub const SETS: [usize; 3] = [1, 4_096, 100_000];

/// Of all of them, since a contestant that remembers nothing does see it.
pub const ALGORITHM: Algorithm = Algorithm::Rs256;

const FAST_JWT: [(&str, Memory); 2] =
    [("fast-jwt", Memory::Hash), ("fast-jwt by token", Memory::Token)];

/// Measures one set after the other; each is the beginning of the sample.
pub fn measure(sample: &Sample, fast_jwt: Option<&FastJwt>, pace: Pace) -> Result<Hits, Failure> {
    let sets = SETS.into_iter().filter_map(|count| sample.tokens.get(..count));
    let sets = sets.map(|tokens| set(sample, tokens, fast_jwt, pace)).collect::<Result<_, _>>()?;
    Ok(Hits::new(pace.rounds, sample, sets))
}

fn set(
    sample: &Sample,
    tokens: &[String],
    fast_jwt: Option<&FastJwt>,
    pace: Pace,
) -> Result<Set, Failure> {
    let mut contestants = Vec::new();
    for (part, checker) in local::contestants(sample, tokens)? {
        contestants.push(Contestant::new(part, "", checker));
    }
    if let Some(fast_jwt) = fast_jwt {
        let presented = Presented::Received(tokens);
        for (name, memory) in FAST_JWT {
            contestants.push(fast_jwt.verifier(name, memory, sample, &presented)?);
        }
    }
    for contestant in &mut contestants {
        let proof = contestant.prove(tokens, &sample.refused);
        proof.map_err(|why| format!("{contestant} with {} tokens seen: {why}", tokens.len()))?;
    }
    eprintln!(
        "compare: a hit among {}: {} contestants, {} rounds",
        tokens.len(),
        contestants.len(),
        pace.rounds
    );
    let timings = rounds::measure(&mut contestants, pace)?;
    let floor = contestants.iter().position(|who| who.part == Part::Floor);
    let floor = &timings[floor.ok_or("the floor was not measured")?];
    let rows = contestants.iter().zip(&timings);
    Ok(Set::new(tokens.len(), rows.map(|(who, timing)| (who.part, timing)), floor))
}
