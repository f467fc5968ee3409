//! For the test that a panic ends at the boundary; in no library that is installed.

use crate::gate::{shared, tollgate_gate};
use crate::guard::guard;

/// Panics inside the barrier that every function has.
///
/// @param gate  Whose log is told.
/// @return TOLLGATE_E_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_test_panic(gate: *const tollgate_gate) -> i32 {
    // SAFETY: the contract for all pointers.
    guard(unsafe { shared(gate) }.ok(), || panic!("asked for by a test"))
}
