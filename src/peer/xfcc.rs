//! `x-forwarded-client-cert`, as Envoy writes it.
//!
//! An element is a list of `key=value` with semicolons between, and each proxy on the way appends
//! an element behind a comma. One is taken: of several, the first may be what the client sent.
//!
//! Envoy quotes `Cert`, `Chain` and `Subject`, but writes `URI` and `DNS` as they stand in the
//! certificate, which the client may have made itself (Envoy's conn_manager_utility.cc). What such
//! a name smuggles in as a second `Cert` is refused for being the second. Where Envoy was not told
//! to write one, it would be the only one; but it cannot agree with the `Hash` that Envoy writes.

use super::chain::{Chain, Fault};
use super::escaped::{decoded, octet};
use super::pem;
use crate::crypto::sha256;

/// What is read; everything else is for others.
const KEYS: [&[u8]; 3] = [b"cert", b"chain", b"hash"];

/// The certificate and what it came with.
pub(super) fn read(value: &[u8]) -> Result<Chain, Fault> {
    let [cert, chain, hash] = element(value)?;
    let cert = cert.map(certificates).transpose()?;
    let chain = chain.map(certificates).transpose()?;
    let chain = match (cert, chain) {
        (None, None) => return Err(Fault::Form),
        (Some(cert), None) if cert.certificates().len() == 1 => cert,
        (None, Some(chain)) => chain,
        (Some(cert), Some(chain)) if cert.certificates() == &chain.certificates()[..1] => chain,
        (Some(_), _) => return Err(Fault::Form),
    };
    let leaf = sha256(&[&chain.certificates()[0]]);
    if hash.is_some_and(|hash| digest(hash) != Some(leaf)) {
        return Err(Fault::Form);
    }
    Ok(chain)
}

/// At least one certificate of percent-encoded PEM. PEM has neither quotes nor backslashes, so what
/// is escaped in its value by a backslash is refused with no need to take the backslash away.
fn certificates(text: &[u8]) -> Result<Chain, Fault> {
    let mut chain = Chain::default();
    pem::read(&decoded(text)?, &mut chain)?;
    Ok(chain)
}

fn digest(text: &[u8]) -> Option<[u8; 32]> {
    let text: &[u8; 64] = text.try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = octet(digits[0], digits[1])?;
    }
    Some(bytes)
}

/// The values of [`KEYS`] in the only element, without their quotes.
fn element(mut rest: &[u8]) -> Result<[Option<&[u8]>; 3], Fault> {
    let mut found = [None; 3];
    loop {
        let equals = memchr::memchr(b'=', rest).ok_or(Fault::Form)?;
        let key = &rest[..equals];
        if key.is_empty() || !key.iter().all(|byte| is_token(*byte)) {
            return Err(Fault::Form);
        }
        let (value, behind) = value(&rest[equals + 1..])?;
        let known = KEYS.iter().position(|known| known.eq_ignore_ascii_case(key));
        if known.is_some_and(|at| found[at].replace(value).is_some()) {
            return Err(Fault::Twice);
        }
        rest = match behind {
            [] => return Ok(found),
            [b';', next @ ..] => next,
            [b',', ..] => return Err(Fault::Twice),
            _ => return Err(Fault::Form),
        };
    }
}

/// One value and what is behind it. Inside quotes a backslash takes the next byte with it, be it a
/// quote or what RFC 4514 escapes in a subject; outside there is no quote at all.
fn value(text: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        let end = text.iter().position(|byte| matches!(byte, b';' | b',')).unwrap_or(text.len());
        let (value, behind) = text.split_at(end);
        return if value.contains(&b'"') { Err(Fault::Form) } else { Ok((value, behind)) };
    };
    let mut at = 0;
    loop {
        match quoted.get(at) {
            None => return Err(Fault::Form),
            Some(b'"') => return Ok((&quoted[..at], &quoted[at + 1..])),
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    }
}

/// RFC 9110 section 5.6.2. A blank before a key would make it another key to some parsers only.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
#[path = "xfcc_tests.rs"]
mod tests;
