//! The same verdict with every step that led to it.

use core::fmt::Write;

use tollgate::Verdict;

use crate::gate::{shared, tollgate_gate};
use crate::guard::guard;
use crate::memory::{out, read, tollgate_text};
use crate::request::tollgate_request;
use crate::scratch::{own, tollgate_scratch, view};
use crate::status::{TOLLGATE_ADMITTED, TOLLGATE_E_PANIC};
use crate::text::NOTHING;

/// Judges as tollgate_check(), by the same code and with the same verdict, remembers nothing, and writes
/// down every step: what was looked at, what was found, what was expected, and for a refusal the remedy. For
/// the operator only: the text holds claims and names of the credential (never its signature).
///
/// Costs a signature each time, and allocates.
///
/// @param gate     Not NULL.
/// @param scratch  Not NULL. Texts of the verdict may be asked of it afterwards.
/// @param request  Not NULL.
/// @param lines    Where the text goes, several lines; not NULL. Of no bytes is written first.
/// @return As tollgate_check().
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_explain(
    gate: *const tollgate_gate,
    scratch: *mut tollgate_scratch,
    request: *const tollgate_request,
    lines: *mut tollgate_text,
) -> i32 {
    // SAFETY: the contract for all pointers.
    let mut scratch = unsafe { own(scratch) };
    if let Ok(scratch) = &mut scratch {
        scratch.forget();
    }
    // SAFETY: the same.
    let gate = unsafe { shared(gate) };
    guard(gate.ok(), || {
        // SAFETY: the same.
        let place = unsafe { out(lines) }?;
        place.put(NOTHING);
        let (gate, scratch) = (gate?, scratch?);
        // SAFETY: the same.
        let shown = unsafe { read(request) }?;
        // SAFETY: the same.
        let (request, ask) = unsafe { (shown.presented()?, shown.ask()?) };
        let now = shown.at(|| gate.keeper.now());
        scratch.keep(gate);
        let explanation = gate.keeper.gate().explain(&request, &ask, now);
        scratch.show(|place| *place = explanation.verdict);
        scratch.texts.is_clear = false;
        let page = &mut scratch.texts.page;
        write!(page, "{explanation}").map_err(|_| TOLLGATE_E_PANIC)?;
        page.push('\0');
        place.put(view(page.as_bytes()));
        Ok(match explanation.verdict {
            Verdict::Admit(_) => TOLLGATE_ADMITTED,
            Verdict::Refuse(refusal) => refusal.reason.number().into(),
        })
    })
}
