//! Everybody who signs in these tests, the gates that believe them, and clients that come again and again.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use serde_json::json;
use time::OffsetDateTime;
use tollgate::cert::{Certificate, Store};
use tollgate::jws::{KeyRules, KeySet, Keys, base64url, public_jwk};
use tollgate::oidc;
use tollgate::pki::{Pki, PrincipalName};
use tollgate::policy::{EndpointRules, Feeds, IssuerRules, PkiRules, Withdrawals, Withdrawn};
use tollgate::sample::{self, Tenant};
use tollgate::site::{Format, Site};
use tollgate::{
    Algorithm, Ask, FreshUntil, Gate, Guid, Limits, Method, Now, Peer, Policy, Reason, Request,
    Scenario, SigningKey, Trust, Verdict,
};

pub(crate) const NOW: Now = Now { unix_s: 1_790_000_000, mono_ms: 1_000 };

/// Asks at the endpoint that takes everything.
pub(crate) const ASK: Ask<'static> = ask(sample::ENDPOINT);

/// The endpoint that hands claims to the gateway.
const FORWARDING: &str = "forwarding";

/// The endpoint that takes certificates only.
const MACHINES: &str = "machines";

/// The client of every site token.
const CLIENT: &str = "0c0c0c0c-0c0c-4c0c-8c0c-0c0c0c0c0c0c";

const SITE: Guid = Guid([0x51; 16]);

const DAY_S: i64 = 86_400;

pub(crate) const fn ask(endpoint: &str) -> Ask<'_> {
    Ask { endpoint, scenario: Scenario::Device, windows: None, source: None }
}

pub(crate) struct Town {
    /// Signs by HMAC, so that a million tokens are soon made: a hit does not see the algorithm.
    pub(crate) tenant: Tenant,
    site: SigningKey,
    /// Its intermediate is configured.
    pub(crate) corp: Authority,
    /// Its clients bring their intermediate, where that is allowed.
    pub(crate) plant: Authority,
    mint: Mint,
}

/// A root, and a CA below it that signs.
pub(crate) struct Authority {
    root: Vec<u8>,
    pub(crate) issuing: Vec<u8>,
    ca: Issuer<'static, KeyPair>,
}

/// The claims of a sample user, cut where his number stands.
struct Mint {
    header: String,
    around: [String; 2],
}

impl Town {
    pub(crate) fn new() -> Self {
        let tenant = Tenant::new(Guid([7; 16]), Algorithm::Hs256);
        let mint = Mint::new(&tenant);
        let site = SigningKey::generate(Algorithm::Es256).expect("a key");
        let (corp, plant) = (Authority::new("Corp"), Authority::new("Plant"));
        Self { tenant, site, corp, plant, mint }
    }

    /// A token of user number `n`.
    pub(crate) fn token(&self, n: u64) -> Vec<u8> {
        let [before, behind] = &self.mint.around;
        let claims = format!("{before}{n:012}{behind}");
        tollgate::jws::sign(&self.mint.header, claims.as_bytes(), &self.tenant.key).into()
    }

    pub(crate) fn tokens(&self, numbers: impl IntoIterator<Item = u64>) -> Vec<Vec<u8>> {
        numbers.into_iter().map(|n| self.token(n)).collect()
    }

    /// Whose token number `n` is.
    pub(crate) fn user(&self, n: u64) -> String {
        format!("entra:{}:{}", self.tenant.id, sample::user(n))
    }

    /// A site's token for the key of this peer.
    fn site_token(&self, peer: &Peer) -> Vec<u8> {
        let now_s = NOW.unix_s;
        let claims = json!({
            "iss": format!("urn:tollgate:site:{SITE}"), "aud": "urn:tollgate:gate",
            "exp": now_s + 3600, "nbf": now_s, "iat": now_s, "generation": 1, "sub": CLIENT,
            "jti": CLIENT, "provenance": "internal",
            "cnf": { "x5t#S256": base64url(&peer.thumbprint()) },
        });
        let header = json!({ "typ": "tollgate-client+jwt", "alg": "ES256", "kid": "one" });
        tollgate::jws::sign(&header.to_string(), claims.to_string().as_bytes(), &self.site).into()
    }

    fn site(&self) -> Site {
        let limits = Limits::default();
        let algorithms = &[Algorithm::Es256];
        let rules = KeyRules { algorithms, secrets: false, cloud_instance: None, limits: &limits };
        let jwks = json!({ "keys": [public_jwk(&self.site, "one")] }).to_string();
        let (set, _) = KeySet::from_json(jwks.as_bytes(), &rules).expect("a good set");
        Site { id: SITE, format: Format::Tollgate, keys: Keys::new(set, u64::MAX) }
    }

