//! Every bit of a proven path matters.

use std::ops::Range;

use super::der::{content, field, fields, parts};
use super::pki::{NOW, Pki};
use super::verdict::{Judged, judge, seconds};

/// Each certificate that differs in one bit, and the number of the bit.
fn flips(der: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..der.len() * 8).map(|bit| {
        let mut changed = der.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        (bit, changed)
    })
}

/// Flips every bit of leaf, issuing CA and root, each in its turn.
pub(crate) fn check(pki: &Pki<'_>) {
    let leaf = pki.leaf().make().der;
    let (issuing, root) = (&pki.issuing.der, &pki.root.der);
    let is_admitted = |leaf: &[u8], issuing: &[u8], root: &[u8]| {
        let judged = judge(leaf, &[issuing.to_vec()], &[root.to_vec()], seconds(NOW));
        matches!(judged, Judged::Admitted(..))
    };
    assert!(is_admitted(&leaf, issuing, root));
    for (bit, changed) in flips(&leaf) {
        assert!(!is_admitted(&changed, issuing, root), "leaf, bit {bit}");
    }
    for (bit, changed) in flips(issuing) {
        assert!(!is_admitted(&leaf, &changed, root), "issuing CA, bit {bit}");
    }
    let unproven = unproven(root);
    for (bit, changed) in flips(root) {
        let may_admit = unproven.iter().any(|bytes| bytes.contains(&(bit / 8)));
        assert!(may_admit || !is_admitted(&leaf, issuing, &changed), "root, bit {bit}");
    }
}

/// The bytes of a root that may change and still admit.
///
/// Who configures an anchor vouches for it, and its own signature adds nothing to that: anybody can
/// sign his own root (RFC 5280 section 6.1 takes name and key only). So nobody checks that signature,
/// and what it alone covers is taken as it is: serial number, issuer, validity, and the extensions
/// behind the basic constraints (a changed identifier makes an unknown one of each). Version, name,
/// key, algorithms and basic constraints are what a path rests on.
fn unproven(root: &[u8]) -> Vec<Range<usize>> {
    let (outer, list) = (parts(root), fields(root));
    let header = |value: &[u8]| value.len() - content(value).len();
    let mut start = header(root) + header(&outer[0]);
    let mut places = Vec::new();
    for value in &list {
        places.push(start..start + value.len());
        start += value.len();
    }
    let extensions = content(&list[field::EXTENSIONS]);
    let mut behind = places[field::EXTENSIONS].clone();
    behind.start += header(&list[field::EXTENSIONS]) + header(extensions);
    behind.start += parts(extensions)[0].len();
    let signature = root.len() - outer[2].len()..root.len();
    let [serial, issuer, validity] =
        [field::SERIAL, field::ISSUER, field::VALIDITY].map(|at| places[at].clone());
    vec![serial, issuer, validity, behind, signature]
}
