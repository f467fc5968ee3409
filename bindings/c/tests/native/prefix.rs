//! Where the library is installed, and what its pkg-config file says.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Names the folder that `scripts/install.sh` filled.
const VARIABLE: &str = "TOLLGATE_PREFIX";

/// An installed library.
pub(crate) struct Prefix {
    pub(crate) folder: PathBuf,
    /// Where the libraries are.
    pub(crate) libdir: PathBuf,
}

/// What a compiler is told to take a library.
pub(crate) struct Library {
    pub(crate) compiling: Vec<String>,
    pub(crate) linking: Vec<String>,
}

/// The prefix; a banner and nothing where the environment does not say.
pub(crate) fn prefix(test: &str) -> Option<Prefix> {
    let Some(folder) = env::var_os(VARIABLE) else {
        skipped(
            test,
            &format!(
                "{VARIABLE} is not set; it has to name the folder where the library is installed:\n\
                 **** run `make test`, or\n\
                 **** PREFIX=$PWD/target/prefix scripts/install.sh\n\
                 **** {VARIABLE}=target/prefix cargo test -p tollgate-c --test native"
            ),
        );
        return None;
    };
    if !has(test, "pkg-config") || !has(test, "gcc") {
        return None;
    }
    // From where cargo was called, if it is relative; tests run in the folder of their crate.
    let folder = root().join(folder);
    assert!(
        folder.join("include/tollgate.h").is_file(),
        "{VARIABLE} names {}, where nothing is installed; run scripts/install.sh with it as PREFIX",
        folder.display()
    );
    let libdir = folder.join("lib");
    Some(Prefix { folder, libdir })
}

impl Prefix {
    /// The shared library itself.
    pub(crate) fn shared_object(&self) -> PathBuf {
        self.libdir.join("libtollgate.so")
    }

    /// The shared library, as docs/c.md tells hosts to take it.
    pub(crate) fn shared(&self) -> Library {
        let folder = self.pkg_config(&["--variable=libdir"]).join(" ");
        let mut linking = self.pkg_config(&["--libs"]);
        linking.push(format!("-Wl,-rpath,{folder}"));
        Library { compiling: self.pkg_config(&["--cflags"]), linking }
    }

    /// The archive, in the same way.
    pub(crate) fn archive(&self) -> Library {
        let archive = self.pkg_config(&["--variable=archive"]);
        let linking = [archive, self.pkg_config(&["--variable=archive_libs"])].concat();
        Library { compiling: self.pkg_config(&["--cflags"]), linking }
    }

    /// What `pkg-config` says, as a list of arguments.
    pub(crate) fn pkg_config(&self, arguments: &[&str]) -> Vec<String> {
        let text = said(
            Command::new("pkg-config")
                .args(arguments)
                .arg("tollgate")
                .env("PKG_CONFIG_PATH", self.libdir.join("pkgconfig")),
        );
        text.split_whitespace().map(str::to_owned).collect()
    }
}

/// Whether there is such a command; a banner where there is none.
pub(crate) fn has(test: &str, command: &str) -> bool {
    let found = Command::new(command).arg("--version").output();
    let is_there = found.is_ok_and(|output| output.status.success());
    if !is_there {
        skipped(test, &format!("{command} is not there; `make test` says which package has it"));
    }
    is_there
}

/// What a command writes; it has to succeed.
pub(crate) fn said(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{errors}", output.status);
    out.into_owned()
}

/// Past the harness, which swallows what a passing test prints by macro.
pub(crate) fn skipped(test: &str, why: &str) {
    let banner = format!("\n**** SKIPPED: {test}\n**** {why}\n");
    writeln!(std::io::stderr(), "{banner}").expect("standard streams are open");
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
