//! When may be freed what readers may still see: epochs that only writers move.
//!
//! A reader's pin copies the epoch into its thread's record, and its end writes 0 there. That is all that
//! readers write; the common epoch they only load. Writers
//!
//! 1. take an entry out of its slot (*U*),
//! 2. stamp what they took out with the epoch *E* and move the epoch to *E* + 1, in one step,
//! 3. fence heavily (*F*; see `fence`), and ask all records for the least epoch pinned (*S*),
//! 4. free what bears a stamp below it, and not above their own newest one.
//!
//! Once for many entries, and not in one go: what step 4 leaves is asked about again by a later trip, with
//! a fence and a scan of its own. Stamps are given in order, each by one read-modify-write: whatever bears
//! one up to the newest that was known before *F* was taken out before *F*, by whatever thread. So *U*
//! happens before *F*.
//!
//! # Why nothing is freed too early
//!
//! Let a reader, under a pin that announced *e* and fenced lightly (*f*), follow a pointer to the entry;
//! let the entry's stamp be *E*. In the order of all fences:
//!
//! * *F* before *f*: *U* comes before *F*, the reader's look after *f*, so it sees *U* or what came later.
//!   It does not find the entry, whatever *e* is.
//! * *f* before *F*: *S* sees the announcement or something later in the same record.
//!   - If it sees *e*, and *e* <= *E*: then the least is not above *E*, and the entry stays.
//!   - If it sees *e*, and *e* > *E*: the reader read (acquire) an epoch that was written (release) after
//!     *U*, so it sees *U*, and does not find the entry.
//!   - If it sees the 0 of that pin's end, or a later pin: both are releases and *S* acquires, so all
//!     that was read under the first pin was read before.
//!
//! Nowhere is it needed that *e* is recent: an old one only holds things back for longer. A record that enters
//! the list during *S* is covered as well: it entered before its thread's *f*, so either *S* finds it, or
//! *F* came first. `model` has these steps run by loom.
//!
//! # What it costs
//!
//! A pin is a load that all share and nobody writes but once a trip, and two stores into the thread's own
//! lines; no locked instruction where `membarrier` is. A thread that stays pinned, or leaks its
//! [`Pin`], holds back all garbage of the process: tables refuse newcomers then, and readers never notice.
//!
//! A fork copies the records. What other threads had pinned then stays pinned in the child for ever: it
//! frees nothing, and its tables end up refusing newcomers. If nobody else was pinned, all goes on.
//! Nothing here is locked but while a writer works.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::Ordering::AcqRel;

use crate::fence::Fences;
use crate::record::{self, Record, Records};
use crate::swap::Leftovers;
use crate::sync::{AtomicU64, constant};

/// One for the process: threads pin once, whatever number of tables they read.
pub(crate) struct Domain {
    clock: Clock,
    records: Records,
    pub(crate) leftovers: Leftovers,
}

/// What each pin reads: lines of their own, which nobody writes but once a trip.
#[repr(align(128))]
struct Clock {
    /// Begins with 1: in a record, 0 is for "not pinned".
    epoch: AtomicU64,
    fences: Fences,
}

#[cfg(not(loom))]
static DOMAIN: Domain = Domain::new();
#[cfg(loom)]
loom::lazy_static! {
    static ref DOMAIN: Domain = Domain::new();
}

#[inline]
pub(crate) fn domain() -> &'static Domain {
    &DOMAIN
}

impl Domain {
    constant! {
        pub(crate) fn new() -> Self {
            let clock = Clock { epoch: AtomicU64::new(1), fences: Fences::new() };
            Self { clock, records: Records::new(), leftovers: Leftovers::new() }
        }
    }

    /// A stamp for what was taken out before, and a new epoch.
    pub(crate) fn stamp(&self) -> u64 {
        self.clock.epoch.fetch_add(1, AcqRel)
    }

    /// Whatever bears a stamp below this, nobody reads any more. 0 if that cannot be known, or if it would be
    /// of no use to who asks, whose stamps are from `oldest` to `newest`.
    pub(crate) fn horizon(&self, oldest: u64, newest: u64) -> u64 {
        // Without a fence a look proves nothing but that somebody is still there: then the fence, which
        // is a system call, can be spared.
        if self.records.least_pinned() <= oldest {
            return 0;
        }
        if !self.clock.fences.heavy() {
            return 0;
        }
        self.records.least_pinned().min(newest + 1)
    }

    #[cold]
    fn enroll(&self) -> &'static Record {
        self.clock.fences.choose();
        record::enroll(&self.records)
    }
}

/// Pins this thread: what it finds in any table from now on stays readable until the pin is dropped.
///
/// Pins may be nested; only the outermost costs more than counting. It is for looking, not for keeping:
/// nothing that is put out meanwhile, anywhere in the process, is freed.
#[inline]
pub fn pin() -> Pin {
    let domain = domain();
    let record = record::own().unwrap_or_else(|| domain.enroll());
    record.enter(&domain.clock.epoch, &domain.clock.fences);
    Pin { record, _of_this_thread: PhantomData }
}

/// A reader. It belongs to the thread that took it.
#[must_use = "what is found is readable only while the pin is held"]
pub struct Pin {
    record: &'static Record,
    _of_this_thread: PhantomData<*const ()>,
}

impl Pin {
    /// A small number that no other living thread has: dense, and given to a new thread when this one
    /// has ended.
    #[inline]
    pub fn thread(&self) -> usize {
        self.record.index()
    }
}

impl Drop for Pin {
    #[inline]
    fn drop(&mut self) {
        self.record.exit();
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pin").field("thread", &self.thread()).finish_non_exhaustive()
    }
}
