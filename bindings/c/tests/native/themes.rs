//! One program for each theme, with a world of its own.

use crate::prefix::{Library, prefix};
use crate::program::{Compiler, build, run};
use crate::world::World;

#[test]
fn hits_allocate_nothing() {
    replay("hits_allocate_nothing", "quiet.c");
}

#[test]
fn updates_hold_on_the_next_check() {
    replay("updates_hold_on_the_next_check", "updates.c");
}

#[test]
fn callbacks_are_called_as_promised() {
    replay("callbacks_are_called_as_promised", "callbacks.c");
}

#[test]
fn trust_is_kept_fresh() {
    replay("trust_is_kept_fresh", "refresh.c");
}

#[test]
fn a_gate_goes_through_forks() {
    replay("a_gate_goes_through_forks", "fork.c");
}

/// Threads that ran the library's code may end after it was closed.
#[test]
fn it_may_be_unloaded() {
    let Some(prefix) = prefix("it_may_be_unloaded") else { return };
    let world = World::new();
    // Linked with nothing: it has to find everything by itself.
    let nothing = Library { compiling: prefix.shared().compiling, linking: vec!["-ldl".into()] };
    let program = Compiler::c99().build(&nothing, &["reload.c"], world.path());
    run(program, [world.path().into(), prefix.shared_object()]);
}

fn replay(test: &str, source: &str) {
    let Some(prefix) = prefix(test) else { return };
    let world = World::new();
    run(build(&prefix, source, world.path()), [world.path()]);
}
