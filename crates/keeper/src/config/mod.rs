//! `tollgate.toml`, read strictly: an unknown key is an error, and every error says where.

mod deny;
mod endpoint;
mod feed;
mod gate;
mod issuers;
mod pki;
mod report;
mod section;
mod site;
mod values;

pub(crate) use deny::{DenySettings, SerialsOf, read_deny};
pub(crate) use endpoint::read_endpoints;
pub(crate) use feed::{FeedFrom, FeedSettings};
pub(crate) use gate::{read_gate, read_senders};
pub(crate) use issuers::{IssuerSettings, JoinSetting, KeySource, KeysFrom, is_hmac, read_issuers};
pub(crate) use pki::{Files, PkiSettings, RevocationSettings, read_pkis};
pub(crate) use report::Report;
pub use report::{ConfigError, ConfigErrors};
pub(crate) use section::{Place, Section};
pub(crate) use site::{SiteSettings, read_sites};
