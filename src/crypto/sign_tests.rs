use super::*;
use crate::base64url::decode;

const ASYMMETRIC: [Algorithm; 6] = [
    Algorithm::Rs256,
    Algorithm::Ps384,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::EdDsa,
];

/// What the key signs passes under the public half of `reader`.
fn verifies(reader: &SigningKey, signature: &[u8]) -> bool {
    reader.with_material(|material| {
        let key = VerifyingKey::new(reader.algorithm(), material, &Limits::default()).unwrap();
        key.verify(b"message", signature).is_ok()
    })
}

#[test]
fn a_key_comes_back_from_pkcs8_as_it_was() {
    for algorithm in ASYMMETRIC {
        let made = SigningKey::generate(algorithm).unwrap();
        let der = made.to_pkcs8().unwrap();
        let read = SigningKey::from_pkcs8(algorithm, &der).unwrap();
        assert_eq!(read.algorithm(), algorithm);
        assert_eq!(read.thumbprint(), made.thumbprint(), "{algorithm}");
        assert_eq!(*read.to_pkcs8().unwrap(), *der, "{algorithm}");
        assert!(verifies(&made, &read.sign(b"message").unwrap()), "{algorithm}");
        assert!(verifies(&read, &made.sign(b"message").unwrap()), "{algorithm}");
    }
}

#[test]
fn a_key_is_not_taken_for_another_type_or_curve() {
    for made in ASYMMETRIC {
        let der = SigningKey::generate(made).unwrap().to_pkcs8().unwrap();
        for asked in Algorithm::ALL {
            let read = SigningKey::from_pkcs8(*asked, &der);
            // RSA keys do not say by which of their algorithms they sign.
            assert_eq!(read.is_ok(), made.family() == asked.family(), "{made} read for {asked}");
            if let Err(why) = read {
                let expected = format!("it is not an unencrypted PKCS#8 private key for {asked}");
                assert_eq!(why.to_string(), expected);
            }
        }
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let der = SigningKey::generate(Algorithm::Es256).unwrap().to_pkcs8().unwrap();
    for bad in [&[][..], b"-----BEGIN PRIVATE KEY-----", &der[..der.len() - 1], &der[1..]] {
        assert!(SigningKey::from_pkcs8(Algorithm::Es256, bad).is_err(), "{} bytes", bad.len());
    }
    let secret = SigningKey::generate(Algorithm::Hs256).unwrap();
    assert_eq!(secret.to_pkcs8().err(), Some(SigningFailed));
}

/// RFC 8410 section 10.3: without and with the public half, and with one that is another key's.
#[test]
fn the_example_of_rfc_8410() {
    let read = |text: &str| {
        let der = decode(text.as_bytes()).unwrap();
        SigningKey::from_pkcs8(Algorithm::EdDsa, &der)
    };
    let short = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp-K06_nwoy_HU--CXqI9EdVhC";
    let long = "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp-K06_nwoy_HU--CXqI9EdVhCoB8wHQYKKoZIhvcNAQkJ\
                FDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE";
    let key = read(short).unwrap();
    assert_eq!(read(long).unwrap().thumbprint(), key.thumbprint());
    let other = long.replace("AxZuE", "AxZuI");
    assert!(read(&other).is_err(), "halves of two keys");
}

#[test]
fn guids_are_random_and_of_version_4() {
    let guids: Vec<Guid> = (0..64).map(|_| random_guid().unwrap()).collect();
    for (at, guid) in guids.iter().enumerate() {
        assert_eq!((guid.0[6] >> 4, guid.0[8] >> 6), (4, 2), "{guid}");
        assert!(!guids[..at].contains(guid), "{guid} twice");
    }
}

#[test]
fn nothing_that_is_printed_holds_the_key() {
    let key = SigningKey::generate(Algorithm::Es256).unwrap();
    assert_eq!(format!("{key:?}"), "SigningKey(ES256)");
}

#[test]
fn the_public_half_of_a_certificate_ends_in_the_keys_numbers() {
    for algorithm in ASYMMETRIC {
        let key = SigningKey::generate(algorithm).unwrap();
        let spki = key.to_spki().unwrap();
        assert_eq!(spki[0], 0x30, "{algorithm}: a SEQUENCE");
        key.with_material(|material| match material {
            Material::Rsa { n, .. } => {
                assert!(spki.windows(n.len()).any(|part| part == n), "{algorithm}");
            }
            Material::Ec { x, y, .. } => assert!(spki.ends_with(&[x, y].concat()), "{algorithm}"),
            Material::Okp { x } => assert!(spki.ends_with(x), "{algorithm}"),
            Material::Oct { .. } => panic!("{algorithm} is no secret"),
        });
    }
    let secret = SigningKey::generate(Algorithm::Hs256).unwrap();
    assert_eq!(secret.to_spki(), Err(SigningFailed));
}

#[test]
fn rsa_keys_are_as_large_as_the_limits_want() {
    let bits = |least, most| {
        let limits = Limits { rsa_min_bits: least, rsa_max_bits: most, ..Limits::default() };
        let key = SigningKey::generate_within(Algorithm::Rs256, &limits).ok()?;
        key.with_material(|material| match material {
            Material::Rsa { n, .. } => Some(n.len() * 8),
            Material::Ec { .. } | Material::Okp { .. } | Material::Oct { .. } => None,
        })
    };
    assert_eq!(bits(1024, 8192), Some(2048));
    assert_eq!(bits(2049, 4096), Some(3072));
    assert_eq!(bits(1024, 2047), None);
    let narrow = Limits { rsa_min_bits: 1024, rsa_max_bits: 1024, ..Limits::default() };
    assert!(SigningKey::generate_within(Algorithm::Es256, &narrow).is_ok());
}
