//! A long list of ids that is cheap to copy and to change a little: what is withdrawn.
//!
//! It is cut into shards by hash. A copy shares them all; a change copies the shard that it falls into. So
//! one change in a million ids costs some 10 us, and a hundred thousand cost what copying all of them does;
//! and whoever reads an older copy is not disturbed. 57 bytes an id at most, where it is long.

use core::hash::BuildHasher;
use std::collections::HashMap;
use std::sync::Arc;

use crate::guid::Guid;
use crate::hash::OfIds;

/// Ids with a second each.
#[derive(Clone, Debug, Default)]
pub(super) struct Subjects {
    /// None, or a power of two.
    shards: Vec<Arc<Shard>>,
    len: usize,
}

type Shard = HashMap<Guid, i64, OfIds>;

/// How full shards are on the average when their number is doubled: a table of 4,096 places, full.
const SHARD_MOST: usize = 3_584;

impl Subjects {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn get(&self, id: Guid) -> Option<i64> {
        if self.len == 0 {
            return None;
        }
        self.shards[place(id, self.shards.len())].get(&id).copied()
    }

    /// All of them, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Guid, i64)> {
        self.shards.iter().flat_map(|shard| shard.iter()).map(|(id, second)| (*id, *second))
    }

    /// Makes room for so many more at once.
    pub(super) fn reserve(&mut self, more: usize) {
        let shards = (self.len.saturating_add(more) / SHARD_MOST + 1).next_power_of_two();
        if shards > self.shards.len() {
            self.cut(shards);
        }
    }

    /// Gives an id its second; whether that was news.
    pub(super) fn put(&mut self, id: Guid, second: i64) -> bool {
        if self.get(id) == Some(second) {
            return false;
        }
        self.reserve(1);
        let at = place(id, self.shards.len());
        let is_new = Arc::make_mut(&mut self.shards[at]).insert(id, second).is_none();
        self.len += usize::from(is_new);
        true
    }

    /// Takes an id out; whether it was there.
    pub(super) fn take(&mut self, id: Guid) -> bool {
        if self.get(id).is_none() {
            return false;
        }
        let at = place(id, self.shards.len());
        Arc::make_mut(&mut self.shards[at]).remove(&id);
        self.len -= 1;
        true
    }

    /// Whether both say the same. What they share costs a comparison of pointers.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        if self.len != other.len {
            return false;
        }
        if self.shards.len() == other.shards.len() {
            let mut pairs = self.shards.iter().zip(&other.shards);
            return pairs.all(|(ours, theirs)| Arc::ptr_eq(ours, theirs) || ours == theirs);
        }
        self.iter().all(|(id, second)| other.get(id) == Some(second))
    }

    fn cut(&mut self, shards: usize) {
        let room = (self.len / shards).saturating_mul(9) / 8;
        let mut cut: Vec<Shard> = Vec::new();
        cut.resize_with(shards, || Shard::with_capacity_and_hasher(room, OfIds::default()));
        for (id, second) in self.iter() {
            cut[place(id, shards)].insert(id, second);
        }
        self.shards = cut.into_iter().map(Arc::new).collect();
    }
}

/// The shard of an id, of so many. By bits that the maps in the shards hardly use: they find a place by the
/// lowest ones and mark it by the highest seven.
#[inline]
fn place(id: Guid, shards: usize) -> usize {
    (OfIds::default().hash_one(id) >> 32) as usize & (shards - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u32) -> Guid {
        let mut bytes = [0; 16];
        bytes[12..].copy_from_slice(&number.to_be_bytes());
        Guid(bytes)
    }

    #[test]
    fn it_holds_what_a_map_would() {
        let (mut subjects, mut map) = (Subjects::default(), HashMap::new());
        let mut kept = Vec::new();
        let mut number = 7_u32;
        for step in 0..60_000 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let who = id((number >> 8) % 20_000);
            if number & 3 == 0 {
                assert_eq!(subjects.take(who), map.remove(&who).is_some());
            } else {
                let second = i64::from(number & 15);
                assert_eq!(subjects.put(who, second), map.insert(who, second) != Some(second));
            }
            assert_eq!(subjects.len(), map.len());
            if step % 20_000 == 0 {
                kept.push((subjects.clone(), map.clone()));
            }
        }
        kept.push((subjects, map));
        assert!(kept[3].0.shards.len() > 1, "{}", kept[3].0.shards.len());
        for (subjects, map) in &kept {
            for number in 0..20_000 {
                assert_eq!(subjects.get(id(number)), map.get(&id(number)).copied());
            }
        }
    }

    #[test]
    fn a_change_copies_one_shard_and_leaves_the_copy_alone() {
        let mut before = Subjects::default();
        before.reserve(100_000);
        (0..100_000).for_each(|number| assert!(before.put(id(number), i64::MAX)));
        let mut after = before.clone();
        assert!(after.put(id(200_000), 5) && !after.put(id(200_000), 5));
        let shared = before.shards.iter().zip(&after.shards);
        let copied = shared.filter(|(old, new)| !Arc::ptr_eq(old, new)).count();
        assert_eq!((copied, before.get(id(200_000)), after.get(id(200_000))), (1, None, Some(5)));
        assert!(!before.says_the_same(&after));
        assert!(after.take(id(200_000)) && before.says_the_same(&after));
        // However it came to be.
        let mut grown = Subjects::default();
        (0..100_000).rev().for_each(|number| assert!(grown.put(id(number), i64::MAX)));
        assert!(grown.says_the_same(&before) && before.says_the_same(&grown));
        assert!(grown.put(id(3), 4) && !grown.says_the_same(&before));
    }
}
