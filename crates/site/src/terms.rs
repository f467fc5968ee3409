//! What the site grants, and for how long: read once, checked whole.

use std::fmt;

use tollgate::Guid;
use tollgate::site::{CLIENT_LIFETIME_LEAST_S, CLIENT_LIFETIME_MOST_S, CLIENT_LIFETIME_S};

/// The terms of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Life of a client's token in seconds: 1 h to 366 days, 90 days by default.
    pub client_lifetime_s: i64,
    /// From which age on a token is renewed, in seconds: 30 days by default.
    pub renew_after_s: i64,
    /// What becomes of a client whose token has ended.
    pub lapse: Lapse,
    /// Who registers inside the network without a token.
    pub approval: Approval,
    /// What follows when two hold the same client's key.
    pub on_clone: OnClone,
    /// Seconds that a gate may go without hearing of the feed: what bounds how soon a new key signs.
    pub max_staleness_s: i64,
}

/// What becomes of a client whose token has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// It registers again, inside the network or by a bulk token.
    Refuse,
    /// It is let in again for so many seconds, by proof of the same key.
    Readmit(i64),
}

/// Who registers inside the network without a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Approval {
    /// Each client waits for `client approve`.
    Manual,
    /// Clients that an Entra token of one of these tenants vouches for; the others wait.
    KnownTenants(Vec<Guid>),
    /// Everybody.
    All,
}

/// What follows when two hold the same client's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnClone {
    /// It is written into the audit, and whoever came late is refused.
    Alarm,
    /// The client is withdrawn too, for both.
    Withdraw,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            client_lifetime_s: CLIENT_LIFETIME_S,
            renew_after_s: 30 * 86_400,
            lapse: Lapse::Refuse,
            approval: Approval::Manual,
            on_clone: OnClone::Alarm,
            max_staleness_s: 30,
        }
    }
}

/// Longest time after its end at which a client is let in again: a year's token and another year.
pub(crate) const LAPSE_MOST_S: i64 = 366 * 86_400;

/// Longest time that a gate may go without hearing of the feed.
const STALENESS_MOST_S: i64 = 86_400;

impl Terms {
    /// Checks that they can be meant.
    ///
    /// # Errors
    /// Names the first term that cannot.
    pub fn check(&self) -> Result<(), TermsError> {
        let within = |name, got, least, most| match got {
            got if (least..=most).contains(&got) => Ok(()),
            got => Err(TermsError { name, got, least, most }),
        };
        let lifetime_s = self.client_lifetime_s;
        within("client_lifetime", lifetime_s, CLIENT_LIFETIME_LEAST_S, CLIENT_LIFETIME_MOST_S)?;
        // A token that ends before it may be renewed locks its client out, whatever the client does.
        within("renew_after", self.renew_after_s, 0, lifetime_s - 1)?;
        if let Lapse::Readmit(seconds) = self.lapse {
            within("lapse", seconds, 1, LAPSE_MOST_S)?;
        }
        within("max_staleness", self.max_staleness_s, 1, STALENESS_MOST_S)
    }
}

/// A term that cannot be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TermsError {
    /// Its name, as tollgate.toml writes it.
    pub name: &'static str,
    /// What was asked for, in seconds.
    pub got: i64,
    /// The least, in seconds.
    pub least: i64,
    /// The most.
    pub most: i64,
}

impl fmt::Display for TermsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, got, least, most } = self;
        write!(f, "{name} is {got} s; write {least} to {most} s")?;
        if *name == "renew_after" {
            f.write_str(": a token has to be renewable before it ends")?;
        }
        Ok(())
    }
}

impl std::error::Error for TermsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_that_lock_clients_out_are_named() {
        assert_eq!(Terms::default().check(), Ok(()));
        let said = |terms: Terms| terms.check().unwrap_err().to_string();
        let short = Terms { client_lifetime_s: 3_599, ..Terms::default() };
        assert_eq!(said(short), "client_lifetime is 3599 s; write 3600 to 31622400 s");
        let late = Terms { renew_after_s: 90 * 86_400, ..Terms::default() };
        assert_eq!(
            said(late),
            "renew_after is 7776000 s; write 0 to 7775999 s: a token has to be renewable before it ends"
        );
        let endless = Terms { lapse: Lapse::Readmit(i64::MAX), ..Terms::default() };
        assert!(said(endless).starts_with("lapse is 9223372036854775807 s; write 1 to 31622400 s"));
        let deaf = Terms { max_staleness_s: 0, ..Terms::default() };
        assert_eq!(said(deaf), "max_staleness is 0 s; write 1 to 86400 s");
    }
}
