//! Keys that sign: for the site's authority, the demo, the benches and the tests.

use core::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use ring::hmac;
use zeroize::Zeroizing;

use super::algorithm::{Algorithm, Curve, Family};
use super::key::{Material, VerifyingKey};
use super::thumbprint::thumbprint;
use crate::guid::Guid;
use crate::limits::Limits;

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

/// The library would not make a key, write it down, sign, or give random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SigningFailed;

/// Why a private key was not taken; nothing of the key is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateKeyRejected(Box<str>);

impl SigningKey {
    /// Makes a new key: RSA keys have 2048 bits, secrets the length of the hash.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate(algorithm: Algorithm) -> Result<Self, SigningFailed> {
        Self::generate_sized(algorithm, KeySize::Rsa2048)
    }

    /// As [`SigningKey::generate`]; RSA keys are the smallest that the limits take.
    ///
    /// # Errors
    /// When no size that the library makes (2048, 3072, 4096, 8192 bits) is within the limits, or
    /// the system gives no random numbers.
    pub fn generate_within(algorithm: Algorithm, limits: &Limits) -> Result<Self, SigningFailed> {
        let sizes = [
            (2048, KeySize::Rsa2048),
            (3072, KeySize::Rsa3072),
            (4096, KeySize::Rsa4096),
            (8192, KeySize::Rsa8192),
        ];
        let taken = limits.rsa_min_bits..=limits.rsa_max_bits;
        let fitting = sizes.into_iter().find(|(bits, _)| taken.contains(bits));
        match (fitting, algorithm.family()) {
            (Some((_, size)), _) => Self::generate_sized(algorithm, size),
            (None, Family::Rsa) => Err(SigningFailed),
            (None, _) => Self::generate(algorithm),
        }
    }

    fn generate_sized(algorithm: Algorithm, rsa_size: KeySize) -> Result<Self, SigningFailed> {
        let pair = match algorithm.family() {
            Family::Rsa => rsa(RsaKeyPair::generate(rsa_size).map_err(failed)?),
            Family::Ec(curve) => {
                let pair = EcdsaKeyPair::generate(ecdsa(curve)).map_err(failed)?;
                Pair::Ec(Box::new(pair), curve)
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

    /// Reads an unencrypted private key from PKCS#8 (RFC 5958) for one algorithm. It has to be one
    /// whose public half a gate takes by its default limits: size, exponent, ROCA, order.
    ///
    /// # Errors
    /// When it is no PKCS#8, is for another key type or curve, or no gate would take it. Secrets
    /// have no such form.
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Result<Self, PrivateKeyRejected> {
        let other = || {
            let why = format!("it is not an unencrypted PKCS#8 private key for {algorithm}");
            PrivateKeyRejected(why.into())
        };
        let pair = match algorithm.family() {
            Family::Rsa => rsa(RsaKeyPair::from_pkcs8(der).map_err(|_| other())?),
            Family::Ec(curve) => {
                let pair = EcdsaKeyPair::from_pkcs8(ecdsa(curve), der).map_err(|_| other())?;
                Pair::Ec(Box::new(pair), curve)
            }
            Family::Okp => {
                Pair::Ed(Box::new(Ed25519KeyPair::from_pkcs8(der).map_err(|_| other())?))
            }
            Family::Oct => return Err(other()),
        };
        let key = Self { algorithm, pair };
        let taken = |material: Material<'_>| {
            VerifyingKey::new(algorithm, material, &Limits::default()).map(drop)
        };
        match key.with_material(taken) {
            Ok(()) => Ok(key),
            Err(why) => Err(PrivateKeyRejected(why.to_string().into())),
        }
    }

    /// The private key as PKCS#8 version 1 (RFC 5208, which every tool reads), not encrypted. The
    /// bytes are wiped when they are dropped.
    ///
    /// # Errors
    /// For a secret, which has no such form.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SigningFailed> {
        let copied = |der: &[u8]| Zeroizing::new(der.to_vec());
        match &self.pair {
            Pair::Rsa(pair, _) => {
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
                Ok(copied(der.as_ref()))
            }
            Pair::Ec(pair, _) => Ok(copied(pair.to_pkcs8v1().map_err(failed)?.as_ref())),
            Pair::Ed(pair) => Ok(copied(pair.to_pkcs8v1().map_err(failed)?.as_ref())),
            Pair::Secret(_) => Err(SigningFailed),
        }
    }

    /// The public key as a certificate holds it: SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), as
    /// DER.
    ///
    /// # Errors
    /// For a secret, which has no public half.
    pub fn to_spki(&self) -> Result<Vec<u8>, SigningFailed> {
        let der: PublicKeyX509Der<'_> = match &self.pair {
            Pair::Rsa(pair, _) => pair.public_key().as_der().map_err(failed)?,
            Pair::Ec(pair, _) => pair.public_key().as_der().map_err(failed)?,
            Pair::Ed(pair) => pair.public_key().as_der().map_err(failed)?,
            Pair::Secret(_) => return Err(SigningFailed),
        };
        Ok(der.as_ref().to_vec())
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

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.algorithm)
    }
}

impl fmt::Display for SigningFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cryptography library gave no key, signature or random number")
    }
}

impl std::error::Error for SigningFailed {}

impl fmt::Display for PrivateKeyRejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PrivateKeyRejected {}

/// A GUID that nobody can guess: version 4 (RFC 9562 section 5.4), 122 random bits.
///
/// # Errors
/// When the system gives no random numbers.
pub fn random_guid() -> Result<Guid, SigningFailed> {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).map_err(failed)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Ok(Guid(bytes))
}

fn rsa(pair: RsaKeyPair) -> Pair {
    let n = pair.public_key().modulus().big_endian_without_leading_zero().to_vec();
    let e = pair.public_key().exponent().big_endian_without_leading_zero().to_vec();
    Pair::Rsa(Box::new(pair), Parts { n, e })
}

fn ecdsa(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => &ECDSA_P521_SHA512_FIXED_SIGNING,
    }
}

fn failed<E>(_: E) -> SigningFailed {
    SigningFailed
}

#[cfg(test)]
#[path = "sign_tests.rs"]
mod tests;
