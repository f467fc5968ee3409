//! Keys served by ring: everything in a build without aws-lc-rs, and secrets always.

use ::ring::signature::{
    self as library, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use ::ring::{agreement, digest, hmac, rand};

use super::algorithm::{Algorithm, Curve};
use super::key::{KeyRejected, Material, uncompressed};
use super::rsa::rsa_parameters;

pub(super) enum Key {
    Rsa(&'static RsaParameters, RsaPublicKeyComponents<Box<[u8]>>),
    Point(UnparsedPublicKey<Vec<u8>>),
    Secret(hmac::Key),
}

impl Key {
    pub(super) fn new(algorithm: Algorithm, material: Material<'_>) -> Result<Self, KeyRejected> {
        match material {
            Material::Rsa { n, e } => {
                let parameters = rsa_parameters!(algorithm, n)?;
                Ok(Self::Rsa(parameters, RsaPublicKeyComponents { n: n.into(), e: e.into() }))
            }
            Material::Ec { curve, x, y } => {
                let (verification, agreement): (&dyn VerificationAlgorithm, _) = match curve {
                    Curve::P256 => (&ECDSA_P256_SHA256_FIXED, &agreement::ECDH_P256),
                    Curve::P384 => (&ECDSA_P384_SHA384_FIXED, &agreement::ECDH_P384),
                    Curve::P521 => return Err(KeyRejected::NotInThisBuild(algorithm)),
                };
                let point = uncompressed(x, y);
                check_point(agreement, &point)?;
                Ok(Self::Point(UnparsedPublicKey::new(verification, point)))
            }
            Material::Okp { x } => Ok(Self::Point(UnparsedPublicKey::new(&ED25519, x.to_vec()))),
            Material::Oct { k } => {
                let hash = match algorithm {
                    Algorithm::Hs256 => hmac::HMAC_SHA256,
                    Algorithm::Hs384 => hmac::HMAC_SHA384,
                    Algorithm::Hs512 => hmac::HMAC_SHA512,
                    _ => return Err(KeyRejected::WrongFamily(algorithm)),
                };
                Ok(Self::Secret(hmac::Key::new(hash, k)))
            }
        }
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa(parameters, key) => key.verify(parameters, message, signature).is_ok(),
            Self::Point(key) => key.verify(message, signature).is_ok(),
            Self::Secret(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

/// A keyed hash of 128 bits (HMAC-SHA-256, truncated as RFC 2104 section 5 allows), under a key that
/// nobody else has.
pub(crate) struct Keyed(hmac::Key);

impl Keyed {
    /// Under a fresh random key; `None` when the system gives no random numbers.
    pub(crate) fn new() -> Option<Self> {
        Some(Self(hmac::Key::new(hmac::HMAC_SHA256, &random::<32>()?)))
    }

    pub(crate) fn hash(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        let mut hash = [0; 16];
        hash.copy_from_slice(&context.sign().as_ref()[..16]);
        hash
    }
}

/// Random bytes of the system; `None` when it gives none.
pub(crate) fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    rand::SecureRandom::fill(&rand::SystemRandom::new(), &mut bytes).ok()?;
    Some(bytes)
}

/// SHA-256 over the parts, one behind the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = digest::Context::new(&digest::SHA256);
    for part in parts {
        hash.update(part);
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(hash.finish().as_ref());
    bytes
}

/// Names certificates (`x5t`); proves nothing.
pub(crate) fn sha1(bytes: &[u8]) -> [u8; 20] {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes);
    let mut name = [0; 20];
    name.copy_from_slice(digest.as_ref());
    name
}

/// ring parses a point only when it verifies; an agreement with a throw-away key makes it look now,
/// so that a broken key is named when it is loaded and not met as wrong signatures.
fn check_point(curve: &'static agreement::Algorithm, point: &[u8]) -> Result<(), KeyRejected> {
    let random = rand::SystemRandom::new();
    let own = agreement::EphemeralPrivateKey::generate(curve, &random);
    let own = own.map_err(|_| KeyRejected::NotAKey)?;
    let peer = agreement::UnparsedPublicKey::new(curve, point);
    agreement::agree_ephemeral(own, &peer, |_| ()).map_err(|_| KeyRejected::NotAKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_off_the_curve_is_noticed_when_it_is_loaded() {
        for (algorithm, curve) in [(Algorithm::Es256, Curve::P256), (Algorithm::Es384, Curve::P384)]
        {
            let x = vec![1; curve.coordinate_len()];
            let made = Key::new(algorithm, Material::Ec { curve, x: &x, y: &x });
            assert_eq!(made.err(), Some(KeyRejected::NotAKey));
        }
    }
}
