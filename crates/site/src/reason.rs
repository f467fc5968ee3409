//! Why a registration or renewal was refused. One row a reason; docs/reasons-site.md is written from here.
//!
//! The shape, the classes and the laws are those of the core's table; the numbers are apart (the last three
//! digits from 500), since no gate says them. Numbers are never reused.

use std::fmt;

use tollgate::{Class, Refusal};

use crate::registry::RegistryError;

macro_rules! reasons {
    ($($number:literal $variant:ident $name:literal $sentence:literal $remedy:literal)*) => {
        /// Why a registration or renewal was refused, where the core has no reason for it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum EnrolmentReason {
            $(#[doc = $sentence] $variant = $number,)*
        }

        impl EnrolmentReason {
            /// Every reason, by rising number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number: the class in its thousands.
            #[must_use]
            pub fn number(self) -> u16 {
                self as u16
            }

            /// The name that scripts and logs read.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What was found, as one sentence for an operator.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }

            /// What to do about it.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

reasons! {
    1501 ProofClaims "proof_claims"
        "The proof of possession lacks a claim, or one has the wrong form."
        "A proof has aud, act, iat, jti (1 to 64 bytes), cnf.jwk, and ath where a token is presented: docs/site.md shows one."
    1502 DeviceName "device_name"
        "The name of the device is longer than 255 bytes, or holds control characters."
        "Have the client send its host name."
    2501 ProofType "proof_type"
        "The proof is not one of possession: its `typ` is not tollgate-pop+jwt."
        "Have the client sign a proof; a token of another kind never stands in for it."
    2502 ProofAudience "proof_audience"
        "The proof is for another site."
        "`aud` has to be urn:tollgate:site: and this site's GUID, in lower case."
    2503 ProofAct "proof_act"
        "The proof is for another act: to register, or to renew."
        "Have the client sign a proof for what it asks."
    2504 ProofToken "proof_token"
        "The proof is not for the token that came with it."
        "`ath` is base64url of the SHA-256 of the presented token; where no token is presented there is none. Seen for tokens that were swapped on the way."
    2505 ProofKey "proof_key"
        "The proof is by another key than the token is bound to."
        "Only the device that registered can renew. If its key is lost, withdraw the client and register the device anew."
    2506 BulkUnknown "bulk_unknown"
        "The bulk token is signed by this site, and the registry does not know it."
        "It was made after the backup that was restored, or by `sign_bulk` alone: make a new one."
    2507 ClientUnknown "client_unknown"
        "The client's token is signed by this site, and the registry does not know the client or this generation of it."
        "Look for a restore or for another registry; else treat it as forged: `tollgate keys withdraw`."
    3501 ProofTime "proof_time"
        "The proof was made more than 300 s before or after now."
        "Set the device's clock right; a replayed proof looks like this too."
    3502 RenewalEarly "renewal_early"
        "The token is not yet old enough to be renewed."
        "Nothing is wrong: the client asks again from `renew_at` on."
    3503 ClientLapsed "client_lapsed"
        "The client's token has ended, and the site lets nobody in again after that, or not after so long."
        "Register the device anew, inside the network or by a bulk token; or set `lapse`."
    4501 BulkEndpoint "bulk_endpoint"
        "The bulk token registers at another endpoint only."
        "`tollgate bulk-token show` says at which; make one for this endpoint."
    4502 BulkDevice "bulk_device"
        "The bulk token does not register devices of this name."
        "`tollgate bulk-token show` says which; make one for these."
    4503 BulkUsedUp "bulk_used_up"
        "The bulk token has registered as many clients as it may."
        "See by `tollgate client list --bulk-token` whether they are yours; then make a new one."
    4504 NetworkExternal "network_external"
        "Without a token, clients register at internal endpoints only."
        "Use an endpoint with network = \"internal\", or give the device a bulk token."
    4505 HttpsNeeded "https_needed"
        "An Entra token or a certificate registers only where the management point is HTTPS."
        "Set mode = \"https\" for the endpoint, or give the device a bulk token."
    4506 AlreadyRenewed "already_renewed"
        "A client with this key has renewed its token already: registering again is not for it."
        "The device has a newer token. If it was set up anew with its old key, or cloned, withdraw the client."
    4507 VoucherUnfit "voucher_unfit"
        "What was admitted vouches for no device here: only an Entra token or a certificate of a configured PKI does."
        "A client of the site renews; devices of other issuers register by a bulk token."
    5501 ClientWithdrawn "client_withdrawn"
        "The client was withdrawn."
        "`tollgate client show` says when and why; `tollgate unblock client` takes it back."
    5502 BulkWithdrawn "bulk_withdrawn"
        "The bulk token was withdrawn."
        "`tollgate withdraw list` says when and why; after a restore, `tollgate unblock bulk-token` once it is known to be yours."
    5503 GenerationOver "generation_over"
        "The token was renewed already, by somebody with the same key: two hold it, or a device was set back."
        "Find both devices. `tollgate withdraw client` throws both out; a device that was set back registers anew with a new key."
    5504 IssuedBefore "issued_before"
        "Everything that was issued before a time was withdrawn, and this token was."
        "Register the device anew."
    6501 RegistryUnavailable "registry_unavailable"
        "The registry could not be read or written."
        "See the detail: a full disk, a locked or read-only file, or a clock that was set back. Nothing was lost."
    6502 NoSigningKey "no_signing_key"
        "This process does not have the private half of the key that signs now: it verifies and does not issue."
        "`tollgate keys list` says which key that is; put its file into the folder's keys/, or register at another instance."
}

impl EnrolmentReason {
    /// The class, which is the thousands of the number.
    #[must_use]
    pub fn class(self) -> Class {
        let is = |class: &Class| *class as u16 / 1000 == self.number() / 1000;
        Class::ALL.into_iter().find(is).unwrap_or(Class::Undecidable)
    }
}

/// A registration or renewal that was refused. For the operator: outsiders see the class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// Why.
    pub why: Why,
    /// More, where there is more; never text out of a token.
    pub detail: String,
}

/// Whose reason it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// What was presented is no good by the core's rules.
    Judged(Refusal),
    /// It is none of the core's business.
    Enrolment(EnrolmentReason),
}

impl Denied {
    /// The number: the class in its thousands.
    #[must_use]
    pub fn number(&self) -> u16 {
        match self.why {
            Why::Judged(refusal) => refusal.reason.number(),
            Why::Enrolment(reason) => reason.number(),
        }
    }

    /// The name that scripts and logs read.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.why {
            Why::Judged(refusal) => refusal.reason.name(),
            Why::Enrolment(reason) => reason.name(),
        }
    }

    /// All that outsiders see.
    #[must_use]
    pub fn class(&self) -> Class {
        match self.why {
            Why::Judged(refusal) => refusal.reason.class(),
            Why::Enrolment(reason) => reason.class(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self.why {
            Why::Judged(refusal) => refusal.reason.remedy(),
            Why::Enrolment(reason) => reason.remedy(),
        }
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.why {
            Why::Judged(refusal) => refusal.fmt(f)?,
            Why::Enrolment(reason) => {
                write!(f, "{} ({}): {}", reason.name(), reason.number(), reason.sentence())?;
            }
        }
        if self.detail.is_empty() { Ok(()) } else { write!(f, " [{}]", self.detail) }
    }
}

impl std::error::Error for Denied {}

impl From<EnrolmentReason> for Denied {
    fn from(reason: EnrolmentReason) -> Self {
        Self { why: Why::Enrolment(reason), detail: String::new() }
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self { why: Why::Judged(refusal), detail: String::new() }
    }
}

impl From<tollgate::Reason> for Denied {
    fn from(reason: tollgate::Reason) -> Self {
        Refusal::from(reason).into()
    }
}

impl From<RegistryError> for Denied {
    fn from(error: RegistryError) -> Self {
        EnrolmentReason::RegistryUnavailable.with(error.to_string())
    }
}

impl EnrolmentReason {
    pub(crate) fn with(self, detail: impl Into<String>) -> Denied {
        Denied { why: Why::Enrolment(self), detail: detail.into() }
    }
}
