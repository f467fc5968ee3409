//! Who has been withdrawn, whatever was issued to them.

use std::collections::HashMap;

use super::denied::{CertificateMark, Denied};
use crate::guid::Guid;
use crate::hash::OfIds;

/// Withdrawals of one snapshot. Immutable once it is a part of a [`super::Policy`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Withdrawals {
    /// Until which second of issue; `i64::MAX` for all that was and will be issued.
    all: HashMap<Withdrawn, i64, OfIds>,
    /// [`Withdrawn::Certificate`]s, apart: they are asked for by what a connection shows.
    certificates: Denied,
}

/// Whom a withdrawal names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Withdrawn {
    /// A client of a site.
    Client {
        /// The site's GUID.
        site: Guid,
        /// The client's.
        client: Guid,
    },
    /// A user of an Entra tenant.
    User {
        /// The tenant's GUID.
        tenant: Guid,
        /// The user's object id.
        user: Guid,
    },
    /// A device of an Entra tenant, by the device id that tokens of users and devices name.
    Device {
        /// The tenant's GUID.
        tenant: Guid,
        /// The device's id.
        device: Guid,
    },
    /// A certificate, or all certificates of a key, whichever PKI they are of. Whatever time is given with
    /// it, all of it is withdrawn: nobody proves when a certificate was issued.
    Certificate(CertificateMark),
}

impl Withdrawn {
    /// The tenant or site that it is of; a certificate is of none.
    pub(crate) fn scope(self) -> Option<Guid> {
        match self {
            Self::Client { site, .. } => Some(site),
            Self::User { tenant, .. } | Self::Device { tenant, .. } => Some(tenant),
            Self::Certificate(_) => None,
        }
    }
}

impl Withdrawals {
    /// Withdraws: everything, or what was issued before a Unix second. The later of two times counts.
    pub fn withdraw(&mut self, whom: Withdrawn, issued_before: Option<i64>) {
        if let Withdrawn::Certificate(mark) = whom {
            return self.certificates.deny(mark);
        }
        let until = issued_before.unwrap_or(i64::MAX);
        let known = self.all.entry(whom).or_insert(until);
        *known = until.max(*known);
    }

    /// Takes a withdrawal back, whatever was issued when: as if it had never been. Whether there was one.
    pub fn restore(&mut self, whom: Withdrawn) -> bool {
        match whom {
            Withdrawn::Certificate(mark) => self.certificates.allow(mark),
            Withdrawn::Client { .. } | Withdrawn::User { .. } | Withdrawn::Device { .. } => {
                self.all.remove(&whom).is_some()
            }
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len() + self.certificates.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.certificates.is_empty()
    }

    /// Whether a credential of theirs is withdrawn. One that does not say when it was issued may have
    /// been issued before any time.
    pub(crate) fn holds(&self, whom: Withdrawn, issued: Option<i64>) -> bool {
        self.all.get(&whom).is_some_and(|until| issued.is_none_or(|issued| issued < *until))
    }

    /// The certificates among them.
    pub(crate) fn certificates(&self) -> &Denied {
        &self.certificates
    }

    /// The tenants and sites for which the two do not say the same.
    pub(crate) fn differing<'w>(&'w self, other: &'w Self) -> impl Iterator<Item = Guid> + 'w {
        let not_in = |ours: &'w Self, theirs: &'w Self| {
            let differs = |(whom, until): &(&Withdrawn, &i64)| theirs.all.get(whom) != Some(until);
            ours.all.iter().filter(differs).filter_map(|(whom, _)| whom.scope())
        };
        not_in(self, other).chain(not_in(other, self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: Guid = Guid([1; 16]);
    const TENANT: Guid = Guid([2; 16]);
    const CLIENT: Withdrawn = Withdrawn::Client { site: SITE, client: Guid([3; 16]) };

    #[test]
    fn what_was_issued_later_stays() {
        let mut withdrawals = Withdrawals::default();
        withdrawals.withdraw(CLIENT, Some(100));
        withdrawals.withdraw(CLIENT, Some(50));
        for (issued, is_withdrawn) in [(Some(99), true), (Some(100), false), (None, true)] {
            assert_eq!(withdrawals.holds(CLIENT, issued), is_withdrawn, "{issued:?}");
        }
        withdrawals.withdraw(CLIENT, None);
        assert!(withdrawals.holds(CLIENT, Some(i64::MAX - 1)));
        let user = Withdrawn::User { tenant: SITE, user: Guid([3; 16]) };
        assert!(!withdrawals.holds(user, None), "the same numbers of another kind");
    }

    #[test]
    fn what_is_restored_was_never_withdrawn() {
        let mut withdrawals = Withdrawals::default();
        withdrawals.withdraw(CLIENT, None);
        let other = Withdrawn::Client { site: SITE, client: Guid([4; 16]) };
        assert!(!withdrawals.restore(other));
        assert!(withdrawals.holds(CLIENT, Some(7)));
        assert!(withdrawals.restore(CLIENT));
        assert!(!withdrawals.holds(CLIENT, None));
        assert_eq!(withdrawals, Withdrawals::default());
        // The later of two times counts, but none that was taken back.
        withdrawals.withdraw(CLIENT, Some(50));
        assert!(withdrawals.holds(CLIENT, Some(49)) && !withdrawals.holds(CLIENT, Some(50)));
    }

    #[test]
    fn a_difference_is_found_from_both_sides() {
        let device = Withdrawn::Device { tenant: TENANT, device: Guid([3; 16]) };
        let (mut one, mut other) = (Withdrawals::default(), Withdrawals::default());
        one.withdraw(CLIENT, None);
        other.withdraw(CLIENT, None);
        assert_eq!(one.differing(&other).count(), 0);
        other.withdraw(device, Some(7));
        assert_eq!(one.differing(&other).collect::<Vec<_>>(), [TENANT]);
        assert_eq!(other.differing(&one).collect::<Vec<_>>(), [TENANT]);
        one.withdraw(device, Some(8));
        assert!(one.differing(&other).all(|scope| scope == TENANT));
    }
}
