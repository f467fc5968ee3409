//! The array that readers search: two candidate buckets a key, one cache line each.
//!
//! A slot is tag (16 bits of the hash) and pointer (48 bits) in one word; 0 is empty. Only the holder
//! of the writers' lock stores. An entry never moves, so a reader cannot miss one that is there.

use std::alloc::{Layout, alloc_zeroed};
use std::ptr;
use std::sync::atomic::Ordering;

use crate::entry::{Entry, Handle};
use crate::sync::{AtomicU64, load_locked};

/// Slots of a bucket: 8 words are a cache line. Two are enough to be full in a model.
pub(crate) const WIDTH: usize = if cfg!(loom) { 2 } else { 8 };

/// Words of a cache line.
const LINE: usize = 8;

const POINTER: u64 = (1 << 48) - 1;

/// Words of a huge page (2 MiB). A look-up far from the last one finds neither the slot's line in a cache
/// nor its page in the processor's tables; of a few huge pages it finds the page.
const HUGE: usize = (2 << 20) / 8;

/// What the array begins at a multiple of, in words, and is a multiple of: a cache line, or from half of
/// one on, a huge page.
const fn block(buckets: usize) -> usize {
    if !cfg!(loom) && cfg!(target_os = "linux") && buckets.saturating_mul(WIDTH) >= HUGE / 2 {
        HUGE
    } else {
        LINE
    }
}

/// A bucket is a cache line, and begins one: `skip` words are left out at the start for that.
///
/// Not a type of 64-byte alignment: for those the system's allocator writes the zeros itself, and the
/// whole array would be resident from the start.
pub(crate) struct Slots {
    words: Box<[AtomicU64]>,
    skip: usize,
    buckets: usize,
}

/// One slot's place: its bucket, times `WIDTH`, and where it stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(pub(crate) u32);

impl Slot {
    /// `Limits` keeps the number of slots below this.
    const NONE: u32 = u32::MAX;

    fn new(bucket: usize, at: usize) -> Self {
        Self((bucket * WIDTH + at) as u32)
    }

    pub(crate) fn link(slot: Option<Self>) -> u32 {
        slot.map_or(Self::NONE, |slot| slot.0)
    }

    pub(crate) fn from_link(link: u32) -> Option<Self> {
        (link != Self::NONE).then_some(Self(link))
    }
}

impl Slots {
    /// So many buckets, all empty; `None` if there is no memory.
    pub(crate) fn new(buckets: usize) -> Option<Self> {
        let block = block(buckets);
        let used = buckets.checked_mul(WIDTH)?.checked_next_multiple_of(block)?;
        let count = used.checked_add(block - 1)?;
        #[cfg(not(loom))]
        // SAFETY: all zero is a valid `AtomicU64`.
        let words = unsafe { zeroed::<AtomicU64>(count) }?;
        #[cfg(loom)]
        let words: Box<[AtomicU64]> = (0..count).map(|_| AtomicU64::new(0)).collect();
        let beyond = words.as_ptr().addr() / size_of::<u64>() % block;
        let skip = (block - beyond) % block;
        if block == HUGE {
            huge::ask_for(&words[skip..skip + used]);
        }
        Some(Self { words, skip, buckets })
    }

    #[inline]
    fn bucket(&self, bucket: usize) -> &[AtomicU64] {
        let from = self.skip + bucket * WIDTH;
        self.words.get(from..from + WIDTH).unwrap_or_default()
    }

    /// Where a key of this hash may stand, from the whole hash; never the same bucket twice.
    fn candidates(&self, hash: u64) -> [usize; 2] {
        let first = self.first(hash);
        [first, self.second(hash, first)]
    }

    #[inline]
    fn first(&self, hash: u64) -> usize {
        (((hash & 0xFFFF_FFFF) * self.buckets as u64) >> 32) as usize
    }

    #[inline]
    fn second(&self, hash: u64, first: usize) -> usize {
        const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
        let second = self.first(hash.wrapping_mul(MIX) >> 32);
        let next = if second + 1 < self.buckets { second + 1 } else { 0 };
        if second == first { next } else { second }
    }

