//! What abidw writes about the library, cut down to what C can see: the functions, the structures of the header
//! with their fields, and the names alone of what is opaque. Without places and numbers of this build.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The description of `functions`, whose structures are those that `header` defines.
pub(crate) fn reduced(xml: &str, header: &str, functions: &BTreeSet<String>) -> String {
    let lines: Vec<&str> = xml.lines().collect();
    let types = types(&lines);
    let mut numbers = Numbers::default();
    let mut described = Vec::new();
    for name in functions {
        let mark = format!(" elf-symbol-id='{name}'");
        let start = lines.iter().position(|line| {
            line.trim_start().starts_with("<function-decl ") && line.contains(&mark)
        });
        let start = start.unwrap_or_else(|| panic!("abidw says nothing of {name}"));
        described.push(numbers.renumber(&block(&lines, start)));
    }
    let mut told = BTreeSet::new();
    let mut type_lines = Vec::new();
    while let Some(id) = numbers.unseen.pop_front() {
        // Those inside of another were told with it.
        if told.contains(&id) {
            continue;
        }
        let Some(start) = types.get(id.as_str()) else { panic!("abidw says nothing of {id}") };
        let text = block(&lines, *start);
        let text = if is_public(&text[0], header) { text } else { vec![declared(&text[0])] };
        told.extend(text.iter().filter_map(|line| attribute(line, "id").map(str::to_owned)));
        type_lines.push(numbers.renumber(&text));
    }
    assemble(lines[0], functions, &type_lines, &described)
}

fn assemble(
    head: &str,
    functions: &BTreeSet<String>,
    types: &[Vec<String>],
    described: &[Vec<String>],
) -> String {
    let mut text = String::new();
    let mut put = |depth: usize, line: &str| {
        text.push_str(&"  ".repeat(depth));
        text.push_str(line);
        text.push('\n');
    };
    put(0, head);
    put(1, "<elf-function-symbols>");
    for name in functions {
        put(
            2,
            &format!(
                "<elf-symbol name='{name}' type='func-type' binding='global-binding' \
                 visibility='default-visibility' is-defined='yes'/>"
            ),
        );
    }
    put(1, "</elf-function-symbols>");
    put(1, "<abi-instr address-size='64' path='tollgate.h' language='LANG_Rust'>");
    types.iter().chain(described).flatten().for_each(|line| put(2, line));
    put(1, "</abi-instr>");
    put(0, "</abi-corpus>");
    text
}

/// Numbers of types in the order in which they are met, which no build changes.
#[derive(Default)]
struct Numbers {
    known: BTreeMap<String, usize>,
    unseen: VecDeque<String>,
}

impl Numbers {
    fn renumber(&mut self, lines: &[String]) -> Vec<String> {
        lines.iter().map(|line| self.renumber_line(line)).collect()
    }

    fn renumber_line(&mut self, line: &str) -> String {
        let mut parts = line.split(MARK);
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (digits, rest) = part.split_at(part.find('\'').unwrap_or(part.len()));
            let id = format!("{MARK}{digits}");
            let next = self.known.len() + 1;
            let number = *self.known.entry(id.clone()).or_insert_with(|| {
                self.unseen.push_back(id);
                next
            });
            text += &format!("{MARK}{number}{rest}");
        }
        text
    }
}

const MARK: &str = "type-id-";

/// Where each type is told, by its id. Not all that has an id is told by itself.
fn types<'a>(lines: &[&'a str]) -> BTreeMap<&'a str, usize> {
    let told = lines.iter().enumerate().filter_map(|(at, line)| {
        let is_member = lines.get(at.wrapping_sub(1)).is_some_and(|l| l.contains("<member-type"));
        let id = attribute(line, "id").filter(|_| !is_member)?;
        Some((id, at, line.contains("is-declaration-only")))
    });
    let mut types = BTreeMap::new();
    for (id, at, is_only_declared) in told {
        if !is_only_declared || !types.contains_key(id) {
            types.insert(id, at);
        }
    }
    types
}

/// An element with all that is in it, without what stood before it.
fn block(lines: &[&str], start: usize) -> Vec<String> {
    let first = lines[start];
    let margin = first.len() - first.trim_start().len();
    let cut = |line: &str| line[margin..].to_owned();
    if first.ends_with("/>") {
        return vec![cut(first)];
    }
    let tag = first.trim_start().trim_start_matches('<');
    let tag = &tag[..tag.find([' ', '>']).expect("a tag ends")];
    let end = format!("{}</{tag}>", &first[..margin]);
    let len = lines[start..].iter().position(|line| *line == end).expect("what begins ends");
    lines[start..=start + len].iter().map(|line| cut(line)).collect()
}

/// Whether C knows what is in it: no structure, one that the header defines, or a callback that may be NULL.
fn is_public(line: &str, header: &str) -> bool {
    if !line.starts_with("<class-decl ") {
        return true;
    }
    let name = attribute(line, "name").expect("a structure has a name");
    header.contains(&format!("typedef struct {name} {{"))
        || name.starts_with("Option&lt;") && name.contains(" fn(")
}

/// The name of a structure, and nothing else of it.
fn declared(line: &str) -> String {
    let part = |key| attribute(line, key).expect("a structure has both");
    let (name, id) = (part("name"), part("id"));
    format!(
        "<class-decl name='{name}' is-struct='yes' visibility='default' \
         is-declaration-only='yes' id='{id}'/>"
    )
}

fn attribute<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = line.split_once(&format!(" {key}='"))?;
    rest.split('\'').next()
}
