//! (b) One good leaf, and beside it each time another certificate that has nothing to do with it.

use tollgate::{Peer, Request};

use super::{Hot, Scale, say};
use crate::town::{ASK, Authority, NOW, Town, is};

/// A certificate that can be read; each `n` gives another.
fn junk(of: &[u8], n: u64) -> Vec<u8> {
    let mut der = of.to_vec();
    let end = der.len();
    // The end of the signature, which nobody has to check to read it.
    der[end - 8..].copy_from_slice(&n.to_be_bytes());
    der
}

/// What the memory holds after all of them, above what hot ones take.
fn entries_of_junk(peer_intermediates: bool) -> usize {
    let (scale, town) = (Scale::given(), Town::new());
    let gate = town.gate_with(scale.cache_bytes, peer_intermediates);
    let mut hot = Hot::new(&gate, &town, scale.hot());
    let pace = hot.pace(scale.capacity() / 2).min(scale.junk / 64).max(1);
    let before = gate.counters();
    let leaf = town.corp.leaf("pc7");
    // Anybody's, and one that bears the name of the CA that did sign the leaf.
    let kinds = [Authority::new("Stranger").issuing, Authority::new("Corp").issuing];
    for n in 0..scale.junk {
        let junk = junk(&kinds[n as usize % kinds.len()], n);
        let peer = Peer::new([leaf.as_slice(), &junk]).expect("certificates that can be read");
        assert_eq!(is(&gate.check(&Request::peer(&peer), &ASK, NOW)), "pki:corp:dns:pc7");
        if n % pace == pace - 1 {
            hot.come();
        }
    }
    let after = gate.counters();
    say(&format!(
        "{} junk certificates, peer_intermediates {peer_intermediates}: {} paths proven, {} inserted",
        scale.junk,
        after.signature_checks - before.signature_checks,
        after.insertions - before.insertions,
    ));
    hot.assert_kept("beside junk certificates");
    assert!(after.bytes <= scale.cache_bytes);
    after.entries - before.entries
}

#[test]
fn junk_beside_a_leaf_is_no_entry_where_clients_bring_intermediates() {
    assert_eq!(entries_of_junk(true), 0);
}

#[test]
fn junk_beside_a_leaf_is_one_entry_where_nobody_looks_at_it() {
    assert_eq!(entries_of_junk(false), 1);
}
