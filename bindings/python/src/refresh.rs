//! The thread that keeps a gate's trust fresh, where its host wants one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use tollgate_keeper::{Keeper, Refresher};

use crate::host::{self, Level};

/// The gates that have, or had, a thread. Locked by whoever holds the interpreter, and for moments: a child
/// finds it free.
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

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a thread, unless this process has one already; says whether it did.
    pub(crate) fn start(self: &Arc<Self>) -> PyResult<bool> {
        let mut state = self.state();
        if state.thread.as_ref().is_some_and(Refresher::is_of_this_process) {
            return Ok(false);
        }
        state.thread = Some(self.thread()?);
        if !core::mem::replace(&mut state.is_wanted, true) {
            let mut all = all();
            all.retain(|one| one.strong_count() > 0 && one.as_ptr() != Arc::as_ptr(self));
            all.push(Arc::downgrade(self));
        }
        Ok(true)
    }

    fn thread(&self) -> PyResult<Refresher> {
        let report = |refreshed| {
            // None while the interpreter goes down: there is nobody to tell.
            Python::try_attach(|py| host::tell(py, &refreshed));
        };
        Refresher::start(Arc::clone(&self.keeper), report)
            .map_err(|why| PyRuntimeError::new_err(format!("no thread that refreshes: {why}")))
    }

    /// Ends the thread and waits for it, without the interpreter: it may be about to log. Says whether there
    /// was one.
    pub(crate) fn stop(&self) -> bool {
        let thread = {
            let mut state = self.state();
            state.is_wanted = false;
            state.thread.take()
        };
        end(thread)
    }

    /// The same for a while.
    pub(crate) fn pause(&self) {
        let thread = self.state().thread.take();
        end(thread);
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state().thread.as_ref().is_some_and(Refresher::is_of_this_process)
    }

    /// A thread again, where one is wanted.
    fn go_on(&self) -> PyResult<()> {
        let mut state = self.state();
        let runs = state.thread.as_ref().is_some_and(Refresher::is_of_this_process);
        if state.is_wanted && !runs {
            state.thread = Some(self.thread()?);
        }
        Ok(())
    }
}

fn end(thread: Option<Refresher>) -> bool {
    let thread = thread.filter(Refresher::is_of_this_process);
    let was_there = thread.is_some();
    thread.into_iter().for_each(Refresher::stop);
    was_there
}

fn all() -> MutexGuard<'static, Vec<Weak<Refreshing>>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Those that may have a thread.
pub(crate) fn running() -> Vec<Arc<Refreshing>> {
    all().iter().filter_map(Weak::upgrade).collect()
}

/// After a fork: the threads that are wanted.
pub(crate) fn go_on(py: Python<'_>) {
    for one in running() {
        if let Err(why) = one.go_on() {
            host::log(py, Level::Error, &why.to_string());
        }
    }
}

#[pyfunction]
fn end_all(py: Python<'_>) {
    let threads = running();
    py.detach(|| {
        threads.iter().for_each(|one| {
            one.stop();
        });
    });
}

/// A thread that logs while the interpreter goes down would be ended in the middle of it.
pub(crate) fn end_at_exit(py: Python<'_>) -> PyResult<()> {
    let end_all = wrap_pyfunction!(end_all, py)?;
    py.import("atexit")?.call_method1("register", (end_all,)).map(drop)
}
