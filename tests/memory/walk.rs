//! A gate that remembers and one that does not, on one long walk: after every step they say the same.
//!
//! TOLLGATE_WALK_SEED and TOLLGATE_WALK_STEPS choose another walk; `make test` takes a short one.

use std::collections::BTreeMap;
use std::sync::Arc;

use tollgate::policy::Withdrawals;
use tollgate::sample;
use tollgate::{Ask, Gate, Now, Reason, Request, Scenario, WindowsVersion};

use super::chains::{CHAINS, RENEWED_END_S};
use super::changes::{BACK, Change, OF_WITHDRAWALS, PLACES, UNDO, all};
use super::rng::Rng;
use super::said::Said;
use super::tokens::TOKENS;
use super::world::{LATE, NOW, OPEN, STRICT, World};

/// So many that every kind of change moves an answer.
const STEPS: u64 = if cfg!(debug_assertions) { 150_000 } else { 1_000_000 };

/// Of a small memory credentials are always leaving; of a large one never.
const BYTES: [usize; 3] = [64 << 10, 16 << 20, 0];

const DAY_S: i64 = 86_400;

/// One request, by the places of what it shows.
#[derive(Clone)]
struct Shot {
    token: Option<usize>,
    /// The byte that is changed, and by what.
    flip: Option<(usize, u8)>,
    peer: Option<usize>,
    ask: Ask<'static>,
    now: Now,
}

struct Walk {
    rng: Rng,
    world: World,
    gates: [Gate; 3],
    steps: u64,
    /// The last changes, for whoever has to find out.
    lately: Vec<&'static str>,
    seen: BTreeMap<String, u64>,
}

#[test]
fn what_is_remembered_changes_no_answer() {
    let given = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seed = given("TOLLGATE_WALK_SEED").unwrap_or(0x7011_6a7e);
    let most = given("TOLLGATE_WALK_STEPS").unwrap_or(STEPS);
    eprintln!("TOLLGATE_WALK_SEED={seed} TOLLGATE_WALK_STEPS={most}");
    let world = World::new();
    let gates = BYTES.map(|bytes| world.gate(bytes));
    let (rng, seen) = (Rng::new(seed), BTreeMap::new());
    let mut walk = Walk { rng, world, gates, steps: 0, lately: Vec::new(), seen };
    let mut changes = all();
    while walk.steps < most {
        for at in (1..changes.len()).rev() {
            changes.swap(at, walk.rng.below(at + 1));
        }
        for change in &changes {
            walk.round(*change);
        }
    }
    walk.report(&changes);
}

