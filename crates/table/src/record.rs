//! A thread's record: the one place that its pins write to.

use std::cell::Cell;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU64 as Plain, AtomicUsize};

use crate::fence::Fences;
use crate::sync::{AtomicBool, AtomicPtr, AtomicU64, constant};

/// Two cache lines of its own, since processors fetch them in pairs. Never freed, so that writers
/// may walk the list at any time; taken over by a new thread when its own has ended.
#[repr(align(128))]
pub(crate) struct Record {
    /// The epoch that its thread read when it pinned; 0 while it is not pinned.
    pinned: AtomicU64,
    /// How many pins the thread holds, and `LAST`. Nobody else looks at it.
    depth: Plain,
    index: usize,
    taken: AtomicBool,
    /// Set before the record is in the list, and never again.
    next: *mut Self,
}

// SAFETY: `next` is the address of another record, which lives for ever; all else is atomic or constant.
unsafe impl Sync for Record {}

/// The thread has ended but for this record's pins: the last of them gives it back.
const LAST: u64 = 1 << 63;

impl Record {
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// One more pin. Only the outermost writes what others look at.
    #[inline]
    pub(crate) fn enter(&self, epoch: &AtomicU64, fences: &Fences) {
        let depth = self.depth.load(Relaxed);
        self.depth.store(depth + 1, Relaxed);
        if depth & !LAST == 0 {
            // Acquire: a thread that sees an epoch finds nothing that was taken out before it began. A
            // full fence behind the load would do, a light one does not.
            fences.announce(&self.pinned, epoch.load(Acquire));
        }
    }

    /// One pin less.
    #[inline]
    pub(crate) fn exit(&self) {
        let depth = self.depth.load(Relaxed) - 1;
        self.depth.store(depth, Relaxed);
        if depth & !LAST == 0 {
            // Release: what this thread read, it has read.
            self.pinned.store(0, Release);
            if depth == LAST {
                self.give_back();
            }
        }
    }

    /// The thread ends. Pins that it leaked, or that other thread-locals hold, keep the record.
    fn leave(&self) {
        let depth = self.depth.load(Relaxed);
        self.depth.store(depth | LAST, Relaxed);
        if depth & !LAST == 0 {
            self.give_back();
        }
    }

    #[cold]
    fn give_back(&self) {
        self.depth.store(0, Relaxed);
        self.taken.store(false, Release);
    }
}

/// All records there ever were.
pub(crate) struct Records {
    newest: AtomicPtr<Record>,
    count: AtomicUsize,
}

impl Records {
    constant! {
        pub(crate) fn new() -> Self {
            Self { newest: AtomicPtr::new(ptr::null_mut()), count: AtomicUsize::new(0) }
        }
    }

    /// The least epoch that a pinned thread announced; `u64::MAX` if none is pinned.
    pub(crate) fn least_pinned(&self) -> u64 {
        let mut least = u64::MAX;
        for record in self.all() {
            // Acquire: whoever is seen to have left, or to have pinned anew, reads no more of what it
            // read before.
            let pinned = record.pinned.load(Acquire);
            if pinned != 0 && pinned < least {
                least = pinned;
            }
        }
        least
    }

    /// A record for a thread: one that was given back, or a new one.
    fn take(&self) -> &'static Record {
        let is_free = |record: &&'static Record| {
            !record.taken.load(Relaxed)
                && record.taken.compare_exchange(false, true, Acquire, Relaxed).is_ok()
        };
        // Loom takes the look below for the last one before `add`, and would not try what happens if `add`
        // comes before a writer's look.
        #[cfg(loom)]
        let _ = self.newest.compare_exchange(ptr::null_mut(), ptr::null_mut(), Relaxed, Relaxed);
        self.all().find(is_free).unwrap_or_else(|| self.add())
    }

    fn add(&self) -> &'static Record {
        let mut next = self.newest.load(Relaxed);
        let record = Box::into_raw(Box::new(Record {
            pinned: AtomicU64::new(0),
            depth: Plain::new(0),
            index: self.count.fetch_add(1, Relaxed),
            taken: AtomicBool::new(true),
            next,
        }));
        #[cfg(all(test, loom))]
        crate::model::free_after(record.cast(), std::alloc::Layout::new::<Record>());
        // Whoever sees the record in the list sees what is in it.
        while let Err(now) = self.newest.compare_exchange(next, record, Release, Relaxed) {
            next = now;
            // SAFETY: not in the list yet, so nobody else knows it.
            unsafe { (*record).next = next };
        }
        // SAFETY: never freed, and from here on nobody has it exclusively.
        unsafe { &*record }
    }

    fn all(&self) -> impl Iterator<Item = &'static Record> + use<> {
        let mut next = self.newest.load(Acquire);
        std::iter::from_fn(move || {
            // SAFETY: null, or a record of the list: never freed, and only ever shared there.
            let record: &'static Record = unsafe { next.as_ref() }?;
            next = record.next;
            Some(record)
        })
    }
}

#[cfg(not(loom))]
thread_local! {
    /// Without a destructor: a plain load.
    static OWN: Cell<Option<&'static Record>> = const { Cell::new(None) };
    static LEAVER: Leaver = const { Leaver(Cell::new(None)) };
}
#[cfg(loom)]
loom::thread_local! {
    static OWN: Cell<Option<&'static Record>> = Cell::new(None);
    static LEAVER: Leaver = Leaver(Cell::new(None));
}

/// This thread's record, if it has pinned before.
#[inline]
pub(crate) fn own() -> Option<&'static Record> {
    OWN.try_with(Cell::get).ok().flatten()
}

/// Gives this thread a record. If the thread is ending, and its thread-locals with it, the record is for
/// one pin.
pub(crate) fn enroll(records: &Records) -> &'static Record {
    let record = records.take();
    let stays = LEAVER.try_with(|leaver| leaver.0.set(Some(record))).is_ok();
    if stays {
        let _ = OWN.try_with(|own| own.set(Some(record)));
    } else {
        record.depth.store(LAST, Relaxed);
    }
    record
}

/// Gives the record back when its thread ends.
struct Leaver(Cell<Option<&'static Record>>);

impl Drop for Leaver {
    fn drop(&mut self) {
        // Pins by later destructors take another record.
        let _ = OWN.try_with(|own| own.set(None));
        if let Some(record) = self.0.take() {
            record.leave();
        }
    }
}
