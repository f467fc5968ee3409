//! The claims that a rule reads, typed. A claim of the wrong type refuses the token, present or not
//! required (CVE-2026-25537, CVE-2020-26160).

use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::entra::{EntraIssuer, Version};
use crate::jws::json::{JsonFault, Members, Text, TextSeed, read_object, skip};
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
    /// `cnf`: the token is bound to a key (RFC 7800).
    pub(super) is_bound: bool,
}

impl<'a> Claims<'a> {
    /// Reads the payload; `iss`, `aud` and `exp` must be there (RFC 7519 leaves that to us).
    pub(super) fn parse(json: &'a [u8]) -> Result<Self, Refusal> {
        let mut read = Read::default();
        read_object(json, &mut read).map_err(|fault| match fault {
            JsonFault::Syntax | JsonFault::TooMuch => Reason::PayloadJson.into(),
            JsonFault::Duplicate => Reason::PayloadDuplicate.into(),
            JsonFault::Member(name) => Reason::ClaimType.of(name),
        })?;
        // An end is rounded down and a start up, so that a fraction never lengthens a life.
        let window = Window {
            not_before: read.nbf.map(|date| date.ceil),
            issued: read.iat.map(|date| date.ceil),
            ends: read.exp.ok_or(Reason::ClaimMissing.of("exp"))?.floor,
        };
        if window.not_before.is_some_and(|start| start > window.ends) {
            return Err(Reason::TimesContradict.into());
        }
        let iss = read.iss.ok_or(Reason::ClaimMissing.of("iss"))?;
        Ok(Self {
            iss: Iss { entra: EntraIssuer::parse(&iss), text: iss },
            aud: read.aud.ok_or(Reason::ClaimMissing.of("aud"))?,
            window,
            sub: read.sub,
            tid: read.tid,
            oid: read.oid,
            deviceid: read.deviceid,
            ver: read.ver,
            idtyp: read.idtyp,
            azp: read.azp,
            appid: read.appid,
            client_id: read.client_id,
            scp: read.scp,
            scope: read.scope,
            roles: read.roles,
            is_bound: read.is_bound,
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
    tid: Option<Text<'a>>,
    oid: Option<Text<'a>>,
    deviceid: Option<Text<'a>>,
    ver: Option<Text<'a>>,
    idtyp: Option<Text<'a>>,
    azp: Option<Text<'a>>,
    appid: Option<Text<'a>>,
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
            "tid" => self.tid = Some(value.next_value_seed(TextSeed)?),
            "oid" => self.oid = Some(value.next_value_seed(TextSeed)?),
            "deviceid" => self.deviceid = Some(value.next_value_seed(TextSeed)?),
            "ver" => self.ver = Some(value.next_value_seed(TextSeed)?),
            "idtyp" => self.idtyp = Some(value.next_value_seed(TextSeed)?),
            "azp" => self.azp = Some(value.next_value_seed(TextSeed)?),
            "appid" => self.appid = Some(value.next_value_seed(TextSeed)?),
            "client_id" => self.client_id = Some(value.next_value_seed(TextSeed)?),
            "scp" => self.scp = Some(value.next_value()?),
            "scope" => self.scope = Some(value.next_value()?),
            "roles" => self.roles = Some(value.next_value()?),
            "cnf" => {
                self.is_bound = true;
                skip(value)?;
            }
            _ => return Err(A::Error::custom("a known member that nobody reads")),
        }
        Ok(())
    }
}

/// One string, or a list of strings: `aud` (RFC 7519 section 4.1.3), scopes and roles.
#[derive(Debug)]
pub(super) enum TextOrList<'a> {
    One(Text<'a>),
    List(Vec<Text<'a>>),
}

impl TextOrList<'_> {
    /// The values as they stand.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(text) => core::slice::from_ref(text),
            Self::List(list) => list,
        }
        .iter()
        .map(AsRef::as_ref)
    }

    /// The values, each cut at spaces (`scope`, RFC 8693 section 4.2).
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.iter().flat_map(|text| text.split(' ').filter(|word| !word.is_empty()))
    }
}

impl<'de> Deserialize<'de> for TextOrList<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = TextOrList<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(TextOrList::One(Text::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(TextOrList::One(Text::Owned(text.to_owned())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = list.next_element_seed(TextSeed)? {
                    texts.push(text);
                }
                Ok(TextOrList::List(texts))
            }
        }

        reader.deserialize_any(Either)
    }
}

/// Seconds since 1970 (RFC 7519 section 2), possibly with a fraction; from 1970 to the year 9999.
/// Values outside neither wrap nor saturate into "never" (libjwt #283, Envoy #23285).
#[derive(Clone, Copy, Debug, PartialEq)]
struct NumericDate {
    floor: i64,
    ceil: i64,
}

const YEAR_10000: i64 = 253_402_300_800;

impl<'de> Deserialize<'de> for NumericDate {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Seconds;

        impl Visitor<'_> for Seconds {
            type Value = NumericDate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds from 1970 to the year 9999")
            }

            fn visit_u64<E: Error>(self, seconds: u64) -> Result<NumericDate, E> {
                match i64::try_from(seconds) {
                    Ok(whole) if whole < YEAR_10000 => {
                        Ok(NumericDate { floor: whole, ceil: whole })
                    }
                    _ => Err(E::custom("out of range")),
                }
            }

            fn visit_f64<E: Error>(self, seconds: f64) -> Result<NumericDate, E> {
                if !(0.0..YEAR_10000 as f64).contains(&seconds) {
                    return Err(E::custom("out of range"));
                }
                Ok(NumericDate { floor: seconds.floor() as i64, ceil: seconds.ceil() as i64 })
            }
        }

        reader.deserialize_any(Seconds)
    }
}

#[cfg(test)]
#[path = "claims_tests.rs"]
mod tests;
