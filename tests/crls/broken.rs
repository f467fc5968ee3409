//! Lists with bits turned, cut, or deep: none panics, and none admits what the whole one refuses.

use std::sync::Arc;

use super::draw::{House, NOW, Rng};
use super::made::{List, entry};
use super::{AT, RULES, store};
use tollgate::cert::{BadCrl, Certificate, Crl, Crls, Status, crl_ders};

const CURRENT: (i64, i64) = (NOW - 86_400, NOW + 86_400);

/// Every bit of a list, and every place to cut it. What stands under the signature is signed, so whatever is
/// still a list is the same list.
#[test]
fn no_bit_and_no_cut_makes_another_list_of_it() {
    let house = House::new();
    let store = store(&house);
    let revoking = List::new(7, CURRENT)
        .revoking(entry(&[0x12, 0x34], Some(1), NOW))
        .revoking(entry(&[0x55; 20], Some(6), NOW));
    let der = revoking.sign(&house.issuing.name, &house.issuing.key);
    let root = List::new(7, CURRENT).sign(&house.root.name, &house.root.key);
    let root = Arc::new(Crl::read(&root, &store, AT).unwrap());
    let leaf = Certificate::from_der(&house.leaves[0].der).unwrap();
    let chain = [&leaf, &store.intermediates()[0], store.anchors().next().unwrap()];
    let judge = |list: Crl| {
        let lists = vec![Arc::clone(&root), Arc::new(list)];
        Crls::new(lists, RULES, &store, AT).status(&store, &chain, AT)
    };
    assert!(matches!(judge(Crl::read(&der, &store, AT).unwrap()), Status::Revoked(0, _)));
    let mut still_lists = 0;
    for at in 0..der.len() {
        for bit in 0..8 {
            let mut turned = der.clone();
            turned[at] ^= 1 << bit;
            if let Ok(list) = Crl::read(&turned, &store, AT) {
                still_lists += 1;
                assert!(matches!(judge(list), Status::Revoked(0, _)), "byte {at}, bit {bit}");
            }
        }
        assert!(Crl::read(&der[..at], &store, AT).is_err(), "cut at {at}");
    }
    assert_eq!(still_lists, 0, "an ECDSA signature has one form here");
}

/// Bits turned before it is signed: a CA that writes nonsense. Whatever it is, it is read or refused, and what
/// is read finds the entries that it has.
#[test]
fn nonsense_that_is_signed_panics_nobody() {
    let house = House::new();
    let store = store(&house);
    let mut rng = Rng(7);
    let scope = super::made::extension(
        &super::made::id_ce(28),
        true,
        b"\x30\x1a\xa0\x0e\xa0\x0c\x86\x0ahttp://a/b\x83\x02\x05\x60\x84\x01\xff\x85\x01\x00",
    );
    let list = List::new(7, CURRENT)
        .revoking(entry(&[0x12, 0x34], Some(1), NOW))
        .revoking(entry(&[0x55; 20], None, NOW))
        .with(scope);
    let tbs = list.tbs(&house.issuing.name);
    let mut read = 0;
    for _ in 0..6_000 {
        let mut turned = tbs.clone();
        for _ in 0..=rng.below(2) {
            let at = rng.below(turned.len());
            turned[at] ^= 1 << rng.below(8);
        }
        let signed = super::made::signed(&turned, &house.issuing.key);
        if let Ok(list) = Crl::read(&signed, &store, AT) {
            read += 1;
            let _ = (list.find(&[0x12, 0x34]), list.len(), list.number(), format!("{list:?}"));
            let _ = Crls::new(vec![Arc::new(list)], RULES, &store, AT).lists(AT).count();
        }
    }
    assert!(read > 100, "most turned bits stand in serial numbers, dates and reasons: {read}");
}

/// A million levels cost no stack; a length that lies is no list.
#[test]
fn depth_and_lengths_are_nothing() {
    let house = House::new();
    let store = store(&house);
    let deep = [0x30, 0x84, 0x40, 0, 0, 0].repeat(1_000_000);
    assert_eq!(Crl::read(&deep, &store, AT).err(), Some(BadCrl::NotDer));
    for length in
        [&[0x84, 0xff, 0xff, 0xff, 0xff][..], &[0x80], &[0x85, 1, 0, 0, 0, 0], &[0x83, 0, 0, 9]]
    {
        let bytes = [&[0x30], length, &[0; 64]].concat();
        assert_eq!(Crl::read(&bytes, &store, AT).err(), Some(BadCrl::NotDer));
    }
    assert_eq!(Crl::read(&[], &store, AT).err(), Some(BadCrl::NotDer));
}

/// A list of 50 MB, cut in the middle as half a download is: in DER and in PEM.
#[test]
fn half_of_fifty_megabytes_is_no_list() {
    let house = House::new();
    let store = store(&house);
    let mut list = List::new(7, CURRENT);
    let mut serial = [0x40; 16];
    let one = entry(&serial, Some(1), NOW);
    let count = 50_000_000 / one.len();
    // All entries in one piece: a million small ones would take longer to write than to read.
    let mut entries = Vec::with_capacity(count * one.len());
    for at in 0..count as u64 {
        serial[8..].copy_from_slice(&at.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
        let place = entries.len();
        entries.extend_from_slice(&one);
        entries[place + 4..place + 20].copy_from_slice(&serial);
    }
    list.entries = vec![entries];
    let der = list.sign(&house.issuing.name, &house.issuing.key);
    assert!(der.len() > 49_000_000);
    let whole = Crl::read(&der, &store, AT).unwrap();
    assert_eq!(whole.len(), count);
    assert!(whole.index_bytes() < count * 24, "{} bytes", whole.index_bytes());
    assert!(whole.find(&serial).is_some());
    let half = &der[..der.len() / 2];
    assert_eq!(Crl::read(half, &store, AT).err(), Some(BadCrl::NotDer));
    // As a file that was made longer before it was written: zeros behind it.
    let padded = [half, &vec![0; der.len() - half.len()][..]].concat();
    assert_eq!(Crl::read(&padded, &store, AT).err(), Some(BadCrl::NotDer));
    let text = super::made::pem("X509 CRL", &der);
    assert_eq!(crl_ders(text.as_bytes()).unwrap().len(), 1);
    let why = crl_ders(&text.as_bytes()[..text.len() / 2]).unwrap_err();
    assert!(why.contains("was the file cut?"), "{why}");
}
