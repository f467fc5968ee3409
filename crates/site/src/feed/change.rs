//! What the feed is made of (docs/design-feed.md has the table).

/// Where the feed stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// New with each restore: numbers of different epochs do not compare.
    pub epoch: [u8; 16],
    /// The latest change; 0 where there was none.
    pub seq: i64,
    /// When that was, in seconds since 1970.
    pub at_s: i64,
}

/// What a change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Effect {
    /// It holds from now on.
    Withdraw = 1,
    /// It no longer holds.
    Undo = 2,
}

impl Effect {
    /// The effect of that number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Withdraw),
            2 => Some(Self::Undo),
            _ => None,
        }
    }
}

/// What a change names. The numbers are those of the feed, and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// A client: scope the site, subject its GUID.
    Client = 1,
    /// A bulk token: scope the site, subject its GUID.
    BulkToken = 2,
    /// A certificate by its SHA-256.
    CertificateSha256 = 3,
    /// A certificate by its SHA-1.
    CertificateSha1 = 4,
    /// A certificate: scope SHA-256 of the issuer's DER name, subject the serial.
    IssuerSerial = 5,
    /// Every certificate over a key: SHA-256 of its SPKI.
    Spki = 6,
    /// A user: scope the tenant, subject the object id.
    User = 7,
    /// A device: scope the tenant, subject the device id.
    Device = 8,
    /// A tenant.
    Tenant = 9,
    /// A key of the site: subject its `kid`.
    Key = 10,
    /// Everything that the site issued before a time.
    Site = 11,
    /// The tokens of all clients of one bulk token.
    BulkClients = 12,
    /// A client that may not use the gateway: scope the site, subject the client; or scope a tenant, subject
    /// the device id.
    GatewayDenied = 13,
    /// No client may use the gateway, unless it is told so by itself.
    GatewayDeniedByDefault = 14,
    /// A client that may use the gateway, whatever the default. Scope and subject as for
    /// [`Kind::GatewayDenied`].
    GatewayAllowed = 15,
    /// A client that gets no user policy from the internet. Scope and subject as for
    /// [`Kind::GatewayDenied`].
    UserPolicyDenied = 16,
    /// No client gets user policy from the internet, unless it is told so by itself.
    UserPolicyDeniedByDefault = 17,
    /// A client that gets user policy from the internet, whatever the default. Scope and subject as for
    /// [`Kind::GatewayDenied`].
    UserPolicyAllowed = 18,
}

impl Kind {
    /// Every kind, by rising number.
    pub const ALL: [Self; 18] = [
        Self::Client,
        Self::BulkToken,
        Self::CertificateSha256,
        Self::CertificateSha1,
        Self::IssuerSerial,
        Self::Spki,
        Self::User,
        Self::Device,
        Self::Tenant,
        Self::Key,
        Self::Site,
        Self::BulkClients,
        Self::GatewayDenied,
        Self::GatewayDeniedByDefault,
        Self::GatewayAllowed,
        Self::UserPolicyDenied,
        Self::UserPolicyDeniedByDefault,
        Self::UserPolicyAllowed,
    ];

    /// The kind of that number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as i64 == number)
    }

    /// The name, as commands write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::BulkToken => "bulk-token",
            Self::CertificateSha256 => "certificate",
            Self::CertificateSha1 => "certificate-sha1",
            Self::IssuerSerial => "certificate-serial",
            Self::Spki => "certificate-key",
            Self::User => "user",
            Self::Device => "device",
            Self::Tenant => "tenant",
            Self::Key => "key",
            Self::Site => "site",
            Self::BulkClients => "clients-of-bulk-token",
            Self::GatewayDenied => "gateway_allowed=false",
            Self::GatewayDeniedByDefault => "gateway_allowed=false by default",
            Self::GatewayAllowed => "gateway_allowed=true",
            Self::UserPolicyDenied => "user_policy_from_internet=false",
            Self::UserPolicyDeniedByDefault => "user_policy_from_internet=false by default",
            Self::UserPolicyAllowed => "user_policy_from_internet=true",
        }
    }
}

/// One change of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its place: no number is left out, and none is seen before those below it.
    pub seq: i64,
    /// When it was made, in seconds since 1970.
    pub at_s: i64,
    /// What it does.
    pub effect: Effect,
    /// What it names.
    pub kind: Kind,
    /// Of whom: see [`Kind`].
    pub scope: Vec<u8>,
    /// Which one.
    pub subject: Vec<u8>,
    /// Only what was issued before this second.
    pub before_s: Option<i64>,
}
