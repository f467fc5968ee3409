//! The table: endpoint, method, scenario.

use tollgate::policy::{EndpointRules, WindowsRule};
use tollgate::{Method, Scenario};

use super::Attempt;
use super::cause::Cause;
use super::credential::Outcome;
use super::lines::Lines;
use super::twin::Authority;
use crate::config::ConfigError;

/// Whether clients can use a method in a scenario at an endpoint.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Row {
    /// The endpoint.
    pub endpoint: String,
    /// The method.
    pub method: Method,
    /// The scenario.
    pub scenario: Scenario,
    /// Whether the twin admitted a client.
    pub usable: bool,
    /// Why not; where it is usable, on which condition, or by whom not.
    pub why: Option<String>,
    /// The line to change, and what to write there.
    pub line: Option<ConfigError>,
}

/// Most causes that one row names.
const MOST_CAUSES: usize = 3;

pub(super) fn rows(
    lines: &Lines<'_>,
    endpoints: &[(usize, &EndpointRules)],
    authorities: &[Authority],
    attempts: &[Attempt],
) -> Vec<Row> {
    let mut rows = Vec::new();
    for endpoint in endpoints {
        for method in Method::ALL {
            for scenario in Scenario::ALL {
                rows.push(row(lines, *endpoint, method, scenario, authorities, attempts));
            }
        }
    }
    rows
}

fn row(
    lines: &Lines<'_>,
    (place, endpoint): (usize, &EndpointRules),
    method: Method,
    scenario: Scenario,
    authorities: &[Authority],
    attempts: &[Attempt],
) -> Row {
    let here = attempts.iter().filter(|attempt| {
        let authority = &authorities[attempt.authority];
        (attempt.endpoint, attempt.scenario, authority.method) == (place, scenario, method)
    });
    let here: Vec<_> =
        here.map(|attempt| (&authorities[attempt.authority], &attempt.outcome)).collect();
    let usable = here.iter().any(|(_, outcome)| outcome.is_admitted());
    let all: Vec<&Authority> = here.iter().map(|(authority, _)| *authority).collect();
    let ruled_out = lines.of_endpoint((place, endpoint), method, scenario, &all);
    let causes = match ruled_out {
        Some(cause) if !usable => vec![cause],
        _ => {
            let each = here.iter().filter_map(|(authority, outcome)| {
                lines.of_outcome(authority, outcome, (place, endpoint))
            });
            each.collect()
        }
    };
    let mut notes = Vec::new();
    if usable && method == Method::Entra && endpoint.windows == WindowsRule::Required {
        let why = "only where the gateway tells the client's Windows version".into();
        let line = lines.line(("endpoint", place), "windows", "\"if-known\" asks for it no more");
        notes.push(Cause { why, line });
    }
    for (authority, outcome) in &here {
        if let Outcome::Admitted { note: Some(note), .. } = outcome {
            let line = lines
                .line(("endpoint", place), "require", "ask for less")
                .filter(|_| !endpoint.scopes.is_empty() || !endpoint.roles.is_empty());
            notes.push(Cause { why: format!("{} {note}", authority.label), line });
        }
    }
    let mut all = causes;
    if usable {
        all.iter_mut().for_each(|cause| cause.why.insert_str(0, "but "));
        notes.append(&mut all);
        all = notes;
    }
    Row {
        endpoint: endpoint.name.to_string(),
        method,
        scenario,
        usable,
        why: in_words(&all),
        line: all.into_iter().find_map(|cause| cause.line),
    }
}

fn in_words(causes: &[Cause]) -> Option<String> {
    let mut words: Vec<&str> = causes.iter().map(|cause| cause.why.as_str()).collect();
    let more = words.len().saturating_sub(MOST_CAUSES);
    words.truncate(MOST_CAUSES);
    let mut text = words.join("; ");
    if more > 0 {
        text += &format!("; and {more} more");
    }
    Some(text).filter(|text| !text.is_empty())
}

/// What is configured and of no use, a clause each.
pub(super) fn complaints(
    lines: &Lines<'_>,
    endpoints: &[(usize, &EndpointRules)],
    authorities: &[Authority],
    rows: &[Row],
    is_whole: bool,
) -> Vec<String> {
    let mut complaints = Vec::new();
    for (place, endpoint) in endpoints {
        let usable = || rows.iter().filter(|row| row.usable && *row.endpoint == *endpoint.name);
        for method in &endpoint.methods {
            if !usable().any(|row| row.method == *method) {
                let name = method.name();
                complaints.push(format!("{name} is not usable at {:?}", endpoint.name));
            }
        }
        // Left out, they are both, which nobody has asked for.
        for scenario in endpoint.scenarios.iter().filter(|_| lines.names_scenarios(*place)) {
            if !usable().any(|row| row.scenario == *scenario) {
                let name = scenario.name();
                complaints.push(format!("no method serves scenario {name} at {:?}", endpoint.name));
            }
        }
    }
    for method in Method::ALL.into_iter().filter(|_| is_whole) {
        let is_configured = authorities.iter().any(|authority| authority.method == method);
        let is_taken = endpoints.iter().any(|(_, endpoint)| endpoint.methods.contains(&method));
        if is_configured && !is_taken {
            complaints.push(format!("no endpoint takes {}", method.name()));
        }
    }
    complaints
}
