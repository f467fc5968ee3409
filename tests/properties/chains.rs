//! What strangers make of certificates that they have seen.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::devices::DEVICES;

/// One change.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Delete(Index, usize),
    /// A part of another one of the certificates.
    Splice(Index, usize, Index, Index),
    Grow(Index, i8),
}

impl Edit {
    pub(crate) fn apply(&self, der: &mut Vec<u8>) {
        if der.is_empty() {
            return;
        }
        let len = der.len();
        match self {
            Self::Flip(at, bit) => der[at.index(len)] ^= 1 << bit,
            Self::Insert(at, bytes) => {
                let at = at.index(len + 1);
                drop(der.splice(at..at, bytes.iter().copied()));
            }
            Self::Delete(at, count) => {
                let at = at.index(len);
                der.drain(at..len.min(at + count));
            }
            Self::Splice(at, count, which, from) => {
                let (at, other) = (at.index(len), all()[which.index(all().len())].clone());
                let from = from.index(other.len());
                let taken = &other[from..other.len().min(from + count)];
                let end = len.min(at + taken.len());
                drop(der.splice(at..end, taken.iter().copied()));
            }
            Self::Grow(at, by) => {
                let at = at.index(len);
                der[at] = der[at].wrapping_add_signed(*by);
            }
        }
    }
}

pub(crate) fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    let tags = select(
        &b"\x00\x01\x02\x03\x04\x05\x06\x0c\x13\x16\x17\x18\x1e\x30\x31\x7f\x80\x82\xa0\xa3\xff"[..],
    );
    let junk = prop::collection::vec(prop_oneof![3 => tags, 1 => any::<u8>()], 1..8);
    prop_oneof![
        4 => (at(), 0..8_u8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        2 => (at(), junk).prop_map(|(at, junk)| Edit::Insert(at, junk)),
        1 => (at(), 1..40_usize).prop_map(|(at, count)| Edit::Delete(at, count)),
        3 => (at(), 1..200_usize, at(), at())
            .prop_map(|(at, count, which, from)| Edit::Splice(at, count, which, from)),
        2 => (at(), any::<i8>()).prop_map(|(at, by)| Edit::Grow(at, by)),
    ]
}

/// A chain with some of its certificates changed, left out, or in another order.
pub(crate) fn changed() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let more = prop::collection::vec(any::<Index>(), 0..3);
    let edits = prop::collection::vec((any::<Index>(), edit()), 0..4);
    (0..DEVICES.chains.len(), more, edits, any::<Index>()).prop_map(|(at, more, edits, swap)| {
        let mut chain = DEVICES.chains[at].chain.clone();
        chain.extend(more.iter().map(|which| all()[which.index(all().len())].clone()));
        if edits.is_empty() {
            let other = swap.index(chain.len());
            chain.swap(0, other);
        }
        for (which, edit) in &edits {
            // The leaf more often than the others: everything is said of it.
            let which = which.index(chain.len() + 2).saturating_sub(2);
            edit.apply(&mut chain[which]);
        }
        chain
    })
}

fn all() -> Vec<&'static Vec<u8>> {
    DEVICES.chains.iter().flat_map(|shown| &shown.chain).collect()
}

/// The TBSCertificate: what stands first in the certificate.
pub(crate) fn signed_part(certificate: &[u8]) -> &[u8] {
    // Certificates of this house have between 256 and 65,535 bytes, and so have their signed parts.
    let inside = &certificate[4..];
    let len = usize::from(u16::from_be_bytes([inside[2], inside[3]]));
    assert_eq!((certificate[1], inside[1]), (0x82, 0x82), "lengths of two bytes");
    &inside[..len + 4]
}
