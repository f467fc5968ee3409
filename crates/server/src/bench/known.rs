//! A site's token with its peer, and a chain alone, both seen before.

use std::hint::black_box;

use rcgen::{Issuer, PKCS_ECDSA_P256_SHA256};
use serde_json::json;
use tollgate::jws::{KeyRules, KeySet, Keys, base64url, public_jwk, sign};
use tollgate::site::{CLIENT_TYP, Format, GATE_AUDIENCE, PROVENANCE_INTERNAL, Site};
use tollgate::{Algorithm, Ask, Gate, Guid, Limits, Peer, Request, Scenario, SigningKey, sample};

use super::hit::goal_ns;
use super::measure::{Times, times};
use super::pki::{self, Pki};
use super::presented::{Set, Walk};
use super::progress::Bar;
use super::report::{Report, Table, at_most, number, whole};
use super::world::{NOW, SITE, World};
use crate::misuse::Misuse;

/// How many of the site's tokens are in use.
const COUNTS: [usize; 2] = [1, 4096];

pub(super) const SITE_STEPS: usize = COUNTS.len();

pub(super) const CHAIN_STEPS: usize = 1;

const CACHE_BYTES: usize = 32 << 20;

const ASK: Ask<'static> =
    Ask { endpoint: sample::ENDPOINT, scenario: Scenario::Device, windows: None, source: None };

fn title(what: &str) -> String {
    format!("{what}, seen before (medians; p95 of rounds)")
}

/// Rows of what is found beside its floor, with what it may cost.
struct Beside {
    floor: Times,
    hit: Times,
    over: Times,
}

impl Beside {
    fn row(&self, name: String, goal: f64) -> [String; 6] {
        let both = |times: &Times| format!("{} ({})", number(times.median()), number(times.p95()));
        let (floor, hit) = (both(&self.floor), both(&self.hit));
        let over = number(self.over.median());
        [name, floor, hit, over, number(goal), at_most(self.hit.median(), goal)]
    }
}

/// Tokens of one client, each with the peer that it is bound to.
pub(super) fn site(rounds: usize, bar: &Bar) -> Result<Report, Misuse> {
    let chain = chain()?;
    let peer = peer(&chain)?;
    let key = SigningKey::generate(Algorithm::Es256).map_err(|_| no_random())?;
    let gate = gate(&chain, &key)?;
    let mut report = Report::default();
    let head = ["tokens", "floor ns (p95)", "hit (p95)", "over", "goal", ""];
    let mut table = Table::new(&title("a site's token with its peer"), &head);
    for count in COUNTS {
        bar.step(&format!("site's tokens: {}", whole(count)));
        let tokens = (0..count).map(|_| client_token(&key, &peer));
        let set = Set::new(tokens.collect::<Result<_, _>>()?)?;
        let admits = |token: &[u8]| {
            let request = Request::token(token).with_peer(Some(&peer));
            gate.check(&request, &ASK, NOW).is_admitted()
        };
        if !set.stored.iter().all(|token| admits(token)) {
            return Err(Misuse::new("the bench's own site token is refused: a bug"));
        }
        let beside = found(&set, &gate, rounds, admits)?;
        let (floor, hit) = (beside.floor.median(), beside.hit.median());
        table.row(beside.row(whole(count), goal_ns(floor) + 20.0));
        let prefix = if count == 1 { "site".into() } else { format!("site_{count}") };
        report.name(&format!("{prefix}_hit_ns"), hit);
        report.name(&format!("{prefix}_floor_ns"), floor);
        if count == 1 {
            report.name("site_hit_p95_ns", beside.hit.p95());
            report.name("site_floor_p95_ns", beside.floor.p95());
        }
    }
    report.tables.push(table);
    Ok(report)
}

/// A leaf and the intermediate that it presents, where the PKI takes what clients bring.
pub(super) fn cached_chain(rounds: usize, bar: &Bar) -> Result<Report, Misuse> {
    bar.step("a cached chain");
    let chain = chain()?;
    let peer = peer(&chain)?;
    let key = SigningKey::generate(Algorithm::Es256).map_err(|_| no_random())?;
    let gate = gate(&chain, &key)?;
    let (bytes, stored) = (chain.presented.concat(), chain.presented.concat().into_boxed_slice());
    let admits = || gate.check(&Request::peer(&peer), &ASK, NOW).is_admitted();
    if !admits() {
        return Err(Misuse::new("the bench's own chain is refused: a bug"));
    }
    let misses = gate.counters().misses;
    let mut floor = || _ = black_box(black_box(&*stored) == bytes.as_slice());
    let mut hit = || _ = black_box(admits());
    let [floor, hit] = times(rounds, [&mut floor, &mut hit]);
    all_hits(&gate, misses)?;
    let beside = Beside { over: hit.less(&floor), floor, hit };
    let (floor, hit) = (beside.floor.median(), beside.hit.median());
    let mut report = Report::default();
    let head = ["chain", "floor ns (p95)", "hit (p95)", "over", "goal", ""];
    let mut table = Table::new(&title("a chain of two certificates"), &head);
    table.row(beside.row(format!("{} bytes", whole(bytes.len())), floor + 60.0));
    report.name("chain_hit_ns", hit);
    report.name("chain_floor_ns", floor);
    report.name("chain_hit_p95_ns", beside.hit.p95());
    report.name("chain_floor_p95_ns", beside.floor.p95());
    report.tables.push(table);
    Ok(report)
}

