//! A proven token: what it says becomes facts.

use super::claims::Claims;
use super::issuer::{Form, Issuer};
use super::project::{claim_text, too_long};
use super::who::{Who, entra_kind};
use crate::facts::{Facts, Grants, Kind, Projection, Reading, Said, Span, Terms};
use crate::jws;
use crate::jws::values::TextOrList;
use crate::method::Method;
use crate::reason::{Reason, Refusal};
use crate::witness::{Witness, shown, words};

/// A token whose signature was verified. Only [`super::Unverified::verify`] makes one.
#[derive(Debug)]
pub(crate) struct Authentic<'a> {
    pub(super) jws: jws::Authentic<'a>,
    pub(super) claims: Claims<'a>,
}

impl<'a> Authentic<'a> {
    /// Tells whom the token proves and keeps what policy may read.
    pub(crate) fn into_facts<W: Witness>(
        self,
        place: usize,
        issuer: &'a Issuer,
        reading: Reading<'_>,
        witness: &mut W,
    ) -> Result<Facts<'a>, Refusal> {
        let Reading { projection, is_once } = reading;
        let claims = &self.claims;
        let who = match &issuer.form {
            Form::Entra { .. } => Who::of_entra(self.entra_kind(witness)?, claims),
            Form::Oidc { subject, kind, .. } => {
                Who::of_oidc(subject, *kind, claims, self.jws.payload())
            }
        };
        let who = witness.outcome("identity", who, |who| match &issuer.form {
            Form::Entra { .. } => {
                let [oid, deviceid, sub] = [&claims.oid, &claims.deviceid, &claims.sub]
                    .map(|claim| shown(claim.as_deref()));
                words(
                    format!("oid {oid}, deviceid {deviceid}, sub {sub}"),
                    "oid a GUID, deviceid a GUID if there, sub",
                )
            }
            Form::Oidc { subject, .. } => {
                let found = who.as_ref().map_or("no subject that can be taken".into(), |who| {
                    format!("{subject:?} {}", shown(Some(&who.subject)))
                });
                words(found, format!("a subject in {subject:?}"))
            }
        })?;
        let payload = self.jws.payload();
        let token_id = if is_once { Some(self.token_id(issuer)?) } else { None };
        // The prescreen has seen that there is one; which it is belongs to the facts.
        let audience =
            issuer.matched_audience(&claims.aud, &claims.iss).ok_or(Reason::UnprovenAudience)?;
        // Entra's scopes are in `scp`; `scope` is RFC 9068's name, and nothing to Entra.
        let scope = claims.scope.as_ref().filter(|_| issuer.method() != Method::Entra);
        let scopes = [claims.scp.as_ref(), scope].into_iter().flatten().flat_map(TextOrList::words);
        let roles = claims.roles.iter().flat_map(TextOrList::iter);
        let grants = Grants {
            scopes: Projection::bits(&projection.scopes, scopes),
            roles: Projection::bits(&projection.roles, roles),
            too_long: too_long(payload, &projection.claims)?,
        };
        let said = Said {
            method: issuer.method(),
            issuer: place,
            kind: who.kind,
            tenant: who.tenant,
            object: who.object,
            device: who.device,
            bulk: None,
            audience,
            client_app: who.client_app,
            subject: Span::of(payload, &who.subject),
            peer: None,
            names_key: self.jws.header().names_key(),
            token_id,
            window: claims.window,
            terms: Terms { confirmation: self.claims.confirmation.map(|boxed| *boxed), grants },
        };
        Ok(Facts::new(self.jws.into_proven(), said))
    }

    /// What tells this token from every other of its issuer. Entra has no `jti`; its `uti` is one
    /// (access-token-claims-reference).
    fn token_id(&self, issuer: &Issuer) -> Result<Box<str>, Refusal> {
        let name = match issuer.method() {
            Method::Entra => "uti",
            Method::Oidc | Method::Pki | Method::Site => "jti",
        };
        let id = claim_text(self.jws.payload(), name, name)?;
        let id = id.filter(|id| !id.is_empty()).ok_or(Reason::ClaimMissing.of(name))?;
        Ok(id.into())
    }

    fn entra_kind<W: Witness>(&self, witness: &mut W) -> Result<Kind, Refusal> {
        let claims = &self.claims;
        witness.outcome("kind", entra_kind(claims), |kind| {
            let kind = kind.map_or("neither", |kind| kind.name());
            let idtyp = shown(claims.idtyp.as_deref());
            let scp = if claims.scp.is_some() { "scp" } else { "no scp" };
            words(
                format!("{kind}: idtyp {idtyp}, {scp}"),
                "a user (scp) or a device (idtyp device), not an application",
            )
        })
    }
}
