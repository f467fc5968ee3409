//! The signature algorithms that certificates may use, for the path kernel.
//!
//! aws-lc-rs where it is in the build (a P-384 chain costs a quarter of ring's, and ring has no
//! P-521), else ring. No SHA-1, no DSA, no RSA under 2048 bits: none of them is in either list.

use rustls_pki_types::SignatureVerificationAlgorithm;

#[cfg(feature = "aws-lc")]
use webpki::aws_lc_rs as library;
#[cfg(not(feature = "aws-lc"))]
use webpki::ring as library;

pub(crate) static CERTIFICATE_ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    library::ECDSA_P256_SHA256,
    library::ECDSA_P256_SHA384,
    library::ECDSA_P384_SHA256,
    library::ECDSA_P384_SHA384,
    #[cfg(feature = "aws-lc")]
    library::ECDSA_P384_SHA512,
    #[cfg(feature = "aws-lc")]
    library::ECDSA_P256_SHA512,
    #[cfg(feature = "aws-lc")]
    library::ECDSA_P521_SHA256,
    #[cfg(feature = "aws-lc")]
    library::ECDSA_P521_SHA384,
    #[cfg(feature = "aws-lc")]
    library::ECDSA_P521_SHA512,
    library::RSA_PKCS1_2048_8192_SHA256,
    library::RSA_PKCS1_2048_8192_SHA384,
    library::RSA_PKCS1_2048_8192_SHA512,
    library::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
    library::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
    library::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
    library::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    library::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    library::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    library::ED25519,
];
