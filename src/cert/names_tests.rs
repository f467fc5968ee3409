use core::str::FromStr;

use super::*;

/// x509-cert reads RFC 4514 text; what we write of it must be read as the same name.
fn written(text: &str) -> String {
    let name = x509_cert::name::Name::from_str(text).unwrap().to_der().unwrap();
    let ours = DistinguishedName::from_der(&name).unwrap().text();
    let again = x509_cert::name::Name::from_str(&ours).unwrap().to_der().unwrap();
    assert_eq!(again, name, "{text} was written as {ours}");
    ours
}

#[test]
fn subjects_are_written_by_rfc_4514() {
    for text in [
        "CN=pc7,OU=Computers,DC=contoso,DC=com",
        "CN=a\\, b,O=x\\+y",
        "CN=\\ leading and trailing\\ ",
        "CN=\\#1",
        "CN=d\u{fc}rer",
        "OU=a+CN=b",
        "CN=a=b",
    ] {
        let ours = written(text);
        if !text.contains('+') {
            assert_eq!(ours, text);
        }
    }
    assert_eq!(written("CN=a\\0ab"), "CN=a\\0ab");
}

#[test]
fn values_that_are_no_text_are_their_der() {
    // CN as an INTEGER.
    let name = [0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 6, 3, 0x55, 4, 3, 2, 1, 7];
    let name = DistinguishedName::from_der(&name).unwrap();
    assert_eq!(name.text(), "CN=#020107");
    assert!(name.has(&COMMON_NAME) && name.values(&COMMON_NAME).next().is_none());
}

#[test]
fn attribute_names_and_oids() {
    assert_eq!(attribute_type("CN"), Some(COMMON_NAME));
    assert_eq!(attribute_type("cn"), Some(COMMON_NAME));
    assert_eq!(attribute_type("2.5.4.3"), Some(COMMON_NAME));
    assert_eq!(attribute_type("I").unwrap().to_string(), "2.5.4.43");
    for unknown in ["", "CommonName", "2.5.4.", "x.y"] {
        assert_eq!(attribute_type(unknown), None, "{unknown}");
    }
    for (at, (name, oid)) in SHORT_NAMES.iter().enumerate() {
        let others = || SHORT_NAMES[..at].iter().chain(OTHER_NAMES);
        assert!(others().all(|(other, _)| other != name), "{name} twice");
        assert!(SHORT_NAMES[..at].iter().all(|(_, other)| other != oid), "{oid} twice");
    }
}
