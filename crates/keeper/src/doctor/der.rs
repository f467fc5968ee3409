//! DER (X.690), as little as re-keying a certificate needs: cutting elements, and putting some
//! together. What is cut here was read whole by [`tollgate::cert`] before.

/// One element.
#[derive(Clone, Copy)]
pub(super) struct Element<'d> {
    pub(super) tag: u8,
    /// With tag and length.
    pub(super) whole: &'d [u8],
    pub(super) content: &'d [u8],
}

/// Every element of `der`, one behind the other; nothing where it is not that.
pub(super) fn elements(mut der: &[u8]) -> Option<Vec<Element<'_>>> {
    let mut found = Vec::new();
    while !der.is_empty() {
        let (element, rest) = cut(der)?;
        found.push(element);
        der = rest;
    }
    Some(found)
}

/// The only element of `der`.
pub(super) fn only(der: &[u8]) -> Option<Element<'_>> {
    let (element, rest) = cut(der)?;
    rest.is_empty().then_some(element)
}

fn cut(der: &[u8]) -> Option<(Element<'_>, &[u8])> {
    let (&tag, &first) = (der.first()?, der.get(1)?);
    let (length, head) = match first {
        ..=0x7f => (usize::from(first), 2),
        0x81..=0x84 => {
            let bytes = usize::from(first & 0x7f);
            let number = der.get(2..2 + bytes)?;
            (number.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), 2 + bytes)
        }
        _ => return None,
    };
    let end = head.checked_add(length)?;
    let whole = der.get(..end)?;
    Some((Element { tag, whole, content: &whole[head..] }, &der[end..]))
}

/// An element of these parts.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut der = vec![tag];
    if length < 0x80 {
        der.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let number = &bytes[length.leading_zeros() as usize / 8..];
        der.push(0x80 | number.len() as u8);
        der.extend(number);
    }
    parts.iter().for_each(|part| der.extend(*part));
    der
}

/// A positive INTEGER, from its bytes.
pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let number = &bytes[zeros.min(bytes.len().saturating_sub(1))..];
    let sign: &[u8] = if number.first().is_some_and(|byte| byte & 0x80 != 0) { &[0] } else { &[] };
    element(INTEGER, &[sign, number])
}

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OID: u8 = 0x06;
pub(super) const UTF8_STRING: u8 = 0x0c;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// `[number]`, around an element.
pub(super) const fn explicit(number: u8) -> u8 {
    0xa0 | number
}

/// `[number]`, in the place of a primitive element's tag.
pub(super) const fn implicit(number: u8) -> u8 {
    0x80 | number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_together_is_cut_again() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000] {
            let content = vec![7; length];
            let der = element(SEQUENCE, &[&content[..length / 2], &content[length / 2..]]);
            let cut = only(&der).unwrap();
            assert_eq!((cut.tag, cut.content, cut.whole), (SEQUENCE, &content[..], &der[..]));
            assert!(only(&der[..der.len() - 1]).is_none(), "{length}");
            assert_eq!(elements(&[&der[..], &der].concat()).unwrap().len(), 2);
        }
        assert!(only(&[0x30, 0x80, 0, 0]).is_none(), "no end is told");
        assert!(only(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).is_none());
    }

    #[test]
    fn integers_are_positive_and_short() {
        assert_eq!(integer(&[0, 0, 0x7f]), [INTEGER, 1, 0x7f]);
        assert_eq!(integer(&[0x80]), [INTEGER, 2, 0, 0x80]);
        assert_eq!(integer(&[0, 0]), [INTEGER, 1, 0]);
    }
}
