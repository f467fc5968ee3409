//! The binary interface: what is exported, how it looks, and what is linked in.
//!
//! `TOLLGATE_BLESS=1 cargo test -p tollgate-c --test native` writes the files of abi/ anew: for what was added.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::abixml::reduced;
use crate::developed::shared_object;
use crate::prefix::{has, prefix, root, said, skipped};

#[test]
fn exported_is_what_is_listed() {
    let Some(prefix) = prefix("exported_is_what_is_listed") else { return };
    let exported = exported(&prefix.shared_object());
    let text = exported.iter().map(|name| format!("{name}\n")).collect::<String>();
    let listed = kept("symbols.txt", &text);
    let wrong = "the library does not export what bindings/c/abi/symbols.txt lists";
    assert_eq!(text, listed, "{wrong}; what was added: TOLLGATE_BLESS=1, and a row in docs/c.md");
    assert_eq!(exported, declared(), "the library and include/tollgate.h");
    assert!(!exported.contains("tollgate_test_panic"), "the hook of a test is installed");
}

#[test]
fn the_name_and_the_flags_are_right() {
    let Some(prefix) = prefix("the_name_and_the_flags_are_right") else { return };
    let dynamic = said(Command::new("readelf").arg("--dynamic").arg(prefix.shared_object()));
    let soname = format!("[libtollgate.so.{}]", tollgate_c::TOLLGATE_ABI_VERSION);
    let line = |mark: &str| dynamic.lines().find(|line| line.contains(mark)).unwrap_or_default();
    assert!(line("(SONAME)").contains(&soname), "{dynamic}");
    assert!(line("(FLAGS_1)").contains("NODELETE"), "{dynamic}");
    let needed: Vec<&str> = dynamic.lines().filter(|line| line.contains("(NEEDED)")).collect();
    for line in &needed {
        let is_known = ["[libc.so.6]", "[libgcc_s.so.1]", "[libm.so.6]", "[ld-linux-"];
        assert!(is_known.iter().any(|known| line.contains(known)), "{line}");
    }
    // The links, and the file that they lead to.
    let folder = prefix.folder.join("lib");
    let (abi, release) = (tollgate_c::TOLLGATE_ABI_VERSION, env!("CARGO_PKG_VERSION"));
    let link = |name: &str| fs::read_link(folder.join(name)).expect("a link");
    let soname = format!("libtollgate.so.{abi}");
    assert_eq!(link("libtollgate.so"), Path::new(&soname));
    assert_eq!(link(&soname), Path::new(&format!("{soname}.{release}")));
}

