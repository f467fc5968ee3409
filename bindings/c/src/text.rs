//! Texts of the last verdict, read out of what was presented when they are asked for.

use core::ffi::c_char;
use core::fmt::{self, Write};

use tollgate::{Admission, Detail, Guid, Verdict};

use crate::guard::guard;
use crate::memory::{TEXT_MOST, out, text, tollgate_bytes, tollgate_text};
use crate::scratch::{Claim, Texts, own, tollgate_scratch, view};
use crate::status::{TOLLGATE_DONE, TOLLGATE_E_ABSENT, TOLLGATE_E_ARGUMENT};

/// The principal's id, one name across methods: "entra:<tenant>:<object>", "oidc:<name>:<subject>",
/// "pki:<pki>:<kind of name>:<name>", "site:<site>:<client>".
pub const TOLLGATE_TEXT_ID: u32 = 1;

/// Who vouches: the issuer, the PKI, or the site.
pub const TOLLGATE_TEXT_AUTHORITY: u32 = 2;

/// The subject in the authority's own words.
pub const TOLLGATE_TEXT_SUBJECT: u32 = 3;

/// The Entra tenant.
pub const TOLLGATE_TEXT_TENANT: u32 = 4;

/// The Entra user.
pub const TOLLGATE_TEXT_USER: u32 = 5;

/// The Entra device, or the client of a site.
pub const TOLLGATE_TEXT_DEVICE: u32 = 6;

/// The id of the certificate that was judged beside the token.
pub const TOLLGATE_TEXT_CERTIFICATE: u32 = 7;

/// A refusal in one line for a log: name, number, sentence, and what exactly. It holds no text of the
/// credential.
pub const TOLLGATE_TEXT_REFUSAL: u32 = 8;

/// The name of the member or claim at fault; see TOLLGATE_DETAIL_MEMBER.
pub const TOLLGATE_TEXT_MEMBER: u32 = 9;

/// One more than the largest kind.
pub(crate) const KINDS: usize = 10;

/// A text of the last verdict of a scratch. It may hold every character that a token or a certificate may
/// hold: encode it before it becomes a header or a line of a log.
///
/// Nothing is allocated once the scratch is warm, but for subjects, and for ids of OpenID Connect and PKIs.
///
/// @param scratch  Not NULL.
/// @param kind     TOLLGATE_TEXT_*.
/// @param view     Where the text goes; not NULL. Of no bytes is written first.
/// @return TOLLGATE_DONE; TOLLGATE_E_ABSENT where the verdict has no such text, as one that admits nobody
///         has no id; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_verdict_text(
    scratch: *mut tollgate_scratch,
    kind: u32,
    view: *mut tollgate_text,
) -> i32 {
    // SAFETY: the contract for all pointers.
    unsafe {
        hand_out(scratch, view, |scratch| {
            let place = kind as usize;
            if place == 0 || place >= KINDS {
                return Err(TOLLGATE_E_ARGUMENT);
            }
            if scratch.texts.by_kind[place].is_empty() {
                let shown = scratch.shown()?;
                scratch.texts.is_clear = false;
                let text = &mut scratch.texts.by_kind[place];
                let is_there = write_text(&shown, kind, text);
                text.push('\0');
                // A String takes every write.
                if is_there != Ok(true) {
                    text.clear();
                    return Err(TOLLGATE_E_ABSENT);
                }
            }
            Ok(self::view(scratch.texts.by_kind[place].as_bytes()))
        })
    }
}

/// Whether there is such a text; then it was written.
fn write_text(verdict: &Verdict<'_>, kind: u32, out: &mut String) -> Result<bool, fmt::Error> {
    match verdict {
        Verdict::Admit(admission) => write_admission(admission, kind, out),
        Verdict::Refuse(refusal) => match (kind, refusal.detail) {
            (TOLLGATE_TEXT_REFUSAL, _) => write!(out, "{refusal}").map(|()| true),
            (TOLLGATE_TEXT_MEMBER, Detail::Member(name)) => out.write_str(name).map(|()| true),
            _ => Ok(false),
        },
    }
}

