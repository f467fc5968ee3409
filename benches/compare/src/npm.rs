//! Puts fast-jwt and the script that drives it below the build directory.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Failure;

/// What the folder holds. The script lies beside `node_modules`, since that is where node looks.
const FILES: [(&str, &str); 3] = [
    ("package.json", include_str!("../package.json")),
    ("package-lock.json", include_str!("../package-lock.json")),
    ("verifier.mjs", include_str!("../verifier.mjs")),
];

/// The lock that was installed last: inside, so that it goes when the modules go.
const STAMP: &str = "node_modules/.installed.json";

/// Where it was put, and what runs it.
pub struct Installed {
    folder: PathBuf,
    node: OsString,
}

impl Installed {
    /// Installs what the lock names, unless it is there already.
    pub fn new(folder: PathBuf) -> Result<Self, Failure> {
        fs::create_dir_all(&folder)?;
        for (name, text) in FILES {
            fs::write(folder.join(name), text)?;
        }
        // tests/counterparts/setup.sh finds a node, or fetches one, and names it so.
        let node = std::env::var_os("COUNTERPARTS_NODE").unwrap_or_else(|| "node".into());
        let installed = Self { folder, node };
        let (_, lock) = FILES[1];
        let stamp = installed.folder.join(STAMP);
        if fs::read_to_string(&stamp).ok().as_deref() != Some(lock) {
            installed.install()?;
            fs::write(stamp, lock)?;
        }
        Ok(installed)
    }

    /// The command that runs the script.
    pub fn script(&self) -> Command {
        let mut command = Command::new(&self.node);
        command.arg("verifier.mjs").current_dir(&self.folder);
        command
    }

    fn install(&self) -> Result<(), Failure> {
        let mut npm = self.npm();
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"])
            .current_dir(&self.folder)
            .env("npm_config_cache", self.folder.join("cache"))
            // A node from a wheel brings its own list of authorities.
            .env("NODE_USE_SYSTEM_CA", "1")
            // Else npm keeps its compiled code in the system's folder for temporary files.
            .env("NODE_DISABLE_COMPILE_CACHE", "1")
            .stdin(Stdio::null());
        let done = npm.output().map_err(|why| format!("npm does not run: {why}"))?;
        if done.status.success() {
            return Ok(());
        }
        // The first error names the cause; the log that npm keeps has the rest.
        let said = String::from_utf8_lossy(&done.stderr);
        let cause = said.lines().find_map(|line| line.strip_prefix("npm error "));
        let logs = self.folder.join("cache/_logs");
        let cause = cause.unwrap_or("it did not say why");
        Err(format!("npm ci failed: {cause}; its log is in {}", logs.display()).into())
    }

    /// The npm that came with the node, or else the one on the `PATH`.
    fn npm(&self) -> Command {
        let root = Path::new(&self.node).parent().and_then(Path::parent);
        let script = root.map(|root| root.join("lib/node_modules/npm/bin/npm-cli.js"));
        match script.filter(|script| script.is_file()) {
            Some(script) => {
                let mut npm = Command::new(&self.node);
                npm.arg(script);
                npm
            }
            None => Command::new("npm"),
        }
    }
}
