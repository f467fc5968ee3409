use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tollgate::Now;

/// When this process first asked for the time; the zero of its monotonic clock.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The present, on both clocks. A wall clock before 1970 reads as 1970.
#[must_use]
pub fn now() -> Now {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now {
        unix_s: i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX),
        mono_ms: millis(START.elapsed()),
    }
}

/// Until when, on the monotonic clock, something written at `modified` is younger than `most`; 0 if
/// it is not. A date further in the future than clocks may differ is no date, or whoever sets it
/// would keep old keys for ever.
pub(crate) fn fresh_until_ms(modified: SystemTime, most: Duration) -> u64 {
    let age = match SystemTime::now().duration_since(modified) {
        Ok(age) => age,
        Err(ahead) if ahead.duration() <= CLOCKS_DIFFER => Duration::ZERO,
        Err(_) => return 0,
    };
    match most.checked_sub(age) {
        Some(left) => now().mono_ms.saturating_add(millis(left)),
        None => 0,
    }
}

/// As `gate.skew` at most.
const CLOCKS_DIFFER: Duration = Duration::from_secs(600);

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_an_old_file_is_fresh_nor_one_from_the_future() {
        let hour = Duration::from_secs(3600);
        let now_ms = now().mono_ms;
        assert_eq!(fresh_until_ms(SystemTime::now() - 2 * hour, hour), 0);
        assert!(fresh_until_ms(SystemTime::now(), hour) > now_ms + 3_590_000);
        let ahead = Duration::from_secs(60);
        assert!(fresh_until_ms(SystemTime::now() + ahead, hour) > now_ms + 3_590_000);
        assert_eq!(fresh_until_ms(SystemTime::now() + 2 * hour, hour), 0);
    }
}
