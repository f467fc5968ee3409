//! A first-in-first-out list through the entries themselves, for the holder of the writers' lock.
//!
//! The links are numbers of slots, 8 bytes in each entry for both: no allocation, no capacity, and an
//! entry that is replaced or removed leaves no hole behind. Who stands in a slot is what the slot says.

use crate::Value;
use crate::entry::Entry;
use crate::slots::{Slot, Slots};

pub(crate) struct Queue {
    newest: Option<Slot>,
    oldest: Option<Slot>,
    pub(crate) len: usize,
    pub(crate) bytes: usize,
}

impl Queue {
    pub(crate) const fn new() -> Self {
        Self { newest: None, oldest: None, len: 0, bytes: 0 }
    }

    pub(crate) fn oldest(&self) -> Option<Slot> {
        self.oldest
    }

    /// # Safety
    ///
    /// The entry stands in its slot, and does until `unlink`; it is in no queue; the caller holds the
    /// writers' lock. So all members of a queue stand in their slots, and `slots` holds entries of `V`.
    pub(crate) unsafe fn push<V: Value>(&mut self, slots: &Slots, entry: &Entry<V>) {
        let slot = Some(entry.slot());
        entry.set_newer(None);
        entry.set_older(self.newest);
        // SAFETY: a member.
        match unsafe { member::<V>(slots, self.newest) } {
            Some(before) => before.set_newer(slot),
            None => self.oldest = slot,
        }
        self.newest = slot;
        self.len += 1;
        self.bytes += entry.weight();
    }

    /// # Safety
    ///
    /// The entry is a member of this queue; the caller holds the writers' lock.
    pub(crate) unsafe fn unlink<V: Value>(&mut self, slots: &Slots, entry: &Entry<V>) {
        let (newer, older) = (entry.newer(), entry.older());
        // SAFETY: neighbours are members.
        match unsafe { member::<V>(slots, newer) } {
            Some(neighbour) => neighbour.set_older(older),
            None => self.newest = older,
        }
        // SAFETY: the same.
        match unsafe { member::<V>(slots, older) } {
            Some(neighbour) => neighbour.set_newer(newer),
            None => self.oldest = newer,
        }
        self.len = self.len.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(entry.weight());
    }
}

/// # Safety
///
/// `slots` holds entries of `V`; the caller holds the writers' lock for `'a`, and takes this one out of
/// its slot only when it has done with the reference.
pub(crate) unsafe fn member<V>(slots: &Slots, slot: Option<Slot>) -> Option<&Entry<V>> {
    // SAFETY: what stands in a slot is alive under the lock, and until it is retired and a trip is made.
    slot.and_then(|slot| slots.handle::<V>(slot)).map(|handle| unsafe { handle.entry() })
}
