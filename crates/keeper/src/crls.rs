//! Revocation lists of a PKI: files and folders of them, as PEM or DER.
//!
//! A list that cannot be used is a warning: the one that was read before goes on, or another one speaks, or
//! nothing does and the certificates are refused. What was read stays on a shelf: the same bytes are not taken
//! apart twice, and nothing older takes the place of what was there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tollgate::cert::{Crl, Crls, Store, crl_ders};
use tollgate::limits::CRL_BYTES;

use crate::config::{Place, RevocationSettings};
use crate::source::Reading;
use crate::trail::Trail;

/// Largest file of lists in bytes: PEM writes 4 for 3, and lines.
const FILE_BYTES: usize = CRL_BYTES / 2 * 3;

/// Most files of one folder.
const MOST_FILES: usize = 16_384;

/// What the loads before have read, by PKI and file.
#[derive(Clone, Default)]
pub(crate) struct Shelf(BTreeMap<(Box<str>, PathBuf), Vec<Arc<Crl>>>);

impl Shelf {
    pub(crate) fn put(&mut self, pki: &str, path: &Path, lists: Vec<Arc<Crl>>) {
        self.0.insert((pki.into(), path.into()), lists);
    }

    pub(crate) fn of(&self, pki: &str, path: &Path) -> &[Arc<Crl>] {
        self.0.get(&(pki.into(), path.into())).map_or(&[], Vec::as_slice)
    }

    /// What a load that failed did not come to stays.
    pub(crate) fn keep(&mut self, before: Self) {
        for (place, lists) in before.0 {
            self.0.entry(place).or_insert(lists);
        }
    }
}

/// Reads the lists of a PKI; warns of what cannot be used, and of what is missing.
pub(crate) fn read_crls(
    pki: &str,
    settings: &RevocationSettings,
    store: &Store,
    reading: &Reading<'_>,
) -> Crls {
    let Reading { folder, report, trail, .. } = reading;
    let RevocationSettings { place, files, rules } = settings;
    let mut lists = Vec::new();
    for path in &files.paths {
        let path = folder.join(path);
        let paths = if path.is_dir() {
            folder_of(&path, trail).unwrap_or_else(|why| {
                files.place.warn(report, why);
                Vec::new()
            })
        } else {
            vec![path]
        };
        for path in paths {
            let shelf = trail.shelved(pki, &path);
            let read = read_file(&path, &shelf, store, trail, &mut |why| {
                files.place.warn(report, why);
            });
            lists.extend_from_slice(&read);
            trail.shelve(pki, &path, read);
        }
    }
    let crls = Crls::new(lists, *rules, store, trail.now);
    warn_of(&crls, store, (place, &files.place), reading);
    crls
}

/// The lists of a folder, by name. Hidden files, and those that are no lists by their ending, are left alone: the
/// half of a file that is being fetched has another.
fn folder_of(path: &Path, trail: &Trail<'_>) -> Result<Vec<PathBuf>, String> {
    trail.watch(path);
    let name = path.display();
    let entries = fs::read_dir(path).map_err(|why| format!("cannot read {name}: {why}"))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|why| format!("cannot read {name}: {why}"))?.path();
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("");
        let is_list = ["crl", "pem", "der"].iter().any(|known| ending.eq_ignore_ascii_case(known));
        let is_hidden =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_list && !is_hidden {
            paths.push(path);
        }
        if paths.len() > MOST_FILES {
            return Err(format!("{name} has more than {MOST_FILES} lists: none of them is read"));
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

/// The lists of one file, and those of its last reading that are still needed.
fn read_file(
    path: &Path,
    shelf: &[Arc<Crl>],
    store: &Store,
    trail: &Trail<'_>,
    warn: &mut dyn FnMut(String),
) -> Vec<Arc<Crl>> {
    let name = path.display();
    let before = || shelf.iter().filter(|list| list.is_signed_in(store)).cloned();
    let goes_on =
        if before().next().is_some() { "; the one that was read before goes on" } else { "" };
    let read = trail.read(path, FILE_BYTES).map_err(|why| format!("cannot read {name}: {why}"));
    let file = match read {
        Ok(file) => file,
        Err(why) => {
            warn(format!("{why}{goes_on}"));
            return before().collect();
        }
    };
    let ders = match crl_ders(&file.bytes) {
        Ok(ders) => ders,
        Err(why) => {
            warn(format!("{name}: {why}{goes_on}"));
            return before().collect();
        }
    };
    let mut lists: Vec<Arc<Crl>> = Vec::new();
    let mut is_whole = true;
    for (at, der) in ders.iter().enumerate() {
        let digest = Crl::digest_of(der);
        if let Some(known) = before().find(|known| known.digest() == digest) {
            lists.push(known);
            continue;
        }
        match Crl::read(der, store, trail.now) {
            Ok(list) => lists.push(Arc::new(list)),
            Err(why) => {
                is_whole = false;
                let which =
                    if ders.len() > 1 { format!(", list {}", at + 1) } else { String::new() };
                warn(format!("{name}{which}: {why}{goes_on}"));
            }
        }
    }
    // A newer one of the same kind wins anyway; what was left out on purpose does not come back.
    for old in before() {
        let is_newer = lists.iter().any(|new| old.is_newer_than(new));
        if is_newer {
            warn(format!(
                "{name}: number {} is older than number {} of {:?}, which was read before and goes on; \
                 start anew if it shall count",
                lists
                    .iter()
                    .find(|new| old.is_newer_than(new))
                    .map(|new| new.number())
                    .unwrap_or_default(),
                old.number(),
                old.issuer()
            ));
        }
        if is_newer || !is_whole {
            lists.push(old);
        }
    }
    lists
}

/// Which CAs have no list, and which lists are over.
fn warn_of(crls: &Crls, store: &Store, (place, files): (&Place, &Place), reading: &Reading<'_>) {
    let Reading { report, trail, .. } = reading;
    let now = trail.now;
    if crls.lists(now).next().is_none() {
        place.warn(report, "no list can be used: every certificate of this PKI is refused (6020)");
        return;
    }
    for ca in crls.unlisted(store) {
        let message = format!("{ca:?} has no list of its own: what it issued is refused (6020)");
        files.warn(report, message);
    }
    let grace_s = crls.rules().grace_s;
    for list in crls.lists(now) {
        let (begins_s, ends_s) = list.window;
        let (issuer, number) = (&list.issuer, &list.number);
        if now.unix_s > ends_s.saturating_add(grace_s) {
            let days = now.unix_s.saturating_sub(ends_s) / 86_400;
            let message = format!(
                "number {number} of {issuer:?} is over since {days} days: what it speaks of is refused (6021)"
            );
            files.warn(report, message);
        } else if now.unix_s < begins_s {
            files.warn(report, format!("number {number} of {issuer:?} does not begin yet"));
        } else if now.unix_s > ends_s {
            let message = format!(
                "number {number} of {issuer:?} is over, and is believed for `crl_grace` only: renew it"
            );
            files.warn(report, message);
        }
    }
}
