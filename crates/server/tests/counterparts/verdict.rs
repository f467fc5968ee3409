//! Verdicts: the lines that must come out, and the lines that do.

use std::fs;
use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::draft::{Ask, Draft};
use super::gateway::{CONFIGURATION, authority_of, section_of};
use super::refusal::Refusal;
use super::support::{Ran, run_in};
use super::table::Expected;

const BATCH: &str = "batch.jsonl";

/// A token, how it is presented, and what must come out.
pub(crate) struct Check {
    id: String,
    token: String,
    ask: Ask,
    is_admitted: bool,
    line: String,
}

/// The object of `check --batch`. Names and order are a contract, so lines are compared as text.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    verdict: &'static str,
    code: u16,
    reason: &'static str,
    class: &'static str,
    method: Option<&'static str>,
    scenario: &'static str,
    principal: Option<Principal>,
    expires_at: Option<i64>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    claims: Map<String, Value>,
}

/// Who was admitted.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Principal {
    pub(crate) id: String,
    pub(crate) authority: String,
    pub(crate) tenant: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) device: Option<String>,
    pub(crate) subject: String,
    pub(crate) bound: bool,
}

/// An admission, in every word.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    pub(crate) method: &'static str,
    pub(crate) principal: Principal,
    pub(crate) expires_at: i64,
    pub(crate) claims: Map<String, Value>,
}

impl Check {
    /// A token made from a draft.
    pub(crate) fn of(id: String, token: String, draft: &Draft, expected: Expected) -> Self {
        let method = draft.form.method();
        let ask = draft.ask;
        match expected {
            Expected::Admitted => Self::admitted(id, token, ask, Admission::of(draft)),
            Expected::Unread(refusal) => Self::refused(id, token, ask, refusal, None),
            Expected::Refused(refusal) => Self::refused(id, token, ask, refusal, Some(method)),
        }
    }

    pub(crate) fn admitted(id: String, token: String, ask: Ask, admission: Admission) -> Self {
        let line = Line {
            id: &id,
            verdict: "admit",
            code: 1,
            reason: "admitted",
            class: "admitted",
            method: Some(admission.method),
            scenario: ask.scenario,
            principal: Some(admission.principal),
            expires_at: Some(admission.expires_at),
            claims: admission.claims,
        };
        let line = line.text();
        Self { id, token, ask, is_admitted: true, line }
    }

    pub(crate) fn refused(
        id: String,
        token: String,
        ask: Ask,
        refusal: Refusal,
        method: Option<&'static str>,
    ) -> Self {
        let Refusal(code, reason) = refusal;
        let line = Line {
            id: &id,
            verdict: "refuse",
            code,
            reason,
            class: refusal.class(),
            method,
            scenario: ask.scenario,
            principal: None,
            expires_at: None,
            claims: Map::new(),
        };
        let line = line.text();
        Self { id, token, ask, is_admitted: false, line }
    }

    /// The line of the batch.
    fn question(&self) -> Value {
        let Ask { endpoint, scenario, windows, at } = self.ask;
        let mut line = json!({
            "id": self.id, "token": self.token, "endpoint": endpoint, "scenario": scenario,
        });
        if let Some(windows) = windows {
            line["windows"] = windows.into();
        }
        if let Some(at) = at {
            line["at"] = at.into();
        }
        line
    }
}

impl Line<'_> {
    fn text(&self) -> String {
        serde_json::to_string(self).expect("names and numbers are JSON")
    }
}

impl Admission {
    /// What the draft's own claims say.
    fn of(draft: &Draft) -> Self {
        let Draft { form, payload, ask, .. } = draft;
        let ends = payload["exp"].as_f64().expect("what is admitted has an end");
        let mut claims = payload.clone();
        claims.retain(|name, value| {
            ask.endpoint == "forwarding" && name == "department" && !value.is_null()
        });
        // What is no string is handed on as its JSON.
        for value in claims.values_mut().filter(|value| !value.is_string()) {
            *value = value.to_string().into();
        }
        let principal = if form.is_entra() { entra(payload) } else { oidc(payload) };
        Self { method: form.method(), principal, expires_at: ends.floor() as i64, claims }
    }
}

fn text(payload: &Map<String, Value>, name: &str) -> Option<String> {
    payload.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn entra(payload: &Map<String, Value>) -> Principal {
    let guid = |name| text(payload, name).map(|guid| guid.to_lowercase());
    let named = |name| guid(name).unwrap_or_else(|| panic!("what is admitted has {name}"));
    let (tenant, object) = (named("tid"), named("oid"));
    let is_device = payload.get("idtyp").is_some_and(|kind| kind == "device");
    Principal {
        id: format!("entra:{tenant}:{object}"),
        authority: authority_of(&tenant),
        tenant: Some(tenant),
        user: (!is_device).then_some(object),
        device: guid("deviceid"),
        subject: text(payload, "sub").expect("what is admitted has a subject"),
        bound: false,
    }
}

fn oidc(payload: &Map<String, Value>) -> Principal {
    let authority = text(payload, "iss").expect("what is admitted has an issuer");
    let (name, claim) = section_of(&authority);
    let subject = text(payload, claim).expect("what is admitted has a subject");
    let id = format!("oidc:{name}:{subject}");
    Principal { id, authority, tenant: None, user: None, device: None, subject, bound: false }
}

/// How many came out as they must, and what did not.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) admitted: usize,
    pub(crate) refused: usize,
    pub(crate) failures: Vec<String>,
}

/// Has the gateway judge all of them at once, and compares each verdict whole.
pub(crate) fn judge(who: &str, folder: &Path, checks: &[Check], tally: &mut Tally) {
    let lines: Vec<_> = checks.iter().map(|check| check.question().to_string() + "\n").collect();
    fs::write(folder.join(BATCH), lines.concat()).expect("the folder takes files");
    let args = ["check", "--config", CONFIGURATION, "--batch", BATCH];
    let Ran { code, out, err } = run_in(folder, &args, b"");

    let mut lines = out.lines();
    for Check { id, is_admitted, line, .. } in checks {
        let got = lines.next().unwrap_or("nothing");
        if got != line {
            let failure = format!("{who}: {id}\n  expected {line}\n  got      {got}");
            tally.failures.push(failure);
        } else if *is_admitted {
            tally.admitted += 1;
        } else {
            tally.refused += 1;
        }
    }
    let beyond = lines.count();
    if beyond > 0 {
        tally.failures.push(format!("{who}: {beyond} lines more than tokens"));
    }
    // What the batch says as a whole has to agree with its lines.
    let admitted = checks.iter().filter(|check| check.is_admitted).count();
    let (judged, refused) = (checks.len(), checks.len() - admitted);
    let summary =
        format!("{judged} judged: {admitted} admitted, {refused} refused; 0 not understood;");
    if code != 1 || !err.contains(&summary) {
        let expected = format!("exit code 1 and {summary:?}");
        let got = format!("exit code {code} and {err}");
        tally.failures.push(format!("{who}: the batch\n  expected {expected}\n  got      {got}"));
    }
}
