//! Misuse of every function from C: a status, never a crash, and nobody admitted.

use std::fs;

use crate::prefix::{prefix, root};
use crate::program::{Compiler, build, finish, programs, run};
use crate::world::World;
use std::process::Command;

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
    for source in PROGRAMS {
        let program = compiler.build(&prefix.shared(), &[source], world.path());
        finish(Command::new(program).arg(world.path()));
    }
}

/// A new function has to be misused as well.
#[test]
fn every_function_is_misused() {
    let header = fs::read_to_string(root().join("include/tollgate.h")).expect("the header");
    let sources =
        PROGRAMS.map(|name| fs::read_to_string(programs().join(name)).expect("a program"));
    let mut declared = 0;
    for item in header.split("TOLLGATE_API\n").skip(1) {
        let Some((head, _)) = item.split_once('(') else { continue };
        let name = head.split_whitespace().last().unwrap_or_default().trim_start_matches('*');
        if !name.starts_with("tollgate_") {
            continue;
        }
        declared += 1;
        let call = format!("{name}(");
        assert!(sources.iter().any(|text| text.contains(&call)), "nobody misuses {name}");
    }
    assert!(declared >= 40, "only {declared} functions were found in the header");
}
