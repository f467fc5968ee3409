//! A JWS that brings the key it is signed by (`cnf.jwk`, RFC 7800 section 3.2): it proves that whoever
//! signed holds that key, and nothing about who that is.

use serde::Deserialize;
use serde::de::{Error, MapAccess};
use serde_json::value::RawValue;

use super::compact::{Authentic, Unverified};
use super::json::Members;
use super::jwks::{KeyRules, own_key};
use super::values::read_payload;
use crate::reason::{Reason, Refusal};

impl<'a> Unverified<'a> {
    /// Verifies under the key in the payload's `cnf.jwk`; gives its RFC 7638 thumbprint too. The payload was
    /// walked as strictly as any: no member twice, at any depth.
    ///
    /// Never a way to believe what the payload says of anybody: a key of one's own is nobody's word.
    ///
    /// # Errors
    /// 1012 to 1015 for the payload and its `cnf`, 2002 for another algorithm than the key's, 2012 for a
    /// wrong signature.
    pub fn verify_by_own_key(
        self,
        rules: &KeyRules<'_>,
    ) -> Result<(Authentic<'a>, [u8; 32]), Refusal> {
        let jwk = self.claims(read_own_key, &mut crate::witness::Silent)?;
        let (key, thumbprint) = own_key(jwk, rules).ok_or(Reason::ClaimType.of("cnf"))?;
        Ok((self.verify_under(&key)?, thumbprint))
    }
}

fn read_own_key(payload: &[u8]) -> Result<&str, Refusal> {
    let mut seen = Seen(false);
    read_payload(payload, &mut seen)?;
    if !seen.0 {
        return Err(Reason::ClaimMissing.of("cnf"));
    }
    // Serde alone would take a list of the members' values for an object.
    let of_cnf = |cnf: &'static str| Reason::ClaimType.of(cnf);
    let bound: Bound<'_> = serde_json::from_slice(payload).map_err(|_| of_cnf("cnf"))?;
    if !bound.cnf.get().starts_with('{') {
        return Err(of_cnf("cnf"));
    }
    let own: Own<'_> = serde_json::from_str(bound.cnf.get()).map_err(|_| of_cnf("cnf"))?;
    Ok(own.jwk.get())
}

/// Whether there is a `cnf`. Its value is walked as one that nobody reads.
struct Seen(bool);

impl<'de> Members<'de> for Seen {
    const KNOWN: &'static [&'static str] = &["aud", "act", "ath", "iat", "jti", "cnf"];

    fn is_marked_by(&mut self, name: &'static str) -> bool {
        self.0 |= name == "cnf";
        true
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &'static str, _: &mut A) -> Result<(), A::Error> {
        Err(A::Error::custom("every member is walked only"))
    }
}

#[derive(Deserialize)]
struct Bound<'a> {
    #[serde(borrow)]
    cnf: &'a RawValue,
}

#[derive(Deserialize)]
struct Own<'a> {
    #[serde(borrow)]
    jwk: &'a RawValue,
}

#[cfg(all(test, feature = "sign"))]
mod tests {
    use super::*;
    use crate::crypto::{Algorithm, SigningKey};
    use crate::jws::{public_jwk, sign};
    use crate::limits::Limits;

    const ALGORITHMS: [Algorithm; 3] = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256];

    fn verify(token: &str) -> Result<[u8; 32], Reason> {
        let limits = Limits::default();
        let rules = KeyRules {
            algorithms: &ALGORITHMS,
            secrets: false,
            cloud_instance: None,
            limits: &limits,
        };
        let mut buffer = Vec::new();
        let read = Unverified::parse(token.as_bytes(), &mut buffer, &limits);
        let proven = read.and_then(|token| token.verify_by_own_key(&rules));
        proven.map(|(_, thumbprint)| thumbprint).map_err(|refusal| refusal.reason)
    }

    #[test]
    fn only_the_key_that_is_named_proves_itself() {
        for algorithm in ALGORITHMS {
            let (key, other) = (
                SigningKey::generate(algorithm).unwrap(),
                SigningKey::generate(algorithm).unwrap(),
            );
            let header = format!(r#"{{"alg":"{}"}}"#, algorithm.name());
            let payload = |jwk: &serde_json::Value| {
                serde_json::json!({ "cnf": { "jwk": jwk }, "x": 1 }).to_string()
            };
            let jwk = public_jwk(&key, "k");
            let good = sign(&header, payload(&jwk).as_bytes(), &key);
            assert_eq!(verify(&good), Ok(key.thumbprint()), "{algorithm}");
            let swapped = sign(&header, payload(&jwk).as_bytes(), &other);
            assert_eq!(verify(&swapped), Err(Reason::SignatureWrong), "{algorithm}");
        }
    }

    #[test]
    fn a_payload_that_means_two_things_means_nothing() {
        let key = SigningKey::generate(Algorithm::Es256).unwrap();
        let jwk = public_jwk(&key, "k");
        let mut private = jwk.clone();
        private["d"] = "AA".into();
        for (payload, expected) in [
            ("{}".to_owned(), Reason::ClaimMissing),
            ("[]".into(), Reason::PayloadJson),
            (
                format!(r#"{{"cnf":{{"jwk":{jwk}}},"cnf":{{"jwk":{jwk}}}}}"#),
                Reason::PayloadDuplicate,
            ),
            (format!(r#"{{"cnf":{{"jwk":{jwk},"jwk":{jwk}}}}}"#), Reason::PayloadDuplicate),
            (format!(r#"{{"cnf":{{"jwk":{jwk}}},"Cnf":1}}"#), Reason::PayloadDuplicate),
            (format!(r#"{{"cnf":[{jwk}]}}"#), Reason::ClaimType),
            (r#"{"cnf":{"jwk":"x"}}"#.into(), Reason::ClaimType),
            (r#"{"cnf":{"jwk":{"kty":"oct","k":"AAAA"}}}"#.into(), Reason::ClaimType),
            (format!(r#"{{"cnf":{{"jwk":{private}}}}}"#), Reason::ClaimType),
            (r#"{"cnf":{"jkt":"x"}}"#.into(), Reason::ClaimType),
        ] {
            let token = sign(r#"{"alg":"ES256"}"#, payload.as_bytes(), &key);
            assert_eq!(verify(&token), Err(expected), "{payload}");
        }
        let payload = format!(r#"{{"cnf":{{"jwk":{jwk}}}}}"#);
        let token = sign(r#"{"alg":"EdDSA"}"#, payload.as_bytes(), &key);
        assert_eq!(verify(&token), Err(Reason::AlgorithmMismatch));
    }
}
