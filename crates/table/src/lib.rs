//! A bounded, read-mostly table of byte strings to values, for many readers and few writers.
//!
//! * A read takes no lock, allocates nothing, and writes no memory that is shared but a visited mark that is
//!   not yet set. It looks at two buckets at most, a cache line each, and compares all bytes. Its pin
//!   ([`pin`]) writes its thread's own record, and is one for all tables and swaps of the process.
//! * The hash is the caller's: 64 bits, keyed by a secret of the caller's. A poor hash costs places in
//!   the table (16 entries share a pair of buckets), never a wrong answer or a longer search.
//! * It is bounded in bytes, array and all ([`Limits`]); who stays is decided in the manner of S3-FIFO, so
//!   that entries seen once do not push out those that are read. Expired ones go first, when met.
//! * Writers take turns on one lock; readers never wait for it, nor free what writers put out.
//! * [`Swap`] holds one value beside the table, under the same pins.
//!
//! ```
//! # use tollgate_table::{Kept, Limits, Table, pin};
//! let table = Table::<u64>::new(Limits::new(1 << 20, 1500)).expect("memory");
//! assert_eq!(table.insert(0x5EED, b"token", 7, 0), Kept::New);
//! assert_eq!(table.get(&pin(), 0x5EED, b"token"), Some(&7));
//! assert_eq!(table.get(&pin(), 0x5EED, b"taken"), None);
//! ```
//!
//! # What is proven, and by what
//!
//! `src/tests.rs` compares it with a plain map; `tests/stress.rs` reads and writes from several threads
//! and checks every value; `tests/allocations.rs` counts what a million hits allocate (nothing);
//! `tests/fork.rs` forks. `src/model.rs` runs this very code under loom (`RUSTFLAGS="--cfg loom"`), with
//! buckets of two slots and a trip for each entry: publication, replacement, eviction, removal, swaps and
//! threads that enter, against readers, over all interleavings with two or three preemptions; why nothing is
//! freed too early is argued in `src/epoch.rs`.
//!
//! The model fails if
//!
//! * the readers' fence is left out, or is less than sequentially consistent; if the writers' fence is
//!   left out, or comes after their look at the records;
//! * an announcement, or the end of a pin, is no release, or the look at them does not acquire;
//! * the stamp is no release, is compared one too far, or the horizon goes beyond the newest stamp known;
//! * records enter their list without release, or the look at the list misses the newest;
//! * entries are published without release, or freed at once.
//!
//! It does not fail if the pin's load of the epoch does not acquire, and is right: a real fence behind the
//! load does that as well. A light one does not, and of light ones loom knows nothing; that `membarrier`
//! makes up for them is the kernel's word. Without that call the duel in `tests/stress.rs` fails within
//! seconds on two of three tries, if it is made a hundred times as long; all the others fail at once if
//! retired entries are freed at once. Not shown: pages read-only under hits, and processors with
//! weaker ordering than x86-64's.

#![deny(clippy::undocumented_unsafe_blocks)]

mod entry;
mod epoch;
mod fence;
mod ghost;
mod limits;
mod queue;
mod reclaim;
mod record;
mod slots;
mod swap;
mod sync;
mod table;
mod writer;

#[cfg(all(test, loom))]
mod model;
#[cfg(all(test, not(loom)))]
mod tests;

pub use entry::allocated;
pub use epoch::{Pin, pin};
pub use limits::Limits;
pub use swap::Swap;
pub use table::Table;

/// What can be kept.
pub trait Value: Send + Sync + 'static {
    /// From when on it is worth nothing, on the caller's scale of time. Always the same for
    /// one value; asked under the writers' lock, so it does not use the table.
    fn deadline(&self) -> u64 {
        u64::MAX
    }

    /// What it owns elsewhere, in bytes, as the allocator has them ([`allocated`]): it counts against the
    /// bound. Always the same for one value, and asked as [`Value::deadline`] is.
    fn owned(&self) -> usize {
        0
    }
}

impl Value for u64 {}
impl Value for () {}

/// What became of an insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It stands in the table.
    New,
    /// It stands in the table, in place of an equal key's.
    Replaced,
    /// Not kept: both buckets are full of entries that were read lately. It is remembered.
    Crowded,
    /// Not kept: more than a quarter of the table's room, or more than there is memory.
    TooLarge,
    /// Not kept: too much waits to be freed, because some thread has been reading for long; or the lock
    /// could not be had in a tenth of a second, because a fork left its holder behind.
    Busy,
}

impl Kept {
    /// Whether it can be found now.
    #[must_use]
    pub const fn is_kept(self) -> bool {
        matches!(self, Self::New | Self::Replaced)
    }
}

/// What happened to a table, counted under the writers' lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// New keys taken in.
    pub insertions: u64,
    /// Values put in the place of others.
    pub replacements: u64,
    /// Entries put out alive, for room.
    pub evictions: u64,
    /// Entries put out, for room, after their deadline.
    pub expired: u64,
    /// Entries taken out by `remove_if`.
    pub removals: u64,
    /// Insertions that came back while remembered, and went to the main queue.
    pub returned: u64,
    /// Insertions not kept for full buckets.
    pub crowded: u64,
    /// Insertions not kept for size or for waiting garbage.
    pub refused: u64,
    /// Bytes put out and not yet freed, now.
    pub garbage: usize,
    /// Entries that stand in the table, now.
    pub entries: usize,
    /// What counts against the bound, now.
    pub bytes: usize,
}
