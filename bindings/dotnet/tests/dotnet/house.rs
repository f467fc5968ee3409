//! What the tests need of the machine: the runtimes, and the binding built once for each.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use crate::watch::finished;

/// A runtime, and the folder where what was built for it stands.
pub(crate) struct Runtime {
    pub(crate) name: &'static str,
    pub(crate) built: PathBuf,
    /// The program that runs programs, and its arguments before theirs.
    runner: Vec<PathBuf>,
}

impl Runtime {
    /// A program of ours, with the library of the prefix.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = self.command_without_library(&self.built.join(self.file(program)));
        command.env("TOLLGATE_LIBRARY", library());
        command
    }

    /// What a program's file is called: of .NET it is a library, which `dotnet` runs.
    pub(crate) fn file(&self, program: &str) -> String {
        match self.name {
            "sdk" => program.replace(".exe", ".dll"),
            _ => program.into(),
        }
    }

    /// A program that has to find the library by itself.
    pub(crate) fn command_without_library(&self, program: &Path) -> Command {
        let (first, arguments) = self.runner.split_first().expect("a program");
        let mut command = Command::new(first);
        command.args(arguments).arg(program);
        command.env_remove("TOLLGATE_LIBRARY").env_remove("LD_LIBRARY_PATH");
        // CoreCLR would ask for ICU, which nobody needs here.
        command.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
        command
    }
}

/// The runtimes, or those that can be had; says loudly which test goes without one.
pub(crate) fn runtimes(test: &str) -> Vec<&'static Runtime> {
    [mono(test), coreclr(test), sdk()].into_iter().flatten().collect()
}

/// Mono, and beside it what is for classic ASP.NET.
pub(crate) fn web(test: &str) -> Option<&'static Runtime> {
    static BUILT: OnceLock<()> = OnceLock::new();
    let mono = mono(test)?;
    BUILT.get_or_init(|| build_into("web", &mono.built));
    Some(mono)
}

/// What Microsoft's SDK built, where all.sh is at work.
pub(crate) fn sdk() -> Option<&'static Runtime> {
    static BUILT: OnceLock<Option<Runtime>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let built = PathBuf::from(std::env::var_os("TOLLGATE_DOTNET_PROGRAMS")?);
        Some(Runtime { name: "sdk", built, runner: vec!["dotnet".into()] })
    });
    built.as_ref()
}

pub(crate) fn mono(test: &str) -> Option<&'static Runtime> {
    static BUILT: OnceLock<Result<Runtime, String>> = OnceLock::new();
    had(test, BUILT.get_or_init(|| build("mono", vec!["mono".into()])))
}

pub(crate) fn coreclr(test: &str) -> Option<&'static Runtime> {
    static BUILT: OnceLock<Result<Runtime, String>> = OnceLock::new();
    had(
        test,
        BUILT.get_or_init(|| {
            let dotnet = coreclr_folder().join("dotnet");
            if !dotnet.exists() {
                return Err("there is no CoreCLR: bindings/dotnet/coreclr.sh target/coreclr".into());
            }
            let settings = out("coreclr").join("runtimeconfig.json");
            let runner = [&dotnet, Path::new("exec"), Path::new("--runtimeconfig"), &settings];
            build("coreclr", runner.map(Path::to_path_buf).to_vec())
        }),
    )
}

fn had(test: &str, built: &'static Result<Runtime, String>) -> Option<&'static Runtime> {
    match built {
        Ok(runtime) => Some(runtime),
        Err(why) => {
            skip(test, why);
            None
        }
    }
}

fn build(name: &'static str, runner: Vec<PathBuf>) -> Result<Runtime, String> {
    if std::env::var_os("TOLLGATE_PREFIX").is_none() {
        return Err("TOLLGATE_PREFIX names no installed libtollgate".into());
    }
    for program in ["mcs", "mono"] {
        if !can_run(program) {
            return Err(format!("there is no {program}"));
        }
    }
    let built = out(name);
    build_into(name, &built);
    Ok(Runtime { name, built, runner })
}

/// From here on nothing is skipped: what is there has to build.
pub(crate) fn build_into(what: &str, built: &Path) {
    let mut command = Command::new(folder().join("build.sh"));
    command.arg(what).arg(built).env("TOLLGATE_CORECLR", coreclr_folder());
    let output = command.output().expect("build.sh runs");
    let (said, errors) = texts(&output);
    assert!(output.status.success(), "{said}{errors}");
}

/// Written past the test harness, which would keep it to itself.
pub(crate) fn skip(test: &str, why: &str) {
    let line = format!("\nSKIPPED: .NET: {test}: {why}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}

pub(crate) fn can_run(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}

/// The folder of the binding.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn root() -> PathBuf {
    folder().join("../..")
}

/// The shared library of the prefix.
pub(crate) fn library() -> PathBuf {
    // From where cargo was called, if it is relative; tests run in the folder of their crate.
    root().join(std::env::var_os("TOLLGATE_PREFIX").expect("it is set")).join("lib/libtollgate.so")
}

fn coreclr_folder() -> PathBuf {
    match std::env::var_os("TOLLGATE_CORECLR") {
        Some(folder) => root().join(folder),
        None => root().join("target/coreclr"),
    }
}

fn out(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("dotnet-{name}"))
}

/// What a program writes; it has to succeed in time.
pub(crate) fn run(command: &mut Command) -> String {
    let output = finished(command);
    let (said, errors) = texts(&output);
    assert!(output.status.success(), "{command:?}: {}\n{said}{errors}", output.status);
    said
}

pub(crate) fn texts(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}
