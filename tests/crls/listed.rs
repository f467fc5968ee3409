//! What is said of lists to whoever looks after them.

use std::sync::Arc;

use super::draw::{House, NOW};
use super::made::{Ca, Certificate as Made, List, extension, id_ce, integer};
use super::{AT, RULES, store};
use rcgen::KeyPair;
use tollgate::Now;
use tollgate::cert::{Certificate, Crl, Crls, Listed, Store};

const CURRENT: (i64, i64) = (NOW - 86_400, NOW + 86_400);

fn listed(ders: &[Vec<u8>], store: &Store, now: Now) -> Vec<Listed> {
    let lists = ders.iter().map(|der| Arc::new(Crl::read(der, store, AT).unwrap())).collect();
    let mut listed: Vec<_> = Crls::new(lists, RULES, store, AT).lists(now).collect();
    listed.sort_by_key(|list| list.is_delta);
    listed
}

/// CAs that write a delta with each base give both one number: the delta is no fault, also when it is over.
#[test]
fn a_delta_as_old_as_its_base_is_superseded() {
    let house = House::new();
    let store = store(&house);
    let sign = |list: List| list.sign(&house.issuing.name, &house.issuing.key);
    let base = sign(List::new(7, CURRENT));
    let delta = |number, window| {
        sign(List::new(number, window).with(extension(&id_ce(27), true, &integer(6))))
    };
    let said = |delta: Vec<u8>| {
        let listed = listed(&[base.clone(), delta], &store, AT);
        let of = |list: &Listed| (list.is_delta, list.is_current, list.is_superseded);
        [of(&listed[0]), of(&listed[1])]
    };
    let over = (NOW - 86_400, NOW - 1);
    for window in [CURRENT, over] {
        for number in [6, 7] {
            let expected = [(false, true, false), (true, false, true)];
            assert_eq!(said(delta(number, window)), expected, "{number}");
        }
    }
    assert_eq!(said(delta(8, CURRENT)), [(false, true, false), (true, true, false)]);
    assert_eq!(said(delta(8, over)), [(false, false, false), (true, false, false)]);
}

#[test]
fn a_signer_that_leads_nowhere_is_said() {
    let house = House::new();
    // Signs lists and nothing else; its issuer is an anchor in one store only.
    let (key, name) = (KeyPair::generate().unwrap(), super::made::name("Lists"));
    let usage = extension(&id_ce(15), true, &[3, 2, 1, 2]);
    let made =
        Made { subject: &name, issuer: &house.root.name, serial: &[9], extensions: &[usage] };
    let signer = made.issue(&key, &house.root.key, (NOW - 999, NOW + 9_999));
    let read = |der: &[u8]| Certificate::from_der(der).unwrap();
    let under = |anchor: &Ca| Store::new(vec![read(&anchor.der)], vec![read(&signer)]).unwrap();
    let list = List::new(7, CURRENT).sign(&name, &key);
    let own = List::new(7, CURRENT).sign(&house.issuing.name, &house.issuing.key);
    let later = Now { unix_s: NOW + 10_000, mono_ms: 10_000_000 };
    for (anchor, now, is_unproven) in
        [(&house.root, AT, false), (&house.issuing, AT, true), (&house.root, later, true)]
    {
        let listed = listed(std::slice::from_ref(&list), &under(anchor), now);
        assert_eq!(listed[0].is_unproven, is_unproven, "{listed:?}");
    }
    // A CA that issues by itself is proven with what it issued.
    assert!(!listed(&[own], &under(&house.issuing), AT)[0].is_unproven);
}

/// Read while the calendar was ahead, as if it ended in a second; and then the calendar is set right.
#[test]
fn a_calendar_that_was_set_back_is_said() {
    let house = House::new();
    let store = store(&house);
    let der = List::new(7, CURRENT).sign(&house.issuing.name, &house.issuing.key);
    let right = Now { unix_s: NOW - 80_000, mono_ms: 5_000 };
    assert!(
        !listed(std::slice::from_ref(&der), &store, Now { mono_ms: 5_000, ..AT })[0].is_set_back
    );
    let ahead = Now { unix_s: NOW + 86_400, mono_ms: 0 };
    let list = Arc::new(Crl::read(&der, &store, ahead).unwrap());
    let crls = Crls::new(vec![list], RULES, &store, right);
    let said = crls.lists(right).next().unwrap();
    assert!(said.is_set_back && !said.is_current, "{said:?}");
    // Over by both: that is another thing.
    let over = Now { unix_s: NOW + 86_401, mono_ms: 5_000 };
    assert!(!crls.lists(over).next().unwrap().is_set_back);
}
