//! Time is an argument. Nothing in this crate reads a clock.

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
