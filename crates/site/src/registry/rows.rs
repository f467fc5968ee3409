//! The rows of a registry, and what can be done to them inside a transaction.
//!
//! Every method here does one thing and decides nothing: rules stand above, once for all engines.

use tollgate::Guid;

use super::RegistryError;
use super::change::WithdrawnRow;
use crate::feed::{Change, Head, Kind};
use crate::token::Provenance;

type Outcome<T> = Result<T, RegistryError>;

/// A bulk registration token, without the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkToken {
    /// Its `jti`.
    pub id: Guid,
    /// What the administrator calls it.
    pub label: String,
    /// The only endpoint at which it registers.
    pub endpoint: Option<String>,
    /// The only device names that it registers: `*` stands for any run of characters, `?` for one.
    pub device_name: Option<String>,
    /// When it was made, in seconds since 1970.
    pub created_s: i64,
    /// When it ends.
    pub expires_s: i64,
    /// Most clients that it registers.
    pub max_uses: Option<u32>,
    /// Clients that it registered.
    pub uses: u32,
    /// When it last registered one.
    pub last_used_s: Option<i64>,
    /// The key that signed it.
    pub kid: String,
    /// Whether it was withdrawn.
    pub is_blocked: bool,
}

/// What a client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ClientState {
    /// Waits for an administrator; has no token.
    Pending = 1,
    /// Has a token, and renews it.
    Active = 2,
    /// Was withdrawn.
    Withdrawn = 3,
}

impl ClientState {
    /// The name, as commands write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Pending, Self::Active, Self::Withdrawn]
            .into_iter()
            .find(|state| state.name() == name)
    }

    pub(crate) fn from_number(number: i64) -> Option<Self> {
        let all = [Self::Pending, Self::Active, Self::Withdrawn];
        all.into_iter().find(|state| *state as i64 == number)
    }
}

/// A client of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// `sub` of its tokens.
    pub id: Guid,
    /// RFC 7638 thumbprint of its key. No two clients have the same.
    pub key: [u8; 32],
    /// What it calls itself; nobody has proven it.
    pub name: String,
    /// What it may do.
    pub state: ClientState,
    /// How it came to be known.
    pub provenance: Provenance,
    /// The device that an Entra token proved it to be.
    pub device: Option<Guid>,
    /// Where it registered.
    pub endpoint: String,
    /// When it registered, in seconds since 1970.
    pub registered_s: i64,
    /// How many tokens it has had; 0 while it is pending.
    pub generation: u32,
    /// `jti` of its current token.
    pub token: Guid,
    /// When that was issued.
    pub issued_s: i64,
    /// When that ends.
    pub expires_s: i64,
    /// The key that signed it; empty while it is pending.
    pub kid: String,
    /// How often the current generation was given out again to whom held the previous one.
    pub graces: u32,
    /// How often somebody came with a generation that was over.
    pub alarms: u32,
}

/// Which clients are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientFilter {
    /// In this state only.
    pub state: Option<ClientState>,
    /// Registered by this bulk token only.
    pub bulk: Option<Guid>,
}

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Only what comes after this one.
    pub after: Option<Guid>,
    /// At most so many.
    pub limit: u32,
}

/// What was answered to a registration or renewal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// SHA-256 of everything that makes two requests the same one.
    pub request: [u8; 32],
    /// When it was answered, in seconds since 1970.
    pub at_s: i64,
    /// Who got it.
    pub client: Guid,
    /// Which of the client's tokens.
    pub generation: u32,
    /// `jti` of the token.
    pub id: Guid,
    /// When it ends.
    pub expires_s: i64,
    /// The token. It is of use to nobody without the client's key.
    pub token: String,
}

/// A key of the site as the registry knows it: public, with its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// RFC 7638 thumbprint, base64url.
    pub kid: String,
    /// `alg`.
    pub alg: String,
    /// The public key, as a JWK.
    pub jwk: String,
    /// When it was made and published, in seconds since 1970.
    pub created_s: i64,
    /// From when on it signs, unless a later one does.
    pub active_from_s: i64,
    /// When it was taken out of the key set.
    pub withdrawn_s: Option<i64>,
}

