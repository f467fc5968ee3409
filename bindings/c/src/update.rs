//! Changes of trust by the host, while the gate runs.

use core::ffi::c_char;
use core::{mem, ptr};

use tollgate::limits::JWKS_BYTES;
use tollgate::policy::Withdrawn;
use tollgate::{Guid, Method};
use tollgate_keeper::Update;

use crate::gate::{CONFIG_MOST, shared, tollgate_gate};
use crate::guard::{guard, guard_or};
use crate::memory::{TEXT_MOST, bytes, held_alone, is_held, out, put_message, text};
use crate::status::{TOLLGATE_DONE, TOLLGATE_E_ARGUMENT, TOLLGATE_E_CONFIG};
use crate::verdict::{
    TOLLGATE_METHOD_ENTRA, TOLLGATE_METHOD_OIDC, TOLLGATE_METHOD_PKI, TOLLGATE_METHOD_SITE,
};

/// Changes that belong together: collected here, applied by tollgate_gate_apply() all at once or not at all.
///
/// Not shared: one thread at a time uses it.
pub struct tollgate_update(Update);

/// Withdraws a client of a site: `scope` is the site's GUID, `id` the client's.
pub const TOLLGATE_WITHDRAW_CLIENT: u32 = 1;

/// Withdraws a user of an Entra tenant: `scope` is the tenant's GUID, `id` the user's object id.
pub const TOLLGATE_WITHDRAW_USER: u32 = 2;

/// Withdraws a device of an Entra tenant: `scope` is the tenant's GUID, `id` the device's id.
pub const TOLLGATE_WITHDRAW_DEVICE: u32 = 3;

/// Makes an update that changes nothing.
///
/// @param update  Where it goes; not NULL. NULL is written first. The caller owns it and frees it with
///                tollgate_update_free().
/// @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_update_new(update: *mut *mut tollgate_update) -> i32 {
    guard(None, || {
        // SAFETY: the contract for all pointers.
        let place = unsafe { out(update) }?;
        place.put(ptr::null_mut());
        place.put(Box::into_raw(Box::new(tollgate_update(Update::default()))));
        Ok(TOLLGATE_DONE)
    })
}

/// Frees an update; what was not applied is dropped.
///
/// @param update  NULL does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_update_free(update: *mut tollgate_update) {
    if is_held(update) {
        // SAFETY: it came from Box::into_raw, and the caller gives it back.
        guard_or((), || drop(unsafe { Box::from_raw(update) }));
    }
}

/// Another configuration, of a gate that was made by tollgate_gate_from_text(): tenants, PKIs, endpoints and
/// rules come and go with it. What earlier updates changed stays changed.
///
/// @param update    Not NULL.
/// @param toml      The whole text; copied.
/// @param toml_len  Bytes of it, at most 4 MiB.
/// @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_update_configuration(
    update: *mut tollgate_update,
    toml: *const c_char,
    toml_len: usize,
) -> i32 {
    // SAFETY: the contract for all pointers.
    unsafe {
        change(update, |update| {
            update.configuration(text(toml, toml_len, CONFIG_MOST)?.into());
            Ok(())
        })
    }
}

/// The keys of an issuer or a site, instead of those that the configuration names, from now on: they stay
/// when files are read again. With `jwks_max_age` they are believed for that long after each update.
///
/// @param update    Not NULL.
/// @param method    TOLLGATE_METHOD_ENTRA, _OIDC or _SITE.
/// @param name      The GUID of the tenant or site, or the name of the [[oidc]].
/// @param name_len  Bytes of it.
/// @param jwks      The key set as JSON (RFC 7517); copied, and wiped after use.
/// @param jwks_len  Bytes of it, at most 1 MiB.
/// @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_update_keys(
    update: *mut tollgate_update,
    method: u32,
    name: *const c_char,
    name_len: usize,
    jwks: *const u8,
    jwks_len: usize,
) -> i32 {
    // SAFETY: the contract for all pointers.
    unsafe {
        change(update, |update| {
            let method = method_of(method).filter(|method| *method != Method::Pki);
            let name = text(name, name_len, TEXT_MOST)?;
            let jwks = bytes(jwks, jwks_len, JWKS_BYTES)?;
            update.keys(method.ok_or(TOLLGATE_E_ARGUMENT)?, name, jwks.to_vec());
            Ok(())
        })
    }
}

/// The trust anchors of a PKI, instead of the files that the configuration names, from now on.
///
/// @param update            Not NULL.
/// @param pki               The name of the [[pki]].
/// @param pki_len           Bytes of it.
/// @param certificates      PEM text, or the DER of one certificate; copied.
/// @param certificates_len  Bytes of it, at most 1 MiB.
/// @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_update_anchors(
    update: *mut tollgate_update,
    pki: *const c_char,
    pki_len: usize,
    certificates: *const u8,
    certificates_len: usize,
) -> i32 {
    // SAFETY: the contract for all pointers.
    unsafe {
        change(update, |update| {
            let certificates = bytes(certificates, certificates_len, JWKS_BYTES)?;
            update.anchors(text(pki, pki_len, TEXT_MOST)?, certificates.to_vec());
            Ok(())
        })
    }
}

