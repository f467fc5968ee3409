//! A key set out of certificates: for sites that publish their signing certificate and no JWK set.

use super::jwks::{KeyRules, KeySetError, KeyWarning, without_ambiguous};
use super::keyset::{Key, KeySet};
use crate::base64url::encode;
use crate::cert::Certificate;
use crate::crypto::{VerifyingKey, sha1};

impl KeySet {
    /// The keys of certificates, each named by the certificate's SHA-1 and SHA-256 (`x5t` and
    /// `x5t#S256`, RFC 7515 sections 4.1.7 and 4.1.8). The certificates themselves are trusted as
    /// they are: they are configured, and neither their times nor their issuers are looked at.
    ///
    /// # Errors
    /// When none of them holds a key that can be used.
    pub fn from_certificates(
        certificates: &[Certificate],
        rules: &KeyRules<'_>,
    ) -> Result<(Self, Vec<KeyWarning>), KeySetError> {
        let mut warnings = Vec::new();
        let mut keys = Vec::new();
        for certificate in certificates {
            let x5t = encode(&sha1(certificate.der()));
            match verifying_key(certificate, rules) {
                Ok(verifying) => keys.push(Key {
                    kid: None,
                    x5t: vec![x5t.into()],
                    x5t_s256: vec![encode(&certificate.thumbprint()).into()],
                    issuers: Vec::new(),
                    verifying,
                }),
                Err(why) => warnings.push(KeyWarning { key: format!("x5t {x5t:?}"), why }),
            }
        }
        // A certificate that comes twice, or was renewed with its key, would else be two keys that its
        // name could mean.
        let keys = without_ambiguous(keys, &mut warnings);
        if keys.is_empty() {
            Err(KeySetError::NoUsableKey(warnings))
        } else {
            Ok((Self::new(keys), warnings))
        }
    }
}

fn verifying_key(certificate: &Certificate, rules: &KeyRules<'_>) -> Result<VerifyingKey, String> {
    let made = certificate.with_key(|material| {
        let mut fitting = rules.algorithms.iter().filter(|alg| alg.family() == material.family());
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => {
                VerifyingKey::new(*only, material, rules.limits).map_err(|why| why.to_string())
            }
            _ => Err("not exactly one of the configured algorithms is for its key".into()),
        }
    });
    made.unwrap_or_else(|| Err("its key is neither RSA, Ed25519 nor of a named curve".into()))
}
