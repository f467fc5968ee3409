//! Time is an argument. Nothing in this crate reads a clock.

use core::sync::atomic::{AtomicU64, Ordering};

/// The moment at which a credential is judged.
///
/// Two clocks, because each answers what the other cannot: credentials are valid by the calendar,
/// sources of trust are fresh by elapsed time. Neither a wall clock set back nor a cut-off feed
/// keeps anything alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Seconds since 1970-01-01T00:00:00Z; judges the validity of credentials.
    pub unix_s: i64,
    /// Milliseconds of any clock that never goes back; judges the freshness of sources.
    pub mono_ms: u64,
}

/// Until when a source of trust is believed. It stands outside of the snapshots, so that whoever keeps the
/// source fresh says so without a new one, and it is compared on every check.
#[derive(Debug, Default)]
pub struct FreshUntil(AtomicU64);

impl FreshUntil {
    /// Believed while `now.mono_ms < mono_ms`; `u64::MAX` is longer than any clock runs, 0 is never.
    #[must_use]
    pub fn new(mono_ms: u64) -> Self {
        Self(AtomicU64::new(mono_ms))
    }

    /// From now on until then. Whoever sees the new time sees what was stored before it was set.
    pub fn set(&self, mono_ms: u64) {
        self.0.store(mono_ms, Ordering::Release);
    }

    /// The millisecond of the monotonic clock from which on it is not believed any more.
    #[must_use]
    pub fn mono_ms(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Judged on the monotonic clock, so that a wall clock set back keeps nothing alive.
    #[inline]
    #[must_use]
    pub fn is_fresh(&self, now: Now) -> bool {
        now.mono_ms < self.mono_ms()
    }
}

/// When a credential says it is valid, in Unix seconds. `None` means that it did not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// `nbf` (RFC 7519 section 4.1.5), or the latest notBefore of a certification path: not before
    /// this second.
    pub not_before: Option<i64>,
    /// `iat` (RFC 7519 section 4.1.6): made at this second.
    pub issued: Option<i64>,
    /// `exp` (RFC 7519 section 4.1.4), or the earliest notAfter of a path, itself still valid (RFC 5280
    /// section 4.1.2.5): never absent, never extended.
    pub ends: i64,
}

impl Window {
    /// Whether the end of a token has passed for a reader whose clock may be off by `skew_s` seconds.
    ///
    /// RFC 7519 section 4.1.4 refuses "on or after" `exp`, so without skew the end itself is late.
    /// With skew the tolerance is inclusive (`exp == now - skew` passes), as in
    /// Microsoft.IdentityModel, so that both sides of a site agree on the last second.
    #[must_use]
    pub fn is_over(&self, now_s: i64, skew_s: i64) -> bool {
        Self::is_late(now_s.saturating_sub(self.ends), skew_s)
    }

    /// The same, by the seconds since the end.
    #[inline]
    pub(crate) fn is_late(late_s: i64, skew_s: i64) -> bool {
        late_s >= 0 && (skew_s == 0 || late_s > skew_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_1000: Window = Window { not_before: None, issued: None, ends: 1000 };

    #[test]
    fn without_skew_the_end_itself_is_late() {
        assert!(!AT_1000.is_over(999, 0));
        assert!(AT_1000.is_over(1000, 0));
    }

    #[test]
    fn skew_is_inclusive() {
        assert!(!AT_1000.is_over(1300, 300));
        assert!(AT_1000.is_over(1301, 300));
    }

    #[test]
    fn extreme_clocks_do_not_wrap() {
        assert!(AT_1000.is_over(i64::MAX, i64::MAX - 1001));
        assert!(!AT_1000.is_over(i64::MIN, 300));
    }
}
