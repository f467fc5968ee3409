//! What the gate says, in numbers.

use tollgate::{Admission, Detail, Kind, Method, Refusal, Verdict};

use crate::memory::Sized32;
use crate::status::{TOLLGATE_ADMITTED, TOLLGATE_E_PANIC};

/// A token of a Microsoft Entra tenant.
pub const TOLLGATE_METHOD_ENTRA: u32 = 1;

/// A token of another OpenID Connect issuer.
pub const TOLLGATE_METHOD_OIDC: u32 = 2;

/// A client certificate of a configured PKI.
pub const TOLLGATE_METHOD_PKI: u32 = 3;

/// A token that the site issued.
pub const TOLLGATE_METHOD_SITE: u32 = 4;

/// The credential proves a user, and the device too where it names one.
pub const TOLLGATE_KIND_USER: u32 = 1;

/// The credential proves a device alone.
pub const TOLLGATE_KIND_DEVICE: u32 = 2;

/// The verdict's tenant is set.
pub const TOLLGATE_HAS_TENANT: u32 = 1;

/// The verdict's user is set.
pub const TOLLGATE_HAS_USER: u32 = 2;

/// The verdict's device is set.
pub const TOLLGATE_HAS_DEVICE: u32 = 4;

/// The client proved a key that the credential is bound to.
pub const TOLLGATE_IS_BOUND: u32 = 8;

/// A certificate of a configured PKI came beside the token and was judged as well:
/// TOLLGATE_TEXT_CERTIFICATE says whose.
pub const TOLLGATE_HAS_CERTIFICATE: u32 = 16;

/// detail_found and detail_limit are bytes or counts: what was found, and what is allowed.
pub const TOLLGATE_DETAIL_COUNT: u32 = 1;

/// detail_found and detail_limit are seconds: what was found, and what is allowed.
pub const TOLLGATE_DETAIL_SECONDS: u32 = 2;

/// TOLLGATE_TEXT_MEMBER names the member or claim at fault.
pub const TOLLGATE_DETAIL_MEMBER: u32 = 3;

/// The answer to one check. Zero it and set size, once; tollgate_verdict_init() does both. It is written
/// as a whole by every check, refused before anything else happens. A zeroed verdict reads as refused.
///
/// It holds numbers and points to nothing. Texts are asked of the scratch: tollgate_verdict_text() and those
/// beside it.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct tollgate_verdict {
    /// sizeof(tollgate_verdict).
    pub size: u32,
    /// What tollgate_check() returned: TOLLGATE_ADMITTED, the number of the reason for a refusal (1000 or
    /// more), or less than 0 for misuse and faults. 0 means that there was no check.
    pub status: i32,
    /// 1 where the request may pass. 0 means that it may not.
    pub admitted: u32,
    /// TOLLGATE_METHOD_*: how it was authenticated, or by which method it was refused. 0 means not known.
    pub method: u32,
    /// TOLLGATE_KIND_*. 0 means that nobody was admitted.
    pub kind: u32,
    /// What outsiders may be told: 200, 401, 403, or 503, which is our own trouble and never the client's
    /// fault. 0 means that there was no check.
    pub http_status: u32,
    /// TOLLGATE_HAS_* and TOLLGATE_IS_*, added. 0 means none of them.
    pub flags: u32,
    /// TOLLGATE_DETAIL_* of a refusal. 0 means that the reason says it all.
    pub detail: u32,
    /// What was found, in bytes, a count, or seconds. 0 where detail says neither.
    pub detail_found: i64,
    /// What is allowed, in the same unit. 0 where detail says neither.
    pub detail_limit: i64,
    /// When the credential ends, or the certificate beside it, whichever is earlier: seconds since 1970
    /// (UTC). A token passes for as much longer as `gate.skew` says. 0 means that nobody was admitted.
    pub expires_s: i64,
    /// The Entra tenant, in the order of its text. 0 means none; see TOLLGATE_HAS_TENANT.
    pub tenant: [u8; 16],
    /// The Entra user: the immutable object id. 0 means none; see TOLLGATE_HAS_USER.
    pub user: [u8; 16],
    /// The Entra device, or the client of a site. 0 means none; see TOLLGATE_HAS_DEVICE.
    pub device: [u8; 16],
}

