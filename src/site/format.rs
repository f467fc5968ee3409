//! The words and bounds of a site's tokens, for those who make them and those who judge them.

use crate::crypto::Algorithm;

/// What a site may sign its tokens by; the first unless asked otherwise.
pub const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256];

/// `typ` of a client's own token. Its own, so that no token of another kind can stand in for it (RFC
/// 8725 section 3.11).
pub const CLIENT_TYP: &str = "tollgate-client+jwt";

/// `typ` of a bulk registration token.
pub const BULK_TYP: &str = "tollgate-bulk+jwt";

/// `aud` of a client's token: every gate of the site.
pub const GATE_AUDIENCE: &str = "urn:tollgate:gate";

/// `aud` of a bulk registration token: where clients register, and nowhere else.
pub const REGISTRATION_AUDIENCE: &str = "urn:tollgate:registration";

/// `iss` is this and the site's GUID in lower case.
pub const ISSUER_PREFIX: &str = "urn:tollgate:site:";

/// `provenance` of a client that was registered inside the network.
pub const PROVENANCE_INTERNAL: &str = "internal";

/// `provenance` of a client that came with a bulk token: this and the bulk token's GUID.
pub const PROVENANCE_BULK_PREFIX: &str = "bulk:";

/// `provenance` of a client that an Entra token vouched for: this and the tenant's GUID.
pub const PROVENANCE_ENTRA_PREFIX: &str = "entra:";

/// `provenance` of a client that a certificate of a configured PKI vouched for.
pub const PROVENANCE_PKI: &str = "pki";

/// `typ` of a proof that a client holds its key: to register, and to renew.
pub const POSSESSION_TYP: &str = "tollgate-pop+jwt";

/// Life of a client's token in seconds unless asked otherwise: 90 days, as ConfigMgr's.
pub const CLIENT_LIFETIME_S: i64 = 90 * 86_400;

/// Shortest life of a client's token in seconds: 1 h. A shorter one ends before clients whose clocks
/// differ by the widest skew have seen half of it.
pub const CLIENT_LIFETIME_LEAST_S: i64 = 3_600;

/// Longest life of a client's token in seconds: 366 days, a leap year. What lives longer is a key.
pub const CLIENT_LIFETIME_MOST_S: i64 = 366 * 86_400;

/// Life of a bulk token in seconds unless asked otherwise: 4,320 minutes (3 days), as ConfigMgr's.
pub const BULK_LIFETIME_S: i64 = 4_320 * 60;

/// Shortest life of a bulk token in seconds: 5 minutes, the usual skew of clocks. ConfigMgr documents
/// no least one.
pub const BULK_LIFETIME_LEAST_S: i64 = 5 * 60;

/// Longest life of a bulk token in seconds: 10,080 minutes (7 days), as ConfigMgr's.
pub const BULK_LIFETIME_MOST_S: i64 = 10_080 * 60;

/// `iss` of ConfigMgr's tokens is this and the hierarchy's GUID in lower case.
pub(crate) const CONFIGMGR_ISSUER_PREFIX: &str = "urn:sccm:oauth2:";

/// `aud` of ConfigMgr's tokens, of every kind.
pub(crate) const CONFIGMGR_AUDIENCE: &str = "urn:sccm:service";

/// `SCCMTokenCategory` of ConfigMgr's bulk registration tokens.
pub const CONFIGMGR_BULK_CATEGORY: &str = "SCCMPreAuthToken";
