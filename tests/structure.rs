//! The laws of the house, read off its files: who knows whom, what the core must not touch, how long
//! a file may be, how things may not be named.

#[path = "structure/crates.rs"]
mod crates;
#[path = "structure/layers.rs"]
mod layers;
#[path = "structure/source.rs"]
mod source;

use source::{Token, files, heads, is_at, read, rust_files, tokens, without_tests};

const MOST_LINES: usize = 500;

/// Generated, and as long as the interface is.
const ANY_LENGTH: &str = "include/tollgate.h";

/// Names that say nothing: whoever reads them has to read the code.
const EMPTY_NAMES: [&str; 6] = ["Manager", "Helper", "Util", "Context", "Info", "Data"];

/// Where Rust cannot be sure by itself: the C boundary, and the table that is read without a lock.
const UNSAFE_FOLDERS: [&str; 2] = ["bindings/", "crates/table/src/"];

/// Tests that count allocations, fork, or take pages away: the system's calls are unsafe.
const UNSAFE_TESTS: [&str; 6] = [
    "crates/keeper/tests/fork.rs",
    "crates/table/tests/allocations.rs",
    "crates/table/tests/fork.rs",
    "tests/quiet/allocations.rs",
    "tests/quiet/fork.rs",
    "tests/quiet/pages.rs",
];

/// Their roots say instead that a proof stands at every unsafe block.
const PROVEN_ROOTS: [&str; 2] = ["bindings/c/src/lib.rs", "crates/table/src/lib.rs"];

/// Where a binding's crates begin; of the table's and the others' the list of files tells.
const BINDING_ROOTS: [&str; 3] =
    ["bindings/c/src/lib.rs", "bindings/c/artifact/src/lib.rs", "bindings/python/src/lib.rs"];

/// A list of complaints, one a line.
fn assert_none(law: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{law}; {} broken:\n  {}", broken.len(), broken.join("\n  "));
}

#[test]
fn layers_look_down_only() {
    let mut broken = Vec::new();
    for file in rust_files("src/") {
        let inside = file.strip_prefix("src/").expect("of that folder");
        if let Some(module) = layers::module_path(inside).first()
            && !layers::has_layer(module)
        {
            broken.push(format!("{file}: {module} has no place in the order of layers"));
        }
        broken.extend(layers::violations(inside, &read(&file)));
    }
    assert_none("a layer knows itself, its neighbours and what lies below", &broken);
}

#[test]
fn only_crypto_names_a_crypto_library() {
    let mut broken = Vec::new();
    for file in rust_files("src/").iter().filter(|file| !file.starts_with("src/crypto/")) {
        let text = read(file);
        let tokens = tokens(&text);
        for (at, token) in tokens.iter().enumerate() {
            let is_path = is_at(&tokens, at + 1, &["::"]);
            let is_used = at > 0 && matches!(tokens[at - 1].text, "use" | "crate");
            if matches!(token.text, "ring" | "aws_lc_rs" | "aws_lc_sys") && (is_path || is_used) {
                broken.push(format!("{file}:{}: {}", token.line, token.text));
            }
        }
    }
    assert_none("crypto/ is the only importer of a crypto library", &broken);
}

/// What `std` offers and the core must not take, in one file's tokens.
fn outside_world(tokens: &[Token<'_>]) -> Vec<String> {
    const FORBIDDEN: [&str; 5] = ["fs", "net", "env", "thread", "process"];
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.text == "SystemTime" || is_at(tokens, at, &["Instant", "::", "now"]) {
            found.push(format!("{}: {}", token.line, token.text));
        }
        if is_at(tokens, at, &["std", "::"]) {
            for head in heads(tokens, at + 2) {
                if FORBIDDEN.contains(&head.text) {
                    found.push(format!("{}: std::{}", head.line, head.text));
                }
            }
        }
    }
    found
}

#[test]
fn the_core_reads_no_clock_and_does_no_io() {
    let mut broken = Vec::new();
    // Whether this is a forked child is the one thing that is asked of the system.
    let files = rust_files("src/");
    let is_judged =
        |file: &&String| !file.ends_with("_tests.rs") && *file != "src/parallel/process.rs";
    for file in files.iter().filter(is_judged) {
        let found = outside_world(&without_tests(&tokens(&read(file))));
        broken.extend(found.into_iter().map(|fault| format!("{file}:{fault}")));
    }
    assert_none("time is an argument, and the core touches nothing outside", &broken);
}

