//! Keys served by aws-lc-rs, which keeps them parsed.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    ParsedPublicKey, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    VerificationAlgorithm,
};

use super::algorithm::{Algorithm, Curve};
use super::key::{KeyRejected, Material, uncompressed};

pub(super) struct Key(ParsedPublicKey);

impl Key {
    pub(super) fn new(algorithm: Algorithm, material: Material<'_>) -> Result<Self, KeyRejected> {
        let parsed = match material {
            Material::Rsa { n, e } => {
                let parameters = rsa_parameters(algorithm, n.len() * 8 < 2048)
                    .ok_or(KeyRejected::NotInThisBuild(algorithm))?;
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

/// PSS salt length is the hash length in each of these (RFC 7518 section 3.5).
fn rsa_parameters(algorithm: Algorithm, legacy_size: bool) -> Option<&'static RsaParameters> {
    Some(match (algorithm, legacy_size) {
        (Algorithm::Rs256, false) => &RSA_PKCS1_2048_8192_SHA256,
        (Algorithm::Rs384, false) => &RSA_PKCS1_2048_8192_SHA384,
        (Algorithm::Rs512, false) => &RSA_PKCS1_2048_8192_SHA512,
        (Algorithm::Ps256, false) => &RSA_PSS_2048_8192_SHA256,
        (Algorithm::Ps384, false) => &RSA_PSS_2048_8192_SHA384,
        (Algorithm::Ps512, false) => &RSA_PSS_2048_8192_SHA512,
        (Algorithm::Rs256, true) => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (Algorithm::Rs512, true) => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        _ => return None,
    })
}
