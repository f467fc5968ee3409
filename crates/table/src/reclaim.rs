//! Entries that nobody finds any more, until nobody reads them.
//!
//! Writers gather them under their lock; once there are enough for a trip they get a stamp (`epoch`).
//! Whoever makes a trip takes along what has become free, and destroys it when it has let go of the lock:
//! values are never dropped by a reader's thread, nor under the lock.

use std::mem;

use crate::Value;
use crate::entry::Handle;
use crate::epoch::domain;

/// Entries out of the slots and the queues, linked through themselves. Dropping it destroys them: only
/// when nobody reads them.
pub(crate) struct Chain<V> {
    ends: Option<(Handle<V>, Handle<V>)>,
    len: usize,
    weight: usize,
}

impl<V> Chain<V> {
    const fn new() -> Self {
        Self { ends: None, len: 0, weight: 0 }
    }

    /// # Safety
    ///
    /// As `Retired::push`.
    unsafe fn push(&mut self, handle: Handle<V>)
    where
        V: Value,
    {
        // SAFETY: alive by the caller's word.
        let entry = unsafe { handle.entry() };
        let (head, tail) = self.ends.map_or((None, handle), |(head, tail)| (Some(head), tail));
        entry.set_next(head);
        self.ends = Some((handle, tail));
        self.len += 1;
        self.weight = self.weight.saturating_add(entry.weight());
    }

    fn append(&mut self, mut other: Self) {
        let (Some((head, tail)), mine) = (other.ends.take(), self.ends) else { return };
        // SAFETY: a member of a chain is alive.
        unsafe { tail.entry() }.set_next(mine.map(|(first, _)| first));
        self.ends = Some((head, mine.map_or(tail, |(_, last)| last)));
        self.len += other.len;
        self.weight = self.weight.saturating_add(other.weight);
    }

    fn take(&mut self) -> Self {
        mem::replace(self, Self::new())
    }
}

impl<V> Drop for Chain<V> {
    fn drop(&mut self) {
        let mut next = self.ends.take().map(|(head, _)| head);
        while let Some(handle) = next {
            // SAFETY: a member of a chain is alive.
            next = unsafe { handle.entry() }.next();
            // SAFETY: out of reach for all readers, or this chain would not be dropped.
            unsafe { handle.destroy() };
        }
    }
}

/// What one table has put out and not yet destroyed. Dropped with the table, when it has no readers.
pub(crate) struct Retired<V> {
    fresh: Chain<V>,
    /// By stamp, the older first. Two are enough: while somebody holds the first back, all later ones are
    /// one, under the latest stamp.
    waiting: [(u64, Chain<V>); 2],
}

impl<V> Retired<V> {
    pub(crate) const fn new() -> Self {
        Self { fresh: Chain::new(), waiting: [const { (0, Chain::new()) }; 2] }
    }

    /// # Safety
    ///
    /// The entry is out of slots and queues, in no chain, and was not destroyed.
    pub(crate) unsafe fn push(&mut self, handle: Handle<V>)
    where
        V: Value,
    {
        // SAFETY: the caller's word.
        unsafe { self.fresh.push(handle) };
    }

    /// Bytes put out and not yet destroyed.
    pub(crate) fn weight(&self) -> usize {
        let waiting = self.waiting.iter().map(|(_, chain)| chain.weight);
        waiting.fold(self.fresh.weight, usize::saturating_add)
    }

    /// Whether enough was put out since the last trip: it costs a system call.
    pub(crate) fn is_trip_due(&self, garbage: usize) -> bool {
        const TRIP: usize = if cfg!(loom) { 1 } else { 128 };
        self.fresh.len >= TRIP || self.fresh.weight > garbage / 4
    }

    /// Stamps what is fresh, and hands out what nobody can read any more.
    pub(crate) fn trip(&mut self) -> Spent<V> {
        let [older, younger] = &mut self.waiting;
        if self.fresh.len > 0 {
            let place = if older.1.len == 0 { &mut *older } else { &mut *younger };
            // Stamped after the last of them was taken out; for those that waited already it is late, which
            // does no harm.
            place.0 = domain().stamp();
            place.1.append(self.fresh.take());
        }
        let mut spent = Spent { chain: Chain::new(), horizon: 0 };
        if older.1.len > 0 {
            spent.horizon = domain().horizon(older.0, older.0.max(younger.0));
        }
        for (stamp, chain) in [&mut *older, &mut *younger] {
            if *stamp < spent.horizon {
                spent.chain.append(chain.take());
            }
        }
        if older.1.len == 0 {
            mem::swap(older, younger);
        }
        spent
    }
}

/// What nobody reads any more; destroyed when this is dropped, which is not to be under the lock.
pub(crate) struct Spent<V> {
    chain: Chain<V>,
    horizon: u64,
}

impl<V> Drop for Spent<V> {
    fn drop(&mut self) {
        // The fence was paid for: others' leftovers may go as well.
        if self.horizon > 0 {
            domain().sweep(self.horizon);
        }
    }
}
