//! The site's own tokens, when they are brought back to it.

use std::sync::{Arc, PoisonError, RwLock};

use serde::Deserialize;
use tollgate::jws::Unverified;
use tollgate::site::{BULK_TYP, CLIENT_TYP, GATE_AUDIENCE, REGISTRATION_AUDIENCE};
use tollgate::{Guid, Limits, Reason, sha256};

use crate::authority::Authority;
use crate::jkt::thumbprint;
use crate::reason::{Denied, EnrolmentReason};
use crate::token::Provenance;

/// A bulk token that this site signed.
pub(crate) struct Bulk {
    pub(crate) id: Guid,
    /// Whether it has ended: then it gives nothing but a reply that it has given already.
    pub(crate) has_ended: bool,
}

/// A client's token that this site signed. Whether it has ended is for the terms to judge.
pub(crate) struct ClientToken {
    pub(crate) id: Guid,
    pub(crate) client: Guid,
    pub(crate) generation: u32,
    pub(crate) provenance: Provenance,
    /// `cnf.jkt`.
    pub(crate) key: [u8; 32],
    pub(crate) issued_s: i64,
    pub(crate) expires_s: i64,
}

#[derive(Clone, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(default)]
    sub: String,
    #[serde(default)]
    generation: u32,
    #[serde(default)]
    provenance: String,
    #[serde(default)]
    cnf: Option<Confirmation>,
}

#[derive(Clone, Deserialize)]
struct Confirmation {
    #[serde(default)]
    jkt: Option<String>,
}

/// The bulk token that was brought last.
#[derive(Default)]
pub(crate) struct LastBulk(RwLock<Option<Arc<KnownBulk>>>);

struct KnownBulk {
    /// SHA-256 of the token: the token itself stays nowhere.
    digest: [u8; 32],
    keys_version: String,
    claims: Claims,
}

impl LastBulk {
    fn load(&self) -> Option<Arc<KnownBulk>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, known: KnownBulk) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(known));
    }
}

/// How far the clocks of the machines of a site may differ, in seconds.
const SKEW_S: i64 = 300;

impl Authority {
    /// Reads a bulk token.
    pub(crate) fn presented_bulk(&self, token: &str, now_s: i64) -> Result<Bulk, Denied> {
        // Many devices bring the same one. Only that its signature was good is remembered: its time and state
        // are looked at each time, and other keys forget it.
        let version = self.keyring().version.clone();
        let digest = sha256(&[token.as_bytes()]);
        let known = self.last_bulk.load();
        let claims = match known.as_deref() {
            Some(known) if known.digest == digest && known.keys_version == version => {
                known.claims.clone()
            }
            _ => {
                let claims = self.presented(token, BULK_TYP, REGISTRATION_AUDIENCE)?;
                self.last_bulk.keep(KnownBulk {
                    digest,
                    keys_version: version,
                    claims: claims.clone(),
                });
                claims
            }
        };
        if claims.nbf > now_s.saturating_add(SKEW_S) {
            return Err(Reason::NotYetValid.into());
        }
        let id = Guid::parse(&claims.jti).ok_or(Reason::ClaimType)?;
        // Its end is the site's own word, and so is the clock: no skew.
        Ok(Bulk { id, has_ended: now_s >= claims.exp })
    }

    /// Reads a client's token, ended or not.
    pub(crate) fn presented_client(&self, token: &str, now_s: i64) -> Result<ClientToken, Denied> {
        let claims = self.presented(token, CLIENT_TYP, GATE_AUDIENCE)?;
        if claims.nbf > now_s.saturating_add(SKEW_S) {
            return Err(Reason::NotYetValid.into());
        }
        let jkt = claims.cnf.and_then(|cnf| cnf.jkt).ok_or(Reason::ProofMissing)?;
        let guid = |text: &str| Guid::parse(text).ok_or(Denied::from(Reason::ClaimType));
        Ok(ClientToken {
            id: guid(&claims.jti)?,
            client: guid(&claims.sub)?,
            generation: claims.generation,
            provenance: Provenance::parse(&claims.provenance).ok_or(Reason::ClaimType)?,
            key: thumbprint(&jkt).ok_or(Reason::ClaimType)?,
            issued_s: claims.iat,
            expires_s: claims.exp,
        })
    }

    /// Verifies under the site's keys that are believed now, those that another process made included.
    fn presented(&self, token: &str, typ: &str, aud: &str) -> Result<Claims, Denied> {
        match self.verified(token, typ, aud) {
            Err(denied) if denied.number() == Reason::KeyUnknown.number() => {
                let refreshed = self.refresh_keys();
                match refreshed
                    .map_err(|error| EnrolmentReason::RegistryUnavailable.with(error.to_string()))?
                {
                    true => self.verified(token, typ, aud),
                    false => Err(denied),
                }
            }
            judged => judged,
        }
    }

    fn verified(&self, token: &str, typ: &str, aud: &str) -> Result<Claims, Denied> {
        let limits = Limits::default();
        let mut buffer = Vec::new();
        let read = Unverified::parse(token.as_bytes(), &mut buffer, &limits)?;
        if !read.header().typ().is_some_and(|found| found.eq_ignore_ascii_case(typ)) {
            return Err(Reason::UnprovenType.into());
        }
        let keyring = self.keyring();
        let keys = keyring.verifying().ok_or(Reason::KeyUnknown)?;
        let proven = read.verify(keys)?;
        let claims: Claims =
            serde_json::from_slice(proven.payload()).map_err(|_| Reason::ClaimType)?;
        if claims.iss != self.issuer() {
            return Err(Reason::IssuerUnknown.into());
        }
        if claims.aud != aud {
            return Err(Reason::UnprovenAudience.into());
        }
        Ok(claims)
    }
}
