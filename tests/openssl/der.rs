//! Taking DER apart and putting it together again, rightly or wrongly.

/// Tags that the tests write.
pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_ID: u8 = 0x06;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;

/// One value with the shortest length there is.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut made = match length {
        0..=0x7f => vec![tag, length as u8],
        0x80..=0xff => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    made.extend_from_slice(content);
    made
}

/// The same value, with its length in one byte more than is needed: BER, not DER.
pub(crate) fn long_form(value: &[u8]) -> Vec<u8> {
    let content = content(value);
    let length = content.len();
    let mut made = vec![value[0], 0x83, 0, (length >> 8) as u8, length as u8];
    made.extend_from_slice(content);
    made
}

/// The same value without a length, ended by two zero bytes: BER, not DER.
pub(crate) fn indefinite(value: &[u8]) -> Vec<u8> {
    [&[value[0], 0x80], content(value), &[0, 0]].concat()
}

/// Length of the header, and of the whole, of the value at the front.
fn lengths(value: &[u8]) -> (usize, usize) {
    let (header, length) = match value[1] {
        short @ 0..=0x7f => (2, usize::from(short)),
        0x81 => (3, usize::from(value[2])),
        0x82 => (4, usize::from(u16::from_be_bytes([value[2], value[3]]))),
        other => panic!("no certificate here has a length of this form: {other:#x}"),
    };
    (header, header + length)
}

/// What is in one value.
pub(crate) fn content(value: &[u8]) -> &[u8] {
    let (header, whole) = lengths(value);
    &value[header..whole]
}

/// The values in a value, each with its header.
pub(crate) fn parts(value: &[u8]) -> Vec<Vec<u8>> {
    let (mut rest, mut parts) = (content(value), Vec::new());
    while !rest.is_empty() {
        let (part, behind) = rest.split_at(lengths(rest).1);
        parts.push(part.to_vec());
        rest = behind;
    }
    parts
}

/// A value of values.
pub(crate) fn joined(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(tag, &parts.concat())
}

/// The fields of a certificate of version 3 (RFC 5280 section 4.1), by their place in it.
pub(crate) mod field {
    pub(crate) const VERSION: usize = 0;
    pub(crate) const SERIAL: usize = 1;
    pub(crate) const ISSUER: usize = 3;
    pub(crate) const VALIDITY: usize = 4;
    pub(crate) const KEY: usize = 6;
    pub(crate) const EXTENSIONS: usize = 7;
}

/// The fields of the signed part, as [`field`] counts them.
pub(crate) fn fields(certificate: &[u8]) -> Vec<Vec<u8>> {
    parts(&parts(certificate)[0])
}

/// Changes the list of extensions among the fields.
pub(crate) fn change_extensions(fields: &mut [Vec<u8>], change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let mut list = parts(content(&fields[field::EXTENSIONS]));
    change(&mut list);
    fields[field::EXTENSIONS] = tlv(0xa3, &joined(SEQUENCE, &list));
}

/// An extension (RFC 5280 section 4.1), critical or silent about it.
pub(crate) fn extension(id: &[u8], is_critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if is_critical { tlv(BOOLEAN, &[0xff]) } else { Vec::new() };
    joined(SEQUENCE, &[tlv(OBJECT_ID, id), critical, tlv(OCTET_STRING, value)])
}
