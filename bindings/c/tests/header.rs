//! include/tollgate.h is what src/ says. `TOLLGATE_BLESS=1 cargo test -p tollgate-c --test header` writes it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use tollgate::Reason;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const HEADER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../include/tollgate.h");

#[test]
fn the_header_is_what_the_sources_say() {
    let made = header();
    if std::env::var_os("TOLLGATE_BLESS").is_some() {
        fs::write(HEADER, &made).expect("writes the header");
    }
    let kept = fs::read_to_string(HEADER).unwrap_or_default();
    let differing = made.lines().zip(kept.lines()).position(|(made, kept)| made != kept);
    assert!(
        made == kept,
        "include/tollgate.h is not what bindings/c/src says, from line {} on; run\n  \
         TOLLGATE_BLESS=1 cargo test -p tollgate-c --test header",
        differing.map_or(made.lines().count().min(kept.lines().count()), |at| at) + 1
    );
}

/// A reader of the header has nothing else: each item and each field says what it is.
#[test]
fn every_item_is_documented() {
    let header = header();
    let lines: Vec<&str> = header.lines().collect();
    let body = lines.iter().position(|line| line.contains(BODY)).expect("the body begins");
    let mut bare = Vec::new();
    let mut in_struct = false;
    for (at, line) in lines.iter().enumerate().skip(body) {
        in_struct = (in_struct || line.starts_with("typedef struct") && line.ends_with('{'))
            && !line.starts_with('}');
        let is_field = in_struct && line.starts_with("    ") && line.ends_with(';');
        let starts = ["typedef ", "#define TOLLGATE_", "TOLLGATE_API", "static inline"];
        let is_item = starts.iter().any(|start| line.starts_with(start));
        if (is_field || is_item) && !lines[at - 1].ends_with("*/") {
            bare.push(format!("{}: {line}", at + 1));
        }
    }
    assert!(bare.is_empty(), "without a word of documentation:\n  {}", bare.join("\n  "));
}

/// Each function says what every parameter is, and every function that has one what it returns.
#[test]
fn every_parameter_is_documented() {
    let header = header();
    let mut missing = Vec::new();
    for item in header.split("/**").skip(1) {
        let Some((words, code)) = item.split_once("*/") else { continue };
        let code = code.split(';').next().unwrap_or_default();
        let Some((head, parameters)) = code.split_once('(').filter(|(head, _)| {
            head.trim_start().starts_with("TOLLGATE_") || head.contains("\nTOLLGATE_")
        }) else {
            continue;
        };
        let name = head.split_whitespace().last().unwrap_or_default().trim_start_matches('*');
        for parameter in parameters.trim_end_matches(')').split(',') {
            let parameter = parameter.split_whitespace().last().unwrap_or_default();
            let parameter = parameter.trim_start_matches('*').trim_end_matches(')');
            if parameter != "void" && !words.contains(&format!("@param {parameter} ")) {
                missing.push(format!("{name}: {parameter}"));
            }
        }
        if !head.contains("void ") && !words.contains("@return") {
            missing.push(format!("{name}: what it returns"));
        }
    }
    assert!(missing.is_empty(), "not documented:\n  {}", missing.join("\n  "));
}

/// The release stands in the manifest; the header's numbers are compared with it here, and what C makes of
/// them in ctest/layout.c.
#[test]
fn the_version_is_that_of_the_manifest() {
    use tollgate_c::{TOLLGATE_VERSION_MAJOR, TOLLGATE_VERSION_MINOR, TOLLGATE_VERSION_PATCH};
    let (major, minor, patch) =
        (TOLLGATE_VERSION_MAJOR, TOLLGATE_VERSION_MINOR, TOLLGATE_VERSION_PATCH);
    assert_eq!(format!("{major}.{minor}.{patch}"), env!("CARGO_PKG_VERSION"));
}

fn header() -> String {
    let root = Path::new(ROOT);
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("its settings");
    let top = fs::read_to_string(root.join("header/top.h")).expect("the top");
    config.header = Some(fs::read_to_string(root.join("header/licence.h")).expect("the licence"));
    config.after_includes = Some(format!("{top}\n{}", reasons()));
    let made = cbindgen::Builder::new()
        .with_config(config)
        .with_src(root.join("src/lib.rs"))
        .generate()
        .expect("a header");
    let mut text = Vec::new();
    made.write(&mut text);
    let text = String::from_utf8(text).expect("text");
    // What cbindgen calls a trailer stands behind the guard, and would be there twice.
    let inline = fs::read_to_string(root.join("header/inline.h")).expect("the inline functions");
    let (body, end) = text.rsplit_once("#endif").expect("the end of the guard");
    let text = format!("{body}{inline}\n#endif{end}");
    // A negative number without parentheses is a trap in an expression.
    let lines = text.lines().map(|line| match line.rsplit_once(" -") {
        Some((start, number)) if line.starts_with("#define ") => format!("{start} (-{number})\n"),
        _ => format!("{}\n", line.trim_end()),
    });
    lines.collect()
}

/// A constant for each reason, out of the table of the core.
fn reasons() -> String {
    let mut text = String::new();
    for reason in Reason::ALL {
        let (number, name) = (reason.number(), reason.name().to_ascii_uppercase());
        let sentence = reason.sentence();
        let http = reason.http_status();
        write!(
            text,
            "/** {sentence} (HTTP {http}) */\n#define TOLLGATE_REASON_{name} {number}\n\n"
        )
        .expect("a String takes it");
    }
    text
}

const BODY: &str = "Reasons: why a request was refused";
