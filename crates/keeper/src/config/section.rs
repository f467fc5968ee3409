//! One table of the file, read key by key.
//!
//! A getter gives the value, or notes an error and gives nothing; [`Section::finish`] turns every key
//! that no getter asked for into an error. So one run names everything that is wrong.

use std::cell::RefCell;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::report::ConfigError;
use super::report::Report;
use super::values;

/// Where something was written.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    offset: Option<usize>,
    key: String,
}

impl Place {
    /// What stands in no file, by the name that it goes by.
    pub(crate) fn nowhere(name: impl Into<String>) -> Self {
        Self { offset: None, key: name.into() }
    }

    /// Without its line: the file may have others by now.
    pub(crate) fn of_before(&self) -> Self {
        Self::nowhere(self.key.clone())
    }

    pub(crate) fn error(&self, report: &Report, message: impl Into<String>) {
        report.error(self.offset, &self.key, message);
    }

    pub(crate) fn warn(&self, report: &Report, message: impl Into<String>) {
        report.warn(self.offset, &self.key, message);
    }

    /// Something to say of this place, which is neither error nor warning.
    pub(crate) fn remark(&self, report: &Report, message: impl Into<String>) -> ConfigError {
        report.entry(self.offset, &self.key, message.into())
    }
}

/// A table, its path, and the keys that were asked for.
pub(crate) struct Section<'a> {
    report: &'a Report,
    path: String,
    offset: Option<usize>,
    table: Option<&'a DeTable<'a>>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Section<'a> {
    /// The whole document.
    pub(crate) fn root(report: &'a Report, table: &'a DeTable<'a>) -> Self {
        Self::new(report, String::new(), None, Some(table))
    }

    fn new(
        report: &'a Report,
        path: String,
        offset: Option<usize>,
        table: Option<&'a DeTable<'a>>,
    ) -> Self {
        Self { report, path, offset, table, asked: RefCell::default() }
    }

    pub(crate) fn report(&self) -> &'a Report {
        self.report
    }

    /// Where the section itself starts.
    pub(crate) fn place(&self) -> Place {
        Place { offset: self.offset, key: self.path.clone() }
    }

    /// Where `key` stands, or should stand.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        let found = self.table.and_then(|table| table.get(key));
        let offset = found.map_or(self.offset, |value| Some(value.span().start));
        Place { offset, key: self.path_of(key) }
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    pub(crate) fn is_table(&self, key: &str) -> bool {
        let value = self.table.and_then(|table| table.get(key));
        value.is_some_and(|value| matches!(value.get_ref(), DeValue::Table(_)))
    }

    /// Notes an error where a name could not be told from the rest of a principal's id.
    pub(crate) fn check_principal_part(&self, key: &'static str, name: Option<&str>) {
        let is_bad = |c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c);
        if name.is_some_and(|name| name.contains(is_bad)) {
            let message =
                "may have letters, digits, `-`, `_` and `.`: it becomes part of every principal";
            self.place_of(key).error(self.report, message);
        }
    }

    /// Whether `key` is written and is not an empty list.
    pub(crate) fn has_entries(&self, key: &str) -> bool {
        let value = self.table.and_then(|table| table.get(key));
        value.is_some_and(|value| !value.get_ref().as_array().is_some_and(|list| list.is_empty()))
    }

    /// A subtable; an empty one where there is none.
    pub(crate) fn table(&self, key: &'static str) -> Self {
        let value = self.value(key);
        let table = value.and_then(|value| match value.get_ref() {
            DeValue::Table(table) => Some(table),
            other => self.wrong_type(key, other, "a table"),
        });
        Section::new(self.report, self.path_of(key), value.map(|value| value.span().start), table)
    }

    /// An array of tables, `[[key]]`.
    pub(crate) fn tables(&self, key: &'static str) -> Vec<Self> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let DeValue::Array(list) = value.get_ref() else {
            self.place_of(key).error(self.report, format!("write it as [[{key}]]"));
            return Vec::new();
        };
        let section = |(at, item): (usize, &'a Spanned<DeValue<'a>>)| match item.get_ref() {
            DeValue::Table(table) => Some(Section::new(
                self.report,
                format!("{}[{at}]", self.path_of(key)),
                Some(item.span().start),
                Some(table),
            )),
            other => self.wrong_type(key, other, "a list of tables"),
        };
        list.iter().enumerate().filter_map(section).collect()
    }

    pub(crate) fn text(&self, key: &'static str) -> Option<&'a str> {
        match self.value(key)?.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                self.place_of(key).error(self.report, "is empty");
                None
            }
            DeValue::String(text) => Some(text.as_ref()),
            other => self.wrong_type(key, other, "a string"),
        }
    }

    /// As [`Section::text`], and an error where it is missing.
    pub(crate) fn required_text(&self, key: &'static str, example: &str) -> Option<&'a str> {
        self.demand(key, example);
        self.text(key)
    }

    pub(crate) fn flag(&self, key: &'static str) -> Option<bool> {
        match self.value(key)?.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => self.wrong_type(key, other, "true or false"),
        }
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn number(&self, key: &'static str, least: u64, most: u64) -> Option<u64> {
        let DeValue::Integer(number) = self.value(key)?.get_ref() else {
            return self.wrong_type(key, self.value(key)?.get_ref(), "a whole number");
        };
        let number = u64::from_str_radix(number.as_str(), number.radix()).ok();
        self.in_range(key, number, least..=most, |number| number.to_string())
    }

    /// A duration from `least` to `most`, like `"5m"`.
    pub(crate) fn duration(
        &self,
        key: &'static str,
        least: Duration,
        most: Duration,
    ) -> Option<Duration> {
        let text = match self.value(key)?.get_ref() {
            DeValue::String(text) => text.as_ref(),
            other => return self.wrong_type(key, other, "a duration such as \"5m\""),
        };
        let Some(duration) = values::duration(text) else {
            let message =
                format!("{text:?} is not a duration; write \"30s\", \"5m\", \"30h\" or \"90d\"");
            self.place_of(key).error(self.report, message);
            return None;
        };
        self.in_range(key, Some(duration), least..=most, |limit| format!("{}s", limit.as_secs()))
    }

    /// A size in bytes from `least` to `most`, like `"16KiB"` or a whole number.
    pub(crate) fn size(&self, key: &'static str, least: usize, most: usize) -> Option<usize> {
        let size = match self.value(key)?.get_ref() {
            DeValue::Integer(number) => values::size(number.as_str()),
            DeValue::String(text) => values::size(text),
            other => return self.wrong_type(key, other, "a size such as \"16KiB\""),
        };
        let Some(size) = size else {
            self.place_of(key).error(self.report, "is not a size; write \"16KiB\" or \"256MiB\"");
            return None;
        };
        self.in_range(key, Some(size), least..=most, |limit| format!("{limit} bytes"))
    }

    /// A list of non-empty strings, none twice.
    pub(crate) fn texts(&self, key: &'static str) -> Option<Vec<&'a str>> {
        let DeValue::Array(list) = self.value(key)?.get_ref() else {
            return self.wrong_type(key, self.value(key)?.get_ref(), "a list of strings");
        };
        let mut texts = Vec::new();
        for item in list {
            match item.get_ref() {
                DeValue::String(text) if texts.contains(&text.as_ref()) => {
                    self.place_of(key).error(self.report, format!("has {text:?} twice"));
                }
                DeValue::String(text) if !text.trim().is_empty() => texts.push(text.as_ref()),
                DeValue::String(_) => self.place_of(key).error(self.report, "has an empty string"),
                other => return self.wrong_type(key, other, "a list of strings"),
            }
        }
        Some(texts)
    }

    /// As [`Section::texts`]; a string alone is a list of one.
    pub(crate) fn text_or_texts(&self, key: &'static str) -> Option<Vec<&'a str>> {
        match self.value(key)?.get_ref() {
            DeValue::String(_) => self.text(key).map(|text| vec![text]),
            _ => self.texts(key),
        }
    }

    /// As [`Section::texts`], and an error where it is missing or empty.
    pub(crate) fn required_texts(&self, key: &'static str, example: &str) -> Option<Vec<&'a str>> {
        self.demand(key, example);
        let texts = self.texts(key)?;
        if texts.is_empty() {
            self.place_of(key).error(self.report, format!("is empty; write {key} = {example}"));
        }
        Some(texts)
    }

    /// One of several words.
    pub(crate) fn choice<T: Copy>(&self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        self.chosen(key, text, choices)
    }

    /// Several of several words.
    pub(crate) fn choices<T: Copy>(
        &self,
        key: &'static str,
        choices: &[(&str, T)],
    ) -> Option<Vec<T>> {
        let texts = self.texts(key)?;
        Some(texts.into_iter().filter_map(|text| self.chosen(key, text, choices)).collect())
    }

    /// Refuses a key that a later version will have, with what to do until then.
    pub(crate) fn not_yet(&self, key: &'static str, message: &str) {
        if self.has(key) {
            self.asked.borrow_mut().push(key);
            self.place_of(key).error(self.report, message);
        }
    }

    /// Every key that nobody asked for is an error.
    pub(crate) fn finish(self) {
        let asked = self.asked.borrow();
        let unknown = self
            .table
            .into_iter()
            .flatten()
            .filter(|(key, _)| !asked.iter().any(|asked| *asked == key.get_ref().as_ref()));
        for (key, _) in unknown {
            let name: &str = key.get_ref();
            let message = match values::nearest(name, asked.iter().copied()) {
                Some(meant) => format!("unknown key; did you mean `{meant}`?"),
                None => format!("unknown key; here may stand {}", asked.join(", ")),
            };
            self.report.error(Some(key.span().start), &self.path_of(name), message);
        }
    }

    fn value(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        let mut asked = self.asked.borrow_mut();
        if !asked.contains(&key) {
            asked.push(key);
            let path: String = self.path_of(key).chars().filter(|c| !c.is_ascii_digit()).collect();
            self.report.knows(path.replace("[]", ""));
        }
        self.table?.get(key)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.into() } else { format!("{}.{key}", self.path) }
    }

    fn demand(&self, key: &'static str, example: &str) {
        if !self.has(key) {
            let name = self.path.trim_end_matches(|c| c != '[').trim_end_matches('[');
            let message = format!("is missing; write {key} = {example} in [[{name}]]");
            self.place_of(key).error(self.report, message);
        }
    }

    fn chosen<T: Copy>(&self, key: &str, text: &str, choices: &[(&str, T)]) -> Option<T> {
        let found = choices.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let names: Vec<_> = choices.iter().map(|(name, _)| format!("{name:?}")).collect();
            let message = format!("{text:?} is not one of {}", names.join(", "));
            self.place_of(key).error(self.report, message);
        }
        found.map(|(_, value)| *value)
    }

    fn in_range<T: PartialOrd + Copy>(
        &self,
        key: &str,
        value: Option<T>,
        range: std::ops::RangeInclusive<T>,
        words: impl Fn(T) -> String,
    ) -> Option<T> {
        let good = value.filter(|value| range.contains(value));
        if good.is_none() {
            let (least, most) = (words(*range.start()), words(*range.end()));
            self.place_of(key).error(self.report, format!("must be from {least} to {most}"));
        }
        good
    }

    fn wrong_type<T>(&self, key: &str, got: &DeValue<'_>, wanted: &str) -> Option<T> {
        let message = format!("is {} {}; write {wanted}", article(got.type_str()), got.type_str());
        self.place_of(key).error(self.report, message);
        None
    }
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}
