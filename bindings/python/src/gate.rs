//! Gates: made from a configuration, shared by all threads.

use core::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyMapping, PyString, PyTuple};
use tollgate_keeper::{ConfigErrors, Keeper, Options, Origin, Refreshed};

use crate::ask::{Question, moment};
use crate::batch::Batch;
use crate::config::{in_memory, toml_of, without_lines};
use crate::counters::Counters;
use crate::explain::Explanation;
use crate::fork::detached;
use crate::host;
use crate::peer::{Peer, sender_of};
use crate::raise::{config_error, refused};
use crate::refresh::Refreshing;
use crate::token::Token;
use crate::update::Update;
use crate::verdict::{Judged, Place, Said, Verdict};

/// A configuration, the trust that it names, and the credentials that are remembered.
#[pyclass(frozen, weakref, module = "tollgate")]
pub(crate) struct Gate {
    pub(crate) keeper: Arc<Keeper>,
    refreshing: Arc<Refreshing>,
    /// Whether the configuration was a dict, whose lines say nothing.
    is_dict: bool,
}

impl Gate {
    fn open(py: Python<'_>, origin: Origin, processes: u32, is_dict: bool) -> PyResult<Self> {
        let processes = NonZeroU32::new(processes);
        let processes = processes.ok_or_else(|| PyValueError::new_err("processes is 1 or more"))?;
        let options = Options { processes, ..Options::default() };
        let (keeper, warnings) = detached(py, || Keeper::open(origin, options))
            .map_err(|errors| wrong(py, errors, is_dict))?;
        host::warn(py, &warnings);
        let keeper = Arc::new(keeper);
        Ok(Self { refreshing: Refreshing::new(Arc::clone(&keeper)), keeper, is_dict })
    }
}

fn wrong(py: Python<'_>, errors: ConfigErrors, is_dict: bool) -> PyErr {
    config_error(py, &if is_dict { without_lines(errors) } else { errors })
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _ = Python::try_attach(|py| self.refreshing.stop(py));
    }
}

#[pymethods]
impl Gate {
    #[staticmethod]
    #[pyo3(signature = (config, *, folder=None, processes=1))]
    fn from_config(
        config: &Bound<'_, PyAny>,
        folder: Option<PathBuf>,
        processes: u32,
    ) -> PyResult<Self> {
        let py = config.py();
        if let Ok(mapping) = config.cast::<PyMapping>() {
            return Self::open(py, in_memory(toml_of(mapping)?, folder), processes, true);
        }
        if folder.is_some() {
            let message = "folder is for a dict; the paths in a file are relative to the file";
            return Err(PyValueError::new_err(message));
        }
        let path: PathBuf = config.extract().map_err(|_| {
            PyTypeError::new_err(
                "config is the path of a tollgate.toml, or a dict of what is in one",
            )
        })?;
        Self::open(py, Origin::File(path), processes, false)
    }

    #[staticmethod]
    #[pyo3(signature = (text, *, folder=None, processes=1))]
    fn from_toml(
        py: Python<'_>,
        text: String,
        folder: Option<PathBuf>,
        processes: u32,
    ) -> PyResult<Self> {
        Self::open(py, in_memory(text, folder), processes, false)
    }

