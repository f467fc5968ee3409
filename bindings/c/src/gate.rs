//! Gates: made from a configuration, shared by all threads.

use core::ffi::c_char;
use core::num::NonZeroU32;
use core::ptr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tollgate_keeper::{Keeper, Options, Origin, Refresher};

use crate::guard::{guard, guard_or};
use crate::host::{Host, tollgate_options};
use crate::memory::{TEXT_MOST, held, is_held, out, put_message, read, text};
use crate::reason::sentence;
use crate::status::{TOLLGATE_DONE, TOLLGATE_E_ABSENT, TOLLGATE_E_ARGUMENT, TOLLGATE_E_CONFIG};

/// A gate: a configuration, the trust that it names, and the credentials that are remembered.
///
/// Shared: any thread may use it at any time, several at once, for everything that is asked of a
/// `const tollgate_gate *`. Counted: each tollgate_gate_clone() and each gate that was made needs one
/// tollgate_gate_free().
pub struct tollgate_gate {
    pub(crate) keeper: Arc<Keeper>,
    pub(crate) host: Arc<Host>,
    pub(crate) refresher: Mutex<Option<Refresher>>,
}

/// Largest configuration in bytes, as the keeper's for files.
pub(crate) const CONFIG_MOST: usize = 4 * 1024 * 1024;

/// Makes a gate of a configuration file and everything that it names. Paths in it are relative to it.
///
/// No thread is started: tollgate_gate_start_refresh() or tollgate_gate_refresh() keep the trust fresh.
///
/// @param options      NULL for none.
/// @param path         Of the file; not NULL.
/// @param path_len     Bytes of it, at most 65,536.
/// @param gate         Where the gate goes; not NULL. NULL is written first, and stays where none was made.
///                     The caller owns the gate and frees it with tollgate_gate_free().
/// @param message      Where one line goes that says what is wrong, and where, with a NUL; "" where nothing
///                     is. NULL for none. The log callback gets every error and every warning.
/// @param message_cap  Bytes of room there; 512 is enough for most.
/// @return TOLLGATE_DONE; TOLLGATE_E_CONFIG; TOLLGATE_E_NULL, TOLLGATE_E_SIZE, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_from_file(
    options: *const tollgate_options,
    path: *const c_char,
    path_len: usize,
    gate: *mut *mut tollgate_gate,
    message: *mut c_char,
    message_cap: usize,
) -> i32 {
    let origin = || {
        // SAFETY: the contract for all pointers.
        let path = unsafe { text(path, path_len, TEXT_MOST) }?;
        if path.is_empty() { Err(TOLLGATE_E_ARGUMENT) } else { Ok(Origin::File(path.into())) }
    };
    // SAFETY: the same.
    unsafe { open(options, origin, gate, message, message_cap) }
}

/// As tollgate_gate_from_file(), of a configuration in memory.
///
/// @param options      NULL for none.
/// @param toml         The configuration's text.
/// @param toml_len     Bytes of it, at most 4 MiB.
/// @param folder       What paths in it are relative to; NULL for the current directory.
/// @param folder_len   Bytes of it, at most 65,536.
/// @param gate         As there.
/// @param message      As there.
/// @param message_cap  As there.
/// @return As there.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_from_text(
    options: *const tollgate_options,
    toml: *const c_char,
    toml_len: usize,
    folder: *const c_char,
    folder_len: usize,
    gate: *mut *mut tollgate_gate,
    message: *mut c_char,
    message_cap: usize,
) -> i32 {
    let origin = || {
        // SAFETY: the contract for all pointers.
        let (text, folder) =
            unsafe { (text(toml, toml_len, CONFIG_MOST)?, text(folder, folder_len, TEXT_MOST)?) };
        let (name, folder) = (PathBuf::from("configuration"), folder.into());
        Ok(Origin::Text { text: text.into(), name, folder })
    };
    // SAFETY: the same.
    unsafe { open(options, origin, gate, message, message_cap) }
}

unsafe fn open(
    options: *const tollgate_options,
    origin: impl FnOnce() -> Result<Origin, i32>,
    gate: *mut *mut tollgate_gate,
    message: *mut c_char,
    message_cap: usize,
) -> i32 {
    // SAFETY: the contract for all pointers.
    unsafe { put_message(message, message_cap, "") };
    let status = guard(None, || {
        // SAFETY: the same.
        let gate = unsafe { out(gate) };
        if let Ok(gate) = &gate {
            gate.put(ptr::null_mut());
        }
        let options = match options.is_null() {
            true => None,
            // SAFETY: the same.
            false => Some(unsafe { read(options) }?),
        };
        // From here on its drop callback is called, whatever happens.
        let host = Arc::new(Host::new(options));
        let gate = gate?;
        let processes = options.and_then(|options| NonZeroU32::new(options.processes));
        let origin = origin()?;
        let clock = Arc::clone(&host);
        let options = Options { clock, processes: processes.unwrap_or(NonZeroU32::MIN) };
        match Keeper::open(origin, options) {
            Ok((keeper, warnings)) => {
                host.warn(&warnings);
                let (keeper, refresher) = (Arc::new(keeper), Mutex::new(None));
                let made = Arc::new(tollgate_gate { keeper, host, refresher });
                gate.put(Arc::into_raw(made).cast_mut());
                Ok(TOLLGATE_DONE)
            }
            Err(errors) => {
                host.complain(&errors);
                // SAFETY: the same.
                unsafe { put_message(message, message_cap, &errors.to_string()) };
                Err(TOLLGATE_E_CONFIG)
            }
        }
    });
    if status < 0 && status != TOLLGATE_E_CONFIG {
        // SAFETY: the same.
        unsafe { put_message(message, message_cap, sentence(status)) };
    }
    status
}

