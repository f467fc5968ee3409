//! X.509 certificates (RFC 5280): read once, and proven by a path that we choose.
//!
//! [`Certificate`] is a certificate as data. [`Store`] holds the anchors and intermediates that an
//! administrator configured, indexed by subject. [`path::validate`] picks at most four candidate
//! chains by name and key identifier and has rustls-webpki prove exactly one of them at a time, so
//! that no stranger decides how much work a path costs.

mod certificate;
mod cost;
mod crl;
mod der;
mod fields;
mod file;
mod marks;
mod names;
pub mod path;
mod proof;
mod public_key;
mod search;
mod store;

pub use certificate::{BadCertificate, Certificate};
pub(crate) use cost::Budget;
pub(crate) use crl::Steady;
pub use crl::{BadCrl, Crl, CrlRules, Crls, Depth, Listed, Revocation, Status, Unknown, crl_ders};
pub(crate) use file::ders;
pub(crate) use marks::serial_unsigned;
pub(crate) use names::{COMMON_NAME, attribute_type};
pub use names::{DistinguishedName, NameKind, Names};
pub use path::{Path, Profile};
pub use store::{BadAnchor, Store};
