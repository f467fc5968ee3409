//! Reasons as the gateway's readers know them: numbers and names that never change.
//!
//! Written by hand and not taken from the table under test, so that renaming or renumbering a
//! reason is noticed here.

/// Number and name of a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Refusal(pub(crate) u16, pub(crate) &'static str);

impl Refusal {
    /// The class that the thousands of the number stand for.
    pub(crate) fn class(self) -> &'static str {
        match self.0 / 1000 {
            1 => "malformed",
            2 => "untrusted",
            3 => "untimely",
            4 => "unsuitable",
            5 => "withdrawn",
            6 => "undecidable",
            _ => panic!("{self:?} has no class"),
        }
    }
}

pub(crate) const NO_CREDENTIAL: Refusal = Refusal(1001, "no_credential");
pub(crate) const TOKEN_TOO_LARGE: Refusal = Refusal(1002, "token_too_large");
pub(crate) const TOKEN_SHAPE: Refusal = Refusal(1003, "token_shape");
pub(crate) const TOKEN_ENCRYPTED: Refusal = Refusal(1004, "token_encrypted");
pub(crate) const TOKEN_ENCODING: Refusal = Refusal(1005, "token_encoding");
pub(crate) const HEADER_JSON: Refusal = Refusal(1006, "header_json");
pub(crate) const HEADER_DUPLICATE: Refusal = Refusal(1007, "header_duplicate");
pub(crate) const HEADER_MEMBER: Refusal = Refusal(1008, "header_member");
pub(crate) const HEADER_KEY: Refusal = Refusal(1009, "header_key");
pub(crate) const HEADER_CRITICAL: Refusal = Refusal(1010, "header_critical");
pub(crate) const HEADER_B64: Refusal = Refusal(1011, "header_b64");
pub(crate) const PAYLOAD_JSON: Refusal = Refusal(1012, "payload_json");
pub(crate) const PAYLOAD_DUPLICATE: Refusal = Refusal(1013, "payload_duplicate");
pub(crate) const CLAIM_TYPE: Refusal = Refusal(1014, "claim_type");
pub(crate) const CLAIM_MISSING: Refusal = Refusal(1015, "claim_missing");
pub(crate) const TIMES_CONTRADICT: Refusal = Refusal(1016, "times_contradict");
pub(crate) const CLAIM_TOO_LONG: Refusal = Refusal(1017, "claim_too_long");

pub(crate) const ALGORITHM_UNKNOWN: Refusal = Refusal(2001, "algorithm_unknown");
pub(crate) const ALGORITHM_MISMATCH: Refusal = Refusal(2002, "algorithm_mismatch");
pub(crate) const ISSUER_UNKNOWN: Refusal = Refusal(2003, "issuer_unknown");
pub(crate) const TENANT_UNKNOWN: Refusal = Refusal(2004, "tenant_unknown");
pub(crate) const TENANT_MISMATCH: Refusal = Refusal(2005, "tenant_mismatch");
pub(crate) const VERSION_MISMATCH: Refusal = Refusal(2006, "version_mismatch");
pub(crate) const UNPROVEN_AUDIENCE: Refusal = Refusal(2007, "unproven_audience");
pub(crate) const UNPROVEN_TYPE: Refusal = Refusal(2008, "unproven_type");
pub(crate) const KEY_UNKNOWN: Refusal = Refusal(2009, "key_unknown");
pub(crate) const KEY_AMBIGUOUS: Refusal = Refusal(2010, "key_ambiguous");
pub(crate) const KEY_ISSUER: Refusal = Refusal(2011, "key_issuer");
pub(crate) const SIGNATURE_WRONG: Refusal = Refusal(2012, "signature_wrong");
pub(crate) const PROOF_MISSING: Refusal = Refusal(2013, "proof_missing");

pub(crate) const EXPIRED: Refusal = Refusal(3001, "expired");
pub(crate) const NOT_YET_VALID: Refusal = Refusal(3002, "not_yet_valid");
pub(crate) const ISSUED_IN_FUTURE: Refusal = Refusal(3003, "issued_in_future");
pub(crate) const LIFETIME_TOO_LONG: Refusal = Refusal(3004, "lifetime_too_long");

pub(crate) const METHOD_NOT_ENABLED: Refusal = Refusal(4001, "method_not_enabled");
pub(crate) const SCENARIO_NOT_ENABLED: Refusal = Refusal(4002, "scenario_not_enabled");
pub(crate) const USER_NEEDED: Refusal = Refusal(4003, "user_needed");
pub(crate) const APP_ONLY: Refusal = Refusal(4004, "app_only");
pub(crate) const KIND_UNCLEAR: Refusal = Refusal(4005, "kind_unclear");
pub(crate) const CLIENT_APP_NOT_ALLOWED: Refusal = Refusal(4006, "client_app_not_allowed");
pub(crate) const USER_NOT_DISCOVERED: Refusal = Refusal(4007, "user_not_discovered");
pub(crate) const NOT_JOINED: Refusal = Refusal(4008, "not_joined");
pub(crate) const DEVICE_NOT_IMPORTED: Refusal = Refusal(4009, "device_not_imported");
pub(crate) const WINDOWS_TOO_OLD: Refusal = Refusal(4010, "windows_too_old");
pub(crate) const WINDOWS_UNKNOWN: Refusal = Refusal(4011, "windows_unknown");
pub(crate) const SCOPE_MISSING: Refusal = Refusal(4012, "scope_missing");
pub(crate) const ROLE_MISSING: Refusal = Refusal(4013, "role_missing");

pub(crate) const TENANT_DISABLED: Refusal = Refusal(5001, "tenant_disabled");

pub(crate) const KEYS_STALE: Refusal = Refusal(6001, "keys_stale");
