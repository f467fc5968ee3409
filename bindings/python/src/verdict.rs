//! What the gate says, and what is read out of it when Python asks.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use self_cell::self_cell;
use tollgate::{Admission, Kind, Method, Now, Refusal, Request, Scenario};

use crate::ask::Question;
use crate::batch::Batch;
use crate::fork::detached;
use crate::gate::Gate;
use crate::peer::{Peer, beside};
use crate::principal::Principal;
use crate::raise::check_endpoint;
use crate::token::Token;

type Answer<'a> = tollgate::Verdict<'a>;

/// What a verdict borrows: the gate whose names it has, and the bytes that were judged.
pub(crate) struct Judged {
    pub(crate) gate: Py<Gate>,
    pub(crate) token: Token,
    pub(crate) peer: Option<Py<Peer>>,
}

impl Judged {
    #[inline]
    pub(crate) fn request(&self, py: Python<'_>) -> Request<'_> {
        beside(self.token.request(py), self.peer.as_ref())
    }
}

self_cell!(
    /// A verdict beside what it borrows.
    pub(crate) struct Said {
        owner: Judged,
        #[covariant]
        dependent: Answer,
    }
);

impl Said {
    /// Asks memory with the interpreter held; what memory does not know is judged with the interpreter free.
    #[inline]
    pub(crate) fn check(
        py: Python<'_>,
        judged: Judged,
        asked: &Question<'_>,
        now: Now,
    ) -> PyResult<Self> {
        Self::try_new(judged, |judged| {
            let gate = judged.gate.get().keeper.gate();
            let (request, ask) = (judged.request(py), asked.ask());
            let mut answer = Answer::NONE;
            if !gate.recall_into(&request, &ask, now, &mut answer) {
                detached(py, || gate.check_into(&request, &ask, now, &mut answer));
            }
            check_endpoint(py, answer.refusal(), asked.endpoint, gate)?;
            Ok(answer)
        })
    }
}

/// Where the answer is.
pub(crate) enum Place {
    One(Said),
    OfBatch(Py<Batch>, usize),
}

/// The answer to one check. Only a gate makes one.
#[pyclass(frozen, module = "tollgate")]
pub(crate) struct Verdict {
    pub(crate) place: Place,
    pub(crate) scenario: Scenario,
}

impl Verdict {
    pub(crate) fn answer(&self) -> &Answer<'_> {
        match &self.place {
            Place::One(said) => said.borrow_dependent(),
            Place::OfBatch(batch, at) => batch.get().answer(*at),
        }
    }

    fn admission(&self) -> Option<&Admission<'_>> {
        self.answer().admission()
    }

    pub(crate) fn refused(&self) -> Option<Refusal> {
        self.answer().refusal()
    }
}

#[pymethods]
impl Verdict {
    #[getter]
    fn admitted(&self) -> bool {
        self.answer().is_admitted()
    }

    fn __bool__(&self) -> bool {
        self.admitted()
    }

    #[getter]
    fn code(&self) -> u16 {
        code(self.answer())
    }

    #[getter]
    fn reason(&self) -> &'static str {
        self.refused().map_or(ADMITTED, |refusal| refusal.reason.name())
    }

    #[getter]
    fn reason_class(&self) -> &'static str {
        self.refused().map_or(ADMITTED, |refusal| refusal.reason.class().name())
    }

    #[getter]
    fn http_status(&self) -> u16 {
        self.refused().map_or(200, |refusal| refusal.reason.http_status())
    }

    #[getter]
    fn sentence(&self) -> &'static str {
        self.refused().map_or("", |refusal| refusal.reason.sentence())
    }

    #[getter]
    fn remedy(&self) -> &'static str {
        self.refused().map_or("", |refusal| refusal.reason.remedy())
    }

    #[getter]
    fn message(&self) -> String {
        self.refused().map_or_else(|| ADMITTED.into(), |refusal| refusal.to_string())
    }

    #[getter]
    fn method(&self) -> Option<&'static str> {
        self.answer().method().map(Method::name)
    }

    #[getter]
    fn scenario(&self) -> &'static str {
        self.scenario.name()
    }

    #[getter]
    fn kind(&self) -> Option<&'static str> {
        self.admission().map(Admission::kind).map(Kind::name)
    }

    #[getter]
    fn expires_at(&self) -> Option<i64> {
        self.admission().map(Admission::expires_s)
    }

    #[getter]
    fn id(&self) -> PyResult<Option<String>> {
        let Some(admission) = self.admission() else { return Ok(None) };
        let mut id = String::new();
        let written = admission.write_id(&mut id);
        written.map_err(|_| PyRuntimeError::new_err("the id cannot be written"))?;
        Ok(Some(id))
    }

    #[getter]
    fn principal(&self) -> Option<Principal> {
        self.admission().map(|admission| admission.principal().into())
    }

    #[getter]
    fn certificate(&self) -> Option<Principal> {
        self.admission().and_then(Admission::certificate).map(Principal::from)
    }

    #[getter]
    fn claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let claims = PyDict::new(py);
        for (name, text) in self.admission().map(Admission::claims).unwrap_or_default() {
            claims.set_item(name, &*text)?;
        }
        Ok(claims)
    }

    #[getter]
    fn payload<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let mut payload = Vec::new();
        let is_there = self.admission()?.write_payload(&mut payload);
        is_there.then(|| PyBytes::new(py, &payload))
    }

    fn payload_json<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(payload) = self.payload(py) else { return Ok(None) };
        py.import("json")?.call_method1("loads", (payload,)).map(Some)
    }

    /// The names and their order are those of `tollgate check --json`.
    fn as_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("verdict", if self.admitted() { "admit" } else { "refuse" })?;
        dict.set_item("code", self.code())?;
        dict.set_item("reason", self.reason())?;
        dict.set_item("class", self.reason_class())?;
        dict.set_item("method", self.method())?;
        dict.set_item("scenario", self.scenario())?;
        let principal = self.principal();
        dict.set_item("principal", principal.map(|principal| principal.as_dict(py)).transpose()?)?;
        dict.set_item("expires_at", self.expires_at())?;
        if let Some(certificate) = self.certificate() {
            dict.set_item("certificate", certificate.as_dict(py)?)?;
        }
        let claims = self.claims(py)?;
        if !claims.is_empty() {
            dict.set_item("claims", claims)?;
        }
        Ok(dict)
    }

    fn __repr__(&self) -> PyResult<String> {
        Ok(match (self.refused(), self.id()?) {
            (Some(refusal), _) => {
                let reason = refusal.reason;
                format!("<tollgate.Verdict refused {} ({})>", reason.name(), reason.number())
            }
            (None, id) => format!("<tollgate.Verdict admitted {:?}>", id.unwrap_or_default()),
        })
    }
}

const ADMITTED: &str = "admitted";

/// 1, or the reason's number.
pub(crate) fn code(answer: &Answer<'_>) -> u16 {
    answer.refusal().map_or(1, |refusal| refusal.reason.number())
}
