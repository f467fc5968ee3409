//! What one list revokes, by serial number: immutable, sorted, and as small as it can be.
//!
//! Numbers stand in records of 8, 16 or 20 octets, by their length, each with its date and reason right
//! behind it. A directory says where the records of each of so many equal steps between the first number and
//! the last begin, one step for four records: of numbers at random, and of those that were counted up, one
//! look there leaves a few records side by side. Where a CA gives them in heaps a step may hold more, and a binary
//! search goes through it.

use core::cmp::Ordering;

use super::Revocation;

/// Records for each step of the directory.
const STRIDE: usize = 4;

/// As many are compared one after the other: without a branch to guess at, that is faster than halving.
const SCANNED: usize = 16;

/// Serial numbers with date and reason.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Index {
    narrow: Sorted<8>,
    middle: Sorted<16>,
    wide: Sorted<20>,
    /// Negative ones, and those of more than 20 octets: CAs that RFC 5280 section 4.1.2.2 does not know.
    odd: Vec<(Odd, Revocation)>,
}

/// Whether it is negative, and its octets.
type Odd = (bool, Box<[u8]>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Record<const W: usize> {
    /// From the right, zeros in front.
    serial: [u8; W],
    date: [u8; 4],
    reason: u8,
}

#[derive(Debug, PartialEq, Eq)]
struct Sorted<const W: usize> {
    records: Vec<Record<W>>,
    /// How many octets all numbers begin with alike: a CA's counter shows its changes at the end.
    skip: usize,
    /// The eight octets behind those, of the first number.
    base: u64,
    /// Steps are of two to the power of this.
    shift: u32,
    /// Where the records of each step begin; one more for the end.
    steps: Vec<u32>,
}

/// A serial number by its value: two spellings of one number are one.
#[derive(Clone, Copy)]
enum Serial<'s> {
    /// Without zeros in front; zero has no octets.
    Plain(&'s [u8]),
    Negative(&'s [u8]),
}

impl<'s> Serial<'s> {
    /// `octets` are the content of an INTEGER, in its shortest form or a longer one.
    fn new(octets: &'s [u8]) -> Self {
        if octets.first().is_some_and(|first| first & 0x80 != 0) {
            let mut octets = octets;
            while let [0xff, 0x80..=0xff, ..] = octets {
                octets = &octets[1..];
            }
            return Self::Negative(octets);
        }
        let zeros = octets.iter().take_while(|octet| **octet == 0).count();
        Self::Plain(&octets[zeros..])
    }
}

impl Index {
    /// Makes room for so many entries with numbers like this one.
    pub(super) fn expect(&mut self, serial: &[u8], entries: usize) {
        let Serial::Plain(octets) = Serial::new(serial) else { return };
        match octets.len() {
            ..=8 => self.narrow.records.reserve_exact(entries),
            9..=16 => self.middle.records.reserve_exact(entries),
            17..=20 => self.wide.records.reserve_exact(entries),
            _ => {}
        }
    }

    /// Adds one; [`Index::finish`] has to follow before anything is found.
    #[inline]
    pub(super) fn add(&mut self, serial: &[u8], revocation: Revocation) {
        match Serial::new(serial) {
            Serial::Plain(octets) => match octets.len() {
                ..=8 => self.narrow.add(octets, revocation),
                9..=16 => self.middle.add(octets, revocation),
                17..=20 => self.wide.add(octets, revocation),
                _ => self.odd.push(((false, octets.into()), revocation)),
            },
            Serial::Negative(octets) => self.odd.push(((true, octets.into()), revocation)),
        }
    }

    /// Sorts. Of several entries for one number the gravest stays.
    pub(super) fn finish(&mut self) {
        self.narrow.finish();
        self.middle.finish();
        self.wide.finish();
        self.odd.sort_unstable();
        self.odd.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            if is_same && kept.1.is_removal() {
                kept.1 = later.1;
            }
            is_same
        });
        self.odd.shrink_to_fit();
    }

    /// What is said of a number, by the content of its INTEGER.
    #[inline]
    pub(super) fn find(&self, serial: &[u8]) -> Option<Revocation> {
        match Serial::new(serial) {
            Serial::Plain(octets) => match octets.len() {
                ..=8 => self.narrow.find(octets),
                9..=16 => self.middle.find(octets),
                17..=20 => self.wide.find(octets),
                _ => self.find_odd(false, octets),
            },
            Serial::Negative(octets) => self.find_odd(true, octets),
        }
    }

    fn find_odd(&self, is_negative: bool, octets: &[u8]) -> Option<Revocation> {
        let wanted = (is_negative, octets);
        let at = self.odd.binary_search_by(|((sign, found), _)| (*sign, &**found).cmp(&wanted));
        at.ok().map(|at| self.odd[at].1)
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        let Self { narrow, middle, wide, odd } = self;
        narrow.records.len() + middle.records.len() + wide.records.len() + odd.len()
    }

    /// What it takes of memory, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let Self { narrow, middle, wide, odd } = self;
        let each: usize = odd.iter().map(|((_, octets), _)| octets.len()).sum();
        narrow.bytes()
            + middle.bytes()
            + wide.bytes()
            + each
            + odd.capacity() * size_of_val(odd) / odd.len().max(1)
    }
}

