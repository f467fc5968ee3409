//! Headers for the tests of this module. What stands for a certificate is not one: nothing here
//! reads it.

use super::forwarded;
use crate::reason::Refusal;

/// Bytes that begin as DER does and whose base64 has every kind of character; other for each seed.
pub(super) fn der(seed: u8, len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32.wrapping_mul(u32::from(seed) + 1);
    let mut bytes: Vec<u8> = (0..len)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    for (byte, start) in bytes.iter_mut().zip([0x30, 0x82, seed, 0xfb, 0xff]) {
        *byte = start;
    }
    bytes
}

/// Written here once more, so that the decoder is not tested with its own other half.
pub(super) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for block in bytes.chunks(3) {
        let bits =
            (0..3).fold(0, |bits, at| bits << 8 | block.get(at).map_or(0, |b| u32::from(*b)));
        for at in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at > block.len() { '=' } else { digit as char });
        }
    }
    text
}

/// As openssl writes it, without a line feed behind the last line.
pub(super) fn pem(chain: &[Vec<u8>]) -> String {
    let blocks: Vec<String> = chain.iter().map(|der| block("CERTIFICATE", der)).collect();
    blocks.join("\n")
}

pub(super) fn block(label: &str, der: &[u8]) -> String {
    let text = base64(der);
    let lines: Vec<&str> =
        (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", lines.join("\n"))
}

/// As nginx escapes: all but letters, digits and `-._~`.
pub(super) fn escape(text: &str) -> String {
    escape_but(text, "-._~")
}

/// As Envoy escapes: less of it.
pub(super) fn escape_but(text: &str, kept: &str) -> String {
    let escaped = |c: char| match c.is_ascii_alphanumeric() || kept.contains(c) {
        true => c.to_string(),
        false => format!("%{:02X}", u32::from(c)),
    };
    text.chars().map(escaped).collect()
}

pub(super) fn read(headers: &[(&str, &str)]) -> Result<Option<Vec<Vec<u8>>>, Refusal> {
    forwarded::read(headers.iter().map(|(name, value)| (*name, value.as_bytes())))
}

/// Leaf, issuer, and the issuer's issuer.
pub(super) fn three() -> Vec<Vec<u8>> {
    vec![der(1, 70), der(2, 50), der(3, 60)]
}
