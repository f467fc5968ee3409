//! A thread that refreshes a keeper for a host that has no loop of its own.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::keeper::{Keeper, Refreshed};
use crate::system;
use crate::watch::LOOK_MS;

/// One thread in the background that calls [`Keeper::refresh`] when it is due, and at least each second of
/// the system's clock, until this is stopped or dropped.
///
/// A fork leaves the thread in the parent. In the child, stopping or dropping this does nothing, at once; the
/// child may start one of its own. The thread has the signal mask of the one that starts it: a host that
/// takes signals in its own loop blocks them while it starts one.
pub struct Refresher {
    /// Whose thread it is.
    process: u32,
    stopping: Arc<Stopping>,
    /// Taken when it is stopped.
    thread: Option<JoinHandle<()>>,
}

/// Of the standard library, whose waiting threads are the kernel's business. Those of parking_lot stand in a
/// table of the process: a forked child would find the parent's in it, and follow them to where nothing is.
#[derive(Default)]
struct Stopping {
    is_asked: Mutex<bool>,
    asked: Condvar,
}

impl Refresher {
    /// Starts the thread, `tollgate-refresh`. It tells `report` what came of each refresh but
    /// [`Refreshed::Unchanged`] and [`Refreshed::Busy`]. If `report` panics, that refresh was not reported,
    /// and the thread goes on.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        keeper: Arc<Keeper>,
        report: impl Fn(Refreshed) + Send + 'static,
    ) -> io::Result<Self> {
        let stopping = Arc::new(Stopping::default());
        let asked = Arc::clone(&stopping);
        let name = thread::Builder::new().name("tollgate-refresh".into());
        let thread = name.spawn(move || {
            while asked.waits(pause(&keeper)) {
                // A panic is a bug; keys that are never renewed any more would be a second one.
                let _ = catch_unwind(AssertUnwindSafe(|| match keeper.refresh() {
                    Refreshed::Unchanged | Refreshed::Busy => {}
                    news => report(news),
                }));
            }
        })?;
        Ok(Self { process: system::process(), stopping, thread: Some(thread) })
    }

    /// Whether the thread is of this process: after a fork it is the parent's.
    #[must_use]
    pub fn is_of_this_process(&self) -> bool {
        system::process() == self.process
    }

    /// Ends the thread and waits for it: at once, unless it is reading files just now. From within `report`
    /// it does not wait.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Refresher {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        if !self.is_of_this_process() {
            // The thread is not here, and whatever it held at the fork is held for ever.
            std::mem::forget(thread);
            return;
        }
        self.stopping.ask();
        if thread.thread().id() != thread::current().id() {
            // It panics nowhere: see above.
            let _ = thread.join();
        }
    }
}

impl Stopping {
    fn ask(&self) {
        *self.is_asked.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.asked.notify_all();
    }

    /// Whether nobody asked to stop meanwhile.
    fn waits(&self, pause: Duration) -> bool {
        let is_asked = self.is_asked.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.asked.wait_timeout_while(is_asked, pause, |is_asked| !*is_asked);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Until the next refresh. The host's clock may stand still while it has nothing to do.
fn pause(keeper: &Keeper) -> Duration {
    keeper.refresh_due().clamp(LEAST, Duration::from_millis(LOOK_MS))
}

/// Between two refreshes, lest a clock that leaps keeps a core busy.
const LEAST: Duration = Duration::from_millis(50);
