//! What several stores share.

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair,
};

use super::*;

/// rcgen's own years of validity are far around it.
const NOW_S: i64 = 1_790_000_000;

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn root(name: &str) -> (Certificate, Issuer<'static, KeyPair>) {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (Certificate::from_der(certificate.der()).unwrap(), Issuer::new(params, key))
}

fn store(anchors: Vec<Certificate>) -> Store {
    Store::new(anchors, Vec::new()).unwrap()
}

#[test]
fn several_stores_share_one_budget() {
    let (anchor, issuer) = root("corporate CA");
    let mut params = params("device-7");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let leaf = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
    let leaf = Certificate::from_der(leaf.der()).unwrap();
    let right = store(vec![anchor]);
    // No key identifier in the leaf: only a signature tells these from the right one.
    let wrong = |count| store((0..count).map(|_| root("corporate CA").0).collect());
    let judge = |budget: &mut Budget, store: &Store| {
        validate_within(budget, &mut Always, &leaf, &[], store, &Profile::GATE, NOW_S).map(drop)
    };

    let mut budget = Budget::new();
    assert_eq!(judge(&mut budget, &wrong(3)), Err(PathFault::Signature));
    assert_eq!(judge(&mut budget, &right), Ok(()), "the fourth path");
    assert_eq!(judge(&mut budget, &right), Err(PathFault::TooComplex), "the fifth");

    let mut budget = Budget::new();
    assert_eq!(judge(&mut budget, &wrong(5)), Err(PathFault::Signature), "four say more than one");
    assert_eq!(judge(&mut budget, &right), Err(PathFault::TooComplex));
    let stranger = store(vec![root("another CA").0]);
    assert_eq!(judge(&mut budget, &stranger), Err(PathFault::NoIssuer), "nothing was to be spent");
}

#[test]
fn looks_are_shared_and_end() {
    let mut budget = Budget::new();
    assert!((0..crate::limits::PATH_STEPS).all(|_| budget.look()));
    assert!(!budget.look());
    let (anchor, issuer) = root("corporate CA");
    let leaf = params("device-7").signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
    let leaf = Certificate::from_der(leaf.der()).unwrap();
    let judged = validate_within(
        &mut budget,
        &mut Always,
        &leaf,
        &[],
        &store(vec![anchor]),
        &Profile::GATE,
        NOW_S,
    );
    assert_eq!(judged.map(drop), Err(PathFault::TooComplex));
}

/// Knows that the second candidate is good, and may not try the first.
struct Spent {
    asked: u32,
}

impl Proofs for Spent {
    fn of_pki(&mut self, _: usize) {}

    fn path(
        &mut self,
        _: &[&Certificate],
        _: &Certificate,
        _: &mut dyn FnMut() -> Result<(), PathFault>,
    ) -> Result<(), PathFault> {
        self.asked += 1;
        if self.asked == 1 { Err(PathFault::NotTried) } else { Ok(()) }
    }
}

/// What may not be tried might have been the path: another one in its place could name another PKI's
/// principal, or refuse for good what is good.
#[test]
fn what_may_not_be_tried_ends_the_search() {
    let (anchor, issuer) = root("corporate CA");
    let mut params = params("device-7");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let leaf = params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
    let leaf = Certificate::from_der(leaf.der()).unwrap();
    let two = store(vec![root("corporate CA").0, anchor]);
    let mut spent = Spent { asked: 0 };
    let mut budget = Budget::new();
    let judged = validate_within(&mut budget, &mut spent, &leaf, &[], &two, &Profile::GATE, NOW_S);
    assert_eq!(judged.map(drop), Err(PathFault::NotTried));
    assert_eq!(spent.asked, 1);
}
