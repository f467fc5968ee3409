//! What a remembered token takes beside its own length, where the memory is full.

use tollgate::{Algorithm, Gate};

use super::machine::resident_bytes;
use super::progress::Bar;
use super::report::{Report, Table, at_most, number, whole};
use super::tokens::Mint;
use super::world::{World, admits};
use crate::misuse::Misuse;

pub(super) const STEPS: usize = 1;

/// The bound that a gate has if nobody says otherwise.
const BOUND: usize = 256 << 20;

/// What the process takes once, it takes in a small one first.
const WARM: usize = 1 << 20;

const WARM_TOKENS: usize = 10_000;

const GOAL: f64 = 160.0;

/// To be called before anything large was freed: what the allocator has kept does not grow.
pub(super) fn measure(bar: &Bar) -> Result<Report, Misuse> {
    bar.step("memory of a token");
    let world = World::new(Algorithm::Hs256);
    let mint = Mint::new(&world.tenant)?;
    let length = mint.token(0).len();
    // Signed beforehand: what signing leaves between entries would be the bench's, not the gate's.
    let tokens = mint.tokens(0..(2 * BOUND / length) as u64);
    let warm = world.gate(WARM)?;
    put(&warm, &tokens[..WARM_TOKENS])?;

    let mut report = Report::default();
    let head = ["", "entries", "a token", "over its length", "goal", ""];
    let mut table = Table::new("memory: a gate of 256 MiB, filled twice over, in bytes", &head);
    let mut row = |name: &str, entries: usize, bytes: f64, is_judged: bool| {
        let each = bytes / entries as f64;
        let over = each - length as f64;
        let (goal, met) =
            if is_judged { (number(GOAL), at_most(over, GOAL)) } else { <_>::default() };
        table.row([name.into(), whole(entries), number(each), number(over), goal, met]);
        over
    };
    let (gate, grown) = filled(&world, &tokens)?;
    let counters = gate.counters();
    let counted = row("by its own count", counters.entries, counters.bytes as f64, false);
    report.name("bytes_over_token_by_count", counted);
    report.name("cache_entries_at_bound", counters.entries);
    match grown {
        Some(grown) => {
            report.name("bytes_over_token", row("resident growth", counters.entries, grown, true));
            report.name("resident_over_bound", grown / BOUND as f64);
        }
        None => table.note("resident memory: left out: /proc/self/statm cannot be read"),
    }
    report.tables.push(table);
    Ok(report)
}

/// A gate at its bound, and by how much the process has grown for it.
fn filled(world: &World, tokens: &[Box<[u8]>]) -> Result<(Gate, Option<f64>), Misuse> {
    let (trust, policy) = world.snapshot(0, Vec::new(), Vec::new())?;
    let before = resident_bytes();
    let gate = Gate::with_cache(trust, policy, BOUND).map_err(Misuse::new)?;
    put(&gate, tokens)?;
    let grown = before.zip(resident_bytes()).map(|(before, after)| after - before);
    Ok((gate, grown))
}

fn put(gate: &Gate, tokens: &[Box<[u8]>]) -> Result<(), Misuse> {
    match tokens.iter().all(|token| admits(gate, token)) {
        true => Ok(()),
        false => Err(Misuse::new("the bench's own token is refused: a bug")),
    }
}
