//! What a status means, by its number.

use core::ffi::{CStr, c_char};
use std::ffi::CString;
use std::sync::LazyLock;

use tollgate::Reason;

use crate::guard::guard_or;
use crate::status::{
    TOLLGATE_ADMITTED, TOLLGATE_DONE, TOLLGATE_E_ABSENT, TOLLGATE_E_ARGUMENT, TOLLGATE_E_CONFIG,
    TOLLGATE_E_NULL, TOLLGATE_E_PANIC, TOLLGATE_E_SIZE, TOLLGATE_E_STATE, TOLLGATE_E_SYSTEM,
};
use crate::verdict::OUR_TROUBLE;

/// The name of a status that scripts and logs read: "admitted", or a reason's, as "expired".
///
/// @param status  Any number.
/// @return Text with a NUL, never NULL, good for ever; "unknown" for a number that this library does not know.
#[unsafe(no_mangle)]
pub extern "C" fn tollgate_reason_name(status: i32) -> *const c_char {
    of(status, |texts| &texts.name)
}

/// The class of a reason: "malformed", "untrusted", "untimely", "unsuitable", "withdrawn", "undecidable";
/// "admitted"; "fault" for what is less than 0 or not known.
///
/// @param status  Any number.
/// @return Text with a NUL, never NULL, good for ever.
#[unsafe(no_mangle)]
pub extern "C" fn tollgate_reason_class(status: i32) -> *const c_char {
    of(status, |texts| &texts.class)
}

/// What was found, as one sentence for an operator.
///
/// @param status  Any number.
/// @return Text with a NUL, never NULL, good for ever.
#[unsafe(no_mangle)]
pub extern "C" fn tollgate_reason_sentence(status: i32) -> *const c_char {
    of(status, |texts| &texts.sentence)
}

/// What an operator does about it.
///
/// @param status  Any number.
/// @return Text with a NUL, never NULL, good for ever; "" where there is nothing to do.
#[unsafe(no_mangle)]
pub extern "C" fn tollgate_reason_remedy(status: i32) -> *const c_char {
    of(status, |texts| &texts.remedy)
}

/// The HTTP status that outsiders may see, and nothing else: 401, 403, or 503 for what is not their fault; 200
/// for TOLLGATE_ADMITTED alone.
///
/// @param status  Any number.
/// @return 200, 401, 403 or 503.
#[unsafe(no_mangle)]
pub extern "C" fn tollgate_reason_http_status(status: i32) -> u32 {
    if status == TOLLGATE_ADMITTED {
        return 200;
    }
    reason_of(status).map_or(OUR_TROUBLE, |reason| reason.http_status().into())
}

fn reason_of(status: i32) -> Option<Reason> {
    u16::try_from(status).ok().and_then(Reason::from_number)
}

/// Texts of one status, as C has them.
struct Texts {
    status: i32,
    name: CString,
    class: CString,
    sentence: CString,
    remedy: CString,
}

/// Made once, when the first is asked for, and never freed.
static ALL: LazyLock<Vec<Texts>> = LazyLock::new(|| {
    let own = OWN.iter().map(|(status, name, class, sentence, remedy)| {
        texts(*status, [name, class, sentence, remedy])
    });
    let reasons = Reason::ALL.iter().map(|reason| {
        let parts = [reason.name(), reason.class().name(), reason.sentence(), reason.remedy()];
        texts(reason.number().into(), parts)
    });
    own.chain(reasons).collect()
});

fn texts(status: i32, parts: [&str; 4]) -> Texts {
    // No text of the table has a NUL in it.
    let [name, class, sentence, remedy] = parts.map(|text| CString::new(text).unwrap_or_default());
    Texts { status, name, class, sentence, remedy }
}

fn of(status: i32, part: impl FnOnce(&'static Texts) -> &'static CStr) -> *const c_char {
    guard_or(c"unknown".as_ptr(), || {
        let known = ALL.iter().find(|texts| texts.status == status);
        // The first row is that of numbers that nobody knows.
        known.or(ALL.first()).map_or(c"unknown", part).as_ptr()
    })
}

/// The sentence of what is no reason of a refusal.
pub(crate) fn sentence(status: i32) -> &'static str {
    OWN.iter().find(|(own, ..)| *own == status).map_or("", |(_, _, _, sentence, _)| sentence)
}

/// What is no reason of a refusal: status, name, class, sentence, remedy.
const OWN: [(i32, &str, &str, &str, &str); 11] = [
    (
        0,
        "unknown",
        "fault",
        "No status of this library.",
        "Update the library, or look who made the number.",
    ),
    (TOLLGATE_ADMITTED, "admitted", "admitted", "The request may pass.", ""),
    (TOLLGATE_DONE, "done", "done", "The call did what it is for.", ""),
    (TOLLGATE_E_NULL, "null", "fault", "A pointer that is needed is NULL.", "Mend the host."),
    (
        TOLLGATE_E_SIZE,
        "size",
        "fault",
        "A structure has a size that this library does not know.",
        "Set size to sizeof, and use a header and a library of one release.",
    ),
    (
        TOLLGATE_E_ARGUMENT,
        "argument",
        "fault",
        "A number is out of its range, a length over its bound, a pointer not aligned, or a text not UTF-8.",
        "Mend the host.",
    ),
    (
        TOLLGATE_E_CONFIG,
        "configuration",
        "fault",
        "The configuration or an update is wrong.",
        "The message and the log say what, where, and what to write.",
    ),
    (TOLLGATE_E_ABSENT, "absent", "fault", "There is no such thing.", ""),
    (
        TOLLGATE_E_STATE,
        "state",
        "fault",
        "Another thread is at it, or it was done already.",
        "Ask again later.",
    ),
    (
        TOLLGATE_E_SYSTEM,
        "system",
        "fault",
        "The system gave no memory, no thread or no random numbers.",
        "Give the process more of what the log names.",
    ),
    (
        TOLLGATE_E_PANIC,
        "panic",
        "fault",
        "A defect of the library was caught.",
        "Report it, with what the process wrote to standard error.",
    ),
];