#[test]
fn the_search_for_the_outside_world_finds_it() {
    let found = |text: &str| outside_world(&without_tests(&tokens(text))).len();
    for line in [
        "use std::time::SystemTime;",
        "let now = Instant::now();",
        "let now = std::time::Instant::now();",
        "use std::fs;",
        "use std::{collections::HashMap, fs::File};",
        "std::thread::spawn(f);",
        "#[cfg(test)] mod tests { use std::fs; } use std::net::TcpStream;",
        "#[cfg(test)]\n#[path = \"x.rs\"]\nmod tests;\nfn f() { std::env::var(\"X\"); }",
    ] {
        assert_eq!(found(line), 1, "{line}");
    }
    for line in [
        "// std::fs",
        "const S: &str = \"std::fs\";",
        "use std::collections::HashMap;",
        "use std::{sync::Arc, fmt};",
        "#[cfg(test)] mod tests { fn f() { if x { std::fs::read(p); } } }",
    ] {
        assert_eq!(found(line), 0, "{line}");
    }
}

#[test]
fn every_crate_forbids_unsafe_code() {
    const FORBID: [&str; 8] = ["#", "!", "[", "forbid", "(", "unsafe_code", ")", "]"];
    const PROVE: [&str; 10] =
        ["#", "!", "[", "deny", "(", "clippy", "::", "undocumented_unsafe_blocks", ")", "]"];
    let roots = files().into_iter().filter(|file| {
        let in_crate = file.strip_prefix("crates/").and_then(|rest| rest.split_once('/'));
        let inside = in_crate.map_or(file.as_str(), |(_, inside)| inside);
        let is_root = inside == "src/lib.rs" || inside == "src/main.rs";
        is_root || BINDING_ROOTS.contains(&file.as_str())
    });
    let lacks = |file: &String| {
        let text = read(file);
        let tokens = tokens(&text);
        let wanted: &[&str] = if PROVEN_ROOTS.contains(&file.as_str()) { &PROVE } else { &FORBID };
        !(0..tokens.len()).any(|at| is_at(&tokens, at, wanted))
    };
    let broken: Vec<String> = roots.filter(lacks).collect();
    assert_none(
        "a crate's root says #![forbid(unsafe_code)], the table's and the binding's that it proves",
        &broken,
    );
}

#[test]
fn unsafe_stands_in_the_bindings_and_the_table_only() {
    let is_free = |file: &&String| {
        UNSAFE_FOLDERS.iter().any(|folder| file.starts_with(folder))
            || UNSAFE_TESTS.contains(&file.as_str())
    };
    let mut broken = Vec::new();
    for file in rust_files("").iter().filter(|file| !is_free(file)) {
        let text = read(file);
        let found = tokens(&text).into_iter().filter(|token| token.text == "unsafe");
        broken.extend(found.map(|token| format!("{file}:{}", token.line)));
    }
    assert_none("no `unsafe` outside bindings/ and crates/table", &broken);
}

/// How far above an `unsafe` its proof may begin: comments, and the statement that it stands in.
const PROOF_WITHIN: usize = 6;

#[test]
fn every_unsafe_in_the_table_has_its_proof() {
    let mut broken = Vec::new();
    let in_sources = |file: &&String| file.starts_with("crates/table/");
    for file in rust_files("").iter().filter(in_sources) {
        let text = read(file);
        let lines: Vec<&str> = text.lines().collect();
        for token in tokens(&text).iter().filter(|token| token.text == "unsafe") {
            let above = &lines[token.line.saturating_sub(1 + PROOF_WITHIN)..token.line];
            // A contract (`# Safety`) is the proof of an `unsafe fn`; a trait's method has its trait's.
            let is_contract = lines[token.line - 1].contains("unsafe fn");
            let is_proven = above.iter().any(|line| line.contains("// SAFETY: "));
            let has_contract = above.iter().any(|line| line.contains("/// # Safety"));
            let is_trait_method = file.contains("/tests/");
            // The type of such a function: whoever calls it has a block of his own.
            if lines[token.line - 1].contains("unsafe fn(") {
                continue;
            }
            if !(is_proven || is_contract && (has_contract || is_trait_method)) {
                broken.push(format!("{file}:{}", token.line));
            }
        }
    }
    assert_none("each `unsafe` says why it is right", &broken);
}

