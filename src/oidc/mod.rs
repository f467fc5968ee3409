//! Tokens of Microsoft Entra ID and of any other OpenID Connect issuer.
//!
//! `Unverified` -> `Authentic` -> facts. Both kinds of issuer run through the same machine; what
//! is Entra's own stands in `entra.rs`.

mod authentic;
mod claims;
mod entra;
mod issuer;
mod project;
mod unverified;
mod values;
mod who;

pub(crate) use claims::Iss;
pub use entra::Cloud;
pub(crate) use entra::EntraIssuer;
pub use issuer::{Form, Issuer};
pub(crate) use project::{forwarded, subject, write_payload};
pub(crate) use unverified::Unverified;
