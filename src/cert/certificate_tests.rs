//! Our reader beside x509-cert's, which takes about everything that DER allows.

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, CustomExtension, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, SanType,
};
use x509_cert::certificate::{CertificateInner, Raw, Version};
use x509_cert::der::{Encode, ErrorKind, Tag};
use x509_cert::ext::pkix;

use super::*;

/// A leaf and a CA, with every extension that is read.
fn certificates() -> [Vec<u8>; 2] {
    let key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::OrganizationName, "Contoso");
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(3));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.name_constraints = Some(NameConstraints {
        permitted_subtrees: vec![GeneralSubtree::DnsName("contoso.com".into())],
        excluded_subtrees: vec![GeneralSubtree::IpAddress(CidrSubnet::V4([10; 4], [255; 4]))],
    });
    let ca_der = ca.self_signed(&key).unwrap().der().to_vec();
    let issuer = Issuer::new(ca, key);
    let mut leaf = CertificateParams::new(["pc7.contoso.com".to_owned()]).unwrap();
    leaf.subject_alt_names.push(SanType::IpAddress([10, 0, 0, 7].into()));
    leaf.use_authority_key_identifier_extension = true;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    leaf.custom_extensions = vec![CustomExtension::from_oid_content(&[1, 3, 6, 1], vec![5, 0])];
    let leaf = leaf.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
    [leaf.der().to_vec(), ca_der]
}

/// Subject, issuer, validity, and what the extensions say.
#[derive(Debug, PartialEq)]
struct Said {
    names: [Vec<u8>; 2],
    validity: (i64, i64),
    basic_constraints: Option<(bool, Option<u8>)>,
    may_sign: Option<bool>,
    key_ids: [Option<Vec<u8>>; 2],
    purposes: Option<usize>,
    counts: [usize; 2],
}

fn ours(der: &[u8]) -> Result<Said, BadCertificate> {
    let read = Certificate::from_der(der)?;
    let fields = &read.fields;
    let count = |span: Span| {
        let mut reader = Reader::new(read.part(span));
        core::iter::from_fn(|| reader.any().ok()).count()
    };
    let part = |span: Option<Span>| span.map(|span| read.part(span).to_vec());
    Ok(Said {
        names: [read.subject().to_vec(), read.issuer().to_vec()],
        validity: read.validity,
        basic_constraints: fields.basic_constraints,
        may_sign: fields.may_sign_certificates,
        key_ids: [part(fields.subject_key_id), part(fields.authority_key_id)],
        purposes: fields.extended_key_usage.map(count),
        counts: [
            fields.alternative_names.map_or(0, count),
            fields.constraints.map_or(0, |names| usize::try_from(names.count).unwrap()),
        ],
    })
}

fn theirs(der: &[u8]) -> x509_cert::der::Result<Said> {
    let read = CertificateInner::<Raw>::from_der(der)?;
    let tbs = read.tbs_certificate();
    assert_eq!(tbs.version(), Version::V3);
    let seconds = |time: Time| i64::try_from(time.to_unix_duration().as_secs()).unwrap();
    let validity = tbs.validity();
    macro_rules! extension {
        ($kind:ident) => {
            tbs.get_extension::<pkix::$kind>()?.map(|(_, read)| read)
        };
    }
    let constraints = extension!(NameConstraints).map_or(0, |read| {
        read.permitted_subtrees.map_or(0, |trees| trees.len())
            + read.excluded_subtrees.map_or(0, |trees| trees.len())
    });
    Ok(Said {
        names: [tbs.subject().to_der()?, tbs.issuer().to_der()?],
        validity: (seconds(validity.not_before), seconds(validity.not_after)),
        basic_constraints: extension!(BasicConstraints)
            .map(|read| (read.ca, read.path_len_constraint)),
        may_sign: extension!(KeyUsage).map(|read| read.key_cert_sign()),
        key_ids: [
            extension!(SubjectKeyIdentifier).map(|read| read.0.into_bytes().into()),
            extension!(AuthorityKeyIdentifier)
                .and_then(|read| read.key_identifier)
                .map(|id| id.into_bytes().into()),
        ],
        purposes: extension!(ExtendedKeyUsage).map(|read| read.0.len()),
        counts: [extension!(SubjectAltName).map_or(0, |read| read.0.len()), constraints],
    })
}

/// What x509-cert alone refuses: names and parameters are looked at by who reads them, and it ends the
/// arcs of object identifiers at 32 bits.
fn is_left_to_others(why: ErrorKind) -> bool {
    match why {
        ErrorKind::TagUnknown { .. } | ErrorKind::OidMalformed => true,
        ErrorKind::Value { tag } => tag == Tag::Ia5String,
        _ => false,
    }
}

#[test]
fn whatever_is_read_another_reader_reads_alike() {
    for der in certificates() {
        assert_eq!(ours(&der), Ok(theirs(&der).unwrap()));
        let mut taken = 0;
        for bit in 0..der.len() * 8 {
            let mut changed = der.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            let Ok(ours) = ours(&changed) else { continue };
            match theirs(&changed) {
                Ok(theirs) => assert_eq!(ours, theirs, "bit {bit}"),
                Err(bad) => assert!(is_left_to_others(bad.kind()), "bit {bit}: {bad}"),
            }
            taken += 1;
        }
        // A flipped bit of a key or a signature leaves a certificate one.
        assert!(taken > 1000, "{taken} changed ones were compared");
    }
}

#[test]
fn no_cut_certificate_is_read() {
    for der in certificates() {
        for length in 0..der.len() {
            assert_eq!(Certificate::from_der(&der[..length]).err(), Some(BadCertificate::NotDer));
        }
        let longer = [&der[..], &[0]].concat();
        assert_eq!(Certificate::from_der(&longer).err(), Some(BadCertificate::NotDer));
    }
}

#[test]
fn sixty_four_extensions_are_enough() {
    let read = |count: u64| {
        let mut params = CertificateParams::default();
        let extension = |n| CustomExtension::from_oid_content(&[1, 3, n], Vec::new());
        params.custom_extensions = (0..count).map(extension).collect();
        let der = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        Certificate::from_der(der.der()).map(drop)
    };
    assert_eq!(read(64), Ok(()));
    assert_eq!(read(65), Err(BadCertificate::TooManyExtensions));
}
