//! Misuse of every function from C: a status, never a crash, and nobody admitted.

use std::fs;
use std::process::Command;

use crate::abi::declared;
use crate::prefix::prefix;
use crate::program::{Compiler, build, finish, programs, run};
use crate::world::World;

const PROGRAMS: [&str; 4] = ["abuse_check.c", "abuse_batch.c", "abuse_gate.c", "abuse_trust.c"];

#[test]
fn misuse_is_a_status() {
    let Some(prefix) = prefix("misuse_is_a_status") else { return };
    let world = World::new();
    for source in PROGRAMS {
        run(build(&prefix, source, world.path()), [world.path()]);
    }
}

/// With the C side watched: what the programs do themselves is right, and what the library frees or
/// writes past would be seen.
#[test]
fn misuse_is_clean_under_the_address_sanitizer() {
    let Some(prefix) = prefix("misuse_is_clean_under_the_address_sanitizer") else { return };
    let world = World::new();
    // Pointers that are aligned for nothing are what is tested.
    let compiler = Compiler::c99().with(&[
        "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all",
        "-fno-sanitize=alignment",
    ]);
    // And what is used rightly: these free everything, and the sanitizer looks for what they do not.
    for source in PROGRAMS.into_iter().chain(["mix.c", "updates.c", "callbacks.c"]) {
        let program = compiler.build(&prefix.shared(), &[source], world.path());
        finish(Command::new(program).arg(world.path()));
    }
}

/// A new function has to be misused as well.
#[test]
fn every_function_is_misused() {
    let sources =
        PROGRAMS.map(|name| fs::read_to_string(programs().join(name)).expect("a program"));
    let declared = declared();
    for name in &declared {
        let call = format!("{name}(");
        assert!(sources.iter().any(|text| text.contains(&call)), "nobody misuses {name}");
    }
    assert!(declared.len() >= 40, "only {} functions were found", declared.len());
}
