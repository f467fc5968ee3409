//! What is asked about a request, in the core's words.

use core::net::IpAddr;

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyFloat, PyString};
use tollgate::limits::SOURCE_BYTES;
use tollgate::{Ask, Now, Scenario, Source, WindowsVersion};
use tollgate_keeper::Keeper;

use crate::peer::Peer;
use crate::token::Token;

/// One request of a batch: what it shows, and where it asks something else than the batch does.
#[pyclass(frozen, module = "tollgate")]
pub(crate) struct Request {
    pub(crate) token: Token,
    pub(crate) peer: Option<Py<Peer>>,
    pub(crate) endpoint: Option<String>,
    pub(crate) scenario: Option<Scenario>,
    pub(crate) windows: Option<WindowsVersion>,
    pub(crate) source: Option<Source>,
}

#[pymethods]
impl Request {
    #[new]
    #[pyo3(signature = (token=None, peer=None, *, endpoint=None, scenario=None, windows=None, source=None))]
    fn new(
        token: Option<&Bound<'_, PyAny>>,
        peer: Option<Py<Peer>>,
        endpoint: Option<String>,
        scenario: Option<&Bound<'_, PyAny>>,
        windows: Option<&Bound<'_, PyAny>>,
        source: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        Ok(Self {
            token: Token::read(token)?,
            peer,
            endpoint,
            scenario: scenario.map(scenario_of).transpose()?,
            windows: windows.map(windows_of).transpose()?,
            source: source.map(source_of).transpose()?,
        })
    }
}

/// The arguments that say what is asked.
pub(crate) struct Question<'p> {
    pub(crate) endpoint: &'p str,
    pub(crate) scenario: Scenario,
    pub(crate) windows: Option<WindowsVersion>,
    pub(crate) source: Option<Source>,
}

impl<'p> Question<'p> {
    #[inline]
    pub(crate) fn read(
        endpoint: Option<&'p str>,
        scenario: Option<&Bound<'_, PyAny>>,
        windows: Option<&Bound<'_, PyAny>>,
        source: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        Ok(Self {
            endpoint: endpoint.unwrap_or_default(),
            scenario: scenario.map_or(Ok(Scenario::Device), scenario_of)?,
            windows: windows.map(windows_of).transpose()?,
            source: source.map(source_of).transpose()?,
        })
    }

    pub(crate) fn ask(&self) -> Ask<'p> {
        let Self { endpoint, scenario, windows, source } = *self;
        Ask { endpoint, scenario, windows, source }
    }
}

fn scenario_of(shown: &Bound<'_, PyAny>) -> PyResult<Scenario> {
    let name = shown.cast::<PyString>()?;
    let scenario = name.to_str().ok().and_then(Scenario::from_name);
    scenario.ok_or_else(|| {
        PyValueError::new_err(format!("scenario is \"device\" or \"user\", not {name:?}"))
    })
}

fn windows_of(shown: &Bound<'_, PyAny>) -> PyResult<WindowsVersion> {
    if let Ok(text) = shown.cast::<PyString>() {
        let version = text.to_str().ok().and_then(|text| text.parse().ok());
        return version.ok_or_else(|| {
            PyValueError::new_err(format!("windows is written as \"10.0.19045\", not {text:?}"))
        });
    }
    let (major, minor, build) = shown.extract()?;
    Ok(WindowsVersion { major, minor, build })
}

fn source_of(shown: &Bound<'_, PyAny>) -> PyResult<Source> {
    if let Ok(bytes) = shown.cast::<PyBytes>() {
        return Source::new(bytes.as_bytes()).ok_or_else(|| {
            PyValueError::new_err(format!("source is 1 to {SOURCE_BYTES} bytes, or an IP address"))
        });
    }
    let address = shown.cast::<PyString>()?;
    let text = address.to_str().unwrap_or_default();
    text.parse::<IpAddr>().map(Source::from).map_err(|_| {
        PyValueError::new_err(format!("source is an IP address or bytes, not {address:?}"))
    })
}

/// A Windows version as a client reports it, for `windows=`; None where it cannot be read, which counts as
/// not known.
#[pyfunction]
pub(crate) fn windows_version(text: &str) -> Option<(u32, u32, u32)> {
    let WindowsVersion { major, minor, build } = text.parse().ok()?;
    Some((major, minor, build))
}

/// The calendar may be told; how fresh sources are is always judged at present.
#[inline]
pub(crate) fn moment(keeper: &Keeper, told: Option<&Bound<'_, PyAny>>) -> PyResult<Now> {
    let now = keeper.now();
    let Some(told) = told else { return Ok(now) };
    let unix_s = match told.cast::<PyFloat>() {
        Ok(seconds) => whole(seconds.value())?,
        Err(_) => told.extract().map_err(|why: PyErr| {
            if why.is_instance_of::<PyOverflowError>(told.py()) {
                return why;
            }
            PyTypeError::new_err("now is seconds since 1970, as an int or float")
        })?,
    };
    Ok(Now { unix_s, ..now })
}

/// The second that a time is in.
fn whole(seconds: f64) -> PyResult<i64> {
    let second = seconds.floor();
    // Where floats stop being exact seconds; far beyond every calendar.
    if second.abs() > 9.0e15 || second.is_nan() {
        return Err(PyOverflowError::new_err("now is no number of seconds"));
    }
    Ok(second as i64)
}
