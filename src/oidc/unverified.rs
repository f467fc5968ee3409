//! A token that has been read: it may select its issuer and key, and be refused.

use super::authentic::Authentic;
use super::claims::{Claims, Iss};
use super::entra::Version;
use super::issuer::{Form, Issuer};
use super::values::TextOrList;
use crate::jws;
use crate::limits::Limits;
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
    /// Reads token and claims once; both borrow from `token` and `buffer`.
    pub(crate) fn parse<W: Witness>(
        token: &'a [u8],
        buffer: &'a mut Vec<u8>,
        limits: &Limits,
        witness: &mut W,
    ) -> Result<Self, Refusal> {
        let jws = jws::Unverified::parse_seen(token, buffer, limits, witness)?;
        let payload = jws.unproven_payload();
        let claims = witness.outcome("claims", Claims::parse(payload), |_| {
            words(
                String::from_utf8_lossy(payload).escape_debug().to_string(),
                "one object; iss, aud and exp there; each claim of its type, none twice",
            )
        })?;
        Ok(Self { jws, claims })
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
        witness: &mut W,
    ) -> Result<Authentic<'a>, Refusal> {
        let fresh = issuer.keys.are_fresh(now);
        witness.demand("key freshness", fresh, Reason::KeysStale, || {
            words(if fresh { "fresh" } else { "past their bound" }, "keys within their bound")
        })?;
        let header = self.jws.header();
        let key = witness.outcome("key", issuer.keys.set.select(header), |_| {
            // Quoted: a set says what its issuer likes.
            let kids = issuer.keys.set.keys().filter_map(jws::Key::kid).take(8);
            let kids: Vec<_> = kids.map(|kid| shown(Some(kid))).collect();
            words(
                format!("alg {}, kid {}", header.algorithm(), shown(header.kid())),
                format!("one of {} keys: {}", issuer.keys.set.keys().len(), kids.join(", ")),
            )
        })?;
        let may = key.issuers().len() == 0
            || key.issuers().any(|of_key| issuer.key_may_sign(of_key, &self.claims.iss));
        witness.demand("key's issuer", may, Reason::KeyIssuer, || {
            let of_key: Vec<_> = key.issuers().map(|issuer| shown(Some(issuer))).collect();
            let found = if of_key.is_empty() { "any".into() } else { of_key.join(", ") };
            words(found, format!("covers {}", self.claims.iss.text))
        })?;
        let verified = self.jws.verify_under(key);
        let jws = witness.outcome("signature", verified, |good| {
            let found = if good.is_some() { "good" } else { "wrong" };
            words(found, format!("good under key {}", shown(key.kid())))
        })?;
        Ok(Authentic { jws, claims: self.claims })
    }
}

fn list(aud: &TextOrList<'_>) -> String {
    aud.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", ")
}
