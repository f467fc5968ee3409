//! The only importer of a cryptography library.
//!
//! A [`VerifyingKey`] knows exactly one algorithm and is parsed once, when trust is loaded. Verifying
//! gives a [`Proven`], which nothing else can make: whoever holds one has seen a good signature.

mod algorithm;
#[cfg(feature = "aws-lc")]
mod aws;
mod key;
#[cfg(feature = "sign")]
pub mod raw;
mod ring;
mod rsa;
#[cfg(feature = "sign")]
mod sign;
mod thumbprint;
mod x509;

pub use algorithm::Algorithm;
pub(crate) use algorithm::{Curve, Family};
pub use key::KeyId;
pub(crate) use key::{Material, Proven, VerifyingKey};
pub(crate) use ring::{sha1, sha256};
#[cfg(feature = "sign")]
pub use sign::{PrivateKeyRejected, SigningFailed, SigningKey, random_guid};
pub(crate) use thumbprint::thumbprint;
pub(crate) use x509::CERTIFICATE_ALGORITHMS;