    pub(crate) fn trust(&self, peer_intermediates: bool) -> Trust {
        self.trust_beside(Vec::new(), peer_intermediates)
    }

    /// With these issuers behind the tenant.
    pub(crate) fn trust_beside(
        &self,
        others: impl IntoIterator<Item = oidc::Issuer>,
        peer_intermediates: bool,
    ) -> Trust {
        let corp = self.corp.pki("corp", true, false);
        let plant = self.plant.pki("plant", !peer_intermediates, peer_intermediates);
        let trust = Trust::new([self.tenant.issuer()].into_iter().chain(others).collect());
        let trust = trust.expect("each tenant once");
        let trust = trust.with_pkis(vec![corp, plant]).expect("two names");
        trust.with_sites(vec![self.site()]).expect("one site")
    }

    pub(crate) fn gate(&self, cache_bytes: usize) -> Gate {
        self.gate_with(cache_bytes, true)
    }

    pub(crate) fn gate_with(&self, cache_bytes: usize, peer_intermediates: bool) -> Gate {
        let policy = policy(Limits::default(), vec![IssuerRules::default()]);
        // Somebody else is withdrawn, by a feed that every method needs.
        let mut said = Withdrawals::default();
        let stranger = Withdrawn::Client { site: SITE, client: Guid([9; 16]) };
        said.withdraw(stranger, None);
        let feed = (SITE, Arc::new(FreshUntil::new(u64::MAX)));
        let policy = policy.with_withdrawals(Arc::new(Withdrawals::default().beside([said])));
        let policy = policy.with_feeds(Feeds::new(vec![feed], Method::ALL.to_vec()));
        Gate::with_cache(self.trust(peer_intermediates), policy, cache_bytes).expect("a gate")
    }

    /// One of each kind that memory answers: the first check of each takes it in.
    pub(crate) fn regulars(&self) -> Vec<Regular> {
        let alone = |name, token: &[u8]| {
            let token = Some(token.to_vec());
            Regular { name, token, peer: None, endpoint: sample::ENDPOINT, is: self.user(1) }
        };
        let device = || self.corp.peer("pc7", false);
        let user = self.token(1);
        let stranger = Authority::new("Stranger").peer("pc7", false);
        let with = |mut regular: Regular, peer| {
            regular.peer = Some(peer);
            regular
        };
        let chain = |name, peer, is: &str| Regular {
            name,
            token: None,
            peer: Some(peer),
            endpoint: sample::ENDPOINT,
            is: is.into(),
        };
        let holder = self.corp.peer("pc8", false);
        let site_token = self.site_token(&holder);
        let site = alone("a site token with its peer", &site_token);
        let site = Regular { is: format!("site:{SITE}:{CLIENT}"), ..with(site, holder) };
        let other = self.token(2);
        let forwarded = alone("a token whose claims are forwarded", &other);
        let forwarded = Regular { endpoint: FORWARDING, is: self.user(2), ..forwarded };
        let refused = alone("a token that does not suit", &user);
        vec![
            alone("a token", &user),
            site,
            chain("a chain", device(), "pki:corp:dns:pc7"),
            chain("a chain with its issuer", self.plant.peer("m1", true), "pki:plant:dns:m1"),
            with(alone("a token beside a remembered certificate", &user), device()),
            with(alone("a token beside a stranger's certificate", &user), stranger),
            forwarded,
            // The token is remembered by now; that it is not taken here never is.
            Regular { endpoint: MACHINES, is: Reason::MethodNotEnabled.name().into(), ..refused },
        ]
    }
}

/// `rules` stand for each issuer of the trust.
pub(crate) fn policy(limits: Limits, rules: Vec<IssuerRules>) -> Policy {
    let forwarding = EndpointRules {
        name: FORWARDING.into(),
        forward_claims: vec!["name".into(), "aud".into()],
        ..sample::endpoint()
    };
    let machines =
        EndpointRules { name: MACHINES.into(), methods: vec![Method::Pki], ..sample::endpoint() };
    let endpoints = vec![sample::endpoint(), forwarding, machines];
    let policy = Policy::new(300, limits, endpoints, rules).expect("three endpoints");
    policy.with_pkis(vec![PkiRules::default(), PkiRules::default()])
}

/// A client that comes again and again with the same.
pub(crate) struct Regular {
    pub(crate) name: &'static str,
    token: Option<Vec<u8>>,
    peer: Option<Peer>,
    endpoint: &'static str,
    /// The principal, or the name of the refusal.
    is: String,
}

