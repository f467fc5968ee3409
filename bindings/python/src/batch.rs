//! Many requests at once.

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyRange, PySlice};
use self_cell::self_cell;
use tollgate::{Ask, Now, Scenario};

use crate::ask::{Question, Request};
use crate::fork::detached;
use crate::gate::Gate;
use crate::peer::beside;
use crate::raise::check_endpoint;
use crate::token::Token;
use crate::verdict::{Place, Verdict, code};

/// One request as Python shows it.
pub(crate) enum Item {
    Token(Token),
    Request(Py<Request>),
}

impl Item {
    #[inline]
    fn read(shown: &Bound<'_, PyAny>) -> PyResult<Self> {
        // What nearly all of them are comes first.
        if let Ok(bytes) = shown.cast_exact::<PyBytes>() {
            return Ok(Self::Token(Token::Bytes(bytes.clone().unbind())));
        }
        if let Ok(request) = shown.cast_exact::<Request>() {
            return Ok(Self::Request(request.clone().unbind()));
        }
        match shown.is_none() {
            true => Ok(Self::Token(Token::None)),
            false => Token::of(shown).map(Self::Token),
        }
    }

    #[inline]
    fn request<'a>(&'a self, py: Python<'_>) -> tollgate::Request<'a> {
        match self {
            Self::Token(token) => token.request(py),
            Self::Request(request) => {
                let Request { token, peer, .. } = request.get();
                beside(token.request(py), peer.as_ref())
            }
        }
    }

    /// What the batch asks, but for what this request says itself.
    #[inline]
    fn ask<'a>(&'a self, asked: &Ask<'a>) -> Ask<'a> {
        let Self::Request(own) = self else { return *asked };
        let own = own.get();
        Ask {
            endpoint: own.endpoint.as_deref().unwrap_or(asked.endpoint),
            scenario: own.scenario.unwrap_or(asked.scenario),
            windows: own.windows.or(asked.windows),
            source: own.source.or(asked.source),
        }
    }
}

/// What the verdicts of a batch borrow.
pub(crate) struct Judged {
    gate: Py<Gate>,
    items: Vec<Item>,
}

type Answers<'a> = Vec<tollgate::Verdict<'a>>;

self_cell!(
    struct Said {
        owner: Judged,
        #[covariant]
        dependent: Answers,
    }
);

/// The answers to many requests, in their order.
#[pyclass(frozen, sequence, module = "tollgate")]
pub(crate) struct Batch {
    said: Said,
    scenario: Scenario,
}

impl Batch {
    pub(crate) fn check(
        py: Python<'_>,
        gate: Py<Gate>,
        shown: &Bound<'_, PyAny>,
        asked: &Question<'_>,
        now: Now,
    ) -> PyResult<Self> {
        let items = read(shown)?;
        let said = Said::try_new(Judged { gate, items }, |Judged { gate, items }| {
            let gate = gate.get().keeper.gate();
            let asked = asked.ask();
            let pairs = items.iter().map(|item| (item.request(py), item.ask(&asked)));
            let pairs: Vec<_> = pairs.collect();
            let answers = detached(py, || gate.check_batch(&pairs, now));
            for (answer, (_, ask)) in answers.iter().zip(&pairs) {
                check_endpoint(py, answer.refusal(), ask.endpoint, gate)?;
            }
            PyResult::Ok(answers)
        })?;
        Ok(Self { said, scenario: asked.scenario })
    }

    pub(crate) fn answer(&self, at: usize) -> &tollgate::Verdict<'_> {
        // Whoever has a place was given it by `verdict`.
        self.said.borrow_dependent().get(at).unwrap_or(&tollgate::Verdict::NONE)
    }

    fn verdict(slf: &Bound<'_, Self>, at: usize) -> Verdict {
        let this = slf.get();
        let scenario = match &this.said.borrow_owner().items[at] {
            Item::Request(request) => request.get().scenario.unwrap_or(this.scenario),
            Item::Token(_) => this.scenario,
        };
        Verdict { place: Place::OfBatch(slf.clone().unbind(), at), scenario }
    }
}

fn read(shown: &Bound<'_, PyAny>) -> PyResult<Vec<Item>> {
    if let Ok(list) = shown.cast_exact::<PyList>() {
        return list.iter().map(|item| Item::read(&item)).collect();
    }
    shown.try_iter()?.map(|item| Item::read(&item?)).collect()
}

#[pymethods]
impl Batch {
    /// Whether there is any, or whether all may pass? Neither is guessed.
    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err(
            "a batch is neither true nor false; ask for len(), admitted or codes",
        ))
    }

    fn __len__(&self) -> usize {
        self.said.borrow_dependent().len()
    }

    fn __getitem__<'py>(
        slf: &Bound<'py, Self>,
        index: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (py, len) = (slf.py(), isize::try_from(slf.get().__len__())?);
        // Python's own rules of indices and slices, by a range that is as long.
        let place = PyRange::new(py, 0, len)?.as_any().get_item(index)?;
        if !index.is_instance_of::<PySlice>() {
            return Bound::new(py, Self::verdict(slf, place.extract()?)).map(Bound::into_any);
        }
        let verdicts = place.try_iter()?.map(|place| Ok(Self::verdict(slf, place?.extract()?)));
        PyList::new(py, verdicts.collect::<PyResult<Vec<_>>>()?).map(Bound::into_any)
    }

    fn __iter__(slf: &Bound<'_, Self>) -> BatchIterator {
        BatchIterator { batch: slf.clone().unbind(), next: AtomicUsize::new(0) }
    }

    #[getter]
    fn codes(&self) -> Vec<u16> {
        self.said.borrow_dependent().iter().map(code).collect()
    }

    #[getter]
    fn admitted(&self) -> usize {
        let answers = self.said.borrow_dependent();
        answers.iter().filter(|answer| answer.is_admitted()).count()
    }

    fn __repr__(&self) -> String {
        format!("<tollgate.Batch {} of {} admitted>", self.admitted(), self.__len__())
    }
}

/// Makes one verdict after the other.
#[pyclass(frozen, module = "tollgate")]
struct BatchIterator {
    batch: Py<Batch>,
    next: AtomicUsize,
}

#[pymethods]
impl BatchIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> Option<Verdict> {
        let batch = self.batch.bind(py);
        let at = self.next.fetch_add(1, Relaxed);
        (at < batch.get().__len__()).then(|| Batch::verdict(batch, at))
    }
}
