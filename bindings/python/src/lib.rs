//! What the Python package `tollgate` is built on: its classes, over the core and the keeper.
//!
//! Nothing is judged here. A class holds what Python shows and hands it on; what it says is read out of the
//! verdict when it is asked for. `python/tollgate/_tollgate.pyi` has the interface for people.
//!
//! The interpreter is held where memory alone answers, and let go of for everything that takes longer
//! ([`fork::detached`]).

#![forbid(unsafe_code)]
// The docstrings are Python's, and stand in its stubs.
#![allow(missing_docs, reason = "an extension has no interface in Rust")]

mod ask;
mod batch;
mod config;
mod counters;
mod explain;
mod fork;
mod gate;
mod host;
#[cfg(feature = "measure")]
mod measure;
mod peer;
mod principal;
mod raise;
mod reason;
mod refresh;
mod token;
mod update;
mod verdict;

use pyo3::prelude::*;

/// The extension module. It says that it needs the global lock: who forks holds it ([`fork`]), and nobody has
/// tried it without.
#[pymodule(gil_used = true)]
mod _tollgate {
    use super::{fork, refresh};
    use pyo3::panic::PanicException;
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::{
        ask::{Request, windows_version},
        batch::Batch,
        counters::Counters,
        explain::{Explanation, Step},
        gate::Gate,
        peer::Peer,
        principal::Principal,
        reason::{Reason, reasons},
        update::Update,
        verdict::Verdict,
    };

    #[cfg(feature = "measure")]
    #[pymodule_export]
    use super::measure::measure_batch;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("PanicException", module.py().get_type::<PanicException>())?;
        fork::register(module.py())?;
        refresh::end_at_exit(module.py())
    }
}
