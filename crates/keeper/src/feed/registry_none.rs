//! A build that reads no registry; the configuration refuses to name one there.

use std::path::Path;

use tollgate::{Guid, Now};
use tollgate_site::feed::{FeedError, Heard, Listener};

#[derive(Clone, Default)]
pub(super) struct Seen;

impl Seen {
    pub(super) fn read(
        &mut self,
        _: &Path,
        _: Guid,
        _: Option<Heard>,
        _: &mut dyn Listener,
        _: Now,
    ) -> Result<Heard, FeedError> {
        Err(FeedError::Unreadable("this build reads no registry".into()))
    }
}
