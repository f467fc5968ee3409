//! Locks of the long way, with an end to waiting for them.

use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

/// They are held for nanoseconds. Whoever holds one for so long is asleep, or is a thread that a fork left
/// behind: then the check goes on without what the lock guards, which is only ever there to save work.
const PATIENCE: Duration = Duration::from_millis(20);

pub(super) fn in_time<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    mutex.try_lock_for(PATIENCE)
}