impl<const W: usize> Default for Sorted<W> {
    fn default() -> Self {
        Self { records: Vec::new(), skip: 0, base: 0, shift: 0, steps: Vec::new() }
    }
}

impl<const W: usize> Sorted<W> {
    #[inline]
    fn add(&mut self, octets: &[u8], Revocation { date, reason }: Revocation) {
        let serial = padded(octets);
        self.records.push(Record { serial, date: date.to_be_bytes(), reason });
    }

    fn finish(&mut self) {
        // Many CAs write them in order.
        if !self.records.is_sorted() {
            self.records.sort_unstable();
        }
        self.records.dedup_by(|later, kept| {
            let is_same = later.serial == kept.serial;
            if is_same && kept.revocation().is_removal() {
                *kept = *later;
            }
            is_same
        });
        self.records.shrink_to_fit();
        let (Some(first), Some(last)) = (self.records.first(), self.records.last()) else { return };
        let alike = first.serial.iter().zip(&last.serial).take_while(|(a, b)| a == b).count();
        self.skip = alike.min(W - 8);
        self.base = first.key(self.skip);
        let width = last.key(self.skip) - self.base;
        let wanted = (self.records.len() / STRIDE).max(1) as u64;
        self.shift = (0..64).find(|shift| width >> shift < wanted).unwrap_or(63);
        let count = (width >> self.shift) as usize + 1;
        let mut steps = Vec::with_capacity(count + 1);
        for (at, record) in self.records.iter().enumerate() {
            let step = ((record.key(self.skip) - self.base) >> self.shift) as usize;
            // Lists have fewer than 2^32 entries: each takes more than an octet of CRL_BYTES.
            while steps.len() <= step {
                steps.push(at as u32);
            }
        }
        steps.push(self.records.len() as u32);
        self.steps = steps;
    }

    #[inline]
    fn find(&self, octets: &[u8]) -> Option<Revocation> {
        let serial: [u8; W] = padded(octets);
        let first = self.records.first()?;
        if serial[..self.skip] != first.serial[..self.skip] {
            return None;
        }
        let step = key_of(&serial, self.skip).checked_sub(self.base)? >> self.shift;
        let step = usize::try_from(step).ok()?;
        let (from, until) = (self.steps.get(step)?, self.steps.get(step + 1)?);
        let records = self.records.get(*from as usize..*until as usize)?;
        if records.len() <= SCANNED {
            return records.iter().find(|it| it.serial == serial).map(Record::revocation);
        }
        let at = records.binary_search_by(|record| record.serial.cmp(&serial)).ok()?;
        Some(records[at].revocation())
    }

    fn bytes(&self) -> usize {
        self.records.capacity() * size_of::<Record<W>>() + self.steps.capacity() * 4
    }
}

impl<const W: usize> Record<W> {
    fn key(&self, skip: usize) -> u64 {
        key_of(&self.serial, skip)
    }

    fn revocation(&self) -> Revocation {
        Revocation { date: u32::from_be_bytes(self.date), reason: self.reason }
    }
}

