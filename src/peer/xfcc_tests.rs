use crate::crypto::sha256;
use crate::peer::made::{base64, block, der, escape, escape_but, pem, read, three};
use crate::reason::{Reason, Refusal};

const NAME: &str = "X-Forwarded-Client-Cert";
const FORM: Reason = Reason::CertificateHeader;
const TWICE: Reason = Reason::CertificateTwice;

fn envoy(chain: &[Vec<u8>]) -> String {
    escape_but(&format!("{}\n", pem(chain)), "-._~:,;\"\\")
}

fn cert() -> String {
    format!("Cert=\"{}\"", envoy(&three()[..1]))
}

fn chain() -> String {
    format!("Chain=\"{}\"", envoy(&three()))
}

fn hash() -> String {
    let hex: Vec<String> = sha256(&[&three()[0]]).iter().map(|b| format!("{b:02x}")).collect();
    format!("Hash={}", hex.concat())
}

fn found(value: &str) -> Result<usize, Refusal> {
    let found = read(&[(NAME, value)])?.unwrap();
    assert_eq!(found, three()[..found.len()], "{value}");
    Ok(found.len())
}

fn assert_refused(reason: Reason, value: &str) {
    assert_eq!(found(value), Err(reason.of("x-forwarded-client-cert")), "{value}");
}

#[test]
fn what_envoy_writes() {
    let (cert, chain, hash) = (cert(), chain(), hash());
    let by = "By=spiffe://example.org/ns/gate";
    let names = r#"Subject="CN=a\, b\"c;d=e,O=x\\";URI=https://x/?a=b;DNS=a.example;DNS=b.example"#;
    for (value, len) in [
        (cert.clone(), 1),
        (chain.clone(), 3),
        (format!("{cert};{chain}"), 3),
        (format!("{chain};{cert}"), 3),
        (format!("{hash};{cert}"), 1),
        (format!("{by};{hash};{cert};{chain};{names}"), 3),
        (format!("{hash};{cert};Subject=\"\";URI="), 1),
        (format!("{names};{chain};{hash}"), 3),
        (format!(" {cert}\t"), 1),
        (format!("{cert};URI=a b;DNS=\u{e4}.example;Subject=\"\u{e4}\""), 1),
    ] {
        assert_eq!(found(&value), Ok(len), "{value}");
    }
}

#[test]
fn either_case_where_the_format_has_no_case() {
    let (cert, chain, hash) = (cert(), chain(), hash());
    for value in [
        format!("{};{}", cert.replacen("Cert", "CERT", 1), chain.replacen("Chain", "cHAIN", 1)),
        format!("{};{cert}", hash.replacen("Hash", "hash", 1)),
        format!("Hash={};{cert}", hash[5..].to_ascii_uppercase()),
        format!("Hash=\"{}\";{cert}", &hash[5..]),
        cert.replace("%0A", "%0a").replace("%2B", "%2b"),
        cert.replace('"', ""),
        format!("Cert=\"{}\"", escape(&pem(&three()[..1]))),
    ] {
        assert!(found(&value).is_ok(), "{value}");
    }
}

#[test]
fn a_second_element_is_a_second_certificate() {
    let (cert, hash) = (cert(), hash());
    for value in [
        format!("{cert},{cert}"),
        format!("{cert}, {cert}"),
        format!("{hash},{hash};{cert}"),
        format!("{hash};{cert},By=x"),
        format!("By=x,{hash};{cert}"),
        format!("{cert},"),
        format!("{cert};URI=a,b"),
        format!("{cert};URI=,"),
        format!("{cert};DNS=x,{cert}"),
    ] {
        assert_refused(TWICE, &value);
    }
    for value in [format!(",{cert}"), format!("{cert};,"), format!("By,{cert}"), ",".into()] {
        assert_refused(FORM, &value);
    }
}

