//! From what a feed says to what a gate looks up.

use std::sync::Arc;

use tollgate::Guid;
use tollgate::policy::{CertificateMark, Device, KeyName, Setting, Withdrawals, Withdrawn};

use super::change::{Effect, Kind};
use super::error::FeedError;

/// One thing that a feed says, borrowed from where it was read.
#[derive(Clone, Copy, Debug)]
pub struct Item<'i> {
    /// What it does.
    pub effect: Effect,
    /// What it names.
    pub kind: Kind,
    /// Of whom.
    pub scope: &'i [u8],
    /// Which one.
    pub subject: &'i [u8],
    /// Only what was issued before this second.
    pub before_s: Option<i64>,
}

/// Where a reader stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Of which history.
    pub epoch: [u8; 16],
    /// The last change that was heard.
    pub seq: i64,
}

/// Whoever hears a feed. What it was told before an error came has to be forgotten.
pub trait Listener {
    /// What was heard is of an epoch that is over: it holds on, but for what is taken back from now on.
    fn end_epoch(&mut self, epoch: [u8; 16]);

    /// Whether that epoch is over.
    fn is_over(&self, epoch: [u8; 16]) -> bool;

    /// Whether a key of the site has been withdrawn, by its `kid`: by what was heard so far.
    fn is_key_withdrawn(&self, kid: &str) -> bool;

    /// All that holds follows, so many items; what was heard before is over.
    fn begin_snapshot(&mut self, items: usize);

    /// One item: of a snapshot, or the next change.
    ///
    /// # Errors
    /// When it cannot be meant.
    fn hear(&mut self, item: Item<'_>) -> Result<(), FeedError>;
}

/// What a feed of one site amounts to.
#[derive(Clone, Debug)]
pub struct Hearing {
    site: Guid,
    /// The other sites of the gate, which speak for themselves.
    others: Arc<[Guid]>,
    /// What holds.
    pub withdrawals: Withdrawals,
    /// What held in epochs that are over, and was not taken back since.
    pub past: Withdrawals,
    /// Those epochs.
    pub over: Vec<[u8; 16]>,
}

/// A withdrawal of what was issued before this second is of nothing: it was taken back.
pub const TAKEN_BACK: i64 = 0;

impl Hearing {
    /// Nothing was heard yet.
    #[must_use]
    pub fn new(site: Guid) -> Self {
        let (others, withdrawals, past, over) = Default::default();
        Self { site, others, withdrawals, past, over }
    }

    /// It is one of these sites, and speaks for none of the others.
    pub fn stand_among(&mut self, sites: impl IntoIterator<Item = Guid>) {
        self.others = sites.into_iter().filter(|other| *other != self.site).collect();
    }

    fn apply(&mut self, item: Item<'_>, meant: Meant) {
        match (meant, item.effect) {
            (Meant::Withdrawn(whom), Effect::Withdraw) if item.before_s == Some(TAKEN_BACK) => {
                self.withdrawals.restore(whom);
                self.past.restore(whom);
            }
            (Meant::Withdrawn(whom), Effect::Withdraw) => {
                self.withdrawals.replace(whom, item.before_s);
            }
            (Meant::Withdrawn(whom), Effect::Undo) => {
                self.withdrawals.restore(whom);
                self.past.restore(whom);
            }
            (Meant::Setting(setting), Effect::Withdraw) => self.withdrawals.set(setting),
            (Meant::Setting(setting), Effect::Undo) => {
                self.withdrawals.unset(setting);
            }
        }
    }

    /// A site speaks of its own clients, tokens and keys.
    fn own(&self, bytes: &[u8]) -> Result<Guid, FeedError> {
        match guid(bytes)? {
            site if site == self.site => Ok(site),
            other => Err(self.not_ours(other)),
        }
    }

    /// Of tenants it says what it likes, and of no other site of the gate.
    fn of(&self, bytes: &[u8]) -> Result<Guid, FeedError> {
        match guid(bytes)? {
            other if self.others.contains(&other) => Err(self.not_ours(other)),
            of => Ok(of),
        }
    }

    fn not_ours(&self, other: Guid) -> FeedError {
        let why = format!("it speaks of site {other}, and is read as that of {}", self.site);
        FeedError::NotBySite(why)
    }

