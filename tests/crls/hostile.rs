//! Lists that are made to cost: what is not signed costs nothing, what is signed costs its length.

use std::time::{Duration, Instant};

use super::draw::{House, NOW};
use super::made::{List, entry, extension, id_ce, name, pem, seq, signed, time, tlv};
use super::{AT, store};
use tollgate::cert::{BadCrl, Crl, crl_ders};

const CURRENT: (i64, i64) = (NOW - 86_400, NOW + 86_400);

/// A name of so many bytes, and some.
fn long_name(bytes: usize) -> Vec<u8> {
    let attribute = seq(&[&[6, 3, 0x55, 4, 3], &tlv(0x0c, &vec![b'a'; bytes])]);
    seq(&[&tlv(0x31, &attribute)])
}

/// Nobody's signature is looked for before the issuer is known: so its name is bounded before anything is made
/// of it. One that some CA could have is made, and is unknown.
#[test]
fn a_name_that_no_ca_can_have_is_refused_unread() {
    let house = House::new();
    let store = store(&house);
    let read = |name: &[u8]| {
        let der = List::new(7, CURRENT).sign(name, &house.issuing.key);
        Crl::read(&der, &store, AT).err()
    };
    assert_eq!(read(&long_name(4_000)), Some(BadCrl::NoIssuer));
    for bytes in [4_096, 100_000, 30_000_000] {
        assert_eq!(read(&long_name(bytes)), Some(BadCrl::NotDer), "{bytes}");
    }
    // By its many parts.
    let part = tlv(0x31, &seq(&[&[6, 3, 0x55, 4, 3], &tlv(0x0c, b"a")]));
    assert_eq!(read(&tlv(0x30, &part.repeat(1_000_000))), Some(BadCrl::NotDer));
}

#[test]
fn a_file_holds_so_many_lists_and_no_more() {
    let house = House::new();
    let der = List::new(7, CURRENT).sign(&house.issuing.name, &house.issuing.key);
    let one = pem("X509 CRL", &der);
    assert_eq!(crl_ders(one.repeat(4_096).as_bytes()).unwrap().len(), 4_096);
    let why = crl_ders(one.repeat(4_097).as_bytes()).unwrap_err();
    assert_eq!(why, "it holds more than 4096 lists");
}

/// An entry of another issuer's certificate.
fn of_issuer(serial: &[u8], issuer: &[u8]) -> Vec<u8> {
    let names = seq(&[&tlv(0xa4, issuer)]);
    let said = seq(&[&extension(&id_ce(29), true, &names)]);
    seq(&[&tlv(2, serial), &time(NOW), &said])
}

/// Each entry names another of many issuers: that costs as much as if all named one, but for the names.
#[test]
fn many_issuers_of_an_indirect_list_cost_their_length() {
    const ENTRIES: u32 = 30_000;
    let house = House::new();
    let store = store(&house);
    let list = |issuers: u32| {
        let mut list = List::new(7, CURRENT);
        list.more.push(extension(&id_ce(28), true, b"\x30\x03\x84\x01\xff"));
        let names: Vec<_> = (0..issuers).map(|at| name(&format!("{at:08}"))).collect();
        let entry =
            |at: u32| of_issuer(&(at | 1 << 30).to_be_bytes(), &names[(at % issuers) as usize]);
        list.entries = (0..ENTRIES).map(entry).collect();
        signed(&list.tbs(&house.issuing.name), &house.issuing.key)
    };
    let read = |der: &[u8]| Crl::read(der, &store, AT);
    assert_eq!(read(&list(4_097)).err(), Some(BadCrl::Extension));
    let (one, many) = (list(1), list(4_096));
    let took = |der: &[u8]| -> Duration {
        let begun = Instant::now();
        assert_eq!(read(der).unwrap().len(), ENTRIES as usize);
        begun.elapsed()
    };
    // Looked through one by one they cost six to nine times as much. Of many tries one is undisturbed.
    let ratios: Vec<f64> =
        (0..8).map(|_| took(&many).as_secs_f64() / took(&one).as_secs_f64()).collect();
    assert!(ratios.iter().any(|ratio| *ratio < 4.0), "{ratios:?}");
    // What is revoked by the last of them is found.
    let plain = List::new(8, CURRENT).revoking(entry(&[9], None, NOW));
    let plain = plain.sign(&house.issuing.name, &house.issuing.key);
    assert!(read(&plain).unwrap().find(&[9]).is_some());
}
