//! The table itself: readers without the lock, writers with it.

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::Ordering::Relaxed;

use crate::entry::{Handle, weight};
use crate::limits::Limits;
use crate::reclaim::{Pin, Reclaim};
use crate::slots::{self, Slots};
use crate::sync::Mutex;
use crate::writer::Writer;
use crate::{Counters, Kept, Value};

/// A bounded table of byte strings to values.
pub struct Table<V: Value> {
    slots: Slots,
    reclaim: Reclaim<V>,
    limits: Limits,
    writer: Mutex<Writer<V>>,
}

// SAFETY: the slots hold entries of `V` as words, which hides them from the compiler; they may be
// read, and dropped, on any thread, since `V: Send + Sync`. So the impls that it derives are right.
const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    let _ = is_shared::<Table<u64>>;
};

impl<V: Value> Table<V> {
    /// An empty table; `None` if there is no memory for its array.
    #[must_use]
    pub fn new(limits: Limits) -> Option<Self> {
        let slots = Slots::new(limits.buckets)?;
        let writer = Mutex::new(Writer::new(limits)?);
        Some(Self { slots, reclaim: Reclaim::new(), limits, writer })
    }

    /// The value under these bytes, all of which are compared.
    ///
    /// `hash` is the caller's, keyed by a secret, the same for the same bytes. While the guard lives,
    /// nothing that is put out from now on is freed: it is for looking, not for keeping.
    #[inline]
    pub fn get(&self, hash: u64, bytes: &[u8]) -> Option<Guard<'_, V>> {
        let pinned = self.pin();
        let value = std::ptr::from_ref(pinned.get(hash, bytes)?);
        Some(Guard { value, _pinned: pinned })
    }

    /// A pin for several look-ups, and the shortest way for one.
    #[inline]
    pub fn pin(&self) -> Pinned<'_, V> {
        Pinned { table: self, pin: self.reclaim.pin() }
    }

    /// Takes a value in, in place of an equal key's. `now` is on the scale of [`Value::deadline`].
    pub fn insert(&self, hash: u64, bytes: &[u8], value: V, now: u64) -> Kept {
        if self.reclaim.pending() > self.limits.garbage {
            self.reclaim.hurry();
            if self.reclaim.pending() > self.limits.garbage {
                self.writer.lock().counters.refused += 1;
                return Kept::Busy;
            }
        }
        let deadline = value.deadline();
        // One entry takes a quarter of the room at most.
        let is_storable = weight::<V>(bytes.len()) <= self.limits.room / 4;
        let created = is_storable.then(|| Handle::create(hash, deadline, bytes, value));
        let Some(Ok(handle)) = created else {
            self.writer.lock().counters.refused += 1;
            return Kept::TooLarge;
        };
        let pin = self.reclaim.pin();
        let (kept, retired) = {
            let mut writer = self.writer.lock();
            let kept = if slots::fits(handle) {
                // SAFETY: fresh from `create`; slots and writer are of one table.
                unsafe { writer.insert(&self.slots, handle, now) }
            } else {
                writer.counters.refused += 1;
                Kept::TooLarge
            };
            (kept, writer.take_retired())
        };
        // SAFETY: what is retired left the slots under the lock.
        unsafe { self.reclaim.hand_over(&pin, retired) };
        drop(pin);
        if !kept.is_kept() {
            // SAFETY: it was not published, so it is ours alone.
            unsafe { handle.destroy() };
        }
        self.reclaim.free_ready();
        kept
    }

    /// Takes out what stands under these bytes, if the caller says so of its value.
    ///
    /// The question is asked without the lock; an entry that is replaced meanwhile stays.
    pub fn remove_if(&self, hash: u64, bytes: &[u8], is_unwanted: impl FnOnce(&V) -> bool) -> bool {
        let pinned = self.pin();
        let Some(handle) = pinned.find(hash, bytes) else { return false };
        // SAFETY: found after the pin was taken, and the pin is still held.
        if !is_unwanted(&unsafe { handle.entry() }.value) {
            return false;
        }
        let (is_out, retired) = {
            let mut writer = self.writer.lock();
            // An address cannot come back under another entry while the pin is held.
            (writer.remove(&self.slots, hash, handle), writer.take_retired())
        };
        // SAFETY: what is retired left the slots under the lock.
        unsafe { self.reclaim.hand_over(&pinned.pin, retired) };
        drop(pinned);
        self.reclaim.free_ready();
        is_out
    }

    /// How many entries stand in the table.
    pub fn len(&self) -> usize {
        self.writer.lock().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What counts against the bound: array, ghost and entries.
    pub fn bytes(&self) -> usize {
        self.limits.fixed().saturating_add(self.writer.lock().bytes())
    }

    /// What happened so far.
    pub fn counters(&self) -> Counters {
        let writer = self.writer.lock();
        let garbage = writer.retired_bytes().saturating_add(self.reclaim.pending());
        Counters { garbage, ..writer.counters }
    }

    #[cfg(all(test, not(loom)))]
    pub(crate) fn assert_whole(&self) {
        self.writer.lock().assert_whole(&self.slots);
    }
}

impl<V: Value> Drop for Table<V> {
    fn drop(&mut self) {
        for handle in self.slots.all::<V>() {
            // SAFETY: guards borrow the table, so there is no reader; each entry has one slot.
            unsafe { handle.destroy() };
        }
        let retired = self.writer.lock().all_retired();
        // SAFETY: they are in no slot, so they were not destroyed above.
        unsafe { self.reclaim.hand_over(&self.reclaim.pin(), retired) };
    }
}

impl<V: Value> fmt::Debug for Table<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// A reader: what it finds stays readable until it is dropped.
pub struct Pinned<'t, V: Value> {
    table: &'t Table<V>,
    pin: Pin,
}

impl<V: Value> Pinned<'_, V> {
    /// As [`Table::get`].
    #[inline]
    pub fn get(&self, hash: u64, bytes: &[u8]) -> Option<&V> {
        let handle = self.find(hash, bytes)?;
        // SAFETY: found after the pin was taken; `self`, and so the pin, outlives the result.
        let entry = unsafe { handle.entry() };
        if !entry.visited.load(Relaxed) {
            entry.visited.store(true, Relaxed);
        }
        Some(&entry.value)
    }

    #[inline]
    fn find(&self, hash: u64, bytes: &[u8]) -> Option<Handle<V>> {
        // SAFETY: a slot's entry is alive while it is in the slot; if it leaves after the load, it is
        // retired after our pin was taken.
        let is_equal = |handle: Handle<V>| unsafe { handle.bytes() } == bytes;
        self.table.slots.find(hash, is_equal).map(|(_, handle)| handle)
    }
}

impl<V: Value> fmt::Debug for Pinned<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pinned").finish_non_exhaustive()
    }
}

/// A value that was found. Its thread is pinned while it lives.
pub struct Guard<'t, V: Value> {
    value: *const V,
    _pinned: Pinned<'t, V>,
}

impl<V: Value> Deref for Guard<'_, V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        // SAFETY: found under the pin that this guard holds.
        unsafe { &*self.value }
    }
}

impl<V: Value + fmt::Debug> fmt::Debug for Guard<'_, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
