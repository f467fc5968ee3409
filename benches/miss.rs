//! A miss beside the raw signature check that it contains, for each algorithm, in one run.

use criterion::{Criterion, criterion_group, criterion_main};
use tollgate::raw::{Library, RawKey};
use tollgate::sample::{self, Tenant};
use tollgate::{Algorithm, Ask, Guid, Now, Request, Scenario};

const NOW: Now = Now { unix_s: 1_790_000_000, mono_ms: 0 };

fn miss(criterion: &mut Criterion) {
    for algorithm in Algorithm::ALL {
        let tenant = Tenant::new(Guid([7; 16]), *algorithm);
        let token = tenant.sign(&tenant.user_claims(1, NOW.unix_s));
        let (message, _) = token.rsplit_once('.').expect("a token has dots");
        let signature = tenant.key.sign(message.as_bytes()).expect("random numbers");
        let raw = [Library::Ring, Library::AwsLc]
            .into_iter()
            .filter_map(|library| Some((library, RawKey::new(library, &tenant.key)?)))
            .collect::<Vec<_>>();
        // Without a memory, every check is a miss.
        let gate = Tenant::gate_with_cache(&[tenant], 0);
        let ask = Ask {
            endpoint: sample::ENDPOINT,
            scenario: Scenario::User,
            windows: None,
            source: None,
        };
        let request = Request::token(token.as_bytes());
        assert!(gate.check(&request, &ask, NOW).is_admitted());

        let mut group = criterion.benchmark_group(format!("miss/{algorithm}"));
        group.bench_function("check", |bench| bench.iter(|| gate.check(&request, &ask, NOW)));
        for (library, key) in &raw {
            assert!(key.verifies(message.as_bytes(), &signature));
            group.bench_function(format!("raw {library:?}"), |bench| {
                bench.iter(|| key.verifies(message.as_bytes(), &signature));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, miss);
criterion_main!(benches);
