//! Whose word on withdrawals has to be fresh, for which credentials.

use std::sync::Arc;

use crate::guid::Guid;
use crate::method::Method;
use crate::time::FreshUntil;

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
    pub(crate) fn of(&self, method: Method, site: Option<Guid>) -> Arc<[Arc<FreshUntil>]> {
        if !self.required_for.contains(&method) {
            return Arc::default();
        }
        let is_of = |of: &Guid| site.is_none_or(|site| site == *of);
        self.feeds.iter().filter(|(of, _)| is_of(of)).map(|(_, fresh)| Arc::clone(fresh)).collect()
    }
}
