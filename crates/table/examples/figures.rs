//! The figures of docs/performance.md, section "The table of the cache, before it is used":
//! `cargo run --release -p tollgate-table --example figures [most keys]`.
//!
//! Contestants take turns: an untimed round, then a timed one; medians. All hash the same 16 bytes of
//! the tail with the same function, pin once a hit, compare all bytes and read one word of the value.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::hash::{BuildHasher, Hasher};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;
use std::{fs, thread};

use tollgate_table::{Limits, Table, Value, pin};

const LENGTH: usize = 1_400;

/// As large as the core's facts may become.
#[derive(Clone, Copy)]
struct Facts([u64; 10]);

impl Value for Facts {}

fn main() {
    let most: usize =
        std::env::args().nth(1).and_then(|most| most.parse().ok()).unwrap_or(1_000_000);
    memory();
    println!("pin: {:.1} ns, {:.1} ns seize", pins(|| _ = black_box(&pin())), pin_seize());
    for count in [1, 4_096, 100_000, 1_000_000].into_iter().filter(|count| *count <= most) {
        hits(count);
    }
    for threads in [1, 2] {
        hot(threads);
    }
}

/// One token's bytes after the other in one buffer, as they would be received: what differs are an
/// id in the middle and a tail of 64 bytes.
struct Presented {
    buffer: Vec<u8>,
}

impl Presented {
    fn new() -> Self {
        Self { buffer: (0..LENGTH).map(|at| b'A' + (at * 7 % 26) as u8).collect() }
    }

    fn of(&mut self, number: u64) -> &[u8] {
        self.buffer[600..608].copy_from_slice(&number.to_le_bytes());
        for (at, part) in self.buffer[LENGTH - 64..].chunks_exact_mut(8).enumerate() {
            part.copy_from_slice(&fold(number ^ 0x5EED, at as u64 + 1).to_le_bytes());
        }
        &self.buffer
    }
}

fn fold(left: u64, right: u64) -> u64 {
    let wide = u128::from(left ^ 0x9E37_79B9_7F4A_7C15) * u128::from(right ^ 0xD6E8_FEB8_6659_FD93);
    wide as u64 ^ (wide >> 64) as u64
}

/// Of the last 16 bytes, which are a signature's.
fn tail_hash(bytes: &[u8]) -> u64 {
    let word = |back: usize| {
        let from = bytes.len() - back;
        u64::from_le_bytes(bytes[from..from + 8].try_into().unwrap())
    };
    fold(fold(word(16), word(8)), bytes.len() as u64)
}

/// The same for the maps that want a hasher.
#[derive(Clone, Copy, Default)]
struct Tail(u64);

impl BuildHasher for Tail {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        *self
    }
}

impl Hasher for Tail {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = tail_hash(bytes);
    }

    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

type Papaya = papaya::HashMap<Box<[u8]>, Facts, Tail>;
type Dash = dashmap::DashMap<Box<[u8]>, Facts, Tail>;

struct Contestants {
    stored: Vec<Box<[u8]>>,
    table: Table<Facts>,
    papaya: Papaya,
    dash: Dash,
}

/// Who looks into the same bytes as another does not come after it, where they would be warm.
const NAMES: [&str; 5] = ["floor", "table", "papaya", "table, one pin a round", "dashmap"];

impl Contestants {
    fn new(count: usize) -> Self {
        let room = (count * (LENGTH + 200)).max(1 << 20);
        let table = Table::new(Limits::new(room, LENGTH + 144)).unwrap();
        let (papaya, dash) = (Papaya::default(), Dash::default());
        let (mut stored, mut presented) = (Vec::with_capacity(count), Presented::new());
        for number in 0..count as u64 {
            let bytes = presented.of(number);
            let facts = Facts([number; 10]);
            stored.push(bytes.into());
            assert!(table.insert(tail_hash(bytes), bytes, facts, 0).is_kept());
            papaya.pin().insert(bytes.into(), facts);
            dash.insert(bytes.into(), facts);
        }
        Self { stored, table, papaya, dash }
    }

    /// So many look-ups by one contestant, in an order that no prefetcher knows.
    fn round(&self, name: &str, presented: &mut Presented, seed: u64, count: u64) -> u64 {
        let steps = Steps { presented, seed, count, keys: self.stored.len() as u64 };
        match name {
            "floor" => steps
                .walk(|number, bytes| (*self.stored[number as usize] == *bytes).then_some(number)),
            "table" => {
                steps.walk(|_, bytes| Some(self.table.get(&pin(), tail_hash(bytes), bytes)?.0[3]))
            }
            "papaya" => steps.walk(|_, bytes| Some(self.papaya.pin().get(bytes)?.0[3])),
            "dashmap" => steps.walk(|_, bytes| Some(self.dash.get(bytes)?.0[3])),
            _ => {
                let pin = pin();
                steps.walk(|_, bytes| Some(self.table.get(&pin, tail_hash(bytes), bytes)?.0[3]))
            }
        }
    }
}

struct Steps<'p> {
    presented: &'p mut Presented,
    seed: u64,
    count: u64,
    keys: u64,
}

impl Steps<'_> {
    fn walk(self, find: impl Fn(u64, &[u8]) -> Option<u64>) -> u64 {
        let mut hits = 0;
        for step in 0..self.count {
            let number = (fold(self.seed, step) >> 20) % self.keys;
            let bytes = black_box(self.presented.of(number));
            hits += u64::from(black_box(find(number, bytes)) == Some(number));
        }
        hits
    }
}

