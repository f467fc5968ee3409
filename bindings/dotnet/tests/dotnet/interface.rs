//! What the binding knows of the library is what include/tollgate.h says.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::process::Command;

use tollgate::Reason;

use crate::house::{can_run, folder, root, run, runtimes, skip};

/// `TOLLGATE_BLESS=1 cargo test -p tollgate-dotnet reasons` writes the file.
#[test]
fn reasons_have_their_numbers() {
    let mut made = String::from(
        "// SPDX-License-Identifier: MIT OR Apache-2.0\n//\n// Made from src/reason/table.rs by a test \
         (tests/dotnet/interface.rs); edits here are lost.\n\nnamespace Tollgate\n{\n    /// <summary>Why a request was \
         refused: the numbers of <see cref=\"Status\"/>. docs/reasons.md has remedies and sources.</summary>\n    public \
         static class Reasons\n    {\n",
    );
    for (at, reason) in Reason::ALL.iter().enumerate() {
        let space = if at == 0 { "" } else { "\n" };
        let sentence = reason.sentence().replace('&', "&amp;").replace('<', "&lt;");
        let (name, number, http) = (pascal(reason.name()), reason.number(), reason.http_status());
        write!(
            made,
            "{space}        /// <summary>{sentence} (HTTP {http})</summary>\n        public const int {name} = {number};\n"
        )
        .expect("a String takes it");
    }
    made += "    }\n}\n";
    let path = folder().join("Tollgate/Reasons.cs");
    if std::env::var_os("TOLLGATE_BLESS").is_some() {
        fs::write(&path, &made).expect("writes the file");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        made == kept,
        "Reasons.cs is old: TOLLGATE_BLESS=1 cargo test -p tollgate-dotnet reasons"
    );
}

/// What .NET has of its own: references to a gate are counted by it, a release is a text, and what refreshes is a
/// thread of its own (Tollgate/Interop/Refresher.cs says why).
const NOT_BOUND: [&str; 4] = [
    "tollgate_gate_clone",
    "tollgate_gate_start_refresh",
    "tollgate_gate_stop_refresh",
    "tollgate_version_number",
];

#[test]
fn every_function_is_bound() {
    let symbols = fs::read_to_string(root().join("bindings/c/abi/symbols.txt")).expect("a list");
    let wanted: BTreeSet<&str> = symbols.lines().filter(|name| !NOT_BOUND.contains(name)).collect();
    let native = fs::read_to_string(folder().join("Tollgate/Interop/Native.cs")).expect("a file");
    let declared = native.lines().filter_map(|line| {
        let (_, rest) = line.split_once("static extern ")?;
        rest.split('(').next()?.split(' ').next_back()
    });
    assert_eq!(declared.collect::<BTreeSet<_>>(), wanted);
}

/// Of the header's numbers those that .NET has no use for: what it knows otherwise, or leaves to the library.
const NOT_USED: [&str; 8] = [
    "VERSION_MAJOR",
    "VERSION_MINOR",
    "VERSION_PATCH",
    "HEADERS_MOST",
    "TEXT_TENANT",
    "TEXT_USER",
    "TEXT_DEVICE",
    // `default(Ask)` is of a device, so the enum has 0 there; tests/themes show that it is taken for one.
    "SCENARIO_DEVICE",
];

#[test]
fn constants_have_their_numbers() {
    let header = fs::read_to_string(root().join("include/tollgate.h")).expect("a file");
    let source = |name: &str| {
        fs::read_to_string(folder().join("Tollgate").join(name)).expect("a file of the binding")
    };
    let (native, status) = (source("Interop/Native.cs"), source("Status.cs"));
    let (answer, verdict) = (source("Answer.cs"), source("Verdict.cs"));
    let mut checked = 0;
    for line in header.lines() {
        let Some((name, value)) =
            line.strip_prefix("#define TOLLGATE_").and_then(|line| line.split_once(' '))
        else {
            continue;
        };
        let Ok(value) = value.trim_matches(['(', ')']).parse::<i32>() else { continue };
        if name.starts_with("REASON_") || NOT_USED.contains(&name) {
            continue;
        }
        let (kind, rest) = name.split_once('_').unwrap_or((name, ""));
        let rest_name = pascal(&rest.to_lowercase());
        let (text, scope, ours) = match kind {
            "E" => (&native, "class Native", format!("Error{rest_name}")),
            "TEXT" => (&answer, "struct Answer", format!("Text{rest_name}")),
            "HAS" if rest != "CERTIFICATE" => {
                (&verdict, "struct Verdict", format!("Has{rest_name}"))
            }
            "HAS" | "IS" => (&verdict, "struct Verdict", rest_name),
            "LOG" => (&status, "enum LogLevel", rest_name),
            "WITHDRAW" => (&status, "enum Withdrawn", rest_name),
            "METHOD" => (&status, "enum Method", rest_name),
            "KIND" => (&status, "enum Kind", rest_name),
            "DETAIL" => (&status, "enum Detail", rest_name),
            "SCENARIO" => (&status, "enum Scenario", rest_name),
            _ => (&native, "class Native", pascal(&name.to_lowercase())),
        };
        let (_, inside) = text.split_once(scope).unwrap_or_else(|| panic!("no {scope}"));
        let wanted = format!(" {ours} = ");
        let (_, found) =
            inside.split_once(&wanted).unwrap_or_else(|| panic!("{name}: no {ours} in {scope}"));
        let found = found.split([',', ';']).next().and_then(|number| number.parse::<i32>().ok());
        assert_eq!(found, Some(value), "{name} is {ours} in {scope}");
        checked += 1;
    }
    assert!(checked > 30, "{checked} are all that the header has");
}

/// Sizes, and where each field stands, as a compiler of C lays the header's structures out.
#[test]
fn structures_are_laid_out_as_in_c() {
    let test = "structures_are_laid_out_as_in_c";
    let runtimes = runtimes(test);
    if !can_run("cc") {
        return skip(test, "there is no cc");
    }
    let Some(first) = runtimes.first() else { return };
    let said = run(first.command("Themes.exe").arg("--layout"));
    let mut program = String::from(
        "#include <stdio.h>\n#include <stddef.h>\n#include <tollgate.h>\nint main(void) {\n",
    );
    for line in said.lines() {
        let (place, _) = line.split_once(' ').expect("a place and a number");
        let value = match place.split_once('.') {
            Some((name, field)) => format!("offsetof({name}, {field})"),
            None => format!("sizeof({place})"),
        };
        writeln!(program, "printf(\"{place} %zu\\n\", {value});").expect("a String takes it");
    }
    program += "return 0; }\n";
    let place = tempfile::tempdir().expect("a folder");
    let (source, binary) = (place.path().join("layout.c"), place.path().join("layout"));
    fs::write(&source, program).expect("a file of our own");
    run(Command::new("cc")
        .arg("-I")
        .arg(root().join("include"))
        .arg(source)
        .arg("-o")
        .arg(&binary));
    let expected = run(&mut Command::new(binary));
    assert!(expected.lines().count() > 60, "all structures with all fields");
    for runtime in runtimes {
        let said = run(runtime.command("Themes.exe").arg("--layout"));
        assert_eq!(said.replace('\r', ""), expected, "{}", runtime.name);
    }
}

fn pascal(name: &str) -> String {
    let mut made = String::new();
    for word in name.split('_') {
        let Some((first, rest)) = word.split_at_checked(1) else { continue };
        made += &first.to_ascii_uppercase();
        made += rest;
    }
    made
}
