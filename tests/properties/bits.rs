//! Single bits of a token.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tollgate::{Guid, Reason};

use super::house::{ED25519, ES256, Genuine, HOUSE, HS256, NOW, OPEN, RS256, USER, judge, who};

/// The order of the group of P-256 (NIST SP 800-186 section 3.2.1.3), big-endian.
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
    0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

#[test]
fn every_bit_of_an_hs256_token_counts() {
    let Genuine { signer, claims, .. } = HOUSE.token(HS256, USER);
    let mut claims = claims.clone();
    claims["groups"] = (0..5).map(|group| Guid([group; 16]).to_string()).collect();
    let token = HOUSE.signers[*signer].sign(&claims.to_string());
    assert!(token.len() >= 1_400, "shorter than an ordinary token: {} bytes", token.len());
    every_nth_bit_counts(&token, 1);
}

#[test]
fn sampled_bits_of_other_tokens_count() {
    // Odd steps, so that all bits of a byte take their turn.
    every_nth_bit_counts(&HOUSE.token(ED25519, USER).text, 7);
    every_nth_bit_counts(&HOUSE.token(ES256, USER).text, 11);
    every_nth_bit_counts(&HOUSE.token(RS256, USER).text, 11);
}

fn every_nth_bit_counts(token: &str, step: usize) {
    assert!(who(token.as_bytes()).is_some(), "the token itself is refused: {token}");
    let mut bytes = token.as_bytes().to_vec();
    for bit in (0..bytes.len() * 8).step_by(step) {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(who(&bytes), None, "admitted with bit {bit} flipped: {token}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}

/// ECDSA: if (r, s) is a signature, so is (r, n - s). It is another token text with the same claims,
/// which anybody can make of a token that he has. So the bytes of a token are not its identity: the
/// same one has to come out, and what withdraws or counts tokens must not go by their bytes.
#[test]
fn the_twin_of_an_es256_signature_is_the_same_principal() {
    let token = HOUSE.token(ES256, USER);
    let (message, signature) = token.text.rsplit_once('.').expect("a token has dots");
    let mut signature = decode(signature);
    let negated = minus(&P256_ORDER, &signature[32..]);
    signature[32..].copy_from_slice(&negated);
    let twin = format!("{message}.{}", encode(&signature));
    assert_ne!(twin, token.text);
    assert_eq!(who(twin.as_bytes()), who(token.text.as_bytes()), "the twin is somebody else");

    // n - (n - s) is s again: the way back gives the token, so there are two texts and no third.
    let again = minus(&P256_ORDER, &signature[32..]);
    signature[32..].copy_from_slice(&again);
    assert_eq!(format!("{message}.{}", encode(&signature)), token.text);

    // s + n does not fit where s is; s = n and s = 0 are no signatures.
    for s in [P256_ORDER, [0; 32]] {
        signature[32..].copy_from_slice(&s);
        let text = format!("{message}.{}", encode(&signature));
        let refusal = judge(&HOUSE.open, text.as_bytes(), &OPEN, NOW).refusal();
        assert_eq!(refusal.map(|refusal| refusal.reason), Some(Reason::SignatureWrong), "{s:02x?}");
    }
}

/// Big-endian, and the result is not negative.
fn minus(from: &[u8; 32], what: &[u8]) -> [u8; 32] {
    let (mut difference, mut borrow) = ([0; 32], 0);
    for at in (0..32).rev() {
        let digit = i16::from(from[at]) - i16::from(what[at]) - borrow;
        borrow = i16::from(digit < 0);
        difference[at] = digit.rem_euclid(256) as u8;
    }
    assert_eq!(borrow, 0, "s is smaller than the order");
    difference
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("our own signature")
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
