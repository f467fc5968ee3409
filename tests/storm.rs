//! Newcomers pour in and trust is swapped all the time: every verdict is right meanwhile.

#[path = "quiet/town.rs"]
mod town;

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use tollgate::policy::{IssuerRules, Join};
use tollgate::sample::Tenant;
use tollgate::{Algorithm, Gate, Guid, Limits, Policy, Trust};

use town::{NOW, Town, bring};

const LASTS: Duration = Duration::from_millis(1_500);

const SWAP_EVERY: Duration = Duration::from_millis(100);

/// Newcomers a second, where the machine can.
const RATE: u64 = 20_000;

/// Some 170 entries.
const CACHE_BYTES: usize = 256 << 10;

/// Who comes all the time.
const HOT: u64 = 64;

/// Many times what the cache holds, so that who comes again is new again.
const NEWCOMERS: u64 = 4_000;

/// Two snapshots: the second asks more of the one tenant, and has the other disabled.
struct Weather<'t> {
    town: &'t Town,
    other: &'t Tenant,
}

impl Weather<'_> {
    fn snapshot(&self, is_strict: bool) -> (Trust, Policy) {
        let join = if is_strict { Join::Claim } else { Join::Off };
        let one = IssuerRules { join, ..IssuerRules::default() };
        let other = IssuerRules { enabled: !is_strict, ..IssuerRules::default() };
        let trust = self.town.trust_beside([self.other.issuer()], true);
        (trust, town::policy(Limits::default(), vec![one, other]))
    }

    fn gate(&self) -> Gate {
        let (trust, policy) = self.snapshot(false);
        Gate::with_cache(trust, policy, CACHE_BYTES).expect("a gate")
    }
}

/// Ends the storm when it is dropped, also by a panic: nobody is left waiting.
struct End<'e>(&'e AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

#[test]
fn verdicts_are_right_in_a_storm() {
    let (town, other) = (Town::new(), Tenant::new(Guid([8; 16]), Algorithm::Es256));
    let weather = Weather { town: &town, other: &other };
    let gate = weather.gate();
    let newcomers = town.tokens(1_000..1_000 + NEWCOMERS);
    let others = other.sign(&other.user_claims(1, NOW.unix_s)).into_bytes();
    let (is_over, came) = (AtomicBool::new(false), AtomicU64::new(0));
    let start = Instant::now();
    let (rounds, swaps) = thread::scope(|scope| {
        let pouring = scope.spawn(|| pour(&gate, &town, &newcomers, &came, &is_over));
        let hitting = scope.spawn(|| hit(&gate, &town, &others, &is_over));
        let end = End(&is_over);
        let mut swaps = 0_u32;
        while start.elapsed() < LASTS && !pouring.is_finished() && !hitting.is_finished() {
            // The same twice, then the other twice: half of the swaps change nothing.
            let is_strict = swaps % 4 >= 2;
            let (trust, policy) = weather.snapshot(is_strict);
            gate.replace(trust, policy).expect("rules for each issuer");
            let expected = match is_strict {
                true => "tenant_disabled".into(),
                false => format!("entra:{}:{}", other.id, tollgate::sample::user(1)),
            };
            assert_eq!(bring(&gate, &others), expected, "the very next check, swap {swaps}");
            swaps += 1;
            thread::sleep(SWAP_EVERY);
        }
        drop(end);
        (hitting.join().expect("right verdicts"), swaps)
    });
    let (counters, came) = (gate.counters(), came.into_inner());
    let per_s = came as f64 / start.elapsed().as_secs_f64();
    let line = format!(
        "storm: {came} newcomers ({per_s:.0}/s), {swaps} swaps, {rounds} rounds of hits, \
         {} rejudged, {} evicted\n",
        counters.rejudged, counters.evicted
    );
    std::io::stdout().write_all(line.as_bytes()).expect("stdout takes a line");
    assert!(counters.rejudged > 0 && counters.evicted > 0, "{line}");
    assert!(counters.bytes <= CACHE_BYTES, "{line}");
    assert!(swaps > 4 && rounds > 10, "{line}");
}

/// Newcomers at the rate, and each of them is whom he names.
fn pour(gate: &Gate, town: &Town, newcomers: &[Vec<u8>], came: &AtomicU64, is_over: &AtomicBool) {
    let start = Instant::now();
    let mut all = newcomers.iter().zip(1_000..).cycle();
    while !is_over.load(Relaxed) {
        let due = start.elapsed().as_micros() as u64 * RATE / 1_000_000;
        if came.load(Relaxed) >= due {
            thread::sleep(Duration::from_millis(1));
            continue;
        }
        let (token, n) = all.next().expect("a cycle");
        assert_eq!(bring(gate, token), town.user(n));
        came.fetch_add(1, Relaxed);
    }
}

/// Everybody who was here before, and somebody who must never be.
fn hit(gate: &Gate, town: &Town, others: &[u8], is_over: &AtomicBool) -> u64 {
    let regulars = town.regulars();
    let hot: Vec<_> = (0..HOT).map(|n| (town.token(n), town.user(n))).collect();
    let forged = town::forged(town.token(1), 1);
    let mut rounds = 0;
    while !is_over.load(Relaxed) {
        for (token, user) in &hot {
            assert_eq!(bring(gate, token), *user);
        }
        for regular in &regulars {
            regular.assert_is(&gate.check(&regular.request(), &regular.ask(), NOW));
        }
        assert_eq!(bring(gate, &forged), "signature_wrong");
        let other = bring(gate, others);
        assert!(other == "tenant_disabled" || other.starts_with("entra:08"), "{other}");
        rounds += 1;
    }
    rounds
}
