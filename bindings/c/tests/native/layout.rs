//! The header in each language, with each kind of linking, found in each way.

use std::fs;
use std::process::Command;

use crate::prefix::{Prefix, has, prefix, root, said};
use crate::program::{Compiler, programs, run};

#[test]
fn every_language_builds_with_both_libraries() {
    let Some(prefix) = prefix("every_language_builds_with_both_libraries") else { return };
    let compilers = [
        ("gcc", "-std=c99"),
        ("gcc", "-std=c11"),
        ("g++", "-std=c++17"),
        ("clang", "-std=c99"),
        ("clang", "-std=c17"),
        ("clang++", "-std=c++17"),
    ];
    for (command, standard) in compilers {
        if !has("every_language_builds_with_both_libraries", command) {
            continue;
        }
        for library in [prefix.shared(), prefix.archive()] {
            let folder = tempfile::tempdir().expect("a folder");
            let compiler = Compiler { command, flags: vec![standard] };
            let sources = ["layout.c", "layout_more.c"];
            let program = compiler.build(&library, &sources, folder.path());
            check_version(&prefix, &run(program, [""; 0]));
        }
    }
}

#[test]
fn cmake_finds_both_libraries() {
    let test = "cmake_finds_both_libraries";
    let Some(prefix) = prefix(test) else { return };
    if !has(test, "cmake") || !has(test, "g++") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let configure = |wanted: &str| {
        let mut command = Command::new("cmake");
        command.arg("-S").arg(programs().join("cmake")).arg("-B").arg(folder.path());
        command.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.folder.display()));
        command.arg(format!("-DSOURCES={}", programs().display()));
        command.arg(format!("-DWANTED={wanted}"));
        command
    };
    let later = configure("99.0").output().expect("cmake runs");
    let said_so = String::from_utf8_lossy(&later.stderr);
    assert!(!later.status.success() && said_so.contains("99.0"), "{said_so}");
    said(&mut configure("0.1"));
    said(Command::new("cmake").arg("--build").arg(folder.path()).args(["--parallel", "2"]));
    for program in ["c_tollgate", "c_static", "cxx_tollgate", "cxx_static"] {
        check_version(&prefix, &run(folder.path().join(program), [""; 0]));
    }
}

/// Packages are made in one place and used in another.
#[test]
fn a_prefix_may_be_moved() {
    let Some(prefix) = prefix("a_prefix_may_be_moved") else { return };
    let elsewhere = tempfile::tempdir().expect("a folder");
    for part in ["include", "lib"] {
        said(Command::new("cp").arg("-a").arg(prefix.folder.join(part)).arg(elsewhere.path()));
    }
    let moved = Prefix { folder: elsewhere.path().into(), libdir: elsewhere.path().join("lib") };
    let compiler = Compiler { command: "gcc", flags: vec!["-std=c99"] };
    let sources = ["layout.c", "layout_more.c"];
    let program = compiler.build(&moved.shared(), &sources, elsewhere.path());
    let needed = said(Command::new("ldd").arg(&program));
    let home = elsewhere.path().to_string_lossy();
    assert!(needed.contains(&*home), "it is not the moved library that is used: {needed}");
    check_version(&moved, &run(program, [""; 0]));
}

#[test]
fn what_is_installed_is_what_is_checked_in() {
    let Some(prefix) = prefix("what_is_installed_is_what_is_checked_in") else { return };
    for name in ["tollgate.h", "tollgate.hpp"] {
        let own = root().join("include").join(name);
        if !own.exists() {
            continue;
        }
        let (own, installed) = (fs::read(own), fs::read(prefix.folder.join("include").join(name)));
        assert_eq!(own.ok(), installed.ok(), "{name}; run scripts/install.sh again");
    }
    let version = run(prefix.folder.join("bin/tollgate"), ["--version"]);
    assert!(version.contains(env!("CARGO_PKG_VERSION")), "{version}");
}

/// `<library> <header>`, and what pkg-config says, are one release.
fn check_version(prefix: &Prefix, printed: &str) {
    let release = env!("CARGO_PKG_VERSION");
    assert_eq!(prefix.pkg_config(&["--modversion"]), [release]);
    assert_eq!(printed.trim(), format!("{release} {release}"));
}
