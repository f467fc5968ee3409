//! The compact serialisation (RFC 7515 section 7.1): `header.payload.signature`.

use memchr::memchr_iter;

use super::header::Header;
use super::keys::Keys;
use super::keyset::{Key, KeySet};
use crate::base64url;
use crate::crypto::{Always, Proven, Signatures};
use crate::limits::Limits;
use crate::reason::{Reason, Refusal};
use crate::time::Now;
use crate::witness::{Silent, Witness, shown, words};

/// A token that has been read and not verified. It borrows the token and the buffer.
#[derive(Debug)]
pub struct Unverified<'a> {
    signing_input: &'a [u8],
    header: Header<'a>,
    payload: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Unverified<'a> {
    /// Reads `token` in one pass: bounds, shape, encoding, header. The payload is opaque here.
    /// `buffer` is cleared and receives what was decoded.
    ///
    /// # Errors
    /// A refusal of class 1000, or 2001 for an unknown algorithm.
    pub fn parse(
        token: &'a [u8],
        buffer: &'a mut Vec<u8>,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        Self::parse_seen(token, buffer, limits, &mut Silent)
    }

    pub(crate) fn parse_seen<W: Witness>(
        token: &'a [u8],
        buffer: &'a mut Vec<u8>,
        limits: &Limits,
        witness: &mut W,
    ) -> Result<Self, Refusal> {
        let most = limits.token_bytes;
        let too_large = Reason::TokenTooLarge.count(token.len(), most);
        witness.demand("size", token.len() <= most, too_large, || {
            words(format!("{} bytes", token.len()), format!("at most {most}"))
        })?;

        let parts = witness.outcome("shape", split(token), |_| {
            let dots = memchr_iter(b'.', token).count();
            words(format!("{} parts", dots + 1), "header.payload.signature")
        })?;

        buffer.clear();
        // One spare block: the decoder estimates in whole blocks of three.
        buffer.reserve(token.len() / 4 * 3 + 9);
        let decoded = parts.decode(buffer);
        let (payload_at, signature_at) = witness.outcome("encoding", decoded, |ends| {
            let found = if ends.is_some() { "canonical" } else { "not canonical" };
            words(found, "canonical base64url without padding")
        })?;
        let buffer: &'a [u8] = buffer;

        let header = Header::parse(&buffer[..payload_at]);
        let header = witness.outcome("header", header, |_| {
            words(
                String::from_utf8_lossy(&buffer[..payload_at]).escape_debug().to_string(),
                "one object, alg known, no crit, b64, jku, jwk, x5u, x5c",
            )
        })?;
        Ok(Self {
            signing_input: parts.signing_input,
            header,
            payload: &buffer[payload_at..signature_at],
            signature: &buffer[signature_at..],
        })
    }

    /// What may select a key, and nothing else.
    #[must_use]
    pub fn header(&self) -> &Header<'a> {
        &self.header
    }

    /// The claims step of every kind of token: `parse` reads them out of the payload, unproven.
    #[inline]
    pub(crate) fn claims<C, W: Witness>(
        &self,
        parse: impl FnOnce(&'a [u8]) -> Result<C, Refusal>,
        witness: &mut W,
    ) -> Result<C, Refusal> {
        witness.outcome("claims", parse(self.payload), |_| {
            words(
                String::from_utf8_lossy(self.payload).escape_debug().to_string(),
                "one object; iss, aud and exp there; each claim of its type, none twice",
            )
        })
    }

    /// Finds the key that the header names and verifies under it: the raw entry point, with all
    /// rules of JWS and none of JWT.
    ///
    /// # Errors
    /// 2002, 2009, 2010 when no key fits; 2012 when the signature is wrong.
    pub fn verify(self, keys: &KeySet) -> Result<Authentic<'a>, Refusal> {
        let key = keys.select(&self.header)?;
        self.verify_under(key)
    }

    /// As [`Unverified::verify`], for what `issuer` says: a key that the set binds to other issuers is none of
    /// its keys.
    ///
    /// # Errors
    /// As [`Unverified::verify`], and [`Reason::KeyIssuer`] for such a key.
    pub fn verify_for(self, keys: &KeySet, issuer: &str) -> Result<Authentic<'a>, Refusal> {
        let key = keys.select(&self.header)?;
        if !key.may_sign_for(issuer) {
            return Err(Reason::KeyIssuer.into());
        }
        self.verify_under(key)
    }

    /// As [`Unverified::verify`], with keys that may be stale and a rule of their own: the one key
    /// that the header names has to be fresh, `may_sign`, and verify.
    pub(crate) fn prove<W: Witness>(
        self,
        keys: &Keys,
        now: Now,
        may_sign: impl FnOnce(&Key, &mut W) -> Result<(), Refusal>,
        signatures: &mut dyn Signatures,
        witness: &mut W,
    ) -> Result<Authentic<'a>, Refusal> {
        let fresh = keys.are_fresh(now);
        witness.demand("key freshness", fresh, Reason::KeysStale, || {
            words(if fresh { "fresh" } else { "past their bound" }, "keys within their bound")
        })?;
        let header = &self.header;
        let key = witness.outcome("key", keys.set.select(header), |_| {
            // Quoted: a set says what its issuer likes.
            let labels: Vec<_> = keys.set.keys().take(8).map(Key::label).collect();
            let by = match (header.kid(), header.x5t()) {
                (None, Some(x5t)) => format!("x5t {}", shown(Some(x5t))),
                (kid, _) => format!("kid {}", shown(kid)),
            };
            words(
                format!("alg {}, {by}", header.algorithm()),
                format!("one of {} keys: {}", keys.set.keys().len(), labels.join(", ")),
            )
        })?;
        may_sign(key, witness)?;
        let verified = self.verify_by(key, signatures);
        witness.outcome("signature", verified, |good| {
            let found = if good.is_some() { "good" } else { "wrong" };
            words(found, format!("good under key {}", key.label()))
        })
    }

    /// Consumes the token to prove it under one key.
    pub(crate) fn verify_under(self, key: &Key) -> Result<Authentic<'a>, Refusal> {
        self.verify_by(key, &mut Always)
    }

    fn verify_by(
        self,
        key: &Key,
        signatures: &mut dyn Signatures,
    ) -> Result<Authentic<'a>, Refusal> {
        if key.algorithm() != self.header.algorithm() {
            return Err(Reason::AlgorithmMismatch.into());
        }
        let mut verify = || key.verifying().verify(self.signing_input, self.signature);
        let proven = signatures.token(key.id(), &mut verify)?;
        Ok(Authentic { header: self.header, payload: self.payload, proven })
    }
}

