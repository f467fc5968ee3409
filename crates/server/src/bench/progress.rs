//! How far the bench is, on a terminal.

use std::cell::Cell;

use crate::output::progress;

const WIDTH: usize = 24;

/// Room for the name of a step: what stood there before is written over.
const NAME: usize = 52;

/// A bar that grows with the steps done. Where nobody looks it writes nothing.
pub(super) struct Bar {
    all: usize,
    done: Cell<usize>,
}

impl Bar {
    pub(super) fn new(all: usize) -> Self {
        Self { all, done: Cell::new(0) }
    }

    /// The next step begins, so the one before is done.
    pub(super) fn step(&self, name: &str) {
        let done = self.done.replace(self.done.get() + 1).min(self.all);
        let filled = WIDTH * done / self.all.max(1);
        let (full, rest) = ("#".repeat(filled), ".".repeat(WIDTH - filled));
        progress(&format!("[{full}{rest}] {done:>2} of {}  {name:<NAME$.NAME$}", self.all));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        progress(&format!("{:<1$}\r", "", WIDTH + NAME + 16));
    }
}
