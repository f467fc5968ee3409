//! One program for each theme, with a world of its own.

use crate::prefix::prefix;
use crate::program::{build, run};
use crate::world::World;

#[test]
fn hits_allocate_nothing() {
    replay("hits_allocate_nothing", "quiet.c");
}

#[test]
fn updates_hold_on_the_next_check() {
    replay("updates_hold_on_the_next_check", "updates.c");
}

fn replay(test: &str, source: &str) {
    let Some(prefix) = prefix(test) else { return };
    let world = World::new();
    run(build(&prefix, source, world.path()), [world.path()]);
}
