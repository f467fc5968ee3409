//! scripts/install.sh: where packages want it, gone again without a trace, and one line where it cannot be.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::developed::target;
use crate::prefix::{Prefix, prefix, root};
use crate::program::{Compiler, not_of_this_package, run};
use crate::watch::finished;

#[test]
fn a_package_is_installed_and_removed() {
    let Some(_) = prefix("a_package_is_installed_and_removed") else { return };
    let package = tempfile::tempdir().expect("a folder");
    let words = [
        ("PREFIX", "/usr"),
        ("LIBDIR", "/usr/lib/x86_64-linux-gnu"),
        ("DESTDIR", package.path().to_str().expect("a path of ASCII")),
    ];
    let installed = script("install", &words);
    assert!(installed.status.success(), "{}", errors(&installed));
    let usr = package.path().join("usr");
    let found = files(package.path());
    let wanted = ["bin/tollgate", "include/tollgate.h", "lib/x86_64-linux-gnu/libtollgate.a"];
    for name in wanted {
        assert!(found.contains(&usr.join(name)), "{name} is not in {found:?}");
    }
    // As many folders up as libdir has: pkg-config finds the prefix from there, too.
    let libdir = usr.join("lib/x86_64-linux-gnu");
    let prefix = Prefix { folder: usr.clone(), libdir };
    let compiler = Compiler { command: "gcc", flags: vec!["-std=c99"] };
    let folder = tempfile::tempdir().expect("a folder");
    let sources = ["layout.c", "layout_more.c"];
    run(compiler.build(&prefix.shared(), &sources, folder.path()), [""; 0]);

    let other = usr.join("share/doc/tollgate/somebody-elses");
    fs::write(&other, "").expect("a file of ours");
    let removed = script("uninstall", &words);
    assert!(removed.status.success(), "{}", errors(&removed));
    assert_eq!(files(package.path()), [other], "what was installed, and no more");
}

/// The loader takes the highest release beside the soname: an older one goes, and so does a newer one, or
/// going back would change nothing.
#[test]
fn another_release_of_the_same_interface_makes_way() {
    let test = "another_release_of_the_same_interface_makes_way";
    let Some(_) = prefix(test) else { return };
    let package = tempfile::tempdir().expect("a folder");
    let words = [("PREFIX", "/usr"), ("DESTDIR", package.path().to_str().expect("ASCII"))];
    let lib = package.path().join("usr/lib");
    fs::create_dir_all(&lib).expect("a folder");
    let others = ["libtollgate.so.0.0.9", "libtollgate.so.0.99.0"];
    // Of another interface, and of another library.
    let kept = ["libtollgate.so.1.0.0", "libtollgatekeeper.so.0.1.0"];
    let leave =
        || others.iter().chain(&kept).for_each(|name| fs::write(lib.join(name), "").unwrap());
    let names = || {
        let found =
            fs::read_dir(&lib).expect("a folder").map(|entry| entry.expect("one").file_name());
        found.map(|name| name.into_string().expect("UTF-8")).collect::<Vec<_>>()
    };
    for what in ["install", "uninstall"] {
        leave();
        let done = script(what, &words);
        assert!(done.status.success(), "{what}: {}", errors(&done));
        let found = names();
        assert!(!others.iter().any(|name| found.contains(&(*name).into())), "{what}: {found:?}");
        assert!(kept.iter().all(|name| found.contains(&(*name).into())), "{what}: {found:?}");
    }
}

/// Packagers install by the patterns of `package.metadata.capi`: each header that we install has one.
#[test]
fn packagers_install_every_header() {
    let manifest =
        fs::read_to_string(root().join("bindings/c/artifact/Cargo.toml")).expect("there");
    let assets: Vec<(&str, &str)> = manifest
        .lines()
        .filter_map(|line| line.trim().strip_prefix("{ from = \"../../../include/"))
        .filter_map(|line| line.trim_end_matches("\" },").split_once("\", to = \""))
        .collect();
    let include = root().join("include");
    let mut headers = files(&include);
    headers.retain(|header| header.extension().is_some_and(|name| name == "h" || name == "hpp"));
    assert!(headers.len() > 2 && assets.len() > 1, "{headers:?} {assets:?}");
    for header in headers {
        let name = header.strip_prefix(&include).expect("below").to_str().expect("UTF-8");
        let is_taken = |(from, to): &&(&str, &str)| {
            let (head, tail) = from.split_once('*').expect("a pattern");
            let rest = name.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail));
            let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
            rest.is_some_and(|rest| !rest.contains('/')) && folder == *to
        };
        assert_eq!(assets.iter().filter(is_taken).count(), 1, "{name} in {assets:?}");
    }
}

/// ... and name the library by the number of its binary interface, whatever release it is of.
#[test]
fn packagers_name_the_library_by_its_abi() {
    let manifest =
        fs::read_to_string(root().join("bindings/c/artifact/Cargo.toml")).expect("there");
    let section = manifest.split("[package.metadata.capi.library]").nth(1).expect("a section");
    let value = |key: &str| {
        let line = section.lines().find(|line| line.split(" = ").next() == Some(key));
        line.and_then(|line| line.split(" = ").nth(1))
            .map(|value| value.trim_matches('"').to_owned())
    };
    let version = value("version").expect("a version of the library");
    let abi = tollgate_c::TOLLGATE_ABI_VERSION.to_string();
    assert_eq!(version.split('.').next(), Some(abi.as_str()), "{version}");
    assert_eq!(value("version_suffix_components").as_deref(), Some("1"));
}

#[test]
fn what_cannot_be_is_one_line() {
    let Some(_) = prefix("what_cannot_be_is_one_line") else { return };
    for (what, prefix, libdir, wanted) in [
        ("install", "relative", "lib", "PREFIX=relative is not absolute"),
        ("install", "/opt", "/usr/lib", "LIBDIR=/usr/lib is not below"),
        ("install", "/proc/nowhere", "lib", "/proc/nowhere cannot be written"),
        ("install", "/opt/a b", "lib", "must not hold white space"),
        ("mend", "/opt", "lib", "mend is none of"),
    ] {
        let output = script(what, &[("PREFIX", prefix), ("LIBDIR", libdir)]);
        let said = errors(&output);
        assert!(!output.status.success(), "{what} {prefix} {libdir}");
        assert!(said.starts_with("tollgate: ") && said.contains(wanted), "{said}");
        assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    }
}

/// With what was built for this run, and none of this machine's wishes.
fn script(what: &str, words: &[(&str, &str)]) -> Output {
    let mut command = Command::new(root().join("scripts/install.sh"));
    command.arg(what).env_remove("PREFIX").env_remove("LIBDIR").env_remove("DESTDIR");
    not_of_this_package(&mut command).env("CARGO_TARGET_DIR", target());
    finished(command.envs(words.iter().copied()))
}

/// Files and links below a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a kind").is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
