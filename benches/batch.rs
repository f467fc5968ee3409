//! Many requests at once beside one by one: misses, which all cores share, and hits.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tollgate::policy::IssuerRules;
use tollgate::sample::{self, Tenant};
use tollgate::{
    Algorithm, Ask, Gate, Guid, Limits, Now, Policy, Request, Scenario, Trust, Verdict,
};

const NOW: Now = Now { unix_s: 1_790_000_000, mono_ms: 0 };

fn gate(tenant: &Tenant, cache_bytes: usize) -> Gate {
    let trust = Trust::new(vec![tenant.issuer()]).expect("one tenant");
    let rules = vec![IssuerRules::default()];
    let policy = Policy::new(300, Limits::default(), vec![sample::endpoint()], rules);
    Gate::with_cache(trust, policy.expect("one endpoint"), cache_bytes).expect("memory")
}

fn batch(criterion: &mut Criterion) {
    let ask =
        Ask { endpoint: sample::ENDPOINT, scenario: Scenario::User, windows: None, source: None };
    // Without a memory, every check is a miss. The hits are of more tokens than the caches hold.
    for (name, algorithm, count, cache_bytes) in [
        ("misses, RS256", Algorithm::Rs256, 1000, 0),
        ("hits", Algorithm::Hs256, 50_000, 256 << 20),
    ] {
        let tenant = Tenant::new(Guid([7; 16]), algorithm);
        let tokens: Vec<String> =
            (0..count).map(|n| tenant.sign(&tenant.user_claims(n, NOW.unix_s))).collect();
        let gate = gate(&tenant, cache_bytes);
        let requests = tokens.iter().map(|token| (Request::token(token.as_bytes()), ask));
        let requests: Vec<_> = requests.collect();
        let admitted = gate.check_batch(&requests, NOW);
        assert!(admitted.iter().all(Verdict::is_admitted));
        let mut group = criterion.benchmark_group(format!("batch/{name}"));
        group.throughput(Throughput::Elements(count));
        group.sample_size(20);
        group.bench_function("one by one", |bench| {
            bench.iter(|| {
                let verdicts = requests.iter().map(|(request, ask)| gate.check(request, ask, NOW));
                verdicts.filter(Verdict::is_admitted).count()
            });
        });
        group.bench_function("at once", |bench| {
            bench.iter(|| {
                gate.check_batch(&requests, NOW).iter().filter(|one| one.is_admitted()).count()
            });
        });
        group.finish();
    }
}

criterion_group!(benches, batch);
criterion_main!(benches);
