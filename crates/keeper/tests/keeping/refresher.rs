//! The thread that looks for a host without a loop.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tollgate_keeper::{Keeper, Refreshed, Refresher};

use super::world::{A, World, config, entra, reason, tenant, token};

/// Longest wait for what comes within milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

fn start(keeper: &Arc<Keeper>) -> (Refresher, Receiver<Refreshed>) {
    let (told, news): (Sender<Refreshed>, _) = channel();
    let report = move |refreshed| {
        let name = thread::current().name().map(str::to_owned);
        assert_eq!(name.as_deref(), Some("tollgate-refresh"));
        let _ = told.send(refreshed);
    };
    (Refresher::start(Arc::clone(keeper), report).unwrap(), news)
}

#[test]
fn it_reports_what_is_news_and_nothing_else() {
    let (old, new) = (tenant(A), tenant(A));
    let world = World::of(&old);
    let keeper = Arc::new(world.open());
    let (refresher, news) = start(&keeper);
    world.write("a.json", "broken");
    world.clock.pass(1);
    assert!(matches!(news.recv_timeout(PATIENCE).unwrap(), Refreshed::Kept(_)));
    // Looks in between find nothing new.
    while keeper.refreshes().failed < 2 {
        if !keeper.refresh_due().is_zero() {
            world.clock.pass(20);
        }
        thread::yield_now();
    }
    world.write("a.json", &new.jwks().to_string());
    world.clock.pass(1);
    // The broken one may be seen once more while it is written: it has another date then.
    let got = std::iter::from_fn(|| news.recv_timeout(PATIENCE).ok());
    let got = got.map_while(|one| matches!(one, Refreshed::Kept(_)).then_some(())).count();
    assert!(got <= 2, "{got}");
    assert_eq!(reason(&keeper, &token(&new, 1)), None);
    refresher.stop();
    assert!(news.try_iter().all(|one| matches!(one, Refreshed::Replaced(_))));
    assert!(news.recv().is_err(), "the thread has let go of the report");
}

#[test]
fn it_ends_at_once_by_stop_or_drop() {
    let world = World::of(&tenant(A));
    let keeper = Arc::new(world.open());
    let begun = Instant::now();
    for round in 0..40 {
        let (refresher, news) = start(&keeper);
        match round % 2 {
            0 => refresher.stop(),
            _ => drop(refresher),
        }
        assert!(news.recv().is_err());
    }
    // Each looks after a second first: 40 s, if that were waited for.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(Arc::strong_count(&keeper), 1, "no thread is left");
}

#[test]
fn it_may_be_stopped_from_its_own_report() {
    let world = World::of(&tenant(A));
    let keeper = Arc::new(world.open());
    let (told, news) = channel();
    let own: Arc<Mutex<Option<Refresher>>> = Arc::default();
    let report = {
        let own = Arc::clone(&own);
        move |_| {
            own.lock().unwrap().take().unwrap().stop();
            told.send(()).unwrap();
        }
    };
    let mut place = own.lock().unwrap();
    world.date("a.json", 3);
    world.clock.pass(1);
    *place = Some(Refresher::start(Arc::clone(&keeper), report).unwrap());
    drop(place);
    news.recv_timeout(PATIENCE).unwrap();
    assert!(news.recv_timeout(PATIENCE).is_err(), "it has ended");
    assert_eq!(keeper.refreshes().done, 1);
}

#[test]
fn a_report_that_panics_ends_nothing() {
    let world = World::of(&tenant(A));
    let keeper = Arc::new(world.open());
    let (told, news) = channel();
    let report = move |refreshed: Refreshed| {
        told.send(()).unwrap();
        assert!(matches!(refreshed, Refreshed::Kept(_)), "on purpose");
    };
    let refresher = Refresher::start(Arc::clone(&keeper), report).unwrap();
    for round in 1..=3 {
        world.write("tollgate.toml", &(config(&[entra(A, "a.json")]) + &"\n".repeat(round)));
        world.clock.pass(1);
        news.recv_timeout(PATIENCE).unwrap();
    }
    refresher.stop();
    assert!(keeper.refreshes().done >= 3);
}