impl Walk {
    /// The same requests before and after a change; then some others.
    fn round(&mut self, change: Change) {
        if self.rng.one_in(2) {
            self.swap(BACK);
        }
        let (name, _) = change;
        if let Some((_, done)) = UNDO.iter().find(|(undo, _)| *undo == name) {
            let done = all().into_iter().find(|(name, _)| name == done).unwrap();
            self.swap(done);
        }
        let shots: Vec<_> = (0..44).map(|_| self.shot(1)).collect();
        // Both times alike: a batch is judged at one time.
        let in_batch = self.rng.one_in(8);
        let before = self.fire(&shots, in_batch);
        self.swap(change);
        let after = self.fire(&shots, in_batch);
        // A token that passes once is refused the second time, whatever was between.
        let moved = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| before != after && after.reason() != Some(Reason::Replayed));
        let moved = moved.count();
        *self.seen.entry(format!("moved by: {name}")).or_default() += moved as u64;
        let shots: Vec<_> = (0..24).map(|_| self.shot(3)).collect();
        let in_batch = self.rng.one_in(8);
        self.fire(&shots, in_batch);
    }

    fn swap(&mut self, (name, change): Change) {
        change(&mut self.world, &mut self.rng);
        if self.world.snapshot().is_none() {
            return self.swap(BACK);
        }
        // Two ways to swap, whose answers have to be alike. The one that remembers nothing takes the long one.
        let is_short = OF_WITHDRAWALS.contains(&name) && self.lately.len().is_multiple_of(2);
        let said = self.world.withdrawals.clone();
        // A feed's stand beside the host's, which are none.
        let said = if self.rng.one_in(2) { Withdrawals::default().beside([said]) } else { said };
        for (gate, bytes) in self.gates.iter().zip(BYTES) {
            match is_short && bytes > 0 {
                true => gate.withdraw(Arc::new(said.clone())),
                false => self.world.swap(gate),
            }
        }
        if name == BACK.0 {
            self.lately.clear();
        }
        self.lately.push(name);
    }

    fn fire(&mut self, shots: &[Shot], in_batch: bool) -> Vec<Said> {
        if in_batch {
            self.batch(shots)
        } else {
            shots.iter().map(|shot| self.step(shot)).collect()
        }
    }

    fn step(&mut self, shot: &Shot) -> Said {
        let token = shot.token();
        let request = shot.request(token.as_deref());
        let Shot { ask, now, .. } = *shot;
        let explained = self
            .steps
            .is_multiple_of(16)
            .then(|| Said::of(&self.gates[1].explain(&request, &ask, now).verdict));
        let [small, large, none] =
            self.gates.each_ref().map(|gate| Said::by(gate, &request, &ask, now));
        self.compare(shot, "little memory", &small, &none);
        self.compare(shot, "much memory", &large, &none);
        if let Some(explained) = explained {
            self.compare(shot, "explanation", &explained, &none);
        }
        self.note(shot, &none);
        none
    }

    fn batch(&mut self, shots: &[Shot]) -> Vec<Said> {
        let tokens: Vec<_> = shots.iter().map(Shot::token).collect();
        let requests = shots.iter().zip(&tokens);
        let now = shots[0].now;
        let requests: Vec<_> =
            requests.map(|(shot, token)| (shot.request(token.as_deref()), shot.ask)).collect();
        let [small, large, none] = self
            .gates
            .each_ref()
            .map(|gate| gate.check_batch(&requests, now).iter().map(Said::of).collect::<Vec<_>>());
        let once = self.world.issuers.iter().any(|issuer| issuer.is_once);
        for (at, shot) in shots.iter().enumerate() {
            let shot = &Shot { now, ..shot.clone() };
            // Of one token twice in a batch, either may be the first.
            if !once {
                self.compare(shot, "little memory, batch", &small[at], &none[at]);
                self.compare(shot, "much memory, batch", &large[at], &none[at]);
            }
            self.note(shot, &none[at]);
        }
        none
    }

    #[track_caller]
    fn compare(&self, shot: &Shot, what: &str, got: &Said, expected: &Said) {
        assert!(
            got == expected,
            "step {}, {what}: {}\n  says       {got:?}\n  instead of {expected:?}\n  after {:?}",
            self.steps,
            shot.words(),
            self.lately
        );
    }

    fn note(&mut self, shot: &Shot, said: &Said) {
        self.steps += 1;
        let what = match said.reason() {
            Some(reason) => format!("reason: {reason:?}"),
            None => "admitted".into(),
        };
        let presents = match (shot.token, shot.peer) {
            (Some(_), None) => "a token",
            (Some(_), Some(_)) => "a token and a certificate",
            _ => "a certificate",
        };
        for what in [what, format!("presented: {presents}")] {
            *self.seen.entry(what).or_default() += 1;
        }
    }

    /// `favour` times as often one of the first tokens.
    fn shot(&mut self, favour: usize) -> Shot {
        let rng = &mut self.rng;
        let peers = CHAINS.peers.len();
        let tokens = TOKENS.all.len();
        let token = (0..favour).fold(tokens - 1, |token, _| token.min(rng.below(tokens)));
        let (token, peer) = match rng.below(20) {
            0..=10 => (Some(token), None),
            11..=13 => (Some(token), Some(rng.below(peers))),
            14..=16 => {
                let (token, peer) = rng.pick(&TOKENS.bound);
                (Some(token), Some(if rng.one_in(4) { rng.below(peers) } else { peer }))
            }
            _ => (None, Some(rng.below(peers))),
        };
        let flip =
            (token.is_some() && rng.one_in(40)).then(|| (rng.below(1 << 16), 1 << rng.below(7)));
        let ask = if rng.one_in(3) { ask(rng, &self.world) } else { OPEN };
        let now = if rng.one_in(8) { now(rng) } else { NOW };
        Shot { token, flip, peer, ask, now }
    }

    fn report(&self, changes: &[Change]) {
        let [small, large, none] = self.gates.each_ref().map(Gate::counters);
        eprintln!("{} steps; {:#?}", self.steps, self.seen);
        for (name, it) in [("little", &small), ("much", &large), ("no", &none)] {
            eprintln!(
                "{name} memory: {} hits, {} misses, {} rejudged, {} signatures, {} evicted, {} bytes",
                it.hits, it.misses, it.rejudged, it.signature_checks, it.evicted, it.bytes
            );
        }
        let is_long = self.steps >= STEPS;
        let moves = changes.iter().map(|(name, _)| name).filter(|name| **name != PLACES);
        let moved = moves.map(|name| format!("moved by: {name}"));
        let reasons = REASONS.iter().map(|reason| format!("reason: {reason:?}"));
        let never = |what: &String| self.seen.get(what).is_none_or(|count| *count == 0);
        let unmoved: Vec<_> = moved.filter(never).collect();
        assert!(!is_long || unmoved.is_empty(), "these moved nothing: {unmoved:#?}");
        let unsaid: Vec<_> = reasons.filter(never).collect();
        assert!(!is_long || unsaid.is_empty(), "nobody was told: {unsaid:#?}");
        assert_eq!((none.hits, none.entries, none.rejudged), (0, 0, 0), "there is no memory");
        let admitted = self.seen["admitted"];
        assert!(
            large.hits * 4 > admitted * 3,
            "most of what is admitted was remembered: {large:?}"
        );
        let places = self.seen.get(&format!("moved by: {PLACES}"));
        assert!(places.is_none_or(|moved| *moved == 0), "places mean nothing");
        assert!(large.signature_checks * 3 < none.signature_checks, "it saves signatures");
        assert!(small.signature_checks < none.signature_checks, "it saves signatures");
        assert!(large.rejudged > 0 && small.rejudged > 0, "much stands again");
        assert!(!is_long || small.evicted > 0, "what is small overflows");
        assert!(
            small.bytes <= BYTES[0] && large.bytes <= BYTES[1],
            "{} {}",
            small.bytes,
            large.bytes
        );
    }
}

