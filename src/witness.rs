//! Watching a judgement, step by step, without a second implementation of it.
//!
//! Every rule is written once, generic over its witness. `Gate::check` runs it under [`Silent`],
//! which compiles to nothing; `Gate::explain` under one that writes down what was found and what
//! was expected. So an explanation cannot differ from the verdict.

use crate::reason::Refusal;

pub(crate) trait Witness {
    /// One step was taken: whether it held, and, if anybody wants to read them, the words for it.
    fn saw(&mut self, step: &'static str, held: bool, words: impl FnOnce() -> Words);

    /// A place to come back to with [`Witness::forget`].
    fn mark(&self) -> usize {
        0
    }

    /// Takes back what was seen since the mark: a way that led nowhere, where another one is tried.
    /// Gives the step at which it ended.
    fn forget(&mut self, _mark: usize) -> Option<(&'static str, Words)> {
        None
    }

    /// The step holds, or the credential is refused.
    #[inline]
    fn demand(
        &mut self,
        step: &'static str,
        holds: bool,
        otherwise: impl Into<Refusal>,
        words: impl FnOnce() -> Words,
    ) -> Result<(), Refusal> {
        self.saw(step, holds, words);
        if holds { Ok(()) } else { Err(otherwise.into()) }
    }

    /// The step has already succeeded or failed elsewhere; `words` reads either outcome.
    #[inline]
    fn outcome<T, E: Into<Refusal>>(
        &mut self,
        step: &'static str,
        result: Result<T, E>,
        words: impl FnOnce(Option<&T>) -> Words,
    ) -> Result<T, Refusal> {
        self.saw(step, result.is_ok(), || words(result.as_ref().ok()));
        result.map_err(Into::into)
    }
}

/// What was found and what was expected. May hold text of the credential: never for outsiders.
pub(crate) struct Words {
    pub(crate) found: String,
    pub(crate) expected: String,
}

pub(crate) fn words(found: impl Into<String>, expected: impl Into<String>) -> Words {
    Words { found: found.into(), expected: expected.into() }
}

/// Text of a credential, quoted so that nothing in it can pass for our words; or that it is absent.
pub(crate) fn shown(text: Option<&str>) -> String {
    text.map_or("absent".into(), |text| format!("{text:?}"))
}

pub(crate) struct Silent;

impl Witness for Silent {
    #[inline(always)]
    fn saw(&mut self, _: &'static str, _: bool, _: impl FnOnce() -> Words) {}
}
