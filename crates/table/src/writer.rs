//! Who stays and who goes: S3-FIFO, by one writer at a time.
//!
//! New entries enter a small queue; what is not read again before its end leaves, and its hash is
//! remembered. What was read, or comes back while remembered, enters the main queue, at whose end a
//! read entry gets another round. So a flood of entries that are seen once passes through a tenth of the room.

use std::sync::atomic::Ordering::Relaxed;

use crate::entry::{Entry, Handle};
use crate::ghost::Ghost;
use crate::limits::Limits;
use crate::queue::{Queue, member};
use crate::reclaim::{Retired, Spent};
use crate::slots::{Slot, Slots};
use crate::{Counters, Kept, Value};

const SMALL: u8 = 0;
const MAIN: u8 = 1;

/// The small queue's share: a tenth, as in the S3-FIFO paper (SOSP 2023, section 4).
const SMALL_SHARE: usize = 10;

/// How many entries one eviction looks at before it takes the next whatever was read: it bounds the time
/// under the lock (one miss of the caches each).
const MOST_LOOKS: usize = 64;

pub(crate) struct Writer<V> {
    limits: Limits,
    small: Queue,
    main: Queue,
    ghost: Ghost,
    retired: Retired<V>,
    pub(crate) counters: Counters,
}

impl<V: Value> Writer<V> {
    pub(crate) fn new(limits: Limits) -> Option<Self> {
        let ghost = Ghost::new(limits.entries)?;
        let (small, main, retired) = (Queue::new(), Queue::new(), Retired::new());
        Some(Self { limits, small, main, ghost, retired, counters: Counters::default() })
    }

    pub(crate) fn len(&self) -> usize {
        self.small.len + self.main.len
    }

    pub(crate) fn bytes(&self) -> usize {
        self.small.bytes.saturating_add(self.main.bytes)
    }

    /// Takes an entry in; if it is not kept, it was not published.
    ///
    /// # Safety
    ///
    /// `handle` is fresh from `Handle::create` with this hash, and `slots` are those of this writer.
    pub(crate) unsafe fn insert(
        &mut self,
        slots: &Slots,
        handle: Handle<V>,
        hash: u64,
        now: u64,
    ) -> Kept {
        // SAFETY: fresh, so alive.
        let (entry, key) = (unsafe { handle.entry() }, unsafe { handle.bytes() });
        // SAFETY: what stands in a slot is alive under the lock.
        let equal = |other: Handle<V>| unsafe { other.bytes() } == key;
        if let Some((slot, old)) = slots.find_locked(hash, equal) {
            // SAFETY: it stands in a slot, so it is alive and a member of its queue.
            unsafe { self.replace(slots, slot, old, handle) };
            self.make_room(slots, 0, 0, now);
            return Kept::Replaced;
        }
        self.make_room(slots, entry.weight(), 1, now);
        let Some(slot) = slots.free(hash).or_else(|| self.crowd_out(slots, hash, now)) else {
            self.counters.crowded += 1;
            return Kept::Crowded;
        };
        entry.set_slot(slot);
        if self.ghost.take(hash) {
            self.counters.returned += 1;
            entry.place.store(MAIN, Relaxed);
        }
        slots.put(slot, hash, handle);
        // SAFETY: in its slot since the line above, and in no queue; `unlink` comes before it leaves.
        unsafe { self.queue(entry.place.load(Relaxed)).push(slots, entry) };
        self.counters.insertions += 1;
        Kept::New
    }

    /// Takes this very entry out, if it still stands there.
    pub(crate) fn remove(&mut self, slots: &Slots, hash: u64, handle: Handle<V>) -> bool {
        let Some((_, handle)) = slots.find_locked(hash, |other| other == handle) else {
            return false;
        };
        // SAFETY: it stands in a slot, so it is alive and a member of its queue.
        unsafe { self.put_out(slots, handle) };
        self.counters.removals += 1;
        true
    }

