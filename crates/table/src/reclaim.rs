//! Entries that nobody finds any more, until nobody reads them.
//!
//! Epochs (crossbeam-epoch): a reader's pin is two writes to a line of its own and a fence. When the
//! epoch has moved on, some pinning thread runs what was deferred, and that may be a reader: so all
//! that is deferred is to put the chain of entries on a stack, and the next writer frees them. A
//! reader drops no value and frees no entry; at most it gives back a node of crossbeam-epoch's own queue, of
//! which there is one for up to 128 entries.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::atomic::{AtomicPtr, AtomicUsize};

use crate::entry::{Entry, Handle};

/// Entries put out, linked through `older`; all of them are out of the slots and the queues.
pub(crate) struct Chain<V> {
    ends: Option<(Handle<V>, Handle<V>)>,
    pub(crate) len: usize,
    pub(crate) weight: usize,
}

impl<V> Chain<V> {
    pub(crate) const fn new() -> Self {
        Self { ends: None, len: 0, weight: 0 }
    }

    /// # Safety
    ///
    /// The entry is out of slots and queues, in no other chain, and was not destroyed.
    pub(crate) unsafe fn push(&mut self, handle: Handle<V>) {
        let (head, tail) = match self.ends {
            Some((head, tail)) => (head.as_ptr(), tail),
            None => (ptr::null_mut(), handle),
        };
        // SAFETY: alive by the caller's word.
        unsafe { handle.entry() }.older.store(head, Relaxed);
        self.ends = Some((handle, tail));
        self.len += 1;
        // SAFETY: alive by the caller's word.
        self.weight = self.weight.saturating_add(unsafe { handle.weight() });
    }
}

/// The way from retired to free, of one table.
pub(crate) struct Reclaim<V> {
    shared: Arc<Shared<V>>,
}

struct Shared<V> {
    /// Bytes handed over and not yet freed.
    pending: AtomicUsize,
    /// A stack of entries that nobody reads any more.
    ready: AtomicPtr<Entry<V>>,
    #[cfg(loom)]
    pins: loom::sync::atomic::AtomicUsize,
    #[cfg(loom)]
    waiting: std::sync::Mutex<Vec<Chain<V>>>,
}

impl<V> Shared<V> {
    /// # Safety
    ///
    /// From `head` to `tail` it is one chain, and no reader can reach any of it.
    unsafe fn make_ready(&self, head: Handle<V>, tail: Handle<V>) {
        // SAFETY: not freed before it is on the stack.
        let link = &unsafe { tail.entry() }.older;
        let mut first = self.ready.load(Relaxed);
        loop {
            link.store(first, Relaxed);
            // The release hands the links, and the last reads, to whoever takes the stack. All of it is
            // taken at once, so that an address which comes back does no harm.
            match self.ready.compare_exchange_weak(first, head.as_ptr(), AcqRel, Relaxed) {
                Ok(_) => return,
                Err(now) => first = now,
            }
        }
    }

    fn free_ready(&self) {
        let mut next = self.ready.swap(ptr::null_mut(), Acquire);
        while let Some(handle) = Handle::from_ptr(next) {
            // SAFETY: on the stack are living entries, and the swap made them ours alone.
            next = unsafe { handle.entry() }.older.load(Relaxed);
            // SAFETY: the same.
            let weight = unsafe { handle.weight() };
            // SAFETY: no reader can reach it (`make_ready`), and it is off the stack.
            unsafe { handle.destroy() };
            self.pending.fetch_sub(weight, Relaxed);
        }
    }
}

impl<V> Drop for Shared<V> {
    fn drop(&mut self) {
        #[cfg(loom)]
        for chain in std::mem::take(self.waiting.get_mut().expect("no model panics here")) {
            let Some((head, tail)) = chain.ends else { continue };
            // SAFETY: the last to hold this is gone, so there is no reader.
            unsafe { self.make_ready(head, tail) };
        }
        self.free_ready();
    }
}

