//! What is said about a gate itself goes to Python's `logging`, under the name `tollgate`.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use tollgate_keeper::{ConfigError, ConfigErrors, Refreshed};

/// As `logging` numbers them.
#[derive(Clone, Copy)]
pub(crate) enum Level {
    Info = 20,
    Warning = 30,
    Error = 40,
}

/// The method `log` of the logger.
pub(crate) fn logger(py: Python<'_>) -> PyResult<&Py<PyAny>> {
    static LOG: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    LOG.get_or_try_init(py, || {
        let logger = py.import("logging")?.call_method1("getLogger", ("tollgate",))?;
        Ok(logger.getattr("log")?.unbind())
    })
}

/// Writes one line. A log that fails changes nothing of what was done; Python is told about it.
pub(crate) fn log(py: Python<'_>, level: Level, line: &str) {
    let written = logger(py).and_then(|log| log.call1(py, (level as u8, "%s", line)));
    if let Err(why) = written {
        why.write_unraisable(py, None);
    }
}

pub(crate) fn warn(py: Python<'_>, warnings: &[ConfigError]) {
    warnings.iter().for_each(|warning| log(py, Level::Warning, &warning.to_string()));
}

/// What came of a refresh.
pub(crate) fn tell(py: Python<'_>, refreshed: &Refreshed) {
    match refreshed {
        Refreshed::Unchanged | Refreshed::Busy => {}
        Refreshed::Replaced(warnings) => {
            log(py, Level::Info, "the configuration and its files were loaded again");
            warn(py, warnings);
        }
        Refreshed::Kept(ConfigErrors(errors)) => {
            errors.iter().for_each(|error| log(py, Level::Error, &error.to_string()));
            log(py, Level::Error, "the trust stays as it was before these files changed");
        }
    }
}
