//! The JOSE header (RFC 7515 section 4): typed, and refused where it asks for what we never do.

use serde::de::{Error, MapAccess};

use super::json::{Members, Text, TextSeed, read_object};
use crate::crypto::Algorithm;
use crate::limits::KEY_HINT_BYTES;
use crate::reason::{Reason, Refusal};

/// What the header says. Until a key has verified it, it may only select that key.
#[derive(Debug)]
pub struct Header<'a> {
    algorithm: Algorithm,
    kid: Option<Text<'a>>,
    x5t: Option<Text<'a>>,
    x5t_s256: Option<Text<'a>>,
    typ: Option<Text<'a>>,
}

impl Header<'_> {
    /// The algorithm that the header names; the key decides.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether one name finds the key, so that a key without that name never changes what is meant: not
    /// where there is none, nor where a key may have either of two thumbprints.
    pub(crate) fn names_key(&self) -> bool {
        self.kid().is_some() || (self.x5t().is_some() != self.x5t_s256().is_some())
    }

    /// `kid`: opaque, compared byte for byte.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// `x5t`: SHA-1 of the signer's certificate, base64url.
    #[must_use]
    pub fn x5t(&self) -> Option<&str> {
        self.x5t.as_deref()
    }

    /// `x5t#S256`: SHA-256 of the signer's certificate, base64url.
    #[must_use]
    pub fn x5t_s256(&self) -> Option<&str> {
        self.x5t_s256.as_deref()
    }

    /// `typ`, without the optional `application/` (RFC 7515 section 4.1.9).
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        let typ = self.typ.as_deref()?;
        match typ.get(..12) {
            Some(prefix) if prefix.eq_ignore_ascii_case("application/") => typ.get(12..),
            _ => Some(typ),
        }
    }
}

impl<'a> Header<'a> {
    /// Reads the decoded header.
    pub(super) fn parse(json: &'a [u8]) -> Result<Self, Refusal> {
        let mut read = Read::default();
        let reasons = [Reason::HeaderJson, Reason::HeaderDuplicate, Reason::HeaderMember];
        read_object(json, &mut read).map_err(|fault| fault.refusal(reasons))?;
        if let Some(refusal) = read.refusal {
            return Err(refusal);
        }
        let alg = read.alg.ok_or(Reason::HeaderMember.of("alg"))?;
        let algorithm = Algorithm::from_name(&alg).ok_or(Reason::AlgorithmUnknown)?;
        let hints = [("kid", &read.kid), ("x5t", &read.x5t), ("x5t#S256", &read.x5t_s256)];
        for (name, hint) in hints {
            if hint.as_ref().is_some_and(|hint| hint.len() > KEY_HINT_BYTES) {
                return Err(Reason::HeaderMember.of(name));
            }
        }
        let Read { kid, x5t, x5t_s256, typ, .. } = read;
        Ok(Self { algorithm, kid, x5t, x5t_s256, typ })
    }
}

#[derive(Default)]
struct Read<'a> {
    alg: Option<Text<'a>>,
    kid: Option<Text<'a>>,
    x5t: Option<Text<'a>>,
    x5t_s256: Option<Text<'a>>,
    typ: Option<Text<'a>>,
    /// Kept until the whole header is read, so that a broken header is called broken.
    refusal: Option<Refusal>,
}

