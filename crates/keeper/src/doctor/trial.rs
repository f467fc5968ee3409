//! The self-test of one authority at one endpoint: what should pass passes, and what should not is
//! refused for the right reason.

use tollgate::{Ask, Explanation, Gate, Now, Policy, Reason, Request, Step, Verdict};

use super::credential::{Credential, is_untrusted, last_steps};

/// One thing that was presented.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Probe {
    /// `good`, `altered`, `expired`, `no_proof`, `other_proof` or `strange`.
    pub name: &'static str,
    /// The verdict that it has to get.
    pub expected: String,
    /// The verdict that it got.
    pub got: String,
    /// Whether it is the expected one.
    pub ok: bool,
}

/// Where the test is made.
pub(super) struct Bench<'b> {
    pub(super) twin: &'b Gate,
    /// The gate of the configuration itself.
    pub(super) real: &'b Gate,
    pub(super) ask: Ask<'b>,
    pub(super) now: Now,
}

impl Bench<'_> {
    /// What the twin says of a credential, step by step.
    pub(super) fn explain<'c>(&'c self, credential: &'c Credential) -> Explanation<'c> {
        self.twin.explain(&credential.request(), &self.ask, self.now)
    }

    /// What must not pass, made of a credential that does; and the steps of the first that went wrong.
    pub(super) fn probe(
        &self,
        good: &Credential,
        ends_s: i64,
    ) -> Result<(Vec<Probe>, Vec<Step>), String> {
        let is_token = good.token.is_some();
        let altered = good.altered()?;
        let (of_signature, of_end) = if is_token {
            (Reason::SignatureWrong, Reason::Expired)
        } else {
            (Reason::PathInvalid, Reason::CertificateExpired)
        };
        // Time is an argument: the same bytes, when they have ended by the widest skew.
        let later = Now { unix_s: ends_s.saturating_add(Policy::SKEW_MOST_S + 1), ..self.now };
        let mut tests = vec![
            ("altered", altered.request(), self.now, of_signature),
            ("expired", good.request(), later, of_end),
        ];
        if let (Some(token), Some(other)) = (&good.token, &good.other) {
            let token = Request::token(token.as_bytes());
            tests.push(("no_proof", token, self.now, Reason::ProofMissing));
            let others = token.with_peer(Some(other.peer()));
            tests.push(("other_proof", others, self.now, Reason::ProofMismatch));
        }
        let mut probes =
            vec![Probe { name: "good", expected: ADMITTED.into(), got: ADMITTED.into(), ok: true }];
        let mut steps = Vec::new();
        for (name, request, now, expected) in tests {
            let explanation = self.twin.explain(&request, &self.ask, now);
            let got = explanation.verdict.refusal().map(|refusal| refusal.reason);
            let ok = got == Some(expected);
            if !ok && steps.is_empty() {
                steps = last_steps(explanation.steps);
            }
            probes.push(Probe { name, expected: words(Some(expected)), got: words(got), ok });
        }
        // And the gate itself: it believes none of the keys that were made here.
        let verdict = self.real.check(&good.request(), &self.ask, self.now);
        probes.push(Probe {
            name: "strange",
            expected: "refused as untrusted".into(),
            got: said(&verdict),
            ok: is_untrusted(&verdict),
        });
        Ok((probes, steps))
    }
}

const ADMITTED: &str = "admitted";

fn said(verdict: &Verdict<'_>) -> String {
    words(verdict.refusal().map(|refusal| refusal.reason))
}

/// `expired (3001)`, or `admitted`.
pub(super) fn words(reason: Option<Reason>) -> String {
    reason.map_or(ADMITTED.into(), |reason| format!("{} ({})", reason.name(), reason.number()))
}