    /// Bytes put out and not yet handed out to be destroyed.
    pub(crate) fn garbage(&self) -> usize {
        self.retired.weight()
    }

    /// Whether too much waits to be destroyed to take in anything more.
    pub(crate) fn is_choked(&self) -> bool {
        self.garbage() > self.limits.garbage
    }

    /// What nobody reads any more, if it is time to ask: to be dropped without the lock.
    pub(crate) fn take_spent(&mut self) -> Option<Spent<V>> {
        let is_due = self.retired.is_trip_due(self.limits.garbage) || self.is_choked();
        is_due.then(|| self.retired.trip())
    }

    /// The new entry takes the old one's slot, queue and mark; readers see one or the other.
    ///
    /// # Safety
    ///
    /// `old` stands in `slot`; `new` is alive and in no queue, and of the same hash.
    unsafe fn replace(&mut self, slots: &Slots, slot: Slot, old: Handle<V>, new: Handle<V>) {
        // SAFETY: both alive by the caller's word.
        let (was, is) = (unsafe { old.entry() }, unsafe { new.entry() });
        let place = was.place.load(Relaxed);
        is.place.store(place, Relaxed);
        is.visited.store(was.visited.load(Relaxed), Relaxed);
        is.set_slot(slot);
        // SAFETY: it stands in a slot, so it is a member of the queue that its place names.
        unsafe { self.queue(place).unlink(slots, was) };
        slots.put(slot, slots.tag(slot), new);
        // SAFETY: in its slot, and in no queue by the caller's word.
        unsafe { self.queue(place).push(slots, is) };
        // SAFETY: out of its slot and its queue.
        unsafe { self.retired.push(old) };
        self.counters.replacements += 1;
    }

    fn make_room(&mut self, slots: &Slots, weight: usize, entries: usize, now: u64) {
        let is_over = |writer: &Self| {
            writer.bytes().saturating_add(weight) > writer.limits.room
                || writer.len().saturating_add(entries) > writer.limits.entries
        };
        while is_over(self) && self.evict(slots, now) {}
    }

    /// One entry leaves: false if there is none.
    fn evict(&mut self, slots: &Slots, now: u64) -> bool {
        for oldest in [self.small.oldest(), self.main.oldest()] {
            // SAFETY: the oldest of a queue is a member; it is put out last.
            let expired = unsafe { member::<V>(slots, oldest) }.filter(|old| is_expired(old, now));
            if let Some(entry) = expired {
                // SAFETY: the same.
                return unsafe { self.drop_out(slots, entry, true) };
            }
        }
        for _ in 0..MOST_LOOKS {
            let is_small_over = self.small.bytes >= self.limits.room / SMALL_SHARE
                || self.small.len >= self.limits.entries / SMALL_SHARE;
            let from_small = is_small_over || self.main.len == 0;
            let queue = if from_small { &self.small } else { &self.main };
            let oldest = queue.oldest().or_else(|| self.main.oldest());
            // SAFETY: the oldest of a queue is a member; it is put out last.
            let Some(entry) = (unsafe { member::<V>(slots, oldest) }) else { return false };
            let expired = is_expired(entry, now);
            if expired || !entry.visited.swap(false, Relaxed) {
                // SAFETY: a member of a queue.
                return unsafe { self.drop_out(slots, entry, expired) };
            }
            // SAFETY: a member of the queue that its place names.
            unsafe { self.queue(entry.place.load(Relaxed)).unlink(slots, entry) };
            entry.place.store(MAIN, Relaxed);
            // SAFETY: in its slot, and in no queue since the line before.
            unsafe { self.main.push(slots, entry) };
        }
        let next = self.small.oldest().or_else(|| self.main.oldest());
        // SAFETY: the oldest of a queue is a member; it is put out last.
        let next = unsafe { member::<V>(slots, next) };
        // SAFETY: the same.
        next.is_some_and(|entry| unsafe { self.drop_out(slots, entry, false) })
    }

