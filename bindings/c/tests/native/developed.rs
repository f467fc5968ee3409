//! The library of the dev profile with the feature `panic-test`: what is never installed, and has what
//! debuggers and abidw read.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use crate::prefix::{Library, Prefix, prefix, said};
use crate::program::{Compiler, not_of_this_package, run};
use crate::world::World;

/// Where it is; built once for all tests of this run.
static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    said(
        not_of_this_package(&mut cargo)
            .args(["build", "--quiet", "--locked", "--package", "tollgate-artifact"])
            .args(["--features", "panic-test"])
            .env("CARGO_TARGET_DIR", target())
            .current_dir(env!("CARGO_MANIFEST_DIR")),
    );
    target().join("debug/libtollgate.so")
});

pub(crate) fn shared_object() -> &'static Path {
    &BUILT
}

#[test]
fn a_panic_ends_at_the_boundary() {
    let Some(prefix) = prefix("a_panic_ends_at_the_boundary") else { return };
    let world = World::new();
    let program =
        Compiler::c99().build(&library(&prefix, world.path()), &["panic.c"], world.path());
    run(program, [world.path()]);
}

/// The library itself, by the installed header.
fn library(prefix: &Prefix, folder: &Path) -> Library {
    let installed = prefix.shared();
    let name = folder.join("libtollgate.so.0");
    std::fs::copy(shared_object(), &name).expect("a copy under its soname");
    let linking = vec![name.display().to_string(), format!("-Wl,-rpath,{}", folder.display())];
    Library { compiling: installed.compiling, linking }
}

/// Cargo's own folder, of which tests are told one in it.
///
/// Written as cargo writes it: another way there would be another folder to it, and all be built anew.
pub(crate) fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in cargo's folder")
}
