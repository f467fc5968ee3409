//! A proven token: what it says becomes facts.

use super::claims::{Claims, TextOrList};
use super::issuer::{Form, Issuer};
use super::project::{claim_texts, project};
use crate::facts::{Facts, Kind, Projection, Said};
use crate::guid::Guid;
use crate::jws;
use crate::limits::SUBJECT_BYTES;
use crate::reason::{Reason, Refusal};
use crate::witness::{Witness, words};

/// A token whose signature was verified. Only [`super::Unverified::verify`] makes one.
#[derive(Debug)]
pub(crate) struct Authentic<'a> {
    pub(super) jws: jws::Authentic<'a>,
    pub(super) claims: Claims<'a>,
}

impl Authentic<'_> {
    /// Tells whom the token proves and keeps what policy may read.
    pub(crate) fn into_facts<W: Witness>(
        self,
        place: usize,
        issuer: &Issuer,
        projection: &Projection,
        witness: &mut W,
    ) -> Result<Facts, Refusal> {
        let claims = &self.claims;
        witness.demand("binding", !claims.is_bound, Reason::ProofMissing, || {
            words(
                if claims.is_bound { "cnf: bound to a key" } else { "no cnf" },
                "a bearer token, or proof of the key",
            )
        })?;
        let audience =
            issuer.matched_audience(&claims.aud, &claims.iss).ok_or(Reason::UnprovenAudience)?;
        let who = match &issuer.form {
            Form::Entra { .. } => self.entra(witness)?,
            Form::Oidc { subject, kind, .. } => self.oidc(subject, *kind, witness)?,
        };
        let scopes = [&claims.scp, &claims.scope].into_iter().flatten().flat_map(TextOrList::words);
        let roles = claims.roles.iter().flat_map(TextOrList::iter);
        let said = Said {
            method: issuer.method(),
            issuer: place,
            kind: who.kind,
            tenant: who.tenant,
            object: who.object,
            device: who.device,
            audience: audience.into(),
            client_app: who.client_app,
            subject: who.subject,
            scopes: Projection::bits(&projection.scopes, scopes),
            roles: Projection::bits(&projection.roles, roles),
            claims: project(self.jws.payload(), &projection.claims)?,
            window: claims.window,
        };
        Ok(Facts::new(self.jws.into_proven(), said))
    }

    fn entra<W: Witness>(&self, witness: &mut W) -> Result<Who, Refusal> {
        let claims = &self.claims;
        let kind = witness.outcome("kind", entra_kind(claims), |kind| {
            words(
                format!(
                    "{}: {}, {}",
                    kind.map_or("refused", |kind| kind.name()),
                    claims
                        .idtyp
                        .as_deref()
                        .map_or("no idtyp".into(), |typ| format!("idtyp {typ:?}")),
                    if claims.scp.is_some() { "scp there" } else { "no scp" },
                ),
                "a user (scp) or a device (idtyp device), not an application",
            )
        })?;
        let object = required_guid("oid", claims.oid.as_deref())?;
        let device = match claims.deviceid.as_deref() {
            Some(text) => Some(Guid::parse(text).ok_or(Reason::ClaimType.of("deviceid"))?),
            None if kind == Kind::Device => return Err(Reason::ClaimMissing.of("deviceid")),
            None => None,
        };
        let client_app = if claims.iss.is_v1() { &claims.appid } else { &claims.azp };
        Ok(Who {
            kind,
            tenant: claims.iss.entra.map(|entra| entra.tenant),
            object: Some(object),
            device,
            client_app: client_app.as_deref().map(Into::into),
            subject: subject("sub", claims.sub.as_deref())?,
        })
    }

    fn oidc<W: Witness>(&self, claim: &str, kind: Kind, witness: &mut W) -> Result<Who, Refusal> {
        let claims = &self.claims;
        let subject = if claim == "sub" {
            subject("sub", claims.sub.as_deref())
        } else {
            let [text] = claim_texts(self.jws.payload(), [claim])?;
            subject("subject", text.as_deref())
        };
        let subject = witness.outcome("subject", subject, |text| {
            words(
                text.map_or("unusable".into(), |text| format!("{text:?}")),
                format!("claim {claim}"),
            )
        })?;
        let client_app = claims.azp.as_deref().or(claims.client_id.as_deref());
        Ok(Who {
            kind,
            tenant: None,
            object: None,
            device: None,
            client_app: client_app.map(Into::into),
            subject,
        })
    }
}

/// Whom a token is of.
struct Who {
    kind: Kind,
    tenant: Option<Guid>,
    object: Option<Guid>,
    device: Option<Guid>,
    client_app: Option<Box<str>>,
    subject: Box<str>,
}

/// Tells user, device and application apart. `oid` and `tid` alone would admit service principals.
///
/// `idtyp` is authoritative where it is; it is optional for users, whose tokens alone carry `scp`
/// (access-token-claims-reference). Without either it is an application's, or an ID token.
fn entra_kind(claims: &Claims<'_>) -> Result<Kind, Refusal> {
    match (claims.idtyp.as_deref(), claims.scp.is_some()) {
        (Some("user"), _) | (None, true) => Ok(Kind::User),
        (Some("device"), false) => Ok(Kind::Device),
        (Some("app"), _) | (None, false) => Err(Reason::AppOnly.into()),
        (Some(_), _) => Err(Reason::KindUnclear.into()),
    }
}

fn required_guid(name: &'static str, text: Option<&str>) -> Result<Guid, Refusal> {
    let text = text.ok_or(Reason::ClaimMissing.of(name))?;
    Guid::parse(text).ok_or(Reason::ClaimType.of(name))
}

/// Bounded, not empty, no control characters: it goes into names, logs and headers.
fn subject(name: &'static str, text: Option<&str>) -> Result<Box<str>, Refusal> {
    let text = text.ok_or(Reason::ClaimMissing.of(name))?;
    if text.len() > SUBJECT_BYTES {
        return Err(Reason::ClaimTooLong.of(name));
    }
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Reason::ClaimType.of(name));
    }
    Ok(text.into())
}
