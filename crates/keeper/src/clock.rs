//! The host's two clocks, and how long ago something was written by them.

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

/// Both clocks of a host, for a [`crate::Keeper`]. Checks have to be told the time by the same clock:
/// freshness is counted on `mono_ms`.
pub trait Clock: Send + Sync {
    /// The present. `mono_ms` never goes back. Called from any thread.
    fn now(&self) -> Now;
}

/// The system's: what [`now`] says.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Now {
        now()
    }
}

/// When, on the monotonic clock, something was written that is dated `modified`: before its zero, where
/// negative. `None` for a date further in the future than clocks may differ: that is no date, or whoever
/// sets it would keep old keys for ever.
pub(crate) fn written_ms(now: Now, modified: SystemTime) -> Option<i64> {
    let ahead = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    let modified_ms = match modified.duration_since(UNIX_EPOCH) {
        Ok(since) => ahead(since),
        Err(before) => -ahead(before.duration()),
    };
    let age_ms = now.unix_s.saturating_mul(1000).saturating_sub(modified_ms);
    let mono_ms = i64::try_from(now.mono_ms).unwrap_or(i64::MAX);
    match age_ms {
        0.. => Some(mono_ms.saturating_sub(age_ms)),
        _ if age_ms >= -CLOCKS_DIFFER_MS => Some(mono_ms),
        _ => None,
    }
}

/// Until when, on the monotonic clock, what was written then is younger than `most`; 0 if it never is.
pub(crate) fn fresh_until_ms(written_ms: Option<i64>, most: Duration) -> u64 {
    let Some(written_ms) = written_ms else { return 0 };
    let most_ms = i64::try_from(most.as_millis()).unwrap_or(i64::MAX);
    u64::try_from(written_ms.saturating_add(most_ms)).unwrap_or(0)
}

/// As `gate.skew` at most.
const CLOCKS_DIFFER_MS: i64 = 600_000;

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Now = Now { unix_s: 1_790_000_000, mono_ms: 5_000_000 };
    const HOUR: Duration = Duration::from_secs(3600);

    fn until(ago_s: i64) -> u64 {
        let since_1970 = Duration::from_secs((NOW.unix_s - ago_s).unsigned_abs());
        fresh_until_ms(written_ms(NOW, UNIX_EPOCH + since_1970), HOUR)
    }

    #[test]
    fn neither_an_old_file_is_fresh_nor_one_from_the_future() {
        assert_eq!(until(0), NOW.mono_ms + 3_600_000);
        assert_eq!(until(60), NOW.mono_ms + 3_540_000);
        assert_eq!(until(3600), NOW.mono_ms, "not before that, and so not fresh");
        assert!(until(7200) < NOW.mono_ms);
        // Older than the monotonic clock.
        assert_eq!(until(50_000), 0);
        assert_eq!(until(-600), NOW.mono_ms + 3_600_000, "clocks may differ");
        assert_eq!(until(-601), 0);
    }

    #[test]
    fn a_date_within_the_second_is_not_in_the_future() {
        let modified = UNIX_EPOCH + Duration::from_millis(1_790_000_000_999);
        assert_eq!(written_ms(NOW, modified), Some(5_000_000));
    }

    #[test]
    fn odd_clocks_do_not_wrap() {
        let first = Now { unix_s: i64::MIN, mono_ms: u64::MAX };
        assert_eq!(written_ms(first, UNIX_EPOCH), None);
        let last = Now { unix_s: i64::MAX, mono_ms: 0 };
        assert_eq!(fresh_until_ms(written_ms(last, UNIX_EPOCH - HOUR), HOUR), 0);
        assert_eq!(fresh_until_ms(Some(i64::MAX), HOUR), i64::MAX as u64);
    }
}
