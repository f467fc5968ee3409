//! Whose word on withdrawals has to be fresh, for which credentials.

use std::sync::Arc;

use crate::guid::Guid;
use crate::method::Method;
use crate::time::{FreshUntil, Now};

/// The feeds of withdrawals that a gate hears, and the methods that are not decided without them.
///
/// A credential of a site depends on that site's feed; one of any other method on all of them, since each
/// may withdraw users, devices and certificates.
#[derive(Clone, Debug, Default)]
pub struct Feeds {
    feeds: Vec<(Guid, Arc<FreshUntil>)>,
    required_for: Vec<Method>,
}

impl Feeds {
    /// These feeds, by their sites, for these methods.
    #[must_use]
    pub fn new(feeds: Vec<(Guid, Arc<FreshUntil>)>, required_for: Vec<Method>) -> Self {
        Self { feeds, required_for }
    }

    /// Those that have to be fresh where a credential of this method, and of this site if it is one, is
    /// judged.
    pub(crate) fn of(&self, method: Method, site: Option<Guid>) -> Sources {
        let is_required = self.required_for.contains(&method);
        let is_of = |of: &Guid| is_required && site.is_none_or(|site| site == *of);
        let feeds = self.feeds.iter().filter(|(of, _)| is_of(of));
        let mut feeds = feeds.map(|(_, fresh)| Arc::clone(fresh));
        Sources { first: feeds.next(), others: feeds.collect() }
    }
}

/// The feeds that one authority's credentials depend on: mostly none or one, which is near.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    first: Option<Arc<FreshUntil>>,
    others: Arc<[Arc<FreshUntil>]>,
}

impl Sources {
    /// Whether there is any.
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Whether all of them are fresh.
    #[inline]
    pub(crate) fn are_fresh(&self, now: Now) -> bool {
        self.first.as_ref().is_none_or(|first| {
            first.is_fresh(now) && self.others.iter().all(|other| other.is_fresh(now))
        })
    }
}
