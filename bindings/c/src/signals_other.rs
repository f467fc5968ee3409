//! Where signals are nobody's but the main thread's.

/// Runs `start`.
pub(crate) fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    start()
}
