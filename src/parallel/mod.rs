//! A pool of threads for signatures that many requests of one call need.
//!
//! One for the process and of our own: a host may fork, and rayon's global pool would wait in the child for
//! threads that it does not have.

mod process;

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// The pool, and the process that its threads are of.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// Least work worth a task of its own: four of the cheapest signatures are some 70 us.
const LEAST: usize = 4;

/// Longest wait for another thread to make the pool. If that thread was left behind by a fork, its lock
/// is never released.
const PATIENCE: Duration = Duration::from_millis(100);

/// Does `work` for each item and gives the results in their order. Without a pool, this thread does it
/// all.
pub(crate) fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() < 2 * LEAST {
        return items.iter().map(work).collect();
    }
    match pool() {
        Some(pool) => pool.install(|| items.par_iter().with_min_len(LEAST).map(&work).collect()),
        None => items.iter().map(work).collect(),
    }
}

fn pool() -> Option<Arc<ThreadPool>> {
    let mut pool = POOL.try_lock_for(PATIENCE)?;
    let process = process::id();
    match &*pool {
        Some((of, pool)) if *of == process => return Some(Arc::clone(pool)),
        _ => {}
    }
    let name = |at| format!("tollgate-{at}");
    let made = Arc::new(ThreadPoolBuilder::new().thread_name(name).build().ok()?);
    // A parent's pool cannot be ended here: its threads are not.
    core::mem::forget(pool.replace((process, Arc::clone(&made))));
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        let items: Vec<u32> = (0..1000).collect();
        let doubled: Vec<u32> = items.iter().map(|item| item * 2).collect();
        assert_eq!(in_parallel(&items, |item| item * 2), doubled);
        assert_eq!(in_parallel(&items[..3], |item| item * 2), [0, 2, 4]);
        assert!(in_parallel(&[0; 0], |item: &i32| *item).is_empty());
    }
}
