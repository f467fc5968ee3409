//! Claims by configured name: forwarded ones, and subjects other than `sub`. A second walk over a
//! payload that is proven and known to be strict, paid only where a name is configured.

use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::facts::ForwardedClaims;
use crate::jws::json::TextSeed;
use crate::limits::FORWARDED_CLAIM_BYTES;
use crate::reason::{Reason, Refusal};

/// The texts of the `wanted` claims that are there, with their places.
pub(super) fn project(payload: &[u8], wanted: &[Box<str>]) -> Result<ForwardedClaims, Refusal> {
    if wanted.is_empty() {
        return Ok(Box::default());
    }
    let mut found = vec![None; wanted.len()];
    collect(payload, |name| wanted.iter().position(|wanted| wanted.as_ref() == name), &mut found)?;
    let texts = (0..).zip(found);
    let texts = texts.filter_map(|(place, raw)| Some((place, text_of(raw?)?)));
    Ok(texts.map(|(place, text)| (place, within_bound(text))).collect())
}

/// Never cut: half a list of groups is another list of groups.
fn within_bound(text: Box<str>) -> Option<Box<str>> {
    Some(text).filter(|text| text.len() <= FORWARDED_CLAIM_BYTES)
}

/// The text of the claim that names the subject, where it is there; `role` stands for its configured
/// name in a refusal.
pub(super) fn claim_text(
    payload: &[u8],
    wanted: &str,
    role: &'static str,
) -> Result<Option<Box<str>>, Refusal> {
    let mut found = [None];
    collect(payload, |name| (name == wanted).then_some(0), &mut found)?;
    match found {
        [Some(raw)] if !raw.get().starts_with('"') => Err(Reason::ClaimType.of(role)),
        [raw] => Ok(raw.and_then(text_of)),
    }
}

/// A string without its quotes, anything else as its JSON; null as absent.
fn text_of(raw: &RawValue) -> Option<Box<str>> {
    match raw.get() {
        "null" => None,
        json if json.starts_with('"') => serde_json::from_str::<String>(json).ok().map(Into::into),
        json => Some(json.into()),
    }
}

fn collect<'p>(
    payload: &'p [u8],
    place: impl Fn(&str) -> Option<usize>,
    found: &mut [Option<&'p RawValue>],
) -> Result<(), Refusal> {
    let mut reader = serde_json::Deserializer::from_slice(payload);
    let walk = Collect { place, found };
    walk.deserialize(&mut reader).map_err(|_| Reason::PayloadJson.into())
}

struct Collect<'f, 'p, P> {
    place: P,
    found: &'f mut [Option<&'p RawValue>],
}

impl<'p, P: Fn(&str) -> Option<usize>> DeserializeSeed<'p> for Collect<'_, 'p, P> {
    type Value = ();

    fn deserialize<D: Deserializer<'p>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'p, P: Fn(&str) -> Option<usize>> Visitor<'p> for Collect<'_, 'p, P> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'p>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(TextSeed)? {
            match (self.place)(&name) {
                Some(place) => self.found[place] = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_text() {
        let payload = br#"{"a":"x\u0041","b":[1, 2],"c":null,"d":true,"e":{"a":"no"},"f":1.50}"#;
        let wanted: Vec<Box<str>> = ["b", "a", "c", "d", "f", "z"].map(Into::into).to_vec();
        let texts = project(payload, &wanted).unwrap();
        let texts: Vec<_> =
            texts.iter().map(|(at, text)| (*at, text.as_deref().unwrap())).collect();
        assert_eq!(texts, [(0, "[1, 2]"), (1, "xA"), (3, "true"), (4, "1.50")]);
        assert_eq!(claim_text(payload, "a", "subject").unwrap().as_deref(), Some("xA"));
        assert_eq!(claim_text(payload, "z", "subject"), Ok(None));
        for wrong in ["b", "c", "d", "e", "f"] {
            let got = claim_text(payload, wrong, "subject");
            assert_eq!(got, Err(Reason::ClaimType.of("subject")), "{wrong}");
        }
    }

    #[test]
    fn a_long_claim_is_marked_and_never_cut() {
        let claim = |len: usize| {
            let payload = format!("{{\"a\":\"{}\"}}", "x".repeat(len));
            project(payload.as_bytes(), &["a".into()]).unwrap()[0].1.as_ref().map(|text| text.len())
        };
        assert_eq!(claim(FORWARDED_CLAIM_BYTES), Some(FORWARDED_CLAIM_BYTES));
        assert_eq!(claim(FORWARDED_CLAIM_BYTES + 1), None);
    }
}
