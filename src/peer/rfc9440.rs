//! `Client-Cert` and `Client-Cert-Chain` (RFC 9440): structured fields (RFC 9651).

use super::chain::{Chain, Fault};

/// `Client-Cert`: one byte sequence, the leaf. RFC 9440 defines no parameter, so none is taken.
pub(super) fn leaf(value: &[u8], chain: &mut Chain) -> Result<(), Fault> {
    chain.push(byte_sequence(value)?)
}

/// `Client-Cert-Chain`: a list of them, the leaf's issuer first. RFC 9440 section 2.3 keeps the
/// leaf itself out of it.
pub(super) fn above(value: &[u8], chain: &mut Chain) -> Result<(), Fault> {
    for member in value.split(|byte| *byte == b',') {
        chain.push(byte_sequence(without_blanks(member))?)?;
    }
    match chain.certificates() {
        [leaf, above @ ..] if !above.contains(leaf) => Ok(()),
        _ => Err(Fault::Form),
    }
}

/// What stands between the colons (RFC 9651 section 3.3.5). The parser of section 4.2.7 may mend
/// padding; this one does not.
fn byte_sequence(text: &[u8]) -> Result<&[u8], Fault> {
    let inside = text.strip_prefix(b":").and_then(|rest| rest.strip_suffix(b":"));
    inside.ok_or(Fault::Form)
}

/// Without the optional white space (RFC 9110 section 5.6.3) around it.
pub(super) fn without_blanks(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::peer::made::{base64, der, escape, pem, read, three};
    use crate::reason::{Reason, Refusal};

    fn item(der: &[u8]) -> String {
        format!(":{}:", base64(der))
    }

    fn refused(leaf: &str) -> Refusal {
        read(&[("Client-Cert", leaf)]).unwrap_err()
    }

    #[test]
    fn a_leaf_alone_and_with_its_chain() {
        let all = three();
        let leaf = item(&all[0]);
        assert_eq!(read(&[("client-cert", &leaf)]), Ok(Some(all[..1].to_vec())));
        let spaced = format!("\t {leaf}  ");
        assert_eq!(read(&[("CLIENT-CERT", &spaced)]), Ok(Some(all[..1].to_vec())));
        for between in [",", ", ", " ,", " \t,\t "] {
            let above = [item(&all[1]), item(&all[2])].join(between);
            let expected = Ok(Some(all.clone()));
            assert_eq!(read(&[("Client-Cert", &leaf), ("Client-Cert-Chain", &above)]), expected);
            assert_eq!(read(&[("Client-Cert-Chain", &above), ("Client-Cert", &leaf)]), expected);
        }
        let above = item(&all[1]);
        let two = read(&[("Client-Cert", &leaf), ("Client-Cert-Chain", &above)]);
        assert_eq!(two, Ok(Some(all[..2].to_vec())));
    }

    #[test]
    fn the_leaf_is_one_byte_sequence() {
        let good = item(&three()[0]);
        let bare = base64(&three()[0]);
        for leaf in [
            bare.clone(),
            format!(":{bare}"),
            format!("{bare}:"),
            format!("::{bare}:"),
            format!(": {bare}:"),
            format!(":{bare} :"),
            format!("{good};"),
            format!("{good};a"),
            format!("{good};a=1"),
            format!("{good} ;a"),
            format!("{good}x"),
            format!("{good}{good}"),
            format!("{good} {good}"),
            format!("({good})"),
            format!("*{bare}*"),
            format!("\"{bare}\""),
            format!("x{good}"),
            format!(":{}:", bare.replace('+', "-").replace('/', "_")),
            format!(":{}:", bare.replace('+', "%2B")),
            format!(":{}:", bare.replace('=', "")),
            format!("{good}\u{e9}"),
            good.replacen('M', "M\0", 1),
            good.replacen('M', "M\n", 1),
            format!("{good}\r\n"),
            escape(&good),
            escape(&pem(&three())),
            ":".into(),
            "::".into(),
            ":::".into(),
            "?1".into(),
        ] {
            assert_ne!(leaf, good);
            assert_eq!(refused(&leaf), Reason::CertificateHeader.of("client-cert"), "{leaf:?}");
        }
    }

    /// A proxy that joins lines (RFC 9110 section 5.3) does not hide that there were two.
    #[test]
    fn joined_lines_are_two() {
        let good = item(&three()[0]);
        for leaf in [format!("{good},{good}"), format!("{good}, {good}"), format!("{good},")] {
            assert_eq!(refused(&leaf), Reason::CertificateTwice.of("client-cert"), "{leaf}");
        }
    }

    #[test]
    fn the_chain_is_a_list_without_the_leaf() {
        let (leaf, above) = (item(&three()[0]), item(&three()[1]));
        let fault = Err(Reason::CertificateHeader.of("client-cert-chain"));
        for chain in [
            format!(",{above}"),
            format!("{above},"),
            format!("{above},,{above}"),
            format!("{above} {above}"),
            format!("{above};a=1"),
            format!("{above}, \u{a0}{above}"),
            format!("({above})"),
            format!("{above}, x"),
            format!("{above}, ::"),
            base64(&three()[1]),
            leaf.clone(),
            format!("{above}, {leaf}"),
            ",".into(),
        ] {
            let found = read(&[("Client-Cert", &leaf), ("Client-Cert-Chain", &chain)]);
            assert_eq!(found, fault, "{chain}");
        }
        assert_eq!(read(&[("Client-Cert-Chain", &above)]), fault, "a chain of nobody");
        assert_eq!(read(&[("Client-Cert", ""), ("Client-Cert-Chain", &above)]), fault);
        let alone = read(&[("Client-Cert", &leaf), ("Client-Cert-Chain", " ")]);
        assert_eq!(alone, Ok(Some(three()[..1].to_vec())));
    }

    #[test]
    fn the_limits_hold_for_both_headers_together() {
        let leaf = item(&der(0, 40));
        let chain = |count: u8, len| {
            let members: Vec<String> = (1..=count).map(|seed| item(&der(seed, len))).collect();
            read(&[("Client-Cert", &leaf), ("Client-Cert-Chain", &members.join(", "))])
        };
        assert_eq!(chain(9, 40).unwrap().unwrap().len(), 10);
        assert_eq!(chain(10, 40), Err(Reason::ChainTooLarge.count(11, 10)));
        assert_eq!(chain(4, 16_374).unwrap().unwrap().len(), 5);
        assert_eq!(chain(4, 16_375), Err(Reason::ChainTooLarge.count(65_540, 65_536)));
    }
}
