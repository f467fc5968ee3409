//! Changes of trust by the program, while the gate runs.

use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMapping, PyString};
use tollgate::policy::Withdrawn;
use tollgate::{Guid, Method};

use crate::config;

/// Changes that belong together: collected here, applied all at once or not at all.
#[pyclass(frozen, module = "tollgate")]
pub(crate) struct Update(Mutex<tollgate_keeper::Update>);

impl Update {
    /// What was collected so far. It stays: an update that failed, or that is for several gates, must not be
    /// an empty one the next time, which changes nothing and succeeds.
    pub(crate) fn collected(&self) -> tollgate_keeper::Update {
        self.with(|update| update.clone())
    }

    fn with<T>(&self, change: impl FnOnce(&mut tollgate_keeper::Update) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

type Chained<'py> = PyResult<Bound<'py, Update>>;

#[pymethods]
impl Update {
    #[new]
    fn new() -> Self {
        Self(Mutex::default())
    }

    fn configuration<'py>(slf: Bound<'py, Self>, config: &Bound<'py, PyAny>) -> Chained<'py> {
        let text = match (config.cast::<PyString>(), config.cast::<PyMapping>()) {
            (Ok(text), _) => text.to_str()?.into(),
            (_, Ok(mapping)) => config::toml_of(mapping)?,
            _ => return Err(PyTypeError::new_err("a configuration is its text, or a dict")),
        };
        slf.get().with(|update| update.configuration(text));
        Ok(slf)
    }

    fn keys<'py>(
        slf: Bound<'py, Self>,
        method: &str,
        name: &str,
        jwks: &Bound<'py, PyAny>,
    ) -> Chained<'py> {
        let (method, jwks) = (method_of(method)?, json_of(jwks)?);
        slf.get().with(|update| update.keys(method, name, jwks));
        Ok(slf)
    }

    fn anchors<'py>(
        slf: Bound<'py, Self>,
        pki: &str,
        certificates: &Bound<'py, PyAny>,
    ) -> Chained<'py> {
        let certificates = bytes_of(certificates, "certificates are PEM or DER: bytes or str")?;
        slf.get().with(|update| update.anchors(pki, certificates));
        Ok(slf)
    }

    fn enable<'py>(slf: Bound<'py, Self>, method: &str, name: &str, enabled: bool) -> Chained<'py> {
        let method = method_of(method)?;
        slf.get().with(|update| update.enable(method, name, enabled));
        Ok(slf)
    }

    #[pyo3(signature = (kind, scope, id, *, issued_before=None))]
    fn withdraw<'py>(
        slf: Bound<'py, Self>,
        kind: &str,
        scope: &str,
        id: &str,
        issued_before: Option<i64>,
    ) -> Chained<'py> {
        let whom = whom(kind, scope, id)?;
        slf.get().with(|update| update.withdraw(whom, issued_before));
        Ok(slf)
    }

    fn restore<'py>(slf: Bound<'py, Self>, kind: &str, scope: &str, id: &str) -> Chained<'py> {
        let whom = whom(kind, scope, id)?;
        slf.get().with(|update| update.restore(whom));
        Ok(slf)
    }
}

fn method_of(name: &str) -> PyResult<Method> {
    Method::from_name(name).ok_or_else(|| {
        PyValueError::new_err(format!(
            "method is \"entra\", \"oidc\", \"pki\" or \"site\", not {name:?}"
        ))
    })
}

fn whom(kind: &str, scope: &str, id: &str) -> PyResult<Withdrawn> {
    let guid = |text: &str| {
        Guid::parse(text).ok_or_else(|| PyValueError::new_err(format!("{text:?} is no GUID")))
    };
    let (scope, id) = (guid(scope)?, guid(id)?);
    match kind {
        "client" => Ok(Withdrawn::Client { site: scope, client: id }),
        "user" => Ok(Withdrawn::User { tenant: scope, user: id }),
        "device" => Ok(Withdrawn::Device { tenant: scope, device: id }),
        _ => Err(PyValueError::new_err(format!(
            "kind is \"client\", \"user\" or \"device\", not {kind:?}"
        ))),
    }
}

/// JSON as text, or as what `json.loads` made of it.
fn json_of(jwks: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    match jwks.cast::<PyMapping>() {
        Ok(mapping) => {
            let text = jwks.py().import("json")?.call_method1("dumps", (mapping,))?;
            Ok(text.cast::<PyString>()?.to_str()?.into())
        }
        Err(_) => bytes_of(jwks, "jwks is JSON: bytes, str or a dict"),
    }
}

fn bytes_of(shown: &Bound<'_, PyAny>, wanted: &'static str) -> PyResult<Vec<u8>> {
    match (shown.cast::<PyBytes>(), shown.cast::<PyString>()) {
        (Ok(bytes), _) => Ok(bytes.as_bytes().into()),
        (_, Ok(text)) => Ok(text.to_str()?.into()),
        _ => Err(PyTypeError::new_err(wanted)),
    }
}
