//! The shapes of hostile chains, after x509-limbo's `pathological` cases, CVE-2018-16875 (many issuers
//! of one name) and RUSTSEC-2023-0053 (webs and name constraints).

use rcgen::{
    CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, Issuer,
    KeyPair, NameConstraints, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384,
    PKCS_ECDSA_P521_SHA512, PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData, RsaKeySize,
    SignatureAlgorithm, SigningKey,
};
use tollgate::limits::CERTIFICATE_BYTES;

use super::pki::{Pki, ca, device, dns, failed, key, self_signed, signed};
use crate::misuse::Misuse;

type Make = fn() -> Result<Pki, Misuse>;

/// How many shapes there are.
pub(super) const COUNT: usize = 20;

/// Every shape by name.
pub(super) fn all() -> [(&'static str, Make); COUNT] {
    [
        ("100 anchors of one name, P-256", || one_name(&PKCS_ECDSA_P256_SHA256, true)),
        ("100 anchors of one name, P-521", || one_name(&PKCS_ECDSA_P521_SHA512, true)),
        ("100 anchors of one name, RSA-8192", hollow_anchors),
        ("100 intermediates of one name, P-256", || one_name(&PKCS_ECDSA_P256_SHA256, false)),
        ("100 intermediates of one name, P-384", || one_name(&PKCS_ECDSA_P384_SHA384, false)),
        ("six deep, four doors, P-256", || deep(&PKCS_ECDSA_P256_SHA256, 6)),
        ("six deep, four doors, P-384", || deep(&PKCS_ECDSA_P384_SHA384, 6)),
        ("six deep, four doors, Ed25519", || deep(&PKCS_ED25519, 6)),
        ("three deep, four doors, P-521", || deep(&PKCS_ECDSA_P521_SHA512, 3)),
        ("six deep, four doors, RSA-4096", deep_rsa),
        ("web of ten with one name, P-256", || web(&PKCS_ECDSA_P256_SHA256, CLAIMED, 9)),
        ("web of ten with one name, P-384", || web(&PKCS_ECDSA_P384_SHA384, CLAIMED, 9)),
        ("web of eight with one name of 4 KiB, P-256", || {
            web(&PKCS_ECDSA_P256_SHA256, &"Contoso ".repeat(512), 7)
        }),
        ("names x constraints, all that fit", || names(5000, 2900, 1)),
        ("names x constraints, all that may be compared", || names(600, 30, 20)),
        ("64 KiB of names, not looked at", || junk(many_names, false)),
        ("64 KiB of names, as intermediates", || junk(many_names, true)),
        ("the same beside 100 of one name, P-384", junk_beside_one_name),
        ("64 KiB of extensions, as intermediates", || junk(many_extensions, true)),
        ("64 KiB of usages and subjects, as intermediates", || junk(many_values, true)),
    ]
}

/// The issuer that everyone claims.
const CLAIMED: &str = "Contoso Issuing CA";

/// A leaf with the right issuer's name and the signature of another, by a kind of key that it takes
/// some work to refuse.
fn forged(algorithm: &'static SignatureAlgorithm, issuer: &str) -> Result<Vec<u8>, Misuse> {
    let stranger = Issuer::new(ca(issuer), key(algorithm)?);
    signed(&device(Vec::new()), &key(&PKCS_ECDSA_P256_SHA256)?, &stranger)
}

fn one_name(algorithm: &'static SignatureAlgorithm, as_anchors: bool) -> Result<Pki, Misuse> {
    let root_key = key(algorithm)?;
    let root_der = self_signed(&ca("Contoso Root CA"), &root_key)?;
    let root = Issuer::new(ca("Contoso Root CA"), root_key);
    let of_name = || signed(&ca(CLAIMED), &key(algorithm)?, &root);
    let hundred = (0..100).map(|_| of_name()).collect::<Result<_, _>>()?;
    let presented = vec![forged(algorithm, CLAIMED)?];
    Ok(if as_anchors {
        Pki { anchors: hundred, presented, ..Pki::default() }
    } else {
        Pki { anchors: vec![root_der], intermediates: hundred, presented, ..Pki::default() }
    })
}

/// A public key of the greatest size, and signatures that only look like its own: nobody waits here
/// for a real one.
struct Hollow;

const HOLLOW_KEY: [u8; 1038] = {
    let mut key = [0xff; 1038];
    // SEQUENCE of the modulus, an INTEGER of 1,025 bytes, and the exponent F4.
    let (head, tail) = ([0x30, 0x82, 4, 10, 2, 0x82, 4, 1, 0], [2, 3, 1, 0, 1]);
    let mut at = 0;
    while at < head.len() {
        key[at] = head[at];
        at += 1;
    }
    at = 0;
    while at < tail.len() {
        key[1033 + at] = tail[at];
        at += 1;
    }
    key
};

impl PublicKeyData for Hollow {
    fn der_bytes(&self) -> &[u8] {
        &HOLLOW_KEY
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl SigningKey for Hollow {
    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(vec![0x55; 1024])
    }
}

fn hollow_anchors() -> Result<Pki, Misuse> {
    let anchors = (0..100).map(|_| self_signed(&ca(CLAIMED), &Hollow));
    let anchors = anchors.collect::<Result<_, _>>()?;
    let stranger = Issuer::new(ca(CLAIMED), Hollow);
    let leaf = signed(&device(Vec::new()), &key(&PKCS_ECDSA_P256_SHA256)?, &stranger)?;
    Ok(Pki { anchors, presented: vec![leaf], ..Pki::default() })
}

fn deep(algorithm: &'static SignatureAlgorithm, depth: usize) -> Result<Pki, Misuse> {
    deep_by(&key(algorithm)?, &key(algorithm)?, depth)
}

fn deep_rsa() -> Result<Pki, Misuse> {
    let key = || KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_4096).map_err(failed);
    deep_by(&key()?, &key()?, 6)
}

/// A chain whose every signature is good, four certificates at its end, and a leaf that is of none
/// of them. The CAs have different names and one key: that costs as much, and is made sooner.
fn deep_by(cas: &KeyPair, stranger: &KeyPair, depth: usize) -> Result<Pki, Misuse> {
    let anchors = vec![self_signed(&ca("Contoso CA 0"), cas)?];
    let mut issuer = Issuer::new(ca("Contoso CA 0"), cas);
    let mut intermediates = Vec::new();
    for level in 1..depth {
        let params = ca(&format!("Contoso CA {level}"));
        intermediates.push(signed(&params, cas, &issuer)?);
        issuer = Issuer::new(params, cas);
    }
    for _ in 0..4 {
        intermediates.push(signed(&ca(CLAIMED), cas, &issuer)?);
    }
    let stranger = Issuer::new(ca(CLAIMED), stranger);
    let presented = vec![signed(&device(Vec::new()), cas, &stranger)?];
    Ok(Pki { anchors, intermediates, presented, peer_intermediates: false })
}

/// Each could have issued each: `pathological::chain-same-subject-distinct-key`.
fn web(algorithm: &'static SignatureAlgorithm, name: &str, strands: usize) -> Result<Pki, Misuse> {
    let root_key = key(algorithm)?;
    let anchors = vec![self_signed(&ca(name), &root_key)?];
    let root = Issuer::new(ca(name), root_key);
    let mut presented = vec![forged(algorithm, name)?];
    for _ in 0..strands {
        presented.push(signed(&ca(name), &key(algorithm)?, &root)?);
    }
    Ok(Pki { anchors, presented, intermediates: Vec::new(), peer_intermediates: true })
}

/// `pathological::nc-dos-*`: one intermediate with constraints, one leaf with names.
fn names(sans: usize, constraints: usize, length: usize) -> Result<Pki, Misuse> {
    let root_key = key(&PKCS_ECDSA_P256_SHA256)?;
    let anchors = vec![self_signed(&ca("Contoso Root CA"), &root_key)?];
    let root = Issuer::new(ca("Contoso Root CA"), root_key);
    let (harmless, excluded) = ("a".repeat(length), "b".repeat(length));
    let mut constrained = ca(CLAIMED);
    constrained.name_constraints = Some(NameConstraints {
        permitted_subtrees: Vec::new(),
        excluded_subtrees: vec![GeneralSubtree::DnsName(excluded.clone()); constraints],
    });
    let issuing_key = key(&PKCS_ECDSA_P256_SHA256)?;
    let intermediates = vec![signed(&constrained, &issuing_key, &root)?];
    let issuing = Issuer::new(ca(CLAIMED), issuing_key);
    let mut sans = vec![dns(&harmless)?; sans];
    // What is excluded comes last, for the kernel to find when all the others are compared.
    sans.push(dns(&excluded)?);
    let leaf = signed(&device(sans), &key(&PKCS_ECDSA_P256_SHA256)?, &issuing)?;
    fits(&leaf)?;
    fits(&intermediates[0])?;
    Ok(Pki { anchors, intermediates, presented: vec![leaf], peer_intermediates: false })
}

/// A shape that is over the limit would measure nothing.
fn fits(der: &[u8]) -> Result<(), Misuse> {
    if der.len() > CERTIFICATE_BYTES {
        return Err(Misuse::new(format!("a hostile certificate of {} bytes: a bug", der.len())));
    }
    Ok(())
}

/// A leaf of nobody's, and four certificates of 16 KiB beside it.
fn junk(fill: fn(&mut CertificateParams) -> Result<(), Misuse>, used: bool) -> Result<Pki, Misuse> {
    let root_key = key(&PKCS_ECDSA_P256_SHA256)?;
    let anchors = vec![self_signed(&ca("Contoso Root CA"), &root_key)?];
    let root = Issuer::new(ca("Contoso Root CA"), root_key);
    let mut presented = vec![forged(&PKCS_ECDSA_P256_SHA256, CLAIMED)?];
    for _ in 0..4 {
        let mut params = ca(CLAIMED);
        fill(&mut params)?;
        let der = signed(&params, &key(&PKCS_ECDSA_P256_SHA256)?, &root)?;
        fits(&der)?;
        presented.push(der);
    }
    Ok(Pki { anchors, presented, intermediates: Vec::new(), peer_intermediates: used })
}

/// All that is to be read, and all that is to be proven.
fn junk_beside_one_name() -> Result<Pki, Misuse> {
    let Pki { presented: junk, .. } = junk(many_names, true)?;
    let mut pki = one_name(&PKCS_ECDSA_P384_SHA384, false)?;
    pki.presented.extend(junk.into_iter().skip(1));
    pki.peer_intermediates = true;
    Ok(pki)
}

fn many_names(params: &mut CertificateParams) -> Result<(), Misuse> {
    params.subject_alt_names = vec![dns("a")?; 5200];
    Ok(())
}

fn many_extensions(params: &mut CertificateParams) -> Result<(), Misuse> {
    let extension = |n: u64| CustomExtension::from_oid_content(&[1, 3, n], Vec::new());
    params.custom_extensions = (0..1600).map(extension).collect();
    Ok(())
}

fn many_values(params: &mut CertificateParams) -> Result<(), Misuse> {
    let usage = |n: u64| ExtendedKeyUsagePurpose::Other(vec![1, 3, n]);
    params.extended_key_usages = (0..1500).map(usage).collect();
    for n in 0..500 {
        params.distinguished_name.push(DnType::CustomDnType(vec![2, 5, n]), "a");
    }
    Ok(())
}
