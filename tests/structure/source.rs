//! Reading the repository: its files, and Rust as tokens without comments and strings.
//!
//! A real parser would be a dependency of the tests alone; the laws need names and paths only.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One token: a name, `::`, or a single other character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) text: &'a str,
    pub(crate) line: usize,
}

pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file that is tracked or about to be, as paths from the root with `/`.
///
/// A source archive has no git; there the folders are walked.
pub(crate) fn files() -> Vec<String> {
    let list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let git = Command::new("git").arg("-C").arg(root()).args(list).output();
    let mut files: Vec<String> = match git {
        Ok(output) if output.status.success() && !output.stdout.is_empty() => {
            let names = String::from_utf8(output.stdout).expect("file names are UTF-8");
            names.split_terminator('\0').map(str::to_owned).collect()
        }
        _ => {
            let mut found = Vec::new();
            walk(&root(), "", &mut found);
            found
        }
    };
    // A tracked file may be gone from the work tree.
    files.retain(|file| root().join(file).is_file());
    files.sort();
    files.dedup();
    assert!(files.iter().any(|file| file == "src/lib.rs"), "the list of files is not of this root");
    files
}

fn walk(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{prefix}: {error}"));
    for entry in entries {
        let entry = entry.expect("a folder's entry");
        let name = entry.file_name().into_string().expect("file names are UTF-8");
        let is_foreign = name.starts_with('.') || name == "target" || name == "node_modules";
        if entry.path().is_dir() && !is_foreign {
            walk(&entry.path(), &format!("{prefix}{name}/"), found);
        } else if entry.path().is_file() {
            found.push(format!("{prefix}{name}"));
        }
    }
}

/// The text of one of [`files`].
pub(crate) fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The Rust files below `folder`.
pub(crate) fn rust_files(folder: &str) -> Vec<String> {
    let mut files = files();
    files.retain(|file| file.starts_with(folder) && file.ends_with(".rs"));
    assert!(!files.is_empty(), "no Rust below {folder}");
    files
}

/// Cuts Rust into tokens. Comments, strings and character literals are left out.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let (mut tokens, mut line, mut at) = (Vec::new(), 1, 0);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (length, is_code) = match rest {
            [b'/', b'/', ..] => (find(rest, b"\n").unwrap_or(rest.len()), false),
            [b'/', b'*', ..] => (block_comment(rest), false),
            [b'"', ..] => (string(rest), false),
            [b'\'', ..] => (quote(rest), false),
            [b':', b':', ..] => (2, true),
            [first, ..] if is_name(*first) => match prefixed_string(rest) {
                Some(length) => (length, false),
                None => (rest.iter().take_while(|byte| is_name(**byte)).count(), true),
            },
            _ => (1, !rest[0].is_ascii_whitespace()),
        };
        let token = &text[at..at + length];
        if is_code {
            tokens.push(Token { text: token, line });
        }
        line += token.matches('\n').count();
        at += length;
    }
    tokens
}

/// Leaves out what is compiled for tests only: the item behind each `#[cfg(test)]`.
pub(crate) fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    const MARK: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if !is_at(tokens, at, &MARK) {
            kept.push(tokens[at]);
            at += 1;
            continue;
        }
        // To the `;` or the closing brace that ends the item, over further attributes.
        let mut depth = 0;
        for token in &tokens[at + MARK.len()..] {
            at += 1;
            match token.text {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ => {}
            }
            if depth == 0 && matches!(token.text, ";" | "}") {
                break;
            }
        }
        at += MARK.len();
    }
    kept
}

/// Whether the tokens from `at` on read so.
pub(crate) fn is_at(tokens: &[Token<'_>], at: usize, texts: &[&str]) -> bool {
    texts.iter().enumerate().all(|(i, text)| tokens.get(at + i).is_some_and(|t| t.text == *text))
}

/// The first names of what stands behind a `::` at `at`: one, or those of a `{...}` tree.
pub(crate) fn heads<'a>(tokens: &[Token<'a>], at: usize) -> Vec<Token<'a>> {
    let Some(first) = tokens.get(at) else { return Vec::new() };
    if first.text != "{" {
        return vec![*first];
    }
    let (mut found, mut depth) = (Vec::new(), 0);
    for (i, token) in tokens.iter().enumerate().skip(at) {
        let starts = matches!(tokens[i.saturating_sub(1)].text, "{" | ",");
        match token.text {
            "{" => depth += 1,
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            _ if depth == 1 && starts => found.push(*token),
            _ => {}
        }
    }
    found
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// Block comments nest.
fn block_comment(bytes: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string(bytes: &[u8]) -> usize {
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

/// `r"..."`, `br#"..."#`, and the prefixes of ordinary strings: `b"..."`, `c"..."`.
fn prefixed_string(bytes: &[u8]) -> Option<usize> {
    let prefix = bytes.iter().take_while(|byte| b"bcr".contains(byte)).count();
    let hashes = bytes[prefix..].iter().take_while(|byte| **byte == b'#').count();
    let open = prefix + hashes;
    if prefix == 0 || prefix > 2 || bytes.get(open) != Some(&b'"') {
        return None;
    }
    if !bytes[..prefix].contains(&b'r') {
        return (hashes == 0).then(|| open + string(&bytes[open..]));
    }
    let end = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
    let body = find(&bytes[open + 1..], &end).unwrap_or(bytes.len() - open - 1);
    Some((open + 1 + body + end.len()).min(bytes.len()))
}

/// A character literal, or the quote of a lifetime.
fn quote(bytes: &[u8]) -> usize {
    match bytes {
        [_, b'\\', _, rest @ ..] => 3 + find(rest, b"'").map_or(0, |at| at + 1),
        [_, byte, b'\'', ..] if *byte != b'\'' => 3,
        [_, byte, ..] if !byte.is_ascii() => find(&bytes[1..], b"'").map_or(1, |at| at + 2),
        _ => 1,
    }
}
