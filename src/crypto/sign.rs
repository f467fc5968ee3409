//! Keys that sign: for the demo, the benches and the tests.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512,
    RsaEncoding, RsaKeyPair,
};
use ring::hmac;
use zeroize::Zeroizing;

use super::algorithm::{Algorithm, Curve, Family};
use super::key::Material;
use super::thumbprint::thumbprint;

/// A private key, or a secret, with the one algorithm that it signs by.
pub struct SigningKey {
    algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Rsa(Box<RsaKeyPair>, Parts),
    Ec(Box<EcdsaKeyPair>, Curve),
    Ed(Box<Ed25519KeyPair>),
    Secret(Zeroizing<Vec<u8>>),
}

struct Parts {
    n: Vec<u8>,
    e: Vec<u8>,
}

/// The library would not make a key or sign.
#[derive(Debug)]
pub struct SigningFailed;

impl SigningKey {
    /// Makes a new key: RSA keys have 2048 bits, secrets the length of the hash.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate(algorithm: Algorithm) -> Result<Self, SigningFailed> {
        let pair = match algorithm.family() {
            Family::Rsa => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
                let n = pair.public_key().modulus().big_endian_without_leading_zero().to_vec();
                let e = pair.public_key().exponent().big_endian_without_leading_zero().to_vec();
                Pair::Rsa(Box::new(pair), Parts { n, e })
            }
            Family::Ec(curve) => {
                let signing = match curve {
                    Curve::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
                    Curve::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
                    Curve::P521 => &ECDSA_P521_SHA512_FIXED_SIGNING,
                };
                Pair::Ec(Box::new(EcdsaKeyPair::generate(signing).map_err(failed)?), curve)
            }
            Family::Okp => Pair::Ed(Box::new(Ed25519KeyPair::generate().map_err(failed)?)),
            Family::Oct => {
                let mut secret = Zeroizing::new(vec![0; algorithm.hash_len()]);
                aws_lc_rs::rand::fill(&mut secret).map_err(failed)?;
                Pair::Secret(secret)
            }
        };
        Ok(Self { algorithm, pair })
    }

    /// The algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Signs, in the form that JWS wants (ECDSA as r || s).
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair, _) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(self.rsa_encoding(), &random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            Pair::Ec(pair, _) => Ok(pair.sign(&random, message).map_err(failed)?.as_ref().to_vec()),
            Pair::Ed(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Secret(secret) => {
                let hash = match self.algorithm {
                    Algorithm::Hs384 => hmac::HMAC_SHA384,
                    Algorithm::Hs512 => hmac::HMAC_SHA512,
                    _ => hmac::HMAC_SHA256,
                };
                Ok(hmac::sign(&hmac::Key::new(hash, secret), message).as_ref().to_vec())
            }
        }
    }

    /// The key's name among others: SHA-256 over its public half as a JWK (RFC 7638).
    #[must_use]
    pub fn thumbprint(&self) -> [u8; 32] {
        self.with_material(thumbprint)
    }

    /// Hands the public numbers, or the secret, to `read`.
    pub(crate) fn with_material<T>(&self, read: impl FnOnce(Material<'_>) -> T) -> T {
        match &self.pair {
            Pair::Rsa(_, Parts { n, e }) => read(Material::Rsa { n, e }),
            Pair::Ec(pair, curve) => {
                let point = pair.public_key().as_ref();
                let (x, y) = point[1..].split_at(curve.coordinate_len());
                read(Material::Ec { curve: *curve, x, y })
            }
            Pair::Ed(pair) => read(Material::Okp { x: pair.public_key().as_ref() }),
            Pair::Secret(secret) => read(Material::Oct { k: secret }),
        }
    }

    fn rsa_encoding(&self) -> &'static dyn RsaEncoding {
        match self.algorithm {
            Algorithm::Rs384 => &RSA_PKCS1_SHA384,
            Algorithm::Rs512 => &RSA_PKCS1_SHA512,
            Algorithm::Ps256 => &RSA_PSS_SHA256,
            Algorithm::Ps384 => &RSA_PSS_SHA384,
            Algorithm::Ps512 => &RSA_PSS_SHA512,
            _ => &RSA_PKCS1_SHA256,
        }
    }
}

fn failed<E>(_: E) -> SigningFailed {
    SigningFailed
}
