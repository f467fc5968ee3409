//! Revocation lists of one CA, some of which are over.

use rcgen::{
    CertificateRevocationListParams, CrlDistributionPoint, CrlIssuingDistributionPoint, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, SerialNumber,
};
use time::OffsetDateTime;
use tollgate_keeper::doctor::State;

use super::folder::{DAY_S, Folder, ca};

const TEXT: &str = "[[endpoint]]\nname = \"m\"\nmethods = [\"pki\"]\n[[pki]]\nname = \"corp\"\n\
                    anchors = [\"root.der\"]\nrevocation = \"required\"\ncrls = \"a.crl\"\n";

/// One part of many that is over refuses whoever it speaks of, whatever stands beside it; one that has not begun
/// refuses nobody yet.
#[test]
fn a_part_that_is_over_is_no_health() {
    let folder = Folder::new();
    let mut params = ca("Contoso Root CA", rcgen::BasicConstraints::Unconstrained);
    params.key_usages.push(KeyUsagePurpose::CrlSign);
    let key = KeyPair::generate().unwrap();
    folder.write("root.der", params.self_signed(&key).unwrap().der());
    let root = Issuer::new(params, key);
    let now_s = tollgate_keeper::now().unix_s;
    let at = |days: i64| OffsetDateTime::from_unix_timestamp(now_s + days * DAY_S).unwrap();
    let list = |number: u64, part: Option<u64>, (first, last): (i64, i64)| {
        let point = |part: u64| CrlIssuingDistributionPoint {
            distribution_point: CrlDistributionPoint { uris: vec![format!("http://a/{part}")] },
            scope: None,
        };
        let params = CertificateRevocationListParams {
            this_update: at(first),
            next_update: at(last),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: part.map(point),
            revoked_certs: Vec::new(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        params.signed_by(&root).unwrap().pem().unwrap()
    };
    let whole = list(7, None, (-1, 9));
    for (part, ok, state) in [
        (list(8, Some(1), (-1, 5)), true, State::Fresh),
        (list(8, Some(1), (-9, -5)), false, State::Stale),
        (list(8, None, (2, 9)), true, State::Fresh),
    ] {
        folder.write("a.crl", format!("{whole}{part}"));
        let diagnosis = folder.examine(TEXT);
        let stood: Vec<_> =
            diagnosis.freshness.iter().filter(|it| it.freshness.what == "crl").collect();
        let [stood] = stood[..] else { panic!("{stood:?}") };
        assert_eq!((stood.freshness.ok, stood.freshness.state), (ok, state), "{stood:?}");
        assert_eq!(diagnosis.complaints.is_empty(), ok, "{:?}", diagnosis.complaints);
        assert!(ok || stood.freshness.says.contains("nextUpdate was"), "{stood:?}");
    }
    folder.write("a.crl", list(8, None, (2, 9)));
    let diagnosis = folder.examine(TEXT);
    let stood = diagnosis.freshness.iter().find(|it| it.freshness.what == "crl").unwrap();
    assert_eq!((stood.freshness.ok, stood.freshness.state), (false, State::NotYet), "{stood:?}");
}
