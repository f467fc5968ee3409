//! An entry: header, value and the key's bytes in one allocation.

use std::alloc::{Layout, alloc};
use std::ptr::{self, NonNull};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU8, AtomicU32};

use crate::Value;
use crate::slots::Slot;
use crate::sync::AtomicBool;

/// What stands before the bytes.
///
/// Readers touch `len`, `visited` and `value`. `newer`, `older`, `slot` and `place` belong to whoever
/// holds the writers' lock; they are atomic (relaxed) only because readers hold `&Entry` meanwhile.
#[repr(C)]
pub(crate) struct Entry<V> {
    /// The slots of its neighbours in the queue; both halves of an address once it is retired.
    newer: AtomicU32,
    older: AtomicU32,
    /// Its own slot, where the rest of what is kept of the hash stands: the tag.
    slot: AtomicU32,
    /// The hash's lower half.
    pub(crate) print: u32,
    len: u32,
    pub(crate) visited: AtomicBool,
    pub(crate) place: AtomicU8,
    #[cfg(loom)]
    freed: loom::cell::UnsafeCell<bool>,
    pub(crate) value: V,
}

impl<V> Entry<V> {
    pub(crate) fn slot(&self) -> Slot {
        Slot(self.slot.load(Relaxed))
    }

    pub(crate) fn set_slot(&self, slot: Slot) {
        self.slot.store(slot.0, Relaxed);
    }

    pub(crate) fn newer(&self) -> Option<Slot> {
        Slot::from_link(self.newer.load(Relaxed))
    }

    pub(crate) fn set_newer(&self, slot: Option<Slot>) {
        self.newer.store(Slot::link(slot), Relaxed);
    }

    pub(crate) fn older(&self) -> Option<Slot> {
        Slot::from_link(self.older.load(Relaxed))
    }

    pub(crate) fn set_older(&self, slot: Option<Slot>) {
        self.older.store(Slot::link(slot), Relaxed);
    }

    /// The next of a chain. Only for an entry that has left its queue.
    pub(crate) fn next(&self) -> Option<Handle<V>> {
        let address =
            u64::from(self.newer.load(Relaxed)) << 32 | u64::from(self.older.load(Relaxed));
        Handle::from_ptr(ptr::with_exposed_provenance_mut(address as usize))
    }

    pub(crate) fn set_next(&self, next: Option<Handle<V>>) {
        let address = next.map_or(0, |next| next.as_ptr().expose_provenance() as u64);
        self.newer.store((address >> 32) as u32, Relaxed);
        self.older.store(address as u32, Relaxed);
    }
}

impl<V: Value> Entry<V> {
    /// What the entry costs in memory, with what its value owns.
    pub(crate) fn weight(&self) -> usize {
        weight::<V>(self.len as usize).saturating_add(self.value.owned())
    }
}

/// A pointer to an entry. Who may follow it is said where it is followed.
pub(crate) struct Handle<V>(NonNull<Entry<V>>);

impl<V> Clone for Handle<V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<V> Copy for Handle<V> {}

impl<V> PartialEq for Handle<V> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

// SAFETY: a handle is an address; what it leads to is `Send` and `Sync` if the value is (the rest of
// an entry are integers and atomics, and the bytes never change after `create`).
unsafe impl<V: Send + Sync> Send for Handle<V> {}

impl<V> Handle<V> {
    /// Allocates an entry that nobody else knows yet; the value comes back if there is no memory.
    pub(crate) fn create(hash: u64, bytes: &[u8], value: V) -> Result<Self, V> {
        let (Some(layout), Ok(len)) = (layout::<V>(bytes.len()), u32::try_from(bytes.len())) else {
            return Err(value);
        };
        // SAFETY: the layout holds at least the header, so its size is not zero.
        let Some(place) = NonNull::new(unsafe { alloc(layout) }.cast::<Entry<V>>()) else {
            return Err(value);
        };
        let entry = Entry {
            newer: AtomicU32::new(0),
            older: AtomicU32::new(0),
            slot: AtomicU32::new(0),
            print: hash as u32,
            len,
            visited: AtomicBool::new(false),
            place: AtomicU8::new(0),
            #[cfg(loom)]
            freed: loom::cell::UnsafeCell::new(false),
            value,
        };
        // SAFETY: `place` is fresh, large enough and aligned for an `Entry<V>`.
        unsafe { place.write(entry) };
        // SAFETY: `layout` has `bytes.len()` bytes behind the header.
        let tail = unsafe { place.add(1) }.cast::<u8>();
        // SAFETY: those bytes are ours alone; `bytes` cannot overlap a fresh allocation.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), tail.as_ptr(), bytes.len()) };
        Ok(Self(place))
    }

