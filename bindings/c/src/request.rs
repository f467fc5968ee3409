//! What the gateway shows and asks.

use core::ffi::c_char;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::guard::guard;
use crate::memory::{
    Sized32, TEXT_MOST, bytes, held, out, read, text, tollgate_bytes, tollgate_text,
};
use crate::peer::tollgate_peer;
use crate::status::{TOLLGATE_DONE, TOLLGATE_E_ARGUMENT};
use tollgate::limits::TOKEN_BYTES_MOST;
use tollgate::{Ask, Detail, Now, Reason, Refusal, Request, Scenario, Source, WindowsVersion};

/// The request is for the device: every method proves one.
pub const TOLLGATE_SCENARIO_DEVICE: u32 = 1;

/// The request is for a user: only a token of a user proves one.
pub const TOLLGATE_SCENARIO_USER: u32 = 2;

/// What a client presented on one request, and what the gateway wants to know. Zero it, set size, and what
/// there is; tollgate_request_init() does the first two.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct tollgate_request {
    /// sizeof(tollgate_request).
    pub size: u32,
    /// TOLLGATE_SCENARIO_DEVICE or TOLLGATE_SCENARIO_USER. 0 means device.
    pub scenario: u32,
    /// A bearer token: the bytes behind "Bearer ", as they came; any bytes are safe. 0 means none.
    /// Has to stay as it is for as long as texts of the verdict are asked for.
    pub token: tollgate_bytes,
    /// The client's certificates. 0 means none. Has to stay for as long as texts of the verdict are asked for.
    pub peer: *const tollgate_peer,
    /// The configured endpoint at which the request arrived. 0 means the only one there is.
    pub endpoint: tollgate_text,
    /// Seconds since 1970 (UTC) by which credentials are valid. 0 means now, by the gate's clock.
    pub unix_s: i64,
    /// Milliseconds of the gate's monotonic clock (tollgate_gate_now()) by which keys are fresh. 0 means
    /// now, by the gate's clock.
    pub mono_ms: u64,
    /// The client's Windows version, if it is known: 10 in 10.0.19045. 0 means that it is not known, and
    /// the two others are not read. tollgate_request_set_windows() reads a text.
    pub windows_major: u32,
    /// 0 in 10.0.19045.
    pub windows_minor: u32,
    /// 19045 in 10.0.19045. 0 means that it was not given.
    pub windows_build: u32,
    /// How many bytes of source count, at most 16. 0 means that it is not known.
    pub source_len: u32,
    /// From whom the request comes: what wrong signatures of one source may cost is bounded. Any bytes that
    /// tell sources apart; tollgate_request_set_address() makes them of an IP address.
    pub source: [u8; 16],
}

// SAFETY: it begins with its size; numbers and pointers.
unsafe impl Sized32 for tollgate_request {}

/// Sets the source to an IP address: of IPv4 all of it, of IPv6 the network of 64 bits, since one host may
/// have all addresses in it.
///
/// @param request      Not NULL; size has to be set.
/// @param address      4 or 16 bytes in network order.
/// @param address_len  4 or 16.
/// @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_SIZE; TOLLGATE_E_ARGUMENT for another length.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_request_set_address(
    request: *mut tollgate_request,
    address: *const u8,
    address_len: usize,
) -> i32 {
    guard(None, || {
        // SAFETY: the contract for all pointers.
        let address = address_of(unsafe { bytes(address, address_len, 16) }?)?;
        // SAFETY: the same.
        let mut changed = *unsafe { read(request.cast_const()) }?;
        let source = Source::from(address);
        changed.source = [0; 16];
        changed.source[..source.as_bytes().len()].copy_from_slice(source.as_bytes());
        changed.source_len = source.as_bytes().len() as u32;
        // SAFETY: the same.
        unsafe { out(request) }?.put(changed);
        Ok(TOLLGATE_DONE)
    })
}

/// Four or sixteen bytes.
pub(crate) fn address_of(bytes: &[u8]) -> Result<IpAddr, i32> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Ok(Ipv4Addr::from(four).into());
    }
    let sixteen = <[u8; 16]>::try_from(bytes).map_err(|_| TOLLGATE_E_ARGUMENT)?;
    Ok(Ipv6Addr::from(sixteen).into())
}

