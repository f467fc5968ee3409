//! Keeping trust fresh: by a thread of ours, or by the host's own loop.

use core::ffi::c_char;
use std::sync::{Arc, PoisonError};

use tollgate_keeper::{Refreshed, Refresher};

use crate::gate::{shared, tollgate_gate};
use crate::guard::{guard, guard_or};
use crate::host::{Host, TOLLGATE_LOG_ERROR, TOLLGATE_LOG_NOTICE};
use crate::memory::put_message;
use crate::signals::without_signals;
use crate::status::{
    TOLLGATE_DONE, TOLLGATE_E_ABSENT, TOLLGATE_E_CONFIG, TOLLGATE_E_STATE, TOLLGATE_E_SYSTEM,
};

/// Starts a thread that keeps the trust of this gate fresh: it looks at the files of the configuration
/// once a second and loads them again when one has changed. What cannot be loaded is told to the log, and
/// the trust stays as it was. The thread takes no signals.
///
/// A fork copies no thread: a host that forks calls this in each child, after the fork. Each child has its
/// own copy of a gate that was made before.
///
/// @param gate  Not NULL.
/// @return TOLLGATE_DONE; TOLLGATE_E_STATE where this process runs it already; TOLLGATE_E_SYSTEM where there
///         is no thread to be had; TOLLGATE_E_NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_start_refresh(gate: *const tollgate_gate) -> i32 {
    // SAFETY: the contract for all pointers.
    let gate = unsafe { shared(gate) };
    guard(gate.ok(), || {
        let gate = gate?;
        let started = {
            let mut running = gate.refresher.lock().unwrap_or_else(PoisonError::into_inner);
            if running.as_ref().is_some_and(Refresher::is_of_this_process) {
                return Err(TOLLGATE_E_STATE);
            }
            let host = Arc::clone(&gate.host);
            let report = move |refreshed| {
                tell(&host, &refreshed);
            };
            let keeper = Arc::clone(&gate.keeper);
            let refresher = without_signals(|| Refresher::start(keeper, report));
            refresher.map(|refresher| *running = Some(refresher))
        };
        // Callbacks may call all of the library, so nothing is locked while they run.
        started.map_err(|why| {
            gate.host.log(TOLLGATE_LOG_ERROR, &format!("no thread that refreshes: {why}"));
            TOLLGATE_E_SYSTEM
        })?;
        Ok(TOLLGATE_DONE)
    })
}

/// Ends the thread that tollgate_gate_start_refresh() started, and waits for it: it calls nothing back when
/// this returns.
///
/// @param gate  Not NULL. Must not be called by a callback of this gate.
/// @return TOLLGATE_DONE; TOLLGATE_E_STATE where none runs; TOLLGATE_E_NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_stop_refresh(gate: *const tollgate_gate) -> i32 {
    // SAFETY: the contract for all pointers.
    let gate = unsafe { shared(gate) };
    guard(gate.ok(), || {
        // Taken out first: the thread that is waited for may be in a callback, which may start another.
        let running = gate?.refresher.lock().unwrap_or_else(PoisonError::into_inner).take();
        running.filter(Refresher::is_of_this_process).ok_or(TOLLGATE_E_STATE)?.stop();
        Ok(TOLLGATE_DONE)
    })
}

/// When tollgate_gate_refresh() is due, for hosts with a loop of their own.
///
/// @param gate  NULL gives UINT64_MAX.
/// @return Milliseconds from now; 0: it is due.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_refresh_due(gate: *const tollgate_gate) -> u64 {
    // SAFETY: the contract for all pointers.
    let gate = unsafe { shared(gate) };
    let due = |gate: &tollgate_gate| gate.keeper.refresh_due().as_millis();
    let due = guard_or(None, || gate.ok().map(due));
    due.map_or(u64::MAX, |due| u64::try_from(due).unwrap_or(u64::MAX))
}

/// Whether tollgate_gate_refresh() is due and would do more than look, for hosts whose loop should wait for no
/// file: they refresh in a thread of their own when this says so, and so have one only then. (A process with
/// a second thread pays for it in each system call.) Asks for the date and size of each file of the
/// configuration, some 2 us each, and opens none.
///
/// @param gate  Not NULL.
/// @return TOLLGATE_DONE: it would, or may; TOLLGATE_E_ABSENT: it is not due for up to a second, or another
///         thread is at it; TOLLGATE_E_NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_needs_refresh(gate: *const tollgate_gate) -> i32 {
    // SAFETY: the contract for all pointers.
    let gate = unsafe { shared(gate) };
    guard(gate.ok(), || match gate?.keeper.needs_refresh() {
        true => Ok(TOLLGATE_DONE),
        false => Err(TOLLGATE_E_ABSENT),
    })
}

/// Looks once at every file of the configuration, and loads it again if one has changed. Reads files: some
/// microseconds where nothing changed, milliseconds where something did. Checks go on meanwhile.
///
/// @param gate         Not NULL.
/// @param message      Where one line goes that says what could not be loaded; "" where all could. NULL for
///                     none.
/// @param message_cap  Bytes of room there.
/// @return TOLLGATE_DONE; TOLLGATE_E_CONFIG where what changed is wrong: the trust stays as it was;
///         TOLLGATE_E_STATE where another thread is at it; TOLLGATE_E_NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_refresh(
    gate: *const tollgate_gate,
    message: *mut c_char,
    message_cap: usize,
) -> i32 {
    // SAFETY: the contract for all pointers.
    let gate = unsafe { shared(gate) };
    guard(gate.ok(), || {
        // SAFETY: the same.
        unsafe { put_message(message, message_cap, "") };
        let gate = gate?;
        let refreshed = gate.keeper.refresh();
        tell(&gate.host, &refreshed);
        match refreshed {
            Refreshed::Unchanged | Refreshed::Replaced(_) => Ok(TOLLGATE_DONE),
            Refreshed::Busy => Err(TOLLGATE_E_STATE),
            Refreshed::Kept(errors) => {
                // SAFETY: the same.
                unsafe { put_message(message, message_cap, &errors.to_string()) };
                Err(TOLLGATE_E_CONFIG)
            }
        }
    })
}

fn tell(host: &Host, refreshed: &Refreshed) {
    match refreshed {
        Refreshed::Unchanged | Refreshed::Busy => {}
        Refreshed::Replaced(warnings) => {
            host.log(TOLLGATE_LOG_NOTICE, "the configuration and its files were loaded again");
            host.warn(warnings);
        }
        Refreshed::Kept(errors) => {
            host.complain(errors);
            host.log(TOLLGATE_LOG_ERROR, "the trust stays as it was before these files changed");
        }
    }
}
