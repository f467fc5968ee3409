//! Many requests at once.

use core::cell::LazyCell;

use tollgate::{Ask, Now, Request, Verdict};

use crate::gate::{shared, tollgate_gate};
use crate::guard::guard;
use crate::memory::{read, write};
use crate::request::tollgate_request;
use crate::scratch::{lasting, own, own_if_any, tollgate_scratch};
use crate::status::{TOLLGATE_DONE, TOLLGATE_E_ARGUMENT, TOLLGATE_E_NULL, TOLLGATE_E_SIZE};
use crate::verdict::tollgate_verdict;

/// Most requests of one batch.
pub const TOLLGATE_BATCH_MOST: usize = 1_048_576;

/// Judges many requests; the verdicts come in their order.
///
/// What was seen before is judged first, by this thread, memory asked for ahead. The others are shared out
/// to a pool of threads that all gates of the process have in common; it is made when it is first needed,
/// and anew in a forked child. Any thread, several at once, each with its own scratch.
///
/// A request that cannot be read has its status in its own verdict; the others are judged. Those without
/// a time of their own have one in common.
///
/// @param gate            Not NULL.
/// @param scratch         Where texts may be asked of after tollgate_batch_choose(). NULL: no texts.
/// @param requests        The first request; NULL only where count is 0.
/// @param request_stride  Bytes from one request to the next: sizeof(tollgate_request) or more.
/// @param verdicts        The first verdict; NULL only where count is 0. All are written as refused
///                        before anything else happens.
/// @param verdict_stride  Bytes from one verdict to the next: sizeof(tollgate_verdict) or more.
/// @param count           How many, at most TOLLGATE_BATCH_MOST. 0 does nothing.
/// @return TOLLGATE_DONE, whatever the verdicts are; TOLLGATE_E_NULL; TOLLGATE_E_SIZE for a stride, or the
///         size of a verdict; TOLLGATE_E_ARGUMENT; TOLLGATE_E_PANIC.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_check_batch(
    gate: *const tollgate_gate,
    scratch: *mut tollgate_scratch,
    requests: *const tollgate_request,
    request_stride: usize,
    verdicts: *mut tollgate_verdict,
    verdict_stride: usize,
    count: usize,
) -> i32 {
    // SAFETY: the contract for all pointers; NULL is none.
    let mut scratch = unsafe { own_if_any(scratch) };
    if let Ok(Some(scratch)) = &mut scratch {
        scratch.forget();
    }
    // SAFETY: the same.
    let gate = unsafe { shared(gate) };
    let mut places = Vec::new();
    let status = guard(gate.ok(), || {
        check_stride(verdicts.cast_const(), verdict_stride, count)?;
        places.reserve_exact(count);
        let mut unwritten = None;
        for at in 0..count {
            // SAFETY: check_stride, and by the contract there are `count` of them.
            match unsafe { write(verdicts.byte_add(at * verdict_stride)) } {
                Ok(place) => places.push(place.filled(tollgate_verdict::REFUSED)),
                Err(status) => unwritten = Some(status),
            }
        }
        unwritten.map_or(Ok(()), Err)?;
        check_stride(requests, request_stride, count)?;
        let (gate, scratch) = (gate?, scratch?);
        let now = LazyCell::new(|| gate.keeper.now());
        let mut all = Vec::with_capacity(count);
        for at in 0..count {
            // SAFETY: the same; each request is inside its stride.
            let request = unsafe { read(requests.byte_add(at * request_stride)) };
            all.push(request.and_then(|request| {
                // SAFETY: the contract for all pointers.
                let (shown, ask) = unsafe { (request.presented()?, request.ask()?) };
                Ok(Asked { request: shown, ask, now: request.at(|| *now) })
            }));
        }
        let said = judge(gate, &all);
        for ((place, asked), verdict) in places.iter_mut().zip(&all).zip(&said) {
            match (asked, verdict) {
                (Err(status), _) => **place = tollgate_verdict::fault(*status),
                (Ok(_), Some(verdict)) => place.say(verdict),
                (Ok(_), None) => {}
            }
        }
        if let Some(scratch) = scratch {
            scratch.keep(gate);
            scratch.batch.extend(said.into_iter().map(|verdict| verdict.map(lasting)));
        }
        Ok(TOLLGATE_DONE)
    });
    if status < 0 {
        places.into_iter().for_each(|place| *place = tollgate_verdict::fault(status));
    }
    status
}

/// Chooses which verdict of the last batch of a scratch texts are asked of. Texts of the one before are void.
///
/// @param scratch  Not NULL.
/// @param index    From 0 on.
/// @return TOLLGATE_DONE; TOLLGATE_E_ABSENT where the last call was no batch, or has no such verdict;
///         TOLLGATE_E_NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_batch_choose(
    scratch: *mut tollgate_scratch,
    index: usize,
) -> i32 {
    guard(None, || {
        // SAFETY: the contract for all pointers.
        unsafe { own(scratch) }?.choose(index)?;
        Ok(TOLLGATE_DONE)
    })
}

/// A request in the core's words.
struct Asked<'a> {
    request: Request<'a>,
    ask: Ask<'a>,
    now: Now,
}

/// The verdict on each request that could be read. Requests of one moment are one batch of the core.
fn judge<'a>(gate: &'a tollgate_gate, all: &[Result<Asked<'a>, i32>]) -> Vec<Option<Verdict<'a>>> {
    let mut said: Vec<Option<Verdict<'a>>> = vec![None; all.len()];
    let mut places = Vec::with_capacity(all.len());
    let mut batch: Vec<(Request<'a>, Ask<'a>)> = Vec::with_capacity(all.len());
    let mut moment: Option<Now> = None;
    let mut flush = |places: &mut Vec<usize>, batch: &mut Vec<_>, now: Option<Now>| {
        let Some(now) = now else { return };
        let verdicts = gate.keeper.gate().check_batch(batch, now);
        for (at, verdict) in places.drain(..).zip(verdicts) {
            said[at] = Some(verdict);
        }
        batch.clear();
    };
    for (at, asked) in all.iter().enumerate() {
        let Ok(Asked { request, ask, now }) = asked else { continue };
        if moment != Some(*now) {
            flush(&mut places, &mut batch, moment.replace(*now));
        }
        places.push(at);
        batch.push((*request, *ask));
    }
    flush(&mut places, &mut batch, moment);
    said
}

fn check_stride<T>(first: *const T, stride: usize, count: usize) -> Result<(), i32> {
    if count == 0 {
        return Ok(());
    }
    if first.is_null() {
        return Err(TOLLGATE_E_NULL);
    }
    // No structure of a release was or will be so large.
    if stride < size_of::<T>() || stride > 4096 || !stride.is_multiple_of(align_of::<T>()) {
        return Err(TOLLGATE_E_SIZE);
    }
    if count > TOLLGATE_BATCH_MOST || !first.is_aligned() {
        return Err(TOLLGATE_E_ARGUMENT);
    }
    Ok(())
}
