//! A million hits of each kind ask the allocator for nothing, and give nothing back to it; and what a million
//! withdrawn clients take.

#![allow(unsafe_code, reason = "an allocator that counts")]

mod town;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::thread;

use tollgate::cert::{Crl, Store};
use tollgate::policy::{Withdrawals, Withdrawn};
use tollgate::{Gate, Guid, Now};

use town::{Regular, Town};

/// Debug builds are some fifteen times slower.
const HITS: u32 = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };

/// Counts the calls of the thread that makes them.
struct Counting;

thread_local! {
    static ALLOCATED: Cell<u64> = const { Cell::new(0) };
    static FREED: Cell<u64> = const { Cell::new(0) };
    /// What was asked for and not given back.
    static BYTES: Cell<i64> = const { Cell::new(0) };
    /// The most of that at any time.
    static MOST_BYTES: Cell<i64> = const { Cell::new(0) };
}

// SAFETY: all is passed on to the system's allocator, which keeps the contract; counting touches only
// thread-locals that need no allocation and no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + 1);
        BYTES.set(BYTES.get() + layout.size() as i64);
        MOST_BYTES.set(MOST_BYTES.get().max(BYTES.get()));
        // SAFETY: the caller's word.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        FREED.set(FREED.get() + 1);
        BYTES.set(BYTES.get() - layout.size() as i64);
        // SAFETY: the caller's word.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What this thread asked for and gave back while somebody came so often.
fn calls_of(gate: &Gate, regular: &Regular) -> (u64, u64) {
    let before = (ALLOCATED.get(), FREED.get());
    regular.come(gate, HITS);
    (ALLOCATED.get() - before.0, FREED.get() - before.1)
}

/// A list that nobody signed, with a name of 30 MB as its issuer: of one string, and of many parts.
#[test]
fn an_unsigned_list_with_a_huge_name_takes_no_memory() {
    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x84], &length[..], content].concat()
    }
    let part = |value: &[u8]| {
        let attribute = [&[6, 3, 0x55, 4, 3], &*tlv(12, value)].concat();
        tlv(0x31, &tlv(0x30, &attribute))
    };
    let long = vec![b'a'; 30_000_000];
    let store = Store::new(Vec::new(), Vec::new()).unwrap();
    for name in [part(&long), part(b"a").repeat(1_000_000)] {
        // ecdsa-with-SHA256.
        let algorithm = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
        let times = b"\x17\x0d260101000000Z\x17\x0d270101000000Z";
        let tbs = [&[2, 1, 1], &algorithm[..], &tlv(0x30, &name), times].concat();
        let signature = [3, 2, 0, 0];
        let der = tlv(0x30, &[&*tlv(0x30, &tbs), algorithm, &signature].concat());
        let now = Now { unix_s: 1_790_000_000, mono_ms: 0 };
        let before = BYTES.get();
        MOST_BYTES.set(before);
        let read = Crl::read(&der, &store, now);
        let took = MOST_BYTES.get() - before;
        assert!(read.is_err(), "{read:?}");
        assert!(took < 100_000, "{took} bytes");
    }
}

#[test]
fn hits_allocate_nothing_and_free_nothing() {
    let town = Town::new();
    let gate = town.gate(4 << 20);
    let regulars = town.regulars();
    regulars.iter().for_each(|regular| regular.settle(&gate));
    let settled = gate.counters();
    let hit_all = || {
        for regular in &regulars {
            // Its stripe and its record are this thread's own, and made once.
            regular.come(&gate, 1);
            let calls = calls_of(&gate, regular);
            assert_eq!(calls, (0, 0), "(allocated, freed) by {HITS} hits of {}", regular.name);
        }
    };
    thread::scope(|scope| {
        scope.spawn(hit_all);
        hit_all();
    });
    let now = gate.counters();
    let hits = u64::from(HITS + 1) * regulars.len() as u64 * 2;
    assert_eq!((now.hits - settled.hits, now.misses - settled.misses), (hits, 0));
}

/// Else the test above could not fail.
#[test]
fn a_miss_is_counted() {
    let town = Town::new();
    let (gate, tokens) = (town.gate(4 << 20), town.tokens(1..3));
    for (token, n) in tokens.iter().zip(1..) {
        let before = ALLOCATED.get();
        assert_eq!(town::bring(&gate, token), town.user(n));
        assert!(ALLOCATED.get() > before + 1, "an entry, and what was read for it");
    }
}

/// As many bytes each at most, however many there are.
const BYTES_A_CLIENT: i64 = 100;

#[test]
fn a_withdrawn_client_is_small_and_one_more_copies_little() {
    const MOST: u32 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
    let client = |number: u32| {
        let mut id = [0xc1; 16];
        id[12..].copy_from_slice(&number.to_be_bytes());
        Withdrawn::Client { site: Guid([0x51; 16]), client: Guid(id) }
    };
    let before = BYTES.get();
    let mut withdrawals = Withdrawals::default();
    let mut most = 0;
    for number in 0..MOST {
        withdrawals.withdraw(client(number), None);
        if number >= 10_000 && number % 1_000 == 0 {
            most = most.max((BYTES.get() - before) / i64::from(number));
        }
    }
    let each = (BYTES.get() - before) / i64::from(MOST);
    eprintln!("a withdrawn client: {each} bytes at {MOST}, {most} at the worst");
    assert!(most <= BYTES_A_CLIENT, "{most} bytes");
    // A snapshot says beforehand how many there are.
    let (before, mut loaded) = (BYTES.get(), Withdrawals::default());
    loaded.reserve_clients(Guid([0x51; 16]), MOST as usize);
    (0..MOST).for_each(|number| loaded.withdraw(client(number), None));
    assert!((BYTES.get() - before) / i64::from(MOST) <= BYTES_A_CLIENT);
    assert_eq!(loaded, withdrawals);
    let (before, mut copy) = (BYTES.get(), withdrawals.clone());
    copy.withdraw(client(MOST), None);
    let grown = BYTES.get() - before;
    eprintln!("one more beside a copy: {grown} bytes");
    assert!(grown < 300_000, "{grown} bytes: all of it was copied");
    assert_eq!((withdrawals.len(), copy.len()), (MOST as usize, MOST as usize + 1));
}