/// One more owner of a gate.
///
/// @param gate  NULL gives NULL.
/// @return The same gate, to be freed once more.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_clone(gate: *const tollgate_gate) -> *mut tollgate_gate {
    if !is_held(gate) {
        return ptr::null_mut();
    }
    // SAFETY: it came from Arc::into_raw, and the caller owns one of its counts.
    unsafe { Arc::increment_strong_count(gate) };
    gate.cast_mut()
}

/// Gives one ownership of a gate back. The last one ends its refresh thread and frees it; a scratch that
/// used it last keeps it until the scratch is used with another gate or freed.
///
/// @param gate  NULL does nothing. Must not be called by a callback of this gate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_free(gate: *mut tollgate_gate) {
    if is_held(gate) {
        // SAFETY: it came from Arc::into_raw, and the caller gives one of its counts back.
        guard_or((), || drop(unsafe { Arc::from_raw(gate.cast_const()) }));
    }
}

/// Whether an endpoint is configured: for hosts that read its name from a configuration of their own, and
/// want to fail early.
///
/// @param gate          Not NULL.
/// @param endpoint      Its name; of no bytes for the only one there is.
/// @param endpoint_len  Bytes of it.
/// @param message       Where one line goes that lists the endpoints, where this is none. NULL for none.
/// @param message_cap   Bytes of room there.
/// @return TOLLGATE_DONE; TOLLGATE_E_ABSENT where there is no such endpoint; TOLLGATE_E_NULL,
///         TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_has_endpoint(
    gate: *const tollgate_gate,
    endpoint: *const c_char,
    endpoint_len: usize,
    message: *mut c_char,
    message_cap: usize,
) -> i32 {
    // SAFETY: the contract for all pointers.
    let gate = unsafe { shared(gate) };
    guard(gate.ok(), || {
        // SAFETY: the same.
        unsafe { put_message(message, message_cap, "") };
        // SAFETY: the same.
        let name = unsafe { text(endpoint, endpoint_len, TEXT_MOST) }?;
        let names = gate?.keeper.gate().endpoint_names();
        if names.iter().any(|known| known == name) || name.is_empty() && names.len() == 1 {
            return Ok(TOLLGATE_DONE);
        }
        let line = match name {
            "" => format!("name an endpoint; there are {}", names.join(", ")),
            name => format!("there is no endpoint {name:?}; there are {}", names.join(", ")),
        };
        // SAFETY: the same.
        unsafe { put_message(message, message_cap, &line) };
        Err(TOLLGATE_E_ABSENT)
    })
}

/// The most that this gate remembers, in bytes: `cache.max_bytes`, divided by the processes that share it.
///
/// @param gate  NULL gives 0.
/// @return Bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_cache_bytes(gate: *const tollgate_gate) -> u64 {
    // SAFETY: the contract for all pointers.
    unsafe { shared(gate) }.map_or(0, |gate| gate.keeper.cache_bytes() as u64)
}

/// The time by the gate's clock: what a request's `unix_s` and `mono_ms` mean. A host that has a loop of
/// its own may read it once a round and pass it on; both are read from the system in some 50 ns else.
///
/// @param gate     Not NULL.
/// @param unix_s   Where seconds since 1970 (UTC) go; not NULL.
/// @param mono_ms  Where milliseconds of a clock that never goes back go; not NULL.
/// @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_now(
    gate: *const tollgate_gate,
    unix_s: *mut i64,
    mono_ms: *mut u64,
) -> i32 {
    // SAFETY: the contract for all pointers.
    let gate = unsafe { shared(gate) };
    guard(gate.ok(), || {
        // SAFETY: the same.
        let (unix_s, mono_ms) = unsafe { (out(unix_s)?, out(mono_ms)?) };
        let now = gate?.keeper.now();
        unix_s.put(now.unix_s);
        mono_ms.put(now.mono_ms);
        Ok(TOLLGATE_DONE)
    })
}

/// A gate that C holds.
#[inline]
pub(crate) unsafe fn shared<'a>(gate: *const tollgate_gate) -> Result<&'a tollgate_gate, i32> {
    // SAFETY: what is not NULL came from Arc::into_raw, and the caller owns a count of it.
    unsafe { held(gate) }
}
