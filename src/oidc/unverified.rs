//! A token that has been read: it may select its issuer and key, and be refused.

use super::authentic::Authentic;
use super::claims::{Claims, Iss};
use super::entra::Version;
use super::issuer::{Form, Issuer};
use crate::confirmation::Confirmation;
use crate::crypto::Signatures;
use crate::jws;
use crate::jws::values::TextOrList;
use crate::reason::{Reason, Refusal};
use crate::time::Now;
use crate::witness::{Witness, shown, words};

/// A token of an OpenID Connect issuer, unproven.
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

    /// The token itself, for whoever knows this issuer's tokens better.
    pub(crate) fn into_jws(self) -> jws::Unverified<'a> {
        self.jws
    }

    /// The key that the token says it is bound to, unproven.
    pub(crate) fn binding(&self) -> Option<&Confirmation> {
        self.claims.confirmation.as_deref()
    }

    /// `iss`: selects the issuer's keys and nothing else (CVE-2025-59936).
    pub(crate) fn issuer_hint(&self) -> &Iss<'a> {
        &self.claims.iss
    }

    /// What can be refused without a signature. Reasons are of class 2000 only: nothing said here
    /// is proven.
    ///
    /// Time is not among it, although the check would be cheap: an operator has to be told
    /// `expired` of genuine tokens, whether they were seen before or not, and never of forged ones.
    pub(crate) fn prescreen<W: Witness>(
        &self,
        issuer: &Issuer,
        witness: &mut W,
    ) -> Result<(), Refusal> {
        let typ = self.jws.header().typ();
        witness.demand("type", issuer.takes_typ(typ), Reason::UnprovenType, || {
            let expected = issuer.typ.as_deref().unwrap_or("absent, JWT or at+jwt");
            words(shown(typ), expected)
        })?;
        if let Form::Entra { .. } = issuer.form {
            self.prescreen_entra(witness)?;
        }
        let matched = issuer.matched_audience(&self.claims.aud, &self.claims.iss);
        witness.demand("audience", matched.is_some(), Reason::UnprovenAudience, || {
            words(list(&self.claims.aud), format!("one of {}", issuer.audiences.join(", ")))
        })
    }

    /// `tid` is spelt as in `iss`; `ver` belongs to the spelling of `iss`.
    fn prescreen_entra<W: Witness>(&self, witness: &mut W) -> Result<(), Refusal> {
        let Iss { text, entra } = &self.claims.iss;
        let Some(iss) = entra else { return Err(Reason::IssuerUnknown.into()) };
        let tenant = iss.tenant_text(text);
        // That it is missing is said of a proven token only: here, another class than for a tenant
        // that is not configured would tell forgers which ones are.
        let tid = self.claims.tid.as_deref();
        let agrees = tid.is_none_or(|tid| tid == tenant);
        witness.demand("tenant", agrees, Reason::TenantMismatch, || {
            words(format!("tid {}", shown(tid)), format!("the tenant of iss, {tenant}"))
        })?;
        let ver = self.claims.ver.as_deref();
        let fits = ver.is_none_or(|ver| match iss.version {
            // v1.1 is v1.0 with claims of continuous access.
            Version::V1 => ver == "1.0" || ver == "1.1",
            Version::V2 => ver == "2.0",
        });
        witness.demand("version", fits, Reason::VersionMismatch, || {
            words(shown(ver), format!("{}, after the form of iss", iss.version.name()))
        })
    }

    /// Consumes the token: finds the one key that the header names, sees that it may sign for this
    /// issuer, and checks the signature.
    pub(crate) fn verify<W: Witness>(
        self,
        issuer: &Issuer,
        now: Now,
        signatures: &mut dyn Signatures,
        witness: &mut W,
    ) -> Result<Authentic<'a>, Refusal> {
        let iss = &self.claims.iss;
        let may_sign = |key: &jws::Key, witness: &mut W| {
            let may = key.issuers().len() == 0
                || key.issuers().any(|of_key| issuer.key_may_sign(of_key, iss));
            witness.demand("key's issuer", may, Reason::KeyIssuer, || {
                let of_key: Vec<_> = key.issuers().map(|issuer| shown(Some(issuer))).collect();
                let found = if of_key.is_empty() { "any".into() } else { of_key.join(", ") };
                words(found, format!("covers {}", iss.text))
            })
        };
        let jws = self.jws.prove(&issuer.keys, now, may_sign, signatures, witness)?;
        Ok(Authentic { jws, claims: self.claims })
    }
}

fn list(aud: &TextOrList<'_>) -> String {
    aud.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", ")
}