    fn meant(&self, item: Item<'_>) -> Result<Meant, FeedError> {
        let Item { kind, scope, subject, .. } = item;
        let withdrawn = |whom| Ok(Meant::Withdrawn(whom));
        let certificate = |mark| withdrawn(Withdrawn::Certificate(mark));
        let device = || Ok::<_, FeedError>(Device { of: self.of(scope)?, id: guid(subject)? });
        match kind {
            Kind::Client => {
                withdrawn(Withdrawn::Client { site: self.own(scope)?, client: guid(subject)? })
            }
            Kind::BulkToken => {
                withdrawn(Withdrawn::BulkToken { site: self.own(scope)?, bulk: guid(subject)? })
            }
            Kind::BulkClients => {
                withdrawn(Withdrawn::BulkClients { site: self.own(scope)?, bulk: guid(subject)? })
            }
            Kind::Site => withdrawn(Withdrawn::Site { site: self.own(subject)? }),
            Kind::Key => {
                let kid = std::str::from_utf8(subject).map_err(|_| unfit("a kid is not UTF-8"))?;
                withdrawn(Withdrawn::Key { site: self.own(scope)?, kid: KeyName::of(kid) })
            }
            Kind::User => withdrawn(Withdrawn::User { tenant: guid(scope)?, user: guid(subject)? }),
            Kind::Device => {
                withdrawn(Withdrawn::Device { tenant: guid(scope)?, device: guid(subject)? })
            }
            Kind::Tenant => withdrawn(Withdrawn::Tenant { tenant: guid(subject)? }),
            Kind::GatewayDenied => Ok(Meant::Setting(Setting::GatewayDenied(device()?))),
            Kind::GatewayDeniedByDefault => {
                Ok(Meant::Setting(Setting::GatewayDeniedByDefault(self.of(subject)?)))
            }
            Kind::GatewayAllowed => Ok(Meant::Setting(Setting::GatewayAllowed(device()?))),
            Kind::UserPolicyDenied => Ok(Meant::Setting(Setting::NoUserPolicy(device()?))),
            Kind::UserPolicyDeniedByDefault => {
                Ok(Meant::Setting(Setting::NoUserPolicyByDefault(self.of(subject)?)))
            }
            Kind::UserPolicyAllowed => Ok(Meant::Setting(Setting::UserPolicyAllowed(device()?))),
            Kind::CertificateSha256 => certificate(CertificateMark::Sha256(array(subject)?)),
            Kind::CertificateSha1 => certificate(CertificateMark::Sha1(array(subject)?)),
            Kind::IssuerSerial => {
                let issuer = array(scope)?;
                certificate(CertificateMark::issuer_and_serial(&issuer, subject))
            }
            Kind::Spki => certificate(CertificateMark::Key(array(subject)?)),
        }
    }
}

impl Listener for Hearing {
    fn end_epoch(&mut self, epoch: [u8; 16]) {
        self.past.absorb(&self.withdrawals.without_settings());
        self.withdrawals = Withdrawals::default();
        self.over.push(epoch);
    }

    fn is_over(&self, epoch: [u8; 16]) -> bool {
        self.over.contains(&epoch)
    }

    fn is_key_withdrawn(&self, kid: &str) -> bool {
        let key = Withdrawn::Key { site: self.site, kid: KeyName::of(kid) };
        [&self.withdrawals, &self.past].into_iter().any(|known| known.holds(key, None))
    }

    fn begin_snapshot(&mut self, items: usize) {
        self.withdrawals = Withdrawals::default();
        self.withdrawals.reserve_clients(self.site, items);
    }

    fn hear(&mut self, item: Item<'_>) -> Result<(), FeedError> {
        let meant = self.meant(item)?;
        self.apply(item, meant);
        Ok(())
    }
}

enum Meant {
    Withdrawn(Withdrawn),
    Setting(Setting),
}

fn guid(bytes: &[u8]) -> Result<Guid, FeedError> {
    array(bytes).map(Guid)
}

fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], FeedError> {
    let wrong = |_| unfit(&format!("an id has {} bytes instead of {N}", bytes.len()));
    bytes.try_into().map_err(wrong)
}

fn unfit(why: &str) -> FeedError {
    FeedError::Damaged(why.into())
}
