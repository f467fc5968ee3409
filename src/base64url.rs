//! Canonical base64url (RFC 4648 section 5 without padding, RFC 7515 section 2).
//!
//! One text for each value: no padding, no foreign characters, trailing bits zero. A token with two
//! spellings would be two cache entries, or a withdrawn one that passes (fast-jwt #606).

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::Simd;
use base64::engine::general_purpose::NO_PAD;

/// Picks AVX2 or NEON where the processor has it. `NO_PAD` refuses padding and trailing bits.
static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));

/// The text is not canonical base64url.
#[derive(Debug)]
pub(crate) struct NotCanonical;

/// Appends the decoded bytes to `buffer`.
pub(crate) fn append(text: &[u8], buffer: &mut Vec<u8>) -> Result<(), NotCanonical> {
    ENGINE.decode_vec(text, buffer).map_err(|_| NotCanonical)
}

pub(crate) fn decode(text: &[u8]) -> Result<Vec<u8>, NotCanonical> {
    ENGINE.decode(text).map_err(|_| NotCanonical)
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_text_decodes() {
        assert_eq!(decode(b"AA").unwrap(), [0]);
        assert!(decode(b"").unwrap().is_empty());
        assert_eq!(decode(b"-_-_").unwrap(), [0xfb, 0xff, 0xbf]);
        for bad in ["AB", "AA==", "A", "AA=", "+/+/", " AA", "AA\n", "A?A", "AAAAB", "A\0", "ÄÄ"]
        {
            assert!(decode(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }

    /// Every byte value at every place of a block: accepted exactly when it is in the alphabet.
    #[test]
    fn the_alphabet_is_exact() {
        for byte in 0..=u8::MAX {
            let in_alphabet = byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            for at in 0..64 {
                let mut text = [b'A'; 64];
                text[at] = byte;
                assert_eq!(decode(&text).is_ok(), in_alphabet, "{byte} at {at}");
            }
        }
    }
}
