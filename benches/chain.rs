//! A chain that was never seen (leaf, intermediate, root) beside its two raw signatures and plain
//! rustls-webpki, for each kind of CA key, in one run; and one seen before, beside the comparison of its
//! bytes.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_RSA_SHA256,
    PublicKeyData,
};
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use tollgate::cert::path::{Profile, validate};
use tollgate::cert::{Certificate, Store};
use tollgate::pki::{Pki, PrincipalName};
use tollgate::policy::PkiRules;
use tollgate::{Ask, Gate, Limits, Now, Peer, Policy, Request, Scenario, Trust, sample};
use webpki::aws_lc_rs::{ECDSA_P256_SHA256, ECDSA_P384_SHA384, RSA_PKCS1_2048_8192_SHA256};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_cert::der::{Decode, Encode};

const NOW_S: i64 = 1_790_000_000;

const NOW: Now = Now { unix_s: NOW_S, mono_ms: 0 };

const ASK: Ask<'static> =
    Ask { endpoint: sample::ENDPOINT, scenario: Scenario::Device, windows: None, source: None };

/// A gate with this PKI, and a peer that presents the chain to it. It knows the intermediate itself, so the
/// leaf alone is remembered.
fn remembering(store: Store, chain: [&CertificateDer<'_>; 2]) -> (Gate, Peer) {
    let pki = Pki {
        name: "bench".into(),
        store: store.into(),
        peer_intermediates: false,
        principal: PrincipalName::FirstAlternative,
        tenant: None,
        crls: None,
    };
    let trust = Trust::new(Vec::new()).and_then(|trust| trust.with_pkis(vec![pki]));
    let policy = Policy::new(300, Limits::default(), vec![sample::endpoint()], Vec::new());
    let policy = policy.expect("one endpoint").with_pkis(vec![PkiRules::default()]);
    let gate = Gate::new(trust.expect("one PKI"), policy).expect("rules for each PKI");
    (gate, Peer::new(chain.map(AsRef::as_ref)).expect("a chain"))
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![format!("{name}.example.com")]).expect("a name");
    params.distinguished_name.push(DnType::OrganizationName, "Contoso");
    params.distinguished_name.push(DnType::CommonName, name);
    params.use_authority_key_identifier_extension = true;
    params
}

fn ca(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

/// The signed bytes and the signature.
fn parts(der: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let read = x509_cert::Certificate::from_der(der).expect("rcgen writes certificates");
    let signed = read.tbs_certificate().to_der().expect("what was read can be written");
    (signed, read.signature().raw_bytes().to_vec())
}

fn chain(criterion: &mut Criterion) {
    let (p256, p384) = (&PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P384_SHA384);
    let rsa = &PKCS_RSA_SHA256;
    let kinds: [(_, _, _, &dyn SignatureVerificationAlgorithm); 3] = [
        ("P-256", p256, p256, ECDSA_P256_SHA256),
        ("RSA-2048", rsa, rsa, RSA_PKCS1_2048_8192_SHA256),
        ("P-384", p384, p256, ECDSA_P384_SHA384),
    ];
    for (name, of_ca, of_leaf, algorithm) in kinds {
        let key = |kind| KeyPair::generate_for(kind).expect("random numbers");
        let (root_key, issuing_key) = (key(of_ca), key(of_ca));
        let publics = [root_key.der_bytes().to_vec(), issuing_key.der_bytes().to_vec()];
        let (root, issuing) = (ca("root"), ca("issuing"));
        let anchor = root.self_signed(&root_key).expect("a root");
        let root = Issuer::new(root, root_key);
        let between = issuing.signed_by(&issuing_key, &root).expect("an intermediate");
        let mut device = params("device-7");
        device.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let issuing = Issuer::new(issuing, issuing_key);
        let leaf = device.signed_by(&key(of_leaf), &issuing).expect("a leaf");

        let links = [parts(between.der()), parts(leaf.der())];
        let raw = || {
            for (key, (signed, signature)) in publics.iter().zip(&links) {
                algorithm.verify_signature(key, signed, signature).expect("a good signature");
            }
        };
        let read = |der: &CertificateDer<'_>| Certificate::from_der(der).expect("a certificate");
        let store = Store::new(vec![read(anchor.der())], vec![read(between.der())]);
        let store = store.expect("an anchor");
        let device = read(leaf.der());
        let at = UnixTime::since_unix_epoch(Duration::from_secs(NOW_S.unsigned_abs()));
        let anchors = [anchor_from_trusted_cert(anchor.der()).expect("an anchor")];
        let (intermediates, usage) = ([between.der().clone()], KeyUsage::client_auth());
        let plain = || {
            let leaf = EndEntityCert::try_from(leaf.der()).expect("a leaf");
            leaf.verify_for_usage(&[algorithm], &anchors, &intermediates, at, usage, None, None)
                .map(drop)
                .expect("a good path");
        };

        let mut group = criterion.benchmark_group(format!("chain/{name}"));
        group.bench_function("raw", |bench| bench.iter(raw));
        group.bench_function("check", |bench| {
            bench.iter(|| validate(&device, &[], &store, &Profile::GATE, NOW_S).expect("a path"));
        });
        group.bench_function("rustls-webpki", |bench| bench.iter(plain));
        group.bench_function("read the leaf", |bench| bench.iter(|| read(leaf.der())));
        let (gate, peer) = remembering(store, [leaf.der(), between.der()]);
        let check = || gate.check(black_box(&Request::peer(&peer)), &ASK, NOW).is_admitted();
        assert!(check());
        group.bench_function("seen before", |bench| bench.iter(check));
        assert_eq!(gate.counters().misses, 1, "the first");
        let (bytes, copy) = (leaf.der().to_vec(), leaf.der().to_vec());
        let compare = || black_box(bytes.as_slice()) == copy.as_slice();
        group.bench_function("comparison of the leaf", |bench| bench.iter(compare));
        group.finish();
    }
}

criterion_group!(benches, chain);
criterion_main!(benches);
