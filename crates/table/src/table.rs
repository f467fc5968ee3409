//! The table itself: readers without the lock, writers with it.

use std::fmt;
use std::sync::atomic::Ordering::Relaxed;

use crate::entry::{Entry, Handle, weight};
use crate::epoch::{Pin, pin};
use crate::limits::Limits;
use crate::slots::{self, Slots};
use crate::sync::Mutex;
use crate::writer::Writer;
use crate::{Counters, Kept, Value};

/// A bounded table of byte strings to values.
pub struct Table<V: Value> {
    slots: Slots,
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
        Some(Self { slots, limits, writer })
    }

    /// The value under these bytes, all of which are compared.
    ///
    /// `hash` is the caller's, keyed by a secret, the same for the same bytes.
    #[inline]
    pub fn get<'a>(&'a self, pin: &'a Pin, hash: u64, bytes: &[u8]) -> Option<&'a V> {
        let handle = self.find(pin, hash, bytes)?;
        // SAFETY: found after the pin was taken, which is held for as long as the result.
        let entry = unsafe { handle.entry() };
        if !entry.visited.load(Relaxed) {
            entry.visited.store(true, Relaxed);
        }
        Some(&entry.value)
    }

    /// Asks the processor for the array's line in which this hash most likely stands: for look-ups that
    /// come soon, several at once.
    #[inline]
    pub fn prefetch(&self, hash: u64) {
        self.slots.prefetch(hash);
    }

    /// Asks for the first entry that has this hash's tag: its value, and how its bytes begin. Reads the
    /// array's lines, so `prefetch` comes some time before it.
    #[inline]
    pub fn prefetch_entry(&self, _pin: &Pin, hash: u64) {
        const BEGINNING: usize = 128;
        if let Some(handle) = self.slots.find::<V>(hash, |_| true) {
            slots::prefetch(handle.as_ptr().cast(), size_of::<Entry<V>>() + BEGINNING);
        }
    }

    /// Takes a value in, in place of an equal key's. `now` is on the scale of [`Value::deadline`].
    pub fn insert(&self, hash: u64, bytes: &[u8], value: V, now: u64) -> Kept {
        // One entry takes a quarter of the room at most.
        let weight = weight::<V>(bytes.len()).saturating_add(value.owned());
        let is_storable = weight <= self.limits.room / 4;
        let created = is_storable.then(|| Handle::create(hash, bytes, value));
        let Some(mut writer) = self.writer.lock_in_time() else {
            if let Some(Ok(handle)) = created {
                // SAFETY: it was not published, so it is ours alone.
                unsafe { handle.destroy() };
            }
            return Kept::Busy;
        };
        let Some(Ok(handle)) = created else {
            writer.counters.refused += 1;
            return Kept::TooLarge;
        };
        let relief = if writer.is_choked() { writer.take_spent() } else { None };
        let kept = if writer.is_choked() {
            writer.counters.refused += 1;
            Kept::Busy
        } else if slots::fits(handle) {
            // SAFETY: fresh from `create`; slots and writer are of one table.
            unsafe { writer.insert(&self.slots, handle, hash, now) }
        } else {
            writer.counters.refused += 1;
            Kept::TooLarge
        };
        let spent = if kept == Kept::Busy { None } else { writer.take_spent() };
        // Destructors are not ours: without the lock.
        drop(writer);
        drop((relief, spent));
        if !kept.is_kept() {
            // SAFETY: it was not published, so it is ours alone.
            unsafe { handle.destroy() };
        }
        kept
    }

    /// Takes out what stands under these bytes, if the caller says so of its value.
    ///
    /// The question is asked without the lock; an entry that is replaced meanwhile stays.
    pub fn remove_if(&self, hash: u64, bytes: &[u8], is_unwanted: impl FnOnce(&V) -> bool) -> bool {
        let pin = pin();
        let Some(handle) = self.find(&pin, hash, bytes) else { return false };
        // SAFETY: found after the pin was taken, and the pin is still held.
        if !is_unwanted(&unsafe { handle.entry() }.value) {
            return false;
        }
        let Some(mut writer) = self.writer.lock_in_time() else { return false };
        // An address cannot come back under another entry while the pin is held.
        let is_out = writer.remove(&self.slots, hash, handle);
        drop(pin);
        let spent = writer.take_spent();
        drop(writer);
        drop(spent);
        is_out
    }

    #[inline]
    fn find(&self, _pin: &Pin, hash: u64, bytes: &[u8]) -> Option<Handle<V>> {
        // SAFETY: a slot's entry is alive while it is in the slot; if it leaves after the load, it is
        // retired after the pin was taken.
        let is_equal = |handle: Handle<V>| unsafe { handle.bytes() } == bytes;
        self.slots.find(hash, is_equal)
    }

    /// How many entries stand in the table.
    pub fn len(&self) -> usize {
        self.counters().entries
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What counts against the bound: array, ghost, entries, and what their values own.
    pub fn bytes(&self) -> usize {
        self.counters().bytes
    }

    /// What happened so far, and what is there. A writer that comes meanwhile waits for nanoseconds;
    /// all zeros where the lock is lost to a fork.
    pub fn counters(&self) -> Counters {
        let Some(writer) = self.writer.lock_in_time() else { return Counters::default() };
        Counters {
            garbage: writer.garbage(),
            entries: writer.len(),
            bytes: self.limits.fixed().saturating_add(writer.bytes()),
            ..writer.counters
        }
    }

    #[cfg(all(test, not(loom)))]
    pub(crate) fn assert_whole(&self) {
        self.writer.lock().assert_whole(&self.slots);
    }
}

impl<V: Value> Drop for Table<V> {
    fn drop(&mut self) {
        for handle in self.slots.all::<V>() {
            // SAFETY: what is found borrows the table, so there is no reader; each entry has one slot.
            unsafe { handle.destroy() };
        }
    }
}

impl<V: Value> fmt::Debug for Table<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("limits", &self.limits).finish_non_exhaustive()
    }
}
