//! Whoever sends garbage runs dry, and nobody else does.

use tollgate::limits::Rate;
use tollgate::{Ask, Gate, Limits, Now, Reason, Source};

use super::said::reason;
use super::tokens::{signed, user};
use super::world::{A, B, NOW, OPEN, SPARE_HS, World};

const RATE: Rate = Rate { burst: 4, per_s: 2 };

fn gate(limits: Limits) -> Gate {
    let mut world = World::new();
    world.limits = limits;
    world.gate(1 << 20)
}

fn from(source: &[u8]) -> Ask<'static> {
    Ask { source: Source::new(source), ..OPEN }
}

fn garbage(number: u64) -> String {
    signed(SPARE_HS, &user(0, number))
}

const WRONG: Option<Reason> = Some(Reason::SignatureWrong);
const SPENT: Option<Reason> = Some(Reason::BudgetSpent);

#[test]
fn a_source_of_garbage_runs_dry_and_nobody_else_does() {
    let gate = gate(Limits { source_checks: RATE, ..Limits::default() });
    let known = signed(A[0], &user(0, 1_000));
    let ask = |token: &str, source: &[u8], mono_ms| {
        reason(&gate, token, &from(source), Now { mono_ms: NOW.mono_ms + mono_ms, ..NOW })
    };
    assert_eq!(ask(&known, b"bad", 0), None);
    for number in 0..4 {
        assert_eq!(ask(&garbage(number), b"bad", 0), WRONG, "{number}");
    }
    let checks = gate.counters().signature_checks;
    assert_eq!(ask(&garbage(4), b"bad", 0), SPENT);
    assert_eq!(
        ask(&signed(A[0], &user(0, 1)), b"bad", 0),
        SPENT,
        "nobody can know that it is good"
    );
    assert_eq!(gate.counters().signature_checks, checks);
    assert_eq!(gate.counters().over_budget, 2);
    assert_eq!(ask(&known, b"bad", 0), None, "what is known costs nothing");
    assert_eq!(ask(&garbage(0), b"bad", 0), WRONG, "nor does what is known to be wrong");
    for number in 10..50 {
        assert_eq!(ask(&signed(A[0], &user(0, number)), b"good", 0), None, "{number}");
    }
    assert_eq!(ask(&garbage(5), b"bad", 499), SPENT);
    assert_eq!(ask(&garbage(5), b"bad", 500), WRONG, "time fills it again");
    assert_eq!(ask(&garbage(6), b"bad", 500), SPENT);
    assert_eq!(ask(&signed(A[0], &user(0, 2)), b"bad", 1_000), None);
    assert_eq!(ask(&signed(A[0], &user(0, 3)), b"bad", 1_000), None, "a good one is given back");
    assert_eq!(ask(&garbage(6), b"bad", 1_000), WRONG);
    assert_eq!(ask(&garbage(7), b"bad", 1_000), SPENT);
}

#[test]
fn a_source_that_nobody_named_is_never_out_of_budget() {
    let gate = gate(Limits { source_checks: RATE, ..Limits::default() });
    for number in 0..100 {
        assert_eq!(reason(&gate, &garbage(number), &OPEN, NOW), WRONG, "{number}");
    }
    assert_eq!(gate.counters().over_budget, 0);
}

#[test]
fn many_sources_together_run_an_issuer_down_to_what_is_kept_for_the_others() {
    let limits = Limits { source_checks: Rate::OFF, ..Limits::default() };
    let gate = gate(Limits { issuer_checks: Rate { burst: 8, per_s: 1 }, ..limits });
    let ask = |token: &str, source: &[u8]| reason(&gate, token, &from(source), NOW);
    for number in 0..2 {
        assert_eq!(ask(&garbage(number), &[number as u8 + 1]), WRONG);
    }
    // With source checks off nobody is told apart, and all may go to the bottom.
    for number in 2..8 {
        assert_eq!(ask(&garbage(number), &[1]), WRONG, "{number}");
    }
    assert_eq!(ask(&garbage(8), &[1]), SPENT);
    assert_eq!(ask(&signed(B[0], &user(1, 1)), &[1]), None, "another issuer has its own");
}

#[test]
fn half_of_an_issuers_budget_is_kept_for_sources_without_a_wrong_one() {
    let limits = Limits { issuer_checks: Rate { burst: 8, per_s: 1 }, ..Limits::default() };
    let gate = gate(limits);
    let ask = |token: &str, source: &[u8], mono_ms| {
        reason(&gate, token, &from(source), Now { mono_ms: NOW.mono_ms + mono_ms, ..NOW })
    };
    for number in 0..4 {
        assert_eq!(ask(&garbage(number), b"bad", 0), WRONG, "{number}");
    }
    assert_eq!(ask(&garbage(4), b"bad", 0), SPENT, "the half is left");
    let good = |number| signed(A[0], &user(0, number));
    for number in 0..20 {
        assert_eq!(ask(&good(number), b"good", 0), None, "a source without a wrong one: {number}");
    }
    assert_eq!(reason(&gate, &good(30), &OPEN, NOW), SPENT, "who has no name is not among them");
    // It costs as much as four new sources do.
    for number in 5..9 {
        assert_eq!(ask(&garbage(number), &[number as u8], 0), WRONG, "{number}");
    }
    assert_eq!(ask(&good(40), b"good", 0), SPENT, "now nothing is left");
    assert_eq!(ask(&good(1), b"good", 0), None, "of those that nobody has seen");
    assert_eq!(ask(&good(40), b"good", 1_000), None);
}
