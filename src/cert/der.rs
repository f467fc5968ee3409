//! DER (X.690 section 10), as much of it as certificates and their revocation lists have: one value after
//! the other, borrowed.
//!
//! Lengths are definite, in their shortest form and under 2 GiB; tags have one byte. Nothing here calls
//! itself, however deep values stand in one another. What a value means is its reader's to say.

/// Not the one DER encoding of what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

pub(super) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const ENUMERATED: u8 = 0x0a;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;

    /// `[n]` of something with parts: EXPLICIT, or an IMPLICIT SEQUENCE.
    pub(crate) const fn parts(number: u8) -> u8 {
        0xa0 | number
    }

    /// `[n] IMPLICIT` of something without parts.
    pub(crate) const fn plain(number: u8) -> u8 {
        0x80 | number
    }
}

/// One value.
#[derive(Clone, Copy)]
pub(super) struct Value<'d> {
    pub(super) tag: u8,
    pub(super) content: &'d [u8],
    /// Tag and length too.
    pub(super) whole: &'d [u8],
}

/// The values that follow one another in some bytes.
#[derive(Clone, Copy)]
pub(super) struct Reader<'d>(&'d [u8]);

impl<'d> Reader<'d> {
    pub(super) const fn new(bytes: &'d [u8]) -> Self {
        Self(bytes)
    }

    /// What is in the one value that `bytes` must be.
    pub(super) fn only(bytes: &'d [u8], tag: u8) -> Result<Self, Malformed> {
        let mut reader = Self(bytes);
        let inner = reader.expect(tag)?;
        reader.end()?;
        Ok(Self(inner))
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes that were not read yet.
    pub(super) const fn rest(&self) -> &'d [u8] {
        self.0
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), Malformed> {
        if self.is_at_end() { Ok(()) } else { Err(Malformed) }
    }

    /// The next value, whatever it is.
    pub(super) fn any(&mut self) -> Result<Value<'d>, Malformed> {
        let (header, length) = match *self.0 {
            [_, length @ ..=0x7f, ..] => (2, length.into()),
            [_, 0x81, length @ 0x80..=0xff, ..] => (3, length.into()),
            [_, 0x82, high @ 1..=0xff, low, ..] => (4, usize::from(high) << 8 | usize::from(low)),
            _ => self.long()?,
        };
        let tag = self.0[0];
        if tag & 0x1f == 0x1f || self.0.len() - header < length {
            return Err(Malformed);
        }
        let (whole, rest) = self.0.split_at(header + length);
        self.0 = rest;
        Ok(Value { tag, content: &whole[header..], whole })
    }

    /// How long the header of the next value is, and its content, of 64 KiB or more: a list's.
    #[cold]
    fn long(&self) -> Result<(usize, usize), Malformed> {
        let number = |bytes: &[u8]| {
            bytes.iter().fold(0, |number: usize, byte| number << 8 | usize::from(*byte))
        };
        match *self.0 {
            [_, 0x83, a @ 1..=0xff, b, c, ..] => Ok((5, number(&[a, b, c]))),
            [_, 0x84, a @ 1..=0x7f, b, c, d, ..] => Ok((6, number(&[a, b, c, d]))),
            _ => Err(Malformed),
        }
    }

    /// The content of the next value, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Result<&'d [u8], Malformed> {
        let value = self.any()?;
        if value.tag == tag { Ok(value.content) } else { Err(Malformed) }
    }

    pub(super) fn nested(&mut self, tag: u8) -> Result<Self, Malformed> {
        self.expect(tag).map(Self)
    }

    /// The content of the next value if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<&'d [u8]>, Malformed> {
        if self.0.first() == Some(&tag) { self.expect(tag).map(Some) } else { Ok(None) }
    }

    /// `BOOLEAN DEFAULT FALSE`. That FALSE is not left out, as DER has it, is forgiven: old CAs wrote
    /// it.
    pub(super) fn flag(&mut self) -> Result<bool, Malformed> {
        match self.optional(tag::BOOLEAN)? {
            None | Some([0]) => Ok(false),
            Some([0xff]) => Ok(true),
            Some(_) => Err(Malformed),
        }
    }

    /// An INTEGER of any size and sign.
    pub(super) fn integer(&mut self) -> Result<&'d [u8], Malformed> {
        integer(self.expect(tag::INTEGER)?)
    }

    /// A BIT STRING of whole bytes.
    pub(super) fn bytes(&mut self) -> Result<&'d [u8], Malformed> {
        match self.expect(tag::BIT_STRING)? {
            [0, bytes @ ..] => Ok(bytes),
            _ => Err(Malformed),
        }
    }

    /// The content of an OBJECT IDENTIFIER.
    pub(super) fn oid(&mut self) -> Result<&'d [u8], Malformed> {
        let oid = self.expect(tag::OID)?;
        // No arc starts with a zero, and the last one ends.
        let mut before = 0;
        for byte in oid {
            if before & 0x80 == 0 && *byte == 0x80 {
                return Err(Malformed);
            }
            before = *byte;
        }
        if oid.is_empty() || before & 0x80 != 0 { Err(Malformed) } else { Ok(oid) }
    }
}

/// The content of an INTEGER in its shortest form.
pub(super) fn integer(content: &[u8]) -> Result<&[u8], Malformed> {
    match content {
        [] | [0, ..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => Err(Malformed),
        shortest => Ok(shortest),
    }
}

/// An INTEGER that is not negative, without the zero that says so.
pub(super) fn unsigned(content: &[u8]) -> Result<&[u8], Malformed> {
    match integer(content)? {
        [0x80..=0xff, ..] => Err(Malformed),
        [0, rest @ ..] if !rest.is_empty() => Ok(rest),
        number => Ok(number),
    }
}