fn hits(count: usize) {
    const ROUNDS: usize = 300;
    let all = Contestants::new(count);
    let mut presented = Presented::new();
    let steps = if count > 50_000 { 2_000 } else { 5_000 };
    let mut times = [const { Vec::new() }; NAMES.len()];
    let mut missed = 0;
    for round in 0..ROUNDS {
        for (place, (name, times)) in NAMES.iter().zip(&mut times).enumerate() {
            // Seeds of their own: nobody walks where another has just been.
            let seed = (round * NAMES.len() + place) as u64 * 2;
            all.round(name, &mut presented, seed, steps);
            let start = Instant::now();
            let hits = all.round(name, &mut presented, seed + 1, steps);
            times.push(start.elapsed().as_nanos() as f64 / steps as f64);
            missed += steps - hits;
        }
    }
    let over = |name: usize| {
        let mut differences: Vec<f64> =
            times[name].iter().zip(&times[0]).map(|(time, floor)| time - floor).collect();
        median(&mut differences)
    };
    let overs: Vec<f64> = (0..NAMES.len()).map(over).collect();
    println!("{count} keys; {missed} misses; {:?}", all.table.counters());
    for ((name, times), over) in NAMES.iter().zip(&mut times).zip(overs) {
        println!("  {name:24} {:7.1} ns  {over:+7.1} over the floor", median(times));
    }
}

/// One key, so many threads at once; ns a look-up, medians of the rounds in which all threads ran
/// at the same time for nine tenths of the longest.
fn hot(threads: usize) {
    const ROUNDS: usize = 400;
    const STEPS: u64 = 20_000;
    let all = Contestants::new(1);
    let mut times = [const { Vec::new() }; NAMES.len()];
    for _ in 0..ROUNDS {
        for (name, times) in NAMES.iter().zip(&mut times) {
            let here = AtomicUsize::new(0);
            let lap = || {
                // What shares nothing has bytes of its own.
                let own = (*name == "floor").then(|| Contestants::new(1));
                let all = own.as_ref().unwrap_or(&all);
                let mut presented = Presented::new();
                all.round(name, &mut presented, 1, 1_000);
                here.fetch_add(1, Ordering::AcqRel);
                while here.load(Ordering::Acquire) < threads {
                    std::hint::spin_loop();
                }
                let start = Instant::now();
                all.round(name, &mut presented, 1, STEPS);
                (start, Instant::now())
            };
            let laps: Vec<_> = thread::scope(|scope| {
                let others: Vec<_> = (1..threads).map(|_| scope.spawn(lap)).collect();
                let own = lap();
                others.into_iter().map(|other| other.join().unwrap()).chain([own]).collect()
            });
            let longest = laps.iter().map(|(start, end)| *end - *start).max().unwrap();
            let first_end = laps.iter().map(|(_, end)| *end).min().unwrap();
            let last_start = laps.iter().map(|(start, _)| *start).max().unwrap();
            if first_end.saturating_duration_since(last_start) >= longest.mul_f64(0.9) {
                times.push(longest.as_nanos() as f64 / STEPS as f64);
            }
        }
    }
    println!("one key, {threads} thread(s)");
    for (name, times) in NAMES.iter().zip(&mut times).filter(|(_, times)| !times.is_empty()) {
        println!("  {name:24} {:7.1} ns, {} rounds", median(times), times.len());
    }
}

/// What a table of 256 MiB takes when twice as much was put in.
fn memory() {
    let resident = || {
        let statm = fs::read_to_string("/proc/self/statm").unwrap();
        statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    };
    let mut presented = Presented::new();
    let bound = 256 << 20;
    // What the process takes once, it takes here.
    let warm = Table::<Facts>::new(Limits::new(1 << 20, LENGTH)).unwrap();
    for number in 0..10_000 {
        let bytes = presented.of(number);
        warm.insert(tail_hash(bytes), bytes, Facts([number; 10]), 0);
    }
    let before = resident();
    let table = Table::<Facts>::new(Limits::new(bound, LENGTH + 144)).unwrap();
    for number in 0..400_000 {
        let bytes = presented.of(number);
        table.insert(tail_hash(bytes), bytes, Facts([number; 10]), 0);
    }
    let (grown, entries) = (resident() - before, table.len());
    let over = |bytes: usize| bytes as f64 / entries as f64 - LENGTH as f64;
    println!("{entries} entries of {LENGTH} bytes and a value of {}", size_of::<Facts>());
    println!(
        "  over the key: {:.0} by its own count, {:.0} resident",
        over(table.bytes()),
        over(grown)
    );
    println!("  {:.4} of the bound resident; {:?}", grown as f64 / bound as f64, table.counters());
}

fn pin_seize() -> f64 {
    let collector = seize::Collector::new();
    pins(|| _ = black_box(&collector.enter()))
}

fn pins(mut pin: impl FnMut()) -> f64 {
    let mut lap = || {
        let start = Instant::now();
        (0..20_000).for_each(|_| pin());
        start.elapsed().as_nanos() as f64 / 20_000.0
    };
    median(&mut (0..400).map(|_| lap()).collect::<Vec<_>>())
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
