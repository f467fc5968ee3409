use std::fmt::Display;
use std::io;

/// What the caller did wrong, or what the machine would not do: one line, exit code 2.
pub(crate) struct Misuse(pub(crate) String);

impl Misuse {
    pub(crate) fn new(message: impl Display) -> Self {
        Self(message.to_string())
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(path: &std::path::Path, error: &io::Error) -> Self {
        Self(format!("{}: {error}", path.display()))
    }
}

/// Writing to standard output failed; a reader that went away (`| head`) is no complaint.
impl From<io::Error> for Misuse {
    fn from(error: io::Error) -> Self {
        Self(format!("cannot write the output: {error}"))
    }
}
