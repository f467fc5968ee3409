//! The batch of the core on the same credentials, for the bench alone.

use std::time::Instant;

use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tollgate::{Ask, Request, Scenario};

use crate::gate::Gate;

/// Seconds that the core takes for one batch of these tokens, its requests made before.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "arguments are read into a list")]
pub(crate) fn measure_batch(gate: &Gate, tokens: Vec<Bound<'_, PyBytes>>) -> f64 {
    let ask = Ask { endpoint: "", scenario: Scenario::Device, windows: None, source: None };
    let batch: Vec<_> = tokens.iter().map(|one| (Request::token(one.as_bytes()), ask)).collect();
    let (gate, now) = (gate.keeper.gate(), gate.keeper.now());
    let begun = Instant::now();
    let said = gate.check_batch(&batch, now);
    let took = begun.elapsed();
    drop(said);
    took.as_secs_f64()
}
