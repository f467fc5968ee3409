//! Hexadecimal digits, in lower case; read in either.

pub(crate) fn encode(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|value| value as u8);
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_bytes_are_read() {
        assert_eq!(encode(&[0, 0xfe]), "00fe");
        assert_eq!(decode("00Fe"), Some(vec![0, 0xfe]));
        for bad in ["0", "0g", "zz", "é0"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
    }
}
