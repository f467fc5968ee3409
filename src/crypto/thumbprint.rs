//! The thumbprint of a public key (RFC 7638): one name for a key, whatever document holds it.

use super::key::Material;
use super::ring::sha256;
use crate::base64url::encode;

/// SHA-256 over the required members of the key's JWK, in their order and without white space
/// (RFC 7638 section 3; section 3.2 and RFC 8037 appendix A.3 for the members).
pub(crate) fn thumbprint(material: Material<'_>) -> [u8; 32] {
    let jwk = match material {
        Material::Rsa { n, e } => {
            format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, encode(e), encode(n))
        }
        Material::Ec { curve, x, y } => {
            let (crv, x, y) = (curve.name(), encode(x), encode(y));
            format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#)
        }
        Material::Okp { x } => {
            format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, encode(x))
        }
        Material::Oct { k } => format!(r#"{{"k":"{}","kty":"oct"}}"#, encode(k)),
    };
    sha256(&[jwk.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base64url::decode;

    /// RFC 7638 section 3.1.
    #[test]
    fn the_example_of_rfc_7638() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS\
                 oc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65\
                 YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyr\
                 dkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK\
                 nqDKgw";
        let n = decode(n.as_bytes()).unwrap();
        let made = thumbprint(Material::Rsa { n: &n, e: &[1, 0, 1] });
        assert_eq!(encode(&made), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    /// RFC 8037 appendix A.3.
    #[test]
    fn the_example_of_rfc_8037() {
        let x = decode(b"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let made = thumbprint(Material::Okp { x: &x });
        assert_eq!(encode(&made), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
