//! What the tests need of the machine: the module, built once, and the programs that drive it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The module's file; or says loudly that `test` is skipped, and why.
pub(crate) fn module(test: &str) -> Option<&'static Path> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match BUILT.get_or_init(build) {
        Ok(module) => Some(module),
        Err(why) => {
            skip(test, why);
            None
        }
    }
}

/// Whether `program` runs; else says loudly that `test` is skipped.
pub(crate) fn has(test: &str, program: &str, argument: &str) -> bool {
    let runs = can_run(program, argument);
    if !runs {
        skip(test, &format!("there is no {program}"));
    }
    runs
}

/// Written past the test harness, which would keep it to itself.
fn skip(test: &str, why: &str) {
    let line = format!("\nSKIPPED: the nginx module: {test}: {why}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}

fn build() -> Result<PathBuf, String> {
    if std::env::var_os("TOLLGATE_PREFIX").is_none() {
        return Err("TOLLGATE_PREFIX names no installed libtollgate".into());
    }
    for (program, argument) in [("nginx", "-v"), ("curl", "--version"), ("openssl", "version")] {
        if !can_run(program, argument) {
            return Err(format!("there is no {program}"));
        }
    }
    if std::env::var_os("NGINX_SRC").is_none() && !Path::new("/usr/share/nginx/src").exists() {
        return Err("there is no nginx-dev".into());
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nginx-module");
    let built = Command::new(Path::new(ROOT).join("build.sh")).arg(&folder).output();
    let built = built.expect("build.sh runs");
    // From here on nothing is skipped: what is there has to build.
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    Ok(folder.join("ngx_http_tollgate_module.so"))
}

fn can_run(program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(argument).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // wrk has no argument that succeeds.
    command.status().is_ok()
}