#[test]
fn the_interface_is_compatible() {
    let Some(described) = described("the_interface_is_compatible") else { return };
    let listed = kept("tollgate-0.abi", &described);
    let folder = tempfile::tempdir().expect("a folder");
    let (before, now) = (folder.path().join("before.abi"), folder.path().join("now.abi"));
    fs::write(&before, &listed).expect("a file of our own");
    fs::write(&now, &described).expect("a file of our own");
    let output = abidiff(&before, &now);
    assert!(
        output.status.success(),
        "the interface is not that of bindings/c/abi/tollgate-0.abi. What is there has to stay; if this only \
         adds (a function, a field at the end of a structure): TOLLGATE_BLESS=1\n{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(listed.len() < 64 * 1024, "{} bytes: not the interface alone", listed.len());
    for machine in ["/home", "/tmp", "/root", "/usr", ".cargo"] {
        assert!(!listed.contains(machine), "{machine} is of one machine");
    }
}

/// The gate closes: a changed copy is found.
#[test]
fn a_changed_interface_is_found() {
    if !is_for_us("a_changed_interface_is_found") {
        return;
    }
    let listed = fs::read_to_string(place("tollgate-0.abi")).expect("the description");
    let folder = tempfile::tempdir().expect("a folder");
    let (before, after) = (folder.path().join("before.abi"), folder.path().join("after.abi"));
    fs::write(&before, &listed).expect("a file of our own");
    let found = |from: &str, to: &str| {
        let changed = listed.replacen(from, to, 1);
        assert!(changed != listed, "{from} is not in it");
        fs::write(&after, changed).expect("a file of our own");
        let output = abidiff(&before, &after);
        assert_ne!(output.status.code(), Some(0), "{from} became {to}, and abidiff says nothing");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let structure = "class-decl name='tollgate_verdict' size-in-bits='832'";
    let grown = found(structure, &structure.replace("832", "896"));
    assert!(grown.contains("tollgate_verdict"), "{grown}");
    let moved = "layout-offset-in-bits='384'>\n        <var-decl name='expires_s'";
    found(moved, &moved.replace("384", "448"));
    let symbol = "<elf-symbol name='tollgate_check' ";
    found(symbol, &symbol.replace("tollgate_check", "tollgate_cheque"));
    let parameter = "name='kind'/>\n      <parameter";
    found(
        parameter,
        "name='kind'/>\n      <parameter type-id='type-id-1' name='x'/>\n      <parameter",
    );
}

#[test]
fn the_archive_needs_what_rustc_says() {
    let Some(prefix) = prefix("the_archive_needs_what_rustc_says") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let source = folder.path().join("nothing.rs");
    fs::write(&source, "pub fn nothing() {}\n").expect("a file of our own");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--crate-type", "staticlib", "--print", "native-static-libs", "-o"])
        .arg(folder.path().join("nothing.a"))
        .arg(&source)
        .output()
        .expect("rustc runs");
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find_map(|line| line.split_once("native-static-libs: "));
    let (_, needed) = line.unwrap_or_else(|| panic!("{said}"));
    // What our own crates would need more, the programs that link the archive would miss.
    assert_eq!(prefix.pkg_config(&["--variable=archive_libs"]).join(" "), needed);
    let cmake = prefix.folder.join("lib/cmake/tollgate/tollgateConfig.cmake");
    let cmake = fs::read_to_string(cmake).expect("CMake's file");
    let list: Vec<&str> =
        needed.split_whitespace().map(|one| one.trim_start_matches("-l")).collect();
    assert!(
        cmake.contains(&format!("INTERFACE_LINK_LIBRARIES \"{}\"", list.join(";"))),
        "{needed}"
    );
}

#[test]
fn linked_is_what_is_listed() {
    let mut names: Vec<String> = tree(&["--edges", "normal,no-proc-macro", "--format", "{p}"])
        .lines()
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    let text = names.iter().map(|name| format!("{name}\n")).collect::<String>();
    let listed = kept("crates.txt", &text);
    assert_eq!(
        text, listed,
        "the crates in the library are not those of bindings/c/abi/crates.txt; read what is new, then TOLLGATE_BLESS=1"
    );
    for name in ["tokio", "clap", "tollgate-server", "rcgen", "pem-rfc7468", "openssl-sys"] {
        assert!(!names.iter().any(|other| other == name), "{name} is in the library");
    }
    let features = tree(&["--edges", "normal,features", "--format", "{p} [{f}]"]);
    // A line is `name v1.2.3 (folder) [features]`.
    let of = |name: &str| {
        let mut lines = features.lines().filter(|line| line.starts_with(&format!("{name} v")));
        let line = lines.next().unwrap_or_else(|| panic!("{name} is not in the library"));
        let (_, list) = line.rsplit_once('[').expect("a list of features");
        list.trim_end_matches([']', ' ', '(', '*', ')']).split(',').map(str::to_owned).collect()
    };
    let (core, keeper): (Vec<String>, Vec<String>) = (of("tollgate"), of("tollgate-keeper"));
    assert!(core.iter().any(|feature| feature == "aws-lc"), "{core:?}");
    assert!(!core.iter().any(|feature| feature == "sign"), "the library could sign: {core:?}");
    assert!(!keeper.iter().any(|feature| feature == "doctor"), "the library signs: {keeper:?}");
    let site: Vec<String> = of("tollgate-site");
    assert!(!site.iter().any(|feature| feature == "issue"), "the library issues: {site:?}");
    assert!(site.iter().any(|feature| feature == "registry"), "it reads no registry: {site:?}");
}

/// The table of docs/c.md has each function once, with the release since which it is there.
#[test]
fn the_manual_lists_every_function() {
    let manual = fs::read_to_string(root().join("docs/c.md")).expect("the manual");
    let (_, manual) = manual.split_once("\n## Functions\n").expect("a table of functions");
    let mut rows = BTreeSet::new();
    for line in manual.lines().filter(|line| line.starts_with("| `tollgate_")) {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let name = cells.next().unwrap_or_default().trim_matches('`').to_owned();
        let since = cells.next().unwrap_or_default();
        let numbers: Vec<_> = since.split('.').map(str::parse::<u32>).collect();
        let is_release = numbers.len() == 3 && numbers.iter().all(Result::is_ok);
        assert!(is_release, "{name}: since {since:?}");
        assert!(rows.insert(name.clone()), "{name} stands there twice");
    }
    assert_eq!(rows, declared(), "docs/c.md and include/tollgate.h");
}

/// What cargo links into the library on this kind of machine.
fn tree(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    said(
        Command::new(cargo)
            .args(["tree", "--locked", "--package", "tollgate-artifact", "--prefix", "none"])
            .args(["--target", "x86_64-unknown-linux-gnu"])
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR")),
    )
}

/// What abidw says of the library of the dev profile, cut down to what C sees.
fn described(test: &str) -> Option<String> {
    if !is_for_us(test) {
        return None;
    }
    let xml = said(
        Command::new("abidw")
            .args(["--no-corpus-path", "--no-comp-dir-path", "--no-show-locs"])
            .arg(shared_object()),
    );
    let header = fs::read_to_string(root().join("include/tollgate.h")).expect("the header");
    Some(reduced(&xml, &header, &declared()))
}

/// The description is of one kind of machine.
fn is_for_us(test: &str) -> bool {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        skipped(test, "the description of the interface is that of Linux on x86-64");
        return false;
    }
    has(test, "abidw")
}

fn abidiff(before: &Path, after: &Path) -> Output {
    Command::new("abidiff").arg(before).arg(after).output().expect("abidiff runs")
}

fn exported(library: &Path) -> BTreeSet<String> {
    let symbols = said(Command::new("nm").args(["-D", "--defined-only"]).arg(library));
    symbols.lines().filter_map(|line| line.split_whitespace().nth(2).map(str::to_owned)).collect()
}

/// The functions of the header.
pub(crate) fn declared() -> BTreeSet<String> {
    let header = fs::read_to_string(root().join("include/tollgate.h")).expect("the header");
    let items = header.split("TOLLGATE_API\n").skip(1);
    let heads = items.filter_map(|item| item.split_once('(').map(|(head, _)| head));
    let names = heads.filter_map(|head| head.split_whitespace().last());
    names
        .map(|name| name.trim_start_matches('*').to_owned())
        .filter(|name| name.starts_with("tollgate_"))
        .collect()
}

/// A file of abi/ as it is checked in; written first where that is asked for.
fn kept(name: &str, text: &str) -> String {
    if std::env::var_os("TOLLGATE_BLESS").is_some() {
        fs::write(place(name), text).expect("a file of ours");
    }
    fs::read_to_string(place(name)).unwrap_or_default()
}

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("abi").join(name)
}
