//! What readers and writers meet on; loom's own under `cfg(loom)`.

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, fence};
#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, fence};

/// The word, for the holder of the lock under which alone it is written.
///
/// Loom orders no other thread against such a load. It would take one for the last look at the word, and would not
/// try what happens if the store that follows comes before another's look.
pub(crate) fn load_locked(word: &AtomicU64) -> u64 {
    #[cfg(not(loom))]
    return word.load(std::sync::atomic::Ordering::Relaxed);
    #[cfg(loom)]
    // SAFETY: nobody stores meanwhile, by the lock; loom checks that.
    return unsafe { word.unsync_load() };
}

/// A `const fn`, but for loom, whose atomics are made at run time.
macro_rules! constant {
    ($(#[$attr:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),*) -> Self $body:block) => {
        $(#[$attr])*
        #[cfg(not(loom))]
        $vis const fn $name($($arg: $type),*) -> Self $body

        $(#[$attr])*
        #[cfg(loom)]
        $vis fn $name($($arg: $type),*) -> Self $body
    };
}
pub(crate) use constant;

/// A writers' lock: no poisoning, since a caught panic must not close the table for ever.
pub(crate) struct Mutex<T> {
    #[cfg(not(loom))]
    inner: parking_lot::Mutex<T>,
    #[cfg(loom)]
    inner: loom::sync::Mutex<T>,
}

#[cfg(not(loom))]
pub(crate) type MutexGuard<'a, T> = parking_lot::MutexGuard<'a, T>;
#[cfg(loom)]
pub(crate) type MutexGuard<'a, T> = loom::sync::MutexGuard<'a, T>;

#[cfg(not(loom))]
impl<T> Mutex<T> {
    pub(crate) const fn new(inner: T) -> Self {
        Self { inner: parking_lot::Mutex::new(inner) }
    }

    #[cfg(test)]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.inner.lock()
    }

    /// `None` after a tenth of a second: writers hold it for microseconds, so its holder is a thread that a
    /// fork left behind, or one that sleeps.
    pub(crate) fn lock_in_time(&self) -> Option<MutexGuard<'_, T>> {
        self.inner.try_lock_for(std::time::Duration::from_millis(100))
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.inner.try_lock()
    }
}

#[cfg(loom)]
impl<T> Mutex<T> {
    pub(crate) fn new(inner: T) -> Self {
        Self { inner: loom::sync::Mutex::new(inner) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.inner.lock().expect("no model panics under the lock")
    }

    pub(crate) fn lock_in_time(&self) -> Option<MutexGuard<'_, T>> {
        Some(self.lock())
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.inner.try_lock().ok()
    }
}
