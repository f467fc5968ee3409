//! What proving a path costs, known before it is proven, and how much of it one check may spend.
//!
//! One unit is a microsecond of the machine of docs/performance.md (section "Chains"): aws-lc-rs as
//! rustls-webpki calls it (key not parsed before), 600 signed bytes, medians of 60 rounds in turns. A
//! wrong signature costs what a good one does. ring's figures differ (P-384 by a factor of four); the
//! bound is the same number of signatures there, and longer.

use rustls_pki_types::{AlgorithmIdentifier, alg_id};

use super::der::{Reader, tag, unsigned};
use crate::limits::{PATH_CANDIDATES, PATH_P384_SIGNATURES, PATH_STEPS, RSA_EXPONENT};

/// Curves: with the point as it is mostly written, and with a compressed one (RFC 5480 section 2.2),
/// whose other half must be found first.
const CURVES: [(AlgorithmIdentifier, u32, u32); 3] =
    [(alg_id::ECDSA_P256, 51, 64), (alg_id::ECDSA_P384, P384, 230), (alg_id::ECDSA_P521, 336, 414)];

const P384: u32 = 194;
const ED25519: u32 = 38;

/// By the most bits of the modulus that it holds for. The kernel takes none under 2048 or over 8192.
const RSA: [(usize, u32); 4] = [(2048, 19), (3072, 38), (4096, 64), (8192, 240)];
const RSA_LEAST_BITS: usize = 2048;

/// Hashing: 1.6 ns a byte by SHA-512, 0.55 by SHA-256 (which the processor helps with).
const BYTES_A_UNIT: usize = 512;

/// Picoseconds that the kernel takes to hold one name against one constraint, and for each byte of
/// either: it reads both anew each time. Measured 11 to 14 ns and 1.2 ns.
const COMPARISON_PS: u64 = 15_000;
const COMPARED_BYTE_PS: u64 = 1_250;

/// What one check may spend on paths, whichever PKIs it tries in turn.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Paths that may still be proven.
    paths: usize,
    /// Issuers that may still be looked at.
    looks: usize,
    /// What signatures and names may still cost.
    units: u32,
}

impl Budget {
    /// All that [`crate::limits`] gives one check.
    pub(crate) const fn new() -> Self {
        Self { paths: PATH_CANDIDATES, looks: PATH_STEPS, units: PATH_P384_SIGNATURES * P384 }
    }

    /// Takes one look, if there is one left.
    pub(super) fn look(&mut self) -> bool {
        let left = self.looks.checked_sub(1);
        self.looks = left.unwrap_or(0);
        left.is_some()
    }

    /// Whether a path of this cost could be proven still.
    pub(super) fn could_afford(&self, units: u32) -> bool {
        self.paths > 0 && units <= self.units
    }

    /// Takes one path of this cost, or, if it does not fit, nothing.
    pub(super) fn afford(&mut self, units: u32) -> bool {
        let fits = self.could_afford(units);
        if fits {
            self.paths -= 1;
            self.units -= units;
        }
        fits
    }
}

/// How many names there are, and in how many bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Names {
    pub(super) count: u64,
    pub(super) bytes: u64,
}

impl Names {
    pub(super) fn and(self, other: Self) -> Self {
        Self { count: self.count + other.count, bytes: self.bytes + other.bytes }
    }
}

/// What one signature over this many bytes costs, by the cost of the key.
pub(super) fn of_signature(key: u32, bytes: usize) -> u32 {
    key.saturating_add(u32::try_from(bytes / BYTES_A_UNIT).unwrap_or(u32::MAX))
}

/// What holding each name against each constraint costs.
pub(super) fn of_names(constraints: Names, names: Names) -> u32 {
    let comparisons = constraints.count.saturating_mul(names.count);
    let bytes = constraints.count.saturating_mul(names.bytes);
    let bytes = bytes.saturating_add(names.count.saturating_mul(constraints.bytes));
    let ps = comparisons.saturating_mul(COMPARISON_PS);
    let ps = ps.saturating_add(bytes.saturating_mul(COMPARED_BYTE_PS));
    u32::try_from(ps / 1_000_000).unwrap_or(u32::MAX)
}

/// What checking one short signature by a key costs. `None` for keys that no algorithm of ours takes,
/// and for those that are only there to be dear.
///
/// `algorithm` is the content of an AlgorithmIdentifier, `key` that of the BIT STRING behind it.
pub(super) fn of_key(algorithm: &[u8], key: &[u8]) -> Option<u32> {
    if algorithm == alg_id::RSA_ENCRYPTION.as_ref() {
        return of_rsa(key);
    }
    if algorithm == alg_id::ED25519.as_ref() {
        return Some(ED25519);
    }
    let (_, whole, compressed) = CURVES.iter().find(|(id, ..)| algorithm == id.as_ref())?;
    Some(if key.first() == Some(&UNCOMPRESSED) { *whole } else { *compressed })
}

/// The first byte of a point (SEC 1 section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// RSAPublicKey (RFC 8017 section A.1.1).
fn of_rsa(key: &[u8]) -> Option<u32> {
    let mut numbers = Reader::only(key, tag::SEQUENCE).ok()?;
    let modulus = unsigned(numbers.integer().ok()?).ok()?;
    let exponent = unsigned(numbers.integer().ok()?).ok()?;
    let bits = modulus.len() * 8 - modulus.first()?.leading_zeros() as usize;
    let exponent = exponent.iter().try_fold(0_u64, |number, byte| {
        number.checked_mul(256).map(|number| number + u64::from(*byte))
    })?;
    if bits < RSA_LEAST_BITS || exponent > RSA_EXPONENT {
        return None;
    }
    RSA.iter().find(|(most, _)| bits <= *most).map(|(_, units)| *units)
}
