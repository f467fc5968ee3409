//! A remembered credential is asked for in one way and then in every other: nothing of the first ask is
//! left in the second answer.

use tollgate::{Ask, Gate, Method, Peer, Request, Scenario, WindowsVersion};

use super::chains::CHAINS;
use super::said::Said;
use super::tokens::{device, of_partner, of_site, signed, user};
use super::world::{A, LATE, NOW, PARTNER, STRICT, World, late};

/// How a credential is shown, and what is asked about it.
#[derive(Clone, Copy)]
struct Way<'a> {
    name: &'a str,
    token: Option<&'a str>,
    peer: Option<&'a Peer>,
    ask: Ask<'static>,
}

impl Way<'_> {
    fn of(&self, gate: &Gate) -> Said {
        let token = self.token.map(str::as_bytes);
        let request = Request::empty().with_token(token).with_peer(self.peer);
        Said::by(gate, &request, &self.ask, NOW)
    }
}

fn asks() -> Vec<Ask<'static>> {
    let version = |major| Some(WindowsVersion { major, minor: 0, build: 0 });
    let mut asks = Vec::new();
    for endpoint in ["internet", "tokens", "devices", "keys", STRICT, LATE, "nowhere"] {
        for scenario in Scenario::ALL {
            for windows in [None, version(10), version(6)] {
                asks.push(Ask { endpoint, scenario, windows, source: None });
            }
        }
    }
    asks
}

/// Each ask with nobody beside it, with the holder, with another, with the holder out of a header.
fn ways<'a>(name: &'a str, token: Option<&'a str>, holder: usize) -> Vec<Way<'a>> {
    let peers = &CHAINS.peers;
    let other = &peers[CHAINS.place("below", false)];
    let shown = match token {
        Some(_) => vec![None, Some(&peers[holder]), Some(other), Some(&peers[holder + 1])],
        None => vec![Some(&peers[holder]), Some(&peers[holder + 1])],
    };
    let asks = asks().into_iter();
    asks.flat_map(|ask| shown.iter().map(move |peer| Way { name, token, peer: *peer, ask }))
        .collect()
}

fn world() -> World {
    let mut world = World::new();
    world.endpoints.push(late());
    world
}

#[test]
fn every_ask_behind_every_other_is_answered_afresh() {
    let holder = CHAINS.place("pc1", false);
    let tokens = [
        ("a user's token", signed(A[0], &user(0, 1))),
        ("a device's token", signed(A[0], &device(0, 1))),
        ("a partner's token", signed(PARTNER[0], &of_partner("alice"))),
        ("a site's token", of_site(1, holder)),
    ];
    let shown = tokens.iter().map(|(name, token)| (*name, Some(token.as_str())));
    let world = world();
    for (name, token) in shown.chain([("a chain", None)]) {
        let ways = ways(name, token, holder);
        let fresh = world.gate(0);
        let expected: Vec<_> = ways.iter().map(|way| way.of(&fresh)).collect();
        let gate = world.gate(1 << 20);
        let mut admitted = 0;
        for (first, said) in ways.iter().zip(&expected) {
            assert_eq!(first.of(&gate), *said, "{} at first: {:?}", first.name, first.ask);
            admitted += usize::from(said.reason().is_none());
            for (second, said) in ways.iter().zip(&expected) {
                let got = second.of(&gate);
                let (before, after) = ((first.peer, first.ask), (second.peer, second.ask));
                assert_eq!(got, *said, "{name}: {before:?}, then {after:?}");
            }
        }
        assert!(admitted > 0 && admitted < ways.len(), "{name}: {admitted} of {}", ways.len());
        assert!(gate.counters().hits > ways.len() as u64, "{name} was remembered");
    }
}

/// What a proxy passes on proves no key, though the same bytes did on a connection of their own.
#[test]
fn a_chain_is_one_entry_whoever_brought_it() {
    let gate = world().gate(1 << 20);
    let holder = CHAINS.place("pc1", false);
    let way = |at: usize| {
        let ask = Ask { endpoint: "internet", ..super::world::OPEN };
        Way { name: "a chain", token: None, peer: Some(&CHAINS.peers[at]), ask }
    };
    let verdicts = [holder, holder + 1, holder].map(|at| way(at).of(&gate));
    assert_eq!(verdicts[0], verdicts[2]);
    assert_ne!(verdicts[0], verdicts[1], "one is bound, the other is not");
    let counters = gate.counters();
    assert_eq!((counters.entries, counters.signature_checks, counters.hits), (1, 1, 2));
    let method =
        gate.check(&Request::peer(&CHAINS.peers[holder]), &super::world::OPEN, NOW).method();
    assert_eq!(method, Some(Method::Pki));
}

/// Where clients may bring intermediates, one certificate with a million others beside it is one entry.
#[test]
fn junk_beside_a_chain_makes_no_entries() {
    let gate = world().gate(1 << 20);
    let entries = |name| {
        let peer = CHAINS.peer(name);
        let verdict = gate.check(&Request::peer(peer), &super::world::OPEN, NOW);
        assert!(verdict.is_admitted(), "{name}: {verdict:?}");
        gate.counters().entries
    };
    assert_eq!(entries("pc1"), 1);
    assert_eq!(entries("pc1 with junk"), 1);
    assert_eq!(entries("pc1 with its issuer"), 2, "all of it is on the path");
    assert_eq!(entries("below"), 3);
    assert_eq!(entries("below with junk"), 3);
    assert_eq!(entries("below twice"), 3);
    assert_eq!(entries("below the wrong way"), 3);
    assert_eq!(entries("below up to the anchor"), 4, "as servers are told to send it");
}

/// What all clients of a CA show alike does not make them look alike.
#[test]
fn clients_of_one_ca_that_bring_it_are_all_remembered() {
    let gate = world().gate(8 << 20);
    for round in 0..2 {
        for (number, peer) in CHAINS.crowd.iter().enumerate() {
            let verdict = gate.check(&Request::peer(peer), &super::world::OPEN, NOW);
            assert!(verdict.is_admitted(), "{round}, {number}: {verdict:?}");
        }
    }
    let counters = gate.counters();
    let many = CHAINS.crowd.len() as u64;
    assert_eq!((counters.insertions, counters.evicted, counters.not_kept), (many, 0, 0));
    assert_eq!((counters.hits, counters.signature_checks), (many, many), "{counters:?}");
}
