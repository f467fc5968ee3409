//! The two halves of Dekker's argument: readers announce and then look, writers hide and then ask.
//!
//! Between its two steps each side needs a full fence, or both may miss each other. A reader's is on the
//! path of every hit, a writer's comes once for many insertions. So where Linux has
//! `membarrier(2)`, a reader keeps only the compiler in order, and a writer makes the kernel put a
//! full fence into every running thread of this process: wherever a reader just is, its light fence lies
//! before or after that point, as if both had been fences. Elsewhere both sides use fences.

use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::{Relaxed, Release, SeqCst};

use crate::sync::{AtomicU64, fence};

/// What this process does, chosen once and by all alike.
pub(crate) struct Fences(AtomicU8);

const UNKNOWN: u8 = 0;
/// Readers fence nothing but the compiler.
const LIGHT: u8 = 1;
/// Readers fence.
const FULL: u8 = 2;

impl Fences {
    pub(crate) const fn new() -> Self {
        Self(AtomicU8::new(UNKNOWN))
    }

    /// Chooses, if nobody has. A thread does so before its first pin.
    pub(crate) fn choose(&self) -> u8 {
        let chosen = self.0.load(Relaxed);
        if chosen != UNKNOWN {
            return chosen;
        }
        let own = if kernel::register() { LIGHT } else { FULL };
        // Whoever comes second takes what the first chose: it never changes again.
        self.0.compare_exchange(UNKNOWN, own, Relaxed, Relaxed).err().unwrap_or(own)
    }

    /// Writes an announcement, and orders it before whatever this thread reads next.
    ///
    /// The store is a release: a writer that sees it has seen the end of this thread's earlier reads.
    #[inline]
    pub(crate) fn announce(&self, place: &AtomicU64, epoch: u64) {
        if self.0.load(Relaxed) == LIGHT {
            place.store(epoch, Release);
            std::sync::atomic::compiler_fence(SeqCst);
        } else {
            announce_and_fence(place, epoch);
        }
    }

    /// Orders what was hidden before against what is asked for next; false if the kernel refused, and then
    /// nothing follows from the answer.
    pub(crate) fn heavy(&self) -> bool {
        // The choice, not a look at it: this thread may never have pinned.
        let is_done = self.choose() != LIGHT || kernel::fence_all_threads();
        fence(SeqCst);
        is_done
    }
}

/// On x86-64 an exchange is a full fence, and cheaper than the instruction of that name.
#[cold]
fn announce_and_fence(place: &AtomicU64, epoch: u64) {
    if cfg!(all(target_arch = "x86_64", not(loom), not(miri))) {
        place.swap(epoch, SeqCst);
        std::sync::atomic::compiler_fence(SeqCst);
    } else {
        place.store(epoch, Release);
        fence(SeqCst);
    }
}

#[cfg(all(target_os = "linux", not(loom), not(miri)))]
mod kernel {
    // From linux/membarrier.h, since Linux 4.14.
    const PRIVATE_EXPEDITED: libc::c_int = 1 << 3;
    const REGISTER_PRIVATE_EXPEDITED: libc::c_int = 1 << 4;

    pub(super) fn register() -> bool {
        membarrier(REGISTER_PRIVATE_EXPEDITED)
    }

    /// A forked child may have to register anew; a filter of system calls may have come since.
    pub(super) fn fence_all_threads() -> bool {
        membarrier(PRIVATE_EXPEDITED) || register() && membarrier(PRIVATE_EXPEDITED)
    }

    fn membarrier(command: libc::c_int) -> bool {
        let none: libc::c_int = 0;
        // SAFETY: three integers; the call reads and writes no memory of ours.
        unsafe { libc::syscall(libc::SYS_membarrier, command, none, none) == 0 }
    }
}

#[cfg(not(all(target_os = "linux", not(loom), not(miri))))]
mod kernel {
    pub(super) fn register() -> bool {
        false
    }

    pub(super) fn fence_all_threads() -> bool {
        false
    }
}
