//! A batch: what each request would have got by itself, in the order of the requests.

#[path = "quiet/town.rs"]
mod town;

use tollgate::{Ask, Gate, Request, Verdict};

use town::{NOW, Regular, Town};

const CACHE_BYTES: usize = 16 << 20;

/// Tries for what waits for another thread, but not for ever: a machine that sleeps for longer is no fault
/// of it, once.
const TRIES: u64 = 5;

/// Everything that a gateway learns.
fn outcome(verdict: &Verdict<'_>) -> String {
    match verdict {
        Verdict::Refuse(refusal) => format!("{refusal:?}"),
        Verdict::Admit(admission) => {
            let (claims, window) = (admission.claims(), admission.window());
            let beside = admission.certificate();
            format!("{:?} {beside:?} {window:?} {claims:?}", admission.principal())
        }
    }
}

/// Tokens that a stranger may bring: good ones, forged ones, and what is none.
fn brought(town: &Town, from: u64) -> Vec<Vec<u8>> {
    let one = |n| match n % 5 {
        3 => town::forged(town.token(n), n),
        4 => format!("no token {n}").into(),
        _ => town.token(n),
    };
    (from..from + 300).map(one).collect()
}

fn requests<'r>(tokens: &'r [Vec<u8>], regulars: &'r [Regular]) -> Vec<(Request<'r>, Ask<'r>)> {
    let mut regulars = regulars.iter().cycle();
    let mut all = vec![(Request::empty(), town::ASK), (Request::token(b""), town::ASK)];
    for (at, token) in tokens.iter().enumerate() {
        all.push((Request::token(token), town::ASK));
        // Between groups of newcomers and one by one; the nowhere is an endpoint that is not there.
        if at % 3 == 0 || at > 200 {
            all.extend(regulars.next().map(|regular| (regular.request(), regular.ask())));
        }
        if at % 50 == 0 {
            all.push((Request::token(token), town::ask("nowhere")));
        }
    }
    all
}

#[test]
fn a_batch_is_its_requests_one_by_one() {
    let town = Town::new();
    let (batched, single) = (town.gate(CACHE_BYTES), town.gate(CACHE_BYTES));
    let (regulars, tokens) = (town.regulars(), brought(&town, 0));
    let all = requests(&tokens, &regulars);
    assert!(all.len() > 450);
    // New, then known, then some of both.
    let more = brought(&town, 150);
    for (round, all) in [&all, &all, &requests(&more, &regulars)].into_iter().enumerate() {
        let verdicts = batched.check_batch(all, NOW);
        assert_eq!(verdicts.len(), all.len());
        for (at, ((request, ask), verdict)) in all.iter().zip(&verdicts).enumerate() {
            let alone = outcome(&single.check(request, ask, NOW));
            assert_eq!(outcome(verdict), alone, "round {round}, request {at}: {request:?} {ask:?}");
        }
    }
    for regular in &regulars {
        regular.assert_is(&batched.check(&regular.request(), &regular.ask(), NOW));
    }
}

#[test]
fn a_batch_of_any_length_is_in_order() {
    let town = Town::new();
    for length in [0, 1, 2, 7, 8, 15, 16, 17, 31, 64, 100] {
        let gate = town.gate(CACHE_BYTES);
        let tokens = town.tokens(0..length);
        let all: Vec<_> = tokens.iter().map(|token| (Request::token(token), town::ASK)).collect();
        let expected: Vec<_> = (0..length).map(|n| town.user(n)).collect();
        for how in ["new", "known"] {
            let verdicts = gate.check_batch(&all, NOW);
            let found: Vec<_> = verdicts.iter().map(town::is).collect();
            assert_eq!(found, expected, "{length} that are {how}");
        }
    }
}

/// Signature checks of a batch in which each of `distinct` new tokens comes so often, mixed.
fn checks_of_duplicates(gate: &Gate, town: &Town, from: u64, distinct: u64, times: usize) -> u64 {
    let tokens = town.tokens(from..from + distinct);
    let all: Vec<_> = tokens.iter().cycle().take(tokens.len() * times).collect();
    let all: Vec<_> = all.into_iter().map(|token| (Request::token(token), town::ASK)).collect();
    let before = gate.counters().signature_checks;
    let verdicts = gate.check_batch(&all, NOW);
    for (verdict, n) in verdicts.iter().zip((from..from + distinct).cycle()) {
        assert_eq!(town::is(verdict), town.user(n));
    }
    gate.counters().signature_checks - before
}

#[test]
fn duplicates_within_a_batch_cost_one_signature() {
    let town = Town::new();
    let gate = town.gate(CACHE_BYTES);
    // One token for all, which threads meet on; and many.
    for (round, (distinct, times)) in (1..).zip([(1, 200), (40, 8)]) {
        let one_try =
            |at| checks_of_duplicates(&gate, &town, round * 100_000 + at * 1_000, distinct, times);
        let checks: Vec<_> = (0..TRIES).map(one_try).collect();
        let exact = checks.iter().filter(|checks| **checks == distinct).count();
        assert!(exact + 1 >= checks.len(), "{distinct} tokens, {times} times each: {checks:?}");
    }
}

/// Those in one gate have nothing to do with those in another, whatever the pool they share.
#[test]
fn gates_share_a_pool_and_no_memory() {
    let town = Town::new();
    let (one, other) = (town.gate(CACHE_BYTES), town.gate(CACHE_BYTES));
    let tokens = town.tokens(0..64);
    let all: Vec<_> = tokens.iter().map(|token| (Request::token(token), town::ASK)).collect();
    std::thread::scope(|scope| {
        for gate in [&one, &other] {
            scope.spawn(|| gate.check_batch(&all, NOW));
        }
    });
    for gate in [&one, &other] {
        let counters = gate.counters();
        assert_eq!((counters.misses, counters.signature_checks, counters.entries), (64, 64, 64));
    }
}