/// A token whose signature was verified. Only [`Unverified::verify`] makes one.
#[derive(Debug)]
pub struct Authentic<'a> {
    header: Header<'a>,
    payload: &'a [u8],
    proven: Proven,
}

impl<'a> Authentic<'a> {
    /// The protected header.
    #[must_use]
    pub fn header(&self) -> &Header<'a> {
        &self.header
    }

    /// The signed payload: opaque bytes.
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    pub(crate) fn into_proven(self) -> Proven {
        self.proven
    }
}

struct Parts<'a> {
    signing_input: &'a [u8],
    header: &'a [u8],
    payload: &'a [u8],
    signature: &'a [u8],
}

/// Exactly two dots; the scan stops at the third, however many follow (CVE-2025-30204).
fn split(token: &[u8]) -> Result<Parts<'_>, Refusal> {
    let mut dots = memchr_iter(b'.', token);
    let (Some(first), Some(second)) = (dots.next(), dots.next()) else {
        let reason = if token.is_empty() { Reason::NoCredential } else { Reason::TokenShape };
        return Err(reason.into());
    };
    if dots.next().is_some() {
        // Five parts are a JWE (RFC 7516 section 3.1), and worth their own word.
        let is_jwe = dots.next().is_some() && dots.next().is_none();
        return Err(if is_jwe { Reason::TokenEncrypted } else { Reason::TokenShape }.into());
    }
    let parts = Parts {
        signing_input: &token[..second],
        header: &token[..first],
        payload: &token[first + 1..second],
        signature: &token[second + 1..],
    };
    if parts.header.is_empty() || parts.signature.is_empty() {
        return Err(Reason::TokenShape.into());
    }
    Ok(parts)
}

impl Parts<'_> {
    /// Decodes the three parts behind each other; gives where payload and signature start.
    fn decode(&self, buffer: &mut Vec<u8>) -> Result<(usize, usize), Refusal> {
        let not_canonical = |_| Refusal::from(Reason::TokenEncoding);
        base64url::append(self.header, buffer).map_err(not_canonical)?;
        let payload_at = buffer.len();
        base64url::append(self.payload, buffer).map_err(not_canonical)?;
        let signature_at = buffer.len();
        base64url::append(self.signature, buffer).map_err(not_canonical)?;
        Ok((payload_at, signature_at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(token: &str) -> Reason {
        let mut buffer = Vec::new();
        let read = Unverified::parse(token.as_bytes(), &mut buffer, &Limits::default());
        read.unwrap_err().reason
    }

    #[test]
    fn only_three_parts_are_a_token() {
        // {"alg":"RS256"}
        let header = "eyJhbGciOiJSUzI1NiJ9";
        for (token, expected) in [
            (String::new(), Reason::NoCredential),
            ("a".into(), Reason::TokenShape),
            ("a.b".into(), Reason::TokenShape),
            (".".repeat(10_000), Reason::TokenShape),
            ("..".into(), Reason::TokenShape),
            (".e30.AAAA".into(), Reason::TokenShape),
            (format!("{header}.e30."), Reason::TokenShape),
            (format!("{header}..e30.AAAA"), Reason::TokenShape),
            (format!("{header}.e30.AAAA."), Reason::TokenShape),
            (format!("{header}.e30.AAAA.AAAA.AAAA"), Reason::TokenEncrypted),
            (format!("{header}.e30.AAAA.AAAA.AAAA.AAAA"), Reason::TokenShape),
            (format!("Bearer {header}.e30.AAAA"), Reason::TokenEncoding),
            (format!("{header}.e30.AAAA\n"), Reason::TokenEncoding),
            (format!("{header}.e30=.AAAA"), Reason::TokenEncoding),
            (format!("{header}.e3\0.AAAA"), Reason::TokenEncoding),
            (r#"{"payload":"e30","signatures":[]}"#.into(), Reason::TokenShape),
            ("a".repeat(16 * 1024 + 1), Reason::TokenTooLarge),
        ] {
            assert_eq!(refused(&token), expected, "{token:.60}");
        }
    }

    #[test]
    fn the_payload_may_be_anything_and_empty() {
        let mut buffer = Vec::new();
        let token = b"eyJhbGciOiJSUzI1NiJ9..AAAA";
        let read = Unverified::parse(token, &mut buffer, &Limits::default()).unwrap();
        assert_eq!(read.payload, b"");
        assert_eq!(read.signature, [0, 0, 0]);
    }
}
