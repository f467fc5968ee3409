//! What C handed over, made into slices and references, or a status that says why not.

use core::ffi::c_char;
use core::ptr::NonNull;
use core::slice;

use crate::status::{TOLLGATE_E_ARGUMENT, TOLLGATE_E_NULL, TOLLGATE_E_SIZE};

/// Bytes that somebody else owns.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct tollgate_bytes {
    /// The first byte. NULL only where len is 0.
    pub data: *const u8,
    /// How many there are.
    pub len: usize,
}

/// UTF-8 text that somebody else owns. The library reads `len` bytes and no NUL; texts that it hands out
/// have a NUL behind them, which len does not count.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct tollgate_text {
    /// The first byte. NULL only where len is 0.
    pub data: *const c_char,
    /// Bytes without the NUL.
    pub len: usize,
}

/// A structure that begins with its size.
///
/// # Safety
/// The first field is a `u32` and every value of every field is allowed, as `#[repr(C)]` of plain numbers
/// and pointers has it.
pub(crate) unsafe trait Sized32 {}

/// Longest name, path or address of a file in bytes.
pub(crate) const TEXT_MOST: usize = 64 * 1024;

/// A structure to read.
///
/// Only the sizes that some release had are taken: one that is larger was made for a library that knows
/// more, and what it asks for beyond must not be left out in silence.
pub(crate) unsafe fn read<'a, T: Sized32>(place: *const T) -> Result<&'a T, i32> {
    check_size(place)?;
    // SAFETY: not NULL and aligned, by check_size; it is as large as it says, by the contract.
    Ok(unsafe { &*place })
}

/// A structure to write to.
pub(crate) unsafe fn write<T: Sized32>(place: *mut T) -> Result<Place<T>, i32> {
    check_size(place)?;
    // SAFETY: the contract of this function is that of `out`.
    unsafe { out(place) }
}

#[inline]
fn check_size<T: Sized32>(place: *const T) -> Result<(), i32> {
    if place.is_null() {
        return Err(TOLLGATE_E_NULL);
    }
    if !place.is_aligned() {
        return Err(TOLLGATE_E_ARGUMENT);
    }
    // SAFETY: Sized32 begins with four bytes of size; the pointer is aligned for more than those.
    let size = unsafe { place.cast::<u32>().read() };
    if size as usize == size_of::<T>() { Ok(()) } else { Err(TOLLGATE_E_SIZE) }
}

/// Where a result goes. What stands there may be anything: it is written as a whole, never read.
pub(crate) struct Place<T>(NonNull<T>);

impl<T> Place<T> {
    #[inline]
    pub(crate) fn put(&self, value: T) {
        // SAFETY: `out` made it: aligned, and as large as T for as long as the call lasts.
        unsafe { self.0.write(value) };
    }

    /// As [`Place::put`]; from then on it can be read, and changed bit by bit. For the time of the call.
    #[inline]
    pub(crate) fn filled<'a>(mut self, value: T) -> &'a mut T {
        self.put(value);
        // SAFETY: it was just written; by the contract nobody else looks at it during the call.
        unsafe { self.0.as_mut() }
    }
}

/// A place for a result, by the contract as large as T.
#[inline]
pub(crate) unsafe fn out<T>(place: *mut T) -> Result<Place<T>, i32> {
    let place = NonNull::new(place).ok_or(TOLLGATE_E_NULL)?;
    if place.is_aligned() { Ok(Place(place)) } else { Err(TOLLGATE_E_ARGUMENT) }
}

/// What a handle stands for. One that is not aligned was never handed out.
#[inline]
pub(crate) unsafe fn held<'a, T>(handle: *const T) -> Result<&'a T, i32> {
    if !handle.is_aligned() {
        return Err(TOLLGATE_E_ARGUMENT);
    }
    // SAFETY: aligned; by the contract what is not NULL was handed out and is not given back yet.
    unsafe { handle.as_ref() }.ok_or(TOLLGATE_E_NULL)
}

/// The same for one that a single thread uses at a time.
#[inline]
pub(crate) unsafe fn held_alone<'a, T>(handle: *mut T) -> Result<&'a mut T, i32> {
    if !handle.is_aligned() {
        return Err(TOLLGATE_E_ARGUMENT);
    }
    // SAFETY: as in `held`; and by the contract nobody else uses it.
    unsafe { handle.as_mut() }.ok_or(TOLLGATE_E_NULL)
}

/// Whether a handle may be given back: NULL is none, and one that is not aligned was never handed out.
pub(crate) fn is_held<T>(handle: *const T) -> bool {
    !handle.is_null() && handle.is_aligned()
}

/// At most `most` bytes. The length is looked at first: one that lies is never followed.
#[inline]
pub(crate) unsafe fn bytes<'a>(data: *const u8, len: usize, most: usize) -> Result<&'a [u8], i32> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(TOLLGATE_E_NULL);
    }
    if len > most {
        return Err(TOLLGATE_E_ARGUMENT);
    }
    // SAFETY: not NULL, and by the contract there are so many bytes; `most` is far below isize::MAX.
    Ok(unsafe { slice::from_raw_parts(data, len) })
}

/// At most `most` bytes of UTF-8.
#[inline]
pub(crate) unsafe fn text<'a>(
    data: *const c_char,
    len: usize,
    most: usize,
) -> Result<&'a str, i32> {
    // SAFETY: as the contract of this function, which is that of `bytes`.
    let bytes = unsafe { bytes(data.cast(), len, most) }?;
    str::from_utf8(bytes).map_err(|_| TOLLGATE_E_ARGUMENT)
}

/// Up to `most` structures behind each other.
pub(crate) unsafe fn list<'a, T>(
    data: *const T,
    count: usize,
    most: usize,
) -> Result<&'a [T], i32> {
    if count == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(TOLLGATE_E_NULL);
    }
    if count > most || !data.is_aligned() {
        return Err(TOLLGATE_E_ARGUMENT);
    }
    // SAFETY: not NULL, aligned, and by the contract there are so many.
    Ok(unsafe { slice::from_raw_parts(data, count) })
}

/// Writes a message and a NUL as far as there is room, cut between characters; as snprintf, a buffer of no
/// bytes is none.
pub(crate) unsafe fn put_message(buffer: *mut c_char, capacity: usize, message: &str) {
    if buffer.is_null() || capacity == 0 {
        return;
    }
    let most = message.len().min(capacity - 1);
    // A character has at most four bytes, and the start of a text is a boundary.
    let end = (0..=most).rev().find(|at| message.is_char_boundary(*at)).unwrap_or(0);
    // SAFETY: by the contract there is room for `capacity` bytes, and end < capacity; the message is
    // Rust's own.
    unsafe {
        core::ptr::copy_nonoverlapping(message.as_ptr(), buffer.cast::<u8>(), end);
        buffer.add(end).write(0);
    }
}
