//! A revocation list of a million entries: from its bytes to the swap, at rest, and asked; in parts; swapped
//! under load; and beside rustls-webpki and openssl, which judge by the same list.

mod made;
mod peers;
mod swaps;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use tollgate::cert::{Certificate, Crl, CrlRules, Crls, Depth, Status, Store};
use tollgate::policy::PkiRules;
use tollgate::{Gate, Limits, Policy, Trust, sample};

use self::made::{Ca, Kind, serial};
use super::machine::{forget_peak, peak_bytes, resident_bytes};
use super::measure::times;
use super::progress::Bar;
use super::report::{Report, Table, at_most, number, whole};
use super::world::NOW;
use crate::misuse::Misuse;

pub(super) const STEPS: usize = 5;

const ENTRIES: u64 = 1_000_000;
const PARTS: u32 = 2_048;

/// Of DESIGN: bytes to swap, at rest, one look.
const GOAL_LOAD_MS: f64 = 500.0;
const GOAL_BYTES: f64 = 24e6;
const GOAL_LOOKUP_NS: f64 = 200.0;

const RULES: CrlRules = CrlRules { grace_s: 0, depth: Depth::Path };

/// A list and what it is asked with.
struct Set {
    ca: Ca,
    store: Store,
    der: Vec<u8>,
}

pub(super) fn measure(turns: usize, bar: &Bar) -> Result<Report, Misuse> {
    let mut report = Report::default();
    bar.step("a list of 1,000,000 entries");
    let ca = Ca::new()?;
    let der = ca.list(Kind { number: 7, entries: ENTRIES, from: 0, part: None })?;
    let set = Set { store: ca.store()?, ca, der };
    let crls = measure_list(&set, turns.clamp(3, 9), &mut report)?;
    bar.step("a list in 2,048 parts");
    measure_parts(&set, &crls, turns, &mut report)?;
    bar.step("lists swapped under load");
    swaps::measure(&set, turns, &mut report)?;
    bar.step("the same list in rustls-webpki");
    let mut table = Table::new(
        "a leaf judged by a list of 1,000,000 entries",
        &["", "load ms", "a check us", "resident growth MB"],
    );
    peers::webpki(&set, &mut table, &mut report)?;
    bar.step("the same list in openssl");
    peers::openssl(&set, &mut table, &mut report);
    report.tables.push(table);
    Ok(report)
}

/// From bytes to a gate that judges by them.
fn load(set: &Set, gate: &Gate) -> Result<Arc<Crls>, Misuse> {
    let list = Crl::read(&set.der, &set.store, NOW).map_err(Misuse::new)?;
    let crls = Arc::new(Crls::new(vec![Arc::new(list)], RULES, &set.store, NOW));
    swap(set, gate, &crls)?;
    Ok(crls)
}

fn snapshot(set: &Set, crls: &Arc<Crls>) -> Result<(Trust, Policy), Misuse> {
    let mut pki = set.ca.pki().authority()?;
    pki.crls = Some(Arc::clone(crls));
    let trust = Trust::new(Vec::new()).and_then(|trust| trust.with_pkis(vec![pki]));
    let policy = Policy::new(300, Limits::default(), vec![sample::endpoint()], Vec::new());
    let policy = policy.map_err(Misuse::new)?.with_pkis(vec![PkiRules::default()]);
    Ok((trust.map_err(Misuse::new)?, policy))
}

fn swap(set: &Set, gate: &Gate, crls: &Arc<Crls>) -> Result<(), Misuse> {
    let (trust, policy) = snapshot(set, crls)?;
    gate.replace(trust, policy).map_err(Misuse::new)
}

fn gate(set: &Set) -> Result<Gate, Misuse> {
    let empty = Arc::new(Crls::new(Vec::new(), RULES, &set.store, NOW));
    let (trust, policy) = snapshot(set, &empty)?;
    Gate::with_cache(trust, policy, 1 << 20).map_err(Misuse::new)
}

