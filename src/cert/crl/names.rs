//! Names as lists compare them: RFC 5280 section 7.1, as far as text goes.

use super::super::der::{Malformed, Reader, tag};

/// A Name by what it says: the type of its strings, the case of their letters and the number of spaces in them
/// do not count (RFC 5280 section 7.1; RFC 4518 without its tables). Names that are told apart by nothing else
/// are one: so an indirect list that spells a CA's name in its own way revokes what that CA issued.
///
/// # Errors
/// When it is no Name.
pub(super) fn canonical(name: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut rdns = Reader::only(name, tag::SEQUENCE)?;
    let mut out = Vec::with_capacity(name.len() + 8);
    while !rdns.is_at_end() {
        push_rdn(rdns.expect(tag::SET)?, &mut out)?;
    }
    Ok(out)
}

/// Adds one RelativeDistinguishedName, the content of its SET, to a canonical name.
pub(super) fn push_rdn(set: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
    let mut set = Reader::new(set);
    let mut attributes = Vec::new();
    while !set.is_at_end() {
        let mut attribute = set.nested(tag::SEQUENCE)?;
        let oid = attribute.oid()?;
        let value = attribute.any()?;
        attribute.end()?;
        let mut one = Vec::with_capacity(oid.len() + value.whole.len() + 8);
        push(&mut one, oid);
        match text(value.tag, value.content) {
            Some(text) => push(&mut one, folded(&text).as_bytes()),
            None => push(&mut one, value.whole),
        }
        attributes.push(one);
    }
    attributes.sort_unstable();
    push(out, &attributes.concat());
    Ok(())
}

/// Length first, so that no two sequences of parts are the same bytes.
fn push(out: &mut Vec<u8>, part: &[u8]) {
    out.extend_from_slice(&(part.len() as u64).to_be_bytes());
    out.extend_from_slice(part);
}

/// A value that is text: UTF8String, NumericString, PrintableString, TeletexString (as Latin-1, as everybody
/// writes it), IA5String, VisibleString, UniversalString, BMPString.
fn text(tag: u8, content: &[u8]) -> Option<String> {
    match tag {
        12 | 18 | 19 | 22 | 26 => str::from_utf8(content).ok().map(Into::into),
        20 => Some(content.iter().map(|byte| char::from(*byte)).collect()),
        28 => {
            let (words, []) = content.as_chunks::<4>() else { return None };
            words.iter().map(|word| char::from_u32(u32::from_be_bytes(*word))).collect()
        }
        30 => {
            let (units, []) = content.as_chunks::<2>() else { return None };
            char::decode_utf16(units.iter().map(|unit| u16::from_be_bytes(*unit)))
                .collect::<Result<_, _>>()
                .ok()
        }
        _ => None,
    }
}

fn folded(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CN of one string.
    fn name(string: u8, value: &[u8]) -> Vec<u8> {
        let len = |parts: usize| u8::try_from(parts).unwrap();
        let value = [&[string, len(value.len())], value].concat();
        let attribute = [&[6, 3, 0x55, 4, 3][..], &value].concat();
        let attribute = [&[0x30, len(attribute.len())], &*attribute].concat();
        let set = [&[0x31, len(attribute.len())], &*attribute].concat();
        [&[0x30, len(set.len())], &*set].concat()
    }

    #[test]
    fn strings_are_compared_by_what_they_say() {
        let one = canonical(&name(19, b"Contoso CA")).unwrap();
        for (string, value) in [
            (12, &b"contoso  ca"[..]),
            (22, b" CONTOSO CA "),
            (20, b"Contoso\tCA"),
            (30, b"\0C\0o\0n\0t\0o\0s\0o\0 \0C\0A"),
        ] {
            assert_eq!(canonical(&name(string, value)).unwrap(), one, "{value:?}");
        }
        for (string, value) in [(19, &b"ContosoCA"[..]), (12, b"Contoso CA2"), (4, b"Contoso CA")] {
            assert_ne!(canonical(&name(string, value)).unwrap(), one, "{value:?}");
        }
        assert!(canonical(b"\x30\x02\x31").is_err());
    }
}
