//! Keys that verify: checked when they are loaded, parsed once, fixed to one algorithm.

use core::fmt;

use super::algorithm::{Algorithm, Curve, Family};
use super::{ring, rsa};
use crate::limits::Limits;
use crate::reason::{Reason, Refusal};

/// SHA-256 over the algorithm and the public key: what a remembered signature is bound to.
///
/// Never the `kid`, which an issuer may give to another key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 32]);

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A signature was verified: only [`VerifyingKey::verify`] makes one, and whoever remembers that it did.
#[derive(Debug)]
pub(crate) struct Proven {
    key: KeyId,
}

/// Asked before each signature of a token: it may know the outcome for these very bytes, or not want to
/// pay for it.
pub(crate) trait Signatures {
    /// The outcome of `verify` under this key.
    ///
    /// # Errors
    /// 2012 for a wrong signature; 6003 where it may not be tried now.
    fn token(
        &mut self,
        key: KeyId,
        verify: &mut dyn FnMut() -> Result<Proven, WrongSignature>,
    ) -> Result<Proven, Refusal>;
}

/// Remembers nothing and always pays.
pub(crate) struct Always;

impl Signatures for Always {
    fn token(
        &mut self,
        _: KeyId,
        verify: &mut dyn FnMut() -> Result<Proven, WrongSignature>,
    ) -> Result<Proven, Refusal> {
        verify().map_err(|_| Reason::SignatureWrong.into())
    }
}

impl Proven {
    /// For bytes that were compared, all of them, with those of a token that this key had verified. The
    /// gate's memory alone calls it (tests/structure.rs holds it to that).
    pub(crate) fn remembered(key: KeyId) -> Self {
        Self { key }
    }

    /// The key under which it was verified.
    pub(crate) fn key(&self) -> KeyId {
        self.key
    }
}

/// The signature is wrong. Deliberately says nothing else.
#[derive(Debug)]
pub(crate) struct WrongSignature;

/// A public key's numbers, or a secret, as a JWK gives them.
#[derive(Clone, Copy)]
pub(crate) enum Material<'a> {
    Rsa { n: &'a [u8], e: &'a [u8] },
    Ec { curve: Curve, x: &'a [u8], y: &'a [u8] },
    Okp { x: &'a [u8] },
    Oct { k: &'a [u8] },
}

impl Material<'_> {
    pub(crate) fn family(self) -> Family {
        match self {
            Self::Rsa { .. } => Family::Rsa,
            Self::Ec { curve, .. } => Family::Ec(curve),
            Self::Okp { .. } => Family::Okp,
            Self::Oct { .. } => Family::Oct,
        }
    }
}

/// Why a key was not taken. Goes into a warning beside the key's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyRejected {
    /// The algorithm is for another key type or curve.
    WrongFamily(Algorithm),
    /// RSA modulus in bits, and the bounds.
    RsaBits { got: usize, least: usize, most: usize },
    /// The exponent is even, below 3, or above the bound.
    RsaExponent { most: u64 },
    /// Made by the broken generator of CVE-2017-15361 (ROCA).
    Roca,
    /// A coordinate or key has another length than its curve demands.
    Length { got: usize, expected: usize },
    /// Not a point of the curve, or not a key.
    NotAKey,
    /// An HMAC secret shorter than the hash (RFC 7518 section 3.2).
    SecretTooShort { got: usize, least: usize },
    /// No library of this build verifies it.
    NotInThisBuild(Algorithm),
}

impl fmt::Display for KeyRejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongFamily(algorithm) => {
                write!(f, "its key type or curve is not one for {algorithm}")
            }
            Self::RsaBits { got, least, most } => {
                write!(f, "its modulus has {got} bits; {least} to {most} are allowed")
            }
            Self::RsaExponent { most } => {
                write!(f, "its exponent is not an odd number from 3 to {most}")
            }
            Self::Roca => {
                f.write_str("its modulus was made by a broken generator (CVE-2017-15361)")
            }
            Self::Length { got, expected } => {
                write!(f, "a part of it has {got} bytes instead of {expected}")
            }
            Self::NotAKey => f.write_str("its numbers are not a key (not a point of the curve)"),
            Self::SecretTooShort { got, least } => {
                write!(f, "the secret has {got} bytes; at least {least} are needed")
            }
            Self::NotInThisBuild(algorithm) => {
                write!(f, "this build cannot verify {algorithm} with such a key")
            }
        }
    }
}

/// A key that verifies one algorithm and no other.
pub(crate) struct VerifyingKey {
    algorithm: Algorithm,
    id: KeyId,
    engine: Engine,
}

/// Which library serves the key: see docs/performance.md for the measurement.
enum Engine {
    #[cfg(feature = "aws-lc")]
    Aws(super::aws::Key),
    Ring(ring::Key),
}

