//! From options to what is asked of the gate.

use tollgate::{Ask, Explanation, Gate, Now, Scenario, Verdict, WindowsVersion};

use super::presented::Presented;
use crate::cli::CheckArgs;
use crate::misuse::Misuse;

/// What is asked about a request.
pub(crate) struct Question {
    pub(crate) endpoint: String,
    pub(crate) scenario: Scenario,
    pub(crate) windows: Option<WindowsVersion>,
    pub(crate) now: Now,
}

impl Question {
    pub(crate) fn from_args(args: &CheckArgs, gate: &Gate) -> Result<Self, Misuse> {
        Ok(Self {
            endpoint: endpoint(args.endpoint.as_deref(), &gate.endpoint_names())
                .map_err(|why| Misuse::new(format!("--endpoint: {why}")))?,
            scenario: args.scenario,
            windows: args.windows,
            now: at(args.at),
        })
    }

    pub(crate) fn check<'a>(&self, gate: &'a Gate, presented: &'a Presented) -> Verdict<'a> {
        gate.check(&presented.request(), &self.ask(), self.now)
    }

    pub(crate) fn explain<'a>(&self, gate: &'a Gate, presented: &'a Presented) -> Explanation<'a> {
        gate.explain(&presented.request(), &self.ask(), self.now)
    }

    pub(crate) fn ask(&self) -> Ask<'_> {
        Ask {
            endpoint: &self.endpoint,
            scenario: self.scenario,
            windows: self.windows,
            source: None,
        }
    }
}

/// The named endpoint, or the only one.
pub(crate) fn endpoint(named: Option<&str>, known: &[String]) -> Result<String, String> {
    match (named, known) {
        (Some(name), _) if known.iter().any(|known| known == name) => Ok(name.into()),
        (Some(name), _) => Err(format!("there is no {name:?}; there is {}", known.join(", "))),
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(format!("name one of {}", known.join(", "))),
    }
}

/// The calendar may be chosen; the freshness of sources is always judged at present.
pub(crate) fn at(unix_s: Option<i64>) -> Now {
    let now = tollgate_keeper::now();
    Now { unix_s: unix_s.unwrap_or(now.unix_s), ..now }
}
