//! What nginx writes as `$ssl_client_escaped_cert` and HAProxy as `%[ssl_c_der,base64]`.

use std::borrow::Cow;

use super::chain::{Chain, Fault};
use super::pem;

/// Percent-encoded PEM, or base64 of the DER of one certificate.
///
/// They cannot be mistaken: PEM begins with a hyphen, as it is or escaped, and base64 has neither
/// hyphens nor percent signs.
pub(super) fn read(value: &[u8], chain: &mut Chain) -> Result<(), Fault> {
    match value {
        [b'-' | b'%', ..] => pem::read(&decoded(value)?, chain),
        _ => chain.push(value),
    }
}

/// Percent-decodes (RFC 3986 section 2.1): each `%` has two hexadecimal digits behind it. `+` stays
/// a plus sign: to take it for a space, as forms do, would break base64.
pub(super) fn decoded(text: &[u8]) -> Result<Cow<'_, [u8]>, Fault> {
    let Some(first) = memchr::memchr(b'%', text) else { return Ok(Cow::Borrowed(text)) };
    let mut bytes = Vec::with_capacity(text.len());
    let (plain, mut rest) = text.split_at(first);
    bytes.extend_from_slice(plain);
    while let [byte, behind @ ..] = rest {
        rest = match (byte, behind) {
            (b'%', [high, low, behind @ ..]) => {
                bytes.push(octet(*high, *low).ok_or(Fault::Form)?);
                behind
            }
            (b'%', _) => return Err(Fault::Form),
            _ => {
                bytes.push(*byte);
                behind
            }
        };
    }
    Ok(Cow::Owned(bytes))
}

