//! Revocation lists of a PKI: files and folders of them, as PEM or DER.
//!
//! A list that cannot be used is a warning: the one that was read before goes on, or another one speaks, or
//! nothing does and the certificates are refused. What was read stays on a shelf: the same bytes are not taken
//! apart twice, and nothing older takes the place of what was there.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tollgate::cert::{Crl, Crls, Store, crl_ders};
use tollgate::limits::CRL_BYTES;

use crate::config::{Place, RevocationSettings};
use crate::source::{Reading, Told};
use crate::trail::Trail;

/// Largest file of lists in bytes: PEM writes 4 for 3, and lines.
pub(crate) const FILE_BYTES: usize = CRL_BYTES / 2 * 3;

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

    /// What there is of files in this folder.
    pub(crate) fn under(&self, pki: &str, folder: &Path) -> Vec<(PathBuf, Vec<Arc<Crl>>)> {
        let of_folder = |(of, path): &(Box<str>, PathBuf)| **of == *pki && path.starts_with(folder);
        let all = self.0.iter().filter(|(place, _)| of_folder(place));
        all.map(|((_, path), lists)| (path.clone(), lists.clone())).collect()
    }

    /// What a load that failed did not come to stays.
    pub(crate) fn keep(&mut self, before: Self) {
        for (place, lists) in before.0 {
            self.0.entry(place).or_insert(lists);
        }
    }
}

/// Reads the lists of a PKI, or those that a host has told in their place; warns of what cannot be used, and of what
/// is missing.
pub(crate) fn read_crls(
    pki: &str,
    settings: &RevocationSettings,
    told: Option<&Told<'_>>,
    store: &Store,
    reading: &Reading<'_>,
) -> Crls {
    let RevocationSettings { place, files, rules } = settings;
    let files_at = told.map_or(&files.place, |told| &told.place);
    let mut shelf = Shelved { pki, place: files_at, store, reading, lists: Vec::new() };
    match told {
        Some(Told { bytes, .. }) => shelf.take(Path::new(TOLD), Ok(bytes)),
        None => files.paths.iter().for_each(|path| shelf.take_path(&reading.folder.join(path))),
    }
    let crls = Crls::new(shelf.lists, *rules, store, reading.trail.now);
    warn_of(&crls, store, (place, files_at), reading);
    crls
}

/// Where the shelf has what a host told: no file is called so.
const TOLD: &str = "the lists";

/// The lists of one PKI while they are read.
struct Shelved<'s> {
    pki: &'s str,
    place: &'s Place,
    store: &'s Store,
    reading: &'s Reading<'s>,
    lists: Vec<Arc<Crl>>,
}