impl VerifyingKey {
    /// Checks the numbers and parses the key.
    ///
    /// # Errors
    /// The reason for a warning: family, size, exponent, ROCA, point, secret length.
    pub(crate) fn new(
        algorithm: Algorithm,
        material: Material<'_>,
        limits: &Limits,
    ) -> Result<Self, KeyRejected> {
        let material = check(algorithm, material, limits)?;
        let id = KeyId(fingerprint(algorithm, material));
        Ok(Self { algorithm, id, engine: engine(algorithm, material)? })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn id(&self) -> KeyId {
        self.id
    }

    /// Verifies; RFC 7515 section 5.2. MACs are compared in constant time.
    pub(crate) fn verify(
        &self,
        message: &[u8],
        signature: &[u8],
    ) -> Result<Proven, WrongSignature> {
        let good = match &self.engine {
            #[cfg(feature = "aws-lc")]
            Engine::Aws(key) => key.verifies(message, signature),
            Engine::Ring(key) => key.verifies(message, signature),
        };
        if good { Ok(Proven { key: self.id }) } else { Err(WrongSignature) }
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({} {:?})", self.algorithm, self.id)
    }
}

/// aws-lc-rs parses RSA, EC and Ed25519 keys once and is the faster of the two for each; secrets
/// stay with ring, whose HMAC key is prepared once as well.
#[cfg(feature = "aws-lc")]
fn engine(algorithm: Algorithm, material: Material<'_>) -> Result<Engine, KeyRejected> {
    match material {
        Material::Oct { .. } => ring::Key::new(algorithm, material).map(Engine::Ring),
        _ => super::aws::Key::new(algorithm, material).map(Engine::Aws),
    }
}

#[cfg(not(feature = "aws-lc"))]
fn engine(algorithm: Algorithm, material: Material<'_>) -> Result<Engine, KeyRejected> {
    ring::Key::new(algorithm, material).map(Engine::Ring)
}

fn check<'a>(
    algorithm: Algorithm,
    material: Material<'a>,
    limits: &Limits,
) -> Result<Material<'a>, KeyRejected> {
    let exact = |got: usize, expected: usize| {
        if got == expected { Ok(()) } else { Err(KeyRejected::Length { got, expected }) }
    };
    match (algorithm.family(), material) {
        (Family::Rsa, Material::Rsa { n, e }) => rsa::check(n, e, limits),
        (Family::Ec(wanted), Material::Ec { curve, x, y }) if wanted == curve => {
            exact(x.len(), curve.coordinate_len())?;
            exact(y.len(), curve.coordinate_len())?;
            Ok(material)
        }
        (Family::Okp, Material::Okp { x }) => match <[u8; 32]>::try_from(x) {
            Ok(point) if is_of_small_order(point) => Err(KeyRejected::NotAKey),
            Ok(_) => Ok(material),
            Err(_) => Err(KeyRejected::Length { got: x.len(), expected: 32 }),
        },
        (Family::Oct, Material::Oct { k }) if k.len() >= algorithm.hash_len() => Ok(material),
        (Family::Oct, Material::Oct { k }) => {
            Err(KeyRejected::SecretTooShort { got: k.len(), least: algorithm.hash_len() })
        }
        _ => Err(KeyRejected::WrongFamily(algorithm)),
    }
}

/// The Ed25519 points of order 1, 2, 4 and 8, in all their spellings: under them anybody can sign one
/// message of every eight, or more. An all-zero key is one of them, and no library refuses it.
fn is_of_small_order(mut y: [u8; 32]) -> bool {
    const ORDER_8: [[u8; 32]; 2] = [
        *b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\
           \xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
        *b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\
           \x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
    ];
    // The sign of x; what is left is y, least byte first.
    y[31] &= 0x7f;
    let all_between =
        |middle: u8, last: u8| y[1..31].iter().all(|byte| *byte == middle) && y[31] == last;
    let is_0_or_1 = all_between(0, 0) && y[0] <= 1;
    // p - 1, p, p + 1, where p = 2^255 - 19.
    let is_near_p = all_between(0xff, 0x7f) && (0xec..=0xee).contains(&y[0]);
    is_0_or_1 || is_near_p || ORDER_8.contains(&y)
}

fn fingerprint(algorithm: Algorithm, material: Material<'_>) -> [u8; 32] {
    let (first, second): (&[u8], &[u8]) = match material {
        Material::Rsa { n, e } => (n, e),
        Material::Ec { x, y, .. } => (x, y),
        Material::Okp { x } => (x, &[]),
        Material::Oct { k } => (k, &[]),
    };
    // Lengths stand before parts of variable length, so that no two keys share an input.
    let length = (first.len() as u64).to_be_bytes();
    ring::sha256(&[algorithm.name().as_bytes(), &[0], &length, first, second])
}

/// An uncompressed point, SEC 1 section 2.3.3: what both libraries read.
pub(super) fn uncompressed(x: &[u8], y: &[u8]) -> Vec<u8> {
    [&[4], x, y].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_must_be_as_long_as_the_hash() {
        let new = |len: usize| {
            let k = vec![7; len];
            VerifyingKey::new(Algorithm::Hs384, Material::Oct { k: &k }, &Limits::default())
        };
        assert_eq!(new(47).unwrap_err(), KeyRejected::SecretTooShort { got: 47, least: 48 });
        assert_eq!(new(0).unwrap_err(), KeyRejected::SecretTooShort { got: 0, least: 48 });
        assert!(new(48).is_ok());
    }

    #[test]
    fn a_public_key_never_becomes_a_secret() {
        let n = [0xff; 256];
        let material = Material::Rsa { n: &n, e: &[1, 0, 1] };
        let made = VerifyingKey::new(Algorithm::Hs256, material, &Limits::default());
        assert_eq!(made.unwrap_err(), KeyRejected::WrongFamily(Algorithm::Hs256));
    }

    #[test]
    fn a_point_off_the_curve_is_no_key() {
        for (algorithm, curve) in [(Algorithm::Es256, Curve::P256), (Algorithm::Es384, Curve::P384)]
        {
            let x = vec![1; curve.coordinate_len()];
            let material = Material::Ec { curve, x: &x, y: &x };
            let made = VerifyingKey::new(algorithm, material, &Limits::default());
            assert_eq!(made.unwrap_err(), KeyRejected::NotAKey);
        }
    }
}
