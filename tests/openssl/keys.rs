//! Keys and signatures: which algorithms prove a path.

use tollgate::cert::path::PathFault;

use super::der::{field, fields, parts};
use super::order::Issued;
use super::pki::{Pki, admitted, invalid, row, untrusted};
use super::verdict::Case;
use super::verdict::Openssl::Agrees;
use super::verdict::error::*;
use super::workshop::{Key, P_256, P_256_EXPLICIT, P_384, RSA_1024, RSA_2048, RSA_4096, Workshop};

pub(crate) fn rows(pki: &Pki<'_>) -> Vec<Case> {
    let mut rows = good(pki.workshop);
    rows.extend(weak(pki));
    rows.extend(explicit(pki));
    rows
}

/// A key for root, issuing CA and leaf, of each algorithm.
fn good_keys(workshop: &Workshop) -> [(&'static str, Vec<Key>); 4] {
    let algorithms = [
        ("RSA 2048 throughout", RSA_2048),
        ("RSA 4096 throughout", RSA_4096),
        ("P-256 throughout", P_256),
        ("P-384 throughout", P_384),
    ];
    // RSA keys take their time.
    std::thread::scope(|scope| {
        algorithms
            .map(|(name, algorithm)| {
                let keys = move || (0..3).map(|_| workshop.key(algorithm)).collect();
                (name, scope.spawn(keys))
            })
            .map(|(name, keys)| (name, keys.join().unwrap()))
    })
}

fn good(workshop: &Workshop) -> Vec<Case> {
    let keys = good_keys(workshop);
    let mut rows = Vec::new();
    for (name, keys) in &keys {
        let root = workshop.root("Root", &keys[0]).make();
        let issuing = workshop.ca(&root, "Issuing", &keys[1]).make();
        let leaf = workshop.leaf(&issuing, &keys[2]).make().der;
        rows.push(row(name, &leaf, &[&issuing.der], &[&root.der], admitted(), Agrees(OK)));
    }
    let [(_, rsa_2048), (_, rsa_4096), (_, p_256), (_, p_384)] = &keys;
    let root = workshop.root("Root", &rsa_4096[0]).make();
    let issuing = workshop.ca(&root, "Issuing", &p_384[0]).digest("sha384").make();
    let leaf = workshop.leaf(&issuing, &rsa_2048[0]).digest("sha384").make().der;
    let mixed = "an RSA 2048 leaf under P-384 under RSA 4096, with SHA-384";
    rows.push(row(mixed, &leaf, &[&issuing.der], &[&root.der], admitted(), Agrees(OK)));
    let issuing = workshop.ca(&root, "Issuing", &p_256[0]).digest("sha512").make();
    let leaf = workshop.leaf(&issuing, &rsa_4096[2]).digest("sha512").make().der;
    let mixed = "an RSA 4096 leaf under P-256 under RSA 4096, with SHA-512";
    rows.push(row(mixed, &leaf, &[&issuing.der], &[&root.der], admitted(), Agrees(OK)));
    rows
}

fn weak(pki: &Pki<'_>) -> Vec<Case> {
    let workshop = pki.workshop;
    let small = workshop.key(RSA_1024);
    let small_root = workshop.root("Root", &small).make();
    let under_small = workshop.leaf(&small_root, &pki.leaf_key).make().der;
    let small_issuing = workshop.ca(&pki.root, "Issuing", &small).make();
    let under_small_issuing = workshop.leaf(&small_issuing, &pki.leaf_key).make().der;
    let small_leaf = workshop.leaf(&pki.issuing, &small).make().der;
    // There is no ECDSA with MD5.
    let rsa_root = workshop.root("Root", &workshop.key(RSA_2048)).make();
    let under_rsa = |digest| workshop.leaf(&rsa_root, &pki.leaf_key).digest(digest).make().der;
    let unsupported = invalid(PathFault::Unsupported);
    let weak_digest = Agrees(DIGEST_TOO_WEAK);
    vec![
        // The kernel's algorithms begin at 2048 bits, and call the signature wrong.
        row(
            "a root with an RSA key of 1024 bits",
            &under_small,
            &[],
            &[&small_root.der],
            invalid(PathFault::Unsupported),
            Agrees(CA_KEY_TOO_SMALL),
        ),
        row(
            "an issuing CA with an RSA key of 1024 bits",
            &under_small_issuing,
            &[&small_issuing.der],
            &[&pki.root.der],
            invalid(PathFault::Unsupported),
            Agrees(CA_KEY_TOO_SMALL),
        ),
        pki.row(
            "a leaf with an RSA key of 1024 bits",
            &small_leaf,
            invalid(PathFault::Unsupported),
            Agrees(LEAF_KEY_TOO_SMALL),
        ),
        row(
            "a leaf signed with MD5",
            &under_rsa("md5"),
            &[],
            &[&rsa_root.der],
            unsupported,
            weak_digest,
        ),
        row(
            "a leaf signed with SHA-1 and RSA",
            &under_rsa("sha1"),
            &[],
            &[&rsa_root.der],
            unsupported,
            weak_digest,
        ),
        pki.row(
            "a leaf signed with SHA-1 and ECDSA",
            &pki.leaf().digest("sha1").make().der,
            unsupported,
            weak_digest,
        ),
        pki.issuing_row(
            "an issuing CA signed with SHA-1",
            &pki.issuing().digest("sha1").make().der,
            unsupported,
            weak_digest,
        ),
        // Whoever configures a root vouches for it; its own signature adds nothing.
        pki.root_row(
            "a root that signed itself with SHA-1",
            &pki.root().digest("sha1").make().der,
            admitted(),
            Agrees(OK),
        ),
    ]
}

/// Parameters of the curve written out instead of its name, which RFC 5480 section 2.1.1 forbids:
/// whoever may choose the generator has a private key for any public one (CVE-2020-0601).
fn explicit(pki: &Pki<'_>) -> Vec<Case> {
    let workshop = pki.workshop;
    let key = workshop.key(P_256_EXPLICIT);
    let root = workshop.root("Root", &key).make();
    let issuing = workshop.ca(&pki.root, "Issuing", &key).make();
    let spoofed_key = workshop.spoofed_key(&pki.root);
    // The same name, public key and key identifier as the root's.
    let spoofed = workshop.root("Root", &spoofed_key).make();
    let forged = workshop.leaf(&spoofed, &pki.leaf_key).make();
    let point = |issued: &Issued| parts(&fields(&issued.der)[field::KEY])[1].clone();
    assert_eq!(point(&spoofed), point(&pki.root), "the public key is the root's");
    workshop.must_be_signed(&forged, &spoofed);
    let forged = forged.der;
    vec![
        pki.row(
            "a leaf with explicit curve parameters",
            &workshop.leaf(&pki.issuing, &key).make().der,
            invalid(PathFault::Unsupported),
            Agrees(EXPLICIT_CURVE),
        ),
        row(
            "an issuing CA with explicit curve parameters",
            &workshop.leaf(&issuing, &pki.leaf_key).make().der,
            &[&issuing.der],
            &[&pki.root.der],
            invalid(PathFault::Unsupported),
            Agrees(EXPLICIT_CURVE),
        ),
        row(
            "a root with explicit curve parameters",
            &workshop.leaf(&root, &pki.leaf_key).make().der,
            &[],
            &[&root.der],
            invalid(PathFault::Unsupported),
            Agrees(EXPLICIT_CURVE),
        ),
        row(
            "a forger's leaf under the root's public key with another generator",
            &forged,
            &[],
            &[&pki.root.der],
            invalid(PathFault::Signature),
            Agrees(BAD_SIGNATURE),
        ),
        row(
            "the forger's root among the intermediates",
            &forged,
            &[&spoofed.der],
            &[&pki.root.der],
            invalid(PathFault::Signature),
            Agrees(BAD_SIGNATURE),
        ),
        row(
            "the forger's root without the true one",
            &forged,
            &[&spoofed.der],
            &[&pki.issuing.der],
            untrusted(),
            Agrees(SELF_SIGNED_ABOVE),
        ),
    ]
}