#[inline]
fn padded<const W: usize>(octets: &[u8]) -> [u8; W] {
    let mut serial = [0; W];
    serial[W - octets.len()..].copy_from_slice(octets);
    serial
}

/// Eight octets behind the first `skip`.
#[inline]
fn key_of<const W: usize>(serial: &[u8; W], skip: usize) -> u64 {
    serial[skip..].first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

impl PartialOrd for Revocation {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Revocation {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.date, self.reason).cmp(&(other.date, other.reason))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn index(entries: &[(&[u8], u8)]) -> Index {
        let mut index = Index::default();
        for (serial, reason) in entries {
            index.add(serial, Revocation { date: 7, reason: *reason });
        }
        index.finish();
        index
    }

    fn reason(index: &Index, serial: &[u8]) -> Option<u8> {
        index.find(serial).map(|found| found.reason)
    }

    /// Spellings of numbers: rustls-webpki compares octets, and admits what is listed with one zero more.
    #[test]
    fn a_number_is_a_number_however_it_is_written() {
        let long = [0x7f; 40];
        let entries: &[(&[u8], u8)] = &[
            (&[0, 0, 0x12], 1),
            (&[0xff, 0xff, 0x80], 2),
            (&[0, 0xff], 3),
            (&[0xff], 4),
            (&[0, 0], 5),
            (&long, 6),
        ];
        let index = index(entries);
        for (serial, expected) in [
            (&[0x12][..], Some(1)),
            (&[0, 0x12], Some(1)),
            (&[0x12, 0], None),
            (&[0x80], Some(2)),
            (&[0, 0x80], None),
            (&[0, 0xff], Some(3)),
            (&[0, 0, 0xff], Some(3)),
            (&[0xff], Some(4)),
            (&[0xff, 0xff], Some(4)),
            (&[0], Some(5)),
            (&[], Some(5)),
            (&long, Some(6)),
            (&long[..39], None),
        ] {
            assert_eq!(reason(&index, serial), expected, "{serial:02x?}");
        }
        assert_eq!(index.len(), 6);
    }

    #[test]
    fn of_two_entries_the_one_that_revokes_stays() {
        for entries in [[(&[1][..], 8), (&[1][..], 1)], [(&[1][..], 1), (&[1][..], 8)]] {
            assert_eq!(reason(&index(&entries), &[1]), Some(1));
        }
        assert_eq!(reason(&index(&[(&[0xff], 8), (&[0xff], 6)]), &[0xff]), Some(6));
    }

    /// Beside a map, with numbers at random, in a row, and with all but their ends alike.
    #[test]
    fn it_finds_what_a_map_finds() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = move || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            state ^ state >> 29
        };
        for (length, alike) in
            [(1, 0), (2, 0), (7, 3), (8, 0), (9, 1), (16, 0), (16, 12), (19, 16), (20, 0), (20, 18)]
        {
            let mut map = BTreeMap::new();
            let mut built = Index::default();
            let mut number = |at: u64| {
                let words = [random(), random(), at];
                let mut serial: Vec<u8> =
                    words.iter().flat_map(|word| word.to_be_bytes()).collect();
                serial.truncate(length);
                serial[..alike].fill(0x31);
                if at.is_multiple_of(3) {
                    // A counter.
                    serial.fill(0x42);
                    let end = at.to_be_bytes();
                    let most = length.min(3);
                    serial[length - most..].copy_from_slice(&end[8 - most..]);
                }
                serial[0] &= 0x7f;
                serial
            };
            for at in 0..3_000 {
                let serial = number(at);
                let revocation = Revocation { date: 9, reason: u8::from(at.is_multiple_of(2)) };
                built.add(&serial, revocation);
                let known = map.entry(serial).or_insert(revocation);
                *known = revocation.min(*known);
            }
            built.finish();
            assert_eq!(built.len(), map.len());
            for (serial, revocation) in &map {
                assert_eq!(built.find(serial), Some(*revocation), "{serial:02x?}");
            }
            for at in 3_000..6_000 {
                let serial = number(at);
                assert_eq!(built.find(&serial), map.get(&serial).copied(), "{serial:02x?}");
            }
        }
    }
}
