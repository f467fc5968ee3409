//! Client certificates as credentials: a path to an anchor of a configured PKI, the name in the
//! certificate that becomes the principal, and the rules that select certificates.
//!
//! `Unverified` -> `Authentic` -> facts, as for tokens.

mod authentic;
mod authority;
mod described;
mod naming;
mod select;
mod unverified;

pub use authority::{Pki, PrincipalName};
pub(crate) use naming::principal_name;
pub use select::{BadRule, FittingName, IssuerRule, SelectRule};
pub(crate) use unverified::{NoPath, Unverified, is_nobodys, steady};
