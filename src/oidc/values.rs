//! The types of claims that only Entra has.

use core::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};

use crate::jws::json::Text;

/// A claim that only Entra gives a meaning. Other issuers use the same names for what they like, and
/// not always as text: Okta's access tokens say `"ver": 1`.
#[derive(Debug)]
pub(super) enum EntraText<'a> {
    Text(Text<'a>),
    Other,
}

impl<'de> Deserialize<'de> for EntraText<'de> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Scalar;

        impl<'de> Visitor<'de> for Scalar {
            type Value = EntraText<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, a number, true, false or null")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(EntraText::Text(Text::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(EntraText::Text(Text::Owned(text.to_owned())))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(EntraText::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(EntraText::Other)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(EntraText::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(EntraText::Other)
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(EntraText::Other)
            }
        }

        reader.deserialize_any(Scalar)
    }
}
