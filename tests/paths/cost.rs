//! What hostile paths cost, and that it is known before they are proven.

use std::time::Instant;

use rcgen::{
    GeneralSubtree, NameConstraints, PKCS_ECDSA_P521_SHA512, PKCS_RSA_SHA256, PublicKeyData,
    SanType, SignatureAlgorithm, SigningKey,
};

use super::*;

/// A peer that may bring intermediates brings a hundred of one name: four are proven, not a hundred
/// (webpki alone checks 100 signatures of them).
#[test]
fn a_hundred_issuers_of_one_name_cost_four_proofs() {
    let (anchor, root_ca) = root(ca_params("root", ANY));
    let store = Store::new(vec![anchor], Vec::new()).unwrap();
    let mut silent = ca_params("issuing", ANY);
    silent.use_authority_key_identifier_extension = false;
    let presented: Vec<_> = (0..100).map(|_| read(&under(&root_ca, silent.clone()).0)).collect();
    let (_, stranger) = root(ca_params("issuing", ANY));
    let mut leaf = leaf_params();
    leaf.use_authority_key_identifier_extension = false;
    let leaf = read(&under(&stranger, leaf).0);
    let profile = Profile { peer_intermediates: true, ..Profile::GATE };
    let time = |presented: &[Certificate]| {
        let start = Instant::now();
        let fault = validate(&leaf, presented, &store, &profile, NOW_S).unwrap_err();
        assert_eq!(fault, PathFault::Signature);
        start.elapsed()
    };
    let four = (0..5).map(|_| time(&presented[..4])).min().unwrap();
    let hundred = (0..5).map(|_| time(&presented)).min().unwrap();
    assert!(hundred < 3 * four, "4: {four:?}, 100: {hundred:?}");
    // Not allowed, they are not even looked at.
    let refused = validate(&leaf, &presented, &store, &Profile::GATE, NOW_S).unwrap_err();
    assert_eq!(refused, PathFault::NoIssuer);
}

/// A key with the look of RSA that signs nothing: for what must be refused before any signature.
struct Hollow(Vec<u8>);

impl Hollow {
    fn rsa(bits: usize, exponent: &[u8]) -> Self {
        let mut modulus = vec![0xff; bits / 8];
        modulus.insert(0, 0);
        let integer = |bytes: &[u8]| {
            let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
            // The shortest form of the length, as DER has it.
            match bytes.len() {
                short @ 0..=0x7f => [&[2, u8::try_from(short).unwrap()][..], bytes].concat(),
                0x80..=0xff => [&[2, 0x81, length[1]], bytes].concat(),
                _ => [&[2, 0x82, length[0], length[1]], bytes].concat(),
            }
        };
        let numbers = [integer(&modulus), integer(exponent)].concat();
        let length = u16::try_from(numbers.len()).unwrap().to_be_bytes();
        Self([&[0x30, 0x82, length[0], length[1]], &numbers[..]].concat())
    }
}

impl PublicKeyData for Hollow {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl SigningKey for Hollow {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(vec![1; self.0.len() - 20])
    }
}

#[test]
fn a_key_that_no_algorithm_takes_is_unsupported_before_any_signature() {
    const F4: &[u8] = &[1, 0, 1];
    for (key, expected) in [
        (Hollow::rsa(8192, F4), PathFault::Signature),
        (Hollow::rsa(2048, F4), PathFault::Signature),
        (Hollow::rsa(8200, F4), PathFault::Unsupported),
        (Hollow::rsa(2040, F4), PathFault::Unsupported),
        (Hollow::rsa(2048, &[1, 0, 3]), PathFault::Unsupported),
    ] {
        let params = ca_params("root", ANY);
        let anchor = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        let leaf = leaf_params().signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
        let store = Store::new(vec![read(anchor.der())], Vec::new()).unwrap();
        let bytes = issuer.key().0.len();
        assert_eq!(judge(leaf.der(), &store), Err(expected), "a key of {bytes} bytes");
    }
}

/// Eight signatures by P-384 are what a path may cost; one by P-521 takes as long as 1.7 of them.
#[test]
fn a_path_that_is_too_dear_is_not_proven() {
    let ca = |name: &str| ca_params(name, ANY);
    let (anchor, key) = (ca("root"), KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap());
    let anchor_der = anchor.self_signed(&key).unwrap().der().to_vec();
    let mut issuer = Issuer::new(anchor, key);
    let mut intermediates = Vec::new();
    for depth in 1..=5 {
        let (leaf, _) = under(&issuer, leaf_params());
        let store = Store::new(
            vec![read(&anchor_der)],
            intermediates.iter().map(|der: &Vec<u8>| read(der)).collect(),
        );
        let expected = if depth <= 4 { None } else { Some(PathFault::TooComplex) };
        assert_eq!(judge(&leaf, &store.unwrap()).err(), expected, "{depth} signatures");
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
        let params = ca(&format!("issuing {depth}"));
        intermediates.push(params.signed_by(&key, &issuer).unwrap().der().to_vec());
        issuer = Issuer::new(params, key);
    }
}

/// Names are compared with constraints one by one (x509-limbo's nc-dos): their product is counted.
#[test]
fn constraints_times_names_count_too() {
    let names = |most: usize| (0..most).map(|n| format!("n{n}.example.com")).collect::<Vec<_>>();
    let judge = |constraints: usize, sans: usize| {
        let mut root_params = ca_params("root", ANY);
        let excluded = names(constraints).into_iter().map(GeneralSubtree::DnsName).collect();
        root_params.name_constraints =
            Some(NameConstraints { permitted_subtrees: Vec::new(), excluded_subtrees: excluded });
        let (anchor, root_ca) = root(root_params);
        let mut leaf = leaf_params();
        let dns = |name: String| SanType::DnsName(name.replace('n', "m").try_into().unwrap());
        leaf.subject_alt_names = names(sans).into_iter().map(dns).collect();
        judge(&under(&root_ca, leaf).0, &Store::new(vec![anchor], Vec::new()).unwrap()).err()
    };
    assert_eq!(judge(500, 20), None);
    assert_eq!(judge(20, 500), None);
    assert_eq!(judge(500, 500), Some(PathFault::TooComplex));
}
