//! The one place that knows all the others.

mod judge;
mod memory;
mod proving;
mod recall;
mod token;
mod trusted;

use std::sync::Arc;

use parking_lot::Mutex;
use tollgate_table::{Swap, pin};

use self::judge::judge;
use self::memory::Memory;
use self::recall::Recall;
pub use self::trusted::{Trusted, TrustedCa};
use crate::counters::{Count, Counters};
use crate::credential::{Ask, Request};
use crate::directory::Numbers;
use crate::explain::{Explanation, Notes};
use crate::limits::CACHE_BYTES;
use crate::method::Method;
use crate::parallel::in_parallel;
use crate::peer::{Peer, Sender};
use crate::policy::{Policy, Withdrawals};
use crate::reason::Refusal;
use crate::snapshot::Snapshot;
use crate::time::Now;
use crate::trust::{Trust, TrustError};
use crate::verdict::{Admission, Admitted, Verdict};
use crate::witness::Silent;

/// Judges credentials against the newest snapshot of trust and policy.
///
/// `Send + Sync`: one gate serves all threads. A check reads the snapshot once, so a swap in its middle
/// changes nothing of it; the next check sees the new one.
///
/// Credentials that were admitted are remembered: the next check of the same bytes costs their comparison,
/// takes no lock, allocates nothing and writes nothing that threads share. Nothing but the proof and what
/// it says is remembered: whether they suit is judged on every check, and whether they stand whenever
/// trust or policy moved.
pub struct Gate {
    snapshot: Swap<Snapshot>,
    memory: Memory,
    /// Held by whoever swaps.
    numbers: Mutex<Numbers>,
}

/// How many requests of a batch memory is asked for at once.
const AHEAD: usize = 16;

impl Gate {
    /// A gate over a first snapshot, with [`CACHE_BYTES`] for what it remembers.
    ///
    /// # Errors
    /// When the policy was made for another list of issuers, or there is no memory for the cache.
    pub fn new(trust: Trust, policy: Policy) -> Result<Self, TrustError> {
        Self::with_cache(trust, policy, CACHE_BYTES)
    }

    /// As [`Gate::new`], with at most `cache_bytes` for remembered credentials, all that belongs to them
    /// counted; 0 remembers none.
    ///
    /// # Errors
    /// As [`Gate::new`]; also when there is no memory for a cache of that size.
    pub fn with_cache(
        trust: Trust,
        policy: Policy,
        cache_bytes: usize,
    ) -> Result<Self, TrustError> {
        let memory = Memory::new(cache_bytes).ok_or(TrustError::NoMemory)?;
        let mut numbers = Numbers::default();
        let snapshot = Snapshot::new(trust, policy, None, &memory.directory, &mut numbers)?;
        let (snapshot, numbers) = (Swap::new(Arc::new(snapshot)), Mutex::new(numbers));
        Ok(Self { snapshot, memory, numbers })
    }

    /// Swaps trust and policy together; holds from the next check on. What is remembered stays, and is
    /// judged again where it is touched.
    ///
    /// # Errors
    /// As [`Gate::new`]; the old snapshot stays.
    pub fn replace(&self, trust: Trust, policy: Policy) -> Result<(), TrustError> {
        let mut numbers = self.numbers.lock();
        let before = self.snapshot.load_full();
        let directory = &self.memory.directory;
        let snapshot = Snapshot::new(trust, policy, Some(&before), directory, &mut numbers)?;
        self.snapshot.store(Arc::new(snapshot));
        Ok(())
    }

    /// What is trusted now. It shares with the gate whatever is long.
    #[must_use]
    pub fn trust(&self) -> Trust {
        self.snapshot.load_full().trust.clone()
    }

    /// Swaps trust alone; all rules and withdrawals stay. Holds from the next check on.
    ///
    /// # Errors
    /// When it has another number of issuers or PKIs than the policy.
    pub fn replace_trust(&self, trust: Trust) -> Result<(), TrustError> {
        let mut numbers = self.numbers.lock();
        let before = self.snapshot.load_full();
        let (policy, directory) = (before.policy.clone(), &self.memory.directory);
        let snapshot = Snapshot::new(trust, policy, Some(&before), directory, &mut numbers)?;
        self.snapshot.store(Arc::new(snapshot));
        Ok(())
    }

    /// Swaps the withdrawals alone, for these; trust and all other rules stay. Holds from the next check on.
    ///
    /// Cheap however long the lists of the configuration are: it costs the length of both withdrawals.
    pub fn withdraw(&self, withdrawals: Arc<Withdrawals>) {
        // Against other swaps: none may be lost.
        let _numbers = self.numbers.lock();
        let snapshot = self.snapshot.load_full().withdrawing(withdrawals);
        self.snapshot.store(Arc::new(snapshot));
    }

