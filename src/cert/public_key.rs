//! The public key of a certificate, as numbers.

use rustls_pki_types::alg_id;

use super::der::{Reader, tag, unsigned};
use crate::crypto::{Curve, Material};

/// Gives the numbers of a key to `read`; nothing where it is of a kind that no JWK can hold. Of EC
/// keys that leaves named curves and whole points: explicit parameters can make another curve of a
/// known key (CVE-2020-0601).
///
/// `algorithm` is the content of the AlgorithmIdentifier, `key` the whole bytes of the BIT STRING.
pub(super) fn with_material<T>(
    algorithm: &[u8],
    key: &[u8],
    read: impl FnOnce(Material<'_>) -> T,
) -> Option<T> {
    if algorithm == alg_id::RSA_ENCRYPTION.as_ref() {
        // RSAPublicKey (RFC 8017 section A.1.1).
        let mut numbers = Reader::only(key, tag::SEQUENCE).ok()?;
        let n = unsigned(numbers.integer().ok()?).ok()?;
        let e = unsigned(numbers.integer().ok()?).ok()?;
        numbers.end().ok()?;
        return Some(read(Material::Rsa { n, e }));
    }
    if algorithm == alg_id::ED25519.as_ref() {
        return (key.len() == 32).then(|| read(Material::Okp { x: key }));
    }
    let curves = [
        (alg_id::ECDSA_P256, Curve::P256),
        (alg_id::ECDSA_P384, Curve::P384),
        (alg_id::ECDSA_P521, Curve::P521),
    ];
    let (_, curve) = curves.into_iter().find(|(id, _)| algorithm == id.as_ref())?;
    // An uncompressed point (SEC 1 section 2.3.3).
    let point = key.strip_prefix(&[4])?;
    if point.len() != 2 * curve.coordinate_len() {
        return None;
    }
    let (x, y) = point.split_at(curve.coordinate_len());
    Some(read(Material::Ec { curve, x, y }))
}