    #[pyo3(signature = (token=None, peer=None, *, endpoint=None, scenario=None, windows=None, source=None, now=None))]
    #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
    fn check(
        slf: &Bound<'_, Self>,
        token: Option<&Bound<'_, PyAny>>,
        peer: Option<Py<Peer>>,
        endpoint: Option<&str>,
        scenario: Option<&Bound<'_, PyAny>>,
        windows: Option<&Bound<'_, PyAny>>,
        source: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Verdict> {
        let asked = Question::read(endpoint, scenario, windows, source)?;
        let now = moment(&slf.get().keeper, now)?;
        let judged = Judged { gate: slf.clone().unbind(), token: Token::read(token)?, peer };
        let said = Said::check(slf.py(), judged, &asked, now)?;
        Ok(Verdict { place: Place::One(said), scenario: asked.scenario })
    }

    #[pyo3(signature = (token=None, peer=None, *, endpoint=None, scenario=None, windows=None, source=None, now=None))]
    #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
    fn verify(
        slf: &Bound<'_, Self>,
        token: Option<&Bound<'_, PyAny>>,
        peer: Option<Py<Peer>>,
        endpoint: Option<&str>,
        scenario: Option<&Bound<'_, PyAny>>,
        windows: Option<&Bound<'_, PyAny>>,
        source: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Verdict> {
        let verdict = Self::check(slf, token, peer, endpoint, scenario, windows, source, now)?;
        match verdict.refused() {
            Some(refusal) => Err(refused(slf.py(), &refusal)),
            None => Ok(verdict),
        }
    }

    #[pyo3(signature = (requests, *, endpoint=None, scenario=None, windows=None, source=None, now=None))]
    fn check_batch(
        slf: &Bound<'_, Self>,
        requests: &Bound<'_, PyAny>,
        endpoint: Option<&str>,
        scenario: Option<&Bound<'_, PyAny>>,
        windows: Option<&Bound<'_, PyAny>>,
        source: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Batch> {
        let asked = Question::read(endpoint, scenario, windows, source)?;
        let now = moment(&slf.get().keeper, now)?;
        Batch::check(slf.py(), slf.clone().unbind(), requests, &asked, now)
    }

    #[pyo3(signature = (token=None, peer=None, *, endpoint=None, scenario=None, windows=None, source=None, now=None))]
    #[expect(clippy::too_many_arguments, reason = "they are Python's keywords")]
    fn explain(
        slf: &Bound<'_, Self>,
        token: Option<&Bound<'_, PyAny>>,
        peer: Option<Py<Peer>>,
        endpoint: Option<&str>,
        scenario: Option<&Bound<'_, PyAny>>,
        windows: Option<&Bound<'_, PyAny>>,
        source: Option<&Bound<'_, PyAny>>,
        now: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Explanation> {
        let asked = Question::read(endpoint, scenario, windows, source)?;
        let now = moment(&slf.get().keeper, now)?;
        let judged = Judged { gate: slf.clone().unbind(), token: Token::read(token)?, peer };
        Explanation::of(slf.py(), judged, &asked, now)
    }

    #[expect(clippy::needless_pass_by_value, reason = "arguments are read into a list")]
    fn peer_from_headers(
        &self,
        sender: &str,
        headers: Vec<(Bound<'_, PyAny>, Bound<'_, PyBytes>)>,
    ) -> PyResult<Option<Peer>> {
        let sender = sender_of(sender)?;
        let mut shown = Vec::with_capacity(headers.len());
        for (name, value) in &headers {
            // A name that is no text is none of those that are looked for.
            let name = match (name.cast::<PyBytes>(), name.cast::<PyString>()) {
                (Ok(name), _) => core::str::from_utf8(name.as_bytes()).unwrap_or_default(),
                (_, name) => name?.to_str().unwrap_or_default(),
            };
            shown.push((name, value.as_bytes()));
        }
        Ok(match self.keeper.gate().forwarded(sender, shown.iter().copied()) {
            Ok(None) => None,
            presented => Some(Peer { presented }),
        })
    }

    fn apply(&self, py: Python<'_>, update: &Bound<'_, Update>) -> PyResult<()> {
        let update = update.get().collected();
        let applied = detached(py, || self.keeper.apply(update));
        let warnings = applied.map_err(|errors| wrong(py, errors, self.is_dict))?;
        host::warn(py, &warnings);
        Ok(())
    }

    fn refresh(&self, py: Python<'_>) -> PyResult<&'static str> {
        let refreshed = detached(py, || self.keeper.refresh());
        host::tell(py, &refreshed);
        match refreshed {
            Refreshed::Unchanged => Ok("unchanged"),
            Refreshed::Replaced(_) => Ok("replaced"),
            Refreshed::Busy => Ok("busy"),
            Refreshed::Kept(errors) => Err(wrong(py, errors, self.is_dict)),
        }
    }

    #[getter]
    fn refresh_due(&self) -> f64 {
        self.keeper.refresh_due().as_secs_f64()
    }

    fn needs_refresh(&self, py: Python<'_>) -> bool {
        detached(py, || self.keeper.needs_refresh())
    }

    fn start_refresh(&self, py: Python<'_>) -> PyResult<bool> {
        self.refreshing.start(py)
    }

    fn stop_refresh(&self, py: Python<'_>) -> bool {
        self.refreshing.stop(py)
    }

    #[getter]
    fn is_refreshing(&self) -> bool {
        self.refreshing.is_running()
    }

    fn counters(&self, py: Python<'_>) -> PyResult<Counters> {
        Counters::of(py, &self.keeper)
    }

    fn metrics(&self, py: Python<'_>) -> String {
        detached(py, || self.keeper.metrics())
    }

    #[getter]
    fn endpoints<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.keeper.gate().endpoint_names())
    }

    #[getter]
    fn cache_bytes(&self) -> usize {
        self.keeper.cache_bytes()
    }

    fn __repr__(&self) -> String {
        format!("<tollgate.Gate of {}>", self.keeper.gate().endpoint_names().join(", "))
    }

    /// A gate is of one process, and its trust has no other form.
    fn __reduce__(&self) -> PyResult<Bound<'_, PyDict>> {
        Err(PyTypeError::new_err(
            "a gate cannot be pickled; open its configuration in each process",
        ))
    }
}
