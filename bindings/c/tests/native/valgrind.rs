//! Programs under valgrind: memory that is lost or misused, and threads that are careless.

use std::path::Path;
use std::process::{Command, Output};

use crate::prefix::{Prefix, has, prefix};
use crate::program::{Compiler, build, programs};
use crate::watch::finished;
use crate::world::World;

#[test]
fn nothing_is_lost_or_misused() {
    let Some(prefix) = installed("nothing_is_lost_or_misused") else { return };
    let world = World::new();
    let program = build(&prefix, "mix.c", world.path());
    // Texts of reasons and the pool of batches are made once and stay to the end: "still reachable", and
    // "possibly lost" for the stacks of the pool's threads. What nothing leads to is an error.
    let output = finished(
        Command::new("valgrind")
            .args(["--quiet", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect"])
            .args(["--show-leak-kinds=definite,indirect", "--error-exitcode=99"])
            .arg(program)
            .arg(world.path()),
    );
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn threads_share_nothing_but_what_they_may() {
    let test = "threads_share_nothing_but_what_they_may";
    let Some(prefix) = prefix(test) else { return };
    let world = World::new();
    let program = build(&prefix, "threads.c", world.path());
    // Without valgrind it is fast enough for many changes.
    let output = finished(Command::new(&program).arg(world.path()).args(["200", "0"]));
    assert!(output.status.success(), "{}", said(&output));
    if !has(test, "valgrind") {
        return;
    }
    let output = helgrind(&program, &world);
    assert!(output.status.success(), "{}", said(&output));
}

/// The suppressions do not make helgrind blind: a verdict that threads share is found.
#[test]
fn a_shared_verdict_is_found() {
    let Some(prefix) = installed("a_shared_verdict_is_found") else { return };
    let world = World::new();
    let compiler = Compiler::c99().with(&["-DCARELESS"]);
    let program = compiler.build(&prefix.shared(), &["threads.c"], world.path());
    let output = helgrind(&program, &world);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(99), "{said}");
    assert!(said.contains("data race") && said.contains("threads.c"), "{said}");
}

fn helgrind(program: &Path, world: &World) -> Output {
    finished(
        Command::new("valgrind")
            .args(["--quiet", "--tool=helgrind", "--error-exitcode=99"])
            .args(["--exit-on-first-error=yes", "--history-level=none"])
            .arg(format!("--suppressions={}", programs().join("helgrind.supp").display()))
            .arg(program)
            .arg(world.path())
            .args(["2", "5"]),
    )
}

fn installed(test: &str) -> Option<Prefix> {
    let prefix = prefix(test)?;
    has(test, "valgrind").then_some(prefix)
}

fn said(output: &Output) -> String {
    let (out, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let text = format!("{}\n{out}{errors}", output.status);
    text.lines().take(80).collect::<Vec<_>>().join("\n")
}
