//! Times of lists (RFC 5280 sections 5.1.2.4 to 5.1.2.6): read once an entry, a million times a list.

use super::super::der::{Malformed, Reader, tag};

/// Seconds since 1970. UTCTime from 1950 to 2049, GeneralizedTime for any year; both to the second, in UTC.
pub(super) fn time(reader: &mut Reader<'_>) -> Result<i64, Malformed> {
    let value = reader.any()?;
    let (year, rest) = match (value.tag, value.content) {
        (tag::UTC_TIME, [y1, y2, rest @ ..]) => {
            let year = two(*y1, *y2)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        (tag::GENERALIZED_TIME, [y1, y2, y3, y4, rest @ ..]) => {
            (two(*y1, *y2)? * 100 + two(*y3, *y4)?, rest)
        }
        _ => return Err(Malformed),
    };
    let &[m1, m2, d1, d2, h1, h2, n1, n2, s1, s2, b'Z'] = rest else { return Err(Malformed) };
    let (month, day) = (two(m1, m2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(n1, n2)?, two(s1, s2)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return Err(Malformed),
    };
    if !(1..=days).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return Err(Malformed);
    }
    Ok(((days_before(year, month) + day - 1) * 24 + hour) * 3600 + minute * 60 + second)
}

fn two(tens: u8, ones: u8) -> Result<i64, Malformed> {
    match (tens, ones) {
        (b'0'..=b'9', b'0'..=b'9') => Ok(i64::from(tens - b'0') * 10 + i64::from(ones - b'0')),
        _ => Err(Malformed),
    }
}

/// Days from 1970 to the first of a month, by years that begin in March (Howard Hinnant).
fn days_before(year: i64, month: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: u8, text: &str) -> Result<i64, Malformed> {
        let bytes = [&[tag, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
        time(&mut Reader::new(&bytes))
    }

    #[test]
    fn times_are_seconds() {
        for (tag, text, seconds) in [
            (0x17, "700101000000Z", 0),
            (0x17, "491231235959Z", 2_524_607_999),
            (0x17, "500101000000Z", -631_152_000),
            (0x18, "20500101000000Z", 2_524_608_000),
            (0x18, "20000229120000Z", 951_825_600),
            (0x18, "99991231235959Z", 253_402_300_799),
            (0x18, "00000101000000Z", -62_167_219_200),
        ] {
            assert_eq!(read(tag, text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn other_spellings_are_none() {
        for (tag, text) in [
            (0x17, "7001010000Z"),
            (0x17, "700101000000"),
            (0x17, "700101000000+0000"),
            (0x17, "19700101000000Z"),
            (0x17, "700230000000Z"),
            (0x17, "701301000000Z"),
            (0x17, "700100000000Z"),
            (0x17, "700101240000Z"),
            (0x17, "700101000060Z"),
            (0x17, "70010100000aZ"),
            (0x18, "20500101000000.5Z"),
            (0x18, "19000229000000Z"),
            (0x16, "700101000000Z"),
        ] {
            assert!(read(tag, text).is_err(), "{text}");
        }
    }
}
