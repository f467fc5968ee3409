//! The two tokens of a site (docs/site-token.md): what is asked for, and what is signed.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use serde::Serialize;
use tollgate::jws::{base64url, try_sign};
use tollgate::site::{
    BULK_LIFETIME_LEAST_S, BULK_LIFETIME_MOST_S, BULK_LIFETIME_S, BULK_TYP,
    CLIENT_LIFETIME_LEAST_S, CLIENT_LIFETIME_MOST_S, CLIENT_LIFETIME_S, CLIENT_TYP, GATE_AUDIENCE,
    PROVENANCE_BULK_PREFIX, PROVENANCE_ENTRA_PREFIX, PROVENANCE_INTERNAL, PROVENANCE_PKI,
    REGISTRATION_AUDIENCE,
};
use tollgate::{Guid, random_guid};
use zeroize::Zeroizing;

use crate::error::IssueError;
use crate::keyring::Signer;
use crate::registry::Reply;

/// A bulk registration token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkRequest {
    /// Its life in minutes: 5 to 10,080, and 4,320 by default.
    pub lifetime_minutes: u32,
}

impl Default for BulkRequest {
    fn default() -> Self {
        Self { lifetime_minutes: (BULK_LIFETIME_S / 60) as u32 }
    }
}

/// A client's own token to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRequest {
    /// Whose it is.
    pub client: Guid,
    /// How many tokens this client has had, with this one: a renewal counts up.
    pub generation: NonZeroU32,
    /// How the client came to be known.
    pub provenance: Provenance,
    /// What the client has to hold for the token to be of use.
    pub confirmation: Confirmation,
    /// Its life in seconds: 1 h to 366 days.
    pub lifetime_s: i64,
}

impl ClientRequest {
    /// A client's first token, for 90 days.
    #[must_use]
    pub fn first(client: Guid, provenance: Provenance, confirmation: Confirmation) -> Self {
        let generation = NonZeroU32::MIN;
        Self { client, generation, provenance, confirmation, lifetime_s: CLIENT_LIFETIME_S }
    }
}

/// How a client came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// Registered inside the network.
    Internal,
    /// Exchanged for the bulk token with this GUID.
    Bulk(Guid),
    /// An Entra token of this tenant vouched for it.
    Entra(Guid),
    /// A certificate of a configured PKI vouched for it.
    Pki,
}

impl fmt::Display for Provenance {
    /// As the claim writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internal => f.write_str(PROVENANCE_INTERNAL),
            Self::Bulk(bulk) => write!(f, "{PROVENANCE_BULK_PREFIX}{bulk}"),
            Self::Entra(tenant) => write!(f, "{PROVENANCE_ENTRA_PREFIX}{tenant}"),
            Self::Pki => f.write_str(PROVENANCE_PKI),
        }
    }
}

impl Provenance {
    /// Reads the claim.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let of = |prefix| text.strip_prefix(prefix).and_then(Guid::parse);
        match text {
            PROVENANCE_INTERNAL => Some(Self::Internal),
            PROVENANCE_PKI => Some(Self::Pki),
            _ => of(PROVENANCE_BULK_PREFIX)
                .map(Self::Bulk)
                .or_else(|| of(PROVENANCE_ENTRA_PREFIX).map(Self::Entra)),
        }
    }
}

/// What the client has to prove that it holds (`cnf`, RFC 7800): a key, a certificate, or both. No
/// token is made without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmation {
    /// `jkt`: SHA-256 thumbprint of the public key (RFC 7638, RFC 9449 section 6.1).
    Key([u8; 32]),
    /// `x5t#S256`: SHA-256 of the certificate (RFC 8705 section 3.1).
    Certificate([u8; 32]),
    /// Both, and each has to agree.
    Both {
        /// As [`Confirmation::Key`].
        key: [u8; 32],
        /// As [`Confirmation::Certificate`].
        certificate: [u8; 32],
    },
}

/// A token that was signed. Its text is a secret of whom it is for: wiped when dropped, and shown by
/// nothing but [`Issued::token`].
pub struct Issued {
    token: Zeroizing<String>,
    id: Guid,
    issued_s: i64,
    expires_s: i64,
}

impl Issued {
    /// The token itself.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The same once more.
    pub(crate) fn copy(&self) -> Self {
        let Self { id, issued_s, expires_s, .. } = *self;
        Self { token: self.token.clone(), id, issued_s, expires_s }
    }

    /// One that was signed before, out of what was kept of it.
    pub(crate) fn again(reply: Reply) -> Self {
        let Reply { token, id, at_s, expires_s, .. } = reply;
        Self { token: Zeroizing::new(token), id, issued_s: at_s, expires_s }
    }

    /// `jti`: what it is listed and withdrawn by.
    #[must_use]
    pub fn id(&self) -> Guid {
        self.id
    }

    /// `iat`: when it was made, in seconds since 1970.
    #[must_use]
    pub fn issued_s(&self) -> i64 {
        self.issued_s
    }

    /// `exp`: when it ends, in seconds since 1970.
    #[must_use]
    pub fn expires_s(&self) -> i64 {
        self.expires_s
    }
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issued({} until {})", self.id, self.expires_s)
    }
}

