//! docs/reasons-site.md is written from the table of reasons, and stays so.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::fs;
use std::path::Path;

use tollgate::Class;
use tollgate_site::EnrolmentReason;

/// Set, the page is written instead of compared.
const BLESS: &str = "TOLLGATE_BLESS";

fn page() -> String {
    let mut page = String::from(
        "# Why a registration or renewal was refused\n\n\
         <!-- Written from crates/site/src/reason.rs. Change it there, then: \
         TOLLGATE_BLESS=1 cargo test -p tollgate-site --test reasons -->\n\n\
         What a gate refuses is in [reasons.md](reasons.md), and registration says those reasons too where they \
         fit: of a bulk token that ended, say. These are its own. The classes are the same: outsiders see the \
         class only, as an HTTP status, and the reason is for the operator.\n",
    );
    for class in Class::ALL {
        let of_class = EnrolmentReason::ALL.iter().filter(|reason| reason.class() == class);
        let rows: String = of_class.fold(String::new(), |mut rows, reason| {
            let (number, name) = (reason.number(), reason.name());
            let (sentence, remedy) = (reason.sentence(), reason.remedy());
            assert!(![sentence, remedy].iter().any(|text| text.contains('|')), "{name}");
            writeln!(rows, "| {number} | `{name}` | {sentence} | {remedy} |").unwrap();
            rows
        });
        if !rows.is_empty() {
            let (number, name, status) = (class as u16, class.name(), class.http_status());
            write!(page, "\n## {number} {name}: HTTP {status}\n\n").unwrap();
            write!(page, "| | name | what was found | what to do |\n|---|---|---|---|\n{rows}")
                .unwrap();
        }
    }
    page
}

#[test]
fn the_page_of_reasons_is_the_table_of_reasons() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reasons-site.md");
    let expected = page();
    if std::env::var_os(BLESS).is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == written,
        "docs/reasons-site.md is not what the table says; write it with \
         {BLESS}=1 cargo test -p tollgate-site --test reasons"
    );
}
