//! What was measured: names for scripts, and tables that can be pasted into a page.

use std::io::{self, Write};

use serde_json::{Map, Value};

/// What one part of the bench says.
#[derive(Default)]
pub(super) struct Report {
    /// Of the JSON. A contract: names are added, never changed.
    pub(super) names: Map<String, Value>,
    pub(super) tables: Vec<Table>,
}

pub(super) struct Table {
    title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    /// What was left out, and why.
    notes: Vec<String>,
}

impl Report {
    pub(super) fn name(&mut self, name: &str, value: impl Into<Value>) {
        self.names.insert(name.into(), value.into());
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        self.tables.iter().try_for_each(|table| {
            writeln!(out, "{}\n", table.title)?;
            table.write(out)?;
            writeln!(out)
        })
    }
}

impl Table {
    pub(super) fn new(title: &str, head: &[&str]) -> Self {
        let head = head.iter().map(|word| (*word).into()).collect();
        Self { title: title.into(), head, rows: Vec::new(), notes: Vec::new() }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }

    /// Markdown, in columns of one width.
    fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let width = |column: usize| {
            let cells =
                self.rows.iter().filter_map(|row| row.get(column)).chain([&self.head[column]]);
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0).max(3)
        };
        let widths: Vec<usize> = (0..self.head.len()).map(width).collect();
        let mut line = |cells: &[String]| {
            for (column, (cell, width)) in cells.iter().zip(&widths).enumerate() {
                match column {
                    0 => write!(out, "| {cell:<width$} ")?,
                    _ => write!(out, "| {cell:>width$} ")?,
                }
            }
            writeln!(out, "|")
        };
        let dashes = widths.iter().enumerate().map(|(column, width)| match column {
            0 => "-".repeat(*width),
            _ => format!("{}:", "-".repeat(width - 1)),
        });
        let dashes: Vec<String> = dashes.collect();
        if !self.rows.is_empty() {
            line(&self.head)?;
            line(&dashes)?;
            self.rows.iter().try_for_each(|row| line(row))?;
        }
        self.notes.iter().try_for_each(|note| writeln!(out, "\n{note}"))
    }
}

/// Whether a figure is at most what it may be.
pub(super) fn at_most(figure: f64, goal: f64) -> String {
    if figure <= goal { "met".into() } else { format!("missed by {}", number(figure - goal)) }
}

/// Whether a figure is at least what it should be.
pub(super) fn at_least(figure: f64, goal: f64) -> String {
    if figure >= goal { "met".into() } else { format!("missed by {}", number(goal - figure)) }
}

/// For people: three digits that count, thousands apart.
pub(super) fn number(figure: f64) -> String {
    let size = figure.abs();
    if size < 9.995 {
        return format!("{figure:.2}");
    }
    if size < 99.95 {
        return format!("{figure:.1}");
    }
    let text = whole(size.round() as usize);
    if figure < 0.0 { format!("-{text}") } else { text }
}

/// A count, thousands apart.
pub(super) fn whole(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_for_people() {
        for (figure, text) in [
            (0.966, "0.97"),
            (9.999, "10.0"),
            (42.04, "42.0"),
            (99.96, "100"),
            (-1234.4, "-1,234"),
            (999_999.6, "1,000,000"),
        ] {
            assert_eq!(number(figure), text);
        }
    }

    #[test]
    fn a_table_can_be_pasted() {
        let mut table = Table::new("", &["what", "ns"]);
        table.row(["a hit".into(), "80.0".into()]);
        let mut out = Vec::new();
        table.write(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "| what  |   ns |\n| ----- | ---: |\n| a hit | 80.0 |\n");
    }
}