/// The feed: what is withdrawn, and every change of it in order.
pub trait FeedRows {
    /// Where the feed stands.
    fn head(&mut self) -> Outcome<Head>;
    /// Moves it. The last thing that a transaction does.
    fn set_head(&mut self, head: &Head) -> Outcome<()>;
    /// Appends a change.
    fn add_change(&mut self, change: &Change) -> Outcome<()>;
    /// Changes after `after`, by rising number.
    fn changes(&mut self, after: i64, limit: u32) -> Outcome<Vec<Change>>;
    /// Forgets changes made before `before_s`, but never the last one, by which readers know the history again;
    /// the others are in the snapshot. Gives the oldest that is left, or the next one.
    fn compact_changes(&mut self, before_s: i64) -> Outcome<i64>;
    /// Puts a withdrawal, over what was there.
    fn put_withdrawn(&mut self, row: &WithdrawnRow) -> Outcome<()>;
    /// Takes it away; whether it was there.
    fn remove_withdrawn(&mut self, kind: Kind, scope: &[u8], subject: &[u8]) -> Outcome<bool>;
    /// One withdrawal that was not taken back.
    fn withdrawn(
        &mut self,
        kind: Kind,
        scope: &[u8],
        subject: &[u8],
    ) -> Outcome<Option<WithdrawnRow>>;
    /// Withdrawals by rising number of their change, after `after`; and marks of what was taken back
    /// ([`TAKEN_BACK`](crate::feed::TAKEN_BACK)).
    fn all_withdrawn(&mut self, after: i64, limit: u32) -> Outcome<Vec<WithdrawnRow>>;
    /// The withdrawal that this change made, if it still holds.
    fn withdrawn_by(&mut self, seq: i64) -> Outcome<Option<WithdrawnRow>>;
    /// Withdrawals of which nothing can be valid any more.
    fn expired_withdrawn(&mut self, now_s: i64, limit: u32) -> Outcome<Vec<WithdrawnRow>>;
}

/// Bulk tokens.
pub trait BulkRows {
    /// Adds one.
    fn add_bulk(&mut self, token: &BulkToken) -> Outcome<()>;
    /// One by its id.
    fn bulk(&mut self, id: Guid) -> Outcome<Option<BulkToken>>;
    /// The latest first. What comes after one is what was made before it; after one that is not there comes nothing.
    fn bulks(&mut self, page: Page) -> Outcome<Vec<BulkToken>>;
    /// Counts so many uses, if so many are left; whether they were.
    fn use_bulk(&mut self, id: Guid, uses: u32, now_s: i64) -> Outcome<bool>;
    /// Blocks or unblocks; whether there is such a token.
    fn block_bulk(&mut self, id: Guid, is_blocked: bool) -> Outcome<bool>;
}

/// Clients.
pub trait ClientRows {
    /// Adds one.
    fn add_client(&mut self, client: &Client) -> Outcome<()>;
    /// One by its id.
    fn client(&mut self, id: Guid) -> Outcome<Option<Client>>;
    /// One by its key.
    fn client_by_key(&mut self, key: &[u8; 32]) -> Outcome<Option<Client>>;
    /// Those that the filter takes, by rising id.
    fn clients(&mut self, filter: &ClientFilter, page: Page) -> Outcome<Vec<Client>>;
    /// How many the filter takes.
    fn count_clients(&mut self, filter: &ClientFilter) -> Outcome<u64>;
    /// Writes all but key, time of registration and alarms of a client whose generation is still `was`; whether
    /// it was.
    fn renew_client(&mut self, client: &Client, was: u32) -> Outcome<bool>;
    /// Sets the state; whether there is such a client.
    fn set_client_state(&mut self, id: Guid, state: ClientState) -> Outcome<bool>;
    /// Writes how often the client was forgiven, and how often it raised an alarm.
    fn count_client(&mut self, id: Guid, graces: u32, alarms: u32) -> Outcome<()>;
}

/// What was answered.
pub trait ReplyRows {
    /// The answer to this very request.
    fn reply(&mut self, request: &[u8; 32]) -> Outcome<Option<Reply>>;
    /// Keeps an answer, over an old one to the same request.
    fn put_reply(&mut self, reply: &Reply) -> Outcome<()>;
    /// Forgets answers given before `before_s`, at most `limit`; how many.
    fn forget_replies(&mut self, before_s: i64, limit: u32) -> Outcome<usize>;
}

/// The site's keys.
pub trait KeyRows {
    /// All of them, the earliest first.
    fn keys(&mut self) -> Outcome<Vec<KeyRow>>;
    /// Adds one.
    fn add_key(&mut self, key: &KeyRow) -> Outcome<()>;
    /// Says when it was taken out.
    fn withdraw_key(&mut self, kid: &str, at_s: i64) -> Outcome<()>;
    /// Clients whose current token, and bulk tokens that, were signed by it and have not ended; and when the
    /// last of them does.
    fn live_under_key(&mut self, kid: &str, now_s: i64) -> Outcome<(u64, u64, Option<i64>)>;
}