    /// For readers: the entries of this tag in both buckets, until one is wanted. At most 16 slots are
    /// looked at.
    #[inline]
    pub(crate) fn find<V>(
        &self,
        hash: u64,
        is_wanted: impl FnMut(Handle<V>) -> bool,
    ) -> Option<Handle<V>> {
        // Acquire, with the release of `put`: whoever sees the pointer sees the entry.
        let found = self.search(hash, |word| word.load(Ordering::Acquire), is_wanted);
        found.map(|(_, handle)| handle)
    }

    /// The same for the holder of the writers' lock.
    pub(crate) fn find_locked<V>(
        &self,
        hash: u64,
        is_wanted: impl FnMut(Handle<V>) -> bool,
    ) -> Option<(Slot, Handle<V>)> {
        self.search(hash, load_locked, is_wanted)
    }

    #[inline]
    fn search<V>(
        &self,
        hash: u64,
        load: impl Fn(&AtomicU64) -> u64,
        mut is_wanted: impl FnMut(Handle<V>) -> bool,
    ) -> Option<(Slot, Handle<V>)> {
        let first = self.first(hash);
        let found = self.search_bucket(first, hash, &load, &mut is_wanted);
        // The second is seldom needed, so it is not reckoned before.
        found.or_else(|| self.search_bucket(self.second(hash, first), hash, &load, &mut is_wanted))
    }

    #[inline(always)]
    fn search_bucket<V>(
        &self,
        bucket: usize,
        hash: u64,
        load: &impl Fn(&AtomicU64) -> u64,
        is_wanted: &mut impl FnMut(Handle<V>) -> bool,
    ) -> Option<(Slot, Handle<V>)> {
        let tag = hash & !POINTER;
        let slots = self.bucket(bucket);
        // All of them first, without a branch: where among eight an entry stands nobody could foretell.
        let mut alike = 0_u32;
        for (at, slot) in slots.iter().enumerate() {
            alike |= u32::from((load(slot) ^ tag) <= POINTER) << at;
        }
        while alike != 0 {
            let at = alike.trailing_zeros() as usize;
            if let Some(handle) = slots.get(at).and_then(|slot| unpack(load(slot)))
                && is_wanted(handle)
            {
                return Some((Slot::new(bucket, at), handle));
            }
            alike &= alike - 1;
        }
        None
    }

    /// An empty slot for this hash: the first bucket while it has room to spare, so that most hits
    /// look at one line; then the emptier one.
    pub(crate) fn free(&self, hash: u64) -> Option<Slot> {
        let [first, second] = self.candidates(hash);
        let free = |bucket: usize| {
            let slots = self.bucket(bucket).iter().enumerate();
            let mut empty = slots.filter(|(_, slot)| load_locked(slot) == 0);
            (empty.next().map(|(at, _)| at), empty.count())
        };
        let (in_first, more) = free(first);
        let (in_second, more_there) = free(second);
        let spare = more * 4 >= WIDTH || more >= more_there;
        match (in_first, in_second) {
            (Some(at), None) => Some(Slot::new(first, at)),
            (Some(at), Some(_)) if spare => Some(Slot::new(first, at)),
            (_, Some(at)) => Some(Slot::new(second, at)),
            (None, None) => None,
        }
    }

    /// All that stands in both buckets of this hash.
    pub(crate) fn neighbours<V>(&self, hash: u64) -> impl Iterator<Item = Handle<V>> {
        let buckets = self.candidates(hash).map(|bucket| self.bucket(bucket));
        buckets.into_iter().flatten().filter_map(|slot| unpack(load_locked(slot)))
    }

    /// What stands in a slot, for the holder of the writers' lock.
    pub(crate) fn handle<V>(&self, slot: Slot) -> Option<Handle<V>> {
        unpack(load_locked(self.word(slot)))
    }

    /// The tag of what stands in a slot, where it is in the hash.
    pub(crate) fn tag(&self, slot: Slot) -> u64 {
        load_locked(self.word(slot)) & !POINTER
    }