    /// # Safety
    ///
    /// The entry lives as long as `'a`: it is in the table or retired, and the caller is pinned since
    /// before it was retired, or holds the writers' lock and it is not handed over, or owns it alone.
    pub(crate) unsafe fn entry<'a>(self) -> &'a Entry<V> {
        // SAFETY: alive by the caller's word; nobody makes a `&mut Entry` but `destroy`.
        let entry = unsafe { self.0.as_ref() };
        #[cfg(loom)]
        // SAFETY: loom stops the model where this is not ordered against `destroy`.
        entry.freed.with(|freed| assert!(!unsafe { *freed }, "read after it was freed"));
        entry
    }

    /// The key.
    ///
    /// # Safety
    ///
    /// As `entry`.
    pub(crate) unsafe fn bytes<'a>(self) -> &'a [u8] {
        // SAFETY: the caller's word.
        let len = unsafe { self.entry() }.len;
        // SAFETY: the tail lies in the same allocation.
        let tail = unsafe { self.0.add(1) }.cast::<u8>();
        // SAFETY: `create` wrote `len` bytes there, and nobody writes them again.
        unsafe { std::slice::from_raw_parts(tail.as_ptr(), len as usize) }
    }

    /// Drops the value and frees the entry.
    ///
    /// # Safety
    ///
    /// Nobody else can reach the entry any more, and it is not destroyed twice.
    pub(crate) unsafe fn destroy(self) {
        // SAFETY: alive until the end of this function.
        let entry = unsafe { self.entry() };
        let len = entry.len as usize;
        #[cfg(loom)]
        // SAFETY: loom stops the model where this is not ordered against `entry`.
        entry.freed.with_mut(|freed| unsafe { *freed = true });
        // SAFETY: alone by the caller's word.
        unsafe { ptr::drop_in_place(self.0.as_ptr()) };
        if let Some(layout) = layout::<V>(len) {
            // A model frees when it has run: who comes too late is to be told so, and not to crash.
            #[cfg(all(test, loom))]
            crate::model::free_after(self.0.as_ptr().cast(), layout);
            #[cfg(not(all(test, loom)))]
            // SAFETY: `create` allocated with this very layout: same type, same length.
            unsafe {
                std::alloc::dealloc(self.0.as_ptr().cast(), layout);
            }
        }
    }

    pub(crate) fn as_ptr(self) -> *mut Entry<V> {
        self.0.as_ptr()
    }

    pub(crate) fn from_ptr(entry: *mut Entry<V>) -> Option<Self> {
        NonNull::new(entry).map(Self)
    }
}

/// What an entry with `len` bytes takes from the allocator.
pub(crate) fn weight<V>(len: usize) -> usize {
    let stricter = align_of::<Entry<V>>().saturating_sub(STEP);
    allocated(size_of::<Entry<V>>().saturating_add(len).saturating_add(stricter))
}

const STEP: usize = 16;

/// What so many bytes take from the allocator, as glibc rounds them: 8 bytes of its own, 16-byte steps,
/// whole pages from 128 KiB on. For [`Value::owned`].
#[must_use]
pub const fn allocated(bytes: usize) -> usize {
    const MAPPED: usize = 128 << 10;
    let size = bytes.saturating_add(8);
    let step = if size < MAPPED { STEP } else { 4096 };
    match size.checked_next_multiple_of(step) {
        Some(rounded) => rounded,
        None => usize::MAX,
    }
}

fn layout<V>(len: usize) -> Option<Layout> {
    let size = size_of::<Entry<V>>().checked_add(len)?;
    Layout::from_size_align(size, align_of::<Entry<V>>()).ok()
}
