//! Who stays and who goes: S3-FIFO, by one writer at a time.
//!
//! New entries enter a small queue; what is not read again before its end leaves, and its hash is
//! remembered. What was read, or comes back while remembered, enters the main queue, at whose end a
//! read entry gets another round. So a flood of entries that are seen once passes through a tenth of the room.

use std::sync::atomic::Ordering::Relaxed;

use crate::entry::{Entry, Handle};
use crate::ghost::Ghost;
use crate::limits::Limits;
use crate::queue::Queue;
use crate::reclaim::Chain;
use crate::slots::{Slot, Slots};
use crate::{Counters, Kept};

const SMALL: u8 = 0;
const MAIN: u8 = 1;

/// The small queue's share: a tenth, as in the S3-FIFO paper (SOSP 2023, section 4).
const SMALL_SHARE: usize = 10;

/// How many entries one eviction looks at before it takes the next whatever was read: it bounds the time
/// under the lock (one miss of the caches each).
const MOST_LOOKS: usize = 64;

pub(crate) struct Writer<V> {
    limits: Limits,
    small: Queue<V>,
    main: Queue<V>,
    ghost: Ghost,
    retired: Chain<V>,
    pub(crate) counters: Counters,
}

impl<V> Writer<V> {
    pub(crate) fn new(limits: Limits) -> Option<Self> {
        let ghost = Ghost::new(limits.entries)?;
        let (small, main, retired) = (Queue::new(), Queue::new(), Chain::new());
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
    /// `handle` is fresh from `Handle::create`, and `slots` are those of this writer.
    pub(crate) unsafe fn insert(&mut self, slots: &Slots, handle: Handle<V>, now: u64) -> Kept {
        // SAFETY: fresh, so alive.
        let (entry, key) = (unsafe { handle.entry() }, unsafe { handle.bytes() });
        // SAFETY: what stands in a slot is alive under the lock.
        let equal = |other: Handle<V>| unsafe { other.bytes() } == key;
        if let Some((slot, old)) = slots.find(entry.hash, equal) {
            // SAFETY: it stands in a slot, so it is alive and a member of its queue.
            unsafe { self.replace(slots, slot, old, handle) };
            self.make_room(slots, 0, 0, now);
            return Kept::Replaced;
        }
        // SAFETY: fresh, so alive.
        self.make_room(slots, unsafe { handle.weight() }, 1, now);
        let Some(slot) = slots.free(entry.hash).or_else(|| self.crowd_out(slots, entry.hash, now))
        else {
            self.counters.crowded += 1;
            return Kept::Crowded;
        };
        if self.ghost.take(entry.hash) {
            self.counters.returned += 1;
            entry.place.store(MAIN, Relaxed);
        }
        // SAFETY: fresh, so alive and in no queue; `unlink` comes before anything frees it.
        unsafe { self.queue(entry.place.load(Relaxed)).push(handle) };
        slots.put(slot, entry.hash, handle);
        self.counters.insertions += 1;
        Kept::New
    }

    /// Takes this very entry out, if it still stands there.
    pub(crate) fn remove(&mut self, slots: &Slots, hash: u64, handle: Handle<V>) -> bool {
        let Some((slot, _)) = slots.find(hash, |other| other == handle) else { return false };
        // SAFETY: it stands in a slot, so it is alive and a member of its queue.
        unsafe { self.put_out(slots, slot, handle) };
        self.counters.removals += 1;
        true
    }

    /// The retired entries, once there are enough of them for a trip through the epochs.
    pub(crate) fn take_retired(&mut self) -> Chain<V> {
        // A trip costs a node of 2 KiB for a while, and holes where it was: not for every few entries.
        const TRIP: usize = if cfg!(loom) { 1 } else { 128 };
        let is_full = self.retired.len >= TRIP || self.retired.weight >= self.limits.garbage / 4;
        if is_full { std::mem::replace(&mut self.retired, Chain::new()) } else { Chain::new() }
    }

    pub(crate) fn all_retired(&mut self) -> Chain<V> {
        std::mem::replace(&mut self.retired, Chain::new())
    }

    pub(crate) fn retired_bytes(&self) -> usize {
        self.retired.weight
    }

    /// The new entry takes the old one's slot, queue and mark; readers see one or the other.
    ///
    /// # Safety
    ///
    /// `old` stands in `slot`; `new` is alive and in no queue.
    unsafe fn replace(&mut self, slots: &Slots, slot: Slot, old: Handle<V>, new: Handle<V>) {
        // SAFETY: both alive by the caller's word.
        let (was, is) = (unsafe { old.entry() }, unsafe { new.entry() });
        let place = was.place.load(Relaxed);
        is.place.store(place, Relaxed);
        is.visited.store(was.visited.load(Relaxed), Relaxed);
        slots.put(slot, is.hash, new);
        // SAFETY: it stood in a slot, so it is a member of the queue that its place names.
        unsafe { self.queue(place).unlink(old) };
        // SAFETY: in no queue by the caller's word.
        unsafe { self.queue(place).push(new) };
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
            // SAFETY: a member of a queue is alive under the lock.
            let expired = oldest.filter(|handle| is_expired(unsafe { handle.entry() }, now));
            if let Some(handle) = expired {
                // SAFETY: the same.
                return unsafe { self.drop_out(slots, handle, true) };
            }
        }
        for _ in 0..MOST_LOOKS {
            let is_small_over = self.small.bytes >= self.limits.room / SMALL_SHARE
                || self.small.len >= self.limits.entries / SMALL_SHARE;
            let from_small = is_small_over || self.main.len == 0;
            let queue = if from_small { &self.small } else { &self.main };
            let Some(handle) = queue.oldest().or_else(|| self.main.oldest()) else { return false };
            // SAFETY: a member of a queue is alive under the lock.
            let entry = unsafe { handle.entry() };
            let expired = is_expired(entry, now);
            if expired || !entry.visited.swap(false, Relaxed) {
                // SAFETY: a member of a queue.
                return unsafe { self.drop_out(slots, handle, expired) };
            }
            // SAFETY: a member of the queue that its place names.
            unsafe { self.queue(entry.place.load(Relaxed)).unlink(handle) };
            entry.place.store(MAIN, Relaxed);
            // SAFETY: alive, and in no queue since the line above.
            unsafe { self.main.push(handle) };
        }
        let next = self.small.oldest().or_else(|| self.main.oldest());
        // SAFETY: a member of a queue.
        next.is_some_and(|handle| unsafe { self.drop_out(slots, handle, false) })
    }