/// Two hexadecimal digits, in either case.
pub(super) fn octet(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::made::{base64, block, der, escape, escape_but, pem, read, three};
    use crate::reason::Reason;

    const NAMES: [(&str, &str); 2] =
        [("X-SSL-Client-Cert", "x-ssl-client-cert"), ("SSL-Client-Cert", "ssl-client-cert")];

    fn assert_malformed(value: &str) {
        for (name, known) in NAMES {
            let fault = Err(Reason::CertificateHeader.of(known));
            assert_eq!(read(&[(name, value)]), fault, "{value:?}");
        }
    }

    #[test]
    fn percent_decoding_is_strict() {
        for (text, expected) in [
            ("", Some("")),
            ("plain+text", Some("plain+text")),
            ("%2b+%2B", Some("+++")),
            ("a%20b", Some("a b")),
            ("%25%32%35", Some("%25")),
            ("%", None),
            ("a%", None),
            ("%4", None),
            ("%4%41", None),
            ("%G0", None),
            ("%0G", None),
            ("% 41", None),
            ("%+4", None),
            ("%0x41", None),
            ("%u0041", None),
            ("%\u{ff10}0", None),
        ] {
            let found = decoded(text.as_bytes());
            assert_eq!(found.as_deref().ok(), expected.map(str::as_bytes), "{text:?}");
        }
    }

    /// Every pair of bytes behind a percent sign, against the standard library's own idea of it.
    #[test]
    fn two_hexadecimal_digits_and_nothing_else() {
        for pair in 0..=u16::MAX {
            let [high, low] = pair.to_be_bytes();
            let is_hex = high.is_ascii_hexdigit() && low.is_ascii_hexdigit();
            let text = str::from_utf8(&[high, low]).ok().map(str::to_owned);
            let expected = text.and_then(|text| u8::from_str_radix(&text, 16).ok());
            let found = decoded(&[b'%', high, low]).ok().map(Cow::into_owned);
            assert_eq!(found, expected.filter(|_| is_hex).map(|byte| vec![byte]), "{high} {low}");
        }
    }

    #[test]
    fn pem_escaped_more_or_less() {
        let all = pem(&three());
        let every_byte: String = all.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for value in [
            escape(&all),
            escape(&format!("{all}\n")),
            escape(&format!("\n{all}")),
            escape(&all.replace('\n', "\r\n")),
            every_byte.clone(),
            every_byte.to_ascii_lowercase(),
            escape_but(&all, "-/+="),
            escape_but(&all, "-/+= "),
            escape_but(&all, "").replace("%2B", "+"),
        ] {
            for (name, _) in NAMES {
                assert_eq!(read(&[(name, &value)]), Ok(Some(three())), "{value}");
            }
        }
    }

    #[test]
    fn base64_is_one_certificate() {
        let one = three()[..1].to_vec();
        let good = base64(&one[0]);
        for (name, _) in NAMES {
            assert_eq!(read(&[(name, &good)]), Ok(Some(one.clone())));
            assert_eq!(read(&[(name, &format!(" {good}\t"))]), Ok(Some(one.clone())));
        }
        for value in [
            escape(&good),
            format!("{good}\n"),
            format!("{good}\0"),
            format!("{good} {good}"),
            format!("{good}{good}"),
            format!("{good};{good}"),
            format!(":{good}:"),
            format!("\"{good}\""),
            good.replace('+', "%2B"),
            good.replace('+', " "),
            good.replace('+', "-"),
            good.replace('=', ""),
            format!("\u{feff}{good}"),
        ] {
            assert_ne!(value, good);
            assert_malformed(&value);
        }
    }

    #[test]
    fn malformed_pem() {
        let good = escape(&pem(&three()));
        let key = block("PRIVATE KEY", &der(9, 40));
        for value in [
            good.replacen("%20", "+", 1),
            good.replacen("%20", "%00", 1),
            good.replacen("%20", "%2520", 1),
            good.replacen("%0A", "\n", 1),
            good.replacen("%0A", "%0", 1),
            good.replacen("%0A", "%", 1),
            good.replacen("%0A", "", 1),
            good.replacen("%0A", "%0A%00", 1),
            good.replacen("%2B", " ", 1),
            good.replacen("%2B", "%20", 1),
            good.replacen("%3D", "", 1),
            good.replacen('M', "M\0", 1),
            format!("{good}%"),
            format!("{good}%4"),
            format!("{good}%41"),
            format!("{good}%00"),
            format!("{good}%0A{}", base64(&der(1, 70))),
            format!("{good}%0A{}", escape(&key)),
            format!("{}%0A{good}", escape(&key)),
            escape(&key),
            escape(&good),
            "-".into(),
            "%".into(),
            "%2D".into(),
            // What Apache writes, and nginx as $ssl_client_cert: PEM whose line ends were lost.
            pem(&three()[..1]).replace('\n', " "),
            pem(&three()[..1]).replace('\n', "\t"),
            pem(&three()[..1]),
        ] {
            assert_malformed(&value);
        }
    }

    #[test]
    fn joined_lines_are_two() {
        let (der, pem) = (base64(&three()[0]), escape(&pem(&three())));
        for (name, known) in NAMES {
            for text in [&der, &pem] {
                let fault = Err(Reason::CertificateTwice.of(known));
                assert_eq!(read(&[(name, &format!("{text}, {text}"))]), fault);
            }
        }
    }

    #[test]
    fn limits() {
        let eleven: Vec<_> = (0..11).map(|seed| der(seed, 40)).collect();
        let name = NAMES[0].0;
        assert_eq!(read(&[(name, &escape(&pem(&eleven[..10])))]), Ok(Some(eleven[..10].to_vec())));
        let over = Err(Reason::ChainTooLarge.count(11, 10));
        assert_eq!(read(&[(name, &escape(&pem(&eleven)))]), over);
        let over = Err(Reason::ChainTooLarge.count(65 * 1024, 64 * 1024));
        assert_eq!(read(&[(name, &base64(&der(1, 65 * 1024)))]), over);
        assert_eq!(read(&[(name, &escape(&pem(&[der(1, 65 * 1024)])))]), over);
    }
}
