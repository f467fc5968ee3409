//! Tokens that pass once, and are never remembered.

use serde_json::json;
use tollgate::{Gate, Reason, Request};

use super::said::{Said, reason};
use super::tokens::{of_partner, signed, user};
use super::world::{A, NOW, OPEN, PARTNER, PLANT, World};

fn world() -> World {
    let mut world = World::new();
    for name in ["partner", "plant"] {
        world.issuer(name).unwrap().is_once = true;
    }
    world.tenant(0).unwrap().is_once = true;
    world
}

const REPLAYED: Option<Reason> = Some(Reason::Replayed);

fn ask(gate: &Gate, token: &str) -> Option<Reason> {
    reason(gate, token, &OPEN, NOW)
}

#[test]
fn a_second_use_is_refused_and_nothing_is_remembered() {
    let gate = world().gate(1 << 20);
    for token in [signed(PARTNER[0], &of_partner("alice")), signed(A[0], &user(0, 1))] {
        let request = Request::token(token.as_bytes());
        let explain = || Said::of(&gate.explain(&request, &OPEN, NOW).verdict).reason();
        assert_eq!([explain(), explain()], [None, None], "an explanation uses nothing up");
        assert_eq!(ask(&gate, &token), None);
        assert_eq!([ask(&gate, &token), ask(&gate, &token), explain()], [REPLAYED; 3]);
    }
    let counters = gate.counters();
    assert_eq!((counters.entries, counters.insertions, counters.hits), (0, 0, 0), "{counters:?}");
}

#[test]
fn of_many_at_once_one_passes() {
    let gate = world().gate(1 << 20);
    let token = signed(PARTNER[0], &of_partner("alice"));
    let passed = std::thread::scope(|scope| {
        let threads = [0; 8].map(|_| scope.spawn(|| ask(&gate, &token)));
        let got = threads.map(|thread| thread.join().unwrap());
        assert!(got.iter().all(|reason| matches!(*reason, None | REPLAYED)), "{got:?}");
        got.iter().filter(|reason| reason.is_none()).count()
    });
    assert_eq!(passed, 1);
}

#[test]
fn a_token_without_an_id_is_refused() {
    let gate = world().gate(1 << 20);
    let mut claims = of_partner("alice");
    claims.as_object_mut().unwrap().remove("jti");
    assert_eq!(ask(&gate, &signed(PARTNER[0], &claims)), Some(Reason::ClaimMissing));
    claims["jti"] = json!("");
    assert_eq!(ask(&gate, &signed(PARTNER[0], &claims)), Some(Reason::ClaimMissing));
    let mut claims = user(0, 1);
    claims.as_object_mut().unwrap().remove("uti");
    assert_eq!(ask(&gate, &signed(A[0], &claims)), Some(Reason::ClaimMissing));
}

#[test]
fn another_issuers_id_is_another() {
    let gate = world().gate(1 << 20);
    let mut claims = of_partner("alice");
    assert_eq!(ask(&gate, &signed(PARTNER[0], &claims)), None);
    claims["iss"] = json!("https://plant.example.org");
    let plants = signed(PLANT[0], &claims);
    assert_eq!([ask(&gate, &plants), ask(&gate, &plants)], [None, REPLAYED]);
    claims["iss"] = json!("https://id.example.org");
    claims["name"] = json!("another token with the same id");
    assert_eq!(ask(&gate, &signed(PARTNER[0], &claims)), REPLAYED);
}

/// What was refused for anything else was not used.
#[test]
fn a_refusal_uses_nothing_up() {
    let gate = world().gate(1 << 20);
    let token = signed(PARTNER[0], &of_partner("alice"));
    let keys = tollgate::Ask { endpoint: "keys", ..OPEN };
    assert_eq!(reason(&gate, &token, &keys, NOW), Some(Reason::MethodNotEnabled));
    assert_eq!([ask(&gate, &token), ask(&gate, &token)], [None, REPLAYED]);
}

#[test]
fn turned_on_later_a_remembered_token_passes_once_more() {
    let gate = World::new().gate(1 << 20);
    let token = signed(PARTNER[0], &of_partner("alice"));
    assert_eq!([ask(&gate, &token), ask(&gate, &token)], [None, None]);
    assert_eq!(gate.counters().hits, 1);
    world().swap(&gate);
    assert_eq!([ask(&gate, &token), ask(&gate, &token)], [None, REPLAYED]);
    World::new().swap(&gate);
    assert_eq!(ask(&gate, &token), None);
    world().swap(&gate);
    assert_eq!(ask(&gate, &token), REPLAYED, "it was used, whatever was between");
}