/// Facts about the whole site, by name.
pub trait SettingRows {
    /// The value.
    fn setting(&mut self, key: &str) -> Outcome<Option<String>>;
    /// Which site's registry this is.
    fn site(&mut self) -> Outcome<Option<Guid>>;
    /// Says it: as 16 bytes, under the key `site`, where readers of the feed look.
    fn set_site(&mut self, site: Guid) -> Outcome<()>;
    /// Sets it.
    fn set_setting(&mut self, key: &str, value: &str) -> Outcome<()>;
    /// A setting of one client that differs from the default.
    fn client_setting(&mut self, client: Guid, name: &str) -> Outcome<Option<bool>>;
    /// Sets it, or leaves it to the default.
    fn set_client_setting(&mut self, client: Guid, name: &str, value: Option<bool>) -> Outcome<()>;
}

/// A user that the site knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The tenant.
    pub tenant: Guid,
    /// Its object id in the tenant.
    pub object: Guid,
    /// Its SID on the premises; empty where it has none.
    pub sid: String,
    /// Whether it may do anything.
    pub is_enabled: bool,
}

/// A device that the site knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The client's GUID.
    pub client: Guid,
    /// The tenant.
    pub tenant: Guid,
    /// Its device id in the tenant.
    pub device: Guid,
    /// How it is joined: `cloud`, `hybrid` or `none`.
    pub join: String,
}

/// What the site knows of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantCount {
    /// The tenant.
    pub tenant: Guid,
    /// Enabled users.
    pub users: u64,
    /// Devices.
    pub devices: u64,
    /// When a client of it last registered or renewed, in seconds since 1970.
    pub seen_s: Option<i64>,
}

/// Users, devices, tenants.
pub trait PeopleRows {
    /// A user.
    fn person(&mut self, tenant: Guid, object: Guid) -> Outcome<Option<Person>>;
    /// Puts a user, over what was known of it.
    fn put_person(&mut self, person: &Person) -> Outcome<()>;
    /// Users after this place of (tenant, object).
    fn people(&mut self, after: Option<(Guid, Guid)>, limit: u32) -> Outcome<Vec<Person>>;
    /// Users of a tenant with this SID.
    fn people_by_sid(&mut self, sid: &str) -> Outcome<Vec<Person>>;
    /// Puts a device, over what was known of the client.
    fn put_device(&mut self, device: &Imported) -> Outcome<()>;
    /// What is known of one client's device.
    fn device(&mut self, client: Guid) -> Outcome<Option<Imported>>;
    /// Devices after this client.
    fn devices(&mut self, after: Option<Guid>, limit: u32) -> Outcome<Vec<Imported>>;
    /// Every tenant of which anything is known.
    fn tenants(&mut self) -> Outcome<Vec<TenantCount>>;
}

/// A row of the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place: no number is left out.
    pub seq: i64,
    /// When, in seconds since 1970.
    pub at_s: i64,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub act: String,
    /// To whom or what.
    pub subject: String,
    /// More, as a JSON object, or empty.
    pub detail: String,
    /// SHA-256 over the hash before it and this row.
    pub hash: [u8; 32],
    /// The site's signature over this hash, where there is one: a JWS.
    pub checkpoint: Option<String>,
}

/// The audit.
pub trait AuditRows {
    /// The latest row.
    fn last_audit(&mut self) -> Outcome<Option<AuditEntry>>;
    /// The latest row with a checkpoint: its place and time.
    fn last_checkpoint(&mut self) -> Outcome<Option<(i64, i64)>>;
    /// Appends a row.
    fn add_audit(&mut self, entry: &AuditEntry) -> Outcome<()>;
    /// Rows after `after`, by rising number.
    fn audit(&mut self, after: i64, limit: u32) -> Outcome<Vec<AuditEntry>>;
}

/// All that a transaction can do.
pub trait Rows:
    FeedRows + BulkRows + ClientRows + ReplyRows + KeyRows + SettingRows + PeopleRows + AuditRows
{
}

impl<T> Rows for T where
    T: FeedRows
        + BulkRows
        + ClientRows
        + ReplyRows
        + KeyRows
        + SettingRows
        + PeopleRows
        + AuditRows
{
}
