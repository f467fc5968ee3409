//! A panic ends at the boundary of the Rust library as well, for whoever links that.

use std::ffi::{c_char, c_void};
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

use tollgate::sample::Tenant;
use tollgate::{Algorithm, Guid};
use tollgate_c::{
    TOLLGATE_DONE, TOLLGATE_E_PANIC, TOLLGATE_LOG_ERROR, tollgate_gate_free,
    tollgate_gate_from_text, tollgate_gate_has_endpoint, tollgate_options, tollgate_test_panic,
};

static TOLD: AtomicU32 = AtomicU32::new(0);

unsafe extern "C-unwind" fn log(_: *mut c_void, level: u32, message: *const c_char, len: usize) {
    assert_eq!(level, TOLLGATE_LOG_ERROR);
    // SAFETY: the library gives so many bytes of text.
    let message = unsafe { std::slice::from_raw_parts(message.cast::<u8>(), len) };
    let message = String::from_utf8_lossy(message);
    assert!(message.contains("asked for by a test"), "{message}");
    TOLD.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn a_panic_is_a_status() {
    let keys = Tenant::new(Guid([1; 16]), Algorithm::Es256).jwks();
    let toml = format!(
        "[[endpoint]]\nname = \"gate\"\nmethods = [\"oidc\"]\nscenarios = [\"user\"]\n\n\
         [[oidc]]\nname = \"x\"\nkind = \"user\"\nissuer = \"https://x.example\"\n\
         audiences = [\"a\"]\nalgorithms = [\"ES256\"]\njwks = '''{keys}'''\n"
    );
    let options = tollgate_options {
        size: size_of::<tollgate_options>() as u32,
        processes: 0,
        user: ptr::null_mut(),
        log: Some(log),
        clock: None,
        drop: None,
    };
    let mut gate = ptr::null_mut();
    let mut message = [0; 512];
    // SAFETY: texts and places are as large as is said; the gate is used until it is freed.
    unsafe {
        let made = tollgate_gate_from_text(
            &raw const options,
            toml.as_ptr().cast(),
            toml.len(),
            ptr::null(),
            0,
            &raw mut gate,
            message.as_mut_ptr().cast(),
            message.len(),
        );
        assert_eq!(made, TOLLGATE_DONE, "{}", String::from_utf8_lossy(&message));
        assert_eq!(tollgate_test_panic(gate), TOLLGATE_E_PANIC);
        assert_eq!(TOLD.load(Ordering::Relaxed), 1);
        assert_eq!(tollgate_test_panic(ptr::null()), TOLLGATE_E_PANIC);
        let (name, len) = (c"gate".as_ptr(), 4);
        assert_eq!(tollgate_gate_has_endpoint(gate, name, len, ptr::null_mut(), 0), TOLLGATE_DONE);
        tollgate_gate_free(gate);
    }
}
