//! Every bound on what a stranger can make us do, in one place, each with where it comes from.

/// Longest token in bytes. HTTP servers stop headers at 8 to 16 KiB anyway (nginx
/// `large_client_header_buffers` 8k, Go 1 MiB, IIS 16 KiB); Microsoft.IdentityModel takes 250 KiB
/// and had CVE-2024-21319. Raising it costs memory a cached token.
pub const TOKEN_BYTES: usize = 16 * 1024;

/// What `limits.token_bytes` may be raised to; the decoded token is allocated on the miss path.
pub const TOKEN_BYTES_MOST: usize = 64 * 1024;

/// Deepest nesting of JSON in a header or payload: the top object is 1. Entra's deepest claim is 3
/// (`xms_*`); unbounded nesting was CVE-2025-53864 (Nimbus).
pub const JSON_DEPTH: u32 = 16;

/// Most object members in one header or payload, nested ones counted. Entra tokens have under 40;
/// finding duplicates costs their square in the worst case.
pub const JSON_MEMBERS: u32 = 256;

/// Longest life of a token in seconds: 30 h. Entra's continuous-access tokens live up to 28 h, and
/// configured ones up to 24 h.
pub const TOKEN_LIFETIME_S: i64 = 30 * 3600;

/// Longest `kid`, `x5t` or `x5t#S256` in bytes; they are only ever compared (jwt_tool's SQL and
/// path injections are long).
pub const KEY_HINT_BYTES: usize = 256;

/// Longest subject in bytes: OpenID Connect Core section 2 ends `sub` at 255.
pub const SUBJECT_BYTES: usize = 255;

/// Longest forwarded claim in bytes: it becomes an HTTP header.
pub const FORWARDED_CLAIM_BYTES: usize = 1024;

/// Largest key set in bytes (libjwt's cap for a fetched body; Entra's is under 40 KiB).
pub const JWKS_BYTES: usize = 1024 * 1024;

/// Most keys in a set: Entra's own advice for caches is 10 to 1,000.
pub const JWKS_KEYS: usize = 1000;

/// Most scopes, most roles, and most forwarded claims that all endpoints together may name: each
/// scope and role is a bit of the facts.
pub const REQUIRED_NAMES: usize = 64;

/// RSA modulus sizes in bits. NIST SP 800-131A ends 1024; ConfigMgr's table names 2048 and 4096;
/// verification cost grows with the square (8192 bits costs 16 times 2048).
pub const RSA_BITS: (usize, usize) = (2048, 4096);

/// The widest range that `limits` may set: what ring and aws-lc-rs can verify.
pub const RSA_BITS_WIDEST: (usize, usize) = (1024, 8192);

/// Largest RSA public exponent: F4 (NIST FIPS 186-5 section A.1.1 names it the smallest good one). A
/// larger one only makes each verification dearer.
pub const RSA_EXPONENT: u64 = 65_537;

/// Largest certificate in bytes: a chain of ten stays within 64 KiB of headers and handshakes.
pub const CERTIFICATE_BYTES: usize = 16 * 1024;

/// Most certificates of one client, its own among them. webpki stops at 6 intermediates on a path;
/// who sends many more wants work done (CVE-2018-16875, RUSTSEC-2023-0053).
pub const CHAIN_CERTIFICATES: usize = 10;

/// Longest chain in bytes of DER, all certificates together. TLS itself allows 16 MiB
/// (RFC 8446 section 4.4.2); OpenSSL's default for a peer's list is 100 KiB
/// (`SSL_CTX_set_max_cert_list`).
pub const CHAIN_BYTES: usize = 64 * 1024;

/// Longest headers that carry a chain, in bytes, together. Base64 writes 4 bytes for 3 and
/// percent-encoding at most 3 for 1, so 4 for 1; the fifth is for PEM's lines, for the names that
/// Envoy writes, and for the leaf that it writes twice.
pub const CERTIFICATE_HEADER_BYTES: usize = 5 * CHAIN_BYTES;

/// Most extensions in a certificate. Real ones have about ten; 16 KiB hold 1,600, and finding
/// duplicates costs their square (3.5 ms before this bound stood).
pub const CERTIFICATE_EXTENSIONS: usize = 64;

/// Most certification paths that are proven for one leaf. Each costs signatures: a peer that could
/// choose made webpki check 100 (CVE-2018-16875, RUSTSEC-2023-0053).
pub const PATH_CANDIDATES: usize = 4;

/// Most issuers that are looked at while candidates are chosen, at no signature each.
pub const PATH_STEPS: usize = 256;

/// Most that proving paths for one leaf may cost, in signatures by P-384 keys with aws-lc-rs: 1.6 ms.
/// Six intermediates and a leaf take seven. Other keys and name constraints count by what they take
/// (`cert/cost.rs`); comparisons of names alone took 13 ms in x509-limbo's nc-dos-2 (RUSTSEC-2023-0053,
/// CVE-2025-58187).
pub const PATH_P384_SIGNATURES: u32 = 8;

/// Longest [`crate::Source`] in bytes: an IPv6 address.
pub const SOURCE_BYTES: usize = 16;

/// What the memory of credentials may take, in bytes, if nobody says otherwise: some 170,000 tokens of
/// Entra's size.
pub const CACHE_BYTES: usize = 256 << 20;

/// Signatures of credentials never seen that one source may have wrong: 256 at once, then 64 a second,
/// 1 ms of RS256 or 13 ms of ES384 in each second. Who sends good ones is not bounded.
pub const SOURCE_CHECKS: Rate = Rate { burst: 256, per_s: 64 };

/// A bucket's size and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Checks at once; 0 is no bound.
    pub burst: u32,
    /// Checks a second thereafter.
    pub per_s: u32,
}

impl Rate {
    /// No bound.
    pub const OFF: Self = Self { burst: 0, per_s: 0 };
}

/// The bounds that an administrator may move, within the limits above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest token in bytes, at most [`TOKEN_BYTES_MOST`].
    pub token_bytes: usize,
    /// Longest life of a token in seconds.
    pub token_lifetime_s: i64,
    /// Smallest RSA modulus in bits.
    pub rsa_min_bits: usize,
    /// Largest RSA modulus in bits.
    pub rsa_max_bits: usize,
    /// Largest RSA public exponent.
    pub rsa_max_exponent: u64,
    /// Wrong signatures that one source may cost (6003 beyond), where the gateway names sources.
    pub source_checks: Rate,
    /// Wrong signatures that all sources together may cost one issuer's tokens. Half of the burst is kept
    /// for sources without a wrong one in the last minute.
    pub issuer_checks: Rate,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            token_bytes: TOKEN_BYTES,
            token_lifetime_s: TOKEN_LIFETIME_S,
            rsa_min_bits: RSA_BITS.0,
            rsa_max_bits: RSA_BITS.1,
            rsa_max_exponent: RSA_EXPONENT,
            source_checks: SOURCE_CHECKS,
            issuer_checks: Rate::OFF,
        }
    }
}

/// Largest revocation list in bytes: some five million entries, several times the largest that public CAs have
/// published. Only what a configured CA has signed takes memory.
pub const CRL_BYTES: usize = 256 * 1024 * 1024;
