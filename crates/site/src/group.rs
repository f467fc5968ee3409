//! Group commit: what many threads want written at once becomes one transaction, and each is told once it is
//! durable.
//!
//! The first that comes leads: it takes all that wait, writes them, tells them. Who comes meanwhile waits, and
//! one of those leads next. There is no thread of its own, and nobody waits for a timer.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::act::Act;
use crate::registry::RegistryError;

/// A part of a transaction. It decides before it writes: what it refuses leaves nothing behind.
pub(crate) type Job = Box<dyn FnMut(&mut Act<'_>) -> Result<(), RegistryError> + Send>;

/// Most jobs of one transaction: some 50 ms of work, while which other processes wait.
pub(crate) const MOST: usize = 512;

#[derive(Default)]
pub(crate) struct Group {
    queue: Mutex<Queue>,
    /// Told when a transaction has ended.
    ended: Condvar,
}

#[derive(Default)]
struct Queue {
    waiting: Vec<(Job, Arc<Slot>)>,
    is_led: bool,
}

/// Where the outcome of a job is left.
#[derive(Default)]
struct Slot(Mutex<Option<Result<(), RegistryError>>>);

impl Slot {
    fn take(&self) -> Option<Result<(), RegistryError>> {
        lock(&self.0).take()
    }

    fn leave(&self, outcome: Result<(), RegistryError>) {
        *lock(&self.0) = Some(outcome);
    }
}

impl Group {
    /// Has `job` done in a transaction that `transact` makes, with those that wait beside it; returns once
    /// that is durable, or has failed for all of them.
    pub(crate) fn run(
        &self,
        job: Job,
        transact: impl Fn(
            &mut dyn FnMut(&mut Act<'_>) -> Result<(), RegistryError>,
        ) -> Result<(), RegistryError>,
    ) -> Result<(), RegistryError> {
        let slot = Arc::new(Slot::default());
        let mut queue = lock(&self.queue);
        queue.waiting.push((job, Arc::clone(&slot)));
        loop {
            if let Some(outcome) = slot.take() {
                return outcome;
            }
            if queue.is_led {
                queue = self.ended.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            queue.is_led = true;
            let most = queue.waiting.len().min(MOST);
            let mut jobs: Vec<_> = queue.waiting.drain(..most).collect();
            drop(queue);
            let lead = Lead {
                group: self,
                slots: jobs.iter().map(|(_, slot)| Arc::clone(slot)).collect(),
            };
            let outcome = transact(&mut |act| jobs.iter_mut().try_for_each(|(job, _)| job(act)));
            match outcome {
                // Nothing of it was written. Whose fault it is shows when each goes by itself.
                Err(error) if jobs.len() > 1 && error.may_be_of_one() => {
                    for (job, slot) in &mut jobs {
                        slot.leave(transact(&mut |act| job(act)));
                    }
                    lead.told();
                }
                outcome => lead.end(&outcome),
            }
            queue = lock(&self.queue);
        }
    }
}

/// Whoever leads. A panic on the way still tells those who wait.
struct Lead<'g> {
    group: &'g Group,
    slots: Vec<Arc<Slot>>,
}

impl Lead<'_> {
    /// Everybody was told.
    fn told(mut self) {
        self.slots.clear();
    }

    fn end(mut self, outcome: &Result<(), RegistryError>) {
        for slot in self.slots.drain(..) {
            slot.leave(outcome.clone());
        }
    }
}

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        for slot in &self.slots {
            slot.leave(Err(RegistryError::Engine("the transaction was given up".into())));
        }
        lock(&self.group.queue).is_led = false;
        self.group.ended.notify_all();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use tollgate::{Algorithm, Guid};

    use super::*;
    use crate::Authority;

    #[test]
    fn one_that_fails_fails_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("site");
        let site = Authority::init(&data, Guid([7; 16]), Algorithm::Es256, 100).unwrap();
        let start = Barrier::new(16);
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let run = |number: usize| {
                let (site, start) = (&site, &start);
                scope.spawn(move || {
                    start.wait();
                    let job: Job = Box::new(move |act| {
                        act.rows.set_setting(&format!("test {number}"), "there")?;
                        match number {
                            0 => Err(RegistryError::Damaged("a row".into())),
                            _ => Ok(()),
                        }
                    });
                    site.write_together(100, job)
                })
            };
            let running: Vec<_> = (0..16).map(run).collect();
            running.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        for (number, outcome) in outcomes.into_iter().enumerate() {
            let kept = site.read(|rows| rows.setting(&format!("test {number}"))).unwrap();
            assert_eq!((outcome.is_ok(), kept.is_some()), (number != 0, number != 0), "{number}");
        }
    }
}
