//! The client's certificates.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use tollgate::{Refusal, Request, Sender};

/// The client's certificates; or why they cannot be taken, which every check with it then says.
#[pyclass(frozen, module = "tollgate")]
pub(crate) struct Peer {
    pub(crate) presented: Result<Option<tollgate::Peer>, Refusal>,
}

#[pymethods]
impl Peer {
    #[staticmethod]
    #[expect(clippy::needless_pass_by_value, reason = "arguments are read into a list")]
    fn from_der(chain: Vec<Bound<'_, PyBytes>>) -> Self {
        let chain = chain.iter().map(PyBytesMethods::as_bytes);
        Self { presented: tollgate::Peer::new(chain).map(Some) }
    }

    #[staticmethod]
    fn from_pem(pem: &Bound<'_, PyAny>) -> PyResult<Self> {
        let read = |pem: &[u8]| Self { presented: tollgate::Peer::from_pem(pem).map(Some) };
        if let Ok(bytes) = pem.cast::<PyBytes>() {
            return Ok(read(bytes.as_bytes()));
        }
        let text = pem.cast::<PyString>()?;
        // What is no text is no PEM either.
        Ok(read(text.to_str().unwrap_or("\u{fffd}").as_bytes()))
    }

    #[getter]
    fn thumbprint<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let peer = self.presented.as_ref().ok()?.as_ref()?;
        Some(PyBytes::new(py, &peer.thumbprint()))
    }

    #[getter]
    fn is_forwarded(&self) -> bool {
        matches!(&self.presented, Ok(Some(peer)) if peer.is_forwarded())
    }

    #[getter]
    fn refusal(&self) -> Option<String> {
        self.presented.as_ref().err().map(Refusal::to_string)
    }

    fn __repr__(&self) -> String {
        match &self.presented {
            Ok(Some(peer)) => {
                let way = if peer.is_forwarded() { "forwarded" } else { "direct" };
                let hex: String = peer.thumbprint().iter().map(|b| format!("{b:02x}")).collect();
                format!("<tollgate.Peer {way} {hex}>")
            }
            Ok(None) => "<tollgate.Peer>".into(),
            Err(refusal) => format!("<tollgate.Peer refused: {refusal}>"),
        }
    }
}

/// The request with what the peer presented.
#[inline]
pub(crate) fn beside<'a>(request: Request<'a>, peer: Option<&'a Py<Peer>>) -> Request<'a> {
    match peer {
        None => request,
        Some(peer) => request.with_presented(&peer.get().presented),
    }
}

/// Who sent a request to us: "unix" or an IP address.
pub(crate) fn sender_of(text: &str) -> PyResult<Sender> {
    text.parse().map_err(|why| PyValueError::new_err(format!("sender {why}")))
}
