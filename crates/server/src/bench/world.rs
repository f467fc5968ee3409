//! The bench policy: many tenants, many who are withdrawn, discovered users on.

use std::sync::Arc;

use tollgate::policy::{Feeds, Guids, IssuerRules, Join, PkiRules, Withdrawals, Withdrawn};
use tollgate::sample::{self, Tenant};
use tollgate::{
    Algorithm, Ask, FreshUntil, Gate, Guid, Limits, Method, Now, Policy, Request, Scenario, Trust,
    pki, site,
};

use crate::misuse::Misuse;

/// Within the validity of everything that is made here.
pub(super) const NOW: Now = Now { unix_s: 1_790_000_000, mono_ms: 0 };

/// What a user's token is asked for.
pub(super) const ASK: Ask<'static> =
    Ask { endpoint: sample::ENDPOINT, scenario: Scenario::User, windows: None, source: None };

const TENANTS: u8 = 100;

/// Discovered users of the tenant that is measured.
pub(super) const USERS: u64 = 100_000;

const WITHDRAWN: u64 = 100_000;

/// The tenant that is measured.
const TENANT: Guid = Guid([0xfe; 16]);

/// The site of the withdrawn, and of the site's tokens.
pub(super) const SITE: Guid = Guid([0x51; 16]);

/// What gates of the bench are made of.
pub(super) struct World {
    /// Whose tokens are measured.
    pub(super) tenant: Tenant,
    others: Vec<Tenant>,
    users: Guids,
    withdrawals: [Arc<Withdrawals>; 2],
}

impl World {
    /// The others' keys are not what is measured, so they are of the kind that is made fast.
    pub(super) fn new(algorithm: Algorithm) -> Self {
        let others = (1..TENANTS).map(|n| Tenant::new(Guid([n; 16]), Algorithm::EdDsa)).collect();
        let mut withdrawals = Withdrawals::default();
        for client in 0..WITHDRAWN {
            let client = sample::user(client + USERS);
            withdrawals.withdraw(Withdrawn::Client { site: SITE, client }, None);
        }
        let mut more = withdrawals.clone();
        let device = Guid([0xdd; 16]);
        more.withdraw(Withdrawn::Device { tenant: TENANT, device }, None);
        Self {
            tenant: Tenant::new(TENANT, algorithm),
            others,
            users: (0..USERS).map(sample::user).collect(),
            withdrawals: [Arc::new(withdrawals), Arc::new(more)],
        }
    }

    /// Trust and policy; `turn` says which of the two lists of withdrawals, that differ in one device of
    /// the tenant's.
    pub(super) fn snapshot(
        &self,
        turn: usize,
        pkis: Vec<pki::Pki>,
        sites: Vec<site::Site>,
    ) -> Result<(Trust, Policy), Misuse> {
        let issuers = std::iter::once(&self.tenant).chain(&self.others).map(Tenant::issuer);
        let users = Some(self.users.clone());
        let first = IssuerRules { users, join: Join::Claim, ..IssuerRules::default() };
        let rules = self.others.iter().map(|_| IssuerRules::default());
        let rules = std::iter::once(first).chain(rules).collect();
        let pki_rules = pkis.iter().map(|_| PkiRules::default()).collect();
        let trust = Trust::new(issuers.collect())
            .and_then(|trust| trust.with_pkis(pkis))
            .and_then(|trust| trust.with_sites(sites))
            .map_err(Misuse::new)?;
        let policy = Policy::new(300, Limits::default(), vec![sample::endpoint()], rules);
        // As a keeper has them: told by a feed, beside a host that told nothing.
        let withdrawals = &self.withdrawals[turn % self.withdrawals.len()];
        let withdrawals = Withdrawals::default().beside([Withdrawals::clone(withdrawals)]);
        let feed = (SITE, Arc::new(FreshUntil::new(u64::MAX)));
        let policy = policy.map_err(Misuse::new)?.with_pkis(pki_rules);
        let policy = policy.with_feeds(Feeds::new(vec![feed], vec![Method::Site]));
        Ok((trust, policy.with_withdrawals(Arc::new(withdrawals))))
    }

    /// A gate for so many bytes of memory; with none, every check is a miss.
    pub(super) fn gate(&self, cache_bytes: usize) -> Result<Gate, Misuse> {
        let (trust, policy) = self.snapshot(0, Vec::new(), Vec::new())?;
        Gate::with_cache(trust, policy, cache_bytes).map_err(Misuse::new)
    }

    /// One list of the tenant's moves: what stood has to stand again.
    pub(super) fn swap(&self, gate: &Gate, turn: usize) -> Result<(), Misuse> {
        let (trust, policy) = self.snapshot(turn, Vec::new(), Vec::new())?;
        gate.replace(trust, policy).map_err(Misuse::new)
    }
}

/// Room for so many tokens, with so many slots that none is pushed out by chance.
pub(super) fn room(count: usize, token_bytes: usize) -> usize {
    (2 * count * (token_bytes + 200)).max(1 << 20)
}

/// Shows every token once; all of them are remembered then.
pub(super) fn fill(gate: &Gate, tokens: &[Box<[u8]>]) -> Result<(), Misuse> {
    let before = gate.counters().entries;
    for tokens in tokens.chunks(4096) {
        let batch: Vec<_> = tokens.iter().map(|token| (Request::token(token), ASK)).collect();
        if !gate.check_batch(&batch, NOW).iter().all(tollgate::Verdict::is_admitted) {
            return Err(Misuse::new("the bench's own token is refused: a bug"));
        }
    }
    match gate.counters().entries - before {
        entries if entries == tokens.len() => Ok(()),
        entries => {
            Err(Misuse::new(format!("of {} tokens {entries} are remembered: a bug", tokens.len())))
        }
    }
}

/// Whether a token is taken, alone.
#[inline]
pub(super) fn admits(gate: &Gate, token: &[u8]) -> bool {
    gate.check(&Request::token(token), &ASK, NOW).is_admitted()
}
