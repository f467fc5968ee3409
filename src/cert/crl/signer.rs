//! Who may sign a list: keys of configured CAs, and whether each leads to an anchor (RFC 5280 section
//! 6.3.3 f and g).

use super::super::certificate::{Certificate, algorithm};
use super::super::der::{Malformed, Reader, tag};
use super::super::store::Store;
use super::list::BadCrl;
use super::names::canonical;
use crate::crypto::CERTIFICATE_ALGORITHMS;

/// The three parts of a signed object: a certificate or a list.
pub(super) struct Signed<'d> {
    /// What is signed, tag and length too.
    pub(super) tbs: &'d [u8],
    /// The content of the AlgorithmIdentifier.
    pub(super) algorithm: &'d [u8],
    signature: &'d [u8],
}

impl<'d> Signed<'d> {
    pub(super) fn read(der: &'d [u8]) -> Result<Self, Malformed> {
        let mut whole = Reader::only(der, tag::SEQUENCE)?;
        let tbs = whole.any()?.whole;
        let (algorithm, signature) = (algorithm(&mut whole)?, whole.bytes()?);
        whole.end()?;
        Ok(Self { tbs, algorithm, signature })
    }

    /// Whether this CA's key has signed it.
    fn is_by(&self, ca: &Certificate) -> bool {
        let (algorithm, key) = ca.key();
        CERTIFICATE_ALGORITHMS
            .iter()
            .filter(|it| it.public_key_alg_id().as_ref() == algorithm)
            .filter(|it| it.signature_alg_id().as_ref() == self.algorithm)
            .any(|it| it.verify_signature(key, self.tbs, self.signature).is_ok())
    }
}

/// The CAs with this canonical name that may sign lists: cRLSign, or no key usage at all.
pub(super) fn signers<'s>(
    store: &'s Store,
    issuer: &'s [u8],
) -> impl Iterator<Item = &'s Certificate> {
    named(store, issuer).filter(|ca| ca.fields.may_sign_lists != Some(false))
}

fn named<'s>(store: &'s Store, issuer: &'s [u8]) -> impl Iterator<Item = &'s Certificate> {
    let all = store.anchors().chain(store.intermediates());
    all.filter(move |ca| canonical(ca.subject()).is_ok_and(|name| name == issuer))
}

/// SHA-256 of the key that a list's signature is good under: the only time that it is checked.
pub(super) fn find_signer(
    store: &Store,
    issuer: &[u8],
    list: &Signed<'_>,
) -> Result<[u8; 32], BadCrl> {
    if named(store, issuer).next().is_none() {
        return Err(BadCrl::NoIssuer);
    }
    let mut tried: Vec<[u8; 32]> = Vec::new();
    for ca in signers(store, issuer) {
        let key = ca.marks().key;
        // A renewed certificate has the same key.
        if tried.contains(&key) {
            continue;
        }
        tried.push(key);
        if list.is_by(ca) {
            return Ok(key);
        }
    }
    Err(if tried.is_empty() { BadCrl::MayNotSign } else { BadCrl::Signature })
}

/// A CA's way to an anchor, proven. For signers of lists that stand on no path of a client: the certificates of
/// those are proven with the client's.
#[derive(Debug)]
pub(super) struct Proof {
    /// SHA-256 of each certificate, from the signer's up; the anchor is not among them.
    pub(super) chain: Vec<[u8; 32]>,
    /// SHA-256 of the anchor.
    pub(super) anchor: [u8; 32],
    /// First and last second of all of them.
    pub(super) window: (i64, i64),
}

/// Every way from a certificate of the store to an anchor, by certificates of the store.
///
/// By RFC 5280 section 6.1, less what nothing here needs: a way under name constraints is none, and policies are
/// not asked for.
pub(super) fn proofs(store: &Store, signer: &Certificate) -> Vec<Proof> {
    let mut found = Vec::new();
    let mut steps = MOST_STEPS;
    climb(store, &mut vec![signer], &mut steps, &mut found);
    found
}

/// Most certificates above a signer, and most signatures for one.
const DEEPEST: usize = 6;
const MOST_STEPS: usize = 64;

fn climb<'s>(
    store: &'s Store,
    chain: &mut Vec<&'s Certificate>,
    steps: &mut usize,
    found: &mut Vec<Proof>,
) {
    let Some(&head) = chain.last() else { return };
    if head.fields.has_unknown_critical {
        return;
    }
    if store.anchors().any(|anchor| anchor.der() == head.der()) {
        let (anchor, below) = (head.thumbprint(), &chain[..chain.len() - 1]);
        let first = chain.iter().map(|it| it.validity().0).max().unwrap_or(i64::MAX);
        let last = chain.iter().map(|it| it.validity().1).min().unwrap_or(i64::MIN);
        let below = below.iter().map(|it| it.thumbprint()).collect();
        found.push(Proof { chain: below, anchor, window: (first, last) });
        return;
    }
    if chain.len() > DEEPEST {
        return;
    }
    let Ok(signed) = Signed::read(head.der()) else { return };
    for issuer in store.named(head.issuer()).map(super::super::store::Issuer::certificate) {
        if *steps == 0 {
            return;
        }
        if chain.iter().any(|it| it.der() == issuer.der()) || !may_issue(issuer, chain) {
            continue;
        }
        *steps -= 1;
        if signed.is_by(issuer) {
            chain.push(issuer);
            climb(store, chain, steps, found);
            chain.pop();
        }
    }
}

/// CA, keyCertSign, pathLen; and no name constraints.
fn may_issue(issuer: &Certificate, chain: &[&Certificate]) -> bool {
    let fields = &issuer.fields;
    let Some((true, path_len)) = fields.basic_constraints else { return false };
    // The signer is the last certificate of its path, which pathLen does not count.
    let below = chain.iter().skip(1).filter(|it| !it.is_self_issued()).count();
    fields.may_sign_certificates != Some(false)
        && fields.constraints.is_none()
        && path_len.is_none_or(|most| below <= usize::from(most))
}
