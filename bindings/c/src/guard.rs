//! Nothing that goes wrong inside unwinds into C.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::gate::tollgate_gate;
use crate::host::TOLLGATE_LOG_ERROR;
use crate::status::TOLLGATE_E_PANIC;

/// The status of `work`. A panic in it is caught, told to the gate's log, and is a status as well: what
/// is shared is either changed in one step or not at all, so the gate works on.
#[inline]
pub(crate) fn guard(gate: Option<&tollgate_gate>, work: impl FnOnce() -> Result<i32, i32>) -> i32 {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(status) | Err(status)) => status,
        Err(panic) => {
            tell(gate, panic);
            TOLLGATE_E_PANIC
        }
    }
}

/// As [`guard`], for what gives something else than a status; `otherwise` after a panic.
pub(crate) fn guard_or<T>(otherwise: T, work: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        tell(None, panic);
        otherwise
    })
}

#[cold]
fn tell(gate: Option<&tollgate_gate>, panic: Box<dyn Any + Send>) {
    let what = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let what = what.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    // What a panic carries may panic again while it is dropped.
    std::mem::forget(panic);
    let Some(gate) = gate else { return };
    let say = || gate.host.log(TOLLGATE_LOG_ERROR, &format!("a panic was caught: {what}"));
    if let Err(again) = catch_unwind(AssertUnwindSafe(say)) {
        std::mem::forget(again);
    }
}
