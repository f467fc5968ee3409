//! Configurations as Python has them: a path, or a dict.

use std::path::PathBuf;

use pyo3::exceptions::{PyOverflowError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use tollgate_keeper::{ConfigErrors, Origin};
use toml::{Table, Value};

/// What messages call a configuration that is no file.
const NAME: &str = "configuration";

/// A configuration in memory.
pub(crate) fn in_memory(text: String, folder: Option<PathBuf>) -> Origin {
    Origin::Text { text, name: NAME.into(), folder: folder.unwrap_or_default() }
}

/// Deepest nesting of a dict; a configuration's is 4. One that holds itself has no end.
const DEEPEST: u32 = 32;

/// The same names in the same places, as TOML.
///
/// # Errors
/// `TypeError` for what a configuration cannot hold, `ValueError` for one without end, with its place.
pub(crate) fn toml_of(config: &Bound<'_, PyMapping>) -> PyResult<String> {
    Ok(table(config, NAME, DEEPEST)?.to_string())
}

fn table(mapping: &Bound<'_, PyMapping>, place: &str, deeper: u32) -> PyResult<Table> {
    let mut table = Table::new();
    for item in mapping.items()?.iter() {
        let (key, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = item.extract()?;
        let Ok(key) = key.cast::<PyString>() else {
            return Err(PyTypeError::new_err(format!("{place}: the key {key:?} is no string")));
        };
        let key = key.to_str()?;
        let value = self::value(&value, &format!("{place}.{key}"), deeper)?;
        table.insert(key.into(), value);
    }
    Ok(table)
}

fn value(shown: &Bound<'_, PyAny>, place: &str, deeper: u32) -> PyResult<Value> {
    let Some(deeper) = deeper.checked_sub(1) else {
        return Err(PyValueError::new_err(format!(
            "{place}: is nested too deeply, or holds itself"
        )));
    };
    if let Ok(mapping) = shown.cast::<PyMapping>() {
        return table(mapping, place, deeper).map(Value::Table);
    }
    if let Ok(text) = shown.cast::<PyString>() {
        return Ok(Value::String(text.to_str()?.into()));
    }
    // Before int: it is one.
    if let Ok(switch) = shown.cast::<PyBool>() {
        return Ok(Value::Boolean(switch.is_true()));
    }
    if let Ok(number) = shown.cast::<PyInt>() {
        let number = number.extract().map_err(|_| {
            PyOverflowError::new_err(format!("{place}: {number} is larger than a TOML number"))
        });
        return number.map(Value::Integer);
    }
    if let Ok(number) = shown.cast::<PyFloat>() {
        return Ok(Value::Float(number.value()));
    }
    if shown.is_instance_of::<PyList>() || shown.is_instance_of::<PyTuple>() {
        let items = shown.try_iter()?.enumerate();
        let items = items.map(|(at, item)| value(&item?, &format!("{place}[{at}]"), deeper));
        return items.collect::<PyResult<_>>().map(Value::Array);
    }
    if shown.hasattr("__fspath__")? {
        let path = shown.call_method0("__fspath__")?;
        return Ok(Value::String(path.cast::<PyString>()?.to_str()?.into()));
    }
    let name = shown.get_type().name()?;
    let hint = if shown.is_none() { "; leave the key out" } else { "" };
    Err(PyTypeError::new_err(format!("{place}: {name} has no place in a configuration{hint}")))
}

/// The lines of a text that nobody wrote say nothing.
pub(crate) fn without_lines(mut errors: ConfigErrors) -> ConfigErrors {
    errors.0.iter_mut().for_each(|error| error.line = None);
    errors
}
