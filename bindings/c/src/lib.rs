//! The C ABI of tollgate: what `include/tollgate.h` declares, which a test makes out of these files.
//!
//! No logic of a check is here. Every function does the same four things: it looks at what C handed over
//! (`memory.rs`), runs behind a barrier for panics (`guard.rs`), asks the gate, and writes numbers out. The
//! comments on public items are the header's; what Rust has to know about an `unsafe` stands beside it.
//!
//! The contract for all pointers, which no function repeats: what is not NULL points to as much as the
//! lengths and types say, is aligned, and stays as it is during the call.

#![deny(clippy::undocumented_unsafe_blocks)]
// The header's readers have a contract for each pointer; it is not Rust's.
#![allow(clippy::missing_safety_doc)]
// Nor are its words rustdoc's: `[[pki]]` is a section of the configuration, `<tenant>` a part of an id.
#![allow(rustdoc::broken_intra_doc_links, rustdoc::invalid_html_tags)]

mod batch;
mod check;
mod counters;
mod explain;
mod gate;
mod guard;
mod host;
#[cfg(feature = "measure")]
mod measure;
mod memory;
#[cfg(feature = "panic-test")]
mod panic_test;
mod peer;
mod reason;
mod refresh;
mod request;
mod scratch;
#[cfg_attr(unix, path = "signals_unix.rs")]
#[cfg_attr(not(unix), path = "signals_other.rs")]
mod signals;
mod status;
mod text;
mod update;
mod verdict;
mod version;

pub use batch::*;
pub use check::*;
pub use counters::*;
pub use explain::*;
pub use gate::*;
pub use host::*;
#[cfg(feature = "measure")]
pub use measure::CHost;
pub use memory::{tollgate_bytes, tollgate_text};
#[cfg(feature = "panic-test")]
pub use panic_test::*;
pub use peer::*;
pub use reason::*;
pub use refresh::*;
pub use request::*;
pub use scratch::*;
pub use status::*;
pub use text::*;
pub use update::*;
pub use verdict::*;
pub use version::*;
