//! The maps off the shelf: keyed by the bytes of a token, with what was verified as the value.
//!
//! All of them look a token up by borrowed bytes, hash it by foldhash (whose keys are random in
//! each process), have room for twice the set, and copy a value that is small. README.md says why
//! this is the best for each of them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use foldhash::fast::RandomState;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, UnitWeighter};
use serde::Deserialize;
use tollgate::{Guid, Now};

use super::received::Check;
use crate::Failure;
use crate::sample::SKEW_S;

/// What a gateway has to know of a client.
#[derive(Clone, Copy)]
pub struct Verified {
    #[expect(dead_code, reason = "whom it is for, which each hit copies")]
    client: [Guid; 3],
    not_before_s: i64,
    expires_s: i64,
}

/// A token and what was verified of it.
pub type Seen = (Box<[u8]>, Verified);

/// As after their first check. What it says of each token is true: tollgate was shown them all.
pub fn verified(tokens: &[String]) -> Result<Vec<Seen>, Failure> {
    tokens.iter().map(|token| Ok((token.as_bytes().into(), Verified::read(token)?))).collect()
}

/// No bound, and no lock for readers.
pub fn papaya(seen: &[Seen]) -> impl Check + use<> {
    let map = papaya::HashMap::builder()
        .capacity(room(seen))
        .resize_mode(papaya::ResizeMode::Blocking)
        .hasher(RandomState::default())
        .build();
    for (token, verified) in seen {
        map.pin().insert(token.clone(), *verified);
    }
    move |_: usize, token: &[u8], now: Now| holds(map.pin().get(token).copied(), now)
}

/// No bound, and locks by shard.
pub fn dashmap(seen: &[Seen]) -> impl Check + use<> {
    let map = dashmap::DashMap::with_capacity_and_hasher(room(seen), RandomState::default());
    for (token, verified) in seen {
        map.insert(token.clone(), *verified);
    }
    move |_: usize, token: &[u8], now: Now| holds(map.get(token).map(|found| *found), now)
}

/// Bounded by a count, locks by shard.
pub fn quick_cache(seen: &[Seen]) -> impl Check + use<> {
    let options = OptionsBuilder::new()
        .estimated_items_capacity(room(seen))
        .weight_capacity(room(seen) as u64)
        .build()
        .unwrap_or_else(|_| unreachable!("both that are required are given"));
    let cache = Cache::with_options(
        options,
        UnitWeighter,
        RandomState::default(),
        DefaultLifecycle::default(),
    );
    for (token, verified) in seen {
        cache.insert(token.clone(), *verified);
    }
    move |_: usize, token: &[u8], now: Now| holds(cache.get(token), now)
}

/// Bounded by a count, and each look-up is told to whoever evicts.
pub fn moka(seen: &[Seen]) -> impl Check + use<> {
    let cache = moka::sync::Cache::builder()
        .max_capacity(room(seen) as u64)
        .initial_capacity(room(seen))
        .build_with_hasher(RandomState::default());
    for (token, verified) in seen {
        cache.insert(token.clone(), *verified);
    }
    cache.run_pending_tasks();
    move |_: usize, token: &[u8], now: Now| holds(cache.get(token), now)
}

/// None of them may evict anything: their shards are not all equally full.
fn room(seen: &[Seen]) -> usize {
    seen.len() * 2 + 1_024
}

/// The least that has to be asked on a hit.
fn holds(found: Option<Verified>, now: Now) -> bool {
    std::hint::black_box(found).is_some_and(|verified| {
        let skew_s = i64::from(SKEW_S);
        now.unix_s + skew_s >= verified.not_before_s && now.unix_s < verified.expires_s + skew_s
    })
}

impl Verified {
    fn read(token: &str) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Claims<'t> {
            tid: &'t str,
            oid: &'t str,
            deviceid: &'t str,
            nbf: i64,
            exp: i64,
        }
        let payload = token.split('.').nth(1).ok_or("a token without dots")?;
        let payload = URL_SAFE_NO_PAD.decode(payload)?;
        let claims: Claims<'_> = serde_json::from_slice(&payload)?;
        let guid = |text: &str| Guid::parse(text).ok_or("a claim that is no GUID");
        Ok(Self {
            client: [guid(claims.tid)?, guid(claims.oid)?, guid(claims.deviceid)?],
            not_before_s: claims.nbf,
            expires_s: claims.exp,
        })
    }
}
