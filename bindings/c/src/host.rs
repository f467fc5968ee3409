//! What the program that hosts a gate lends to it: a log and a clock.

use core::ffi::{c_char, c_void};
use core::ptr;

use tollgate::Now;
use tollgate_keeper::{Clock, ConfigError, ConfigErrors, SystemClock};

use crate::memory::Sized32;

/// Something does not work and has to be mended.
pub const TOLLGATE_LOG_ERROR: u32 = 1;

/// Something looks wrong.
pub const TOLLGATE_LOG_WARNING: u32 = 2;

/// Something that was asked for was done.
pub const TOLLGATE_LOG_NOTICE: u32 = 3;

/// What is said about the gate itself (never about a credential): one line of UTF-8 with a NUL behind it,
/// good during the call only.
///
/// Called by any thread that is inside a call of this gate, by the refresh thread, and by several at once.
/// It may call every function of the library but those that free this gate, and must not use a scratch that
/// is in use by the call it came from. It must not throw or longjmp.
pub type tollgate_log_callback = Option<
    unsafe extern "C-unwind" fn(user: *mut c_void, level: u32, message: *const c_char, len: usize),
>;

/// Writes the time: seconds since 1970 (UTC), and milliseconds of a clock that never goes back. Both have
/// to be written.
///
/// Called by any thread that is inside a call of this gate, and by several at once. It must call no function
/// of the library, and must not throw or longjmp.
pub type tollgate_clock_callback =
    Option<unsafe extern "C-unwind" fn(user: *mut c_void, unix_s: *mut i64, mono_ms: *mut u64)>;

/// Called once with the user data, when nothing will call back any more. It must not throw or longjmp.
pub type tollgate_drop_callback = Option<unsafe extern "C-unwind" fn(user: *mut c_void)>;

/// How a gate is made. Zero it, set size; every other field may stay 0.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct tollgate_options {
    /// sizeof(tollgate_options).
    pub size: u32,
    /// How many processes make a gate of this configuration and share this machine: `cache.max_bytes` is
    /// divided by it, and `replay_detection`, which each would do for itself, is an error in the configuration
    /// of more than one. 0 means 1.
    pub processes: u32,
    /// Handed to every callback. 0 means NULL.
    pub user: *mut c_void,
    /// The log. 0 means none.
    pub log: tollgate_log_callback,
    /// The clock. 0 means the system's.
    pub clock: tollgate_clock_callback,
    /// Called once when the gate, all its clones and every scratch that used it last are gone; also where no
    /// gate was made, but for options that cannot be read (TOLLGATE_E_SIZE). 0 means none.
    pub drop: tollgate_drop_callback,
}

// SAFETY: it begins with its size; numbers, pointers, and functions that may be NULL.
unsafe impl Sized32 for tollgate_options {}

/// The host of one gate.
pub(crate) struct Host {
    user: *mut c_void,
    log: tollgate_log_callback,
    clock: tollgate_clock_callback,
    drop: tollgate_drop_callback,
}

// SAFETY: the callbacks' contract is that any thread may call them with the user data, several at once.
unsafe impl Send for Host {}
// SAFETY: the same.
unsafe impl Sync for Host {}

impl Host {
    pub(crate) fn new(options: Option<&tollgate_options>) -> Self {
        match options {
            Some(options) => Self {
                user: options.user,
                log: options.log,
                clock: options.clock,
                drop: options.drop,
            },
            None => Self { user: ptr::null_mut(), log: None, clock: None, drop: None },
        }
    }

    pub(crate) fn log(&self, level: u32, line: &str) {
        let Some(log) = self.log else { return };
        let mut text = String::with_capacity(line.len() + 1);
        text.push_str(line);
        text.push('\0');
        // SAFETY: the callback's contract; the text lives until the call is over.
        unsafe { log(self.user, level, text.as_ptr().cast(), line.len()) };
    }

    pub(crate) fn warn(&self, warnings: &[ConfigError]) {
        self.log_each(TOLLGATE_LOG_WARNING, warnings);
    }

    pub(crate) fn complain(&self, errors: &ConfigErrors) {
        self.log_each(TOLLGATE_LOG_ERROR, &errors.0);
    }

    fn log_each(&self, level: u32, entries: &[ConfigError]) {
        if self.log.is_some() {
            entries.iter().for_each(|entry| self.log(level, &entry.to_string()));
        }
    }
}

impl Clock for Host {
    fn now(&self) -> Now {
        let Some(clock) = self.clock else { return SystemClock.now() };
        let (mut unix_s, mut mono_ms) = (0, 0);
        // SAFETY: the callback's contract; it writes to these two only.
        unsafe { clock(self.user, &raw mut unix_s, &raw mut mono_ms) };
        Now { unix_s, mono_ms }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let Some(drop) = self.drop else { return };
        // SAFETY: the callback's contract; nothing has the user data any more.
        unsafe { drop(self.user) };
    }
}
