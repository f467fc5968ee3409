use super::*;
use crate::crypto::sha256;
use crate::peer::made::{base64, der, escape, pem, read as read_texts, three};

/// A good header of each form, all with one leaf, and how many certificates it has.
fn one_of_each() -> Vec<(&'static str, String, usize)> {
    let all = three();
    let list: Vec<String> = all.iter().map(|der| base64(der)).collect();
    let hash: String = sha256(&[&all[0]]).iter().map(|byte| format!("{byte:02x}")).collect();
    let (leaf, chain) = (escape(&pem(&all[..1])), escape(&pem(&all)));
    vec![
        ("Client-Cert", format!(":{}:", list[0]), 1),
        ("X-Forwarded-Client-Cert", format!("Hash={hash};Cert=\"{leaf}\";Chain=\"{chain}\""), 3),
        ("X-SSL-Client-Cert", chain, 3),
        ("SSL-Client-Cert", list[0].clone(), 1),
        ("X-Forwarded-Tls-Client-Cert", list.join(","), 3),
    ]
}

fn static_name(name: &str) -> &'static str {
    NAMES.iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap()
}

fn twice(name: &str) -> Result<Option<Vec<Vec<u8>>>, Refusal> {
    Err(Reason::CertificateTwice.of(static_name(name)))
}

#[test]
fn each_form_under_its_name_in_any_case() {
    for (name, value, len) in one_of_each() {
        for name in [name.to_owned(), name.to_ascii_lowercase(), name.to_ascii_uppercase()] {
            let others = [("host", "example.org"), ("accept", "*/*"), (&*name, &*value)];
            assert_eq!(read_texts(&others), Ok(Some(three()[..len].to_vec())), "{name}");
        }
    }
}

#[test]
fn other_headers_say_nothing() {
    for (name, value, _) in one_of_each() {
        for name in [
            name.replace('-', "_"),
            name.replace('-', ""),
            format!("{name}-"),
            format!(" {name}"),
            format!("{name} "),
            format!("y-{name}"),
            format!("{name}\0"),
            format!("{name}-info"),
            String::new(),
        ] {
            assert_eq!(read_texts(&[(&name, &value)]), Ok(None), "{name}");
            assert!(!is_present([(&*name, value.as_bytes())]), "{name}");
        }
    }
    assert_eq!(read_texts(&[]), Ok(None));
}

#[test]
fn an_empty_header_is_none() {
    for name in NAMES {
        for empty in ["", " ", "\t", " \t \t"] {
            assert_eq!(read_texts(&[(name, empty), (name, empty)]), Ok(None), "{name}");
            assert!(!is_present([(name, empty.as_bytes())]), "{name}");
            for (good, value, len) in one_of_each() {
                let found = read_texts(&[(name, empty), (good, &value), (name, empty)]);
                assert_eq!(found, Ok(Some(three()[..len].to_vec())), "{name} and {good}");
            }
        }
    }
}

#[test]
fn present_is_whatever_is_not_empty() {
    for name in NAMES {
        for value in [&b"x"[..], b"\0", b"\n", b"\xa0", b"-", b"(null)", b" , "] {
            assert!(is_present([("host", &b"x"[..]), (name, value)]), "{name} {value:?}");
            assert!(read([(name, value)]).is_err(), "{name} {value:?}");
        }
    }
}

#[test]
fn a_line_twice() {
    for (name, value, _) in one_of_each() {
        let (lower, upper) = (name.to_ascii_lowercase(), name.to_ascii_uppercase());
        for second in [name, &lower, &upper] {
            for other in [&*value, "x", ","] {
                let expected = twice(name);
                assert_eq!(read_texts(&[(name, &value), (second, other)]), expected, "{second}");
                assert_eq!(read_texts(&[(name, other), (second, &value)]), expected, "{second}");
            }
        }
    }
    let leaf = ("Client-Cert", &*format!(":{}:", base64(&three()[0])));
    let above = format!(":{}:", base64(&three()[1]));
    let lines = [leaf, ("Client-Cert-Chain", &above), ("CLIENT-CERT-CHAIN", &above)];
    assert_eq!(read_texts(&lines), twice("client-cert-chain"));
}

#[test]
fn two_forms() {
    let forms = one_of_each();
    for (first, first_value, _) in &forms {
        for (second, value, _) in forms.iter().filter(|(second, ..)| second != first) {
            for value in [value, "junk"] {
                let found = read_texts(&[(first, first_value), (second, value)]);
                assert_eq!(found, twice(second), "{first}, {second}");
            }
        }
    }
    for (name, value, _) in &forms[1..] {
        let above = ("client-cert-chain", &*format!(":{}:", base64(&three()[1])));
        let leaf = ("client-cert", &*forms[0].1);
        assert_eq!(read_texts(&[(name, value), above]), twice("client-cert-chain"));
        assert_eq!(read_texts(&[above, (name, value)]), twice(name));
        assert_eq!(read_texts(&[leaf, above, (name, value)]), twice(name));
        assert_eq!(read_texts(&[above, leaf, (name, value)]), twice(name));
        assert_eq!(read_texts(&[leaf, (name, value), above]), twice(name));
    }
}

