//! Of several threads with the same unseen credential one computes, and what was wrong is not computed
//! again.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use tollgate::{Ask, Gate, Now, Reason, Request};

use super::chains::CHAINS;
use super::said::{Said, reason};
use super::tokens::{signed, signed_under, user};
use super::world::{A, C, NOW, OPEN, World};
use serde_json::json;

const THREADS: usize = 8;

/// All of them at once.
fn together(gate: &Gate, request: &Request<'_>, ask: &Ask<'_>) -> Vec<Option<Reason>> {
    let ready = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let ask = || {
            ready.fetch_add(1, SeqCst);
            while ready.load(SeqCst) < THREADS {
                std::thread::yield_now();
            }
            Said::by(gate, request, ask, NOW).reason()
        };
        let threads = [0; THREADS].map(|_| scope.spawn(ask));
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// How often of so many times all shared one check. A thread waits for 50 ms only, and a busy machine may
/// stop the one in front for longer.
#[track_caller]
fn mostly_one_check(request: impl Fn(u64) -> Gate) {
    const TIMES: u64 = 20;
    let shared = (0..TIMES).filter(|time| {
        let counters = request(*time).counters();
        assert_eq!(counters.entries, 1, "{counters:?}");
        counters.signature_checks == 1
    });
    let shared = shared.count();
    assert!(shared >= 15, "{shared} of {TIMES} times one check served all");
}

#[test]
fn one_new_token_costs_one_signature() {
    mostly_one_check(|number| {
        let gate = World::new().gate(1 << 20);
        let token = signed(C[0], &user(2, number));
        let got = together(&gate, &Request::token(token.as_bytes()), &OPEN);
        assert_eq!(got, [None; THREADS]);
        gate
    });
}

#[test]
fn one_new_chain_costs_one_path() {
    mostly_one_check(|_| {
        let gate = World::new().gate(1 << 20);
        let got = together(&gate, &Request::peer(CHAINS.peer("pc1")), &OPEN);
        assert_eq!(got, [None; THREADS]);
        gate
    });
}

/// Whoever waits takes the proof over, not the verdict. Whoever comes when all is over computes anew:
/// what was refused is not remembered.
#[test]
fn a_refused_token_shares_its_proof_with_those_who_wait() {
    let ask = Ask { endpoint: "keys", ..OPEN };
    let gate = World::new().gate(1 << 20);
    let token = signed(C[0], &user(2, 1));
    // On a busy machine threads may well come one behind the other.
    let met = (0..2_000).find(|_| {
        let before = gate.counters();
        let got = together(&gate, &Request::token(token.as_bytes()), &ask);
        assert_eq!(got, [Some(Reason::MethodNotEnabled); THREADS]);
        let after = gate.counters();
        let checks = after.signature_checks - before.signature_checks;
        let waited = after.waited - before.waited;
        assert!(checks >= 1 && checks + waited >= THREADS as u64, "{before:?} {after:?}");
        checks < THREADS as u64
    });
    assert!(met.is_some(), "somebody took over what another found: {:?}", gate.counters());
    let counters = gate.counters();
    assert_eq!((counters.entries, counters.insertions), (0, 0), "refusals are never remembered");
}

#[test]
fn threads_with_different_tokens_wait_for_nobody() {
    let gate = World::new().gate(1 << 20);
    let tokens: Vec<_> = (0..32).map(|number| signed(C[0], &user(2, number))).collect();
    std::thread::scope(|scope| {
        for tokens in tokens.chunks(8) {
            scope.spawn(|| {
                tokens.iter().for_each(|token| assert_eq!(reason(&gate, token, &OPEN, NOW), None));
            });
        }
    });
    let counters = gate.counters();
    assert_eq!((counters.signature_checks, counters.waited), (32, 0), "{counters:?}");
}

#[test]
fn a_wrong_signature_is_not_computed_again_for_a_minute() {
    let token = signed_under(A[1], json!({ "kid": "one" }), &user(0, 1));
    let mut world = World::new();
    let gate = world.gate(1 << 20);
    let at = |mono_ms| {
        let now = Now { mono_ms: NOW.mono_ms + mono_ms, ..NOW };
        let got = reason(&gate, &token, &OPEN, now);
        let counters = gate.counters();
        (got, counters.signature_checks, counters.wrong_again)
    };
    let wrong = Some(Reason::SignatureWrong);
    assert_eq!(at(0), (wrong, 1, 0));
    assert_eq!(at(1), (wrong, 1, 1));
    assert_eq!(at(59_999), (wrong, 1, 2));
    assert_eq!(at(60_000), (wrong, 2, 2), "a minute later it is computed anew");
    assert_eq!(at(60_001), (wrong, 2, 3));
    world.tenant(0).unwrap().keys.keys[0].key = A[1];
    world.tenant(0).unwrap().keys.keys.truncate(1);
    world.swap(&gate);
    assert_eq!(at(60_002), (None, 3, 3), "it was wrong under the other key");
    world.tenant(0).unwrap().keys.keys[0].key = A[0];
    world.swap(&gate);
    assert_eq!(at(60_003), (wrong, 3, 4), "and still is");
}

#[test]
fn other_bytes_with_the_same_end_are_other_bytes() {
    let token = signed(A[0], &user(0, 1));
    let gate = World::new().gate(1 << 20);
    assert_eq!(reason(&gate, &token, &OPEN, NOW), None);
    let other = signed(A[0], &user(0, 2));
    let (signed_part, _) = other.rsplit_once('.').unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("{signed_part}.{signature}");
    assert_eq!(forged.len(), token.len(), "so that they are looked for in one place");
    let wrong = Some(Reason::SignatureWrong);
    assert_eq!([0; 3].map(|_| reason(&gate, &forged, &OPEN, NOW)), [wrong; 3]);
    assert_eq!(reason(&gate, &token, &OPEN, NOW), None);
    assert_eq!(gate.counters().entries, 1);
}