impl<'de> Members<'de> for Read<'de> {
    const KNOWN: &'static [&'static str] = &[
        "alg", "kid", "typ", "x5t", "x5t#S256", "cty", "crit", "b64", "jku", "jwk", "x5u", "x5c",
        "enc", "zip",
    ];

    fn is_marked_by(&mut self, name: &'static str) -> bool {
        let refusal = match name {
            "crit" => Reason::HeaderCritical.into(),
            "b64" => Reason::HeaderB64.into(),
            "jku" | "jwk" | "x5u" | "x5c" => Reason::HeaderKey.of(name),
            "enc" | "zip" => Reason::TokenEncrypted.into(),
            _ => return false,
        };
        self.refusal.get_or_insert(refusal);
        true
    }

    fn member<A: MapAccess<'de>>(
        &mut self,
        name: &'static str,
        value: &mut A,
    ) -> Result<(), A::Error> {
        match name {
            "alg" => self.alg = Some(value.next_value_seed(TextSeed)?),
            "kid" => self.kid = Some(value.next_value_seed(TextSeed)?),
            "typ" => self.typ = Some(value.next_value_seed(TextSeed)?),
            "x5t" => self.x5t = Some(value.next_value_seed(TextSeed)?),
            "x5t#S256" => self.x5t_s256 = Some(value.next_value_seed(TextSeed)?),
            "cty" => drop(value.next_value_seed(TextSeed)?),
            _ => return Err(A::Error::custom("a known member that nobody reads")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: &str) -> Refusal {
        Header::parse(json.as_bytes()).unwrap_err()
    }

    #[test]
    fn typ_may_carry_application() {
        let typ = |text: &str| {
            let json = format!(r#"{{"alg":"RS256","typ":"{text}"}}"#);
            let header = Header::parse(json.as_bytes()).unwrap();
            header.typ().map(str::to_owned)
        };
        assert_eq!(typ("application/at+jwt").as_deref(), Some("at+jwt"));
        assert_eq!(typ("Application/JWT").as_deref(), Some("JWT"));
        assert_eq!(typ("JWT").as_deref(), Some("JWT"));
        assert_eq!(typ("applicatiöön").as_deref(), Some("applicatiöön"));
    }

    #[test]
    fn what_a_header_may_not_ask_for() {
        for (member, expected) in [
            (r#""crit":["exp"]"#, Reason::HeaderCritical.into()),
            (r#""crit":[]"#, Reason::HeaderCritical.into()),
            (r#""b64":false"#, Reason::HeaderB64.into()),
            (r#""b64":true"#, Reason::HeaderB64.into()),
            (r#""jwk":{}"#, Reason::HeaderKey.of("jwk")),
            (r#""jku":"https://example.org"#, Reason::HeaderJson.into()),
            (r#""jku":"https://example.org""#, Reason::HeaderKey.of("jku")),
            (r#""x5u":"""#, Reason::HeaderKey.of("x5u")),
            (r#""x5c":[]"#, Reason::HeaderKey.of("x5c")),
            (r#""enc":"A256GCM""#, Reason::TokenEncrypted.into()),
            (r#""kid":1"#, Reason::HeaderMember.of("kid")),
            (r#""kid":null"#, Reason::HeaderMember.of("kid")),
            (r#""typ":["JWT"]"#, Reason::HeaderMember.of("typ")),
            (r#""alg":"HS256""#, Reason::HeaderDuplicate.into()),
            (r#""Alg":"HS256""#, Reason::HeaderDuplicate.into()),
        ] {
            assert_eq!(refused(&format!(r#"{{"alg":"RS256",{member}}}"#)), expected, "{member}");
        }
        assert_eq!(refused("{}"), Reason::HeaderMember.of("alg"));
        let long = "k".repeat(KEY_HINT_BYTES + 1);
        let json = format!(r#"{{"alg":"RS256","kid":"{long}"}}"#);
        assert_eq!(refused(&json), Reason::HeaderMember.of("kid"));
    }

    #[test]
    fn algorithm_names_are_exact() {
        for name in
            ["none", "NONE", "nOnE", "rs256", "RS256 ", " RS256", "RS1", "ES256K", "", "ES521"]
        {
            let json = format!(r#"{{"alg":"{name}"}}"#);
            assert_eq!(refused(&json), Reason::AlgorithmUnknown.into(), "{name}");
        }
        for algorithm in Algorithm::ALL {
            let json = format!(r#"{{"alg":"{algorithm}"}}"#);
            assert_eq!(Header::parse(json.as_bytes()).unwrap().algorithm(), *algorithm);
        }
        let header = Header::parse(br#"{"alg":"Ed25519"}"#).unwrap();
        assert_eq!(header.algorithm(), Algorithm::EdDsa);
    }
}
