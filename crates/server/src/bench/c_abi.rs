//! The same hit through the C ABI and in Rust, on one gate.

use std::hint::black_box;

use tollgate::sample::{AUDIENCE, ENDPOINT, Tenant};
use tollgate::{Algorithm, Guid, Now, Request};
use tollgate_c::CHost;

use super::measure::times;
use super::presented::{Set, Walk};
use super::progress::Bar;
use super::report::{Report, Table, at_most, number, whole};
use super::world::{ASK, NOW};
use crate::misuse::Misuse;

/// How many tokens are in use.
const COUNTS: [usize; 2] = [1, 4096];

pub(super) const STEPS: usize = COUNTS.len();

/// What C may cost, in nanoseconds.
const GOAL_NS: f64 = 15.0;

pub(super) fn measure(rounds: usize, bar: &Bar) -> Result<Report, Misuse> {
    let tenant = Tenant::new(Guid([0xcc; 16]), Algorithm::EdDsa);
    let mut host = CHost::new(&configuration(&tenant), MOMENT).map_err(Misuse::new)?;
    let mut report = Report::default();
    let title = "a hit through the C ABI (tollgate_check, with a scratch and the whole verdict) beside \
                 Gate::check (medians; p95 of rounds)";
    let mut table =
        Table::new(title, &["tokens", "Rust ns (p95)", "C ns (p95)", "over", "goal", ""]);
    for count in COUNTS {
        bar.step(&format!("through C: {}", whole(count)));
        let tokens = (0..count as u64).map(|n| {
            let token = tenant.sign(&tenant.user_claims(n, NOW.unix_s));
            Ok(token.into_bytes().into_boxed_slice())
        });
        let set = Set::new(tokens.collect::<Result<_, Misuse>>()?)?;
        if !set.stored.iter().all(|token| host.admits(token)) {
            return Err(Misuse::new("the bench's own token is refused by the C library: a bug"));
        }
        let keeper = host.keeper();
        let gate = keeper.gate();
        let misses = gate.counters().misses;
        let mut patch = Walk::new(&set, 1, |_, bytes| !black_box(bytes).is_empty());
        let mut rust = Walk::new(&set, 2, |_, bytes| {
            black_box(gate.check(&Request::token(bytes), &ASK, MOMENT)).is_admitted()
        });
        let mut c = Walk::new(&set, 3, |_, bytes| host.admits(bytes));
        let [patch, rust, c] = times(rounds, [&mut patch, &mut rust, &mut c]);
        if gate.counters().misses != misses {
            return Err(Misuse::new("hits of the bench were none: a bug"));
        }
        let (rust, c) = (rust.less(&patch), c.less(&patch));
        let over = c.less(&rust).median();
        let both = |median, p95| format!("{} ({})", number(median), number(p95));
        table.row([
            whole(count),
            both(rust.median(), rust.p95()),
            both(c.median(), c.p95()),
            number(over),
            number(GOAL_NS),
            at_most(over, GOAL_NS),
        ]);
        let suffix = if count == 1 { String::new() } else { format!("_{count}") };
        report.name(&format!("c_abi_over_rust_ns{suffix}"), over);
    }
    report.tables.push(table);
    Ok(report)
}

/// A time that is told costs no look at a clock; 0 would be none.
const MOMENT: Now = Now { mono_ms: 1, ..NOW };

fn configuration(tenant: &Tenant) -> String {
    let (id, jwks) = (tenant.id, tenant.jwks());
    let algorithm = tenant.key.algorithm();
    format!(
        "[[endpoint]]\nname = {ENDPOINT:?}\nmethods = [\"entra\"]\n\
         [[entra]]\ntenant = \"{id}\"\naudiences = [{AUDIENCE:?}]\nalgorithms = [\"{algorithm}\"]\n\
         jwks = '{jwks}'\n"
    )
}
