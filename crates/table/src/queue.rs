//! A first-in-first-out list through the entries themselves, for the holder of the writers' lock.
//!
//! Links in the entries cost 16 bytes each and nothing else: no allocation, no capacity, and an entry
//! that is replaced or removed leaves no hole behind.

use std::ptr;
use std::sync::atomic::AtomicPtr;
use std::sync::atomic::Ordering::Relaxed;

use crate::entry::{Entry, Handle};

pub(crate) struct Queue<V> {
    newest: *mut Entry<V>,
    oldest: *mut Entry<V>,
    pub(crate) len: usize,
    pub(crate) bytes: usize,
}

// SAFETY: the two addresses stand for entries of `V`; see `Handle`.
unsafe impl<V: Send + Sync> Send for Queue<V> {}

impl<V> Queue<V> {
    pub(crate) const fn new() -> Self {
        Self { newest: ptr::null_mut(), oldest: ptr::null_mut(), len: 0, bytes: 0 }
    }

    pub(crate) fn oldest(&self) -> Option<Handle<V>> {
        Handle::from_ptr(self.oldest)
    }

    /// # Safety
    ///
    /// The entry is alive and stays so until `unlink`; it is in no queue; the caller holds the
    /// writers' lock. All members of a queue are alive by this.
    pub(crate) unsafe fn push(&mut self, handle: Handle<V>) {
        // SAFETY: the caller's word.
        let entry = unsafe { handle.entry() };
        entry.newer.store(ptr::null_mut(), Relaxed);
        entry.older.store(self.newest, Relaxed);
        match Handle::from_ptr(self.newest) {
            // SAFETY: a member, so alive.
            Some(before) => unsafe { before.entry() }.newer.store(handle.as_ptr(), Relaxed),
            None => self.oldest = handle.as_ptr(),
        }
        self.newest = handle.as_ptr();
        self.len += 1;
        // SAFETY: the caller's word.
        self.bytes += unsafe { handle.weight() };
    }

    /// # Safety
    ///
    /// The entry is a member of this queue; the caller holds the writers' lock.
    pub(crate) unsafe fn unlink(&mut self, handle: Handle<V>) {
        // SAFETY: a member, so alive.
        let entry = unsafe { handle.entry() };
        let newer = take(&entry.newer);
        let older = take(&entry.older);
        match Handle::from_ptr(newer) {
            // SAFETY: neighbours are members, so alive.
            Some(newer) => unsafe { newer.entry() }.older.store(older, Relaxed),
            None => self.newest = older,
        }
        match Handle::from_ptr(older) {
            // SAFETY: the same.
            Some(older) => unsafe { older.entry() }.newer.store(newer, Relaxed),
            None => self.oldest = newer,
        }
        self.len = self.len.saturating_sub(1);
        // SAFETY: a member, so alive.
        self.bytes = self.bytes.saturating_sub(unsafe { handle.weight() });
    }
}

fn take<V>(link: &AtomicPtr<Entry<V>>) -> *mut Entry<V> {
    let target = link.load(Relaxed);
    link.store(ptr::null_mut(), Relaxed);
    target
}
