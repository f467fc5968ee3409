//! The claims of a site's tokens, typed. Unknown ones are ignored, as RFC 7519 section 4 asks.

use serde::de::{Error, MapAccess};

use super::issuer::SiteIssuer;
use crate::confirmation::Confirmation;
use crate::guid::Guid;
use crate::jws::confirmation;
use crate::jws::json::{Members, Text, TextSeed};
use crate::jws::values::{NumericDate, TextOrList, named_guid, read_payload, window};
use crate::reason::{Reason, Refusal};
use crate::time::Window;

/// What the payload says, unproven.
#[derive(Debug)]
pub(super) struct Claims<'a> {
    pub(super) iss: Text<'a>,
    pub(super) issuer: Option<SiteIssuer>,
    pub(super) aud: TextOrList<'a>,
    pub(super) window: Window,
    pub(super) jti: Option<Text<'a>>,
    pub(super) sub: Option<Text<'a>>,
    pub(super) generation: Option<u64>,
    pub(super) provenance: Option<Text<'a>>,
    pub(super) tenant_id: Option<Text<'a>>,
    pub(super) category: Option<Text<'a>>,
    pub(super) unique_id: Option<Text<'a>>,
    pub(super) confirmation: Option<Box<Confirmation>>,
}

impl<'a> Claims<'a> {
    /// Reads the payload; `iss`, `aud` and `exp` must be there.
    pub(super) fn parse(json: &'a [u8]) -> Result<Self, Refusal> {
        let mut read = Read::default();
        read_payload(json, &mut read)?;
        let window = window(read.exp, read.nbf, read.iat)?;
        let iss = read.iss.ok_or(Reason::ClaimMissing.of("iss"))?;
        Ok(Self {
            issuer: SiteIssuer::parse(&iss),
            iss,
            aud: read.aud.ok_or(Reason::ClaimMissing.of("aud"))?,
            window,
            jti: read.jti,
            sub: read.sub,
            generation: read.generation,
            provenance: read.provenance,
            tenant_id: read.tenant_id,
            category: read.category,
            unique_id: read.unique_id,
            confirmation: read.is_bound.then(|| Box::new(confirmation(json))),
        })
    }
}

/// A GUID that has to be there.
pub(super) fn guid(name: &'static str, text: Option<&str>) -> Result<Guid, Refusal> {
    named_guid(name, text.ok_or(Reason::ClaimMissing.of(name))?)
}

#[derive(Default)]
struct Read<'a> {
    iss: Option<Text<'a>>,
    aud: Option<TextOrList<'a>>,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
    jti: Option<Text<'a>>,
    sub: Option<Text<'a>>,
    generation: Option<u64>,
    provenance: Option<Text<'a>>,
    tenant_id: Option<Text<'a>>,
    category: Option<Text<'a>>,
    unique_id: Option<Text<'a>>,
    is_bound: bool,
}

impl<'de> Members<'de> for Read<'de> {
    const KNOWN: &'static [&'static str] = &[
        "iss",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "sub",
        "generation",
        "provenance",
        "cnf",
        "TenantId",
        "SCCMTokenCategory",
        "UniqueId",
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
            "jti" => self.jti = Some(value.next_value_seed(TextSeed)?),
            "sub" => self.sub = Some(value.next_value_seed(TextSeed)?),
            "generation" => self.generation = Some(value.next_value()?),
            "provenance" => self.provenance = Some(value.next_value_seed(TextSeed)?),
            "TenantId" => self.tenant_id = Some(value.next_value_seed(TextSeed)?),
            "SCCMTokenCategory" => self.category = Some(value.next_value_seed(TextSeed)?),
            "UniqueId" => self.unique_id = Some(value.next_value_seed(TextSeed)?),
            _ => return Err(A::Error::custom("a known member that nobody reads")),
        }
        Ok(())
    }
}
