//! The exceptions, which `tollgate/_errors.py` has.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyTuple, PyType};
use tollgate::{Reason, Refusal};
use tollgate_keeper::{ConfigError, ConfigErrors};

const MODULE: &str = "tollgate._errors";

/// `ConfigError`, with everything that is wrong.
pub(crate) fn config_error(py: Python<'_>, errors: &ConfigErrors) -> PyErr {
    static PROBLEM: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let made = || {
        let problem = PROBLEM.import(py, MODULE, "Problem")?;
        let problems = errors.0.iter().map(|error| {
            let ConfigError { file, line, key, message, .. } = error;
            problem.call1((file.display().to_string(), line, key, message, error.to_string()))
        });
        let problems = PyTuple::new(py, problems.collect::<PyResult<Vec<_>>>()?)?;
        PyResult::Ok(PyErr::from_value(
            ERROR.import(py, MODULE, "ConfigError")?.call1((problems,))?,
        ))
    };
    made().unwrap_or_else(|why| why)
}

/// `Refused`, of a refusal.
pub(crate) fn refused(py: Python<'_>, refusal: &Refusal) -> PyErr {
    static REFUSED: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let Refusal { reason, method, .. } = refusal;
    let made = || {
        let refused = REFUSED.import(py, MODULE, "Refused")?;
        let (code, class, status) = (reason.number(), reason.class().name(), reason.http_status());
        let method = method.map(tollgate::Method::name);
        let all =
            (refusal.to_string(), reason.name(), code, class, status, method, reason.remedy());
        PyResult::Ok(PyErr::from_value(refused.call1(all)?))
    };
    made().unwrap_or_else(|why| why)
}

/// `UnknownEndpoint`, where a refusal says that there is none of that name.
#[inline]
pub(crate) fn check_endpoint(
    py: Python<'_>,
    refusal: Option<Refusal>,
    asked: &str,
    gate: &tollgate::Gate,
) -> PyResult<()> {
    match refusal {
        Some(Refusal { reason: Reason::EndpointUnknown, .. }) => {
            Err(unknown_endpoint(py, asked, gate.endpoint_names()))
        }
        _ => Ok(()),
    }
}

#[cold]
fn unknown_endpoint(py: Python<'_>, asked: &str, known: Vec<String>) -> PyErr {
    static UNKNOWN: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let made = || {
        let unknown = UNKNOWN.import(py, MODULE, "UnknownEndpoint")?;
        let known = PyTuple::new(py, known)?;
        PyResult::Ok(PyErr::from_value(unknown.call1((asked, known))?))
    };
    made().unwrap_or_else(|why| why)
}
