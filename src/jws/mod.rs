//! JSON Web Signature, compact serialisation (RFC 7515), and JSON Web Key sets (RFC 7517).
//!
//! [`Unverified::parse`] reads a token once and borrows from it. Until a key has verified it, it
//! offers nothing but what selects that key. [`Unverified::verify`] consumes it; the key fixes the
//! algorithm and the header's `alg` is only compared.

mod certificates;
mod compact;
mod confirmation;
mod header;
pub(crate) mod json;
mod jwk;
mod jwks;
mod keys;
mod keyset;
mod possession;
#[cfg(feature = "sign")]
mod sign;
pub(crate) mod values;

pub use compact::{Authentic, Unverified};
pub(crate) use confirmation::confirmation;
pub use header::Header;
pub use jwks::{KeyRules, KeySetError, KeyWarning};
pub use keys::Keys;
pub use keyset::{Key, KeySet};
#[cfg(feature = "sign")]
pub use sign::{base64url, from_base64url, public_jwk, sign, try_sign};
