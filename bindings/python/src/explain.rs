//! A verdict with every step that led to it.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use tollgate::Scenario;

use crate::ask::Question;
use crate::fork::detached;
use crate::raise::check_endpoint;
use crate::verdict::{Judged, Place, Said, Verdict};

/// One step of a judgement.
#[pyclass(frozen, get_all, module = "tollgate")]
#[derive(Clone)]
pub(crate) struct Step {
    name: &'static str,
    held: bool,
    found: String,
    expected: String,
}

#[pymethods]
impl Step {
    fn __repr__(&self) -> String {
        format!("<tollgate.Step {} {}>", self.name, if self.held { "ok" } else { "NO" })
    }
}

/// What a gate explains.
#[pyclass(frozen, module = "tollgate")]
pub(crate) struct Explanation {
    #[pyo3(get)]
    verdict: Py<Verdict>,
    steps: Vec<Step>,
    text: String,
}

impl Explanation {
    pub(crate) fn of(
        py: Python<'_>,
        judged: Judged,
        asked: &Question<'_>,
        now: tollgate::Now,
    ) -> PyResult<Self> {
        let (mut steps, mut text) = (Vec::new(), String::new());
        let said = Said::try_new(judged, |judged| {
            let gate = judged.gate.get().keeper.gate();
            let (request, ask) = (judged.request(py), asked.ask());
            let explained = detached(py, || gate.explain(&request, &ask, now));
            check_endpoint(py, explained.verdict.refusal(), asked.endpoint, gate)?;
            text = explained.to_string();
            steps = explained.steps.into_iter().map(Step::from).collect();
            PyResult::Ok(explained.verdict)
        })?;
        let scenario: Scenario = asked.scenario;
        let verdict = Py::new(py, Verdict { place: Place::One(said), scenario })?;
        Ok(Self { verdict, steps, text })
    }
}

impl From<tollgate::Step> for Step {
    fn from(step: tollgate::Step) -> Self {
        let tollgate::Step { name, held, found, expected } = step;
        Self { name, held, found, expected }
    }
}

#[pymethods]
impl Explanation {
    #[getter]
    fn steps(&self) -> Vec<Step> {
        self.steps.clone()
    }

    /// It would be true for every refusal, too.
    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err("an explanation is neither true nor false; ask for its verdict"))
    }

    fn __str__(&self) -> &str {
        &self.text
    }
}
