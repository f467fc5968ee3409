//! A proven token of a site: what it says becomes facts.

use super::claims::{Claims, guid};
use super::format::{
    CONFIGMGR_BULK_CATEGORY, PROVENANCE_BULK_PREFIX, PROVENANCE_ENTRA_PREFIX, PROVENANCE_INTERNAL,
    PROVENANCE_PKI,
};
use super::issuer::{Format, Site};
use crate::facts::{Facts, Grants, Kind, Said, Span, Terms};
use crate::guid::Guid;
use crate::jws;
use crate::method::Method;
use crate::reason::{Reason, Refusal};
use crate::witness::{Witness, shown, words};

/// What a token of a site is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// A client, with everything it asks of the site.
    Client,
    /// To register, and nothing else.
    Registration,
}

/// A token whose signature was verified. Only [`super::Unverified::verify`] makes one.
#[derive(Debug)]
pub(crate) struct Authentic<'a> {
    pub(super) jws: jws::Authentic<'a>,
    pub(super) claims: Claims<'a>,
    /// What the header's `typ` says, where it is one of ours.
    pub(super) typ: Option<Use>,
}

impl<'a> Authentic<'a> {
    /// Tells which client the token is of.
    pub(crate) fn into_facts<W: Witness>(
        self,
        place: usize,
        site: &Site,
        witness: &mut W,
    ) -> Result<Facts<'a>, Refusal> {
        let claims = &self.claims;
        let purpose = match &site.format {
            Format::Tollgate => self.typ.ok_or(Reason::UnprovenType.into()),
            Format::ConfigMgr { client_category } => {
                configmgr_use(claims, client_category.as_deref())
            }
        };
        let purpose = witness.outcome("kind", purpose, |_| {
            let category = claims.category.as_deref();
            let found = match (&site.format, self.typ) {
                (Format::ConfigMgr { .. }, _) => format!("SCCMTokenCategory {}", shown(category)),
                (Format::Tollgate, Some(Use::Client)) => "a client token".into(),
                (Format::Tollgate, _) => "a bulk registration token".into(),
            };
            words(found, "a client token or a bulk registration token")
        })?;
        let is_client = purpose == Use::Client;
        witness.demand("use", is_client, Reason::RegistrationOnly, || {
            let found = if is_client { "a client token" } else { "a bulk registration token" };
            words(found, "a client token, for anything but registration")
        })?;
        let client = match site.format {
            Format::Tollgate => client(claims),
            Format::ConfigMgr { .. } => configmgr_client(claims).map(|client| (client, None)),
        };
        let (client, bulk) = witness.outcome("identity", client, |_| {
            let [sub, jti, provenance, unique] =
                [&claims.sub, &claims.jti, &claims.provenance, &claims.unique_id]
                    .map(|claim| shown(claim.as_deref()));
            match site.format {
                Format::Tollgate => words(
                    format!("sub {sub}, jti {jti}, provenance {provenance}"),
                    "sub, jti, iat, nbf, generation, provenance, cnf, each in its form",
                ),
                Format::ConfigMgr { .. } => {
                    words(format!("UniqueId {unique}"), "TenantId, UniqueId, cnf")
                }
            }
        })?;
        let said = Said {
            method: Method::Site,
            issuer: place,
            kind: Kind::Device,
            tenant: None,
            object: None,
            device: Some(client),
            bulk,
            // One audience for all; the prescreen has seen it.
            audience: "",
            client_app: None,
            subject: Span::NONE,
            peer: None,
            names_key: self.jws.header().names_key(),
            token_id: None,
            window: claims.window,
            terms: Terms {
                confirmation: self.claims.confirmation.map(|boxed| *boxed),
                grants: Grants::default(),
            },
        };
        Ok(Facts::new(self.jws.into_proven(), said))
    }
}

/// The client, and the bulk token that it came with. A client token has all of its claims, and is never a
/// bearer token.
fn client(claims: &Claims<'_>) -> Result<(Guid, Option<Guid>), Refusal> {
    let client = guid("sub", claims.sub.as_deref())?;
    guid("jti", claims.jti.as_deref())?;
    claims.window.issued.ok_or(Reason::ClaimMissing.of("iat"))?;
    claims.window.not_before.ok_or(Reason::ClaimMissing.of("nbf"))?;
    match claims.generation {
        None => return Err(Reason::ClaimMissing.of("generation")),
        Some(0) => return Err(Reason::ClaimType.of("generation")),
        Some(_) => {}
    }
    let provenance = claims.provenance.as_deref().ok_or(Reason::ClaimMissing.of("provenance"))?;
    let named = |prefix| {
        let whom = provenance.strip_prefix(prefix);
        whom.map(|whom| guid("provenance", Some(whom))).transpose()
    };
    let bulk = named(PROVENANCE_BULK_PREFIX)?;
    let is_known = bulk.is_some()
        || named(PROVENANCE_ENTRA_PREFIX)?.is_some()
        || [PROVENANCE_INTERNAL, PROVENANCE_PKI].contains(&provenance);
    if !is_known {
        return Err(Reason::ClaimType.of("provenance"));
    }
    claims.confirmation.as_ref().ok_or(Reason::ClaimMissing.of("cnf"))?;
    Ok((client, bulk))
}

fn configmgr_use(claims: &Claims<'_>, client_category: Option<&str>) -> Result<Use, Refusal> {
    match claims.category.as_deref() {
        None => Err(Reason::ClaimMissing.of("SCCMTokenCategory")),
        Some(CONFIGMGR_BULK_CATEGORY) => Ok(Use::Registration),
        category if category == client_category => Ok(Use::Client),
        Some(_) => Err(Reason::KindUnclear.into()),
    }
}

/// Microsoft does not publish how a client's token names its key; without a `cnf` it would be a
/// bearer token for three months.
fn configmgr_client(claims: &Claims<'_>) -> Result<Guid, Refusal> {
    guid("TenantId", claims.tenant_id.as_deref())?;
    claims.confirmation.as_ref().ok_or(Reason::ClaimMissing.of("cnf"))?;
    guid("UniqueId", claims.unique_id.as_deref())
}
