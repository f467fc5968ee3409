//! docs/reasons.md is written from the table of reasons, and stays so.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use tollgate::{Class, Reason};

const PAGE: &str = "docs/reasons.md";

/// Set, the page is written instead of compared.
const BLESS: &str = "TOLLGATE_BLESS";

#[test]
fn the_page_of_reasons_is_the_table_of_reasons() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let expected = page();
    if std::env::var_os(BLESS).is_some() {
        fs::write(&path, &expected).unwrap_or_else(|error| panic!("{PAGE}: {error}"));
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let mut lines = (1..).zip(expected.lines()).zip(written.lines());
    let differs = lines.find(|((_, expected), written)| expected != written);
    let place = differs.map_or("its length".into(), |((number, expected), written)| {
        format!("line {number}\n  table: {expected}\n  page:  {written}")
    });
    assert!(
        expected == written,
        "{PAGE} is not what the table of reasons says, at {place}\n\
         write it with {BLESS}=1 cargo test --test reasons"
    );
}

#[test]
fn every_reason_has_one_row() {
    let page = page();
    for reason in Reason::ALL {
        let row = format!("\n| {} | `{}` | ", reason.number(), reason.name());
        assert_eq!(page.matches(&row).count(), 1, "{} ({})", reason.name(), reason.number());
    }
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.contains(" | `")).count();
    assert_eq!(rows, Reason::ALL.len(), "a row that is no reason's");
}

#[test]
fn cells_cannot_break_their_table() {
    assert_eq!(cell("a | b <c> `d <e>` f"), r"a \| b \<c> `d <e>` f");
}

fn page() -> String {
    let mut page = String::from(
        "# Why a credential was refused\n\
         \n\
         <!-- Written from src/reason/table.rs. Change it there, then: \
         TOLLGATE_BLESS=1 cargo test --test reasons -->\n\
         \n\
         Every refusal has a reason: a number that never changes its meaning, a name for scripts, \
         what was found, and what to do about it. The reason is for the operator. Outsiders see \
         its class only, as an HTTP status: the thousands of the number are the class, and each \
         class has one status. A gateway answers 401 where another credential may help, 403 where \
         this one is good but does not open this door, and 503 where it could not decide, which is \
         never the client's fault.\n\
         \n\
         | Class | Name | HTTP | Meaning |\n\
         |---|---|---|---|\n",
    );
    for class in Class::ALL {
        let (number, name, status) = (class as u16, class.name(), class.http_status());
        row(&mut page, &[&number, &format_args!("[{name}](#{name})"), &status, &meaning(class)]);
    }
    for class in Class::ALL {
        let name = class.name();
        let title = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let status = class.http_status();
        page.push_str(&format!("\n## {title}\n\nClass {}, HTTP {status}.\n\n", class as u16));
        page.push_str("| Number | Name | What was found | Remedy | Source |\n");
        page.push_str("|---|---|---|---|---|\n");
        for reason in Reason::ALL.iter().filter(|reason| reason.class() == class) {
            let name = format!("`{}`", reason.name());
            let texts = [reason.sentence(), reason.remedy(), reason.source()].map(cell);
            row(&mut page, &[&reason.number(), &name, &texts[0], &texts[1], &texts[2]]);
        }
    }
    page
}

fn meaning(class: Class) -> &'static str {
    match class {
        Class::Malformed => "Not a credential, or a broken one.",
        Class::Untrusted => "Nobody who is trusted said this, or nobody proved it.",
        Class::Untimely => "Proven, but for another time.",
        Class::Unsuitable => "Proven, but not allowed here.",
        Class::Withdrawn => "It was good once, and was taken back.",
        Class::Undecidable => "The gateway could not know; so, no.",
    }
}

fn row(page: &mut String, cells: &[&dyn std::fmt::Display]) {
    for cell in cells {
        write!(page, "| {cell} ").expect("a string takes everything");
    }
    page.push_str("|\n");
}

/// Text as it shall be read: a bar would end the cell, an angle bracket would open a tag. What stands
/// in backquotes is text already, but for the bar.
fn cell(text: &str) -> String {
    let pieces = text.replace('|', r"\|");
    let pieces = pieces.split('`').enumerate().map(|(at, piece)| match at % 2 {
        0 => piece.replace('<', r"\<"),
        _ => piece.to_owned(),
    });
    pieces.collect::<Vec<_>>().join("`")
}
