//! Which library this is.

use core::ffi::c_char;

use crate::counters::tollgate_counters;
use crate::host::tollgate_options;
use crate::request::tollgate_request;
use crate::verdict::tollgate_verdict;

/// Number of the binary interface, and of the shared library's name (libtollgate.so.0). What is there stays
/// as it is while the number stays.
pub const TOLLGATE_ABI_VERSION: u32 = 0;

/// First number of the release of this header.
pub const TOLLGATE_VERSION_MAJOR: u32 = 0;

/// Second number.
pub const TOLLGATE_VERSION_MINOR: u32 = 1;

/// Third number.
pub const TOLLGATE_VERSION_PATCH: u32 = 0;

/// tollgate_options, for tollgate_struct_size().
pub const TOLLGATE_STRUCT_OPTIONS: u32 = 1;

/// tollgate_request, for tollgate_struct_size().
pub const TOLLGATE_STRUCT_REQUEST: u32 = 2;

/// tollgate_verdict, for tollgate_struct_size().
pub const TOLLGATE_STRUCT_VERDICT: u32 = 3;

/// tollgate_counters, for tollgate_struct_size().
pub const TOLLGATE_STRUCT_COUNTERS: u32 = 4;

/// The release of the library that is running.
///
/// @return Text with a NUL, as "0.1.0"; good for ever.
#[unsafe(no_mangle)]
pub extern "C" fn tollgate_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// The release of the library that is running, as TOLLGATE_VERSION is that of the header.
///
/// @return major * 65536 + minor * 256 + patch.
#[unsafe(no_mangle)]
pub extern "C" fn tollgate_version_number() -> u32 {
    TOLLGATE_VERSION_MAJOR << 16 | TOLLGATE_VERSION_MINOR << 8 | TOLLGATE_VERSION_PATCH
}

/// The binary interface of the library that is running, as TOLLGATE_ABI_VERSION is that of the header.
///
/// @return A number; anything else than TOLLGATE_ABI_VERSION: do not go on.
#[unsafe(no_mangle)]
pub extern "C" fn tollgate_abi_version() -> u32 {
    TOLLGATE_ABI_VERSION
}

/// The size of a structure as the library that is running knows it; larger ones get TOLLGATE_E_SIZE.
///
/// @param structure  TOLLGATE_STRUCT_*.
/// @return Bytes; 0 for another number.
#[unsafe(no_mangle)]
pub extern "C" fn tollgate_struct_size(structure: u32) -> usize {
    match structure {
        TOLLGATE_STRUCT_OPTIONS => size_of::<tollgate_options>(),
        TOLLGATE_STRUCT_REQUEST => size_of::<tollgate_request>(),
        TOLLGATE_STRUCT_VERDICT => size_of::<tollgate_verdict>(),
        TOLLGATE_STRUCT_COUNTERS => size_of::<tollgate_counters>(),
        _ => 0,
    }
}
