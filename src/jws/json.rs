//! Strict JSON objects, for headers and payloads: borrowed, bounded, no member twice.
//!
//! A map or a `serde_json::Value` would keep the last duplicate silently; derived structs see only
//! the members they know. Here every name of every object is seen, and unknown values are walked.

use core::cell::Cell;
use core::fmt;
use std::borrow::Cow;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::limits::{JSON_DEPTH, JSON_MEMBERS};
use crate::reason::{Reason, Refusal};

/// Text of a JSON string: borrowed unless it held escapes.
pub(crate) type Text<'a> = Cow<'a, str>;

/// Why an object was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JsonFault {
    /// Not UTF-8, not JSON, not an object, or more after it.
    Syntax,
    /// Deeper than [`JSON_DEPTH`] or more members than [`JSON_MEMBERS`].
    TooMuch,
    /// A name came twice in one object.
    Duplicate,
    /// The named member has another type than it must have.
    Member(&'static str),
}

impl JsonFault {
    /// The refusal, by the reasons of the document: not such an object, a name twice, a wrong type.
    pub(crate) fn refusal(self, [shape, twice, typed]: [Reason; 3]) -> Refusal {
        match self {
            Self::Syntax | Self::TooMuch => shape.into(),
            Self::Duplicate => twice.into(),
            Self::Member(name) => typed.of(name),
        }
    }
}

/// Receives the members of the outermost object.
pub(crate) trait Members<'de> {
    /// The names that carry meaning. A look-alike in other letter case beside one of them is taken
    /// for a duplicate (IDX40011).
    const KNOWN: &'static [&'static str];

    /// Told that the known member `name` is there, before its value is read. `true`: that is all
    /// that matters of it, and its value is walked as one that nobody reads.
    fn is_marked_by(&mut self, name: &'static str) -> bool;

    /// Reads the value of the known member `name`; it must consume the value or fail.
    fn member<A: MapAccess<'de>>(
        &mut self,
        name: &'static str,
        value: &mut A,
    ) -> Result<(), A::Error>;
}

/// Reads `json` as one object into `members`.
pub(crate) fn read_object<'de, M: Members<'de>>(
    json: &'de [u8],
    members: &mut M,
) -> Result<(), JsonFault> {
    let text = core::str::from_utf8(json).map_err(|_| JsonFault::Syntax)?;
    let walk = Walk { members_left: Cell::new(JSON_MEMBERS), fault: Cell::new(None) };
    let mut reader = serde_json::Deserializer::from_str(text);
    let read = Outermost { members, walk: &walk }.deserialize(&mut reader);
    match read.and_then(|()| reader.end()) {
        Ok(()) => Ok(()),
        Err(error) => Err(match walk.fault.get() {
            // A syntax error inside a member's value is still a syntax error.
            Some(JsonFault::Member(_)) | None if !error.is_data() => JsonFault::Syntax,
            Some(fault) => fault,
            None => JsonFault::Syntax,
        }),
    }
}

/// What one walk through a document shares.
struct Walk {
    members_left: Cell<u32>,
    fault: Cell<Option<JsonFault>>,
}

impl Walk {
    fn fail<T, E: Error>(&self, fault: JsonFault) -> Result<T, E> {
        self.fault.set(Some(fault));
        Err(E::custom("refused"))
    }

    fn count_member<E: Error>(&self) -> Result<(), E> {
        match self.members_left.get().checked_sub(1) {
            Some(left) => {
                self.members_left.set(left);
                Ok(())
            }
            None => self.fail(JsonFault::TooMuch),
        }
    }
}

struct Outermost<'w, 'm, M> {
    members: &'m mut M,
    walk: &'w Walk,
}

impl<'de, M: Members<'de>> DeserializeSeed<'de> for Outermost<'_, '_, M> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de, M: Members<'de>> Visitor<'de> for Outermost<'_, '_, M> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = Seen::with_capacity(32);
        while let Some(name) = map.next_key_seed(TextSeed)? {
            self.walk.count_member::<A::Error>()?;
            let known = M::KNOWN.iter().find(|known| is_same(known, &name));
            if seen.is_repeated(&name, |other| is_look_alike::<M>(other, &name)) {
                return self.walk.fail(JsonFault::Duplicate);
            }
            seen.add(name);
            match known {
                Some(known) if !self.members.is_marked_by(known) => {
                    self.walk.fault.set(Some(JsonFault::Member(known)));
                    self.members.member(known, &mut map)?;
                    self.walk.fault.set(None);
                }
                _ => map.next_value_seed(Unread { walk: self.walk, depth: 2 })?,
            }
        }
        Ok(())
    }
}

/// Equal. Most names of claims have three letters: the first one spares most comparisons a call.
#[inline]
fn is_same(known: &str, name: &str) -> bool {
    let (known, name) = (known.as_bytes(), name.as_bytes());
    known.len() == name.len() && known.first() == name.first() && known == name
}

/// Of two names that differ in letter case: whether one of them carries meaning.
fn is_look_alike<'de, M: Members<'de>>(one: &str, other: &str) -> bool {
    M::KNOWN.contains(&one) || M::KNOWN.contains(&other)
}

/// A value that nobody reads, walked all the same: for depth, count, duplicates and bad strings.
#[derive(Clone, Copy)]
struct Unread<'w> {
    walk: &'w Walk,
    depth: u32,
}

impl Unread<'_> {
    /// Enters a list or object; its values lie one deeper.
    fn inner<E: Error>(&self) -> Result<Self, E> {
        if self.depth > JSON_DEPTH {
            return self.walk.fail(JsonFault::TooMuch);
        }
        Ok(Unread { walk: self.walk, depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Unread<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unread<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let inner = self.inner::<A::Error>()?;
        while list.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let inner = self.inner::<A::Error>()?;
        let mut seen = Seen::with_capacity(0);
        while let Some(name) = map.next_key_seed(TextSeed)? {
            self.walk.count_member::<A::Error>()?;
            if seen.is_repeated(&name, |_| false) {
                return self.walk.fail(JsonFault::Duplicate);
            }
            seen.add(name);
            map.next_value_seed(inner)?;
        }
        Ok(())
    }
}

/// The names of one object so far. Names are compared only where a 128-bit sketch says they may be
/// equal: honest objects cost a few comparisons, hostile ones at most their square.
struct Seen<'de> {
    sketch: u128,
    names: Vec<Text<'de>>,
}

impl<'de> Seen<'de> {
    fn with_capacity(names: usize) -> Self {
        Self { sketch: 0, names: Vec::with_capacity(names) }
    }

    fn is_repeated(&self, name: &str, is_look_alike: impl Fn(&str) -> bool) -> bool {
        self.sketch & sketch(name) != 0
            && self.names.iter().any(|seen| {
                seen.eq_ignore_ascii_case(name) && (seen == name || is_look_alike(seen))
            })
    }

    fn add(&mut self, name: Text<'de>) {
        self.sketch |= sketch(&name);
        self.names.push(name);
    }
}

/// One bit for length, first and last letter, whatever their case.
fn sketch(name: &str) -> u128 {
    let bytes = name.as_bytes();
    let letter = |byte: Option<&u8>| usize::from(byte.map_or(0, |byte| byte | 0x20));
    let sum = bytes.len() * 11 + letter(bytes.first()) * 7 + letter(bytes.last()) * 3;
    1 << (sum % 128)
}

/// Reads a JSON string, borrowed where it can be.
pub(crate) struct TextSeed;

impl<'de> DeserializeSeed<'de> for TextSeed {
    type Value = Text<'de>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Text<'de>, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for TextSeed {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
