//! What the site grants, and for how long: read once, checked whole.

use std::fmt;

use tollgate::Guid;
use tollgate::site::{CLIENT_LIFETIME_LEAST_S, CLIENT_LIFETIME_MOST_S, CLIENT_LIFETIME_S};

use crate::error::SiteError;
use crate::registry::Registry;

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
    /// Each term by its name, as it is written.
    #[must_use]
    pub fn shown(&self) -> [(&'static str, String); 6] {
        let approval = match &self.approval {
            Approval::Manual => "manual".into(),
            Approval::All => "all".into(),
            Approval::KnownTenants(tenants) => {
                let tenants: Vec<_> = tenants.iter().map(ToString::to_string).collect();
                format!("tenants:{}", tenants.join(","))
            }
        };
        let lapse = match self.lapse {
            Lapse::Refuse => "refuse".into(),
            Lapse::Readmit(seconds) => written(seconds),
        };
        let on_clone = match self.on_clone {
            OnClone::Alarm => "alarm",
            OnClone::Withdraw => "withdraw",
        };
        [
            ("client_lifetime", written(self.client_lifetime_s)),
            ("renew_after", written(self.renew_after_s)),
            ("lapse", lapse),
            ("approval", approval),
            ("on_clone", on_clone.into()),
            ("max_staleness", written(self.max_staleness_s)),
        ]
    }

    /// Sets the term of that name from how it is written.
    ///
    /// # Errors
    /// One clause that says how it is written.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let seconds = || {
            duration(value).ok_or_else(|| {
                format!("{name}: {value:?} is not a duration; write 30s, 15m, 36h or 90d")
            })
        };
        match name {
            "client_lifetime" => self.client_lifetime_s = seconds()?,
            "renew_after" => self.renew_after_s = seconds()?,
            "max_staleness" => self.max_staleness_s = seconds()?,
            "lapse" if value == "refuse" => self.lapse = Lapse::Refuse,
            "lapse" => {
                let within = duration(value);
                let wrong = || format!("lapse: {value:?}: write refuse, or for how long, as 7d");
                self.lapse = Lapse::Readmit(within.ok_or_else(wrong)?);
            }
            "approval" => self.approval = approval(value)?,
            "on_clone" => {
                self.on_clone = match value {
                    "alarm" => OnClone::Alarm,
                    "withdraw" => OnClone::Withdraw,
                    _ => return Err(format!("on_clone: {value:?}: write alarm or withdraw")),
                };
            }
            _ => {
                let names = self.shown().map(|(name, _)| name).join(", ");
                return Err(format!("{name:?} is no term; they are {names}"));
            }
        }
        Ok(())
    }

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

fn approval(value: &str) -> Result<Approval, String> {
    let wrong = || format!("approval: {value:?}: write manual, all or tenants:GUID,GUID");
    match (value, value.strip_prefix("tenants:")) {
        ("manual", _) => Ok(Approval::Manual),
        ("all", _) => Ok(Approval::All),
        (_, Some(tenants)) => {
            let known = tenants.split(',').map(|tenant| Guid::parse(tenant).ok_or_else(wrong));
            known.collect::<Result<_, _>>().map(Approval::KnownTenants)
        }
        _ => Err(wrong()),
    }
}

/// A duration as tollgate.toml writes it: `30s`, `15m`, `36h`, `90d`.
fn duration(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return None,
    };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse::<i64>().ok().filter(|_| is_number)?.checked_mul(seconds)
}

fn written(seconds: i64) -> String {
    let units = [("d", 86_400), ("h", 3_600), ("m", 60)];
    let unit = units.into_iter().find(|(_, of)| seconds > 0 && seconds % of == 0);
    unit.map_or_else(|| format!("{seconds}s"), |(unit, of)| format!("{}{unit}", seconds / of))
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

/// Where the registry keeps a term, by its name.
pub(crate) const TERM: &str = "term.";

/// The terms that a registry keeps.
pub(crate) fn read_terms(registry: &dyn Registry) -> Result<Terms, SiteError> {
    let mut terms = Terms::default();
    let names = terms.shown().map(|(name, _)| name);
    let mut wrong = None;
    registry.read(&mut |rows| {
        for name in names {
            if let Some(value) = rows.setting(&format!("{TERM}{name}"))?
                && let Err(why) = terms.set(name, &value)
            {
                wrong = Some(why);
            }
        }
        Ok(())
    })?;
    match wrong {
        Some(why) => Err(SiteError::Refused(format!("the registry's terms: {why}"))),
        None => terms.check().map(|()| terms).map_err(SiteError::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_what_is_set() {
        let tenants = vec![Guid([1; 16]), Guid([2; 16])];
        let other = Terms {
            client_lifetime_s: 36 * 3_600,
            renew_after_s: 90,
            lapse: Lapse::Readmit(7 * 86_400),
            approval: Approval::KnownTenants(tenants),
            on_clone: OnClone::Withdraw,
            max_staleness_s: 61,
        };
        for terms in [Terms::default(), other] {
            let mut read = Terms::default();
            for (name, value) in terms.shown() {
                assert_eq!(read.set(name, &value), Ok(()), "{name}={value}");
            }
            assert_eq!(read, terms);
        }
        for (name, value) in [
            ("client_lifetime", "90"),
            ("client_lifetime", "-1d"),
            ("renew_after", "d"),
            ("lapse", "never"),
            ("lapse", "é"),
            ("approval", "tenants:contoso"),
            ("on_clone", "no"),
            ("max_staleness", "99999999999999999d"),
            ("lifetime", "90d"),
        ] {
            assert!(Terms::default().set(name, value).is_err(), "{name}={value}");
        }
    }

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
