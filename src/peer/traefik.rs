//! `X-Forwarded-Tls-Client-Cert`, as Traefik's PassTLSClientCert writes it.

use super::chain::{Chain, Fault};
use super::escaped::decoded;

/// Base64 of the DER of each certificate of the client, leaf first, commas between. Older versions
/// percent-encode it.
pub(super) fn read(value: &[u8], chain: &mut Chain) -> Result<(), Fault> {
    decoded(value)?.split(|byte| *byte == b',').try_for_each(|member| chain.push(member))
}

#[cfg(test)]
mod tests {
    use crate::peer::made::{base64, der, escape, pem, read, three};
    use crate::reason::Reason;

    const NAME: &str = "X-Forwarded-Tls-Client-Cert";

    fn list(chain: &[Vec<u8>]) -> String {
        let members: Vec<String> = chain.iter().map(|der| base64(der)).collect();
        members.join(",")
    }

    #[test]
    fn as_it_is_and_escaped() {
        let text = list(&three());
        assert!(text.contains(['+', '/', '=']), "{text}");
        let members_escaped = escape(&text).replace("%2C", ",");
        for text in [text.clone(), escape(&text), members_escaped] {
            assert_eq!(read(&[(NAME, &text)]), Ok(Some(three())), "{text}");
        }
        let lower = escape(&text).replace("%2B", "%2b").replace("%2F", "%2f");
        assert_eq!(read(&[(NAME, &lower)]), Ok(Some(three())));
        assert_eq!(read(&[(NAME, &list(&three()[..1]))]), Ok(Some(three()[..1].to_vec())));
    }

    #[test]
    fn malformed() {
        let good = list(&three());
        for text in [
            format!("{good},"),
            format!(",{good}"),
            good.replacen(',', ",,", 1),
            good.replacen(',', ", ", 1),
            good.replacen(',', ";", 1),
            good.replacen(',', "\n", 1),
            good.replacen('+', " ", 1),
            good.replacen('+', "%20", 1),
            good.replacen('+', "%2", 1),
            good.replacen('+', "%2G", 1),
            good.replacen('+', "%00", 1),
            good.replacen('+', "-", 1),
            good.replace('=', ""),
            format!("{good}%"),
            format!("{good}%3"),
            format!("{good}%0A"),
            format!("\"{good}\""),
            escape(&pem(&three())),
            ",".into(),
            "%".into(),
        ] {
            assert_ne!(text, good);
            let fault = Err(Reason::CertificateHeader.of("x-forwarded-tls-client-cert"));
            assert_eq!(read(&[(NAME, &text)]), fault, "{text:?}");
        }
    }

    #[test]
    fn limits() {
        let eleven: Vec<_> = (0..11).map(|seed| der(seed, 40)).collect();
        assert_eq!(read(&[(NAME, &list(&eleven[..10]))]), Ok(Some(eleven[..10].to_vec())));
        let over = Err(Reason::ChainTooLarge.count(11, 10));
        assert_eq!(read(&[(NAME, &list(&eleven))]), over);
        let large = [der(1, 32_768), der(2, 32_769)];
        let over = Err(Reason::ChainTooLarge.count(65_537, 65_536));
        assert_eq!(read(&[(NAME, &list(&large))]), over);
    }
}
