//! The thread that keeps a gate's trust fresh, where its host wants one.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, mpsc};
use std::thread;
use std::time::Duration;

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use tollgate_keeper::{Keeper, Refreshed, Refresher};

use crate::fork;
use crate::host::{self, Level};

/// The gates that have, or had, a thread. Locked as [`Refreshing::state`].
static ALL: Mutex<Vec<Weak<Refreshing>>> = Mutex::new(Vec::new());

/// Of one gate: whether a thread is wanted, and the thread.
pub(crate) struct Refreshing {
    keeper: Arc<Keeper>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    is_wanted: bool,
    thread: Option<Refresher>,
}

impl Refreshing {
    pub(crate) fn new(keeper: Arc<Keeper>) -> Arc<Self> {
        Arc::new(Self { keeper, state: Mutex::default() })
    }

    /// Locked by whoever holds the interpreter, for moments, and never while Python runs: whoever forks holds it
    /// too, so that a child finds it free.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a thread, unless this process has one already; says whether it did.
    pub(crate) fn start(self: &Arc<Self>, py: Python<'_>) -> PyResult<bool> {
        let (started, restored) = without_signals(py, || {
            let mut state = self.state();
            if !core::mem::replace(&mut state.is_wanted, true) {
                let mut all = all();
                all.retain(|one| one.strong_count() > 0 && one.as_ptr() != Arc::as_ptr(self));
                all.push(Arc::downgrade(self));
            }
            self.start_wanted(&mut state)
        });
        let started = started.map_err(|why| no_thread(&why))?;
        restored.map(|()| started)
    }

    /// A thread, where one is wanted and none is of this process; not just before a fork, after which this is
    /// asked again.
    fn start_wanted(&self, state: &mut State) -> io::Result<bool> {
        let runs = state.thread.as_ref().is_some_and(Refresher::is_of_this_process);
        if runs || !state.is_wanted || fork::is_near() {
            return Ok(false);
        }
        let report = |refreshed: Refreshed| {
            if fork::is_near() {
                untold().push(refreshed);
                return;
            }
            // None while the interpreter goes down: there is nobody to tell.
            Python::try_attach(|py| host::tell(py, &refreshed));
        };
        state.thread = Some(Refresher::start(Arc::clone(&self.keeper), report)?);
        Ok(true)
    }

    /// Ends the thread for good, and waits for it, without the interpreter: it may be about to log. Says whether
    /// there was one.
    pub(crate) fn stop(&self, py: Python<'_>) -> bool {
        self.state().is_wanted = false;
        let thread = self.take();
        let was_there = thread.is_some();
        py.detach(|| drop(thread));
        was_there
    }

    fn take(&self) -> Option<Refresher> {
        self.state().thread.take().filter(Refresher::is_of_this_process)
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state().thread.as_ref().is_some_and(Refresher::is_of_this_process)
    }
}

fn no_thread(why: &io::Error) -> PyErr {
    PyRuntimeError::new_err(format!("no thread that refreshes: {why}"))
}

/// Has a thread started that takes no signals: one that came to it would not end what the main thread waits in.
///
/// It is started whatever happens. A signal that comes meanwhile, and its exception, is handed on.
fn without_signals<T>(py: Python<'_>, start: impl FnOnce() -> T) -> (T, PyResult<()>) {
    let masked = block(py);
    let started = start();
    let restored = masked.and_then(|masked| {
        let Some((mask, before, blocked)) = masked else { return Ok(()) };
        let restore = py.import("signal")?.getattr("SIG_SETMASK")?;
        let restored = mask.call1((restore, before));
        blocked.and(restored.map(drop))
    });
    (started, restored)
}

/// Python's function for masks, the mask that was, and what came of blocking all signals: one that waits raises
/// in there, after the mask was set. None on Windows, which has no masks.
type Masked<'py> = Option<(Bound<'py, PyAny>, Bound<'py, PyAny>, PyResult<()>)>;

fn block(py: Python<'_>) -> PyResult<Masked<'_>> {
    let signal = py.import("signal")?;
    let Some(mask) = signal.getattr_opt("pthread_sigmask")? else { return Ok(None) };
    let block = signal.getattr("SIG_BLOCK")?;
    let before = mask.call1((&block, PyTuple::empty(py)))?;
    let blocked = mask.call1((&block, signal.call_method0("valid_signals")?)).map(drop);
    Ok(Some((mask, before, blocked)))
}

fn all() -> MutexGuard<'static, Vec<Weak<Refreshing>>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Those that may have a thread.
fn running() -> Vec<Arc<Refreshing>> {
    all().iter().filter_map(Weak::upgrade).collect()
}

/// What threads had to tell while a fork was near: the log may be locked by whoever forks.
static UNTOLD: Mutex<Vec<Refreshed>> = Mutex::new(Vec::new());

fn untold() -> MutexGuard<'static, Vec<Refreshed>> {
    UNTOLD.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn tell(py: Python<'_>) {
    let news = core::mem::take(&mut *untold());
    news.iter().for_each(|refreshed| host::tell(py, refreshed));
}

pub(crate) fn forget() {
    untold().clear();
}

/// Before a fork: ends all threads, and waits for them so long, without the interpreter.
pub(crate) fn pause(py: Python<'_>, patience: Duration) {
    let threads: Vec<Refresher> = running().iter().filter_map(|one| one.take()).collect();
    if threads.is_empty() {
        return;
    }
    py.detach(|| {
        let (ended, has_ended) = mpsc::channel();
        // In a thread: what a thread of ours waits for may be whatever a handler of the log waits for.
        let end = move || {
            drop(threads);
            let _ = ended.send(());
        };
        if thread::Builder::new().spawn(end).is_ok() {
            let _ = has_ended.recv_timeout(patience);
        }
    });
}

/// After a fork: the threads that are wanted.
pub(crate) fn go_on(py: Python<'_>) -> PyResult<()> {
    let wanted = running();
    if wanted.is_empty() {
        return Ok(());
    }
    let (started, restored) = without_signals(py, || {
        wanted.iter().try_for_each(|one| one.start_wanted(&mut one.state()).map(drop))
    });
    if let Err(why) = started {
        host::log(py, Level::Error, &no_thread(&why).to_string());
    }
    restored
}

#[pyfunction]
fn end_all(py: Python<'_>) {
    for one in running() {
        one.stop(py);
    }
}

/// A thread that logs while the interpreter goes down would be ended in the middle of it.
pub(crate) fn end_at_exit(py: Python<'_>) -> PyResult<()> {
    let end_all = wrap_pyfunction!(end_all, py)?;
    py.import("atexit")?.call_method1("register", (end_all,)).map(drop)
}
