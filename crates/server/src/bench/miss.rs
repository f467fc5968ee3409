//! A miss, beside the raw signature check that it contains.

use std::hint::black_box;
use std::io::{self, Write};

use serde_json::{Value, json};
use tollgate::policy::{IssuerRules, Join};
use tollgate::raw::{Library, RawKey};
use tollgate::sample::{self, Tenant};
use tollgate::{Algorithm, Ask, Gate, Guid, Limits, Now, Policy, Request, Scenario, Trust};

use super::measure::medians;
use crate::misuse::Misuse;
use crate::output::progress;

const NOW: Now = Now { unix_s: 1_790_000_000, mono_ms: 0 };

/// As many tenants as the bench policy has.
const TENANTS: u8 = 100;

/// Discovered users of the tenant that is measured.
const USERS: u64 = 100_000;

pub(super) struct Miss {
    pub(super) algorithm: Algorithm,
    raw_ns: f64,
    check_ns: f64,
    /// Which library was the faster.
    library: &'static str,
}

impl Miss {
    pub(super) fn json(&self) -> Value {
        json!({ "raw_ns": self.raw_ns, "check_ns": self.check_ns, "raw_library": self.library })
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(
            out,
            "{:<8} {:>10.0} {:>10.0} {:>9.0} {:>10.0}  {}",
            self.algorithm.name(),
            self.raw_ns,
            self.check_ns,
            self.check_ns - self.raw_ns,
            self.raw_ns * 1.05 + 1500.0,
            self.library,
        )
    }
}

pub(super) fn measure(rounds: usize) -> Result<Vec<Miss>, Misuse> {
    let measured = Algorithm::ALL.iter().map(|algorithm| {
        progress(&format!("measuring {algorithm} "));
        measure_one(*algorithm, rounds)
    });
    let measured = measured.collect();
    progress("                 \r");
    measured
}

fn measure_one(algorithm: Algorithm, rounds: usize) -> Result<Miss, Misuse> {
    let tenant = Tenant::new(Guid([0xfe; 16]), algorithm);
    let token = tenant.sign(&tenant.user_claims(USERS / 2, NOW.unix_s));
    let message = token.rsplit_once('.').map_or("", |(message, _)| message).as_bytes();
    let no_random = |_| Misuse::new("the system gives no random numbers");
    let signature = tenant.key.sign(message).map_err(no_random)?;
    let ring = RawKey::new(Library::Ring, &tenant.key);
    let aws_lc = RawKey::new(Library::AwsLc, &tenant.key);
    let gate = bench_gate(&tenant)?;
    let ask =
        Ask { endpoint: sample::ENDPOINT, scenario: Scenario::User, windows: None, source: None };
    let request = Request::token(token.as_bytes());

    let raw =
        |key: &Option<RawKey>| key.as_ref().is_none_or(|key| key.verifies(message, &signature));
    if !gate.check(&request, &ask, NOW).is_admitted() || !raw(&ring) || !raw(&aws_lc) {
        return Err(Misuse::new(format!("the bench's own {algorithm} token is refused: a bug")));
    }
    let [check_ns, ring_ns, aws_lc_ns] = medians(
        rounds,
        [
            &mut || _ = black_box(gate.check(black_box(&request), &ask, NOW)),
            &mut || _ = black_box(raw(black_box(&ring))),
            &mut || _ = black_box(raw(black_box(&aws_lc))),
        ],
    );
    let ring_ns = ring.map_or(f64::INFINITY, |_| ring_ns);
    let aws_lc_ns = aws_lc.map_or(f64::INFINITY, |_| aws_lc_ns);
    let (raw_ns, library) =
        if ring_ns < aws_lc_ns { (ring_ns, "ring") } else { (aws_lc_ns, "aws-lc-rs") };
    Ok(Miss { algorithm, raw_ns, check_ns, library })
}

/// The bench policy: many tenants, discovered users on. The others' keys are not what is measured,
/// so they are of the kind that is made fast.
fn bench_gate(measured: &Tenant) -> Result<Gate, Misuse> {
    let others: Vec<_> =
        (1..TENANTS).map(|n| Tenant::new(Guid([n; 16]), Algorithm::EdDsa)).collect();
    let issuers = std::iter::once(measured).chain(&others).map(Tenant::issuer).collect();
    let users = (0..USERS).map(sample::user).collect();
    let first = IssuerRules { users: Some(users), join: Join::Claim, ..IssuerRules::default() };
    let rules = std::iter::once(first).chain(others.iter().map(|_| IssuerRules::default()));
    let trust = Trust::new(issuers).map_err(Misuse::new)?;
    let policy = Policy::new(300, Limits::default(), vec![sample::endpoint()], rules.collect());
    // Without a memory, every check is a miss.
    Gate::with_cache(trust, policy.map_err(Misuse::new)?, 0).map_err(Misuse::new)
}