/// One form's text under another form's name.
#[test]
fn a_name_has_one_form() {
    let forms = one_of_each();
    for (at, (_, value, _)) in forms.iter().enumerate() {
        for (name, ..) in &forms {
            let is_base64 = at == 3 && (name.starts_with("X-SSL") || name.contains("Tls"));
            let is_pem = at == 2 && *name == "SSL-Client-Cert";
            let is_own = forms[at].0 == *name;
            let found = read_texts(&[(name, value)]);
            assert_eq!(found.is_ok(), is_own || is_base64 || is_pem, "{name}: {value}");
        }
    }
}

#[test]
fn control_characters_nowhere() {
    for (name, value, _) in one_of_each() {
        for control in (0..0x20).chain([0x7f]).filter(|control| *control != b'\t') {
            for at in [0, 1, value.len() / 2, value.len()] {
                let mut bytes = value.clone().into_bytes();
                bytes.insert(at, control);
                let fault = Err(Reason::CertificateHeader.of(static_name(name)));
                assert_eq!(read([(name, &*bytes)]), fault, "{name}: {control:#x} at {at}");
            }
        }
    }
    let leaf = format!(":{}:", base64(&three()[0]));
    let lines = [("client-cert", &*leaf), ("client-cert-chain", ":AA==:\0")];
    assert_eq!(read_texts(&lines), Err(Reason::CertificateHeader.of("client-cert-chain")));
}

/// The length is looked at before anything else of the value.
#[test]
fn a_header_too_long_is_not_read() {
    let limit = CERTIFICATE_HEADER_BYTES;
    for name in NAMES {
        let junk = "\0".repeat(limit + 1);
        let over = Err(Reason::ChainTooLarge.count(limit + 1, limit));
        assert_eq!(read_texts(&[(name, &junk)]), over, "{name}");
        let malformed = Err(Reason::CertificateHeader.of(name));
        assert_eq!(read_texts(&[(name, &junk[1..])]), malformed, "{name}");
    }
    let half = "x".repeat(limit / 2 + 1);
    let both = read_texts(&[("client-cert", &half), ("client-cert-chain", &half)]);
    assert_eq!(both, Err(Reason::ChainTooLarge.count(2 * half.len(), limit)));
}

/// The largest chain is read even if every byte of it is escaped, and if its leaf comes twice.
#[test]
fn the_largest_chain_fits() {
    let chain: Vec<Vec<u8>> = (0..4).map(|seed| der(seed, 16 * 1024)).collect();
    let escaped: String = pem(&chain).bytes().map(|byte| format!("%{byte:02x}")).collect();
    assert_eq!(read_texts(&[("x-ssl-client-cert", &escaped)]), Ok(Some(chain.clone())));
    let value =
        format!("Cert=\"{}\";Chain=\"{}\"", escape(&pem(&chain[..1])), escape(&pem(&chain)));
    assert_eq!(read_texts(&[("x-forwarded-client-cert", &value)]), Ok(Some(chain)));
}

/// Every byte of every form changed: no panic, and no second text for the same chain but in the
/// case of hexadecimal digits, and in Envoy's keys, since another key is nobody's.
#[test]
fn one_byte_off() {
    for (name, value, len) in one_of_each() {
        let is_envoy = static_name(name) == XFCC;
        let chain = three()[..len].to_vec();
        let mut bytes = value.clone().into_bytes();
        for at in 0..bytes.len() {
            let good = bytes[at];
            let flipped = (0..8).map(|bit| good ^ 1 << bit);
            let special = b"\"\\,;=%:+-/ \t\r\n\0A0aZ\xff".iter().copied();
            for other in flipped.chain(special).filter(|other| *other != good) {
                bytes[at] = other;
                let found = read([(name, &*bytes)]);
                let is_same = found.is_ok_and(|found| found.as_ref() == Some(&chain));
                let in_hash = is_envoy && (5..69).contains(&at);
                let is_digit = good.is_ascii_hexdigit() && (in_hash || is_escaped(&value, at));
                let is_case = is_digit && good.eq_ignore_ascii_case(&other);
                let is_key = is_envoy && is_in_key(&value, at);
                assert_eq!(is_same && !is_key, is_case, "{name}: {good} -> {other} at {at}");
            }
            bytes[at] = good;
        }
    }
}

fn is_escaped(value: &str, at: usize) -> bool {
    let percent = |back| at >= back && value.as_bytes()[at - back] == b'%';
    percent(1) || percent(2)
}

/// `Hash` and `Cert` may become unknown keys; the chain is then still that of `Chain`.
fn is_in_key(value: &str, at: usize) -> bool {
    let keys = ["Hash=", "Cert=", "Chain="].map(|key| (value.find(key), key.len() - 1));
    keys.iter().any(|(start, len)| start.is_some_and(|start| (start..start + len).contains(&at)))
}

/// Every good header cut off anywhere, or with a byte too many anywhere.
#[test]
fn one_byte_missing_or_too_many() {
    for (name, value, len) in one_of_each() {
        let chain = three()[..len].to_vec();
        for at in 0..value.len() {
            let cut = read([(name, &value.as_bytes()[..at])]);
            assert_ne!(cut, Ok(Some(chain.clone())), "{name}: {at}");
            let _any = read([(name, &value.as_bytes()[at..])]);
            for extra in *b"\"\\,;=%: A\0\xff" {
                let mut bytes = value.clone().into_bytes();
                bytes.insert(at, extra);
                let _any = read([(name, &*bytes)]);
            }
        }
    }
}
