//! Between a credential and the signatures that it wants checked: what is known of these very bytes, who
//! is at it already, and who pays.

use tollgate_table::pin;

use super::memory::{Found, Memory, Remembered};
use crate::cache::flight::{Leader, TakeOff};
use crate::cert::path::{PathFault, Proofs};
use crate::cert::{Certificate, Path};
use crate::counters::Count;
use crate::credential::Source;
use crate::crypto::{KeyId, Proven, Signatures, WrongSignature};
use crate::facts::{Facts, Proof};
use crate::method::Method;
use crate::reason::{Reason, Refusal};
use crate::snapshot::Snapshot;
use crate::time::Now;

/// One credential on the long way. Dropped, it lets those go who wait for it.
pub(super) struct Proving<'g> {
    /// `None` for an explanation: it pays for everything and leaves no trace.
    memory: Option<&'g Memory>,
    snapshot: &'g Snapshot,
    source: Option<Source>,
    now: Now,
    bytes: &'g [u8],
    hash: u64,
    /// What proved these bytes before.
    known: Option<Proof>,
    /// The number of the authority that the credential names.
    authority: u32,
    leader: Option<Leader<'g, Found>>,
    has_taken_off: bool,
    /// Wrong signatures that were paid for.
    wrong: u32,
}

impl<'g> Proving<'g> {
    pub(super) fn new(
        memory: Option<&'g Memory>,
        snapshot: &'g Snapshot,
        source: Option<Source>,
        now: Now,
        bytes: &'g [u8],
    ) -> Self {
        let hash = memory.map_or(0, |memory| memory.cache.hash(bytes));
        Self {
            memory,
            snapshot,
            source,
            now,
            bytes,
            hash,
            known: None,
            authority: u32::MAX,
            leader: None,
            has_taken_off: false,
            wrong: 0,
        }
    }

    /// Whose signature it claims to carry.
    pub(super) fn of_authority(&mut self, number: u32) {
        self.authority = number;
    }

    /// It was admitted: the next time, memory will do. `steady` as in [`Remembered::of`].
    pub(super) fn remember(&mut self, facts: &Facts<'_>, steady: (i64, i64)) {
        self.known = Some(facts.proof().clone());
        let Some(memory) = self.memory else { return };
        // Another CA of the same name came first: that was nobody's fault.
        for _ in 0..core::mem::take(&mut self.wrong) {
            self.give_back(memory);
        }
        // It came the long way for what stands beside it: then nothing has to be written.
        let is_there = memory.cache.get(&pin(), self.hash, self.bytes).is_some_and(|entry| {
            entry.stood().0 == self.snapshot.sequence
                && (!entry.is_chain() || entry.is_steady(self.now.unix_s))
        });
        if !is_there && let Some(remembered) = Remembered::of(facts, self.snapshot, steady) {
            let now_s = u64::try_from(self.now.unix_s).unwrap_or(0);
            memory.cache.insert(self.hash, self.bytes, remembered, now_s);
        }
    }

    /// What the cache knows of these bytes, all of them compared.
    fn look(&mut self) {
        let Some(memory) = self.memory else { return };
        let pin = pin();
        let entry = memory.cache.get(&pin, self.hash, self.bytes);
        // What another thread has found stays found.
        if let Some(proof) = entry.and_then(|entry| entry.proof(&memory.directory)) {
            self.known = Some(proof);
        }
    }

    /// Goes in front of all who come with these bytes, or waits for whoever is and takes over what he found.
    fn take_off(&mut self, memory: &'g Memory) {
        if core::mem::replace(&mut self.has_taken_off, true) {
            return;
        }
        let found = match memory.flights.take_off(self.hash) {
            TakeOff::Leads(leader) => {
                self.leader = Some(leader);
                None
            }
            TakeOff::Followed(found) => {
                self.count(Count::Waited);
                found
            }
        };
        // Whoever was in front may have arrived since the first look.
        self.look();
        if self.known.is_none() {
            self.known =
                found.filter(|found| found.print == self.print(memory)).map(|found| found.proof);
        }
    }

    fn print(&self, memory: &Memory) -> [u8; 16] {
        memory.keyed.hash(&[self.bytes])
    }

    /// Takes one check out of the budgets, or says that they are spent.
    fn pay(&self, memory: &Memory) -> bool {
        let limits = self.snapshot.policy.limits();
        let now_ms = self.now.mono_ms;
        // Half is kept for sources without a failure. Who has no name is not one of them.
        let mut spare = limits.issuer_checks.burst / 2;
        if let Some(source) = self.source {
            let place = memory.cache.hash(source.as_bytes());
            if !memory.sources.take(place, source, limits.source_checks, 0, now_ms) {
                return false;
            }
            if !memory.sources.has_failed(place, source, now_ms) {
                spare = 0;
            }
        }
        let (place, rate) = (u64::from(self.authority), limits.issuer_checks);
        let has_paid = memory.issuers.take(place, self.authority, rate, spare, now_ms);
        if !has_paid && let Some(source) = self.source {
            let place = memory.cache.hash(source.as_bytes());
            memory.sources.give_back(place, source, limits.source_checks, now_ms);
        }
        has_paid
    }