impl Shot {
    fn token(&self) -> Option<Vec<u8>> {
        let mut token = TOKENS.all[self.token?].text.as_bytes().to_vec();
        if let Some((at, bit)) = self.flip {
            let at = at % token.len();
            token[at] ^= bit;
        }
        Some(token)
    }

    fn request<'a>(&self, token: Option<&'a [u8]>) -> Request<'a> {
        Request::empty().with_token(token).with_peer(self.peer.map(|at| &CHAINS.peers[at]))
    }

    fn words(&self) -> String {
        let token = self.token.map(|at| &TOKENS.all[at].name);
        let peer = self.peer.map(|at| CHAINS.name(at));
        format!("{token:?} ({:?}) beside {peer:?}, {:?} {:?}", self.flip, self.ask, self.now)
    }
}

fn ask(rng: &mut Rng, world: &World) -> Ask<'static> {
    let ten = Some(WindowsVersion { major: 10, minor: 0, build: 19_045 });
    let seven = Some(WindowsVersion { major: 6, minor: 1, build: 0 });
    let endpoints = [sample::ENDPOINT, "tokens", "devices", "keys", STRICT, STRICT, LATE, LATE];
    let endpoint = rng.pick(&endpoints);
    let is_there = world.endpoints.iter().any(|rules| *rules.name == *endpoint);
    let endpoint = if is_there || rng.one_in(20) { endpoint } else { sample::ENDPOINT };
    let windows = rng.pick(&[None, ten, ten, seven]);
    Ask { endpoint, scenario: rng.pick(&Scenario::ALL), windows, source: None }
}

fn now(rng: &mut Rng) -> Now {
    let seconds = [
        -DAY_S - 1,
        -DAY_S,
        -601,
        -301,
        -11,
        -10,
        -9,
        -1,
        0,
        1,
        99,
        100,
        300,
        310,
        311,
        600,
        900,
        901,
        3_900,
        4_201,
        DAY_S - 1,
        DAY_S,
        DAY_S + 1,
        DAY_S + 300,
        DAY_S + 301,
        1 << 40,
        0,
        RENEWED_END_S - NOW.unix_s,
        RENEWED_END_S - NOW.unix_s + 1,
    ];
    let unix_s = NOW.unix_s + rng.pick(&seconds);
    let unix_s = if rng.one_in(50) { rng.pick(&[0, -1, i64::MIN, i64::MAX]) } else { unix_s };
    Now { unix_s, mono_ms: NOW.mono_ms + rng.pick(&[0, 0, 4_999, 5_000, 70_000]) }
}

/// What the walk has to meet, or it went nowhere.
const REASONS: &[Reason] = {
    use Reason::*;
    &[
        Expired,
        NotYetValid,
        IssuedInFuture,
        LifetimeTooLong,
        SignatureWrong,
        KeyUnknown,
        KeyAmbiguous,
        AlgorithmMismatch,
        KeyIssuer,
        TenantUnknown,
        IssuerUnknown,
        UnprovenAudience,
        UnprovenType,
        TenantMismatch,
        TenantDisabled,
        ClientAppNotAllowed,
        UserNotDiscovered,
        NotJoined,
        DeviceNotImported,
        UserWithdrawn,
        DeviceWithdrawn,
        ClientWithdrawn,
        CertificateDenied,
        CertificateRevoked,
        RevocationUnknown,
        CrlStale,
        CaDenied,
        KeyWithdrawn,
        IssuedBefore,
        BulkClientsWithdrawn,
        TenantWithdrawn,
        GatewayNotAllowed,
        UserPolicyNotAllowed,
        FeedStale,
        TokenTooLarge,
        KeysStale,
        MethodNotEnabled,
        ScenarioNotEnabled,
        UserNeeded,
        WindowsUnknown,
        WindowsTooOld,
        ScopeMissing,
        RoleMissing,
        ClaimTooLong,
        ClaimMissing,
        ProofMissing,
        ProofMismatch,
        TenantConflict,
        CertificateUntrusted,
        CertificateExpired,
        CertificateNotYetValid,
        CertificatePurpose,
        CertificateNotSelected,
        PathInvalid,
        EndpointUnknown,
        Replayed,
        KindUnclear,
        TokenEncoding,
    ]
};
