//! The programs of tests/, on each runtime.

use crate::house::{run, runtimes};
use crate::world::World;

/// Each theme tells how many of its expectations held, and all did.
#[test]
fn every_theme_holds() {
    for runtime in runtimes("every_theme_holds") {
        let said = run(runtime.command("Themes.exe").arg(World::new().path()));
        let told: Vec<(&str, usize)> = said
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(theme, count)| (theme, count.trim().parse().expect("a number")))
            .collect();
        let names: Vec<&str> = told.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, THEMES, "{}: {said}", runtime.name);
        assert!(told.iter().all(|(_, count)| *count > 1), "a theme that expects nothing:\n{said}");
    }
}

/// Mono would unwind through native frames, and CoreCLR end the process.
#[test]
fn callbacks_that_throw_are_contained() {
    for runtime in runtimes("callbacks_that_throw_are_contained") {
        let said = run(runtime.command("Callbacks.exe").arg(World::new().path()));
        assert_eq!(said.trim(), "contained", "{}", runtime.name);
    }
}

const THEMES: [&str; 13] = [
    "Types",
    "Refused",
    "Handles",
    "Texts",
    "Principals",
    "Peers",
    "Batches",
    "Updates",
    "Refreshes",
    "Threads",
    "Allocations",
    "Headers",
    "Judging",
];
