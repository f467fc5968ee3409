//! What happened so far.

use core::mem;

use tollgate::Reason;

use crate::gate::{shared, tollgate_gate};
use crate::guard::guard;
use crate::memory::{Sized32, out, tollgate_text, write};
use crate::scratch::{own, tollgate_scratch, view};
use crate::status::{TOLLGATE_DONE, TOLLGATE_E_ARGUMENT};
use crate::text::NOTHING;

/// A gate's counts since it was made. Zero it and set size.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct tollgate_counters {
    /// sizeof(tollgate_counters).
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Checks that admitted.
    pub admitted: u64,
    /// Checks that refused. tollgate_gate_refusals() has them by reason.
    pub refused: u64,
    /// Checks answered from memory alone.
    pub hits: u64,
    /// Checks for which something had to be read or proven.
    pub misses: u64,
    /// Remembered credentials that were judged again, without a signature, because trust or policy moved.
    pub rejudged: u64,
    /// Signatures of tokens and of whole certification paths that were computed.
    pub signature_checks: u64,
    /// Tokens refused because the same bytes were wrong under the same key a moment ago.
    pub wrong_again: u64,
    /// Checks that waited for another thread's check of the same credential.
    pub waited: u64,
    /// Checks refused because a budget was spent.
    pub over_budget: u64,
    /// Credentials remembered now.
    pub entries: u64,
    /// What they take in memory now, in bytes.
    pub bytes: u64,
    /// Credentials that were taken in.
    pub insertions: u64,
    /// Credentials that made way alive.
    pub evicted: u64,
    /// Credentials that had ended when they made way.
    pub expired: u64,
    /// Credentials that found no place.
    pub not_kept: u64,
    /// Times that files were loaded again and the trust was replaced.
    pub refreshes: u64,
    /// Times that files changed and could not be loaded.
    pub refresh_failures: u64,
    /// Updates that were applied.
    pub updates: u64,
}

// SAFETY: it begins with its size; numbers.
unsafe impl Sized32 for tollgate_counters {}

/// Adds up what all threads counted. What they count meanwhile may be in it or not.
///
/// @param gate      Not NULL.
/// @param counters  Not NULL; size has to be set.
/// @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_SIZE, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_counters(
    gate: *const tollgate_gate,
    counters: *mut tollgate_counters,
) -> i32 {
    // SAFETY: the contract for all pointers.
    let gate = unsafe { shared(gate) };
    guard(gate.ok(), || {
        // SAFETY: the same.
        let place = unsafe { write(counters) }?;
        let gate = gate?;
        let refreshes = gate.keeper.refreshes();
        let counters = gate.keeper.gate().counters();
        place.put(tollgate_counters {
            size: size_of::<tollgate_counters>() as u32,
            reserved: 0,
            admitted: gate.keeper.admissions(&counters),
            refused: counters.refusals.iter().map(|(_, count)| count).sum(),
            hits: counters.hits,
            misses: counters.misses,
            rejudged: counters.rejudged,
            signature_checks: counters.signature_checks,
            wrong_again: counters.wrong_again,
            waited: counters.waited,
            over_budget: counters.over_budget,
            entries: counters.entries as u64,
            bytes: counters.bytes as u64,
            insertions: counters.insertions,
            evicted: counters.evicted,
            expired: counters.expired,
            not_kept: counters.not_kept,
            refreshes: refreshes.done,
            refresh_failures: refreshes.failed,
            updates: refreshes.updates,
        });
        Ok(TOLLGATE_DONE)
    })
}

/// How often a reason refused.
///
/// @param gate    Not NULL.
/// @param reason  Its number: a status of 1000 or more.
/// @param count   Where the count goes; not NULL.
/// @return TOLLGATE_DONE; TOLLGATE_E_ARGUMENT for a number that is no reason's; TOLLGATE_E_NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_refusals(
    gate: *const tollgate_gate,
    reason: i32,
    count: *mut u64,
) -> i32 {
    // SAFETY: the contract for all pointers.
    let gate = unsafe { shared(gate) };
    guard(gate.ok(), || {
        // SAFETY: the same.
        let place = unsafe { out(count) }?;
        place.put(0);
        let wanted = u16::try_from(reason).ok().and_then(Reason::from_number);
        let wanted = wanted.ok_or(TOLLGATE_E_ARGUMENT)?;
        let refusals = gate?.keeper.gate().counters().refusals;
        let found = refusals.iter().find(|(reason, _)| *reason == wanted);
        place.put(found.map_or(0, |(_, count)| *count));
        Ok(TOLLGATE_DONE)
    })
}

/// The same and more as Prometheus text (exposition format 0.0.4), to be sent as
/// `text/plain; version=0.0.4`. For the operator: it names what is configured, and no client.
///
/// @param gate     Not NULL.
/// @param scratch  Not NULL; it owns the text.
/// @param text     Where the text goes; not NULL. Of no bytes is written first.
/// @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_metrics(
    gate: *const tollgate_gate,
    scratch: *mut tollgate_scratch,
    text: *mut tollgate_text,
) -> i32 {
    // SAFETY: the contract for all pointers.
    let gate = unsafe { shared(gate) };
    guard(gate.ok(), || {
        // SAFETY: the same.
        let place = unsafe { out(text) }?;
        place.put(NOTHING);
        // SAFETY: the same.
        let scratch = unsafe { own(scratch) }?;
        scratch.forget();
        let mut metrics = gate?.keeper.metrics();
        metrics.push('\0');
        scratch.texts.is_clear = false;
        drop(mem::replace(&mut scratch.texts.page, metrics));
        place.put(view(scratch.texts.page.as_bytes()));
        Ok(TOLLGATE_DONE)
    })
}
