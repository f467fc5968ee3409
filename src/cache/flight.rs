//! Several threads with the same unseen credential: one pays for the signature, the others wait for it.
//!
//! They are told apart by the hash that finds entries, so a stranger's bytes with the same hash may wait
//! for nothing; what the one in front found is taken over by those only whose bytes have the same keyed
//! hash of 128 bits.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::lock::in_time;

/// Independent groups, so that threads with different credentials seldom meet on a lock.
const SHELVES: usize = 64;

/// Longest wait for another thread's signature check. The dearest takes under 2 ms; a thread that was
/// put to sleep in the middle of it holds nobody up for longer than this.
const PATIENCE: Duration = Duration::from_millis(50);

/// Who is on the way with which hash.
pub(crate) struct Flights<T> {
    shelves: [Mutex<Vec<Flight<T>>>; SHELVES],
}

struct Flight<T> {
    hash: u64,
    /// Made by the first who waits.
    arrival: Option<Arc<Arrival<T>>>,
}

/// Where those who wait meet the one in front.
pub(crate) struct Arrival<T> {
    /// `None` on the way; then what was found, if anything.
    found: Mutex<Option<Option<T>>>,
    arrived: Condvar,
}

/// In front. Whoever waits is let go when it is dropped, also by a panic.
pub(crate) struct Leader<'f, T> {
    flights: &'f Flights<T>,
    hash: u64,
    is_away: bool,
}

/// What became of taking off.
pub(crate) enum TakeOff<'f, T> {
    /// Nobody is on the way with this hash.
    Leads(Leader<'f, T>),
    /// Somebody was, and has arrived, or took too long.
    Followed(Option<T>),
}

impl<T: Clone> Flights<T> {
    pub(crate) fn new() -> Self {
        Self { shelves: [const { Mutex::new(Vec::new()) }; SHELVES] }
    }

    fn shelf(&self, hash: u64) -> &Mutex<Vec<Flight<T>>> {
        &self.shelves[hash as usize % SHELVES]
    }

    /// Goes in front, or waits for whoever is.
    pub(crate) fn take_off(&self, hash: u64) -> TakeOff<'_, T> {
        let arrival = {
            let Some(mut shelf) = in_time(self.shelf(hash)) else {
                return TakeOff::Followed(None);
            };
            match shelf.iter_mut().find(|flight| flight.hash == hash) {
                None => {
                    shelf.push(Flight { hash, arrival: None });
                    return TakeOff::Leads(Leader { flights: self, hash, is_away: true });
                }
                Some(flight) => Arc::clone(flight.arrival.get_or_insert_with(|| {
                    let (found, arrived) = (Mutex::new(None), Condvar::new());
                    Arc::new(Arrival { found, arrived })
                })),
            }
        };
        let mut found = arrival.found.lock();
        let waiting = |found: &mut Option<Option<T>>| found.is_none();
        arrival.arrived.wait_while_for(&mut found, waiting, PATIENCE);
        TakeOff::Followed(found.clone().flatten())
    }
}

impl<T> Leader<'_, T> {
    /// Gives way; `found` is made only if somebody waits.
    pub(crate) fn arrive(mut self, found: impl FnOnce() -> Option<T>) {
        if let Some(arrival) = self.leave() {
            *arrival.found.lock() = Some(found());
            arrival.arrived.notify_all();
        }
    }

    fn leave(&mut self) -> Option<Arc<Arrival<T>>> {
        // Once: a second leader of this hash may be away by now.
        if !core::mem::take(&mut self.is_away) {
            return None;
        }
        let mut shelf = in_time(&self.flights.shelves[self.hash as usize % SHELVES])?;
        let at = shelf.iter().position(|flight| flight.hash == self.hash)?;
        shelf.swap_remove(at).arrival
    }
}

impl<T> Drop for Leader<'_, T> {
    fn drop(&mut self) {
        if let Some(arrival) = self.leave() {
            arrival.found.lock().get_or_insert(None);
            arrival.arrived.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    /// Takes off behind a leader, who does as `lead` says once somebody waits.
    fn behind(lead: impl FnOnce(Leader<'_, u8>)) -> Option<u8> {
        let flights = Flights::<u8>::new();
        let TakeOff::Leads(leader) = flights.take_off(7) else { panic!("nobody is away") };
        thread::scope(|scope| {
            let follower = scope.spawn(|| match flights.take_off(7) {
                TakeOff::Leads(_) => panic!("somebody is away"),
                TakeOff::Followed(found) => found,
            });
            while flights.shelf(7).lock().iter().all(|flight| flight.arrival.is_none()) {
                thread::yield_now();
            }
            lead(leader);
            let found = follower.join().unwrap();
            assert!(matches!(flights.take_off(7), TakeOff::Leads(_)), "nobody is away any more");
            found
        })
    }

    #[test]
    fn what_the_leader_found_is_taken_over() {
        assert_eq!(behind(|leader| leader.arrive(|| Some(3))), Some(3));
        assert_eq!(behind(|leader| leader.arrive(|| None)), None);
    }

    #[test]
    fn a_leader_that_falls_lets_the_others_go() {
        assert_eq!(behind(|leader| drop(leader)), None);
    }

    #[test]
    fn what_nobody_waits_for_is_not_made() {
        let flights = Flights::<u8>::new();
        let TakeOff::Leads(leader) = flights.take_off(7) else { panic!("nobody is away") };
        assert!(matches!(flights.take_off(8), TakeOff::Leads(_)), "another hash");
        leader.arrive(|| panic!("nobody asked"));
    }
}