fn write_admission(
    admission: &Admission<'_>,
    kind: u32,
    out: &mut String,
) -> Result<bool, fmt::Error> {
    match kind {
        TOLLGATE_TEXT_ID => admission.write_id(out)?,
        TOLLGATE_TEXT_AUTHORITY => out.write_str(admission.authority_name())?,
        TOLLGATE_TEXT_SUBJECT => out.write_str(&admission.principal().subject)?,
        TOLLGATE_TEXT_TENANT => return write_guid(admission.tenant(), out),
        TOLLGATE_TEXT_USER => return write_guid(admission.user(), out),
        TOLLGATE_TEXT_DEVICE => return write_guid(admission.device(), out),
        TOLLGATE_TEXT_CERTIFICATE => {
            let Some(certificate) = admission.certificate() else { return Ok(false) };
            write!(out, "{}", certificate.id())?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn write_guid(guid: Option<Guid>, out: &mut String) -> Result<bool, fmt::Error> {
    guid.map_or(Ok(false), |guid| write!(out, "{guid}").map(|()| true))
}

/// A claim that the endpoint forwards (`forward_claims`), of the last verdict of a scratch: a string as its
/// text, everything else as its JSON. It may hold every character: encode it before it becomes a header.
///
/// The first call for a verdict reads the token once more, in about a microsecond; the next ones look up.
///
/// @param scratch   Not NULL.
/// @param name      The claim's name.
/// @param name_len  Bytes of it.
/// @param view      Where its text goes; not NULL. Of no bytes is written first.
/// @return TOLLGATE_DONE; TOLLGATE_E_ABSENT where the token has no such claim, or the endpoint does not
///         forward it, or nobody was admitted; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_verdict_claim(
    scratch: *mut tollgate_scratch,
    name: *const c_char,
    name_len: usize,
    view: *mut tollgate_text,
) -> i32 {
    // SAFETY: the contract for all pointers.
    unsafe {
        hand_out(scratch, view, |scratch| {
            let name = text(name, name_len, TEXT_MOST)?;
            let claims = claims(scratch)?;
            let found = claims.iter().find(|(known, _)| known.strip_suffix('\0') == Some(name));
            let (_, text) = found.ok_or(TOLLGATE_E_ABSENT)?;
            Ok(self::view(text.as_bytes()))
        })
    }
}

/// As tollgate_verdict_claim(), by number: call it from 0 on until it gives TOLLGATE_E_ABSENT.
///
/// @param scratch  Not NULL.
/// @param index    From 0 on.
/// @param name     Where the claim's name goes; not NULL. Of no bytes is written first.
/// @param view     Where its text goes; not NULL. Of no bytes is written first.
/// @return TOLLGATE_DONE; TOLLGATE_E_ABSENT; TOLLGATE_E_NULL, TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_verdict_claim_at(
    scratch: *mut tollgate_scratch,
    index: usize,
    name: *mut tollgate_text,
    view: *mut tollgate_text,
) -> i32 {
    // SAFETY: the contract for all pointers.
    unsafe {
        hand_out(scratch, view, |scratch| {
            let place = out(name)?;
            place.put(NOTHING);
            let (name, text) = claims(scratch)?.get(index).ok_or(TOLLGATE_E_ABSENT)?;
            place.put(self::view(name.as_bytes()));
            Ok(self::view(text.as_bytes()))
        })
    }
}

fn claims(scratch: &mut tollgate_scratch) -> Result<&[Claim], i32> {
    let admission = scratch.admission()?;
    let ended = |text: &str| [text, "\0"].concat().into_boxed_str();
    let Texts { claims, is_clear, .. } = &mut scratch.texts;
    *is_clear = false;
    Ok(claims.get_or_insert_with(|| {
        admission.claims().iter().map(|(name, text)| (ended(name), ended(text))).collect()
    }))
}

/// All claims of the token of the last verdict of a scratch, as the JSON text that its issuer signed. For
/// logs and backends: what a decision may rest on stands in the verdict, and a claim that matters
/// belongs into the endpoint's rules.
///
/// @param scratch  Not NULL.
/// @param payload  Where it goes, with a NUL behind it that is not counted; not NULL. Of no bytes is
///                 written first.
/// @return TOLLGATE_DONE; TOLLGATE_E_ABSENT where no token was admitted; TOLLGATE_E_NULL,
///         TOLLGATE_E_ARGUMENT.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_verdict_payload(
    scratch: *mut tollgate_scratch,
    payload: *mut tollgate_bytes,
) -> i32 {
    guard(None, || {
        // SAFETY: the contract for all pointers.
        let place = unsafe { out(payload) }?;
        place.put(tollgate_bytes { data: NOTHING.data.cast(), len: 0 });
        // SAFETY: the same.
        let scratch = unsafe { own(scratch) }?;
        let admission = scratch.admission()?;
        let Texts { payload, is_clear, .. } = &mut scratch.texts;
        if payload.is_empty() {
            *is_clear = false;
            if !admission.write_payload(payload) {
                return Err(TOLLGATE_E_ABSENT);
            }
            payload.push(0);
        }
        place.put(tollgate_bytes { data: payload.as_ptr(), len: payload.len() - 1 });
        Ok(TOLLGATE_DONE)
    })
}

/// Hands out the view that `find` gives; one of no bytes where it gives none.
unsafe fn hand_out(
    scratch: *mut tollgate_scratch,
    view: *mut tollgate_text,
    find: impl FnOnce(&mut tollgate_scratch) -> Result<tollgate_text, i32>,
) -> i32 {
    guard(None, || {
        // SAFETY: the contract for all pointers.
        let place = unsafe { out(view) }?;
        place.put(NOTHING);
        // SAFETY: the same.
        place.put(find(unsafe { own(scratch) }?)?);
        Ok(TOLLGATE_DONE)
    })
}

/// A text of no bytes; its NUL is there.
pub(crate) const NOTHING: tollgate_text = tollgate_text { data: c"".as_ptr(), len: 0 };
