//! Thumbprints as claims write them: canonical base64url of 32 bytes.

use tollgate::jws::from_base64url;

/// Reads one; every other spelling is none.
pub(crate) fn thumbprint(text: &str) -> Option<[u8; 32]> {
    from_base64url(text)?.try_into().ok()
}
