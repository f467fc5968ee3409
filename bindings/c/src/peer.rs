//! The client's certificates, read once a connection.

use core::ffi::c_char;
use core::ptr;

use tollgate::limits::{CHAIN_BYTES, CHAIN_CERTIFICATES};
use tollgate::{Detail, Peer, Reason, Refusal, Sender};

use crate::gate::{shared, tollgate_gate};
use crate::guard::{guard, guard_or};
use crate::memory::{
    TEXT_MOST, bytes, held, is_held, list, out, text, tollgate_bytes, tollgate_text,
};
use crate::request::address_of;
use crate::status::TOLLGATE_DONE;

/// The client's certificates, read once and passed to every check on the same connection.
///
/// Shared: any thread may use it at any time, several at once, until it is freed. It belongs to no gate.
///
/// Certificates that cannot be taken are a peer, too: every request that it comes with is refused. So a
/// host that does not look at the status admits nobody whom it should not.
pub struct tollgate_peer {
    pub(crate) presented: Result<Option<Peer>, Refusal>,
}

/// One header of a request.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct tollgate_header {
    /// Its name, in any letter case.
    pub name: tollgate_text,
    /// Its value.
    pub value: tollgate_bytes,
}

/// As `address_len` of tollgate_peer_from_headers(): the proxy is at the other end of a unix socket.
pub const TOLLGATE_ADDRESS_UNIX: usize = 1;

/// Most headers of one request.
pub const TOLLGATE_HEADERS_MOST: usize = 4096;

/// Reads the certificates that the client proved in the TLS handshake of this very connection.
///
/// Only call it with what your own TLS library verified possession of: a chain copied from elsewhere
/// proves nothing, and would be taken for the client's. For chains in headers there is
/// tollgate_peer_from_headers().
///
/// @param chain  Certificates as DER, the client's own first; read during the call only.
/// @param count  How many.
/// @param peer   Where the peer goes; not NULL. NULL is written first. The caller owns it and frees it with
///               tollgate_peer_free().
/// @return TOLLGATE_DONE; 1000 or more where the certificates cannot be taken, by its reason: there is a
///         peer then, and it refuses; less than 0 for misuse, and there is none: do not go on without one.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_peer_new(
    chain: *const tollgate_bytes,
    count: usize,
    peer: *mut *mut tollgate_peer,
) -> i32 {
    // SAFETY: the contract for all pointers.
    unsafe {
        make(peer, || {
            if count > CHAIN_CERTIFICATES && !chain.is_null() {
                return Ok(Err(too_large(count, CHAIN_CERTIFICATES)));
            }
            let chain = list(chain, count, CHAIN_CERTIFICATES)?;
            if let Some(large) = chain.iter().find(|one| one.len > CHAIN_BYTES) {
                return Ok(Err(too_large(large.len, CHAIN_BYTES)));
            }
            let chain = chain.iter().map(|one| bytes(one.data, one.len, CHAIN_BYTES));
            let chain = chain.collect::<Result<Vec<_>, _>>()?;
            Ok(Peer::new(chain).map(Some))
        })
    }
}

/// As tollgate_peer_new(), from PEM text, or from the DER of one certificate.
///
/// @param pem      The client's own certificate first.
/// @param pem_len  Bytes of it.
/// @param peer     As there.
/// @return As there.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_peer_from_pem(
    pem: *const c_char,
    pem_len: usize,
    peer: *mut *mut tollgate_peer,
) -> i32 {
    // SAFETY: the contract for all pointers.
    unsafe {
        make(peer, || {
            if pem_len > 2 * CHAIN_BYTES && !pem.is_null() {
                return Ok(Err(too_large(pem_len, 2 * CHAIN_BYTES)));
            }
            let pem = bytes(pem.cast(), pem_len, 2 * CHAIN_BYTES)?;
            Ok(Peer::from_pem(pem).map(Some))
        })
    }
}