impl Regular {
    pub(crate) fn request(&self) -> Request<'_> {
        Request::empty().with_token(self.token.as_deref()).with_peer(self.peer.as_ref())
    }

    pub(crate) fn ask(&self) -> Ask<'_> {
        ask(self.endpoint)
    }

    /// Its verdict has to be the one that is right, to the letter.
    pub(crate) fn assert_is(&self, verdict: &Verdict<'_>) {
        assert_eq!(is(verdict), self.is, "{}", self.name);
    }

    /// Comes twice: the second time it is a hit that writes nothing any more.
    pub(crate) fn settle(&self, gate: &Gate) {
        for _ in 0..2 {
            self.assert_is(&gate.check(&self.request(), &self.ask(), NOW));
        }
        let before = gate.counters();
        self.come(gate, 1);
        let after = gate.counters();
        let moved = (after.hits - before.hits, after.misses - before.misses);
        assert_eq!(moved, (1, 0), "{} is answered from memory", self.name);
    }

    /// So many times; nothing is compared that would allocate.
    pub(crate) fn come(&self, gate: &Gate, times: u32) {
        let (request, ask) = (self.request(), self.ask());
        let is_admitted = gate.check(&request, &ask, NOW).is_admitted();
        for _ in 0..times - 1 {
            assert_eq!(gate.check(&request, &ask, NOW).is_admitted(), is_admitted);
        }
    }
}

/// The principal, or the name of the refusal.
pub(crate) fn is(verdict: &Verdict<'_>) -> String {
    match verdict {
        Verdict::Admit(admission) => admission.principal().id().to_string(),
        Verdict::Refuse(refusal) => refusal.reason.name().into(),
    }
}

/// Who brings this token, or why he may not pass.
pub(crate) fn bring(gate: &Gate, token: &[u8]) -> String {
    is(&gate.check(&Request::token(token), &ASK, NOW))
}

/// The same but for its signature; each `n` gives another.
pub(crate) fn forged(mut token: Vec<u8>, n: u64) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let end = token.len() - 4;
    for (letter, place) in token[end - 10..end].iter_mut().zip(0..) {
        *letter = LETTERS[(n >> (6 * place)) as usize % 64];
    }
    token
}

impl Mint {
    fn new(tenant: &Tenant) -> Self {
        let header = json!({ "typ": "JWT", "alg": "HS256", "kid": tenant.kid() }).to_string();
        let claims = tenant.user_claims(0, NOW.unix_s).to_string();
        let oid = sample::user(0).to_string();
        let (before, behind) = claims.split_once(&oid).expect("the object id is a claim");
        let group = &oid[..oid.len() - 12];
        Self { header, around: [format!("{before}{group}"), behind.into()] }
    }
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let (root, root_key) = (ca(&format!("{name} Root CA")), key());
        let root_der = root.self_signed(&root_key).expect("a root").der().to_vec();
        let above = Issuer::new(root, root_key);
        let (issuing, issuing_key) = (ca(&format!("{name} Issuing CA")), key());
        let issuing_der = issuing.signed_by(&issuing_key, &above).expect("a CA").der().to_vec();
        let ca = Issuer::new(issuing, issuing_key);
        Self { root: root_der, issuing: issuing_der, ca }
    }

    /// A chain of a device, with the CA below the root or without.
    fn peer(&self, name: &str, with_issuing: bool) -> Peer {
        let leaf = self.leaf(name);
        let above = with_issuing.then_some(self.issuing.as_slice());
        Peer::new([leaf.as_slice()].into_iter().chain(above)).expect("certificates of ours")
    }

    pub(crate) fn leaf(&self, name: &str) -> Vec<u8> {
        let mut params = params(name);
        params.subject_alt_names = vec![SanType::DnsName(name.try_into().expect("ASCII"))];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.signed_by(&key(), &self.ca).expect("a certificate").der().to_vec()
    }

    fn pki(&self, name: &str, with_issuing: bool, peer_intermediates: bool) -> Pki {
        let read = |der: &[u8]| Certificate::from_der(der).expect("a certificate of ours");
        let between = if with_issuing { vec![read(&self.issuing)] } else { Vec::new() };
        Pki {
            name: name.into(),
            store: Store::new(vec![read(&self.root)], between).expect("an anchor of ours").into(),
            peer_intermediates,
            principal: PrincipalName::FirstAlternative,
            tenant: None,
            crls: None,
        }
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn params(name: &str) -> CertificateParams {
    let at = |unix_s| OffsetDateTime::from_unix_timestamp(unix_s).expect("a year");
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (at(NOW.unix_s - DAY_S), at(NOW.unix_s + DAY_S));
    params.use_authority_key_identifier_extension = true;
    params
}

fn ca(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}
