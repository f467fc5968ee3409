//! What a site's tokens look like, once for those who sign and those who verify (docs/site-token.md).

/// Header `typ` of a client token.
pub const CLIENT_TYP: &str = "tollgate-client+jwt";

/// Header `typ` of a bulk registration token.
pub const BULK_TYP: &str = "tollgate-bulk+jwt";

/// `aud` of client tokens: gates, all of them.
pub const GATE_AUDIENCE: &str = "urn:tollgate:gate";

/// `aud` of bulk registration tokens: registration and nothing else.
pub const REGISTRATION_AUDIENCE: &str = "urn:tollgate:registration";

/// `iss` is this and the site's GUID, in lower case.
pub const ISSUER_PREFIX: &str = "urn:tollgate:site:";

/// How long a client token lives in seconds, unless the site says otherwise: 90 days
/// (deploy-clients-cmg-token).
pub const CLIENT_LIFETIME_S: i64 = 90 * 86_400;

/// The longest life of a client token in seconds: a year.
pub const CLIENT_LIFETIME_MOST_S: i64 = 366 * 86_400;
