//! A token as Python shows it, held so that what was judged can be read later.

use core::ops::Range;

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyMemoryView, PyString};
use tollgate::limits::TOKEN_BYTES_MOST;
use tollgate::{Detail, Reason, Refusal, Request};

/// What cannot change is kept as it is. What somebody else may write to meanwhile is copied: a check lets go
/// of the interpreter, and claims are read after it.
#[derive(Default)]
pub(crate) enum Token {
    #[default]
    None,
    Bytes(Py<PyBytes>),
    /// A view of bytes.
    Part(Py<PyBytes>, Range<usize>),
    Text(Py<PyString>),
    Copied(Box<[u8]>),
    /// Longer than any that may be configured, in bytes; not copied for that.
    TooLong(usize),
}

impl Token {
    /// Reads an argument.
    #[inline]
    pub(crate) fn read(shown: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        match shown {
            None => Ok(Self::None),
            Some(shown) => Self::of(shown),
        }
    }

    /// Reads what is not None.
    ///
    /// # Errors
    /// `TypeError` for whatever has no bytes.
    #[inline]
    pub(crate) fn of(shown: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(bytes) = shown.cast::<PyBytes>() {
            return Ok(Self::Bytes(bytes.clone().unbind()));
        }
        if let Ok(text) = shown.cast::<PyString>() {
            return Self::of_text(text);
        }
        Self::of_buffer(shown)
    }

    fn of_text(text: &Bound<'_, PyString>) -> PyResult<Self> {
        if text.to_str().is_ok() {
            return Ok(Self::Text(text.clone().unbind()));
        }
        // Lone surrogates, as the bytes of a header that were not UTF-8: no token, and the gate says so.
        let bytes = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
        Ok(Self::Bytes(bytes.cast_into::<PyBytes>()?.unbind()))
    }

    #[cold]
    fn of_buffer(shown: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(view) = shown.cast::<PyMemoryView>()
            && let Some(part) = part_of_bytes(view)?
        {
            return Ok(part);
        }
        if let Ok(array) = shown.cast::<PyByteArray>()
            && array.len() > TOKEN_BYTES_MOST
        {
            return Ok(Self::TooLong(array.len()));
        }
        let buffer = PyBuffer::<u8>::get(shown).map_err(|_| {
            let name = shown.get_type().name().map(|name| name.to_string());
            let name = name.unwrap_or_default();
            PyTypeError::new_err(format!(
                "token must be bytes, str, bytearray, memoryview (of bytes) or None, not {name}"
            ))
        })?;
        match buffer.len_bytes() {
            len if len > TOKEN_BYTES_MOST => Ok(Self::TooLong(len)),
            _ => Ok(Self::Copied(buffer.to_vec(shown.py())?.into())),
        }
    }

    /// A request that shows it, and nothing else.
    #[inline]
    pub(crate) fn request<'a>(&'a self, py: Python<'_>) -> Request<'a> {
        let bytes = match self {
            Self::None => return Request::empty(),
            Self::Bytes(bytes) => bytes.as_bytes(py),
            Self::Part(bytes, part) => bytes.as_bytes(py).get(part.clone()).unwrap_or_default(),
            // It was read once before; Python keeps what it made of it.
            Self::Text(text) => text.to_str(py).unwrap_or_default().as_bytes(),
            Self::Copied(bytes) => bytes,
            Self::TooLong(len) => {
                let detail = Detail::Count { got: *len as u64, limit: TOKEN_BYTES_MOST as u64 };
                let refusal = Refusal { reason: Reason::TokenTooLarge, detail, method: None };
                return Request::empty().with_refusal(refusal);
            }
        };
        Request::empty().with_token(Some(bytes))
    }
}

/// Where in immutable bytes a view lies, if it lies in such, one after the other.
fn part_of_bytes(view: &Bound<'_, PyMemoryView>) -> PyResult<Option<Token>> {
    let Ok(whole) = view.getattr("obj")?.cast_into::<PyBytes>() else { return Ok(None) };
    let Ok(buffer) = PyBuffer::<u8>::get(view) else { return Ok(None) };
    if !buffer.is_c_contiguous() {
        return Ok(None);
    }
    let begin = (buffer.buf_ptr() as usize).wrapping_sub(whole.as_bytes().as_ptr() as usize);
    let part = begin..begin.wrapping_add(buffer.len_bytes());
    let is_inside = whole.as_bytes().get(part.clone()).is_some();
    Ok(is_inside.then(|| Token::Part(whole.unbind(), part)))
}
