//! Standing that is judged again: a withdrawal moved a list of the tenant's, and each remembered token is
//! asked once more, without a signature. Beside it the same tokens while nothing moved.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tollgate::policy::{IssuerRules, Withdrawals, Withdrawn};
use tollgate::sample::{self, Tenant};
use tollgate::{Algorithm, Ask, Gate, Guid, Limits, Now, Policy, Request, Scenario, Trust};

const NOW: Now = Now { unix_s: 1_790_000_000, mono_ms: 0 };

const TOKENS: u64 = 1024;

/// As many as the bench policy has; the other list has one more.
const WITHDRAWN: u64 = 100_000;

fn snapshot(tenant: &Tenant, withdrawals: &Arc<Withdrawals>) -> (Trust, Policy) {
    let trust = Trust::new(vec![tenant.issuer()]).expect("one tenant");
    let rules = vec![IssuerRules::default()];
    let policy = Policy::new(300, Limits::default(), vec![sample::endpoint()], rules);
    (trust, policy.expect("one endpoint").with_withdrawals(Arc::clone(withdrawals)))
}

fn rejudge(criterion: &mut Criterion) {
    let ask =
        Ask { endpoint: sample::ENDPOINT, scenario: Scenario::User, windows: None, source: None };
    let tenant = Tenant::new(Guid([7; 16]), Algorithm::Hs256);
    let tokens: Vec<String> =
        (0..TOKENS).map(|n| tenant.sign(&tenant.user_claims(n, NOW.unix_s))).collect();
    let mut withdrawals = Withdrawals::default();
    for n in 0..WITHDRAWN {
        let user = sample::user(TOKENS + n);
        withdrawals.withdraw(Withdrawn::User { tenant: tenant.id, user }, None);
    }
    let mut more = withdrawals.clone();
    let device = Guid([0xdd; 16]);
    more.withdraw(Withdrawn::Device { tenant: tenant.id, device }, None);
    let lists = [Arc::new(withdrawals), Arc::new(more)];
    let (trust, policy) = snapshot(&tenant, &lists[0]);
    let gate = Gate::new(trust, policy).expect("rules for each issuer");
    let walk = || {
        for token in &tokens {
            let request = Request::token(token.as_bytes());
            assert!(black_box(gate.check(&request, &ask, NOW)).is_admitted());
        }
    };
    walk();

    let mut group = criterion.benchmark_group(format!("rejudge/{TOKENS} tokens"));
    group.throughput(Throughput::Elements(TOKENS));
    group.sample_size(20);
    group.bench_function("nothing moved", |bench| bench.iter(walk));
    let mut swaps = 0;
    group.bench_function("a list moved", |bench| {
        bench.iter_custom(|count| {
            let mut took = Duration::ZERO;
            for _ in 0..count {
                swaps += 1;
                let (trust, policy) = snapshot(&tenant, &lists[swaps % 2]);
                gate.replace(trust, policy).expect("rules for each issuer");
                let start = Instant::now();
                walk();
                took += start.elapsed();
            }
            took
        });
    });
    group.finish();
    let counters = gate.counters();
    assert_eq!(counters.signature_checks, TOKENS, "none but the first");
    assert_eq!(counters.rejudged, swaps as u64 * TOKENS);
}

criterion_group!(benches, rejudge);
criterion_main!(benches);
