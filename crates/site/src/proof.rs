//! Proof that the device holds its key, for this act, this site and this token.

use serde::Deserialize;
use tollgate::jws::{KeyRules, Unverified, base64url};
use tollgate::site::POSSESSION_TYP;
use tollgate::{Limits, Peer, Reason, sha256};

use crate::reason::{Denied, EnrolmentReason};

/// How a device shows that it holds its key.
#[derive(Clone, Copy, Debug)]
pub enum Proof<'a> {
    /// A JWS, `typ` tollgate-pop+jwt: signed by the key that its `cnf.jwk` names.
    Signed(&'a str),
    /// The device's TLS connection, which this very process terminates. One whose certificate came in a
    /// header proves nothing.
    Connection {
        /// The peer of the handshake.
        peer: &'a Peer,
        /// What tells this request from others of the device, as `jti` of a proof does: 1 to 64 bytes.
        request: &'a str,
    },
}

/// What a proof is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProofAct {
    Register,
    Renew,
}

impl ProofAct {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Renew => "renew",
        }
    }
}

/// A proof that held. Only [`prove`] makes one.
#[derive(Clone, Debug)]
pub(crate) struct Possession {
    /// RFC 7638 thumbprint of the key.
    pub(crate) key: [u8; 32],
    /// What tells this request from others of the device.
    pub(crate) request: String,
}

/// How far the device's clock may be off, in seconds: as RFC 9449 section 11.1 has it for DPoP, seconds to
/// minutes; a site's clients are not asked for a nonce.
const PROOF_S: i64 = 300;

/// Longest `jti` in bytes: a GUID has 36, and what is random enough has 22.
const REQUEST_BYTES: usize = 64;

#[derive(Deserialize)]
struct Claims {
    aud: String,
    act: String,
    #[serde(default)]
    ath: Option<String>,
    iat: serde_json::Number,
    jti: String,
}

/// Checks a proof for `act` at the site `issuer`, about the token `presented`.
pub(crate) fn prove(
    proof: Proof<'_>,
    act: ProofAct,
    issuer: &str,
    presented: Option<&[u8]>,
    now_s: i64,
) -> Result<Possession, Denied> {
    match proof {
        Proof::Signed(token) => signed(token, act, issuer, presented, now_s),
        Proof::Connection { peer, request } => {
            let key = peer.key_thumbprint().filter(|_| !peer.is_forwarded());
            let key = key.ok_or(Reason::ProofMissing)?;
            Ok(Possession { key, request: bounded(request)? })
        }
    }
}

fn signed(
    token: &str,
    act: ProofAct,
    issuer: &str,
    presented: Option<&[u8]>,
    now_s: i64,
) -> Result<Possession, Denied> {
    let limits = Limits::default();
    let mut buffer = Vec::new();
    let read = Unverified::parse(token.as_bytes(), &mut buffer, &limits)?;
    if !read.header().typ().is_some_and(|typ| typ.eq_ignore_ascii_case(POSSESSION_TYP)) {
        return Err(EnrolmentReason::ProofType.into());
    }
    // A device signs by what sites sign by.
    let rules = KeyRules {
        algorithms: &crate::ALGORITHMS,
        secrets: false,
        cloud_instance: None,
        limits: &limits,
    };
    let (proven, key) = read.verify_by_own_key(&rules)?;
    let claims: Claims = serde_json::from_slice(proven.payload())
        .map_err(|why| EnrolmentReason::ProofClaims.with(without_text(&why)))?;
    if claims.aud != issuer {
        return Err(EnrolmentReason::ProofAudience.into());
    }
    if claims.act != act.name() {
        return Err(EnrolmentReason::ProofAct.into());
    }
    if claims.ath != presented.map(|presented| base64url(&sha256(&[presented]))) {
        return Err(EnrolmentReason::ProofToken.into());
    }
    let made_s = claims.iat.as_f64().unwrap_or(f64::NAN);
    let off_s = now_s as f64 - made_s;
    if !off_s.is_finite() || off_s.abs() > PROOF_S as f64 {
        return Err(EnrolmentReason::ProofTime.with(format!("{off_s:.0} s off")));
    }
    Ok(Possession { key, request: bounded(&claims.jti)? })
}

fn bounded(request: &str) -> Result<String, Denied> {
    match request.len() {
        1..=REQUEST_BYTES => Ok(request.into()),
        length => Err(EnrolmentReason::ProofClaims.with(format!("jti has {length} bytes"))),
    }
}

/// What serde found, and where; its words may hold the claim's own text.
fn without_text(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}
