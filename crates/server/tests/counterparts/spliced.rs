//! Tokens altered after signing: parts of genuine ones, put together anew.

use super::refusal::*;
use super::table::Expected::{self, Refused, Unread};

/// A header that anybody can write: `{"alg":"none"}`.
const UNSIGNED: &str = "eyJhbGciOiJub25lIn0";

/// What was done, the token, and what must come out, for two tokens that differ in their payloads
/// and in `other`, of which the header is taken.
pub(crate) fn spliced(
    good: &str,
    twin: &str,
    other: &str,
) -> Vec<(&'static str, String, Expected)> {
    let [header, payload, signature] = parts(good);
    let [_, twin_payload, twin_signature] = parts(twin);
    let [other_header, ..] = parts(other);
    let wrong = Refused(SIGNATURE_WRONG);
    let shape = Unread(TOKEN_SHAPE);
    let encoding = Unread(TOKEN_ENCODING);
    let (start, last) = signature.split_at(signature.len() - 1);
    let mut tokens = vec![
        ("payload of another token", [header, twin_payload, signature].join("."), wrong),
        ("signature of another token", [header, payload, twin_signature].join("."), wrong),
        ("header of another key", [other_header, payload, signature].join("."), wrong),
        ("one letter of the signature", [header, payload, &altered(signature)].join("."), wrong),
        // By a whole group in front, so that the end stays canonical.
        ("signature cut", [header, payload, &signature[4..]].join("."), wrong),
        ("signature longer", format!("{header}.{payload}.AAAA{signature}"), wrong),
        ("header none", [UNSIGNED, payload, signature].join("."), Unread(ALGORITHM_UNKNOWN)),
        ("header none, no signature", [UNSIGNED, payload, ""].join("."), shape),
        ("no signature", [header, payload, ""].join("."), shape),
        ("no header", ["", payload, signature].join("."), shape),
        ("no payload", [header, "", signature].join("."), Unread(PAYLOAD_JSON)),
        ("two parts", [header, payload].join("."), shape),
        ("four parts", [good, signature].join("."), shape),
        ("five parts", [good, signature, signature].join("."), Unread(TOKEN_ENCRYPTED)),
        ("padded", format!("{good}="), encoding),
        ("line break", format!("{good}\n"), encoding),
        ("Bearer", format!("Bearer {good}"), encoding),
        ("foreign letter", format!("{header}.{payload}.+{}", &signature[1..]), encoding),
        ("nothing", String::new(), Unread(NO_CREDENTIAL)),
    ];
    if signature.len() % 4 != 0 {
        // The last letter has bits that stand for nothing; the next letter differs in those only.
        let next: String = last.bytes().map(|letter| char::from(letter + 1)).collect();
        tokens.push(("spare bits", format!("{header}.{payload}.{start}{next}"), encoding));
    }
    tokens
}

fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<_> = token.split('.').collect();
    parts.try_into().unwrap_or_else(|_| panic!("a signer gave no compact JWS: {token}"))
}

/// Another letter in the middle, where all bits count.
fn altered(signature: &str) -> String {
    let (start, end) = signature.split_at(signature.len() / 2);
    let letter = if end.starts_with('A') { 'B' } else { 'A' };
    format!("{start}{letter}{}", &end[1..])
}
