//! The working memory of one thread: what the last call said, for whoever asks for texts.

use core::ffi::c_char;
use core::mem::transmute;
use core::ptr;
use std::sync::Arc;

use tollgate::{Admission, Verdict};

use crate::gate::tollgate_gate;
use crate::guard::{guard, guard_or};
use crate::memory::{held_alone, is_held, out, tollgate_text};
use crate::status::{TOLLGATE_DONE, TOLLGATE_E_ABSENT};

/// The working memory of one thread. It owns every text and payload that the library hands out: they are
/// good until the scratch is used for another check, batch, explanation or metrics, or is freed.
///
/// Not shared: one thread at a time uses it. Made once a thread (or once a connection), used for any gate.
pub struct tollgate_scratch {
    /// Whose directory the verdicts point into; kept alive for them.
    gate: Option<Arc<tollgate_gate>>,
    /// What the last check said, or the one chosen of a batch.
    shown: Verdict<'static>,
    /// Whether it is one.
    is_shown: bool,
    /// What the last batch said; `None` for a request that could not be read.
    pub(crate) batch: Vec<Option<Verdict<'static>>>,
    pub(crate) texts: Texts,
}

/// Texts that were asked for. None is written twice for one verdict, so what was handed out stays.
pub(crate) struct Texts {
    /// Whether nothing was asked for since it was cleared, as after most checks.
    pub(crate) is_clear: bool,
    /// By TOLLGATE_TEXT_*, with a NUL at the end; empty: not yet written.
    pub(crate) by_kind: [String; crate::text::KINDS],
    pub(crate) claims: Option<Vec<Claim>>,
    /// With a NUL; empty: not yet written.
    pub(crate) payload: Vec<u8>,
    /// What explains, or lists metrics, with a NUL.
    pub(crate) page: String,
}

/// Name and text, each with a NUL.
pub(crate) type Claim = (Box<str>, Box<str>);

impl Texts {
    fn new() -> Self {
        Self {
            is_clear: true,
            by_kind: Default::default(),
            claims: None,
            payload: Vec::new(),
            page: String::new(),
        }
    }

    #[cold]
    fn clear(&mut self) {
        self.is_clear = true;
        self.by_kind.iter_mut().for_each(String::clear);
        self.claims = None;
        self.payload.clear();
        self.page.clear();
    }
}

/// Makes a scratch.
///
/// @param scratch  Where it goes; not NULL. NULL is written first. The caller owns it and frees it with
///                 tollgate_scratch_free().
/// @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_scratch_new(scratch: *mut *mut tollgate_scratch) -> i32 {
    guard(None, || {
        // SAFETY: the contract for all pointers.
        let scratch = unsafe { out(scratch) }?;
        scratch.put(ptr::null_mut());
        let made = tollgate_scratch {
            gate: None,
            shown: Verdict::NONE,
            is_shown: false,
            batch: Vec::new(),
            texts: Texts::new(),
        };
        scratch.put(Box::into_raw(Box::new(made)));
        Ok(TOLLGATE_DONE)
    })
}

/// Frees a scratch and every text that it handed out.
///
/// @param scratch  NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_scratch_free(scratch: *mut tollgate_scratch) {
    if is_held(scratch) {
        // SAFETY: it came from Box::into_raw, and the caller gives it back.
        guard_or((), || drop(unsafe { Box::from_raw(scratch) }));
    }
}

impl tollgate_scratch {
    /// Forgets everything; from here on views into it are void.
    #[inline]
    pub(crate) fn forget(&mut self) {
        self.is_shown = false;
        if !self.texts.is_clear {
            self.texts.clear();
        }
        self.batch.clear();
    }

    /// Keeps the gate of a call that begins now, so that what it says stays readable.
    #[inline]
    pub(crate) fn keep(&mut self, gate: &tollgate_gate) {
        let is_same = self.gate.as_ref().is_some_and(|kept| ptr::eq(Arc::as_ptr(kept), gate));
        if !is_same {
            self.keep_another(gate);
        }
    }

    #[cold]
    fn keep_another(&mut self, gate: &tollgate_gate) {
        // SAFETY: every gate that C holds came from Arc::into_raw, and its caller owns a count of it.
        let kept = unsafe {
            Arc::increment_strong_count(gate);
            Arc::from_raw(gate)
        };
        self.gate = Some(kept);
    }

    /// Has `say` write a verdict here, and gives it. From then on it is the one that is asked about.
    #[inline]
    pub(crate) fn show<'v>(&mut self, say: impl FnOnce(&mut Verdict<'v>)) -> &Verdict<'v> {
        // SAFETY: only lifetimes differ. What is written outlives its use for the reasons that `lasting`
        // has, and nobody reads what stood there under the new name: a verdict is written as a whole.
        let place =
            unsafe { transmute::<&mut Verdict<'static>, &mut Verdict<'v>>(&mut self.shown) };
        say(place);
        self.is_shown = true;
        place
    }

    /// The verdict that is asked about.
    pub(crate) fn shown(&self) -> Result<Verdict<'static>, i32> {
        if self.is_shown { Ok(self.shown) } else { Err(TOLLGATE_E_ABSENT) }
    }

    pub(crate) fn admission(&self) -> Result<Admission<'static>, i32> {
        match self.shown()? {
            Verdict::Admit(admission) => Ok(admission),
            Verdict::Refuse(_) => Err(TOLLGATE_E_ABSENT),
        }
    }

    /// Makes one verdict of the last batch the one that is asked about.
    pub(crate) fn choose(&mut self, index: usize) -> Result<(), i32> {
        let chosen = self.batch.get(index).copied().flatten();
        self.texts.clear();
        self.is_shown = chosen.is_some();
        self.shown = chosen.ok_or(TOLLGATE_E_ABSENT)?;
        Ok(())
    }
}

/// A verdict without the names of the lives that it borrows.
///
/// It borrows the gate, which its scratch keeps alive, and the token and peer of its request, which the
/// contract of [`crate::tollgate_request`] keeps as they are for as long as texts are asked for.
#[inline]
pub(crate) fn lasting(verdict: Verdict<'_>) -> Verdict<'static> {
    // SAFETY: only the lifetime changes; what it stands for holds as said above.
    unsafe { transmute::<Verdict<'_>, Verdict<'static>>(verdict) }
}

/// A scratch that C holds.
#[inline]
pub(crate) unsafe fn own<'a>(
    scratch: *mut tollgate_scratch,
) -> Result<&'a mut tollgate_scratch, i32> {
    // SAFETY: what is not NULL came from Box::into_raw; by the contract one thread at a time uses it.
    unsafe { held_alone(scratch) }
}

/// A scratch that C may leave out.
#[inline]
pub(crate) unsafe fn own_if_any<'a>(
    scratch: *mut tollgate_scratch,
) -> Result<Option<&'a mut tollgate_scratch>, i32> {
    if scratch.is_null() {
        return Ok(None);
    }
    // SAFETY: the contract of this function is that of `own`.
    unsafe { own(scratch) }.map(Some)
}

/// A view of a text that ends in a NUL, which is not counted.
pub(crate) fn view(text: &[u8]) -> tollgate_text {
    tollgate_text { data: text.as_ptr().cast::<c_char>(), len: text.len().saturating_sub(1) }
}