    /// Both buckets are full: the least worthy of the 16 makes way. If all were read since somebody last
    /// asked, nobody does; but their marks are gone, and whoever comes again is remembered.
    fn crowd_out(&mut self, slots: &Slots, hash: u64, now: u64) -> Option<Slot> {
        let worth = |handle: &Handle<V>| {
            // SAFETY: what stands in a slot is alive under the lock.
            let entry = unsafe { handle.entry() };
            match (is_expired(entry, now), entry.visited.load(Relaxed)) {
                (true, _) => 0,
                (false, false) => 1 + entry.place.load(Relaxed),
                (false, true) => u8::MAX,
            }
        };
        let least = slots.neighbours::<V>(hash).min_by_key(worth)?;
        match worth(&least) {
            u8::MAX => {
                for handle in slots.neighbours::<V>(hash) {
                    // SAFETY: what stands in a slot is alive under the lock.
                    unsafe { handle.entry() }.visited.store(false, Relaxed);
                }
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
    /// `handle` is a member of a queue.
    unsafe fn drop_out(&mut self, slots: &Slots, handle: Handle<V>, expired: bool) -> bool {
        // SAFETY: a member of a queue is alive under the lock.
        let entry = unsafe { handle.entry() };
        let Some((slot, _)) = slots.find(entry.hash, |other| other == handle) else { return false };
        if expired {
            self.counters.expired += 1;
        } else {
            self.counters.evictions += 1;
            if entry.place.load(Relaxed) == SMALL {
                self.ghost.remember(entry.hash);
            }
        }
        // SAFETY: it stands in that slot.
        unsafe { self.put_out(slots, slot, handle) };
        true
    }

    /// # Safety
    ///
    /// `handle` stands in `slot`; so it is a member of its queue.
    unsafe fn put_out(&mut self, slots: &Slots, slot: Slot, handle: Handle<V>) {
        // SAFETY: alive under the lock.
        let place = unsafe { handle.entry() }.place.load(Relaxed);
        slots.clear(slot);
        // SAFETY: a member of the queue that its place names.
        unsafe { self.queue(place).unlink(handle) };
        // SAFETY: out of its slot and its queue.
        unsafe { self.retired.push(handle) };
    }

    fn queue(&mut self, place: u8) -> &mut Queue<V> {
        if place == MAIN { &mut self.main } else { &mut self.small }
    }

    /// What must hold between two writers.
    #[cfg(all(test, not(loom)))]
    pub(crate) fn assert_whole(&self, slots: &Slots) {
        let weights = slots.all::<V>().map(|handle| {
            // SAFETY: what stands in a slot is alive under the lock.
            unsafe { handle.weight() }
        });
        let (count, bytes) = weights.fold((0, 0), |(count, sum), one| (count + 1, sum + one));
        assert_eq!((count, bytes), (self.len(), self.bytes()), "slots and queues hold the same");
        assert!(self.bytes() <= self.limits.room && self.len() <= self.limits.entries);
        for (place, queue) in [(SMALL, &self.small), (MAIN, &self.main)] {
            let (mut next, mut seen) = (queue.oldest(), 0);
            while let Some(handle) = next {
                // SAFETY: a member of a queue is alive under the lock.
                let entry = unsafe { handle.entry() };
                assert_eq!(entry.place.load(Relaxed), place);
                assert!(slots.find(entry.hash, |other| other == handle).is_some());
                next = Handle::from_ptr(entry.newer.load(Relaxed));
                seen += 1;
            }
            assert_eq!(seen, queue.len);
        }
    }
}

fn is_expired<V>(entry: &Entry<V>, now: u64) -> bool {
    entry.deadline <= now
}