impl Shelved<'_> {
    /// A file, or each of a folder.
    fn take_path(&mut self, path: &Path) {
        let trail = self.reading.trail;
        let take_file = |shelf: &mut Self, path: &Path| {
            let read = trail.read(path, FILE_BYTES);
            shelf.take(path, read.as_ref().map(|file| file.bytes.as_slice()).map_err(Clone::clone));
        };
        // A folder that is gone for a moment, or cannot be listed, is no reason to refuse everybody.
        let known = trail.shelved_under(self.pki, path);
        let was_folder = known.iter().any(|(of, _)| of != path);
        if !path.is_dir() && !was_folder {
            return take_file(self, path);
        }
        match folder_of(path, trail) {
            Ok(paths) => paths.iter().for_each(|path| take_file(self, path)),
            Err(why) => {
                self.warn(format!("{why}{}", if was_folder { GOES_ON } else { "" }));
                for (path, lists) in known {
                    let lists: Vec<_> =
                        lists.into_iter().filter(|list| list.is_signed_in(self.store)).collect();
                    self.lists.extend_from_slice(&lists);
                    trail.shelve(self.pki, &path, lists);
                }
            }
        }
    }

    /// What was read, or why it was not; and what was there before, where it is needed still.
    fn take(&mut self, path: &Path, read: Result<&[u8], String>) {
        let trail = self.reading.trail;
        let before: Vec<_> = trail.shelved(self.pki, path);
        let before = before.into_iter().filter(|list| list.is_signed_in(self.store)).collect();
        let lists = match read.map_err(|why| format!("cannot read {}: {why}", path.display())) {
            Ok(bytes) => self.parse(path, bytes, before),
            Err(why) => self.go_on(&why, before),
        };
        self.lists.extend_from_slice(&lists);
        trail.shelve(self.pki, path, lists);
    }

    fn warn(&self, message: String) {
        self.place.warn(self.reading.report, message);
    }

    /// Nothing can be used: says so.
    fn go_on(&self, why: &str, before: Vec<Arc<Crl>>) -> Vec<Arc<Crl>> {
        let goes_on = if before.is_empty() { "" } else { GOES_ON };
        self.warn(format!("{why}{goes_on}"));
        before
    }

    fn parse(&self, path: &Path, bytes: &[u8], before: Vec<Arc<Crl>>) -> Vec<Arc<Crl>> {
        let name = path.display();
        let ders = match crl_ders(bytes) {
            Ok(ders) => ders,
            Err(why) => return self.go_on(&format!("{name}: {why}"), before),
        };
        let goes_on = if before.is_empty() { "" } else { GOES_ON };
        let mut lists: Vec<Arc<Crl>> = Vec::new();
        let (mut digests, mut bad) = (HashSet::new(), 0_usize);
        for (at, der) in ders.iter().enumerate() {
            let digest = Crl::digest_of(der);
            if !digests.insert(digest) {
                continue;
            }
            if let Some(known) = before.iter().find(|known| known.digest() == digest) {
                lists.push(Arc::clone(known));
                continue;
            }
            match Crl::read(der, self.store, self.reading.trail.now) {
                Ok(list) => lists.push(Arc::new(list)),
                Err(_) if bad >= TOLD_BAD => bad += 1,
                Err(why) => {
                    bad += 1;
                    let many = ders.len() > 1;
                    let which = if many { format!(", list {}", at + 1) } else { String::new() };
                    self.warn(format!("{name}{which}: {why}{goes_on}"));
                }
            }
        }
        // A newer one of the same kind wins anyway; what was left out on purpose does not come back.
        for old in before {
            let now_s = self.reading.trail.now.unix_s;
            let older = lists.iter().find(|new| old.is_newer_than(new)).map(|new| new.number());
            // Until the new one begins, the old one speaks.
            let is_awaited = |new: &Arc<Crl>| new.is_newer_than(&old) && new.window().0 > now_s;
            let bridges = lists.iter().any(is_awaited);
            if let Some(older) = &older {
                self.warn(format!(
                    "{name}: number {older} is older than number {} of {:?}, which was read before and \
                     goes on; start anew if it shall count",
                    old.number(),
                    old.issuer()
                ));
            }
            if older.is_some() || bridges || bad > 0 {
                lists.push(old);
            }
        }
        lists
    }
}

/// So many bad lists of one file are told one by one.
const TOLD_BAD: usize = 8;

const GOES_ON: &str = "; the one that was read before goes on";

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
    for list in crls.lists(now).filter(|list| !list.is_superseded) {
        let (begins_s, ends_s) = list.window;
        let (issuer, number) = (&list.issuer, &list.number);
        if list.is_unproven {
            let message = format!(
                "number {number} of {issuer:?}: the CA that signed it leads to no anchor now, so nothing is \
                 believed of it; what it speaks of is refused (6020)"
            );
            files.warn(report, message);
        }
        if list.is_set_back {
            let message = format!(
                "number {number} of {issuer:?} is over by the monotonic clock, and not by the calendar, which was \
                 set back since it was read: what it speaks of is refused (6021); start anew"
            );
            files.warn(report, message);
        } else if now.unix_s > ends_s.saturating_add(grace_s) {
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
