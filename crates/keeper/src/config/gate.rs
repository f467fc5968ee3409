//! `[gate]` and `[limits]`.

use std::time::Duration;

use tollgate::limits::{CACHE_BYTES, RSA_BITS_WIDEST, Rate, TOKEN_BYTES_MOST};
use tollgate::{Limits, Policy, Senders};

use super::section::{Place, Section};

/// What holds for every endpoint and issuer.
pub(crate) struct GateSettings {
    pub(crate) skew_s: i64,
    pub(crate) limits: Limits,
    /// For all that is remembered.
    pub(crate) cache_bytes: usize,
    /// Where that is, or should be, written.
    pub(crate) cache_place: Place,
}

pub(crate) fn read_gate(root: &Section<'_>) -> GateSettings {
    let gate = root.table("gate");
    let most = Duration::from_secs(Policy::SKEW_MOST_S.unsigned_abs());
    let skew = gate.duration("skew", Duration::ZERO, most);
    gate.finish();

    let section = root.table("limits");
    let mut limits = Limits::default();
    if let Some(bytes) = section.size("token_bytes", 512, TOKEN_BYTES_MOST) {
        limits.token_bytes = bytes;
    }
    let (minute, year) = (Duration::from_secs(60), Duration::from_secs(366 * 86_400));
    if let Some(lifetime) = section.duration("token_lifetime", minute, year) {
        limits.token_lifetime_s = seconds(lifetime);
    }
    let (least, most) = (RSA_BITS_WIDEST.0 as u64, RSA_BITS_WIDEST.1 as u64);
    if let Some(bits) = section.number("rsa_min_bits", least, most) {
        limits.rsa_min_bits = bits as usize;
    }
    if let Some(bits) = section.number("rsa_max_bits", least, most) {
        limits.rsa_max_bits = bits as usize;
    }
    if limits.rsa_min_bits > limits.rsa_max_bits {
        let place = section.place_of("rsa_min_bits");
        place.error(section.report(), "is larger than rsa_max_bits");
    }
    if let Some(exponent) = section.number("rsa_max_exponent", 3, (1 << 33) - 1) {
        limits.rsa_max_exponent = exponent;
    }
    limits.source_checks = read_rate(&section, SOURCE_KEYS, limits.source_checks);
    limits.issuer_checks = read_rate(&section, ISSUER_KEYS, limits.issuer_checks);
    section.finish();

    let cache = root.table("cache");
    let cache_bytes = cache.size("max_bytes", 0, CACHE_BYTES_MOST).unwrap_or(CACHE_BYTES);
    let cache_place = cache.place_of("max_bytes");
    cache.finish();
    let skew_s = skew.map_or(DEFAULT_SKEW_S, seconds);
    GateSettings { skew_s, limits, cache_bytes, cache_place }
}

/// The burst and the rate a second of wrong signatures.
const SOURCE_KEYS: [&str; 2] = ["source_checks", "source_checks_per_s"];
const ISSUER_KEYS: [&str; 2] = ["issuer_checks", "issuer_checks_per_s"];

fn read_rate(section: &Section<'_>, [burst, per_s]: [&'static str; 2], default: Rate) -> Rate {
    let number = |key, least, default| {
        let number = section.number(key, least, MOST_CHECKS.into());
        number.and_then(|number| u32::try_from(number).ok()).unwrap_or(default)
    };
    let rate =
        Rate { burst: number(burst, 0, default.burst), per_s: number(per_s, 0, default.per_s) };
    if rate.burst > 0 && rate.per_s == 0 {
        let message = format!("whoever is out of checks would never get one again; write {per_s}");
        section.place_of(burst).error(section.report(), message);
    }
    rate
}

/// More than a machine can do in a second.
const MOST_CHECKS: u32 = 1_000_000;

/// What the largest machines have: a typing error is not one of them.
const CACHE_BYTES_MOST: usize = if usize::BITS < 64 { usize::MAX } else { usize::MAX >> 24 };

/// Five minutes, as Microsoft.IdentityModel.
const DEFAULT_SKEW_S: i64 = 300;

/// `[peers]`: who may pass client certificates on. Nobody, unless it is written.
pub(crate) fn read_senders(root: &Section<'_>) -> Senders {
    let peers = root.table("peers");
    let trusted = peers.texts("trusted").unwrap_or_default();
    let senders = Senders::parse(trusted).unwrap_or_else(|why| {
        peers.place_of("trusted").error(peers.report(), why.to_string());
        Senders::default()
    });
    peers.finish();
    senders
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
