//! Swaps of lists: what a hit feels of them, and what a remembered chain costs on its next use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tollgate::cert::{Crl, Crls};
use tollgate::{Ask, Gate, Peer, Policy, Request, Scenario, Trust, Verdict, sample};

use super::super::machine::cores;
use super::super::report::{Report, Table, at_most, number};
use super::super::storm::{Latencies, clock};
use super::super::world::NOW;
use super::made::Kind;
use super::{RULES, Set, gate, load, snapshot};
use crate::misuse::Misuse;

/// The slowest hit in a thousand while lists are read and swapped, over the same in quiet.
const GOAL_SWAP: f64 = 5.0;
/// A remembered chain, judged again.
const GOAL_REJUDGE_NS: f64 = 400.0;

const QUIET: Duration = Duration::from_millis(200);
const STORM: Duration = Duration::from_millis(600);

/// Hits of a chain while another thread reads the list again and again, and swaps it.
pub(super) fn measure(set: &Set, turns: usize, report: &mut Report) -> Result<(), Misuse> {
    let head = ["single hits", "median ns", "p99", "p99.9", "p99.9 over quiet p99.9"];
    let mut table = Table::new("hits of a chain while its list is read and swapped", &head);
    if cores() < 2 {
        table.note("left out: this machine runs one thread at once");
        report.tables.push(table);
        return Ok(());
    }
    let gate = gate(set)?;
    load(set, &gate)?;
    let peer = Peer::new([set.ca.leaf.as_slice()]).map_err(Misuse::new)?;
    let ask = |latencies: &mut Latencies, until: Instant| loop {
        let now = check(&gate, &peer, latencies)?;
        if now >= until {
            return Ok::<_, Misuse>(());
        }
    };
    ask(&mut Latencies::new(), Instant::now())?;
    let (mut quiet, mut stormy) = (Latencies::new(), Latencies::new());
    let mut swaps = 0_u64;
    for _ in 0..turns.clamp(3, 10) {
        ask(&mut quiet, Instant::now() + QUIET)?;
        let is_over = AtomicBool::new(false);
        swaps += thread::scope(|scope| {
            let storm = scope.spawn(|| {
                let mut swaps = 0;
                while !is_over.load(Ordering::Acquire) {
                    load(set, &gate)?;
                    swaps += 1;
                }
                Ok(swaps)
            });
            let asked = ask(&mut stormy, Instant::now() + STORM);
            is_over.store(true, Ordering::Release);
            let swaps: Result<u64, Misuse> =
                storm.join().map_err(|_| Misuse::new("the bench's storm panicked: a bug"))?;
            asked.and(swaps)
        })?;
    }
    let clock = clock();
    let of = |latencies: &Latencies, part| (latencies.of_thousand(part) - clock).max(1.0);
    let quiet_p999 = of(&quiet, 999);
    for (name, latencies) in [("quiet", &quiet), ("swaps", &stormy)] {
        let p999 = of(latencies, 999);
        table.row([
            name.into(),
            number(of(latencies, 500)),
            number(of(latencies, 990)),
            number(p999),
            number(p999 / quiet_p999),
        ]);
    }
    let over = of(&stormy, 999) / quiet_p999;
    table.note(format!(
        "{swaps} swaps of 1,000,000 entries; p99.9 at most {} x quiet: {}",
        number(GOAL_SWAP),
        at_most(over, GOAL_SWAP)
    ));
    report.name("crl_swap_p999_over_quiet_p999", over);
    report.name("crl_swaps", swaps);
    let again = rejudged(set, turns * 100)? - clock;
    table.note(format!(
        "a remembered chain on its next use after a swap of lists: {} ns, goal {}: {}",
        number(again),
        number(GOAL_REJUDGE_NS),
        at_most(again, GOAL_REJUDGE_NS)
    ));
    report.name("crl_rejudge_ns", again);
    report.tables.push(table);
    Ok(())
}

/// One check, timed; when it was over.
fn check(gate: &Gate, peer: &Peer, latencies: &mut Latencies) -> Result<Instant, Misuse> {
    let ask =
        Ask { endpoint: sample::ENDPOINT, scenario: Scenario::Device, windows: None, source: None };
    let request = Request::peer(peer);
    let start = Instant::now();
    let verdict = gate.check(&request, &ask, NOW);
    let now = Instant::now();
    latencies.push(now - start);
    match verdict {
        Verdict::Admit(_) => Ok(now),
        Verdict::Refuse(refusal) => {
            Err(Misuse::new(format!("the bench's own chain is refused: {refusal}")))
        }
    }
}

/// The median of the first checks behind swaps.
fn rejudged(set: &Set, rounds: usize) -> Result<f64, Misuse> {
    // The CAs are the same ones in both: what is worked out once for each is not measured.
    let list = |number| -> Result<(Trust, Policy), Misuse> {
        let der = set.ca.list(Kind { number, entries: 1_000, from: 0, part: None })?;
        let list = Arc::new(Crl::read(&der, &set.store, NOW).map_err(Misuse::new)?);
        snapshot(set, &Arc::new(Crls::new(vec![list], RULES, &set.store, NOW)))
    };
    let (gate, lists) = (gate(set)?, [list(7)?, list(8)?]);
    let peer = Peer::new([set.ca.leaf.as_slice()]).map_err(Misuse::new)?;
    let swap = |round: usize| {
        let (trust, policy) = lists[round % 2].clone();
        gate.replace(trust, policy).map_err(Misuse::new)
    };
    for round in 0..2 {
        swap(round)?;
        check(&gate, &peer, &mut Latencies::new())?;
    }
    let (before, mut latencies) = (gate.counters(), Latencies::new());
    for round in 0..rounds {
        swap(round)?;
        check(&gate, &peer, &mut latencies)?;
    }
    let after = gate.counters();
    let signatures = after.signature_checks - before.signature_checks;
    let rejudged = after.rejudged - before.rejudged;
    if signatures > 0 || rejudged != rounds as u64 {
        let why = format!("{rejudged} judged again, {signatures} signatures, of {rounds}");
        return Err(Misuse::new(format!("a swap of lists: {why}: a bug")));
    }
    Ok(latencies.of_thousand(500))
}