    /// Judges one request. Never panics, and refuses whatever it cannot prove. A credential seen before
    /// waits for nobody; of several threads with the same new one, one computes and the others wait.
    #[inline]
    pub fn check<'a>(&'a self, request: &Request<'a>, ask: &Ask<'_>, now: Now) -> Verdict<'a> {
        let mut verdict = Verdict::NONE;
        self.check_into(request, ask, now, &mut verdict);
        verdict
    }

    /// As [`Gate::check`], into the place where the verdict is to stay: to move it there afterwards would
    /// cost a good part of finding it.
    #[inline]
    pub fn check_into<'a>(
        &'a self,
        request: &Request<'a>,
        ask: &Ask<'_>,
        now: Now,
        verdict: &mut Verdict<'a>,
    ) {
        let hash = self.prefetch(request);
        if let Some(snapshot) = self.check_seen((request, hash), ask, now, verdict) {
            *verdict = self.check_unseen(&snapshot, request, ask, now);
        }
    }

    /// As [`Gate::check_into`] where memory alone answers; else false, and nothing is written or counted: for
    /// hosts that hold a lock of their own, and let go of it before a signature is computed.
    #[inline]
    pub fn recall_into<'a>(
        &'a self,
        request: &Request<'a>,
        ask: &Ask<'_>,
        now: Now,
        verdict: &mut Verdict<'a>,
    ) -> bool {
        let hash = self.prefetch(request);
        self.check_seen((request, hash), ask, now, verdict).is_none()
    }

    /// Asks for the memory that a token is looked up in, so that it is on its way meanwhile; gives the
    /// token's hash.
    #[inline(always)]
    fn prefetch(&self, request: &Request<'_>) -> u64 {
        let Some(token) = request.presented_token() else { return 0 };
        let hash = self.memory.cache.hash(token);
        self.memory.cache.prefetch(hash);
        hash
    }

    /// The verdict from memory; where memory does not know, what to judge by, which may wait: the pin is
    /// gone by then.
    #[inline(always)]
    fn check_seen<'a>(
        &'a self,
        (request, hash): (&Request<'a>, u64),
        ask: &Ask<'_>,
        now: Now,
        verdict: &mut Verdict<'a>,
    ) -> Option<Arc<Snapshot>> {
        let pin = pin();
        let snapshot = self.snapshot.load(&pin);
        let stripe = self.memory.counters.of(&pin);
        let recall = Recall { memory: &self.memory, pin: &pin, snapshot, now, stripe };
        if let Some((token, peer)) = request.presented() {
            let hash = match (token, peer) {
                (None, Some(peer)) => self.memory.hash_of(peer, snapshot),
                _ => hash,
            };
            match recall.one((token, peer), hash, ask) {
                Some(Ok((entry, forward))) => {
                    stripe.add(Count::Hit);
                    let (identity, directory) = (entry.identity, &self.memory.directory);
                    let is_bound = entry.is_bound();
                    let shown = (token, peer);
                    *verdict = Verdict::Admit(Admission::of_one(
                        identity, shown, is_bound, directory, forward,
                    ));
                    return None;
                }
                Some(Err(refusal)) => {
                    stripe.add(Count::Hit);
                    stripe.refused(refusal.reason);
                    *verdict = Verdict::Refuse(refusal);
                    return None;
                }
                None => {}
            }
            if let (Some(token), Some(peer)) = (token, peer)
                && let Some(said) = self.recall_two(&recall, (token, peer), hash, ask)
            {
                *verdict = said;
                return None;
            }
        }
        Some(Arc::clone(snapshot))
    }

    /// A token and a certificate of a PKI, both seen before.
    #[inline(never)]
    fn recall_two<'a>(
        &'a self,
        recall: &Recall<'_>,
        (token, peer): (&'a [u8], &'a Peer),
        hash: u64,
        ask: &Ask<'_>,
    ) -> Option<Verdict<'a>> {
        let seen = recall.two(token, peer, hash, ask)?;
        recall.stripe.add(Count::Hit);
        Some(match recall.suit(&seen, ask) {
            Ok(()) => self.admit(recall.admitted(&seen)),
            Err(refusal) => {
                recall.stripe.refused(refusal.reason);
                Verdict::Refuse(refusal)
            }
        })
    }

    #[cold]
    fn check_unseen<'a>(
        &'a self,
        snapshot: &Snapshot,
        request: &Request<'a>,
        ask: &Ask<'_>,
        now: Now,
    ) -> Verdict<'a> {
        let judged = judge(snapshot, &self.memory, true, (request, ask, now), &mut Silent);
        let pin = pin();
        let stripe = self.memory.counters.of(&pin);
        // Only now, just before its refusal: what is still undecided would look like an admission.
        stripe.add(Count::Miss);
        match judged {
            Ok(admitted) => self.admit(admitted),
            Err(refusal) => {
                stripe.refused(refusal.reason);
                Verdict::Refuse(refusal)
            }
        }
    }

    #[inline]
    fn admit<'a>(&'a self, admitted: Admitted<'a>) -> Verdict<'a> {
        Verdict::Admit(Admission::new(admitted, &self.memory.directory))
    }

    /// Judges many requests at once; the verdicts come in their order.
    ///
    /// What was seen before is judged first, by this thread, memory asked for ahead. The others go to a
    /// pool of threads that all gates of the process share; it is made when it is first needed, and
    /// anew in a forked child. Of several requests with one token that passes once, any may be the first.
    pub fn check_batch<'a>(
        &'a self,
        batch: &[(Request<'a>, Ask<'_>)],
        now: Now,
    ) -> Vec<Verdict<'a>> {
        let mut verdicts = Vec::with_capacity(batch.len());
        let mut unseen = Vec::new();
        for group in batch.chunks(AHEAD) {
            let pin = pin();
            let mut hashes = [0; AHEAD];
            for (hash, (request, _)) in hashes.iter_mut().zip(group) {
                *hash = self.prefetch(request);
            }
            for hash in &hashes[..group.len()] {
                self.memory.cache.prefetch_entry(&pin, *hash);
            }
            for (hash, (request, ask)) in hashes.into_iter().zip(group) {
                let mut verdict = Verdict::NONE;
                if let Some(snapshot) = self.check_seen((request, hash), ask, now, &mut verdict) {
                    unseen.push((verdicts.len(), snapshot));
                }
                verdicts.push(verdict);
            }
        }
        let judged = in_parallel(&unseen, |(at, snapshot)| {
            let (request, ask) = &batch[*at];
            self.check_unseen(snapshot, request, ask, now)
        });
        for ((at, _), verdict) in unseen.into_iter().zip(judged) {
            verdicts[at] = verdict;
        }
        verdicts
    }

    /// Judges as [`Gate::check`], by the same code, and writes every step down. The steps hold
    /// text of the credential (never its signature): for the operator only.
    pub fn explain<'a>(
        &'a self,
        request: &Request<'a>,
        ask: &Ask<'_>,
        now: Now,
    ) -> Explanation<'a> {
        let mut notes = Notes::default();
        let snapshot = self.snapshot.load_full();
        let judged = judge(&snapshot, &self.memory, false, (request, ask, now), &mut notes);
        let verdict = judged.map_or_else(Verdict::Refuse, |admitted| self.admit(admitted));
        notes.into_explanation(verdict)
    }

    /// What happened so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let table = self.memory.cache.counters();
        Counters {
            entries: table.entries,
            bytes: table.bytes,
            insertions: table.insertions,
            evicted: table.evictions,
            expired: table.expired,
            not_kept: table.crowded + table.refused,
            ..self.memory.counters.sum(&self.memory.directory)
        }
    }

    /// The client's certificate as a proxy passed it on in a header (docs/configuration.md has the
    /// names), if it did. `headers` are all headers of the request; `sender` is who sent it to us.
    ///
    /// Such a peer counts as a certificate of a PKI; it proves no token's key. For each request: on
    /// one connection a proxy passes on the certificates of many clients.
    ///
    /// # Errors
    /// 2017 for a sender that is not listed, 1020 and 1021 for headers that are not one certificate
    /// in one form, and what [`Peer::new`] refuses. The request has to be refused for it.
    pub fn forwarded<'h, H>(&self, sender: Sender, headers: H) -> Result<Option<Peer>, Refusal>
    where
        H: IntoIterator<Item = (&'h str, &'h [u8])> + Clone,
    {
        let method = Some(Method::Pki);
        Peer::forwarded(self.snapshot.load_full().policy.senders(), sender, headers)
            .map_err(|refusal| Refusal { method, ..refusal })
    }

    /// Whether other revocation lists count now than when they were ordered: one has begun or is over, or a clock
    /// was set. Checks mind it by themselves, at the price of asking the lists each time; a load of the same
    /// lists orders them anew.
    #[must_use]
    pub fn lists_have_turned(&self, now: Now) -> bool {
        !self.snapshot.load_full().trust.is_steady(now)
    }

    /// The names of the endpoints that may be asked for.
    #[must_use]
    pub fn endpoint_names(&self) -> Vec<String> {
        self.snapshot.load_full().policy.endpoint_names().map(str::to_owned).collect()
    }
}
