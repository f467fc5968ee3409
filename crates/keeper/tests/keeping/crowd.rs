//! Threads that check while the trust is swapped under them.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;

use tollgate::policy::Withdrawn;
use tollgate::sample::user;
use tollgate::{Method, Now, Reason};
use tollgate_keeper::{Clock, Keeper, Options, Origin, Refreshed, Update};

use super::world::{A, Over, START, World, reason, tenant, token};

const THREADS: usize = 4;
const UPDATES: usize = 1_000;

/// Two worlds take turns: one key and enabled, another key and disabled. Whoever saw half of each would admit
/// the second key's token, or find the first one's disabled.
#[test]
fn a_thousand_updates_and_never_a_half_one() {
    let (one, other) = (tenant(A), tenant(A));
    let world = World::of(&one);
    let keeper = world.open();
    let tokens = [token(&one, 1), token(&other, 1)];
    let allowed = [
        [None, Some(Reason::SignatureWrong)],
        [Some(Reason::SignatureWrong), Some(Reason::TenantDisabled)],
    ];
    let (is_over, checks) = (AtomicBool::new(false), AtomicUsize::new(0));
    let barrier = Barrier::new(THREADS + 1);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                barrier.wait();
                while !is_over.load(SeqCst) {
                    for (token, allowed) in tokens.iter().zip(&allowed) {
                        let got = reason(&keeper, token);
                        assert!(allowed.contains(&got), "{got:?} is none of {allowed:?}");
                        checks.fetch_add(1, SeqCst);
                    }
                }
            });
        }
        barrier.wait();
        let _over = Over(&is_over);
        for at in 1..=UPDATES {
            let is_second = at % 2 == 1;
            let keys = if is_second { other.jwks() } else { one.jwks() };
            let mut update = Update::default();
            update.keys(Method::Entra, &A.to_string(), keys.to_string().into());
            update.enable(Method::Entra, &A.to_string(), !is_second);
            keeper.apply(update).unwrap();
            // It holds from the next check on.
            let got = tokens.each_ref().map(|token| reason(&keeper, token));
            let expected = [allowed[0][usize::from(is_second)], allowed[1][usize::from(is_second)]];
            assert_eq!(got, expected, "update {at}");
        }
    });
    assert_eq!(keeper.refreshes().updates, UPDATES as u64);
    assert!(checks.load(SeqCst) > UPDATES, "{checks:?}");
}

/// The same of withdrawals alone, which swap another way, while files change too.
#[test]
fn a_thousand_withdrawals_beside_changing_files() {
    let a = tenant(A);
    let world = World::of(&a);
    let keeper = world.open();
    let (first, second) = (token(&a, 1), token(&a, 2));
    let whom = Withdrawn::User { tenant: A, user: user(1) };
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while !is_over.load(SeqCst) {
                    let got = reason(&keeper, &first);
                    assert!([None, Some(Reason::UserWithdrawn)].contains(&got), "{got:?}");
                    assert_eq!(reason(&keeper, &second), None);
                }
            });
        }
        scope.spawn(|| {
            let mut at = 0;
            while !is_over.load(SeqCst) {
                at += 1;
                world.date("a.json", at % 1_000 + 10);
                world.clock.pass(1);
                let got = keeper.refresh();
                let is_fine = matches!(got, Refreshed::Replaced(_) | Refreshed::Busy);
                assert!(is_fine || got == Refreshed::Unchanged, "{got:?}");
            }
        });
        let _over = Over(&is_over);
        for at in 1..=UPDATES {
            let mut update = Update::default();
            match at % 2 {
                1 => update.withdraw(whom, None),
                _ => update.restore(whom),
            }
            keeper.apply(update).unwrap();
            let expected = (at % 2 == 1).then_some(Reason::UserWithdrawn);
            assert_eq!(reason(&keeper, &first), expected, "update {at}");
        }
    });
    let refreshes = keeper.refreshes();
    assert_eq!((refreshes.updates, refreshes.failed), (UPDATES as u64, 0));
    assert!(refreshes.done > 0);
}

thread_local! {
    /// Whether this thread's next look at the clock takes until the barrier.
    static LINGERS: Cell<bool> = const { Cell::new(false) };
}

/// A clock that lets a thread stand still in the middle of an update, and is set by hand.
struct Lingering(Barrier, AtomicU64);

impl Clock for Lingering {
    fn now(&self) -> Now {
        if LINGERS.replace(false) {
            self.0.wait();
            self.0.wait();
        }
        Now { mono_ms: START.mono_ms + self.1.load(SeqCst), ..START }
    }
}

#[test]
fn a_refresh_does_not_wait_for_an_update_and_checks_wait_for_neither() {
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let clock = Arc::new(Lingering(Barrier::new(2), AtomicU64::new(0)));
    let options = Options { clock: clock.clone(), ..Options::default() };
    let origin = Origin::File(world.path("tollgate.toml"));
    let (keeper, _) = Keeper::open(origin, options).map_err(|e| e.to_string()).unwrap();
    thread::scope(|scope| {
        let updating = scope.spawn(|| {
            let mut update = Update::default();
            update.enable(Method::Entra, &A.to_string(), false);
            LINGERS.set(true);
            keeper.apply(update)
        });
        // The other thread holds the lock now. What fails is told once it has been let go.
        clock.0.wait();
        world.write("a.json", &new.jwks().to_string());
        clock.1.store(5_000, SeqCst);
        let was_due = keeper.refresh_due().is_zero();
        let refreshed = keeper.refresh();
        let is_due = keeper.refresh_due().is_zero();
        let judged = reason(&keeper, &token(&old, 1));
        let metrics = keeper.metrics();
        clock.0.wait();
        assert_eq!(updating.join().unwrap(), Ok(Vec::new()));
        assert_eq!((was_due, refreshed), (true, Refreshed::Busy));
        assert!(!is_due, "or a loop would spin");
        assert_eq!(judged, None);
        assert!(metrics.contains("tollgate_updates_total 0\n"));
    });
    assert_eq!(reason(&keeper, &token(&new, 1)), Some(Reason::TenantDisabled));
    assert_eq!(keeper.refresh(), Refreshed::Unchanged, "the update has read the new file");
}