/// The site's name and the key that signs now: everything that a token is signed by.
#[derive(Clone)]
pub(crate) struct Pen {
    pub(crate) issuer: Arc<str>,
    pub(crate) signer: Arc<Signer>,
}

impl Pen {
    pub(crate) fn kid(&self) -> &str {
        &self.signer.kid
    }

    /// Signs a bulk registration token that starts at `now_s`.
    pub(crate) fn bulk(&self, request: &BulkRequest, now_s: i64) -> Result<Issued, IssueError> {
        let minutes = i64::from(request.lifetime_minutes);
        let bounds = (BULK_LIFETIME_LEAST_S / 60, BULK_LIFETIME_MOST_S / 60);
        check_lifetime("a bulk token", "minutes", minutes, bounds)?;
        let (id, expires_s) = (random_guid()?, ends(now_s, minutes * 60)?);
        let claims = self.claims(REGISTRATION_AUDIENCE, id, now_s, expires_s);
        self.sign(BULK_TYP, &claims, id, (now_s, expires_s))
    }

    /// Signs a client's own token that starts at `now_s`.
    pub(crate) fn client(&self, request: &ClientRequest, now_s: i64) -> Result<Issued, IssueError> {
        let lifetime_s = request.lifetime_s;
        let bounds = (CLIENT_LIFETIME_LEAST_S, CLIENT_LIFETIME_MOST_S);
        check_lifetime("a client's token", "seconds", lifetime_s, bounds)?;
        let (id, expires_s) = (random_guid()?, ends(now_s, lifetime_s)?);
        let claims = ClientClaims {
            common: self.claims(GATE_AUDIENCE, id, now_s, expires_s),
            sub: request.client.to_string(),
            generation: request.generation,
            provenance: request.provenance.to_string(),
            cnf: request.confirmation.into(),
        };
        self.sign(CLIENT_TYP, &claims, id, (now_s, expires_s))
    }

    fn claims(&self, aud: &'static str, id: Guid, now_s: i64, expires_s: i64) -> Common<'_> {
        let jti = id.to_string();
        Common { iss: &self.issuer, aud, jti, iat: now_s, nbf: now_s, exp: expires_s }
    }

    fn sign(
        &self,
        typ: &'static str,
        claims: &impl Serialize,
        id: Guid,
        (issued_s, expires_s): (i64, i64),
    ) -> Result<Issued, IssueError> {
        let token = Zeroizing::new(self.signed(typ, claims)?);
        Ok(Issued { token, id, issued_s, expires_s })
    }

    /// A compact JWS of the site.
    pub(crate) fn signed(
        &self,
        typ: &'static str,
        claims: &impl Serialize,
    ) -> Result<String, IssueError> {
        let Signer { kid, key } = &*self.signer;
        let header = Header { typ, alg: key.algorithm().name(), kid };
        // Serde fails on maps with odd keys and on writers; neither is here.
        let unwritten = |_| tollgate::SigningFailed;
        let header = serde_json::to_string(&header).map_err(unwritten)?;
        let payload = serde_json::to_vec(claims).map_err(unwritten)?;
        Ok(try_sign(&header, &payload, key)?)
    }
}

fn check_lifetime(
    what: &'static str,
    unit: &'static str,
    got: i64,
    (least, most): (i64, i64),
) -> Result<(), IssueError> {
    if (least..=most).contains(&got) {
        return Ok(());
    }
    Err(IssueError::Lifetime { what, unit, got, least, most })
}

/// A gate reads seconds from 1970 to the year 9999 and nothing else.
fn ends(now_s: i64, lifetime_s: i64) -> Result<i64, IssueError> {
    const LAST_S: i64 = 253_402_300_799;
    let ends = now_s.checked_add(lifetime_s).filter(|ends| now_s >= 0 && *ends <= LAST_S);
    ends.ok_or(IssueError::Time(now_s))
}

#[derive(Serialize)]
struct Header<'a> {
    typ: &'static str,
    alg: &'static str,
    kid: &'a str,
}

/// What both tokens say, and all that a bulk token does.
#[derive(Serialize)]
struct Common<'a> {
    iss: &'a str,
    aud: &'static str,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

#[derive(Serialize)]
struct ClientClaims<'a> {
    #[serde(flatten)]
    common: Common<'a>,
    sub: String,
    generation: NonZeroU32,
    provenance: String,
    cnf: Members,
}

/// The members of `cnf`.
#[derive(Serialize)]
struct Members {
    #[serde(skip_serializing_if = "Option::is_none")]
    jkt: Option<String>,
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    x5t_s256: Option<String>,
}

impl From<Confirmation> for Members {
    fn from(confirmation: Confirmation) -> Self {
        let (key, certificate) = match confirmation {
            Confirmation::Key(key) => (Some(key), None),
            Confirmation::Certificate(certificate) => (None, Some(certificate)),
            Confirmation::Both { key, certificate } => (Some(key), Some(certificate)),
        };
        let text = |thumbprint: [u8; 32]| base64url(&thumbprint);
        Self { jkt: key.map(text), x5t_s256: certificate.map(text) }
    }
}