    /// Publishes an entry: from here on readers find it. What stood there is found no more.
    pub(crate) fn put<V>(&self, slot: Slot, hash: u64, handle: Handle<V>) {
        let word = hash & !POINTER | address(handle);
        self.store(slot, word);
    }

    pub(crate) fn clear(&self, slot: Slot) {
        self.store(slot, 0);
    }

    fn store(&self, slot: Slot, word: u64) {
        self.word(slot).store(word, Ordering::Release);
    }

    /// Slots come from this array, and it never shrinks.
    fn word(&self, slot: Slot) -> &AtomicU64 {
        &self.words[self.skip + slot.0 as usize]
    }

    /// Asks for the first bucket, in which most entries stand.
    #[inline]
    pub(crate) fn prefetch(&self, hash: u64) {
        prefetch(self.bucket(self.first(hash)).as_ptr().cast(), LINE * 8);
    }

    /// Every entry, for the table's end and its tests.
    pub(crate) fn all<V>(&self) -> impl Iterator<Item = Handle<V>> {
        self.words.iter().filter_map(|slot| unpack(load_locked(slot)))
    }
}

/// Zeros; `None` if there is no memory.
///
/// Pages are committed when they are first written: an array at its final size costs an empty table
/// nothing, and a table that never grows never moves anything under a reader.
///
/// # Safety
///
/// All bytes zero are a valid `T`.
pub(crate) unsafe fn zeroed<T>(count: usize) -> Option<Box<[T]>> {
    let layout = Layout::array::<T>(count).ok().filter(|layout| layout.size() > 0)?;
    // SAFETY: the size is not zero.
    let first = unsafe { alloc_zeroed(layout) }.cast::<T>();
    if first.is_null() {
        return None;
    }
    // SAFETY: allocated with the layout that the box will free; valid by the caller's word.
    Some(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(first, count)) })
}

pub(crate) const fn bytes(buckets: usize) -> usize {
    let words = buckets.saturating_mul(WIDTH);
    // What is left out at the start of huge pages is never touched, and so is no memory.
    match words.checked_next_multiple_of(block(buckets)) {
        Some(words) => words.saturating_add(LINE - 1).saturating_mul(8),
        None => usize::MAX,
    }
}

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
mod huge {
    use super::AtomicU64;

    /// Asks the kernel for huge pages under these words, where it gives them to those who ask
    /// (`transparent_hugepage/enabled` is `madvise` or `always`). What it answers changes nothing.
    pub(super) fn ask_for(words: &[AtomicU64]) {
        let (from, len) = (words.as_ptr().cast_mut().cast(), size_of_val(words));
        // SAFETY: a hint about memory that is ours, from a page's beginning on; it moves and writes
        // nothing.
        unsafe { libc::madvise(from, len, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(all(target_os = "linux", not(loom), not(miri))))]
mod huge {
    use super::AtomicU64;

    pub(super) fn ask_for(_: &[AtomicU64]) {}
}

/// Whether the pointer leaves the 16 bits free that the tag needs. User space does, on x86-64 and
/// Arm, unless a program asks for addresses beyond; then nothing is stored.
pub(crate) fn fits<V>(handle: Handle<V>) -> bool {
    handle.as_ptr().expose_provenance() as u64 <= POINTER
}

fn address<V>(handle: Handle<V>) -> u64 {
    handle.as_ptr().expose_provenance() as u64 & POINTER
}

/// Asks for the cache lines of so many bytes from here on; nothing is read, whatever the address.
#[inline]
pub(crate) fn prefetch(from: *const u8, len: usize) {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    for at in (0..len).step_by(LINE * 8) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint to the processor, which ignores addresses that lead nowhere.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.wrapping_add(at).cast()) };
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    let _ = (from, len);
}

#[inline]
fn unpack<V>(word: u64) -> Option<Handle<V>> {
    Handle::from_ptr(ptr::with_exposed_provenance_mut::<Entry<V>>((word & POINTER) as usize))
}
