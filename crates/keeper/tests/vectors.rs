//! Replays tests/vectors through the keeper: configuration text in, verdicts out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use tollgate::{
    Ask, Gate, Now, Peer, Reason, Refusal, Request, Scenario, Sender, Verdict, WindowsVersion,
};

#[path = "../../../tests/vectors/cases.rs"]
mod cases;

use cases::{Case, Outcome, assert_none, read_all};

#[test]
fn every_vector_gives_its_verdict() {
    let mut failures = Vec::new();
    for theme in read_all() {
        let gates: BTreeMap<&str, Gate> = theme
            .configs
            .iter()
            .map(|(name, config)| {
                let folder = config.unpack();
                let file = Path::new("tollgate.toml");
                let loaded = tollgate_keeper::load_text(&config.toml, file, folder.path());
                let loaded = loaded.unwrap_or_else(|why| panic!("{}: {name}: {why}", theme.name));
                (name.as_str(), loaded.gate)
            })
            .collect();
        for case in &theme.cases {
            if let Err(why) = replay(case, &gates[case.config.as_str()]) {
                failures.push(format!("{}: {}: {why}", theme.name, case.name));
            }
        }
    }
    assert_none("cases that got another verdict", &failures);
}

#[test]
fn names_are_unique_and_reasons_are_what_the_table_says() {
    let mut failures = Vec::new();
    let mut names = BTreeSet::new();
    for case in read_all().iter().flat_map(|theme| &theme.cases) {
        if !names.insert(case.name.as_str()) {
            failures.push(format!("{}: the name is taken", case.name));
        }
        if let Outcome::Refuse { class, reason, code } = &case.expect {
            let known = Reason::from_number(*code)
                .is_some_and(|known| known.name() == reason && known.class().name() == class);
            if !known {
                failures.push(format!("{}: there is no {}", case.name, case.expect));
            }
        }
    }
    assert_none("cases that contradict the table of reasons, or each other", &failures);
}

/// Shown by tests/remembered.rs and tests/adversary.rs of the core.
const ELSEWHERE: [Reason; 3] = [Reason::Replayed, Reason::BudgetSpent, Reason::ReplayFull];

#[test]
fn every_reason_has_a_case() {
    let themes = read_all();
    let codes: BTreeSet<u16> = themes
        .iter()
        .flat_map(|theme| &theme.cases)
        .filter_map(|case| match case.expect {
            Outcome::Refuse { code, .. } => Some(code),
            Outcome::Admit { .. } => None,
        })
        .collect();
    let missing = Reason::ALL.iter().filter(|reason| !codes.contains(&reason.number()));
    // A case is one check of one configuration; these need several.
    let missing = missing.filter(|reason| !ELSEWHERE.contains(reason));
    let missing: Vec<_> = missing.map(|reason| reason.name().to_owned()).collect();
    assert_none("reasons that no case shows", &missing);
}

/// Checks and explains; an explanation that differs from the verdict would mislead its reader.
fn replay(case: &Case, gate: &Gate) -> Result<(), String> {
    let Case { endpoint, scenario, windows, now, token, expect, .. } = case;
    let ask = Ask {
        endpoint,
        scenario: Scenario::from_name(scenario).ok_or(format!("no scenario {scenario:?}"))?,
        windows: match windows {
            Some(text) => Some(text.parse::<WindowsVersion>().map_err(|()| text.as_str())?),
            None => None,
        },
        source: None,
    };
    let peer = presented(case, gate)?;
    let token = token.as_ref().map(String::as_bytes);
    let request = Request::empty().with_token(token).with_presented(&peer);
    // Files are as old as they really are, whatever the calendar of the case says.
    let now = Now { unix_s: *now, ..tollgate_keeper::now() };
    let got = outcome(&gate.check(&request, &ask, now));
    compare(expect, &got)?;
    let explained = outcome(&gate.explain(&request, &ask, now).verdict);
    if explained != got {
        return Err(format!("check says {got}, explain says {explained}"));
    }
    Ok(())
}

/// The peer of the case, direct or passed on; what cannot be one is refused before the gate asks.
fn presented(case: &Case, gate: &Gate) -> Result<Result<Option<Peer>, Refusal>, String> {
    if let Some(pem) = &case.cert {
        return Ok(Peer::from_pem(pem.as_bytes()).map(Some));
    }
    let Some(from) = &case.from else { return Ok(Ok(None)) };
    let sender = match from.as_str() {
        "unix" => Sender::Unix,
        address => Sender::Ip(address.parse().map_err(|_| format!("no address {address:?}"))?),
    };
    let headers = case.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    Ok(gate.forwarded(sender, headers))
}

fn compare(expected: &Outcome, got: &Outcome) -> Result<(), String> {
    if got == expected { Ok(()) } else { Err(format!("expected {expected}, got {got}")) }
}

fn outcome(verdict: &Verdict<'_>) -> Outcome {
    match verdict {
        Verdict::Admit(admission) => Outcome::Admit {
            principal: admission.principal().id().to_string(),
            expires_at: admission.expires_s(),
        },
        Verdict::Refuse(refusal) => Outcome::Refuse {
            class: refusal.reason.class().name().into(),
            reason: refusal.reason.name().into(),
            code: refusal.reason.number(),
        },
    }
}
