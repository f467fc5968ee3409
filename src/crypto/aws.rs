//! Keys served by aws-lc-rs, which keeps them parsed.

use aws_lc_rs::signature::{
    self as library, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED,
    ED25519, ParsedPublicKey, RsaPublicKeyComponents, VerificationAlgorithm,
};

use super::algorithm::{Algorithm, Curve};
use super::key::{KeyRejected, Material, uncompressed};
use super::rsa::rsa_parameters;

pub(super) struct Key(ParsedPublicKey);

impl Key {
    pub(super) fn new(algorithm: Algorithm, material: Material<'_>) -> Result<Self, KeyRejected> {
        let parsed = match material {
            Material::Rsa { n, e } => {
                let parameters = rsa_parameters!(algorithm, n)?;
                RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters)
            }
            Material::Ec { curve, x, y } => {
                let verification: &'static dyn VerificationAlgorithm = match curve {
                    Curve::P256 => &ECDSA_P256_SHA256_FIXED,
                    Curve::P384 => &ECDSA_P384_SHA384_FIXED,
                    Curve::P521 => &ECDSA_P521_SHA512_FIXED,
                };
                ParsedPublicKey::new(verification, uncompressed(x, y))
            }
            Material::Okp { x } => ParsedPublicKey::new(&ED25519, x),
            Material::Oct { .. } => return Err(KeyRejected::WrongFamily(algorithm)),
        };
        parsed.map(Self).map_err(|_| KeyRejected::NotAKey)
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}
