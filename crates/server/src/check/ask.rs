//! From options to what is asked of the gate.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use tollgate::{Ask, Explanation, Gate, Now, Request, Scenario, Verdict, WindowsVersion};

use crate::cli::CheckArgs;
use crate::misuse::Misuse;

/// A token is read up to here, so that the refusal can say how long it is.
const READ_MOST: u64 = 16 * 1024 * 1024;

/// What is asked about a token.
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

    pub(crate) fn check(&self, gate: &Gate, token: &[u8]) -> Verdict {
        gate.check(&Request::token(token), &self.ask(), self.now)
    }

    pub(crate) fn explain(&self, gate: &Gate, token: &[u8]) -> Explanation {
        gate.explain(&Request::token(token), &self.ask(), self.now)
    }

    fn ask(&self) -> Ask<'_> {
        Ask { endpoint: &self.endpoint, scenario: self.scenario, windows: self.windows }
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

/// The bytes of the token. White space after it, as editors and `echo` leave it, is cut.
pub(crate) fn read_token(args: &CheckArgs) -> Result<Vec<u8>, Misuse> {
    if let Some(token) = &args.token {
        return Ok(token.clone().into_bytes());
    }
    let mut bytes = Vec::new();
    let from_stdin = args.stdin.is_some() || args.token_file.as_deref() == Some(Path::new("-"));
    if from_stdin {
        let read = io::stdin().lock().take(READ_MOST).read_to_end(&mut bytes);
        read.map_err(|error| Misuse::new(format!("standard input: {error}")))?;
    } else if let Some(path) = &args.token_file {
        let read = File::open(path).and_then(|file| file.take(READ_MOST).read_to_end(&mut bytes));
        read.map_err(|error| Misuse::file(path, &error))?;
    } else {
        return Err(Misuse::new("no token: give --token-file F, --token T or -"));
    }
    bytes.truncate(bytes.trim_ascii_end().len());
    Ok(bytes)
}