fn measure_list(set: &Set, turns: usize, report: &mut Report) -> Result<Arc<Crls>, Misuse> {
    let gate = gate(set)?;
    let before = resident_bytes();
    let has_peak = forget_peak();
    let mut took = Vec::new();
    let start = Instant::now();
    let mut crls = load(set, &gate)?;
    took.push(start.elapsed().as_secs_f64() * 1e3);
    let peak = peak_bytes().filter(|_| has_peak).zip(before).map(|(peak, before)| peak - before);
    let grown = before.zip(resident_bytes()).map(|(before, after)| after - before);
    for _ in 1..turns {
        let start = Instant::now();
        crls = load(set, &gate)?;
        took.push(start.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    let load_ms = took[took.len() / 2];
    let bytes = crls.index_bytes() as f64;
    let list = Crl::read(&set.der, &set.store, NOW).map_err(Misuse::new)?;
    let mut memory = Floor::new(bytes as usize);
    let mut lookup = Lookup { list: &list, next: 0, listed: true };
    let mut absent = Lookup { list: &list, next: ENTRIES, listed: false };
    let [floor, listed, unlisted] =
        times(turns * 20, [&mut || memory.step(), &mut || lookup.step(), &mut || absent.step()]);
    let lookup_ns = listed.median().max(unlisted.median());

    let mut table = Table::new(
        "a list of 1,000,000 entries: numbers of 16 octets, with reason and date",
        &["", "figure", "goal", ""],
    );
    let mut row = |name: &str, figure: f64, goal: f64, unit: &str| {
        let cells = [name.into(), format!("{} {unit}", number(figure)), number(goal)];
        table.row([&cells[..], &[at_most(figure, goal)]].concat());
    };
    row("bytes to swap, signature too", load_ms, GOAL_LOAD_MS, "ms");
    row("index at rest", bytes / 1e6, GOAL_BYTES / 1e6, "MB");
    // Not ours to be met: what the machine takes for one line of so much memory.
    row("one read at random of as many bytes", floor.median(), GOAL_LOOKUP_NS, "ns");
    row("look, number is listed", listed.median(), GOAL_LOOKUP_NS, "ns");
    row("look, number is not", unlisted.median(), GOAL_LOOKUP_NS, "ns");
    if let Some(peak) = peak {
        // The file stands there already.
        row("peak beside the file", peak / 1e6, 2.0 * bytes / 1e6, "MB");
        report.name("crl_1m_peak_over_index", peak / bytes);
    }
    if let Some(grown) = grown {
        row("resident growth", grown / 1e6, GOAL_BYTES / 1e6, "MB");
    }
    table.note(format!("the file has {} bytes", whole(set.der.len())));
    report.tables.push(table);
    let figures = json!({
        "load_ms": load_ms,
        "bytes": bytes,
        "lookup_ns": lookup_ns,
        "read_ns": floor.median(),
    });
    report.name("crl_1m", figures);
    Ok(crls)
}

/// Numbers one after the other as they were mixed: none is near the one before.
struct Lookup<'l> {
    list: &'l Crl,
    next: u64,
    listed: bool,
}

impl Lookup<'_> {
    fn step(&mut self) {
        let found = self.list.find(&serial(self.next));
        assert_eq!(found.is_some(), self.listed, "the bench's own list");
        let most = if self.listed { ENTRIES } else { 2 * ENTRIES };
        self.next += 7_919;
        if self.next >= most {
            self.next -= ENTRIES;
        }
        black_box(found);
    }
}

/// Reads at random, each of which waits for the one before.
struct Floor {
    memory: Vec<u64>,
    at: usize,
    steps: u64,
}

impl Floor {
    fn new(bytes: usize) -> Self {
        Self { memory: (0..bytes as u64 / 8).collect(), at: 1, steps: 0 }
    }

    fn step(&mut self) {
        // The count keeps it from going in a circle.
        self.steps += 1;
        let mixed = (self.memory[self.at] ^ self.steps << 24).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.at = ((mixed ^ mixed >> 32) as usize) % self.memory.len();
        black_box(self.at);
    }
}

/// A whole status by one list of all numbers, and by 2,048 lists of their parts.
fn measure_parts(set: &Set, one: &Crls, rounds: usize, report: &mut Report) -> Result<(), Misuse> {
    let each = ENTRIES / u64::from(PARTS);
    let mut parts = Vec::new();
    for part in 0..PARTS {
        let from = u64::from(part) * each;
        let kind = Kind { number: 7, entries: each, from, part: Some(part) };
        let der = set.ca.list(kind)?;
        parts.push(Arc::new(Crl::read(&der, &set.store, NOW).map_err(Misuse::new)?));
    }
    let parts = Crls::new(parts, RULES, &set.store, NOW);
    let kind = Kind { number: 7, entries: ENTRIES, from: 0, part: Some(1_000) };
    let one_part = Crl::read(&set.ca.list(kind)?, &set.store, NOW).map_err(Misuse::new)?;
    let one_part = Crls::new(vec![Arc::new(one_part)], RULES, &set.store, NOW);
    let read = |der: &[u8]| Certificate::from_der(der).map_err(Misuse::new);
    let (plain, pointing) = (read(&set.ca.leaf)?, read(&set.ca.pointing)?);
    let anchor = set.store.anchors().next().ok_or_else(|| Misuse::new("no anchor: a bug"))?;
    let by = |crls: &Crls, leaf: &Certificate| {
        let status = crls.status(&set.store, &[leaf, anchor], NOW);
        assert_eq!(status, Status::Good, "the bench's own list");
    };
    let [whole_plain, in_one, in_parts] = times(
        rounds * 20,
        [&mut || by(one, &plain), &mut || by(&one_part, &pointing), &mut || by(&parts, &pointing)],
    );
    let mut table = Table::new(
        "a certificate asked about, path of one (no signature)",
        &["", "ns", "over one list of that point"],
    );
    let base = in_one.median();
    for (name, times) in [
        ("one list of 1,000,000, for no point", &whole_plain),
        ("one list of 1,000,000, for the certificate's point", &in_one),
        ("2,048 lists of 488, one for each point", &in_parts),
    ] {
        table.row([name.into(), number(times.median()), number(times.median() / base)]);
    }
    report.name("crl_status_ns", whole_plain.median());
    report.name("crl_one_part_status_ns", base);
    report.name("crl_2048_parts_status_ns", in_parts.median());
    report.tables.push(table);
    Ok(())
}
