//! A hit: a token seen before, beside the comparison of its bytes. `tollgate bench` has more tokens, and
//! takes the cost of presenting off both.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tollgate::sample::{self, Tenant};
use tollgate::{Algorithm, Ask, Guid, Now, Request, Scenario};

const NOW: Now = Now { unix_s: 1_790_000_000, mono_ms: 0 };

fn hit(criterion: &mut Criterion) {
    let ask =
        Ask { endpoint: sample::ENDPOINT, scenario: Scenario::User, windows: None, source: None };
    let mut group = criterion.benchmark_group("hit");
    for count in [1_u64, 4096] {
        let tenant = Tenant::new(Guid([7; 16]), Algorithm::Hs256);
        let tokens: Vec<String> =
            (0..count).map(|n| tenant.sign(&tenant.user_claims(n, NOW.unix_s))).collect();
        let gate = Tenant::gate(&[tenant]);
        for token in &tokens {
            assert!(gate.check(&Request::token(token.as_bytes()), &ask, NOW).is_admitted());
        }
        let mut next = 0;
        group.bench_function(format!("{count} tokens"), |bench| {
            bench.iter(|| {
                next = (next + 1607) % tokens.len();
                let request = Request::token(tokens[next].as_bytes());
                black_box(gate.check(black_box(&request), &ask, NOW).is_admitted())
            });
        });
        let copies = tokens.clone();
        group.bench_function(format!("{count} comparisons"), |bench| {
            bench.iter(|| {
                next = (next + 1607) % tokens.len();
                black_box(black_box(tokens[next].as_bytes()) == copies[next].as_bytes())
            });
        });
        assert_eq!(gate.counters().misses, count, "every other check was a hit");
    }
    group.finish();
}

criterion_group!(benches, hit);
criterion_main!(benches);
