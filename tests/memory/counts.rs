//! What a gate says that happened.

use tollgate::jws::{KeyRules, KeySet, public_jwk};
use tollgate::{Algorithm, Ask, KeyId, Limits, Now, Reason, Request, Verdict};

use super::said::{Said, reason};
use super::tokens::{signed, user};
use super::world::{A, KEYS, NOW, OPEN, World};

fn id_of(key: usize) -> KeyId {
    let limits = Limits::default();
    let algorithms = &[Algorithm::Hs256];
    let rules = KeyRules { algorithms, secrets: true, cloud_instance: None, limits: &limits };
    let set = serde_json::json!({ "keys": [public_jwk(&KEYS[key], "one")] }).to_string();
    KeySet::from_json(set.as_bytes(), &rules).unwrap().0.keys().next().unwrap().id()
}

#[test]
fn everything_is_counted_once() {
    let mut world = World::new();
    let gate = world.gate(1 << 20);
    let token = signed(A[0], &user(0, 1));
    let at = |s: i64, ask: &Ask<'_>| {
        let now = Now { unix_s: NOW.unix_s + s, ..NOW };
        reason(&gate, &token, ask, now)
    };
    let counts = || {
        let it = gate.counters();
        (it.hits, it.misses, it.rejudged, it.signature_checks)
    };
    assert_eq!(counts(), (0, 0, 0, 0));
    assert_eq!(at(0, &OPEN), None);
    assert_eq!(counts(), (0, 1, 0, 1));
    assert_eq!(at(1, &OPEN), None);
    assert_eq!(counts(), (1, 1, 0, 1));
    let keys = Ask { endpoint: "keys", ..OPEN };
    assert_eq!([at(2, &keys), at(3, &keys)], [Some(Reason::MethodNotEnabled); 2]);
    assert_eq!(counts(), (3, 1, 0, 1), "a refusal by suiting is a hit");
    world.tenant(0).unwrap().users = Some([tollgate::sample::user(1)].into_iter().collect());
    world.swap(&gate);
    assert_eq!([at(4, &OPEN), at(5, &OPEN)], [None, None]);
    assert_eq!(counts(), (5, 1, 1, 1), "judged again once");
    world.tenant(0).unwrap().users = Some(tollgate::policy::Guids::default());
    world.swap(&gate);
    assert_eq!(at(6, &OPEN), Some(Reason::UserNotDiscovered));
    assert_eq!(counts(), (5, 2, 1, 1), "a refusal by standing is a miss, and costs no signature");

    let counters = gate.counters();
    let refusals = [(Reason::MethodNotEnabled, 2), (Reason::UserNotDiscovered, 1)];
    assert_eq!(counters.refusals, refusals);
    let [key] = counters.keys.as_slice() else { panic!("one key was used: {counters:?}") };
    assert_eq!((key.key, key.hits, key.signature_checks), (id_of(A[0]), Some(3), 1));
    assert_eq!(key.last_used_s, Some(NOW.unix_s + 5), "the last admission");
    assert_eq!((counters.entries, counters.insertions, counters.evicted), (1, 1, 0));
}

#[test]
fn memory_alone_answers_or_nothing_happens() {
    let mut world = World::new();
    let gate = world.gate(1 << 20);
    let token = signed(A[0], &user(0, 1));
    let request = Request::token(token.as_bytes());
    let recall = |ask: &Ask<'_>| {
        let mut verdict = Verdict::NONE;
        let is_known = gate.recall_into(&request, ask, NOW, &mut verdict);
        (is_known, Said::of(&verdict))
    };
    let nothing = (false, Said::of(&Verdict::NONE));
    let counts = || (gate.counters().hits, gate.counters().misses);
    assert_eq!(recall(&OPEN), nothing);
    assert_eq!(counts(), (0, 0), "it was not asked for the long way");
    let said = Said::by(&gate, &request, &OPEN, NOW);
    assert_eq!(recall(&OPEN), (true, said));
    assert_eq!(counts(), (1, 1));
    let keys = Ask { endpoint: "keys", ..OPEN };
    assert_eq!(recall(&keys), (true, Said::by(&gate, &request, &keys, NOW)), "refused by suiting");
    world.tenant(0).unwrap().users = Some(tollgate::policy::Guids::default());
    world.swap(&gate);
    assert_eq!(recall(&OPEN), nothing, "whether it still stands takes the long way");
}

#[test]
fn threads_are_added_up() {
    let gate = World::new().gate(1 << 20);
    let token = signed(A[0], &user(0, 1));
    assert_eq!(reason(&gate, &token, &OPEN, NOW), None);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                assert_eq!([0; 100].map(|_| reason(&gate, &token, &OPEN, NOW)), [None; 100]);
            });
        }
    });
    let counters = gate.counters();
    assert_eq!((counters.hits, counters.misses, counters.keys[0].hits), (400, 1, Some(400)));
}

#[test]
fn a_small_memory_stays_within_its_bound_and_good_ones_make_way_for_good_ones_only() {
    const BYTES: usize = 64 << 10;
    let gate = World::new().gate(BYTES);
    for number in 0..1_000 {
        assert_eq!(reason(&gate, &signed(A[0], &user(0, number)), &OPEN, NOW), None, "{number}");
        let bytes = gate.counters().bytes;
        assert!(bytes <= BYTES, "{bytes} after {number}");
    }
    let full = gate.counters();
    assert!(full.evicted > 0 && full.entries > 10, "{full:?}");
    let gone = full.evicted + full.expired + full.not_kept;
    assert_eq!(full.insertions + full.not_kept, full.entries as u64 + gone, "{full:?}");
    for number in 0..1_000 {
        let forged = signed(A[1], &user(0, number));
        assert_eq!(reason(&gate, &forged, &OPEN, NOW), Some(Reason::SignatureWrong), "{number}");
    }
    let after = gate.counters();
    let figures = |it: &tollgate::Counters| (it.entries, it.bytes, it.insertions, it.evicted);
    assert_eq!(figures(&after), figures(&full), "what is forged moves nothing");
}
