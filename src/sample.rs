//! Sample tenants and tokens, shaped like Entra's: for the demo, the benches and the tests.

use serde_json::{Value, json};

use crate::jws::{KeyRules, KeySet, Keys, public_jwk, sign};
use crate::limits::CACHE_BYTES;
use crate::method::Method;
use crate::oidc::{Cloud, Form, Issuer};
use crate::policy::{EndpointRules, IssuerRules, Mode, Network, WindowsRule};
use crate::{Algorithm, Gate, Guid, Limits, Policy, Scenario, SigningKey, Trust};

/// The audience of every sample token.
pub const AUDIENCE: &str = "6e74172b-be56-4843-9ff4-e66a39bb12e3";

/// The endpoint of [`Tenant::gate`].
pub const ENDPOINT: &str = "internet";

/// A tenant that can sign.
pub struct Tenant {
    /// Its GUID.
    pub id: Guid,
    /// Its only key.
    pub key: SigningKey,
}

impl Tenant {
    /// A tenant with a fresh key.
    ///
    /// # Panics
    /// When the system gives no random numbers.
    #[must_use]
    pub fn new(id: Guid, algorithm: Algorithm) -> Self {
        Self { id, key: SigningKey::generate(algorithm).expect("the system gives random numbers") }
    }

    /// The name of its key.
    #[must_use]
    pub fn kid(&self) -> String {
        format!("{}-{}", self.key.algorithm(), &self.id.to_string()[..8])
    }

    /// Its key set, as Entra would publish it.
    #[must_use]
    pub fn jwks(&self) -> Value {
        json!({ "keys": [public_jwk(&self.key, &self.kid())] })
    }

    /// Claims of user number `n` on device number `n`, as in a v2.0 access token: 1.4 KB once signed
    /// by RS256.
    #[must_use]
    pub fn user_claims(&self, n: u64, now_s: i64) -> Value {
        json!({
            "aud": AUDIENCE,
            "iss": Cloud::Public.authority(self.id),
            "iat": now_s, "nbf": now_s, "exp": now_s + 86_400,
            "aio": "QUFB".repeat(46),
            "azp": AUDIENCE, "azpacr": "0",
            "name": format!("Device User {n:06}"),
            "preferred_username": format!("user{n:06}@example.org"),
            "oid": numbered(n, 1), "rh": "I", "scp": "access_as_user",
            "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
            "tid": self.id.to_string(), "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "2.0",
            "deviceid": numbered(n, 2), "idtyp": "user",
        })
    }

    /// Claims of device number `n`, as in a v1.0 device token.
    #[must_use]
    pub fn device_claims(&self, n: u64, now_s: i64) -> Value {
        json!({
            "aud": AUDIENCE,
            "iss": format!("https://sts.windows.net/{}/", self.id),
            "iat": now_s, "nbf": now_s, "exp": now_s + 3_900,
            "amr": ["rsa"], "idtyp": "device",
            "deviceid": numbered(n, 2), "oid": numbered(n, 3), "sub": numbered(n, 2),
            "tid": self.id.to_string(), "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "1.0",
        })
    }

    /// Signs claims as this tenant does.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({ "typ": "JWT", "alg": self.key.algorithm().name(), "kid": self.kid() });
        sign(&header.to_string(), claims.to_string().as_bytes(), &self.key)
    }

    /// This tenant as an issuer that is trusted.
    ///
    /// # Panics
    /// Never: the tenant's own key set is a good one.
    #[must_use]
    pub fn issuer(&self) -> Issuer {
        let limits = Limits::default();
        let algorithms = [self.key.algorithm()];
        let rules = KeyRules {
            algorithms: &algorithms,
            secrets: true,
            cloud_instance: None,
            limits: &limits,
        };
        let (set, _) = KeySet::from_json(self.jwks().to_string().as_bytes(), &rules)
            .expect("a tenant's own key set is good");
        Issuer {
            name: self.id.to_string().into(),
            form: Form::Entra { tenant: self.id, cloud: Cloud::Public },
            audiences: vec![AUDIENCE.into()],
            typ: None,
            keys: Keys::new(set, u64::MAX),
        }
    }

    /// A gate with one endpoint that trusts the tenants and asks nothing more of them.
    ///
    /// # Panics
    /// When two tenants have one GUID.
    #[must_use]
    pub fn gate(tenants: &[Self]) -> Gate {
        Self::gate_with_cache(tenants, CACHE_BYTES)
    }

    /// The same with so many bytes for what it remembers: with none, every check is a miss.
    ///
    /// # Panics
    /// As [`Tenant::gate`]; also when there is no memory for such a cache.
    #[must_use]
    pub fn gate_with_cache(tenants: &[Self], cache_bytes: usize) -> Gate {
        let trust =
            Trust::new(tenants.iter().map(Self::issuer).collect()).expect("each tenant once");
        let rules = tenants.iter().map(|_| IssuerRules::default()).collect();
        let policy = Policy::new(300, Limits::default(), vec![endpoint()], rules);
        Gate::with_cache(trust, policy.expect("one endpoint"), cache_bytes)
            .expect("rules for each issuer, and memory")
    }
}

/// The endpoint that takes everything.
#[must_use]
pub fn endpoint() -> EndpointRules {
    EndpointRules {
        name: ENDPOINT.into(),
        mode: Mode::Https,
        network: Network::Internet,
        methods: Method::ALL.to_vec(),
        scenarios: Scenario::ALL.to_vec(),
        scopes: Vec::new(),
        roles: Vec::new(),
        forward_claims: Vec::new(),
        windows: WindowsRule::Ignore,
    }
}

/// The object id of user number `n`.
///
/// # Panics
/// Never: the text is a GUID.
#[must_use]
pub fn user(n: u64) -> Guid {
    Guid::parse(&numbered(n, 1)).expect("a GUID")
}

fn numbered(n: u64, group: u64) -> String {
    format!("00000000-0000-000{group}-0000-{n:012}")
}
