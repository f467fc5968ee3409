//! What a call returns.

/// The request may pass. The only status that says so.
pub const TOLLGATE_ADMITTED: i32 = 1;

/// The call did what it is for. Never the answer of a check.
pub const TOLLGATE_DONE: i32 = 2;

/// A pointer that is needed is NULL, or one is NULL and its length is not 0.
pub const TOLLGATE_E_NULL: i32 = -1;

/// The `size` of a structure, or a stride, is none that this library knows: set it to `sizeof`, and ask
/// tollgate_struct_size() where header and library may be of different releases.
pub const TOLLGATE_E_SIZE: i32 = -2;

/// A number is out of its range, a length over its bound, a pointer not aligned, or a text not UTF-8.
pub const TOLLGATE_E_ARGUMENT: i32 = -3;

/// The configuration, or an update of it, is wrong; the message says what, where, and what to write.
pub const TOLLGATE_E_CONFIG: i32 = -4;

/// There is no such thing: no such claim, no text of this kind, no verdict to ask about.
pub const TOLLGATE_E_ABSENT: i32 = -5;

/// Not now: another thread is at it, or it was done already.
pub const TOLLGATE_E_STATE: i32 = -6;

/// The system gave no memory, no thread or no random numbers.
pub const TOLLGATE_E_SYSTEM: i32 = -7;

/// A defect of the library: it caught a panic. Nothing was admitted. The gate works on; the process's
/// standard error has the place, the log callback the message.
pub const TOLLGATE_E_PANIC: i32 = -8;
