//! Standing that is judged again: a list of the issuer's moved, and each entry is asked on its next use.

use std::time::{Duration, Instant};

use tollgate::Algorithm;

use super::measure::Times;
use super::presented::{Presented, Random, STAGED, Set};
use super::progress::Bar;
use super::report::{Report, Table, at_most, number, whole};
use super::tokens::Mint;
use super::world::{World, admits, fill, room};
use crate::misuse::Misuse;

pub(super) const STEPS: usize = 1;

const TOKENS: usize = 4096;

const GOAL_NS: f64 = 400.0;

pub(super) fn measure(rounds: usize, bar: &Bar) -> Result<Report, Misuse> {
    bar.step("standing judged again");
    let world = World::new(Algorithm::Hs256);
    let set = Set::new(Mint::new(&world.tenant)?.tokens(0..TOKENS as u64))?;
    let gate = world.gate(room(TOKENS, set.token_bytes()))?;
    fill(&gate, &set.stored)?;
    let mut presented = Presented::new(&set);
    let mut missed = 0;
    let before = gate.counters();
    let (mut patch, mut plain, mut again) = Default::default();
    for round in 0..rounds {
        // Each entry once in a round, in an order of its own.
        let order = Random(round as u64).order(TOKENS);
        let mut walk = |times: &mut Times, find: &dyn Fn(&[u8]) -> bool| {
            let mut took = Duration::ZERO;
            // The first few find code and lists in the caches, for the others.
            for (at, numbers) in order.chunks(STAGED).enumerate() {
                presented.stage(numbers.iter().copied());
                let start = Instant::now();
                missed += presented.walk(|_, bytes| find(bytes));
                took += if at == 0 { Duration::ZERO } else { start.elapsed() };
            }
            times.push(took.as_nanos() as f64 / (TOKENS - STAGED) as f64);
        };
        walk(&mut patch, &|bytes| !std::hint::black_box(bytes).is_empty());
        walk(&mut plain, &|bytes| admits(&gate, bytes));
        world.swap(&gate, round + 1)?;
        walk(&mut again, &|bytes| admits(&gate, bytes));
    }
    let after = gate.counters();
    let rejudged = after.rejudged - before.rejudged;
    let signatures = after.signature_checks - before.signature_checks;
    if missed > 0 || rejudged != (rounds * TOKENS) as u64 || signatures > 0 {
        let why = format!("{missed} missed, {rejudged} judged again, {signatures} signatures");
        return Err(Misuse::new(format!("standing, judged again: {why}: a bug")));
    }
    let (again, plain) = (again.less(&patch), plain.less(&patch));
    let over = again.less(&plain);
    let mut report = Report::default();
    let head = ["", "plain hit ns (p95)", "judged again (p95)", "over", "goal", ""];
    let mut table = Table::new(
        "standing judged again after a withdrawal of the tenant's, no signature (medians; p95 of rounds)",
        &head,
    );
    let both = |times: &Times| format!("{} ({})", number(times.median()), number(times.p95()));
    table.row([
        format!("{} tokens", whole(TOKENS)),
        both(&plain),
        both(&again),
        number(over.median()),
        number(GOAL_NS),
        at_most(again.median(), GOAL_NS),
    ]);
    report.name("rejudge_ns", again.median());
    report.name("rejudge_p95_ns", again.p95());
    report.name("rejudge_over_hit_ns", over.median());
    report.tables.push(table);
    Ok(report)
}
