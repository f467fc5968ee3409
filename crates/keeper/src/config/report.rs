//! What is wrong with a configuration.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong: where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigError {
    /// The configuration file.
    pub file: PathBuf,
    /// The line in it, from 1; `None` where the whole file is meant.
    pub line: Option<usize>,
    /// The key, as `entra[0].audiences`; empty where none is meant.
    pub key: String,
    /// What is wrong and what to write.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Escaped: a name with a line end would make two lines of one.
        write!(f, "{}", self.file.display().to_string().escape_debug())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key.escape_debug())?;
        }
        // A message may quote a library's or a file's words; it stays one line all the same, and
        // moves no cursor.
        let message = self.message.split_whitespace().collect::<Vec<_>>().join(" ");
        write!(f, ": {}", message.replace(char::is_control, "\u{fffd}"))
    }
}

/// Everything that is wrong, by line; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    /// The first, and how many more there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(first) = self.0.first() else { return Ok(()) };
        write!(f, "{first}")?;
        match self.0.len() - 1 {
            0 => Ok(()),
            more => write!(f, " (and {more} more: `tollgate config check` lists them)"),
        }
    }
}

impl std::error::Error for ConfigErrors {}

/// Collects errors, warnings and the keys that were asked for, while a file is read.
pub(crate) struct Report {
    file: PathBuf,
    /// Byte offsets at which lines start.
    lines: Vec<usize>,
    errors: RefCell<Vec<ConfigError>>,
    warnings: RefCell<Vec<ConfigError>>,
    known: RefCell<BTreeSet<String>>,
}

impl Report {
    pub(crate) fn new(file: &Path, text: &str) -> Self {
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self {
            file: file.into(),
            lines: std::iter::once(0).chain(starts.map(|(at, _)| at + 1)).collect(),
            errors: RefCell::default(),
            warnings: RefCell::default(),
            known: RefCell::default(),
        }
    }

    pub(crate) fn error(&self, offset: Option<usize>, key: &str, message: impl Into<String>) {
        self.errors.borrow_mut().push(self.entry(offset, key, message.into()));
    }

    pub(crate) fn warn(&self, offset: Option<usize>, key: &str, message: impl Into<String>) {
        self.warnings.borrow_mut().push(self.entry(offset, key, message.into()));
    }

    /// Notes a key that is read; documentation is checked against these.
    pub(crate) fn knows(&self, key: String) {
        self.known.borrow_mut().insert(key);
    }

    pub(crate) fn has_errors(&self) -> bool {
        !self.errors.borrow().is_empty()
    }

    /// Errors, or warnings and the known keys.
    pub(crate) fn finish(self) -> Result<(Vec<ConfigError>, BTreeSet<String>), ConfigErrors> {
        let mut errors = self.errors.into_inner();
        if errors.is_empty() {
            return Ok((self.warnings.into_inner(), self.known.into_inner()));
        }
        errors.sort_by_key(|error| error.line);
        Err(ConfigErrors(errors))
    }

    /// Something to say of a place, which is neither error nor warning.
    pub(crate) fn entry(&self, offset: Option<usize>, key: &str, message: String) -> ConfigError {
        let line = offset.map(|offset| self.lines.partition_point(|start| *start <= offset));
        ConfigError { file: self.file.clone(), line, key: key.into(), message }
    }
}
