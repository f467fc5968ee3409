//! Which process this is: a fork copies everything but the threads.

/// The number of this process, asked anew each time.
pub(super) fn id() -> u32 {
    #[cfg(unix)]
    return std::process::id();
    #[cfg(not(unix))]
    return 0;
}
