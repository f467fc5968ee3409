//! From a registry to a file that gates on other machines read.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use super::change::Head;
use super::error::FeedError;
use super::hearing::{Item, Listener};
use super::registry::read_registry;
use super::sign::{Signer, Standing};
use crate::error::SiteError;

/// Signs all that a registry says at `now_s` (seconds since 1970, read before this is called), and puts it in
/// place of the file that was there, whole or not at all. Gates take it for as old as `now_s`: whoever
/// publishes does so several times in each gate's `max_staleness`, whether anything changed or not.
///
/// # Errors
/// When the registry cannot be read, the system would not write, or signing fails; then the file before stays.
pub fn publish(
    registry: &Path,
    file: &Path,
    signer: Signer<'_>,
    now_s: i64,
) -> Result<Head, SiteError> {
    let mut gathered = Gathered::default();
    let looked = read_registry(registry, None, true, &mut gathered);
    let looked =
        looked.map_err(|why| SiteError::Unfit { path: registry.into(), why: why.to_string() })?;
    // Alike beside alike: the statement names kind, scope and time once for all of them.
    gathered.0.sort_by(|one, other| {
        let key = |it: &Standing| (it.kind, it.before_s);
        key(one).cmp(&key(other)).then_with(|| one.scope.cmp(&other.scope))
    });
    let line = signer.snapshot(&looked.head, now_s, &gathered.0)?;
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = file.with_file_name(name);
    let failed = |error| SiteError::Io { path: beside.clone(), what: "cannot be written", error };
    let mut new = File::create(&beside).map_err(failed)?;
    new.write_all(line.as_bytes()).and_then(|()| new.sync_all()).map_err(failed)?;
    fs::rename(&beside, file).map_err(failed)?;
    Ok(looked.head)
}

#[derive(Default)]
struct Gathered(Vec<Standing>);

impl Listener for Gathered {
    fn begin_snapshot(&mut self, items: usize) {
        self.0 = Vec::with_capacity(items);
    }

    fn hear(&mut self, item: Item<'_>) -> Result<(), FeedError> {
        let Item { kind, scope, subject, before_s, .. } = item;
        self.0.push(Standing { kind, scope: scope.into(), subject: subject.into(), before_s });
        Ok(())
    }
}
