//! For the bench: the calls that a host in C makes, where no other code may be unsafe.

use core::hint::black_box;
use core::ptr;
use std::ffi::{CStr, c_char};
use std::sync::Arc;

use tollgate::Now;
use tollgate_keeper::Keeper;

use crate::check::tollgate_check;
use crate::gate::{tollgate_gate, tollgate_gate_free, tollgate_gate_from_text};
use crate::memory::tollgate_bytes;
use crate::request::{TOLLGATE_SCENARIO_USER, tollgate_request};
use crate::scratch::{tollgate_scratch, tollgate_scratch_free, tollgate_scratch_new};
use crate::status::{TOLLGATE_ADMITTED, TOLLGATE_DONE};
use crate::verdict::tollgate_verdict;

/// A host in C with a gate, a scratch, and a request and a verdict that it uses again and again.
pub struct CHost {
    gate: *mut tollgate_gate,
    scratch: *mut tollgate_scratch,
    request: tollgate_request,
    verdict: tollgate_verdict,
}

/// As C calls it: by an address that the compiler cannot see through.
type Check = unsafe extern "C" fn(
    *const tollgate_gate,
    *mut tollgate_scratch,
    *const tollgate_request,
    *mut tollgate_verdict,
) -> i32;

impl CHost {
    /// A host of one gate, which asks its only endpoint, for users, at one moment.
    ///
    /// # Errors
    /// What the library says of the configuration.
    pub fn new(toml: &str, now: Now) -> Result<Self, String> {
        let (mut gate, mut scratch) = (ptr::null_mut(), ptr::null_mut());
        let mut message = [0u8; 512];
        let (buffer, room) = (message.as_mut_ptr().cast::<c_char>(), message.len());
        let text = toml.as_ptr().cast();
        // SAFETY: every pointer is to something of ours that is as long as said.
        let is_made = unsafe {
            let made = tollgate_gate_from_text(
                ptr::null(),
                text,
                toml.len(),
                ptr::null(),
                0,
                &raw mut gate,
                buffer,
                room,
            );
            made == TOLLGATE_DONE && tollgate_scratch_new(&raw mut scratch) == TOLLGATE_DONE
        };
        let request = tollgate_request {
            scenario: TOLLGATE_SCENARIO_USER,
            unix_s: now.unix_s,
            mono_ms: now.mono_ms.max(1),
            ..tollgate_request::EMPTY
        };
        let host = Self { gate, scratch, request, verdict: tollgate_verdict::REFUSED };
        if is_made {
            return Ok(host);
        }
        let message = CStr::from_bytes_until_nul(&message).unwrap_or_default();
        Err(message.to_string_lossy().into_owned())
    }

    /// Whose gate it is, for the same call in Rust.
    #[must_use]
    pub fn keeper(&self) -> Arc<Keeper> {
        // SAFETY: this host owns it.
        Arc::clone(&unsafe { &*self.gate }.keeper)
    }

    /// Whether the token is admitted.
    #[inline]
    pub fn admits(&mut self, token: &[u8]) -> bool {
        self.request.token = tollgate_bytes { data: token.as_ptr(), len: token.len() };
        let check: Check = black_box(tollgate_check);
        let (request, verdict) = (&raw const self.request, &raw mut self.verdict);
        // SAFETY: every pointer is to something of ours; nobody asks for texts of the token afterwards.
        unsafe { check(self.gate, self.scratch, request, verdict) == TOLLGATE_ADMITTED }
    }
}

impl Drop for CHost {
    fn drop(&mut self) {
        // SAFETY: both are ours, and nobody has them any more.
        unsafe {
            tollgate_scratch_free(self.scratch);
            tollgate_gate_free(self.gate);
        }
    }
}