    /// Both buckets are full: the least worthy of the 16 makes way. If all were read since somebody last
    /// asked, nobody does; but their marks are gone, and whoever comes again is remembered.
    fn crowd_out(&mut self, slots: &Slots, hash: u64, now: u64) -> Option<Slot> {
        // SAFETY: what stands in a slot is alive under the lock.
        let neighbours = || slots.neighbours::<V>(hash).map(|handle| unsafe { handle.entry() });
        let worth = |entry: &&Entry<V>| match (is_expired(entry, now), entry.visited.load(Relaxed))
        {
            (true, _) => 0,
            (false, false) => 1 + entry.place.load(Relaxed),
            (false, true) => u8::MAX,
        };
        let least = neighbours().min_by_key(worth)?;
        match worth(&least) {
            u8::MAX => {
                neighbours().for_each(|entry| entry.visited.store(false, Relaxed));
                self.ghost.remember(hash);
                return None;
            }
            // SAFETY: it stands in a slot, so it is a member of its queue.
            rank => unsafe { self.drop_out(slots, least, rank == 0) },
        };
        slots.free(hash)
    }

    /// Evicts.
    ///
    /// # Safety
    ///
    /// The entry is a member of a queue.
    unsafe fn drop_out(&mut self, slots: &Slots, entry: &Entry<V>, expired: bool) -> bool {
        let slot = entry.slot();
        let Some(handle) = slots.handle::<V>(slot) else { return false };
        if expired {
            self.counters.expired += 1;
        } else {
            self.counters.evictions += 1;
            if entry.place.load(Relaxed) == SMALL {
                self.ghost.remember(slots.tag(slot) | u64::from(entry.print));
            }
        }
        // SAFETY: members stand in their slots: this is the entry.
        unsafe { self.put_out(slots, handle) };
        true
    }

    /// # Safety
    ///
    /// The entry stands in its slot; so it is a member of its queue.
    unsafe fn put_out(&mut self, slots: &Slots, handle: Handle<V>) {
        // SAFETY: alive under the lock, and until a trip is made.
        let entry = unsafe { handle.entry() };
        slots.clear(entry.slot());
        // SAFETY: a member of the queue that its place names.
        unsafe { self.queue(entry.place.load(Relaxed)).unlink(slots, entry) };
        // SAFETY: out of its slot and its queue.
        unsafe { self.retired.push(handle) };
    }

    fn queue(&mut self, place: u8) -> &mut Queue {
        if place == MAIN { &mut self.main } else { &mut self.small }
    }

    /// What must hold between two writers.
    #[cfg(all(test, not(loom)))]
    pub(crate) fn assert_whole(&self, slots: &Slots) {
        let weights = slots.all::<V>().map(|handle| {
            // SAFETY: what stands in a slot is alive under the lock.
            unsafe { handle.entry() }.weight()
        });
        let (count, bytes) = weights.fold((0, 0), |(count, sum), one| (count + 1, sum + one));
        assert_eq!((count, bytes), (self.len(), self.bytes()), "slots and queues hold the same");
        assert!(self.bytes() <= self.limits.room && self.len() <= self.limits.entries);
        for (place, queue) in [(SMALL, &self.small), (MAIN, &self.main)] {
            let (mut next, mut before, mut seen) = (queue.oldest(), None, 0);
            // SAFETY: a member of a queue, of this table.
            while let Some(entry) = unsafe { member::<V>(slots, next) } {
                assert_eq!((Some(entry.slot()), entry.older()), (next, before));
                assert_eq!(entry.place.load(Relaxed), place);
                (before, next) = (next, entry.newer());
                seen += 1;
            }
            assert_eq!(seen, queue.len);
        }
    }
}

fn is_expired<V: Value>(entry: &Entry<V>, now: u64) -> bool {
    entry.value.deadline() <= now
}
