//! include/tollgate.hpp as hosts use it: the programs of bindings/cpp/tests, compiled against an installed
//! library in every way that hosts compile, and run.

mod compile;
mod examples;
mod misuse;
#[path = "../native/world.rs"]
mod world;

use std::path::{Path, PathBuf};
use std::process::Command;

use compile::{Build, EXCEPTIONLESS, Linking, has, prefix, run};
use world::World;

// Each compiler, each standard, with exceptions and without: in every pair, not in every combination.

#[test]
fn gxx_17() {
    every_theme("gxx_17", "g++", "-std=c++17", &EXCEPTIONLESS);
}

#[test]
fn gxx_20() {
    every_theme("gxx_20", "g++", "-std=c++20", &[]);
}

#[test]
fn clangxx_17() {
    every_theme("clangxx_17", "clang++", "-std=c++17", &[]);
}

#[test]
fn clangxx_20() {
    every_theme("clangxx_20", "clang++", "-std=c++20", &EXCEPTIONLESS);
}

#[test]
fn the_archive() {
    let test = "the_archive";
    let Some(prefix) = prefix(test).filter(|_| has(test, "g++")) else { return };
    let build = Build { linking: Linking::Archive, ..Build::new("g++", "-std=c++17") };
    with_program(&build, &prefix, |program, world| judge(Command::new(program).arg(world)));
}

/// Frees what is not ours, reads what was freed, loses what it owns, or overflows: it ends with an error.
#[test]
fn under_sanitizers() {
    let test = "under_sanitizers";
    let Some(prefix) = prefix(test).filter(|_| has(test, "g++")) else { return };
    const FLAGS: [&str; 3] =
        ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"];
    let build = Build { flags: &FLAGS, ..Build::new("g++", "-std=c++17") };
    with_program(&build, &prefix, |program, world| judge(Command::new(program).arg(world)));
}

/// The same inside the library, which sanitizers of the host do not see.
#[test]
fn under_valgrind() {
    let test = "under_valgrind";
    let prefix = prefix(test).filter(|_| has(test, "g++") && has(test, "valgrind"));
    let Some(prefix) = prefix else { return };
    let build = Build::new("g++", "-std=c++17");
    with_program(&build, &prefix, |program, world| {
        // The pool of batches stays for as long as the process: its threads' stacks are "possibly" lost.
        // The program's own `operator new` counts, and has to stay in its place.
        let valgrind = [
            "--error-exitcode=99",
            "--leak-check=full",
            "--errors-for-leak-kinds=definite",
            "--show-leak-kinds=definite",
            "--soname-synonyms=somalloc=nouserintercepts",
        ];
        judge(Command::new("valgrind").args(["-q"]).args(valgrind).arg(program).arg(world));
    });
}

fn every_theme(
    test: &str,
    compiler: &'static str,
    standard: &'static str,
    flags: &'static [&'static str],
) {
    let Some(prefix) = prefix(test).filter(|_| has(test, compiler)) else { return };
    let build = Build { flags, ..Build::new(compiler, standard) };
    with_program(&build, &prefix, |program, world| judge(Command::new(program).arg(world)));
}

/// Compiles all themes into one program, for which there is a folder of its own.
fn with_program(build: &Build, prefix: &Path, use_it: impl FnOnce(&Path, &Path)) {
    let place = tempfile::tempdir().expect("a folder");
    let program = place.path().join("themes");
    let mut sources: Vec<PathBuf> =
        THEMES.iter().map(|name| themes().join(format!("{name}.cpp"))).collect();
    sources.push(themes().join("main.cpp"));
    build.compile(prefix, &sources, &program);
    use_it(&program, World::new().path());
}

/// Each theme tells how many of its expectations held, and all did.
fn judge(command: &mut Command) {
    let said = run(command);
    let told: Vec<(&str, usize)> = said
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(theme, count)| (theme, count.parse().expect("a number")))
        .collect();
    let names: Vec<&str> = told.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, THEMES, "{said}");
    assert!(told.iter().all(|(_, count)| *count > 1), "a theme that expects nothing:\n{said}");
}

fn themes() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../cpp/tests")
}

const THEMES: [&str; 11] = [
    "types",
    "refused",
    "handles",
    "texts",
    "peers",
    "batch",
    "callbacks",
    "updates",
    "refresh",
    "threads",
    "allocations",
];
