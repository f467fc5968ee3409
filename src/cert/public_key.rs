//! The public key of a certificate, as numbers.

use x509_cert::der::asn1::{BitStringRef, ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Reader, SliceReader};
use x509_cert::spki::SubjectPublicKeyInfoRef;

use crate::crypto::{Curve, Material, thumbprint};

/// Gives the numbers of a SubjectPublicKeyInfo to `read`; nothing where it is of a kind that no JWK
/// can hold: explicit EC parameters, compressed points, unknown algorithms.
pub(super) fn with_material<T>(spki: &[u8], read: impl FnOnce(Material<'_>) -> T) -> Option<T> {
    let spki = SubjectPublicKeyInfoRef::from_der(spki).ok()?;
    let bits: BitStringRef<'_> = spki.subject_public_key;
    let key = bits.as_bytes()?;
    match spki.algorithm.oid {
        RSA => {
            let mut reader = SliceReader::new(key).ok()?;
            let (n, e) = reader
                .sequence(|numbers| {
                    let n = UintRef::decode(numbers)?;
                    Ok::<_, x509_cert::der::Error>((n, UintRef::decode(numbers)?))
                })
                .ok()?;
            reader.finish().ok()?;
            Some(read(Material::Rsa { n: n.as_bytes(), e: e.as_bytes() }))
        }
        EC => {
            // A named curve only: explicit parameters can make another curve of a known key
            // (CVE-2020-0601).
            let curve = match spki.algorithm.parameters?.decode_as::<ObjectIdentifier>().ok()? {
                P256 => Curve::P256,
                P384 => Curve::P384,
                P521 => Curve::P521,
                _ => return None,
            };
            let point = key.strip_prefix(&[4])?;
            if point.len() != 2 * curve.coordinate_len() {
                return None;
            }
            let (x, y) = point.split_at(curve.coordinate_len());
            Some(read(Material::Ec { curve, x, y }))
        }
        ED25519 if key.len() == 32 && spki.algorithm.parameters.is_none() => {
            Some(read(Material::Okp { x: key }))
        }
        _ => None,
    }
}

/// What a token's `cnf.jkt` names it by (RFC 7638).
pub(super) fn jwk_thumbprint(spki: &[u8]) -> Option<[u8; 32]> {
    with_material(spki, thumbprint)
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
