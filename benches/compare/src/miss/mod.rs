//! A token that was never seen, by each algorithm.

use tollgate::Algorithm;

use crate::Failure;
use crate::fast_jwt::{FastJwt, Memory, Presented};
use crate::rounds::{self, Pace};
use crate::sample::Sample;

mod local;
mod table;

pub use table::Misses;
use table::Row;

const ALGORITHMS: [Algorithm; 5] =
    [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa, Algorithm::Ps256, Algorithm::Hs256];

/// Tokens of a sample, each of another user: a branch predictor learns a single token by heart,
/// and then every parser looks faster than it is on a token that was never seen.
const TOKENS: usize = 64;

/// The name of fast-jwt with nothing remembered.
const FAST_JWT: &str = "fast-jwt";

/// The name of fast-jwt with every token of the sample remembered.
const FAST_JWT_HIT: &str = "fast-jwt hit";

/// Measures one algorithm after the other.
pub fn measure(fast_jwt: Option<&FastJwt>, pace: Pace) -> Result<Misses, Failure> {
    let rows = ALGORITHMS.into_iter().map(|algorithm| row(algorithm, fast_jwt, pace));
    Ok(Misses::new(pace.rounds, rows.collect::<Result<_, _>>()?))
}

fn row(algorithm: Algorithm, fast_jwt: Option<&FastJwt>, pace: Pace) -> Result<Row, Failure> {
    let sample = Sample::new(algorithm, TOKENS)?;
    let mut contestants = local::contestants(&sample)?;
    if let Some(fast_jwt) = fast_jwt {
        for (name, memory) in [(FAST_JWT, Memory::None), (FAST_JWT_HIT, Memory::Hash)] {
            let presented = Presented::InTurn(&sample.tokens);
            contestants.push(fast_jwt.verifier(name, memory, &sample, &presented)?);
        }
    }
    for contestant in &mut contestants {
        let proof = contestant.prove(&sample.tokens, &sample.refused);
        proof.map_err(|why| format!("{contestant} with {algorithm}: {why}"))?;
    }
    eprintln!(
        "compare: a miss, {algorithm}: {} contestants, {} rounds",
        contestants.len(),
        pace.rounds
    );
    let timings = rounds::measure(&mut contestants, pace)?;
    Row::new(algorithm, sample.tokens[0].len(), &contestants, &timings)
}
