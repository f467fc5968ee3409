//! Compiling and running against an installed library.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Names the folder where the library is installed.
const VARIABLE: &str = "TOLLGATE_PREFIX";

/// Nothing of what hosts include may look wrong to a strict compiler.
const STRICT: [&str; 7] =
    ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror", "-pthread"];

/// As hosts compile that do without.
pub(crate) const EXCEPTIONLESS: [&str; 2] = ["-fno-exceptions", "-fno-rtti"];

/// How a program takes the library.
#[derive(Clone, Copy)]
pub(crate) enum Linking {
    Shared,
    Archive,
}

/// A way of compiling.
pub(crate) struct Build {
    pub(crate) compiler: &'static str,
    pub(crate) standard: &'static str,
    pub(crate) flags: &'static [&'static str],
    pub(crate) linking: Linking,
}

impl Build {
    pub(crate) fn new(compiler: &'static str, standard: &'static str) -> Self {
        Self { compiler, standard, flags: &[], linking: Linking::Shared }
    }

    /// A program of these files. Fails on every warning.
    pub(crate) fn compile(&self, prefix: &Path, sources: &[PathBuf], program: &Path) {
        let mut command = self.command(prefix);
        command.args(sources).arg("-o").arg(program);
        run(command.args(self.linking.arguments(prefix)));
    }

    /// What the compiler says of a text that it shall not take.
    pub(crate) fn refuses(&self, prefix: &Path, text: &str) -> String {
        let place = tempfile::tempdir().expect("a folder");
        let source = place.path().join("refused.cpp");
        std::fs::write(&source, text).expect("a file of our own");
        let output = finish(self.command(prefix).arg("-fsyntax-only").arg(&source));
        assert!(!output.status.success(), "it compiles:\n{text}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn command(&self, prefix: &Path) -> Command {
        let mut command = Command::new(self.compiler);
        command.arg(self.standard).arg("-g").args(STRICT).args(self.flags);
        command.args(pkg_config(prefix, &["--cflags"]));
        command
    }
}

impl Linking {
    fn arguments(self, prefix: &Path) -> Vec<String> {
        match self {
            Self::Shared => {
                let folder = pkg_config(prefix, &["--variable=libdir"]).join(" ");
                [pkg_config(prefix, &["--libs"]), vec![format!("-Wl,-rpath,{folder}")]].concat()
            }
            Self::Archive => {
                let archive = pkg_config(prefix, &["--variable=archive"]);
                [archive, pkg_config(prefix, &["--variable=archive_libs"])].concat()
            }
        }
    }
}

/// Where the library is installed; a banner and nothing where the environment does not say.
pub(crate) fn prefix(test: &str) -> Option<PathBuf> {
    let Some(folder) = env::var_os(VARIABLE) else {
        let why = format!(
            "{VARIABLE} is not set; it has to name the folder where the library is installed:\n\
             **** run `make test`, or\n\
             **** make install PREFIX=$PWD/target/prefix\n\
             **** {VARIABLE}=target/prefix cargo test -p tollgate-c"
        );
        skipped(test, &why);
        return None;
    };
    // From where cargo was called, if it is relative; tests run in the folder of their crate.
    let folder = root().join(folder);
    for name in ["include/tollgate.hpp", "lib/pkgconfig/tollgate.pc"] {
        assert!(
            folder.join(name).is_file(),
            "{VARIABLE} names {}, where there is no {name}; run make install with it as PREFIX",
            folder.display()
        );
    }
    Some(folder)
}

/// Whether there is such a command; a banner where there is none.
pub(crate) fn has(test: &str, command: &str) -> bool {
    let found = Command::new(command).arg("--version").stdout(Stdio::null()).status();
    let is_there = found.is_ok_and(|status| status.success());
    if !is_there {
        skipped(test, &format!("{command} is not there"));
    }
    is_there
}

/// What a command writes to its standard output; it has to succeed.
pub(crate) fn run(command: &mut Command) -> String {
    let output = finish(command);
    let (out, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{errors}", output.status);
    out.into_owned()
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn pkg_config(prefix: &Path, arguments: &[&str]) -> Vec<String> {
    let mut command = Command::new("pkg-config");
    command.args(arguments).arg("tollgate");
    let text = run(command.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")));
    text.split_whitespace().map(str::to_owned).collect()
}

/// What came of a command; killed if it hangs.
fn finish(command: &mut Command) -> Output {
    // `timeout` is of coreutils, as `cp` is.
    let mut bounded = Command::new("timeout");
    bounded.arg("--kill-after=5").arg(MOST_SECONDS).arg(command.get_program());
    bounded.args(command.get_args()).stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        bounded.env(name, value.unwrap_or_default());
    }
    bounded.output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Past the harness, which swallows what a passing test prints by macro.
fn skipped(test: &str, why: &str) {
    let banner = format!("\n**** SKIPPED: {test}\n**** {why}\n");
    writeln!(std::io::stderr(), "{banner}").expect("standard streams are open");
}

/// Long enough for a slow machine under valgrind.
const MOST_SECONDS: &str = "300";