/// Reads the client's certificate where a proxy that ended TLS passed it on in a header (docs/configuration.md
/// names the headers and who is listened to: `peers.trusted`). Such a peer is a credential of its PKI; it
/// proves no token's key. For each request: a proxy's connection carries many clients.
///
/// @param gate         Not NULL.
/// @param address      The proxy's IP address, 4 or 16 bytes in network order; not looked at for a unix socket.
/// @param address_len  4, 16, or TOLLGATE_ADDRESS_UNIX. Not 0: an address that is not known is nobody's whom
///                     one would listen to.
/// @param headers      All headers of the request, or one that comes twice is not noticed.
/// @param count        How many. More than TOLLGATE_HEADERS_MOST, or one of more than 384 KiB, is refused as
///                     certificates that are too large.
/// @param peer         Where the peer goes; not NULL. NULL is written first, and stays where no certificate
///                     was passed on. The caller owns it and frees it with tollgate_peer_free().
/// @return As tollgate_peer_new(); 1000 or more also for a sender that is not listed, and for headers that
///         are not one certificate in one form.
#[must_use]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_peer_from_headers(
    gate: *const tollgate_gate,
    address: *const u8,
    address_len: usize,
    headers: *const tollgate_header,
    count: usize,
    peer: *mut *mut tollgate_peer,
) -> i32 {
    // SAFETY: the contract for all pointers.
    unsafe {
        make(peer, || {
            let gate = shared(gate)?;
            let sender = match address_len {
                TOLLGATE_ADDRESS_UNIX => Sender::Unix,
                _ => Sender::Ip(address_of(bytes(address, address_len, 16)?)?),
            };
            // How many there are, and how long, is the client's to say: that is refused, not misused.
            if count > TOLLGATE_HEADERS_MOST && !headers.is_null() {
                return Ok(Err(too_large(count, TOLLGATE_HEADERS_MOST)));
            }
            let headers = list(headers, count, TOLLGATE_HEADERS_MOST)?;
            if let Some(long) = headers.iter().find(|header| header.value.len > HEADER_MOST) {
                return Ok(Err(too_large(long.value.len, HEADER_MOST)));
            }
            let headers = headers.iter().map(|header| {
                let value = bytes(header.value.data, header.value.len, HEADER_MOST)?;
                // A name that is no text is none of those that are looked for.
                Ok((text(header.name.data, header.name.len, TEXT_MOST).unwrap_or(""), value))
            });
            let headers = headers.collect::<Result<Vec<_>, i32>>()?;
            Ok(gate.keeper.gate().forwarded(sender, headers))
        })
    }
}

/// Frees a peer.
///
/// @param peer  NULL does nothing. No check may be using it, and no text be asked of a verdict on it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_peer_free(peer: *mut tollgate_peer) {
    if is_held(peer) {
        // SAFETY: it came from Box::into_raw, and the caller gives it back.
        guard_or((), || drop(unsafe { Box::from_raw(peer) }));
    }
}

/// SHA-256 of the client's own certificate, by which tokens are bound to it (`x5t#S256`, RFC 8705).
///
/// @param peer        Not NULL.
/// @param thumbprint  Where 32 bytes go; not NULL.
/// @return TOLLGATE_DONE; TOLLGATE_E_ABSENT where the certificates could not be taken; TOLLGATE_E_NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_peer_thumbprint(
    peer: *const tollgate_peer,
    thumbprint: *mut u8,
) -> i32 {
    guard(None, || {
        // SAFETY: the contract for all pointers; 32 bytes are an array of them.
        let place = unsafe { out(thumbprint.cast::<[u8; 32]>()) }?;
        // SAFETY: the same; what is not NULL came from Box::into_raw.
        match &unsafe { held(peer) }?.presented {
            Ok(Some(peer)) => place.put(peer.thumbprint()),
            Ok(None) | Err(_) => return Err(crate::status::TOLLGATE_E_ABSENT),
        }
        Ok(TOLLGATE_DONE)
    })
}

unsafe fn make(
    peer: *mut *mut tollgate_peer,
    present: impl FnOnce() -> Result<Result<Option<Peer>, Refusal>, i32>,
) -> i32 {
    guard(None, || {
        // SAFETY: the contract for all pointers.
        let place = unsafe { out(peer) }?;
        place.put(ptr::null_mut());
        let presented = present()?;
        let status = match &presented {
            Ok(None) => return Ok(TOLLGATE_DONE),
            Ok(Some(_)) => TOLLGATE_DONE,
            Err(refusal) => refusal.reason.number().into(),
        };
        place.put(Box::into_raw(Box::new(tollgate_peer { presented })));
        Ok(status)
    })
}

fn too_large(got: usize, limit: usize) -> Refusal {
    let detail = Detail::Count { got: got as u64, limit: limit as u64 };
    Refusal { reason: Reason::ChainTooLarge, detail, method: None }
}

/// Longest header that is looked at, in bytes: a chain in PEM, every byte of it escaped.
const HEADER_MOST: usize = 6 * CHAIN_BYTES;
