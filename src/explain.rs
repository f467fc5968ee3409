//! A verdict with every step that led to it.

use core::fmt;

use crate::verdict::Verdict;
use crate::witness::{Witness, Words};

/// What [`crate::Gate::explain`] gives. For the operator: the steps hold text of the credential.
#[derive(Debug)]
pub struct Explanation<'a> {
    /// The steps in their order; the last one is where a refusal came from.
    pub steps: Vec<Step>,
    /// The same verdict that a check gives.
    pub verdict: Verdict<'a>,
}

/// Every step, and what came of them: for a refusal the remedy, what outsiders see, and the rule.
impl fmt::Display for Explanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))?;
        match &self.verdict {
            Verdict::Admit(admission) => {
                let (kind, method) = (admission.kind().name(), admission.method().name());
                write!(f, "admit   {kind} by {method} until {}: ", admission.expires_s())?;
                admission.write_id(f)?;
                writeln!(f)
            }
            Verdict::Refuse(refusal) => {
                let (reason, class) = (refusal.reason, refusal.reason.class().name());
                writeln!(f, "refuse  {refusal}\n        {}", reason.remedy())?;
                let status = reason.http_status();
                writeln!(f, "        class {class}: outsiders see HTTP {status} and nothing else")?;
                writeln!(f, "        rule: {}", reason.source())
            }
        }
    }
}

/// One step of a judgement.
#[derive(Clone, Debug)]
pub struct Step {
    /// What was looked at.
    pub name: &'static str,
    /// Whether it held.
    pub held: bool,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

/// Two lines: whether it held and what was found, and what was expected. What was found is cut where it is
/// longer than a screen; the fields have it whole.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, held, found, expected } = self;
        let mark = if *held { "ok" } else { "NO" };
        write!(f, "{mark}  {name:<16} ")?;
        match found.char_indices().nth(MOST_SHOWN) {
            Some((end, _)) => write!(f, "{}... ({} bytes)", &found[..end], found.len())?,
            None => f.write_str(found)?,
        }
        write!(f, "\n    {:<16} expected: {expected}", "")
    }
}

/// Characters of what was found: a screen's worth.
const MOST_SHOWN: usize = 480;

#[derive(Default)]
pub(crate) struct Notes(Vec<Step>);

impl Notes {
    pub(crate) fn into_explanation<'a>(self, verdict: Verdict<'a>) -> Explanation<'a> {
        Explanation { steps: self.0, verdict }
    }
}

impl Witness for Notes {
    fn saw(&mut self, step: &'static str, held: bool, words: impl FnOnce() -> Words) {
        let Words { found, expected } = words();
        self.0.push(Step { name: step, held, found, expected });
    }

    fn mark(&self) -> usize {
        self.0.len()
    }

    fn forget(&mut self, mark: usize) -> Option<(&'static str, Words)> {
        let Step { name, found, expected, .. } = self.0.drain(mark..).next_back()?;
        Some((name, Words { found, expected }))
    }
}
