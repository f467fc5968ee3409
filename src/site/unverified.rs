//! A site's token that has been read: it may select its site and key, and be refused.

use super::authentic::{Authentic, Use};
use super::claims::{Claims, guid};
use super::format::{
    BULK_TYP, CLIENT_TYP, CONFIGMGR_AUDIENCE, GATE_AUDIENCE, REGISTRATION_AUDIENCE,
};
use super::issuer::{Format, Site, SiteIssuer};
use crate::confirmation::Confirmation;
use crate::crypto::Signatures;
use crate::jws;
use crate::reason::{Reason, Refusal};
use crate::time::Now;
use crate::witness::{Witness, shown, words};

/// Whether a header's `typ` says that this is one of our site tokens, whoever issued it.
pub(crate) fn is_site_typ(typ: Option<&str>) -> bool {
    use_of(typ).is_some()
}

/// Whether an `iss` names a site, of whatever format.
pub(crate) fn is_site(iss: &str) -> bool {
    SiteIssuer::parse(iss).is_some()
}

/// Media types ignore letter case (RFC 2045 section 5.1).
fn use_of(typ: Option<&str>) -> Option<Use> {
    match typ? {
        typ if typ.eq_ignore_ascii_case(CLIENT_TYP) => Some(Use::Client),
        typ if typ.eq_ignore_ascii_case(BULK_TYP) => Some(Use::Registration),
        _ => None,
    }
}

/// A token of a site, unproven.
#[derive(Debug)]
pub(crate) struct Unverified<'a> {
    jws: jws::Unverified<'a>,
    claims: Claims<'a>,
}

impl<'a> Unverified<'a> {
    /// Reads the claims, once; they borrow what the token borrows.
    pub(crate) fn read<W: Witness>(
        jws: jws::Unverified<'a>,
        witness: &mut W,
    ) -> Result<Self, Refusal> {
        let claims = jws.claims(Claims::parse, witness)?;
        Ok(Self { jws, claims })
    }

    /// The site that `iss` names, if it has the form of one; selects keys and nothing else.
    pub(crate) fn issuer_hint(&self) -> Option<SiteIssuer> {
        self.claims.issuer
    }

    /// The key that the token says it is bound to, unproven.
    pub(crate) fn binding(&self) -> Option<&Confirmation> {
        self.claims.confirmation.as_deref()
    }

    /// `iss` as it stands, for explanations.
    pub(crate) fn issuer_text(&self) -> &str {
        &self.claims.iss
    }

    /// What can be refused without a signature: class 2000 only.
    pub(crate) fn prescreen<W: Witness>(
        &self,
        site: &Site,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        let typ = self.jws.header().typ();
        let fits = match site.format {
            Format::Tollgate => is_site_typ(typ),
            Format::ConfigMgr { .. } => typ.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT")),
        };
        witness.demand("type", fits, Reason::UnprovenType, || {
            let expected = match site.format {
                Format::Tollgate => format!("{CLIENT_TYP} or {BULK_TYP}"),
                Format::ConfigMgr { .. } => "absent or JWT".into(),
            };
            words(shown(typ), expected)
        })?;
        // Each kind of token has an audience of its own, so that none passes for the other
        // (RFC 8725 section 3.12).
        let audience = match (&site.format, use_of(typ)) {
            (Format::ConfigMgr { .. }, _) => CONFIGMGR_AUDIENCE,
            (Format::Tollgate, Some(Use::Registration)) => REGISTRATION_AUDIENCE,
            (Format::Tollgate, _) => GATE_AUDIENCE,
        };
        let named = self.claims.aud.iter().any(|aud| aud == audience);
        witness.demand("audience", named, Reason::UnprovenAudience, || {
            let found: Vec<_> = self.claims.aud.iter().map(|aud| shown(Some(aud))).collect();
            words(found.join(", "), audience)
        })?;
        if let Format::ConfigMgr { .. } = site.format
            && let Some(tenant) = self.claims.tenant_id.as_deref()
        {
            let agrees = guid("TenantId", Some(tenant)).is_ok_and(|tenant| tenant == site.id);
            witness.demand("tenant", agrees, Reason::TenantMismatch, || {
                words(
                    format!("TenantId {}", shown(Some(tenant))),
                    format!("{}, as in iss", site.id),
                )
            })?;
        }
        Ok(())
    }

    /// Consumes the token: the one key that the header names has to be the site's and verify.
    pub(crate) fn verify<W: Witness>(
        self,
        site: &Site,
        now: Now,
        signatures: &mut dyn Signatures,
        witness: &mut W,
    ) -> Result<Authentic<'a>, Refusal> {
        let typ = use_of(self.jws.header().typ());
        let iss = &self.claims.iss;
        let may_sign = |key: &jws::Key, witness: &mut W| {
            let may = key.may_sign_for(iss);
            witness.demand("key's issuer", may, Reason::KeyIssuer, || {
                words(if may { "this site" } else { "another" }, "this site, or none in particular")
            })
        };
        let jws = self.jws.prove(&site.keys, now, may_sign, signatures, witness)?;
        Ok(Authentic { jws, claims: self.claims, typ })
    }
}
