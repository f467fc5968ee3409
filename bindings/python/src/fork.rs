//! Forks: `os.fork`, `multiprocessing`, gunicorn's `--preload`.
//!
//! A fork copies one thread and every lock as it stands. So before one, whoever is inside the core without
//! the interpreter is waited for, and the threads that refresh end; afterwards they go on, in the parent and
//! in the child. Whoever holds the interpreter is the thread that forks.

use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::sleep;
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::{host, refresh};

/// Threads that are inside the core without the interpreter.
static INSIDE: AtomicUsize = AtomicUsize::new(0);

/// Forks that wait for them, or happen.
static FORKS: AtomicUsize = AtomicUsize::new(0);

/// How long a fork waits at most. An update that reads huge files may take so long; a fork that came in its
/// middle would leave the child unable to refresh.
const PATIENCE: Duration = Duration::from_secs(10);

const LOOK_EVERY: Duration = Duration::from_micros(50);

/// Somebody who is inside.
struct Inside;

impl Inside {
    fn enter() -> Self {
        loop {
            INSIDE.fetch_add(1, SeqCst);
            if FORKS.load(SeqCst) == 0 {
                return Self;
            }
            INSIDE.fetch_sub(1, SeqCst);
            sleep(LOOK_EVERY);
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.fetch_sub(1, SeqCst);
    }
}

/// Whether this process is about to fork.
pub(crate) fn is_near() -> bool {
    FORKS.load(SeqCst) > 0
}

/// Works without the interpreter, and not while the process forks.
pub(crate) fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    py.detach(|| {
        let _inside = Inside::enter();
        work()
    })
}

#[pyfunction]
fn before(py: Python<'_>) {
    FORKS.fetch_add(1, SeqCst);
    refresh::pause(py, PATIENCE);
    py.detach(|| {
        let begun = Instant::now();
        while INSIDE.load(SeqCst) > 0 && begun.elapsed() < PATIENCE {
            sleep(LOOK_EVERY);
        }
    });
}

#[pyfunction]
fn after_in_parent(py: Python<'_>) -> PyResult<()> {
    if FORKS.fetch_sub(1, SeqCst) > 1 {
        return Ok(());
    }
    refresh::tell(py);
    refresh::go_on(py)
}

#[pyfunction]
fn after_in_child(py: Python<'_>) -> PyResult<()> {
    INSIDE.store(0, SeqCst);
    FORKS.store(0, SeqCst);
    // The parent tells.
    refresh::forget();
    refresh::go_on(py)
}

/// Has Python call these around every fork of its own.
pub(crate) fn register(py: Python<'_>) -> PyResult<()> {
    let os = py.import("os")?;
    // There are no forks on Windows.
    if !os.hasattr("register_at_fork")? {
        return Ok(());
    }
    // What was registered last is called first before a fork. The log has to be locked after our threads ended,
    // or one of them may wait for it while it is waited for.
    host::logger(py)?;
    let hooks = PyDict::new(py);
    hooks.set_item("before", wrap_pyfunction!(before, py)?)?;
    hooks.set_item("after_in_parent", wrap_pyfunction!(after_in_parent, py)?)?;
    hooks.set_item("after_in_child", wrap_pyfunction!(after_in_child, py)?)?;
    os.call_method("register_at_fork", (), Some(&hooks)).map(drop)
}
