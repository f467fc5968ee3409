//! Who it is, copied out of an admission.

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The identity of an admission.
#[pyclass(frozen, get_all, module = "tollgate")]
pub(crate) struct Principal {
    id: String,
    authority: String,
    tenant: Option<String>,
    user: Option<String>,
    device: Option<String>,
    subject: String,
    bound: bool,
}

impl From<tollgate::Principal<'_>> for Principal {
    fn from(principal: tollgate::Principal<'_>) -> Self {
        Self {
            id: principal.id().to_string(),
            authority: principal.authority.into(),
            tenant: principal.tenant.map(|guid| guid.to_string()),
            user: principal.user.map(|guid| guid.to_string()),
            device: principal.device.map(|guid| guid.to_string()),
            subject: principal.subject.into_owned(),
            bound: principal.bound,
        }
    }
}

impl Principal {
    /// The names and their order are those of `tollgate check --json`.
    pub(crate) fn as_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("id", &self.id)?;
        dict.set_item("authority", &self.authority)?;
        dict.set_item("tenant", &self.tenant)?;
        dict.set_item("user", &self.user)?;
        dict.set_item("device", &self.device)?;
        dict.set_item("subject", &self.subject)?;
        dict.set_item("bound", self.bound)?;
        Ok(dict)
    }
}

#[pymethods]
impl Principal {
    fn __repr__(&self) -> String {
        format!("<tollgate.Principal {:?}>", self.id)
    }
}
