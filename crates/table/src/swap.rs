//! One value that is swapped whole.

use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use crate::epoch::{Domain, Pin, domain, pin};
use crate::sync::{AtomicPtr, Mutex, constant};

/// A value that readers see under a pin, by one plain load.
pub struct Swap<T: Send + Sync + 'static> {
    /// From `Box::into_raw`. A raw pointer even when it is retired: a box would claim to be the only way.
    current: AtomicPtr<Arc<T>>,
    _owns: PhantomData<Arc<T>>,
}

impl<T: Send + Sync + 'static> Swap<T> {
    /// Holds this value.
    #[must_use]
    pub fn new(value: Arc<T>) -> Self {
        let current = AtomicPtr::new(Box::into_raw(Box::new(value)));
        Self { current, _owns: PhantomData }
    }

    /// What it holds now.
    #[inline]
    pub fn load<'a>(&'a self, _pin: &'a Pin) -> &'a Arc<T> {
        // SAFETY: never null; what stood there after the pin was taken is retired, if at all, after
        // that, so that it outlives the pin. `drop` has the swap to itself.
        unsafe { &*self.current.load(Acquire) }
    }

    /// What it holds now, to keep.
    #[must_use]
    pub fn load_full(&self) -> Arc<T> {
        Arc::clone(self.load(&pin()))
    }

    /// Holds another value from now on.
    ///
    /// No reader is waited for: if some still read the old value, a later writer lets go of it, of this swap
    /// or of any table.
    pub fn store(&self, value: Arc<T>) {
        let new = Box::into_raw(Box::new(value));
        let place = self.current.swap(new, AcqRel);
        let old = Leftover { place: place.cast(), free: free::<T> };
        domain().retire(old);
    }
}

impl<T: Send + Sync + 'static> Drop for Swap<T> {
    fn drop(&mut self) {
        // SAFETY: loaded values borrow the swap, so there is no reader, and nobody stores any more.
        unsafe { free::<T>(self.current.load(Relaxed).cast()) };
    }
}

impl<T: Send + Sync + 'static + fmt::Debug> fmt::Debug for Swap<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Swap").field(self.load(&pin())).finish()
    }
}

/// # Safety
///
/// `place` is from `Box::<Arc<T>>::into_raw`, is freed once, and nobody reads it any more.
unsafe fn free<T>(place: *mut ()) {
    // SAFETY: the caller's word.
    drop(unsafe { Box::from_raw(place.cast::<Arc<T>>()) });
}

/// A value that was swapped out. Dropping it drops that: only when nobody reads it.
struct Leftover {
    place: *mut (),
    free: unsafe fn(*mut ()),
}

// SAFETY: it stands for an `Arc<T>` of a `T: Send + Sync` (`Swap`), which may be dropped anywhere.
unsafe impl Send for Leftover {}

impl Drop for Leftover {
    fn drop(&mut self) {
        // SAFETY: `store` made it of a box; it is dropped once, and only by `Domain::sweep` or `retire`, below
        // the horizon.
        unsafe { (self.free)(self.place) };
    }
}

/// What was swapped out and may still be read, by stamp, which is the order of coming.
pub(crate) struct Leftovers(Mutex<Vec<(u64, Leftover)>>);

impl Leftovers {
    constant! {
        pub(crate) fn new() -> Self {
            Self(Mutex::new(Vec::new()))
        }
    }
}

impl Domain {
    fn retire(&self, leftover: Leftover) {
        let Some(mut leftovers) = self.leftovers.0.lock_in_time() else {
            // A fork left its holder behind, who never lets go: rather lose the old value than hang.
            mem::forget(leftover);
            return;
        };
        let stamp = self.stamp();
        leftovers.push((stamp, leftover));
        let oldest = leftovers.first().map_or(stamp, |(stamp, _)| *stamp);
        let spent = below(&mut leftovers, self.horizon(oldest, stamp));
        drop(leftovers);
        // Destructors are not ours: without the lock.
        drop(spent);
    }

    /// Lets go of what bears a stamp below the horizon, unless somebody else is at it.
    pub(crate) fn sweep(&self, horizon: u64) {
        let Some(mut leftovers) = self.leftovers.0.try_lock() else { return };
        let spent = below(&mut leftovers, horizon);
        drop(leftovers);
        drop(spent);
    }
}

fn below(leftovers: &mut Vec<(u64, Leftover)>, horizon: u64) -> Vec<(u64, Leftover)> {
    let count = leftovers.partition_point(|(stamp, _)| *stamp < horizon);
    let rest = leftovers.split_off(count);
    mem::replace(leftovers, rest)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// As in a forked child, if another thread was swapping at the fork.
    #[test]
    fn a_lock_that_nobody_releases_costs_a_value_and_no_more() {
        let domain = Domain::new();
        let value = Arc::new(7);
        let of = |value: &Arc<i32>| Leftover {
            place: Box::into_raw(Box::new(Arc::clone(value))).cast(),
            free: free::<i32>,
        };
        let held = domain.leftovers.0.lock();
        domain.retire(of(&value));
        assert!(held.is_empty());
        assert_eq!(Arc::strong_count(&value), 2, "lost: whoever reads it still may");
    }
}
