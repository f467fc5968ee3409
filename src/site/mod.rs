//! Tokens that a site issues: client tokens, each bound to its client's key, and bulk registration
//! tokens, which only register (docs/site-token.md). And, to be verified only, those of ConfigMgr.
//!
//! `Unverified` -> `Authentic` -> facts.

mod authentic;
mod claims;
mod format;
mod issuer;
mod unverified;

pub use format::{
    ALGORITHMS, BULK_LIFETIME_LEAST_S, BULK_LIFETIME_MOST_S, BULK_LIFETIME_S, BULK_TYP,
    CLIENT_LIFETIME_LEAST_S, CLIENT_LIFETIME_MOST_S, CLIENT_LIFETIME_S, CLIENT_TYP,
    CONFIGMGR_BULK_CATEGORY, GATE_AUDIENCE, ISSUER_PREFIX, POSSESSION_TYP, PROVENANCE_BULK_PREFIX,
    PROVENANCE_ENTRA_PREFIX, PROVENANCE_INTERNAL, PROVENANCE_PKI, REGISTRATION_AUDIENCE,
};
pub(crate) use issuer::SiteIssuer;
pub use issuer::{Format, Site};
pub(crate) use unverified::{Unverified, is_site, is_site_typ};
