//! The contestants in this process that are no maps, and the list of all of them.

use std::hint::black_box;
use std::slice;

use tollgate::sample::{ENDPOINT, Tenant};
use tollgate::{Ask, Now, Request, Scenario};

use super::maps;
use super::received::{Check, Local, Receiver, now};
use crate::Failure;
use crate::contestant::Part;
use crate::jsonwebtoken;
use crate::sample::Sample;

/// Each with the part that it plays.
pub type Locals<'s> = Vec<(Part, Box<dyn Local + 's>)>;

/// All of them, with every token of the set seen.
pub fn contestants<'s>(sample: &Sample, tokens: &'s [String]) -> Result<Locals<'s>, Failure> {
    let seen = maps::verified(tokens)?;
    // On this algorithm aws-lc-rs is the faster of its two libraries, as the misses show.
    let jsonwebtoken = jsonwebtoken::verifier(jsonwebtoken::Library::AwsLc, sample)?;
    let jsonwebtoken = jsonwebtoken.ok_or("jsonwebtoken lacks the algorithm")?;
    let alone =
        Receiver::new(tokens, false, move |_: usize, token: &[u8], _: Now| jsonwebtoken(token));
    Ok(vec![
        (Part::Floor, Box::new(Receiver::new(tokens, true, floor(tokens)))),
        (Part::Tollgate, judging(tokens, tollgate(sample))?),
        (Part::Peer("papaya"), judging(tokens, maps::papaya(&seen))?),
        (Part::Peer("dashmap"), judging(tokens, maps::dashmap(&seen))?),
        (Part::Peer("quick_cache"), judging(tokens, maps::quick_cache(&seen))?),
        (Part::Peer("moka"), judging(tokens, maps::moka(&seen))?),
        (Part::Peer(jsonwebtoken::NAME), Box::new(alone)),
    ])
}

/// One that judges by the time it is given: so it has to refuse a token, seen before, that is over.
fn judging<'s>(
    tokens: &'s [String],
    check: impl Check + 's,
) -> Result<Box<dyn Local + 's>, Failure> {
    let token = tokens.first().ok_or("the sample is empty")?.as_bytes();
    let now = now();
    let over = Now { unix_s: now.unix_s + 10 * 86_400, ..now };
    if !check(0, token, now) || check(0, token, over) {
        return Err("a contestant does not look at the end of a token that it has seen".into());
    }
    Ok(Box::new(Receiver::new(tokens, true, check)))
}

/// What is presented beside what is stored, whose place is known: libc's memcmp.
fn floor(tokens: &[String]) -> impl Check + use<> {
    let stored: Vec<Box<[u8]>> = tokens.iter().map(|token| token.as_bytes().into()).collect();
    move |number: usize, token: &[u8], _: Now| black_box(*stored[number] == *token)
}

fn tollgate(sample: &Sample) -> impl Check + use<> {
    // Room for every set.
    let gate = Tenant::gate_with_cache(slice::from_ref(&sample.tenant), 512 << 20);
    let ask = Ask { endpoint: ENDPOINT, scenario: Scenario::User, windows: None, source: None };
    move |_: usize, token: &[u8], now: Now| {
        black_box(gate.check(&Request::token(token), &ask, now)).is_admitted()
    }
}
