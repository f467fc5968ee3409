//! The feed as text: one signed statement a line, for gates that do not read the registry.
//!
//! ```text
//! {"typ":"tollgate-feed+jwt","alg":"ES256","kid":"..."}
//! {"iss":"urn:tollgate:site:<guid>","epoch":"<guid>","from":0,"to":7,"head":7,"as_of":1790000000,
//!  "withdrawn":[{"kind":1,"scope":"<base64url>","subjects":["<base64url>", ...]}, ...]}     a snapshot
//! {..., "from":7,"to":9,"head":9, "changes":[[at,effect,kind,"scope","subject",before], ...]}     a tail
//! ```
//!
//! A tail has one change for each number behind `from` up to `to`, so that none can be missing in it. `as_of`
//! is when the site said that `head` is its last change: what a reader's freshness counts from.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use tollgate::Guid;

use super::change::{Effect, Kind};
use super::error::FeedError;
use super::hearing::{Item, Listener};

/// `typ` of every statement: no token of another kind can stand in for one (RFC 8725 section 3.11).
pub const FEED_TYP: &str = "tollgate-feed+jwt";

/// Largest feed file in bytes: a snapshot of five million withdrawn clients.
pub const FEED_BYTES: usize = 256 << 20;

/// What a statement says.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Statement<'a> {
    #[serde(borrow)]
    pub(super) iss: Cow<'a, str>,
    #[serde(borrow)]
    epoch: Cow<'a, str>,
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) head: i64,
    pub(super) as_of: i64,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) withdrawn: Option<Vec<Group<'a>>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) changes: Option<Vec<Line<'a>>>,
}

/// What is withdrawn of one kind and scope.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group<'a> {
    pub(super) kind: i64,
    #[serde(borrow)]
    pub(super) scope: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<i64>,
    #[serde(borrow)]
    pub(super) subjects: Vec<&'a str>,
}

/// `at`, effect, kind, scope, subject, before.
#[derive(Serialize, Deserialize)]
pub(super) struct Line<'a>(
    pub(super) i64,
    pub(super) i64,
    pub(super) i64,
    #[serde(borrow)] pub(super) Cow<'a, str>,
    #[serde(borrow)] pub(super) Cow<'a, str>,
    pub(super) Option<i64>,
);

impl<'a> Statement<'a> {
    /// Without changes: the caller adds what there is.
    #[cfg(feature = "issue")]
    pub(super) fn new(iss: &'a str, epoch: [u8; 16], (from, to, as_of): (i64, i64, i64)) -> Self {
        let epoch = Guid(epoch).to_string().into();
        let (withdrawn, changes) = (None, None);
        Self { iss: iss.into(), epoch, from, to, head: to, as_of, withdrawn, changes }
    }

    /// # Errors
    /// For every member that is missing, unknown, twice or cannot be meant.
    pub(super) fn parse(json: &'a [u8]) -> Result<Self, FeedError> {
        // Serde alone would take a list of the members' values for an object.
        if json.first() != Some(&b'{') {
            return Err(damaged("it is not a JSON object"));
        }
        let read: Self = serde_json::from_slice(json).map_err(|why| damaged(&why.to_string()))?;
        let is_whole = match (&read.withdrawn, &read.changes) {
            (Some(_), None) => read.from == 0,
            (None, Some(changes)) => {
                i64::try_from(changes.len()).ok() == read.to.checked_sub(read.from)
            }
            _ => false,
        };
        if !is_whole || read.from < 0 || read.to < read.from || read.head < read.to {
            return Err(damaged("its numbers do not count what it has"));
        }
        Ok(read)
    }

    pub(super) fn epoch(&self) -> Result<[u8; 16], FeedError> {
        Guid::parse(&self.epoch).map(|epoch| epoch.0).ok_or_else(|| damaged("its epoch is no GUID"))
    }

    pub(super) fn is_snapshot(&self) -> bool {
        self.withdrawn.is_some()
    }

    /// Tells everything, or the changes behind `after`.
    pub(super) fn tell(&self, after: i64, listener: &mut dyn Listener) -> Result<(), FeedError> {
        if let Some(groups) = &self.withdrawn {
            listener.begin_snapshot(groups.iter().map(|group| group.subjects.len()).sum());
            for group in groups {
                let (scope, kind) = (decoded(&group.scope)?, kind(group.kind)?);
                let (effect, before_s) = (Effect::Withdraw, group.before);
                for subject in &group.subjects {
                    let subject = &decoded(subject)?;
                    listener.hear(Item { effect, kind, scope: &scope, subject, before_s })?;
                }
            }
        }
        let skip = usize::try_from(after.saturating_sub(self.from)).unwrap_or(0);
        for Line(_, effect, number, scope, subject, before_s) in
            self.changes.iter().flatten().skip(skip)
        {
            let effect = Effect::from_number(*effect);
            let effect = effect.ok_or_else(|| damaged("it has an effect of another number"))?;
            let (kind, scope, subject) = (kind(*number)?, decoded(scope)?, decoded(subject)?);
            let (scope, subject, before_s) = (&scope, &subject, *before_s);
            listener.hear(Item { effect, kind, scope, subject, before_s })?;
        }
        Ok(())
    }
}

#[cfg(feature = "issue")]
pub(super) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decoded(text: &str) -> Result<Vec<u8>, FeedError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| damaged("an id is not canonical base64url"))
}

fn kind(number: i64) -> Result<Kind, FeedError> {
    Kind::from_number(number).ok_or_else(|| {
        damaged(&format!("it has a kind {number}, which this version does not know"))
    })
}

fn damaged(why: &str) -> FeedError {
    FeedError::Damaged(why.into())
}