impl<V: Send + Sync + 'static> Reclaim<V> {
    pub(crate) fn new() -> Self {
        let shared = Shared {
            pending: AtomicUsize::new(0),
            ready: AtomicPtr::default(),
            #[cfg(loom)]
            pins: loom::sync::atomic::AtomicUsize::new(0),
            #[cfg(loom)]
            waiting: std::sync::Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    pub(crate) fn pending(&self) -> usize {
        self.shared.pending.load(Relaxed)
    }

    /// Frees what no reader can see any more. Runs the values' destructors: not under the lock.
    pub(crate) fn free_ready(&self) {
        if !self.shared.ready.load(Relaxed).is_null() {
            self.shared.free_ready();
        }
    }
}

#[cfg(not(loom))]
mod epochs {
    use super::{Arc, Chain, Reclaim};
    use std::sync::atomic::Ordering::Relaxed;

    pub(crate) type Pin = crossbeam_epoch::Guard;

    impl<V: Send + Sync + 'static> Reclaim<V> {
        #[inline]
        pub(crate) fn pin(&self) -> Pin {
            crossbeam_epoch::pin()
        }

        /// # Safety
        ///
        /// The chain's entries were taken out of the slots before this call.
        #[expect(clippy::needless_pass_by_value, reason = "the chain is spent")]
        pub(crate) unsafe fn hand_over(&self, pin: &Pin, chain: Chain<V>) {
            let Some((head, tail)) = chain.ends else { return };
            self.shared.pending.fetch_add(chain.weight, Relaxed);
            let shared = Arc::clone(&self.shared);
            // SAFETY: by contract no later pin can find them, and this runs when every earlier pin is
            // gone.
            let run = move || unsafe { shared.make_ready(head, tail) };
            // SAFETY: what is captured may cross threads (`V: Send + Sync`) and outlive every borrow
            // (`V: 'static`).
            unsafe { pin.defer_unchecked(run) };
            // To the common queue: garbage must not wait for this thread's next visit.
            pin.flush();
        }

        /// Pushes the epoch on, as far as readers let it: two steps make garbage of now free.
        pub(crate) fn hurry(&self) {
            for _ in 0..4 {
                self.pin().flush();
            }
            self.free_ready();
        }
    }
}

/// A stand-in: those who are pinned are counted, and an entry is freed at once if there is none but its
/// writer, else at the table's end. It shows that nothing is freed or found too early by *our* order of steps; that
/// crossbeam-epoch keeps its own promise is not modelled here.
#[cfg(loom)]
mod epochs {
    use super::{Arc, Chain, Reclaim, Shared};
    use std::sync::atomic::Ordering::{AcqRel, Relaxed};

    pub(crate) struct Pin(Box<dyn Fn()>);

    impl Drop for Pin {
        fn drop(&mut self) {
            (self.0)();
        }
    }

    impl<V: Send + Sync + 'static> Reclaim<V> {
        pub(crate) fn pin(&self) -> Pin {
            self.shared.pins.fetch_add(1, AcqRel);
            let shared: Arc<Shared<V>> = Arc::clone(&self.shared);
            Pin(Box::new(move || {
                shared.pins.fetch_sub(1, AcqRel);
            }))
        }

        /// # Safety
        ///
        /// The chain's entries were taken out of the slots before this call.
        pub(crate) unsafe fn hand_over(&self, _pin: &Pin, chain: Chain<V>) {
            let Some((head, tail)) = chain.ends else { return };
            self.shared.pending.fetch_add(chain.weight, Relaxed);
            // The writer's own pin is one.
            if self.shared.pins.fetch_add(0, AcqRel) == 1 {
                // SAFETY: nobody was pinned after it left the slots, so nobody can reach it.
                unsafe { self.shared.make_ready(head, tail) };
            } else {
                self.shared.waiting.lock().expect("no model panics here").push(chain);
            }
        }

        pub(crate) fn hurry(&self) {}
    }
}

pub(crate) use epochs::Pin;
