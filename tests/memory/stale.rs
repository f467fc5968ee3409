//! What changes holds on the very next call, on every thread that remembered otherwise.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};

use tollgate::policy::{Withdrawals, Withdrawn};
use tollgate::{Gate, Guid, Now, Reason, Request};

use super::chains::CHAINS;
use super::said::{Said, reason};
use super::tokens::{client_id, of_site, signed, user};
use super::world::{A, KeyEntry, NOW, OPEN, OTHER_AUDIENCE, SITES, SPARE_HS, World};

const THREADS: usize = 4;

/// On each thread: admitted twice, then the change by one of them, then this.
#[track_caller]
fn behind(change: impl Fn(&mut World) + Sync, expected: Option<Reason>) -> Gate {
    behind_at(change, NOW, expected)
}

#[track_caller]
fn behind_at(change: impl Fn(&mut World) + Sync, then: Now, expected: Option<Reason>) -> Gate {
    let token = signed(A[0], &user(0, 1));
    let world = World::new();
    let gate = world.gate(1 << 20);
    let barrier = Barrier::new(THREADS);
    let got: Vec<_> = std::thread::scope(|scope| {
        let ask = || {
            let warm = [0, 1].map(|_| reason(&gate, &token, &OPEN, NOW));
            if barrier.wait().is_leader() {
                let mut world = world.clone();
                change(&mut world);
                world.swap(&gate);
            }
            barrier.wait();
            (warm, reason(&gate, &token, &OPEN, then))
        };
        let threads = [0; THREADS].map(|_| scope.spawn(ask));
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(got, vec![([None, None], expected); THREADS]);
    assert!(gate.counters().hits >= THREADS as u64, "each thread remembered");
    gate
}

#[test]
fn a_removed_key_proves_nothing() {
    let remove = |world: &mut World| {
        let keys = &mut world.tenant(0).unwrap().keys.keys;
        *keys = keys.split_off(1);
    };
    behind(remove, Some(Reason::KeyUnknown));
}

#[test]
fn a_key_replaced_under_its_name_proves_nothing() {
    let replace = |world: &mut World| world.tenant(0).unwrap().keys.keys[0].key = SPARE_HS;
    behind(replace, Some(Reason::SignatureWrong));
}

#[test]
fn a_disabled_tenant_admits_nobody() {
    behind(|world| world.tenant(0).unwrap().enabled = false, Some(Reason::TenantDisabled));
}

#[test]
fn an_audience_that_went_admits_nobody() {
    let narrow = |world: &mut World| world.tenant(0).unwrap().audiences = vec![OTHER_AUDIENCE];
    behind(narrow, Some(Reason::UnprovenAudience));
}

#[test]
fn a_withdrawn_user_and_device_are_refused() {
    let (tenant, user) = (Guid([1; 16]), tollgate::sample::user(1));
    let user = Withdrawn::User { tenant, user };
    behind(|world| world.withdrawals.withdraw(user, None), Some(Reason::UserWithdrawn));
    let device = Withdrawn::Device { tenant, device: super::tokens::device_id(1) };
    behind(|world| world.withdrawals.withdraw(device, None), Some(Reason::DeviceWithdrawn));
}

#[test]
fn another_tenants_change_asks_for_nothing() {
    let gate = behind(|world| world.tenant(1).unwrap().enabled = false, None);
    let counters = gate.counters();
    assert_eq!(counters.rejudged, 0, "{counters:?}");
}

#[test]
fn what_ended_stays_ended() {
    let at = |s: i64| Now { unix_s: NOW.unix_s + 86_400 + s, ..NOW };
    behind_at(|_| (), at(300), None);
    behind_at(|_| (), at(301), Some(Reason::Expired));
}

#[test]
fn keys_cut_off_are_stale_whatever_the_wall_clock_says() {
    let until = |world: &mut World| world.tenant(0).unwrap().keys.until_ms = NOW.mono_ms + 10;
    let later = |mono_ms, s| Now { unix_s: NOW.unix_s + s, mono_ms: NOW.mono_ms + mono_ms };
    behind_at(until, later(9, 0), None);
    behind_at(until, later(10, 0), Some(Reason::KeysStale));
    behind_at(until, later(10, -3_600), Some(Reason::KeysStale));
}

#[test]
fn a_withdrawn_client_is_refused_and_comes_back_without_a_signature() {
    let peer = CHAINS.place("pc1", false);
    let token = of_site(1, peer);
    let request = Request::token(token.as_bytes()).with_peer(Some(&CHAINS.peers[peer]));
    let mut world = World::new();
    let gate = world.gate(1 << 20);
    let ask = || Said::by(&gate, &request, &OPEN, NOW).reason();
    assert_eq!([ask(), ask()], [None, None]);
    let whom = Withdrawn::Client { site: SITES[0], client: client_id(1) };
    world.withdrawals.withdraw(whom, None);
    world.swap(&gate);
    assert_eq!([ask(), ask()], [Some(Reason::ClientWithdrawn); 2]);
    world.withdrawals = World::new().withdrawals;
    world.swap(&gate);
    assert_eq!(ask(), None);
    assert_eq!(gate.counters().signature_checks, 1);
}

/// A remembered chain, and a remembered token that the same certificate proves: both roles of a peer.
#[test]
fn a_denied_certificate_is_refused_and_comes_back_without_a_signature() {
    let place = CHAINS.place("pc1", false);
    let token = of_site(1, place);
    let peer = Some(&CHAINS.peers[place]);
    let requests =
        [Request::empty().with_peer(peer), Request::token(token.as_bytes()).with_peer(peer)];
    let gate = World::new().gate(1 << 20);
    let asked = || requests.each_ref().map(|it| Said::by(&gate, it, &OPEN, NOW).reason());
    assert_eq!([asked(), asked()], [[None; 2]; 2]);
    let proven = gate.counters().signature_checks;
    for mark in CHAINS.marks[place / 2] {
        let mut withdrawals = Withdrawals::default();
        withdrawals.withdraw(Withdrawn::Certificate(mark), None);
        gate.withdraw(Arc::new(withdrawals));
        assert_eq!([asked(), asked()], [[Some(Reason::CertificateDenied); 2]; 2], "{mark}");
        gate.withdraw(Arc::default());
        assert_eq!(asked(), [None; 2], "{mark}");
    }
    let mut world = World::new();
    world.denied.deny(CHAINS.marks[place / 2][1]);
    world.swap(&gate);
    assert_eq!(asked(), [Some(Reason::CertificateDenied); 2]);
    World::new().swap(&gate);
    assert_eq!(asked(), [None; 2]);
    assert_eq!(gate.counters().signature_checks, proven, "no signature was checked again");
}

#[test]
fn withdrawals_alone_touch_only_whose_they_are() {
    let world = World::new();
    let gate = world.gate(1 << 20);
    let peer = CHAINS.place("pc1", false);
    let of_site = of_site(1, peer);
    let of_site = Request::token(of_site.as_bytes()).with_peer(Some(&CHAINS.peers[peer]));
    let tokens = [signed(A[0], &user(0, 1)), signed(A[0], &user(0, 2)), signed(A[0], &user(1, 1))];
    let asked = || {
        let tokens = tokens.each_ref().map(|token| reason(&gate, token, &OPEN, NOW));
        (tokens, Said::by(&gate, &of_site, &OPEN, NOW).reason())
    };
    let first = asked();
    assert_eq!((first.0[..2].to_vec(), first.1), (vec![None, None], None));
    let proven = gate.counters().signature_checks;
    let client = Withdrawn::Client { site: SITES[0], client: client_id(1) };
    let someone = Withdrawn::User { tenant: Guid([1; 16]), user: tollgate::sample::user(1) };
    let mut withdrawals = Withdrawals::default();
    withdrawals.withdraw(someone, None);
    gate.withdraw(Arc::new(withdrawals.clone()));
    let expected = ([Some(Reason::UserWithdrawn), None, first.0[2]], None);
    assert_eq!(asked(), expected);
    assert_eq!(asked(), expected);
    let of_tenant = gate.counters().rejudged;
    withdrawals.withdraw(client, None);
    gate.withdraw(Arc::new(withdrawals.clone()));
    assert_eq!(asked(), (expected.0, Some(Reason::ClientWithdrawn)));
    withdrawals.restore(someone);
    withdrawals.restore(client);
    gate.withdraw(Arc::new(withdrawals));
    assert_eq!(asked(), first);
    let counters = gate.counters();
    assert_eq!(counters.signature_checks - proven, 0, "{counters:?}");
    assert!(of_tenant > 0 && counters.rejudged > of_tenant, "{counters:?}");
}

#[test]
fn a_key_put_back_admits_again_without_a_signature() {
    let token = signed(A[0], &user(0, 1));
    let mut world = World::new();
    let gate = world.gate(1 << 20);
    assert_eq!(reason(&gate, &token, &OPEN, NOW), None);
    let keys = world.tenant(0).unwrap().keys.keys.clone();
    world.tenant(0).unwrap().keys.keys.remove(0);
    world.swap(&gate);
    assert_eq!(reason(&gate, &token, &OPEN, NOW), Some(Reason::KeyUnknown));
    world.tenant(0).unwrap().keys.keys = keys;
    world.swap(&gate);
    assert_eq!(reason(&gate, &token, &OPEN, NOW), None);
    assert_eq!(gate.counters().signature_checks, 1, "the one that there was");
    assert_eq!(reason(&gate, &token, &OPEN, NOW), None);
    assert_eq!(gate.counters().hits, 1, "the last one is a hit again");
}

/// Threads prove new tokens under either key while the sets change: what is stored behind a swap is
/// never served from before it.
#[test]
fn nothing_from_before_a_swap_is_served_behind_it() {
    const ROUNDS: usize = 60;
    let keys = [A[0], A[1]];
    let worlds = keys.map(|key| {
        let mut world = World::new();
        world.tenant(0).unwrap().keys.keys = vec![KeyEntry::named(key, "one")];
        world
    });
    let tokens: Vec<[String; 2]> =
        (0..ROUNDS as u64).map(|n| keys.map(|key| signed(key, &user(0, n)))).collect();
    let gate = worlds[0].gate(1 << 20);
    let (done, round) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !done.load(SeqCst) {
                    for token in &tokens[round.load(SeqCst)] {
                        let got = reason(&gate, token, &OPEN, NOW);
                        assert!(matches!(got, None | Some(Reason::SignatureWrong)), "{got:?}");
                    }
                }
            });
        }
        for at in 0..ROUNDS {
            round.store(at, SeqCst);
            std::thread::yield_now();
            let trusted = (at + 1) % 2;
            worlds[trusted].swap(&gate);
            for tokens in &tokens[..=at] {
                let got = [0, 1].map(|key| reason(&gate, &tokens[key], &OPEN, NOW));
                let expected = [0, 1].map(|key| match key == trusted {
                    true => None,
                    false => Some(Reason::SignatureWrong),
                });
                assert_eq!(got, expected, "round {at}");
            }
        }
        done.store(true, SeqCst);
    });
    assert!(gate.counters().hits > 0);
}
