//! Every reason there is, as docs/reasons.md lists them.

use pyo3::prelude::*;

/// One row of the table of reasons.
#[pyclass(frozen, get_all, module = "tollgate")]
pub(crate) struct Reason {
    code: u16,
    name: &'static str,
    reason_class: &'static str,
    http_status: u16,
    sentence: &'static str,
    remedy: &'static str,
    source: &'static str,
}

impl From<tollgate::Reason> for Reason {
    fn from(reason: tollgate::Reason) -> Self {
        Self {
            code: reason.number(),
            name: reason.name(),
            reason_class: reason.class().name(),
            http_status: reason.http_status(),
            sentence: reason.sentence(),
            remedy: reason.remedy(),
            source: reason.source(),
        }
    }
}

#[pymethods]
impl Reason {
    fn __repr__(&self) -> String {
        format!("<tollgate.Reason {} ({})>", self.name, self.code)
    }
}

#[pyfunction]
pub(crate) fn reasons() -> Vec<Reason> {
    tollgate::Reason::ALL.iter().copied().map(Reason::from).collect()
}
