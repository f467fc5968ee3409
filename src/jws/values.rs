//! The types of claims, each exactly as its rule allows and no wider.

use core::fmt;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};

use super::json::{Members, Text, TextSeed, read_object};
use crate::guid::Guid;
use crate::reason::{Reason, Refusal};
use crate::time::Window;

/// One string, or a list of strings: `aud` (RFC 7519 section 4.1.3), scopes and roles.
#[derive(Debug)]
pub(crate) enum TextOrList<'a> {
    One(Text<'a>),
    List(Vec<Text<'a>>),
}

impl TextOrList<'_> {
    /// The values as they stand.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(text) => core::slice::from_ref(text),
            Self::List(list) => list,
        }
        .iter()
        .map(AsRef::as_ref)
    }

    /// The values, each cut at spaces (`scope`, RFC 8693 section 4.2).
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
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
pub(crate) struct NumericDate {
    pub(crate) floor: i64,
    pub(crate) ceil: i64,
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

/// Reads a payload's members; what is wrong with it is malformed.
#[inline]
pub(crate) fn read_payload<'de, M: Members<'de>>(
    json: &'de [u8],
    members: &mut M,
) -> Result<(), Refusal> {
    let reasons = [Reason::PayloadJson, Reason::PayloadDuplicate, Reason::ClaimType];
    read_object(json, members).map_err(|fault| fault.refusal(reasons))
}

/// The claim `name` as the GUID of somebody, in either letter case. The all-zero one stands for
/// nobody in this field (a device token's user, say) and names no one.
pub(crate) fn named_guid(name: &'static str, text: &str) -> Result<Guid, Refusal> {
    Guid::parse(text).filter(|guid| *guid != Guid([0; 16])).ok_or(Reason::ClaimType.of(name))
}

/// The window of `exp`, `nbf` and `iat`. An end is rounded down and a start up, so that a fraction
/// never lengthens a life.
pub(crate) fn window(
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
) -> Result<Window, Refusal> {
    let window = Window {
        not_before: nbf.map(|date| date.ceil),
        issued: iat.map(|date| date.ceil),
        ends: exp.ok_or(Reason::ClaimMissing.of("exp"))?.floor,
    };
    let starts = [window.not_before, window.issued];
    if starts.into_iter().flatten().any(|start| start > window.ends) {
        return Err(Reason::TimesContradict.into());
    }
    Ok(window)
}
