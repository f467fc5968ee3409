//! revokedCertificates (RFC 5280 sections 5.1.2.6 and 5.3): a list's long part, read in one pass.

use std::collections::HashMap;

use super::super::der::{Reader, tag};
use super::super::fields::extension;
use super::Revocation;
use super::index::Index;
use super::list::{BadCrl, MOST_EXTENSIONS};
use super::scope::directory_names;
use super::time::time;

/// What is revoked, by the canonical name of who issued the certificates.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Of the list's own issuer.
    pub(super) own: Index,
    /// Of others, sorted by their names: an indirect list.
    others: Vec<(Box<[u8]>, Index)>,
}

impl Entries {
    /// What is said of a number of this issuer's.
    #[inline]
    pub(super) fn find(
        &self,
        list_issuer: &[u8],
        issuer: &[u8],
        serial: &[u8],
    ) -> Option<Revocation> {
        if issuer == list_issuer {
            return self.own.find(serial);
        }
        let at = self.others.binary_search_by(|(name, _)| (**name).cmp(issuer)).ok()?;
        self.others[at].1.find(serial)
    }

    pub(super) fn indexes(&self) -> impl Iterator<Item = &Index> {
        core::iter::once(&self.own).chain(self.others.iter().map(|(_, index)| index))
    }
}

/// revokedCertificates. The issuer of an entry is that of the one before, unless it says otherwise
/// (section 5.3.3).
pub(super) fn read_entries(
    mut reader: Reader<'_>,
    list_issuer: &[u8],
    is_indirect: bool,
) -> Result<Entries, BadCrl> {
    let mut entries = Entries::default();
    // By name: each entry may name another one.
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    let mut others: Vec<Index> = Vec::new();
    // Where the entries go: to another issuer's index, or to the list's own.
    let mut at: Option<usize> = None;
    if let Some((serial, count)) = expected(reader) {
        entries.own.expect(serial, count);
    }
    while !reader.is_at_end() {
        let mut entry = reader.nested(tag::SEQUENCE)?;
        // In whatever length it was written: a number is looked for by its value.
        let serial = entry.expect(tag::INTEGER)?;
        if serial.is_empty() {
            return Err(BadCrl::NotDer);
        }
        let date = time(&mut entry)?;
        let mut reason = 0;
        if !entry.is_at_end() {
            let said = EntryExtensions::read(entry.nested(tag::SEQUENCE)?)?;
            entry.end()?;
            reason = said.reason;
            match said.issuer {
                None => {}
                Some(issuer) if issuer == list_issuer => at = None,
                Some(_) if !is_indirect => return Err(BadCrl::NotIndirect),
                Some(issuer) => {
                    let next = others.len();
                    let place = *places.entry(issuer).or_insert(next);
                    if place == next {
                        if next == MOST_ISSUERS {
                            return Err(BadCrl::Extension);
                        }
                        others.push(Index::default());
                    }
                    at = Some(place);
                }
            }
        }
        let date = u32::try_from(date.max(0)).unwrap_or(u32::MAX);
        let index = at.map_or(&mut entries.own, |at| &mut others[at]);
        index.add(serial, Revocation { date, reason });
    }
    entries.own.finish();
    others.iter_mut().for_each(Index::finish);
    let mut take = |(name, at): (Vec<u8>, usize)| (name.into(), core::mem::take(&mut others[at]));
    entries.others = places.into_iter().map(&mut take).collect();
    entries.others.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    Ok(entries)
}

/// Most other issuers of an indirect list.
const MOST_ISSUERS: usize = 4096;

/// The first number, and about how many entries follow if all are as long as the first ones.
fn expected(entries: Reader<'_>) -> Option<(&[u8], usize)> {
    const LOOKED_AT: usize = 64;
    let mut reader = entries;
    let mut first = None;
    let mut count = 0;
    while count < LOOKED_AT
        && let Ok(mut entry) = reader.nested(tag::SEQUENCE)
    {
        first = first.or(entry.expect(tag::INTEGER).ok());
        count += 1;
    }
    let read = entries.rest().len() - reader.rest().len();
    // One in a hundred more, rather than the last ones in twice the room.
    let about = entries.rest().len().saturating_mul(count).checked_div(read)?;
    Some((first?, about + about / 100 + 1))
}

struct EntryExtensions {
    reason: u8,
    issuer: Option<Vec<u8>>,
}

impl EntryExtensions {
    fn read(mut extensions: Reader<'_>) -> Result<Self, BadCrl> {
        let mut read = Self { reason: 0, issuer: None };
        let mut count = 0;
        let mut seen = [false; 2];
        let mut once = |place: usize| match core::mem::replace(&mut seen[place], true) {
            false => Ok(()),
            true => Err(BadCrl::Extension),
        };
        while !extensions.is_at_end() {
            count += 1;
            if count > MOST_EXTENSIONS {
                return Err(BadCrl::Extension);
            }
            let (id, is_critical, value) = extension(&mut extensions)?;
            match id {
                REASON_CODE => {
                    once(0)?;
                    let reason = Reader::only(value, tag::ENUMERATED).map(|it| it.rest());
                    let Ok(&[reason]) = reason else { return Err(BadCrl::Extension) };
                    // A reason that nobody knows is one.
                    read.reason = reason;
                }
                CERTIFICATE_ISSUER => {
                    once(1)?;
                    let names = Reader::only(value, tag::SEQUENCE).map(|names| names.rest());
                    let names = names.and_then(directory_names).map_err(|_| BadCrl::Extension)?;
                    let Ok([name]) = <[_; 1]>::try_from(names) else {
                        return Err(BadCrl::Extension);
                    };
                    read.issuer = Some(name);
                }
                INVALIDITY_DATE | HOLD_INSTRUCTION => {}
                _ if is_critical => return Err(BadCrl::UnknownCritical),
                _ => {}
            }
        }
        Ok(read)
    }
}

// id-ce (2.5.29).
const REASON_CODE: &[u8] = &[0x55, 0x1d, 21];
const HOLD_INSTRUCTION: &[u8] = &[0x55, 0x1d, 23];
const INVALIDITY_DATE: &[u8] = &[0x55, 0x1d, 24];
const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];
