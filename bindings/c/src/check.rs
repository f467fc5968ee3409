//! The one question: who is this, and may it pass?

use tollgate::Verdict;

use crate::gate::{shared, tollgate_gate};
use crate::guard::guard;
use crate::memory::{read, write};
use crate::request::tollgate_request;
use crate::scratch::{own_if_any, tollgate_scratch};
use crate::verdict::tollgate_verdict;

/// Judges one request.
///
/// A credential that was seen before costs the comparison of its bytes and some 50 ns, takes no lock and
/// allocates nothing; a new one costs its signature. Any thread, several at once, each with its own scratch.
///
/// @param gate     Not NULL.
/// @param scratch  Where texts may be asked of afterwards; what it handed out before is void. NULL: no texts.
/// @param request  Not NULL.
/// @param verdict  Not NULL. Written as refused before anything else happens.
/// @return verdict->status: TOLLGATE_ADMITTED; 1000 or more for a refusal, by its reason; less than 0 for
///         misuse and faults. Never 0.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_check(
    gate: *const tollgate_gate,
    scratch: *mut tollgate_scratch,
    request: *const tollgate_request,
    verdict: *mut tollgate_verdict,
) -> i32 {
    // SAFETY: the contract for all pointers; NULL is none.
    let mut scratch = unsafe { own_if_any(scratch) };
    // What was said of another client must not be read as said of this one, whatever happens now.
    if let Ok(Some(scratch)) = &mut scratch {
        scratch.forget();
    }
    // SAFETY: the same.
    let verdict = match unsafe { write(verdict) } {
        Ok(place) => place.filled(tollgate_verdict::REFUSED),
        Err(status) => return status,
    };
    // SAFETY: the same.
    let gate = unsafe { shared(gate) };
    let status = guard(gate.ok(), || {
        let (gate, scratch) = (gate?, scratch?);
        // SAFETY: the same.
        let shown = unsafe { read(request) }?;
        // SAFETY: the same.
        let request = unsafe { shown.presented() }?;
        // SAFETY: the same.
        let ask = unsafe { shown.ask() }?;
        let now = shown.at(|| gate.keeper.now());
        let check = |said: &mut _| gate.keeper.gate().check_into(&request, &ask, now, said);
        let mut unseen = Verdict::NONE;
        let said = match scratch {
            Some(scratch) => {
                scratch.keep(gate);
                scratch.show(check)
            }
            None => {
                check(&mut unseen);
                &unseen
            }
        };
        verdict.say(said);
        Ok(verdict.status)
    });
    if status < 0 {
        *verdict = tollgate_verdict::fault(status);
    }
    status
}