#[test]
fn separators_inside_quotes_are_text() {
    let cert = cert();
    for subject in [
        "a,b",
        "a;Cert=x",
        r#"a\",\"Cert=x"#,
        r#"a\";Cert=\"x"#,
        r"\\",
        r"\,\;\=",
        "Cert=-----BEGIN CERTIFICATE-----",
    ] {
        assert_eq!(found(&format!("Subject=\"{subject}\";{cert}")), Ok(1), "{subject}");
        assert_eq!(found(&format!("{cert};Subject=\"{subject}\"")), Ok(1), "{subject}");
    }
}

#[test]
fn quotes_that_do_not_close_where_they_should() {
    let cert = cert();
    for value in [
        format!("{cert};Subject=\""),
        format!("{cert};Subject=\"x"),
        format!("{cert};Subject=\"x\\\""),
        format!("{cert};Subject=\"x\\"),
        format!("{cert};Subject=\"\\\\\\\""),
        format!("{cert};Subject=\"x\"y"),
        format!("{cert};Subject=\"x\"\""),
        format!("{cert};Subject=\"x\" ;By=y"),
        format!("{cert};Subject=x\""),
        format!("{cert};Subject=x\"y\""),
        format!("Subject=\\\"x;{cert}"),
        cert[..cert.len() - 1].to_owned(),
        cert.replacen('"', "", 1),
    ] {
        assert_refused(FORM, &value);
    }
}

#[test]
fn a_key_comes_once() {
    let (cert, chain, hash) = (cert(), chain(), hash());
    for value in [
        format!("{cert};{cert}"),
        format!("{cert};{}", cert.replacen("Cert", "cERT", 1)),
        format!("{cert};By=x;{cert}"),
        format!("{cert};Cert="),
        format!("Cert=\"\";{cert}"),
        format!("{chain};{chain}"),
        format!("{chain};{cert};CHAIN=x"),
        format!("{hash};{hash};{cert}"),
        format!("{hash};{cert};hash={}", &hash[5..]),
    ] {
        assert_refused(TWICE, &value);
    }
}

#[test]
fn pairs_are_pairs() {
    let cert = cert();
    for value in [
        format!("{cert};"),
        format!(";{cert}"),
        format!("{cert};;By=x"),
        format!("{cert};By"),
        format!("{cert};=x"),
        format!("By=x; {cert}"),
        format!("By=x;\t{cert}"),
        format!("{cert}; Cert=x"),
        format!("{cert};Cert =x"),
        format!("{cert};\"By\"=x"),
        format!("{cert};B(y=x"),
        format!("{cert};\u{e4}=x"),
        format!("{cert};By=x\0"),
        format!("{cert};By=x\x7f"),
        format!("{cert};By=\"x\x1b\""),
        format!("{cert};By=x\r\nCert=x"),
        format!("{cert}\n"),
        cert.replacen("Cert=", "Cert= ", 1),
        cert.replacen("Cert=", "Cert==", 1),
        cert.replacen("Cert=", "Cert:", 1),
    ] {
        assert_refused(FORM, &value);
    }
}

#[test]
fn without_a_certificate_it_says_nothing() {
    let (cert, hash) = (cert(), hash());
    for value in [
        hash.clone(),
        format!("By=x;{hash};Subject=\"CN=x\""),
        "Cert=".into(),
        "Cert=\"\"".into(),
        "Chain=\"\"".into(),
        format!("{cert};Chain=\"\""),
        "x".into(),
        "\"".into(),
        "=".into(),
        // Other forms under this name.
        escape(&pem(&three())),
        base64(&three()[0]),
        format!(":{}:", base64(&three()[0])),
        format!("Cert=\"{}\"", base64(&three()[0])),
        format!("Cert=:{}:", base64(&three()[0])),
    ] {
        assert_refused(FORM, &value);
    }
}

