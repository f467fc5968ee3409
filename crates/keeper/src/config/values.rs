//! The spellings of durations and sizes, and the nearest name for a typing error.

use std::time::Duration;

/// `"30s"`, `"5m"`, `"30h"`, `"90d"`: a whole number and one unit.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split_unit(text)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).filter(|seconds| *seconds <= MOST_S).map(Duration::from_secs)
}

/// A hundred years: beyond, arithmetic on times would have to be looked at.
const MOST_S: u64 = 100 * 366 * 86_400;

/// `"512"`, `"16KiB"`, `"256MiB"`, `"1GiB"`: bytes, in powers of two only.
pub(super) fn size(text: &str) -> Option<usize> {
    let (number, unit) = split_unit(text)?;
    let bytes: u64 = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    usize::try_from(number.checked_mul(bytes)?).ok()
}

fn split_unit(text: &str) -> Option<(u64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    Some((number.parse().ok()?, unit))
}

/// The name that was probably meant: at most a third of its letters away.
pub(super) fn nearest<'n>(typed: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    names
        .map(|name| (distance(typed, name), name))
        .filter(|(distance, name)| distance * 3 <= name.len().max(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Levenshtein distance over bytes.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.bytes().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in
            [("0s", 0), ("30s", 30), ("5m", 300), ("30h", 108_000), ("90d", 7_776_000)]
        {
            assert_eq!(duration(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for bad in
            ["", "5", "m", "5 m", "-5m", "5M", "1.5h", "5min", "99999999999999999999s", "99999999d"]
        {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn sizes() {
        for (text, bytes) in [("512", 512), ("512B", 512), ("16KiB", 16_384), ("2GiB", 2 << 30)] {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for bad in ["", "KiB", "16KB", "16 KiB", "16k", "-1", "99999999999999GiB"] {
            assert_eq!(size(bad), None, "{bad}");
        }
    }

    #[test]
    fn nearest_names() {
        let names = || ["audiences", "tenant", "enabled"].into_iter();
        assert_eq!(nearest("audience", names()), Some("audiences"));
        assert_eq!(nearest("tennant", names()), Some("tenant"));
        assert_eq!(nearest("colour", names()), None);
    }
}