/// Sets the client's Windows version from a text as clients send it: "10.0.19045".
///
/// @param request      Not NULL; size has to be set.
/// @param version      Two to four numbers with points between them; a fourth is dropped.
/// @param version_len  Bytes of it.
/// @return TOLLGATE_DONE; TOLLGATE_E_NULL, TOLLGATE_E_SIZE; TOLLGATE_E_ARGUMENT for another text, which
///         sets the version to not known.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tollgate_request_set_windows(
    request: *mut tollgate_request,
    version: *const c_char,
    version_len: usize,
) -> i32 {
    guard(None, || {
        // SAFETY: the contract for all pointers.
        let mut changed = *unsafe { read(request.cast_const()) }?;
        // SAFETY: the same.
        let version = unsafe { text(version, version_len, TEXT_MOST) };
        let version = version.and_then(|text| text.parse().map_err(|()| TOLLGATE_E_ARGUMENT));
        let version = version.and_then(|version: WindowsVersion| match version.major {
            0 => Err(TOLLGATE_E_ARGUMENT),
            _ => Ok(version),
        });
        let unknown = WindowsVersion { major: 0, minor: 0, build: 0 };
        let WindowsVersion { major, minor, build } = version.unwrap_or(unknown);
        (changed.windows_major, changed.windows_minor, changed.windows_build) =
            (major, minor, build);
        // SAFETY: the same.
        unsafe { out(request) }?.put(changed);
        version.map(|_| TOLLGATE_DONE)
    })
}

impl tollgate_request {
    /// One that shows nothing.
    #[cfg(feature = "measure")]
    pub(crate) const EMPTY: Self = Self {
        size: size_of::<Self>() as u32,
        scenario: 0,
        token: tollgate_bytes { data: core::ptr::null(), len: 0 },
        peer: core::ptr::null(),
        endpoint: tollgate_text { data: core::ptr::null(), len: 0 },
        unix_s: 0,
        mono_ms: 0,
        windows_major: 0,
        windows_minor: 0,
        windows_build: 0,
        source_len: 0,
        source: [0; 16],
    };

    /// What was presented.
    #[inline(always)]
    pub(crate) unsafe fn presented(&self) -> Result<Request<'_>, i32> {
        let request = if self.peer.is_null() {
            Request::empty()
        } else {
            // SAFETY: a peer that C holds came from Box::into_raw and is not freed during the call.
            Request::empty().with_presented(&unsafe { held(self.peer) }?.presented)
        };
        let tollgate_bytes { data, len } = self.token;
        if len > TOKEN_BYTES_MOST && !data.is_null() {
            // It is not looked at: nobody knows whether there are so many bytes.
            return Ok(request.with_refusal(token_too_long(len)));
        }
        // SAFETY: the contract for all pointers.
        let token = unsafe { bytes(data, len, TOKEN_BYTES_MOST) }?;
        Ok(request.with_token(if token.is_empty() { None } else { Some(token) }))
    }

    /// What the gateway wants to know.
    #[inline(always)]
    pub(crate) unsafe fn ask(&self) -> Result<Ask<'_>, i32> {
        // SAFETY: the contract for all pointers.
        let endpoint = unsafe { text(self.endpoint.data, self.endpoint.len, TEXT_MOST) }?;
        let scenario = match self.scenario {
            0 | TOLLGATE_SCENARIO_DEVICE => Scenario::Device,
            TOLLGATE_SCENARIO_USER => Scenario::User,
            _ => return Err(TOLLGATE_E_ARGUMENT),
        };
        let windows = match self.windows_major {
            0 => None,
            major => {
                let (minor, build) = (self.windows_minor, self.windows_build);
                Some(WindowsVersion { major, minor, build })
            }
        };
        let source = Source::first(self.source, self.source_len as usize);
        if source.is_none() && self.source_len != 0 {
            return Err(TOLLGATE_E_ARGUMENT);
        }
        Ok(Ask { endpoint, scenario, windows, source })
    }

    /// For when; the clock is asked for what it leaves out.
    #[inline(always)]
    pub(crate) fn at(&self, by_clock: impl FnOnce() -> Now) -> Now {
        let Self { unix_s, mono_ms, .. } = *self;
        if unix_s != 0 && mono_ms != 0 {
            return Now { unix_s, mono_ms };
        }
        let now = by_clock();
        Now {
            unix_s: if unix_s == 0 { now.unix_s } else { unix_s },
            mono_ms: if mono_ms == 0 { now.mono_ms } else { mono_ms },
        }
    }
}

#[cold]
fn token_too_long(len: usize) -> Refusal {
    let detail = Detail::Count { got: len as u64, limit: TOKEN_BYTES_MOST as u64 };
    Refusal { reason: Reason::TokenTooLarge, detail, method: None }
}
