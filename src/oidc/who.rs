//! Whom a proven token is of.

use super::claims::Claims;
use super::project::claim_text;
use crate::facts::Kind;
use crate::guid::Guid;
use crate::jws::json::Text;
use crate::jws::values::named_guid;
use crate::limits::SUBJECT_BYTES;
use crate::reason::{Reason, Refusal};
use crate::text::moves_text;

/// Whom a token is of.
pub(super) struct Who<'a> {
    pub(super) kind: Kind,
    pub(super) tenant: Option<Guid>,
    pub(super) object: Option<Guid>,
    pub(super) device: Option<Guid>,
    pub(super) client_app: Option<Text<'a>>,
    pub(super) subject: Text<'a>,
}

/// Tells user, device and application apart. `oid` and `tid` alone would admit service principals.
///
/// `idtyp` is authoritative where it is; it is optional for users, whose tokens alone carry `scp`
/// (access-token-claims-reference). Without either it is an application's, or an ID token. A `scp`
/// without a scope in it was given by no user.
pub(super) fn entra_kind(claims: &Claims<'_>) -> Result<Kind, Refusal> {
    let is_scoped = claims.scp.as_ref().is_some_and(|scp| scp.words().next().is_some());
    match (claims.idtyp.as_deref(), claims.scp.is_some()) {
        (Some("user"), _) => Ok(Kind::User),
        (None, _) if is_scoped => Ok(Kind::User),
        (Some("device"), false) => Ok(Kind::Device),
        (Some("app"), _) | (None, _) => Err(Reason::AppOnly.into()),
        (Some(_), _) => Err(Reason::KindUnclear.into()),
    }
}

impl<'a> Who<'a> {
    /// By the immutable ids: `tid` (which is in `iss`), `oid`, `deviceid`. Never by a name.
    pub(super) fn of_entra(kind: Kind, claims: &Claims<'a>) -> Result<Self, Refusal> {
        // The prescreen has compared it with `iss`, where it is.
        if claims.tid.is_none() {
            return Err(Reason::ClaimMissing.of("tid"));
        }
        let object = claims.oid.as_deref().ok_or(Reason::ClaimMissing.of("oid"))?;
        let device = match claims.deviceid.as_deref() {
            Some(text) => Some(named_guid("deviceid", text)?),
            None if kind == Kind::Device => return Err(Reason::ClaimMissing.of("deviceid")),
            None => None,
        };
        let client_app = if claims.iss.is_v1() { &claims.appid } else { &claims.azp };
        Ok(Self {
            kind,
            tenant: claims.iss.entra.map(|entra| entra.tenant),
            object: Some(named_guid("oid", object)?),
            device,
            client_app: client_app.clone(),
            subject: subject("sub", claims.sub.clone())?,
        })
    }

    /// By the configured claim; the kind is the configuration's word too.
    pub(super) fn of_oidc(
        claim: &str,
        kind: Kind,
        claims: &Claims<'a>,
        payload: &'a [u8],
    ) -> Result<Self, Refusal> {
        let subject = if claim == "sub" {
            subject("sub", claims.sub.clone())?
        } else {
            subject("subject", claim_text(payload, claim, "subject")?)?
        };
        let client_app = claims.azp.clone().or_else(|| claims.client_id.clone());
        Ok(Self { kind, tenant: None, object: None, device: None, client_app, subject })
    }
}

/// Bounded, not blank, nothing that moves or hides other text: it goes into names, logs and headers.
fn subject<'a>(name: &'static str, text: Option<Text<'a>>) -> Result<Text<'a>, Refusal> {
    let text = text.ok_or(Reason::ClaimMissing.of(name))?;
    if text.len() > SUBJECT_BYTES {
        return Err(Reason::ClaimTooLong.of(name));
    }
    if text.trim().is_empty() || text.chars().any(moves_text) {
        return Err(Reason::ClaimType.of(name));
    }
    Ok(text)
}
