//! Verdicts as people and scripts read them.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use tollgate::{Principal, Refusal, Scenario, Verdict};

/// The object of `check --json`. Names and order are a contract.
#[derive(Serialize)]
pub(crate) struct VerdictLine<'a> {
    /// What a batch line called itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<&'a RawValue>,
    verdict: &'static str,
    code: u16,
    reason: &'static str,
    class: &'static str,
    method: Option<&'static str>,
    scenario: &'static str,
    principal: Option<PrincipalLine<'a>>,
    expires_at: Option<i64>,
    /// Only where a client certificate of a configured PKI came beside the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<PrincipalLine<'a>>,
    /// Only where the endpoint forwards claims and the token has one.
    #[serde(skip_serializing_if = "Map::is_empty")]
    claims: Map<String, Value>,
}

#[derive(Serialize)]
struct PrincipalLine<'a> {
    id: String,
    authority: &'a str,
    tenant: Option<String>,
    user: Option<String>,
    device: Option<String>,
    subject: Cow<'a, str>,
    bound: bool,
}

impl<'a> PrincipalLine<'a> {
    fn new(principal: Principal<'a>) -> Self {
        Self {
            id: principal.id().to_string(),
            authority: principal.authority,
            tenant: principal.tenant.map(|guid| guid.to_string()),
            user: principal.user.map(|guid| guid.to_string()),
            device: principal.device.map(|guid| guid.to_string()),
            subject: principal.subject,
            bound: principal.bound,
        }
    }
}

impl<'a> VerdictLine<'a> {
    pub(crate) fn new(
        verdict: &'a Verdict<'a>,
        scenario: Scenario,
        id: Option<&'a RawValue>,
    ) -> Self {
        let method = verdict.method().map(tollgate::Method::name);
        let scenario = scenario.name();
        match verdict {
            Verdict::Admit(admission) => {
                let claims = admission.claims();
                Self {
                    id,
                    verdict: "admit",
                    code: 1,
                    reason: "admitted",
                    class: "admitted",
                    method,
                    scenario,
                    principal: Some(PrincipalLine::new(admission.principal())),
                    expires_at: Some(admission.expires_s()),
                    certificate: admission.certificate().map(PrincipalLine::new),
                    claims: claims
                        .into_iter()
                        .map(|(name, text)| (name.into(), String::from(text).into()))
                        .collect(),
                }
            }
            Verdict::Refuse(Refusal { reason, .. }) => Self {
                id,
                verdict: "refuse",
                code: reason.number(),
                reason: reason.name(),
                class: reason.class().name(),
                method,
                scenario,
                principal: None,
                expires_at: None,
                certificate: None,
                claims: Map::new(),
            },
        }
    }
}

/// One verdict for a person.
pub(crate) fn write_verdict(out: &mut impl Write, verdict: &Verdict<'_>) -> io::Result<()> {
    match verdict {
        Verdict::Admit(admission) => {
            let ends = admission.expires_s();
            let until = date(ends);
            // The id comes last: what stands in it cannot pass for the words before it.
            let (method, kind) = (admission.method().name(), admission.kind().name());
            let principal = admission.principal();
            let id = principal.id();
            writeln!(out, "admit   {kind} by {method} until {until}: {id}")?;
            if let Some(device) = admission.certificate() {
                writeln!(out, "        with a certificate of {}", device.id())?;
            }
            admission
                .claims()
                .iter()
                .try_for_each(|(name, text)| writeln!(out, "        {name}: {text:?}"))
        }
        Verdict::Refuse(refusal) => {
            writeln!(out, "refuse  {refusal}")?;
            writeln!(out, "        {}", refusal.reason.remedy())
        }
    }
}

/// A second for people; as a number where no calendar has it.
pub(crate) fn date(unix_s: i64) -> String {
    Timestamp::from_second(unix_s).map_or(unix_s.to_string(), |at| at.to_string())
}

/// Text of a configuration or credential, with nothing in it that moves a cursor or hides a word.
pub(crate) fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        '"' | '\'' | '\\' => c.to_string(),
        c => c.escape_debug().to_string(),
    };
    text.chars().map(shown).collect()
}

/// Writes `lines` to standard output; a reader that went away ends it quietly.
pub(crate) fn to_stdout(
    write: impl FnOnce(&mut io::StdoutLock<'static>) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// What a long work is at, over the line before; only where a person looks.
pub(crate) fn progress(text: &str) {
    if io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "\r{text}");
    }
}

/// One line on standard error, where nobody listening is nobody's error.
pub(crate) fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "tollgate: {message}");
}
