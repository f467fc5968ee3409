//! What happened so far.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use tollgate_keeper::Keeper;

use crate::fork::detached;

/// A gate's counts since it was made.
#[pyclass(frozen, get_all, module = "tollgate")]
pub(crate) struct Counters {
    admitted: u64,
    refused: u64,
    hits: u64,
    misses: u64,
    rejudged: u64,
    signature_checks: u64,
    wrong_again: u64,
    waited: u64,
    over_budget: u64,
    entries: usize,
    bytes: usize,
    insertions: u64,
    evicted: u64,
    expired: u64,
    not_kept: u64,
    refreshes: u64,
    refresh_failures: u64,
    updates: u64,
    refusals: Py<PyDict>,
}

impl Counters {
    pub(crate) fn of(py: Python<'_>, keeper: &Keeper) -> PyResult<Self> {
        let refreshes = keeper.refreshes();
        let counters = detached(py, || keeper.gate().counters());
        let refusals = PyDict::new(py);
        for (reason, count) in &counters.refusals {
            refusals.set_item(reason.name(), count)?;
        }
        Ok(Self {
            admitted: keeper.admissions(&counters),
            refused: counters.refusals.iter().map(|(_, count)| count).sum(),
            hits: counters.hits,
            misses: counters.misses,
            rejudged: counters.rejudged,
            signature_checks: counters.signature_checks,
            wrong_again: counters.wrong_again,
            waited: counters.waited,
            over_budget: counters.over_budget,
            entries: counters.entries,
            bytes: counters.bytes,
            insertions: counters.insertions,
            evicted: counters.evicted,
            expired: counters.expired,
            not_kept: counters.not_kept,
            refreshes: refreshes.done,
            refresh_failures: refreshes.failed,
            updates: refreshes.updates,
            refusals: refusals.unbind(),
        })
    }
}
