//! Claims by configured name: forwarded ones, and subjects other than `sub`. A second walk over a
//! payload that is proven and known to be strict, paid only where a name is configured.

use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::base64url::{append, decode};
use crate::facts::Span;
use crate::jws::json::{Text, TextSeed};
use crate::limits::FORWARDED_CLAIM_BYTES;
use crate::reason::{Reason, Refusal};

/// Bit i: claim i of those wanted is there and over its bound. It is never cut: half a list of groups is
/// another list of groups.
pub(super) fn too_long(payload: &[u8], wanted: &[Box<str>]) -> Result<u64, Refusal> {
    if wanted.is_empty() {
        return Ok(0);
    }
    let found = project(payload, wanted)?;
    let long = found.iter().filter(|(_, text)| text.len() > FORWARDED_CLAIM_BYTES);
    Ok(long.fold(0, |bits, (place, _)| bits | 1 << place))
}

/// The texts of the `wanted` claims that are there, with their places.
fn project<'p>(payload: &'p [u8], wanted: &[Box<str>]) -> Result<Vec<(usize, Text<'p>)>, Refusal> {
    let mut found = vec![None; wanted.len()];
    collect(payload, |name| wanted.iter().position(|wanted| wanted.as_ref() == name), &mut found)?;
    let texts = found.into_iter().enumerate();
    Ok(texts.filter_map(|(place, raw)| Some((place, text_of(raw?)?))).collect())
}

/// The claims of these names that a proven token has. What an endpoint forwards was within its bound
/// when the token was judged.
pub(crate) fn forwarded<'n>(token: &[u8], names: &'n [Box<str>]) -> Vec<(&'n str, Box<str>)> {
    let Some(payload) = payload(token) else { return Vec::new() };
    let found = project(&payload, names).unwrap_or_default();
    found.into_iter().map(|(place, text)| (names[place].as_ref(), text.into())).collect()
}

/// The subject of a proven token: the text at the span, else that of the claim that names it.
pub(crate) fn subject(token: &[u8], span: Span, claim: &str) -> String {
    let parts = token.split(|byte| *byte == b'.').nth(1);
    let at_span = || {
        let (start, end) =
            (usize::from(span.start), usize::from(span.start) + usize::from(span.len));
        // Base64 writes 4 characters for 3 bytes: only the blocks that hold the text are decoded.
        let from = start / 3;
        let blocks = parts?.get(from * 4..)?;
        let blocks = &blocks[..blocks.len().min((end - from * 3).div_ceil(3) * 4)];
        let bytes = decode(blocks).ok()?;
        String::from_utf8(bytes.get(start - from * 3..end - from * 3)?.into()).ok()
    };
    let in_payload = || {
        let payload = payload(token)?;
        Some(claim_text(&payload, claim, "subject").ok()??.into_owned())
    };
    let found = if span == Span::NONE { None } else { at_span() };
    found.or_else(in_payload).unwrap_or_default()
}

fn payload(token: &[u8]) -> Option<Vec<u8>> {
    let mut payload = Vec::new();
    write_payload(token, &mut payload).then_some(payload)
}

/// The payload of a proven token behind what `out` has; false if there is none.
pub(crate) fn write_payload(token: &[u8], out: &mut Vec<u8>) -> bool {
    let part = token.split(|byte| *byte == b'.').nth(1);
    part.is_some_and(|part| append(part, out).is_ok())
}

/// The text of the claim that names the subject, where it is there; `role` stands for its configured
/// name in a refusal.
pub(super) fn claim_text<'p>(
    payload: &'p [u8],
    wanted: &str,
    role: &'static str,
) -> Result<Option<Text<'p>>, Refusal> {
    let mut found = [None];
    collect(payload, |name| (name == wanted).then_some(0), &mut found)?;
    match found {
        [Some(raw)] if !raw.get().starts_with('"') => Err(Reason::ClaimType.of(role)),
        [raw] => Ok(raw.and_then(text_of)),
    }
}

/// A string without its quotes, anything else as its JSON; null as absent.
fn text_of(raw: &RawValue) -> Option<Text<'_>> {
    match raw.get() {
        "null" => None,
        json if json.starts_with('"') => {
            TextSeed.deserialize(&mut serde_json::Deserializer::from_str(json)).ok()
        }
        json => Some(Text::Borrowed(json)),
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
        let texts: Vec<_> = texts.iter().map(|(at, text)| (*at, text.as_ref())).collect();
        assert_eq!(texts, [(0, "[1, 2]"), (1, "xA"), (3, "true"), (4, "1.50")]);
        assert_eq!(claim_text(payload, "a", "subject").unwrap().as_deref(), Some("xA"));
        assert_eq!(claim_text(payload, "z", "subject"), Ok(None));
        for wrong in ["b", "c", "d", "e", "f"] {
            let got = claim_text(payload, wrong, "subject");
            assert_eq!(got, Err(Reason::ClaimType.of("subject")), "{wrong}");
        }
    }

    #[test]
    fn a_long_claim_is_marked_by_its_place() {
        let marks = |len: usize| {
            let payload = format!("{{\"a\":\"{}\",\"b\":1}}", "x".repeat(len));
            too_long(payload.as_bytes(), &["b".into(), "a".into()]).unwrap()
        };
        assert_eq!(marks(FORWARDED_CLAIM_BYTES), 0);
        assert_eq!(marks(FORWARDED_CLAIM_BYTES + 1), 2);
    }

    #[test]
    fn a_subject_is_read_where_it_stands() {
        for before in 0..7 {
            let payload = format!("{{\"a\":\"{}\",\"sub\":\"alice \u{e9}\"}}", "x".repeat(before));
            let token = format!("e30.{}.AAAA", crate::base64url::encode(payload.as_bytes()));
            let start = u16::try_from(payload.find("alice").unwrap()).unwrap();
            let at = Span { start, len: 8 };
            assert_eq!(subject(token.as_bytes(), at, "sub"), "alice \u{e9}");
            assert_eq!(subject(token.as_bytes(), Span::NONE, "sub"), "alice \u{e9}");
            let outside = Span { start: 400, len: 8 };
            assert_eq!(subject(token.as_bytes(), outside, "sub"), "alice \u{e9}");
        }
    }
}