/// The contract for all of C's pointers stands in the crate's root; each place that leans on it says so.
#[test]
fn every_unsafe_block_of_the_binding_has_its_proof() {
    let mut broken = Vec::new();
    for file in rust_files("bindings/c/") {
        let text = read(&file);
        let lines: Vec<&str> = text.lines().collect();
        for pair in tokens(&text).windows(2) {
            let [Token { text: "unsafe", line }, Token { text: "{" | "impl", .. }] = pair else {
                continue;
            };
            let above = &lines[line.saturating_sub(1 + PROOF_WITHIN)..*line];
            if !above.iter().any(|line| line.trim_start().starts_with("// SAFETY: ")) {
                broken.push(format!("{file}:{line}"));
            }
        }
    }
    assert_none("each `unsafe` block says why it is right", &broken);
}

#[test]
fn crates_know_downwards_only() {
    let mut broken = Vec::new();
    for file in files().iter().filter(|file| file.ends_with("Cargo.toml")) {
        let folders = ["crates/", "bindings/c/", "bindings/python/"];
        if file == "Cargo.toml" || folders.iter().any(|folder| file.starts_with(folder)) {
            broken.extend(crates::violations(file, &read(file)));
        }
    }
    assert_none(
        "table <- core <- site <- keeper <- c, python <- server, by what each may see",
        &broken,
    );
}

#[test]
fn no_file_is_longer_than_a_sitting() {
    const KINDS: [&str; 10] = ["rs", "c", "h", "hpp", "py", "pyi", "cs", "mjs", "sh", "toml"];
    let mut broken = Vec::new();
    for file in files() {
        let kind = file.rsplit_once('.').map_or("", |(_, kind)| kind);
        let is_read = KINDS.contains(&kind) || kind == "md" && file.starts_with("docs/");
        if is_read && file != ANY_LENGTH {
            let lines = read(&file).lines().count();
            if lines > MOST_LINES {
                broken.push(format!("{file}: {lines} lines"));
            }
        }
    }
    assert_none("no file over 500 lines: it is probably two rooms", &broken);
}

/// Whether a type's name is an empty one, or ends with one.
fn is_empty_type(name: &str) -> bool {
    EMPTY_NAMES.iter().any(|empty| {
        let name = name.strip_suffix('s').unwrap_or(name);
        name.ends_with(empty)
    })
}

/// The same for modules and files, in snake case.
fn is_empty_module(name: &str) -> bool {
    let last = name.rsplit('_').next().unwrap_or(name);
    let last = last.strip_suffix('s').unwrap_or(last);
    EMPTY_NAMES.iter().any(|empty| empty.eq_ignore_ascii_case(last))
}

#[test]
fn nothing_has_an_empty_name() {
    let mut broken = Vec::new();
    for file in rust_files("") {
        let text = read(&file);
        for pair in tokens(&text).windows(2) {
            let [Token { text: keyword, .. }, Token { text: name, line }] = pair else { continue };
            let is_empty = match *keyword {
                "struct" | "enum" | "union" | "trait" | "type" => is_empty_type(name),
                "mod" => is_empty_module(name),
                _ => false,
            };
            if is_empty {
                broken.push(format!("{file}:{line}: {keyword} {name}"));
            }
        }
        let parts = file.trim_end_matches(".rs").split('/');
        if let Some(part) = parts.into_iter().find(|part| is_empty_module(part)) {
            broken.push(format!("{file}: {part}"));
        }
    }
    assert_none(&format!("no {}", EMPTY_NAMES.join(", ")), &broken);
}

#[test]
fn empty_names_are_whole_words_at_the_end() {
    for name in ["Manager", "KeyManager", "Util", "Utils", "TlsContext", "TokenData", "KeyInfo"] {
        assert!(is_empty_type(name), "{name}");
    }
    for name in ["Managed", "DataSource", "Metadata", "Utility", "Facts"] {
        assert!(!is_empty_type(name), "{name}");
    }
    for name in ["util", "utils", "key_helper", "context", "data"] {
        assert!(is_empty_module(name), "{name}");
    }
    for name in ["utility", "metadata", "data_source", "info_line"] {
        assert!(!is_empty_module(name), "{name}");
    }
}
