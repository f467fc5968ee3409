//! The claims that a rule reads, typed. A claim of the wrong type refuses the token, present or not
//! required (CVE-2026-25537, CVE-2020-26160).

use serde::de::{Error, MapAccess};

use super::entra::{EntraIssuer, Version};
use super::values::EntraText;
use crate::confirmation::Confirmation;
use crate::jws::confirmation;
use crate::jws::json::{Members, Text, TextSeed};
use crate::jws::values::{NumericDate, TextOrList, read_payload, window};
use crate::reason::{Reason, Refusal};
use crate::time::Window;

/// `iss`, and what it names if it has the form of an Entra issuer.
#[derive(Debug)]
pub(crate) struct Iss<'a> {
    pub(crate) text: Text<'a>,
    pub(crate) entra: Option<EntraIssuer>,
}

impl Iss<'_> {
    /// Whether it is a v1.0 issuer of Entra.
    pub(super) fn is_v1(&self) -> bool {
        self.entra.is_some_and(|entra| entra.version == Version::V1)
    }
}

/// What the payload says, unproven.
#[derive(Debug)]
pub(super) struct Claims<'a> {
    pub(super) iss: Iss<'a>,
    pub(super) aud: TextOrList<'a>,
    pub(super) window: Window,
    pub(super) sub: Option<Text<'a>>,
    pub(super) tid: Option<Text<'a>>,
    pub(super) oid: Option<Text<'a>>,
    pub(super) deviceid: Option<Text<'a>>,
    pub(super) ver: Option<Text<'a>>,
    pub(super) idtyp: Option<Text<'a>>,
    pub(super) azp: Option<Text<'a>>,
    pub(super) appid: Option<Text<'a>>,
    pub(super) client_id: Option<Text<'a>>,
    pub(super) scp: Option<TextOrList<'a>>,
    pub(super) scope: Option<TextOrList<'a>>,
    pub(super) roles: Option<TextOrList<'a>>,
    /// `cnf`: the key that the token is bound to (RFC 7800).
    pub(super) confirmation: Option<Box<Confirmation>>,
}

impl<'a> Claims<'a> {
    /// Reads the payload; `iss`, `aud` and `exp` must be there (RFC 7519 leaves that to us).
    pub(super) fn parse(json: &'a [u8]) -> Result<Self, Refusal> {
        let mut read = Read::default();
        read_payload(json, &mut read)?;
        let window = window(read.exp, read.nbf, read.iat)?;
        let iss = read.iss.ok_or(Reason::ClaimMissing.of("iss"))?;
        let entra = EntraIssuer::parse(&iss);
        let entra_only = |name, claim| match claim {
            None => Ok(None),
            Some(EntraText::Text(text)) => Ok(Some(text)),
            Some(EntraText::Other) if entra.is_some() => Err(Reason::ClaimType.of(name)),
            Some(EntraText::Other) => Ok(None),
        };
        Ok(Self {
            iss: Iss { entra, text: iss },
            aud: read.aud.ok_or(Reason::ClaimMissing.of("aud"))?,
            window,
            sub: read.sub,
            tid: entra_only("tid", read.tid)?,
            oid: entra_only("oid", read.oid)?,
            deviceid: entra_only("deviceid", read.deviceid)?,
            ver: entra_only("ver", read.ver)?,
            idtyp: entra_only("idtyp", read.idtyp)?,
            azp: read.azp,
            appid: entra_only("appid", read.appid)?,
            client_id: read.client_id,
            scp: read.scp,
            scope: read.scope,
            roles: read.roles,
            confirmation: read.is_bound.then(|| Box::new(confirmation(json))),
        })
    }
}

#[derive(Default)]
struct Read<'a> {
    iss: Option<Text<'a>>,
    aud: Option<TextOrList<'a>>,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
    sub: Option<Text<'a>>,
    tid: Option<EntraText<'a>>,
    oid: Option<EntraText<'a>>,
    deviceid: Option<EntraText<'a>>,
    ver: Option<EntraText<'a>>,
    idtyp: Option<EntraText<'a>>,
    azp: Option<Text<'a>>,
    appid: Option<EntraText<'a>>,
    client_id: Option<Text<'a>>,
    scp: Option<TextOrList<'a>>,
    scope: Option<TextOrList<'a>>,
    roles: Option<TextOrList<'a>>,
    is_bound: bool,
}

impl<'de> Members<'de> for Read<'de> {
    const KNOWN: &'static [&'static str] = &[
        "iss",
        "aud",
        "exp",
        "nbf",
        "iat",
        "sub",
        "tid",
        "oid",
        "deviceid",
        "ver",
        "idtyp",
        "azp",
        "appid",
        "client_id",
        "scp",
        "scope",
        "roles",
        "cnf",
    ];

    fn is_marked_by(&mut self, name: &'static str) -> bool {
        self.is_bound |= name == "cnf";
        name == "cnf"
    }

    fn member<A: MapAccess<'de>>(
        &mut self,
        name: &'static str,
        value: &mut A,
    ) -> Result<(), A::Error> {
        match name {
            "iss" => self.iss = Some(value.next_value_seed(TextSeed)?),
            "aud" => self.aud = Some(value.next_value()?),
            "exp" => self.exp = Some(value.next_value()?),
            "nbf" => self.nbf = Some(value.next_value()?),
            "iat" => self.iat = Some(value.next_value()?),
            "sub" => self.sub = Some(value.next_value_seed(TextSeed)?),
            "tid" => self.tid = Some(value.next_value()?),
            "oid" => self.oid = Some(value.next_value()?),
            "deviceid" => self.deviceid = Some(value.next_value()?),
            "ver" => self.ver = Some(value.next_value()?),
            "idtyp" => self.idtyp = Some(value.next_value()?),
            "azp" => self.azp = Some(value.next_value_seed(TextSeed)?),
            "appid" => self.appid = Some(value.next_value()?),
            "client_id" => self.client_id = Some(value.next_value_seed(TextSeed)?),
            "scp" => self.scp = Some(value.next_value()?),
            "scope" => self.scope = Some(value.next_value()?),
            "roles" => self.roles = Some(value.next_value()?),
            _ => return Err(A::Error::custom("a known member that nobody reads")),
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "claims_tests.rs"]
mod tests;
