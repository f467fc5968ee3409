//! Programs of ctest/: compiled, run, and ended where they do not end themselves.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::prefix::{Library, Prefix, said};
use crate::watch::finished;

/// How to compile.
#[derive(Clone)]
pub(crate) struct Compiler {
    pub(crate) command: &'static str,
    /// The language and its release, and what else there is to say.
    pub(crate) flags: Vec<&'static str>,
}

/// What every program is compiled with: nothing of it may look wrong to a strict host.
pub(crate) const STRICT: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

impl Compiler {
    /// What most programs are written for: C99 with POSIX.
    pub(crate) fn c99() -> Self {
        Self { command: "gcc", flags: vec!["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-g"] }
    }

    pub(crate) fn with(mut self, flags: &[&'static str]) -> Self {
        self.flags.extend_from_slice(flags);
        self
    }

    /// The program made of `sources` of ctest/, by the name of the first.
    pub(crate) fn build(&self, library: &Library, sources: &[&str], folder: &Path) -> PathBuf {
        let program = folder.join(sources[0].trim_end_matches(".c"));
        said(
            Command::new(self.command)
                .args(&self.flags)
                .args(STRICT)
                .args(&library.compiling)
                .args(["-x", if self.command.ends_with("++") { "c++" } else { "c" }])
                .args(sources.iter().map(|source| programs().join(source)))
                .args(["-x", "none"])
                .args(&library.linking)
                .arg("-pthread")
                .arg("-o")
                .arg(&program),
        );
        program
    }
}

/// Compiles a program as most are, against the shared library.
pub(crate) fn build(prefix: &Prefix, source: &str, folder: &Path) -> PathBuf {
    Compiler::c99().build(&prefix.shared(), &[source], folder)
}

/// Takes away what cargo tells tests of their own package: for cargo, or what runs it. Where these differ from those
/// of the build before, ring's build script runs again, and everything that stands on it is built anew.
pub(crate) fn not_of_this_package(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let is_of_it =
            |name: &str| ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|of| name.starts_with(of));
        if name.to_str().is_some_and(is_of_it) {
            command.env_remove(name);
        }
    }
    command
}

/// What a program writes; it has to succeed in time.
pub(crate) fn run(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> String {
    finish(Command::new(program).args(arguments))
}

/// The same for a command that is already put together.
pub(crate) fn finish(command: &mut Command) -> String {
    let output = finished(command);
    let (out, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{errors}", output.status);
    out.into_owned()
}

pub(crate) fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ctest")
}