fn found(
    set: &Set,
    gate: &Gate,
    rounds: usize,
    admits: impl Fn(&[u8]) -> bool,
) -> Result<Beside, Misuse> {
    let mut patch = Walk::new(set, 1, |_, bytes| !black_box(bytes).is_empty());
    let mut floor = Walk::new(set, 2, |(number, _), bytes| *set.stored[number] == *bytes);
    let mut hit = Walk::new(set, 3, |_, bytes| admits(bytes));
    let misses = gate.counters().misses;
    let [patch, floor, hit] = times(rounds, [&mut patch, &mut floor, &mut hit]);
    all_hits(gate, misses)?;
    let (floor, hit) = (floor.less(&patch), hit.less(&patch));
    Ok(Beside { over: hit.less(&floor), floor, hit })
}

fn all_hits(gate: &Gate, misses: u64) -> Result<(), Misuse> {
    match gate.counters().misses - misses {
        0 => Ok(()),
        misses => Err(Misuse::new(format!("{misses} of the bench's hits were none: a bug"))),
    }
}

fn chain() -> Result<Pki, Misuse> {
    let algorithm = &PKCS_ECDSA_P256_SHA256;
    let (root_key, issuing_key) = (pki::key(algorithm)?, pki::key(algorithm)?);
    let (root, issuing) = (pki::ca("Contoso Root CA"), pki::ca("Contoso Issuing CA 1"));
    let anchors = vec![pki::self_signed(&root, &root_key)?];
    let issuing_der = pki::signed(&issuing, &issuing_key, &Issuer::new(root, root_key))?;
    let mut device = pki::device(vec![pki::dns("pc7.contoso.com")?]);
    device.use_authority_key_identifier_extension = true;
    let leaf = pki::signed(&device, &pki::key(algorithm)?, &Issuer::new(issuing, issuing_key))?;
    let presented = vec![leaf, issuing_der];
    Ok(Pki { anchors, intermediates: Vec::new(), presented, peer_intermediates: true })
}

fn peer(chain: &Pki) -> Result<Peer, Misuse> {
    Peer::new(chain.presented.iter().map(Vec::as_slice)).map_err(pki::failed)
}

fn gate(chain: &Pki, key: &SigningKey) -> Result<Gate, Misuse> {
    let limits = Limits::default();
    let algorithms = Format::Tollgate.algorithms();
    let rules = KeyRules { algorithms, secrets: false, cloud_instance: None, limits: &limits };
    let jwks = json!({ "keys": [public_jwk(key, KID)] }).to_string();
    let (set, _) = KeySet::from_json(jwks.as_bytes(), &rules)
        .map_err(|why| Misuse::new(format!("the bench's own key set: {why}: a bug")))?;
    let site = Site { id: SITE, format: Format::Tollgate, keys: Keys::new(set, u64::MAX) };
    let world = World::new(Algorithm::EdDsa);
    let (trust, policy) = world.snapshot(0, vec![chain.authority()?], vec![site])?;
    Gate::with_cache(trust, policy, CACHE_BYTES).map_err(Misuse::new)
}

const KID: &str = "site-key-1";

/// As crates/site makes them; docs/site-token.md has the format.
fn client_token(key: &SigningKey, peer: &Peer) -> Result<Box<[u8]>, Misuse> {
    let client = Guid([0xc1; 16]);
    let id = tollgate::random_guid().map_err(|_| no_random())?;
    let header = json!({ "typ": CLIENT_TYP, "alg": key.algorithm().name(), "kid": KID });
    let mut confirmation = json!({ "x5t#S256": base64url(&peer.thumbprint()) });
    if let Some(key) = peer.key_thumbprint() {
        confirmation["jkt"] = base64url(&key).into();
    }
    let claims = json!({
        "iss": Format::Tollgate.issuer(SITE), "aud": GATE_AUDIENCE, "jti": id.to_string(),
        "iat": NOW.unix_s, "nbf": NOW.unix_s, "exp": NOW.unix_s + 90 * 86_400,
        "sub": client.to_string(), "generation": 1, "provenance": PROVENANCE_INTERNAL,
        "cnf": confirmation,
    });
    Ok(sign(&header.to_string(), claims.to_string().as_bytes(), key).into_bytes().into())
}

fn no_random() -> Misuse {
    Misuse::new("the system gives no random numbers")
}
