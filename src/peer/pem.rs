//! PEM of certificates and of nothing else (RFC 7468 section 3).
//!
//! `rustls_pki_types::pem` skips what it does not know: text between the blocks, keys, a second
//! certificate behind a broken line. What a stranger may have a hand in is read to the last byte.

use super::chain::{Chain, Fault};

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";

/// Adds every certificate of the text, in its order; at least one.
///
/// Lines end in LF or CRLF. Between the blocks there may be blank lines only, and inside of them
/// nothing but base64: a space there is a plus sign that somebody decoded as a form.
pub(super) fn read(text: &[u8], chain: &mut Chain) -> Result<(), Fault> {
    let mut lines = text.split(|byte| *byte == b'\n').map(|line| match line {
        [line @ .., b'\r'] => line,
        line => line,
    });
    let (mut body, mut found) = (Vec::new(), false);
    while let Some(line) = lines.next() {
        if line.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            continue;
        }
        if line != BEGIN {
            return Err(Fault::Form);
        }
        body.clear();
        loop {
            match lines.next() {
                None => return Err(Fault::Form),
                Some(END) => break,
                Some(line) => body.extend_from_slice(line),
            }
        }
        chain.push(&body)?;
        found = true;
    }
    if found { Ok(()) } else { Err(Fault::Form) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::made::{base64, block, der, pem, three};

    fn chain(text: &str) -> Result<Vec<Vec<u8>>, Fault> {
        let mut chain = Chain::default();
        read(text.as_bytes(), &mut chain).map(|()| chain.into_certificates())
    }

    #[test]
    fn line_ends_and_blank_lines_do_not_matter() {
        let text = pem(&three());
        let spaced = text.replace("E-----\n-----B", "E-----\n\n \t\r\n-----B");
        for text in [
            text.clone(),
            format!("{text}\n"),
            format!("\n{text}\n\n  \n"),
            text.replace('\n', "\r\n"),
            spaced,
        ] {
            assert_eq!(chain(&text), Ok(three()), "{text:?}");
        }
        let one_line = format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----",
            base64(&der(1, 500))
        );
        assert_eq!(chain(&one_line), Ok(vec![der(1, 500)]), "nobody has to break lines at 64");
    }

    #[test]
    fn nothing_but_certificates() {
        let good = pem(&three()[..1]);
        let key = block("PRIVATE KEY", &der(9, 40));
        let begin = "-----BEGIN CERTIFICATE-----";
        for text in [
            String::new(),
            "\n".into(),
            "-----BEGIN CERTIFICATE-----".into(),
            "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----".into(),
            "-----BEGIN CERTIFICATE-----\n\n-----END CERTIFICATE-----".into(),
            format!("{good}\n{key}"),
            format!("{key}\n{good}"),
            block("TRUSTED CERTIFICATE", &der(1, 70)),
            block("X509 CERTIFICATE", &der(1, 70)),
            block("CERTIFICATE REQUEST", &der(1, 70)),
            block("certificate", &der(1, 70)),
            format!("{good}\nx"),
            format!("{good}x"),
            format!("{good} "),
            format!("x{good}"),
            format!(" {good}"),
            format!("x\n{good}"),
            format!("subject=/CN=x\n{good}"),
            format!("\u{feff}{good}"),
            format!("{good}\0"),
            format!("{good}{good}"),
            good.replace("BEGIN CERTIFICATE-----\n", "BEGIN CERTIFICATE-----"),
            good.replace("BEGIN CERTIFICATE-----\n", "BEGIN CERTIFICATE----- "),
            good.replace("BEGIN CERTIFICATE-----\n", "BEGIN CERTIFICATE-----\r"),
            good.replace("\n-----END", "-----END"),
            good.replace("END CERTIFICATE", "END PRIVATE KEY"),
            good.replace("END CERTIFICATE-----", "END CERTIFICATE----"),
            good.replace("-----BEGIN", "----BEGIN"),
            good.replace('\n', " "),
            good.replace('\n', "\r"),
            good.replace('+', " "),
            good.replace('+', "-"),
            good.replace('=', ""),
            good.replacen('\n', "\nProc-Type: 4,ENCRYPTED\n\n", 1),
            good.replacen(begin, &format!("{begin}\n{begin}"), 1),
        ] {
            assert_ne!(text, good);
            assert_eq!(chain(&text), Err(Fault::Form), "{text:?}");
        }
    }

    #[test]
    fn too_many_are_not_read() {
        let eleven: Vec<_> = (0..11).map(|seed| der(seed, 40)).collect();
        assert_eq!(chain(&pem(&eleven[..10])), Ok(eleven[..10].to_vec()));
        assert_eq!(chain(&pem(&eleven)), Err(Fault::TooLarge { got: 11, limit: 10 }));
    }
}
