//! The contestants in Rust.

use std::hint::black_box;
use std::slice;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tollgate::raw::{Library, RawKey};
use tollgate::sample::{ENDPOINT, Tenant};
use tollgate::{Ask, Now, Request, Scenario};

use crate::Failure;
use crate::contestant::{Contestant, InProcess, Part};
use crate::jsonwebtoken;
use crate::sample::{Sample, unix_now_s};

/// All of them that have the algorithm of the sample.
pub fn contestants(sample: &Sample) -> Result<Vec<Contestant<'static>>, Failure> {
    let raw = [("ring", Library::Ring), ("aws-lc-rs", Library::AwsLc)];
    let raw = raw.into_iter().filter_map(|(name, library)| self::raw(name, library, sample));
    let mut all = raw.chain([tollgate(sample)]).collect::<Vec<_>>();
    let providers = [
        ("aws-lc-rs", jsonwebtoken::Library::AwsLc),
        ("RustCrypto", jsonwebtoken::Library::RustCrypto),
    ];
    for (name, library) in providers {
        let Some(verifies) = jsonwebtoken::verifier(library, sample)? else { continue };
        let check = move |token: &String| verifies(token.as_bytes());
        let checker = Box::new(InProcess::new(&sample.tokens, owned, check));
        all.push(Contestant::new(Part::Peer(jsonwebtoken::NAME), name, checker));
    }
    Ok(all)
}

fn raw(name: &'static str, library: Library, sample: &Sample) -> Option<Contestant<'static>> {
    let key = RawKey::new(library, &sample.tenant.key)?;
    let read = |token: &str| {
        let (message, signature) = token.rsplit_once('.')?;
        Some((message.as_bytes().to_vec(), URL_SAFE_NO_PAD.decode(signature).ok()?))
    };
    let check = move |(message, signature): &(Vec<u8>, Vec<u8>)| key.verifies(message, signature);
    let checker = Box::new(InProcess::new(&sample.tokens, read, check));
    Some(Contestant::new(Part::Floor, name, checker))
}

/// The gate reads no clock, but its host must, and the peers do: so the time of both is in.
fn tollgate(sample: &Sample) -> Contestant<'static> {
    let gate = Tenant::gate_with_cache(slice::from_ref(&sample.tenant), 0);
    let ask = Ask { endpoint: ENDPOINT, scenario: Scenario::User, windows: None, source: None };
    let started = Instant::now();
    let check = move |token: &String| {
        let mono_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let now = Now { unix_s: unix_now_s(), mono_ms };
        black_box(gate.check(&Request::token(token.as_bytes()), &ask, now)).is_admitted()
    };
    Contestant::new(Part::Tollgate, "", Box::new(InProcess::new(&sample.tokens, owned, check)))
}

#[expect(clippy::unnecessary_wraps, reason = "what `InProcess` wants")]
fn owned(token: &str) -> Option<String> {
    Some(token.to_owned())
}
