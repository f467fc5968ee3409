//! Making what this module reads: for the site's authority, the demo, the benches and the tests.

use crate::base64url::{decode, encode};
use crate::crypto::{Material, SigningFailed, SigningKey};

/// Signs `payload` under the header, which is taken as it is.
///
/// # Panics
/// When the system gives no random numbers.
#[must_use]
pub fn sign(header: &str, payload: &[u8], key: &SigningKey) -> String {
    try_sign(header, payload, key).expect("the system gives random numbers")
}

/// Signs as [`sign`], for those who live on where it fails.
///
/// # Errors
/// When the system gives no random numbers.
pub fn try_sign(header: &str, payload: &[u8], key: &SigningKey) -> Result<String, SigningFailed> {
    let mut token = format!("{}.{}", encode(header.as_bytes()), encode(payload));
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    token.push_str(&encode(&signature));
    Ok(token)
}

/// Canonical base64url, as thumbprints are written (RFC 7638 section 3.1).
#[must_use]
pub fn base64url(bytes: &[u8]) -> String {
    encode(bytes)
}

/// Reads canonical base64url; nothing else is.
#[must_use]
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    decode(text.as_bytes()).ok()
}

/// The public half as a JWK with `alg` and `kid`; a secret as `oct`.
#[must_use]
pub fn public_jwk(key: &SigningKey, kid: &str) -> serde_json::Value {
    let mut jwk = serde_json::json!({ "kid": kid, "use": "sig", "alg": key.algorithm().name() });
    key.with_material(|material| {
        let numbers: &[(&str, String)] = &match material {
            Material::Rsa { n, e } => {
                vec![("kty", "RSA".into()), ("n", encode(n)), ("e", encode(e))]
            }
            Material::Ec { curve, x, y } => {
                let crv = curve.name().into();
                vec![("kty", "EC".into()), ("crv", crv), ("x", encode(x)), ("y", encode(y))]
            }
            Material::Okp { x } => {
                vec![("kty", "OKP".into()), ("crv", "Ed25519".into()), ("x", encode(x))]
            }
            Material::Oct { k } => vec![("kty", "oct".into()), ("k", encode(k))],
        };
        for (name, value) in numbers {
            jwk[*name] = value.clone().into();
        }
    });
    jwk
}
