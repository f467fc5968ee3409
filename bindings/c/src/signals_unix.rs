//! A thread of ours takes none of the host's signals: nginx and others count on an interrupted wait in their
//! own thread.

use core::mem::MaybeUninit;
use core::ptr;

/// Runs `start` with every signal blocked, which the threads that it starts inherit.
pub(crate) fn without_signals<T>(start: impl FnOnce() -> T) -> T {
    let mut all = MaybeUninit::uninit();
    let mut before = MaybeUninit::uninit();
    // SAFETY: sigfillset writes the whole set; pthread_sigmask reads it and writes the one before.
    let is_blocked = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_BLOCK, all.as_ptr(), before.as_mut_ptr()) == 0
    };
    let started = start();
    if is_blocked {
        // SAFETY: it was written by the call that blocked them.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before.as_ptr(), ptr::null_mut()) };
    }
    started
}