// SAFETY: it begins with its size; numbers.
unsafe impl Sized32 for tollgate_verdict {}

/// [`TOLLGATE_METHOD_ENTRA`] and those after it.
pub(crate) fn method_number(method: Method) -> u32 {
    match method {
        Method::Entra => TOLLGATE_METHOD_ENTRA,
        Method::Oidc => TOLLGATE_METHOD_OIDC,
        Method::Pki => TOLLGATE_METHOD_PKI,
        Method::Site => TOLLGATE_METHOD_SITE,
    }
}

impl tollgate_verdict {
    /// Refused, and nothing more: what stands there until there is an answer. If there is none, that is a
    /// defect.
    pub(crate) const REFUSED: Self = Self {
        size: size_of::<Self>() as u32,
        status: TOLLGATE_E_PANIC,
        admitted: 0,
        method: 0,
        kind: 0,
        http_status: OUR_TROUBLE,
        flags: 0,
        detail: 0,
        detail_found: 0,
        detail_limit: 0,
        expires_s: 0,
        tenant: [0; 16],
        user: [0; 16],
        device: [0; 16],
    };

    /// Refused for misuse or a fault.
    pub(crate) fn fault(status: i32) -> Self {
        Self { status, ..Self::REFUSED }
    }

    /// Says what the gate said; it was [`tollgate_verdict::REFUSED`] before.
    ///
    /// Field by field: to make it elsewhere and move it here would cost as much as the check.
    #[inline]
    pub(crate) fn say(&mut self, verdict: &Verdict<'_>) {
        match verdict {
            Verdict::Admit(admission) => self.admit(admission),
            Verdict::Refuse(refusal) => self.refuse(refusal),
        }
    }

    #[inline(always)]
    fn admit(&mut self, admission: &Admission<'_>) {
        let mut flags = 0;
        if let Some(tenant) = admission.tenant() {
            flags |= TOLLGATE_HAS_TENANT;
            self.tenant = tenant.0;
        }
        if let Some(user) = admission.user() {
            flags |= TOLLGATE_HAS_USER;
            self.user = user.0;
        }
        if let Some(device) = admission.device() {
            flags |= TOLLGATE_HAS_DEVICE;
            self.device = device.0;
        }
        if admission.is_bound() {
            flags |= TOLLGATE_IS_BOUND;
        }
        if admission.has_certificate() {
            flags |= TOLLGATE_HAS_CERTIFICATE;
        }
        self.flags = flags;
        self.method = method_number(admission.method());
        self.kind = match admission.kind() {
            Kind::User => TOLLGATE_KIND_USER,
            Kind::Device => TOLLGATE_KIND_DEVICE,
        };
        self.expires_s = admission.expires_s();
        self.http_status = 200;
        self.status = TOLLGATE_ADMITTED;
        self.admitted = 1;
    }

    #[cold]
    fn refuse(&mut self, refusal: &Refusal) {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let (detail, found, limit) = match refusal.detail {
            Detail::None => (0, 0, 0),
            Detail::Member(_) => (TOLLGATE_DETAIL_MEMBER, 0, 0),
            Detail::Count { got, limit } => (TOLLGATE_DETAIL_COUNT, number(got), number(limit)),
            Detail::Seconds { got, limit } => (TOLLGATE_DETAIL_SECONDS, got, limit),
        };
        (self.detail, self.detail_found, self.detail_limit) = (detail, found, limit);
        self.method = refusal.method.map_or(0, method_number);
        self.http_status = refusal.reason.http_status().into();
        self.status = refusal.reason.number().into();
    }
}

/// The status for what is not the client's fault.
pub(crate) const OUR_TROUBLE: u32 = 503;