/// Switches a tenant or issuer off or on, whatever its `enabled` says, from now on. Off, everything of it is
/// refused as withdrawn.
///
/// @param update    Not NULL.
/// @param method    TOLLGATE_METHOD_ENTRA or _OIDC.
/// @param name      The GUID of the tenant, or the name of the [[oidc]].
/// @param name_len  Bytes of it.
/// @param enabled   0 for off, 1 for on.
/// @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_update_tenant(
    update: *mut tollgate_update,
    method: u32,
    name: *const c_char,
    name_len: usize,
    enabled: u32,
) -> i32 {
    // SAFETY: the contract for all pointers.
    unsafe {
        change(update, |update| {
            let switched = |method: &Method| matches!(method, Method::Entra | Method::Oidc);
            let method = method_of(method).filter(switched).ok_or(TOLLGATE_E_ARGUMENT)?;
            let name = text(name, name_len, TEXT_MOST)?;
            match enabled {
                0 => update.enable(method, name, false),
                1 => update.enable(method, name, true),
                _ => return Err(TOLLGATE_E_ARGUMENT),
            }
            Ok(())
        })
    }
}

/// Withdraws a client, user or device: what was issued to it is refused, remembered or not.
///
/// @param update         Not NULL.
/// @param kind           TOLLGATE_WITHDRAW_*.
/// @param scope          GUID of the site or tenant, as text.
/// @param scope_len      36.
/// @param id             GUID of who is withdrawn, as text.
/// @param id_len         36.
/// @param issued_before  Seconds since 1970 (UTC): what was issued from then on stays good. 0: nothing does.
/// @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_update_withdraw(
    update: *mut tollgate_update,
    kind: u32,
    scope: *const c_char,
    scope_len: usize,
    id: *const c_char,
    id_len: usize,
    issued_before: i64,
) -> i32 {
    // SAFETY: the contract for all pointers.
    unsafe {
        change(update, |update| {
            let (scope, id) = (text(scope, scope_len, TEXT_MOST)?, text(id, id_len, TEXT_MOST)?);
            let whom = whom(kind, scope, id).ok_or(TOLLGATE_E_ARGUMENT)?;
            update.withdraw(whom, (issued_before != 0).then_some(issued_before));
            Ok(())
        })
    }
}

/// Takes a withdrawal back.
///
/// @param update     Not NULL.
/// @param kind       As it was withdrawn.
/// @param scope      As it was withdrawn.
/// @param scope_len  36.
/// @param id         As it was withdrawn.
/// @param id_len     36.
/// @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_update_restore(
    update: *mut tollgate_update,
    kind: u32,
    scope: *const c_char,
    scope_len: usize,
    id: *const c_char,
    id_len: usize,
) -> i32 {
    // SAFETY: the contract for all pointers.
    unsafe {
        change(update, |update| {
            let (scope, id) = (text(scope, scope_len, TEXT_MOST)?, text(id, id_len, TEXT_MOST)?);
            update.restore(whom(kind, scope, id).ok_or(TOLLGATE_E_ARGUMENT)?);
            Ok(())
        })
    }
}

/// Applies an update: all of it, from the next check on, in every thread; or nothing. What is remembered
/// stays, and is judged again where the update touches it. Checks go on meanwhile and wait for nothing.
///
/// @param gate         Not NULL.
/// @param update       Not NULL; empty afterwards, whatever came of it.
/// @param message      Where one line goes that says what is wrong; "" where nothing is. NULL for none.
/// @param message_cap  Bytes of room there.
/// @return TOLLGATE_DONE; TOLLGATE_E_CONFIG where it is wrong, or another thread was at it for ten seconds:
///         nothing of it was applied; TOLLGATE_E_NULL.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_gate_apply(
    gate: *const tollgate_gate,
    update: *mut tollgate_update,
    message: *mut c_char,
    message_cap: usize,
) -> i32 {
    // SAFETY: the contract for all pointers.
    let gate = unsafe { shared(gate) };
    guard(gate.ok(), || {
        // SAFETY: the same.
        unsafe { put_message(message, message_cap, "") };
        // SAFETY: the same; what is not NULL came from Box::into_raw.
        let update = unsafe { held_alone(update) }?;
        let gate = gate?;
        match gate.keeper.apply(mem::take(&mut update.0)) {
            Ok(warnings) => {
                gate.host.warn(&warnings);
                Ok(TOLLGATE_DONE)
            }
            Err(errors) => {
                gate.host.complain(&errors);
                // SAFETY: the same.
                unsafe { put_message(message, message_cap, &errors.to_string()) };
                Err(TOLLGATE_E_CONFIG)
            }
        }
    })
}

unsafe fn change(
    update: *mut tollgate_update,
    change: impl FnOnce(&mut Update) -> Result<(), i32>,
) -> i32 {
    guard(None, || {
        // SAFETY: the contract for all pointers; what is not NULL came from Box::into_raw.
        let update = unsafe { held_alone(update) }?;
        change(&mut update.0).map(|()| TOLLGATE_DONE)
    })
}

fn method_of(number: u32) -> Option<Method> {
    match number {
        TOLLGATE_METHOD_ENTRA => Some(Method::Entra),
        TOLLGATE_METHOD_OIDC => Some(Method::Oidc),
        TOLLGATE_METHOD_PKI => Some(Method::Pki),
        TOLLGATE_METHOD_SITE => Some(Method::Site),
        _ => None,
    }
}

fn whom(kind: u32, scope: &str, id: &str) -> Option<Withdrawn> {
    let (scope, id) = (Guid::parse(scope)?, Guid::parse(id)?);
    match kind {
        TOLLGATE_WITHDRAW_CLIENT => Some(Withdrawn::Client { site: scope, client: id }),
        TOLLGATE_WITHDRAW_USER => Some(Withdrawn::User { tenant: scope, user: id }),
        TOLLGATE_WITHDRAW_DEVICE => Some(Withdrawn::Device { tenant: scope, device: id }),
        _ => None,
    }
}
