use core::fmt;

/// A GUID as 16 bytes: what Entra names tenants, users and devices by. Compared as bytes, so the
/// letter case in which it was written does not matter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Guid(pub [u8; 16]);

impl Guid {
    /// Length of the only accepted form, `8-4-4-4-12` hexadecimal digits.
    pub const TEXT_LEN: usize = 36;

    /// The tenant of personal Microsoft accounts. Anybody can have one, so it is never trusted.
    pub const MICROSOFT_ACCOUNTS: Self = Self([
        0x91, 0x88, 0x04, 0x0d, 0x6c, 0x67, 0x4c, 0x5b, 0xb1, 0x12, 0x36, 0xa3, 0x04, 0xb6, 0x6d,
        0xad,
    ]);

    /// Reads the hyphenated form in either case; braces and bare digits are not accepted.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text: &[u8; Self::TEXT_LEN] = text.as_bytes().try_into().ok()?;
        if HYPHENS.iter().any(|at| text[*at] != b'-') {
            return None;
        }
        let mut bytes = [0; 16];
        let mut bad = 0;
        for (byte, at) in bytes.iter_mut().zip(DIGITS) {
            let (high, low) = (NIBBLE[usize::from(text[at])], NIBBLE[usize::from(text[at + 1])]);
            bad |= high | low;
            *byte = high << 4 | low;
        }
        (bad < 16).then_some(Self(bytes))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // In one piece: identities are written for every request that passes.
        let mut text = [b'-'; Self::TEXT_LEN];
        for (byte, at) in self.0.iter().zip(DIGITS) {
            text[at] = LOWER[usize::from(byte >> 4)];
            text[at + 1] = LOWER[usize::from(byte & 15)];
        }
        f.write_str(core::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const LOWER: &[u8; 16] = b"0123456789abcdef";

const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Where the two digits of each byte stand.
const DIGITS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/// The value of a hexadecimal digit; 0xff for everything else.
const NIBBLE: [u8; 256] = {
    let mut table = [0xff; 256];
    let mut value = 0;
    while value < 16 {
        table[b"0123456789abcdef"[value] as usize] = value as u8;
        table[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_either_case_and_writes_lower() {
        let guid = Guid::parse("CDCC5E91-0adf-4A24-82D0-196667F1C081").unwrap();
        assert_eq!(guid.to_string(), "cdcc5e91-0adf-4a24-82d0-196667f1c081");
    }

    #[test]
    fn refuses_every_other_form() {
        let good = "9188040d-6c67-4c5b-b112-36a304b66dad";
        assert_eq!(Guid::parse(good), Some(Guid::MICROSOFT_ACCOUNTS));
        for at in 0..good.len() {
            for junk in [b'g', b'-', b' ', 0, b'0'] {
                let mut text = good.as_bytes().to_vec();
                text[at] = junk;
                let expected = junk == b'0' && good.as_bytes()[at] != b'-';
                let expected = expected || good.as_bytes()[at] == junk;
                let text = String::from_utf8(text).unwrap();
                assert_eq!(Guid::parse(&text).is_some(), expected, "{text}");
            }
        }
        for text in
            ["", "{9188040d-6c67-4c5b-b112-36a304b66dad}", "9188040d6c674c5bb11236a304b66dad"]
        {
            assert_eq!(Guid::parse(text), None, "{text}");
        }
    }
}
