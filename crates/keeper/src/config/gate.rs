//! `[gate]` and `[limits]`.

use std::time::Duration;

use tollgate::limits::{RSA_BITS_WIDEST, TOKEN_BYTES_MOST};
use tollgate::{Limits, Policy, Senders};

use super::section::Section;

/// What holds for every endpoint and issuer.
pub(crate) struct GateSettings {
    pub(crate) skew_s: i64,
    pub(crate) limits: Limits,
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
    section.finish();
    GateSettings { skew_s: skew.map_or(DEFAULT_SKEW_S, seconds), limits }
}

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