    /// Good ones are free.
    fn give_back(&self, memory: &Memory) {
        let limits = self.snapshot.policy.limits();
        let now_ms = self.now.mono_ms;
        if let Some(source) = self.source {
            let place = memory.cache.hash(source.as_bytes());
            memory.sources.give_back(place, source, limits.source_checks, now_ms);
        }
        let place = u64::from(self.authority);
        memory.issuers.give_back(place, self.authority, limits.issuer_checks, now_ms);
    }

    fn count(&self, count: Count) {
        if let Some(memory) = self.memory {
            let pin = pin();
            memory.counters.of(&pin).add(count);
        }
    }

    /// Notes that a key was asked for a signature.
    fn used(&self, memory: &Memory, key: KeyId) {
        self.count(Count::SignatureCheck);
        let number = self.snapshot.key(key);
        if let Some(record) = number.and_then(|number| memory.directory.key(number)) {
            record.checks.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
        }
    }

    fn touch(&self, memory: &Memory, key: KeyId) {
        let number = self.snapshot.key(key);
        if let Some(record) = number.and_then(|number| memory.directory.key(number)) {
            record.touch(self.now.unix_s);
        }
    }
}

impl Signatures for Proving<'_> {
    fn token(
        &mut self,
        key: KeyId,
        verify: &mut dyn FnMut() -> Result<Proven, WrongSignature>,
    ) -> Result<Proven, Refusal> {
        let wrong = Reason::SignatureWrong;
        let Some(memory) = self.memory else { return verify().map_err(|_| wrong.into()) };
        let is_known = |known: &Option<Proof>| matches!(known, Some(Proof::Signature(proven)) if *proven == key);
        self.look();
        if !is_known(&self.known) {
            self.take_off(memory);
        }
        if is_known(&self.known) {
            self.touch(memory, key);
            return Ok(Proven::remembered(key));
        }
        let print = || self.print(memory);
        if memory.wrong.holds(self.hash, key, self.now.mono_ms, print) {
            self.count(Count::WrongAgain);
            return Err(wrong.into());
        }
        if !self.pay(memory) {
            self.count(Count::OverBudget);
            return Err(Reason::BudgetSpent.into());
        }
        self.used(memory, key);
        let verified = verify();
        match verified {
            Ok(proven) => {
                self.give_back(memory);
                self.touch(memory, key);
                self.known = Some(Proof::Signature(key));
                Ok(proven)
            }
            Err(WrongSignature) => {
                self.wrong += 1;
                memory.wrong.add(self.hash, key, self.print(memory), self.now.mono_ms);
                Err(wrong.into())
            }
        }
    }
}

impl Proofs for Proving<'_> {
    fn of_pki(&mut self, place: usize) {
        self.authority = self.snapshot.authority_at(Method::Pki, place);
    }

    fn path(
        &mut self,
        chain: &[&Certificate],
        anchor: &Certificate,
        prove: &mut dyn FnMut() -> Result<(), PathFault>,
    ) -> Result<(), PathFault> {
        let Some(memory) = self.memory else { return prove() };
        let is_known = |known: &Option<Proof>| matches!(known, Some(Proof::Path(path)) if is_path(path, chain, anchor));
        self.look();
        if !is_known(&self.known) {
            self.take_off(memory);
        }
        if is_known(&self.known) {
            return Ok(());
        }
        if !self.pay(memory) {
            self.count(Count::OverBudget);
            return Err(PathFault::NotTried);
        }
        self.count(Count::SignatureCheck);
        let proven = prove();
        match proven {
            Err(PathFault::Signature) => self.wrong += 1,
            Ok(()) | Err(_) => self.give_back(memory),
        }
        proven
    }
}

impl Drop for Proving<'_> {
    fn drop(&mut self) {
        let Some(memory) = self.memory else { return };
        if self.wrong > 0
            && let Some(source) = self.source
        {
            let place = memory.cache.hash(source.as_bytes());
            memory.sources.failed(place, source, self.now.mono_ms);
        }
        if let Some(leader) = self.leader.take() {
            let proof = self.known.take();
            leader.arrive(|| Some(Found { print: self.print(memory), proof: proof? }));
        }
    }
}

/// Whether the path goes over these very certificates; the leaf's bytes were compared before.
fn is_path(path: &Path, chain: &[&Certificate], anchor: &Certificate) -> bool {
    let between = chain.iter().skip(1).map(|certificate| certificate.thumbprint());
    path.anchor() == anchor.thumbprint() && between.eq(path.intermediates().iter().copied())
}
