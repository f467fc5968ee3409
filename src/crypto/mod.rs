//! The only importer of a cryptography library.
//!
//! A [`VerifyingKey`] knows exactly one algorithm and is parsed once, when trust is loaded. Verifying
//! gives a [`Proven`]: whoever holds one has seen a good signature, or remembers one over the same bytes.

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
pub(crate) use key::{Always, Material, Proven, Signatures, VerifyingKey, WrongSignature};
pub use ring::sha256;
pub(crate) use ring::{Keyed, random, sha1};
#[cfg(feature = "sign")]
pub use sign::{PrivateKeyRejected, SigningFailed, SigningKey, random_guid};
pub(crate) use thumbprint::thumbprint;
pub(crate) use x509::CERTIFICATE_ALGORITHMS;