#[test]
fn cert_is_one_and_chain_begins_with_it() {
    let other = [der(9, 70)];
    let issuer_first: Vec<_> = three().into_iter().rev().collect();
    let (cert, chain, hash) = (cert(), chain(), hash());
    for value in [
        format!("Cert=\"{}\"", envoy(&three())),
        format!("Cert=\"{}\";{chain}", envoy(&three())),
        format!("Cert=\"{}\";{chain}", envoy(&other)),
        format!("{chain};Cert=\"{}\"", envoy(&three()[1..2])),
        format!("{cert};Chain=\"{}\"", envoy(&issuer_first)),
        format!("{cert};Chain=\"{}\"", envoy(&three()[1..])),
        format!("{hash};Cert=\"{}\"", envoy(&other)),
        format!("{hash};Chain=\"{}\"", envoy(&issuer_first)),
    ] {
        assert_refused(FORM, &value);
    }
}

/// A name that the client chose, which Envoy writes without quotes.
#[test]
fn a_name_cannot_smuggle_a_certificate() {
    let forged = format!("Cert=\"{}\"", envoy(&[der(9, 70)]));
    let (cert, chain, hash) = (cert(), chain(), hash());
    assert_refused(TWICE, &format!("{hash};{cert};URI=x;{forged}"));
    assert_refused(TWICE, &format!("{hash};{cert};URI=x,{forged}"));
    assert_refused(FORM, &format!("{hash};{chain};URI=x;{forged}"));
    assert_refused(FORM, &format!("{hash};URI=x;{forged}"));
    assert_refused(TWICE, &format!("{hash};URI=x;{forged};hash=00"));
    assert_refused(TWICE, &format!("{hash};URI=,{forged}"));
}

#[test]
fn the_hash_is_sha_256_of_the_leaf() {
    let (cert, hash) = (cert(), hash());
    let hex = &hash[5..];
    let one_off = if hex.ends_with('0') { "1" } else { "0" };
    for hex in [
        String::new(),
        hex[..62].to_owned(),
        hex[..63].to_owned(),
        format!("{hex}0"),
        format!("{}{one_off}", &hex[..63]),
        format!("{} ", &hex[..63]),
        format!("0x{}", &hex[..62]),
        format!("+{}", &hex[1..]),
        "g".repeat(64),
        "0".repeat(64),
    ] {
        assert_refused(FORM, &format!("Hash={hex};{cert}"));
    }
}

#[test]
fn the_value_is_strict_pem() {
    let good = cert();
    let key = escape(&format!("\n{}\n", block("PRIVATE KEY", &der(9, 40))));
    for value in [
        good.replacen("%20", "+", 1),
        good.replacen("%20", "%2", 1),
        good.replacen("%20", "%zz", 1),
        good.replacen("%20", "%00", 1),
        good.replacen("-----BEGIN", "\\-----BEGIN", 1),
        good.replacen("%2B", "\\+", 1),
        good.replacen("%2B", " ", 1),
        good.replacen("%2B", "%20", 1),
        format!("{}{key}\"", &good[..good.len() - 1]),
        format!("{}%00\"", &good[..good.len() - 1]),
        format!("{}x\"", &good[..good.len() - 1]),
    ] {
        assert_ne!(value, good);
        assert_refused(FORM, &value);
    }
}

#[test]
fn limits() {
    let eleven: Vec<_> = (0..11).map(|seed| der(seed, 40)).collect();
    let over = Err(Reason::ChainTooLarge.count(11, 10));
    assert_eq!(read(&[(NAME, &format!("Chain=\"{}\"", envoy(&eleven)))]), over);
    let ten = format!("Chain=\"{}\"", envoy(&eleven[..10]));
    assert_eq!(read(&[(NAME, &ten)]), Ok(Some(eleven[..10].to_vec())));
    let large = [der(1, 65_537)];
    let over = Err(Reason::ChainTooLarge.count(65_537, 65_536));
    assert_eq!(read(&[(NAME, &format!("Cert=\"{}\"", envoy(&large)))]), over);
}
