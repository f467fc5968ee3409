//! Certification paths, with a PKI made for each test: what is chosen, what is proven, what it costs.

#![allow(clippy::unwrap_used)]

use std::time::Instant;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose,
};
use time::OffsetDateTime;
use tollgate::cert::path::{PathFault, Profile, validate};
use tollgate::cert::{BadAnchor, BadCertificate, Certificate, Store};

const NOW_S: i64 = 1_790_000_000;
const DAY_S: i64 = 86_400;

type Ca = Issuer<'static, KeyPair>;

fn params(name: &str, first_s: i64, last_s: i64) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = OffsetDateTime::from_unix_timestamp(first_s).unwrap();
    params.not_after = OffsetDateTime::from_unix_timestamp(last_s).unwrap();
    params.use_authority_key_identifier_extension = true;
    params
}

fn ca_params(name: &str, path_len: BasicConstraints) -> CertificateParams {
    let mut params = params(name, NOW_S - 1000 * DAY_S, NOW_S + 1000 * DAY_S);
    params.is_ca = IsCa::Ca(path_len);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn leaf_params() -> CertificateParams {
    let mut params = params("device-7", NOW_S - DAY_S, NOW_S + DAY_S);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

fn read(der: &[u8]) -> Certificate {
    Certificate::from_der(der).unwrap()
}

fn root(params: CertificateParams) -> (Certificate, Ca) {
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (read(certificate.der()), Issuer::new(params, key))
}

fn under(issuer: &Ca, params: CertificateParams) -> (Vec<u8>, Ca) {
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    (certificate.der().to_vec(), Issuer::new(params, key))
}

fn judge(leaf: &[u8], store: &Store) -> Result<(i64, i64), PathFault> {
    let path = validate(&read(leaf), &[], store, &Profile::GATE, NOW_S)?;
    Ok(path.window())
}

const ANY: BasicConstraints = BasicConstraints::Unconstrained;

#[test]
fn a_path_of_three_has_the_window_of_all() {
    let (anchor, root) = root(ca_params("root", ANY));
    let mut short = ca_params("issuing", BasicConstraints::Constrained(0));
    short.not_after = OffsetDateTime::from_unix_timestamp(NOW_S + 10).unwrap();
    let (issuing_der, issuing) = under(&root, short);
    let (leaf, _) = under(&issuing, leaf_params());
    let store = Store::new(vec![anchor], vec![read(&issuing_der)]).unwrap();
    assert_eq!(judge(&leaf, &store), Ok((NOW_S - DAY_S, NOW_S + 10)));

    let alone = Store::new(vec![root_again()], vec![read(&issuing_der)]).unwrap();
    assert_eq!(judge(&leaf, &alone), Err(PathFault::NoIssuer));
}

fn root_again() -> Certificate {
    root(ca_params("another root", ANY)).0
}

#[test]
fn of_two_keys_with_one_name_the_key_identifier_chooses() {
    let (old_anchor, old) = root(ca_params("corporate CA", ANY));
    let (new_anchor, new) = root(ca_params("corporate CA", ANY));
    let store = Store::new(vec![old_anchor, new_anchor], Vec::new()).unwrap();
    for issuer in [&old, &new] {
        let (leaf, _) = under(issuer, leaf_params());
        assert!(judge(&leaf, &store).is_ok());
    }
    // Without key identifiers both are tried, and still only a good signature counts.
    let mut silent = leaf_params();
    silent.use_authority_key_identifier_extension = false;
    let (leaf, _) = under(&new, silent.clone());
    assert!(judge(&leaf, &store).is_ok());
    let (_, stranger) = root(ca_params("corporate CA", ANY));
    let (forged, _) = under(&stranger, silent);
    assert_eq!(judge(&forged, &store), Err(PathFault::Signature));
}

/// AD CS renews a CA with its key again and again, and each certificate is kept.
#[test]
fn of_one_key_with_many_certificates_the_valid_one_is_chosen() {
    let key = KeyPair::generate().unwrap();
    let ends = [1, 2, 3, 4, 1000].map(|days| NOW_S + (days - 5) * DAY_S);
    let renewed = ends.map(|last_s| {
        let mut params = ca_params("root", ANY);
        params.not_after = OffsetDateTime::from_unix_timestamp(last_s).unwrap();
        read(params.self_signed(&key).unwrap().der())
    });
    let (leaf, _) = under(&Issuer::new(ca_params("root", ANY), key), {
        params_with_eku(params("device-7", NOW_S - 100 * DAY_S, NOW_S + DAY_S))
    });
    let store = Store::new(renewed.into(), Vec::new()).unwrap();
    assert_eq!(judge(&leaf, &store), Ok((NOW_S - 100 * DAY_S, NOW_S + DAY_S)));
}

#[test]
fn expiry_is_said_of_proven_chains_only() {
    let (anchor, root_ca) = root(ca_params("root", ANY));
    let store = Store::new(vec![anchor], Vec::new()).unwrap();
    let ended = || params_with_eku(params("device-7", NOW_S - 2 * DAY_S, NOW_S - DAY_S));
    let later = || params_with_eku(params("device-7", NOW_S + DAY_S, NOW_S + 2 * DAY_S));
    assert_eq!(judge(&under(&root_ca, ended()).0, &store), Err(PathFault::Expired));
    assert_eq!(judge(&under(&root_ca, later()).0, &store), Err(PathFault::NotYetValid));
    let (_, stranger) = root(ca_params("root", ANY));
    let mut forged = ended();
    forged.use_authority_key_identifier_extension = false;
    assert_eq!(judge(&under(&stranger, forged).0, &store), Err(PathFault::Signature));
}

fn params_with_eku(mut params: CertificateParams) -> CertificateParams {
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params
}

#[test]
fn purpose_ca_and_length_are_looked_at() {
    let (anchor, root_ca) = root(ca_params("root", BasicConstraints::Constrained(0)));
    let (issuing_der, issuing) = under(&root_ca, ca_params("issuing", ANY));
    let store = Store::new(vec![anchor], vec![read(&issuing_der)]).unwrap();
    let of_root = |params| judge(&under(&root_ca, params).0, &store);
    assert!(of_root(leaf_params()).is_ok());

    let mut server = leaf_params();
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    assert_eq!(of_root(server), Err(PathFault::Purpose));
    let mut silent = leaf_params();
    silent.extended_key_usages = Vec::new();
    assert_eq!(of_root(silent), Err(PathFault::Purpose), "the gate demands clientAuth");
    let (_, stranger) = root(ca_params("root", ANY));
    let mut forged = leaf_params();
    forged.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    forged.use_authority_key_identifier_extension = false;
    let forged = judge(&under(&stranger, forged).0, &store);
    assert_eq!(forged, Err(PathFault::Signature), "a purpose is said of proven chains only");
    let mut any = leaf_params();
    any.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any];
    assert_eq!(of_root(any), Err(PathFault::Purpose));
    let mut encipher = leaf_params();
    encipher.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
    assert_eq!(of_root(encipher.clone()), Err(PathFault::Purpose), "its key may not sign");
    encipher.key_usages.push(KeyUsagePurpose::DigitalSignature);
    assert!(of_root(encipher).is_ok());
    assert_eq!(of_root(params_with_eku(ca_params("sub", ANY))), Err(PathFault::LeafIsCa));

    let too_deep = judge(&under(&issuing, leaf_params()).0, &store);
    assert_eq!(too_deep, Err(PathFault::TooLong), "the root's pathLen is 0");

    let (leaf_der, no_ca) = under(&root_ca, leaf_params());
    let (below, _) = under(&no_ca, leaf_params());
    let (anchor, _) = root(ca_params("unrelated", ANY));
    let store = Store::new(vec![anchor], vec![read(&leaf_der)]).unwrap();
    assert_eq!(judge(&below, &store), Err(PathFault::NoIssuer));
}

#[test]
fn an_issuer_for_other_purposes_issues_no_clients() {
    let (anchor, root_ca) = root(ca_params("root", ANY));
    let mut mail = ca_params("mail", ANY);
    mail.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    let (mail_der, mail) = under(&root_ca, mail);
    let store = Store::new(vec![anchor], vec![read(&mail_der)]).unwrap();
    assert_eq!(judge(&under(&mail, leaf_params()).0, &store), Err(PathFault::Purpose));
}

#[test]
fn an_anchor_must_be_able_to_be_one() {
    let (leaf, _) = root(leaf_params());
    assert_eq!(Store::new(vec![leaf], Vec::new()).err(), Some((0, BadAnchor::NotACa)));
    let mut no_sign = ca_params("root", ANY);
    no_sign.key_usages = vec![KeyUsagePurpose::CrlSign];
    let (mute, _) = root(no_sign);
    assert_eq!(Store::new(vec![mute], Vec::new()).err(), Some((0, BadAnchor::MayNotSign)));
}

#[test]
fn no_flipped_bit_of_a_path_admits() {
    let (anchor, root_ca) = root(ca_params("root", ANY));
    let (issuing_der, issuing) = under(&root_ca, ca_params("issuing", ANY));
    let (leaf, _) = under(&issuing, leaf_params());
    let anchor_der = anchor.der().to_vec();
    for bit in 0..leaf.len() * 8 {
        let mut changed = leaf.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let store = Store::new(vec![read(&anchor_der)], vec![read(&issuing_der)]).unwrap();
        if let Ok(changed) = Certificate::from_der(&changed) {
            let judged = validate(&changed, &[], &store, &Profile::GATE, NOW_S);
            assert!(judged.is_err(), "leaf, bit {bit}");
        }
    }
    for bit in 0..issuing_der.len() * 8 {
        let mut changed = issuing_der.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        if let Ok(changed) = Certificate::from_der(&changed) {
            let store = Store::new(vec![read(&anchor_der)], vec![changed]).unwrap();
            assert!(judge(&leaf, &store).is_err(), "issuer, bit {bit}");
        }
    }
}

/// Nothing constrains the names, so the kernel leaves them unread; whoever reads them later must not
/// be the first to find out.
#[test]
fn names_that_cannot_be_read_make_no_certificate() {
    for names in [&b"\x30\x06\x82\x07pc.a"[..], b"\x30\x06\x82\x04pc.a\x05\x00"] {
        let mut params = leaf_params();
        let extension = CustomExtension::from_oid_content(&[2, 5, 29, 17], names.to_vec());
        params.custom_extensions = vec![extension];
        let leaf = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let bad = Certificate::from_der(leaf.der()).unwrap_err();
        assert_eq!(bad, BadCertificate::Extension);
    }
}

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

/// Whoever shows a certificate has it read, proven or not: each extension costs the same, however
/// many there are.
#[test]
fn a_thousand_extensions_cost_ten_times_a_hundred() {
    let time = |count: u64| {
        let mut params = leaf_params();
        // The last first, as no CA writes them.
        params.custom_extensions = (0..count)
            .rev()
            .map(|id| CustomExtension::from_oid_content(&[2, 5, 29, 1000 + id], Vec::new()))
            .collect();
        let leaf = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let read = || {
            let start = Instant::now();
            assert!(Certificate::from_der(leaf.der()).is_ok());
            start.elapsed()
        };
        (0..20).map(|_| read()).min().unwrap()
    };
    let (hundred, thousand) = (time(100), time(1000));
    assert!(thousand < 20 * hundred, "100: {hundred:?}, 1000: {thousand:?}");
}
