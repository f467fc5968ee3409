//! Turns `tollgate.toml` into a running gate.
//!
//! The core reads no file and no clock; this crate does both for it. [`load`] reads the
//! configuration and everything that it names, or says what is wrong with it: file, line, key, and
//! what to write instead. A [`Keeper`] does so for a gate that runs: it loads files that changed, takes
//! what its host tells ([`Update`]), and says how it is ([`Keeper::metrics`]).

#![forbid(unsafe_code)]

mod certificates;
mod clock;
mod config;
mod crls;
mod denied;
#[cfg(feature = "doctor")]
pub mod doctor;
mod feed;
mod keeper;
mod keys;
mod lists;
mod load;
mod metrics;
mod overlay;
mod refresher;
mod relist;
mod source;
#[cfg(not(unix))]
#[path = "system_other.rs"]
mod system;
#[cfg(unix)]
#[path = "system_unix.rs"]
mod system;
mod tally;
mod trail;
mod update;
mod watch;

pub use clock::{Clock, SystemClock, now};
pub use config::{ConfigError, ConfigErrors};
pub use feed::FeedHealth;
pub use keeper::{Keeper, Options, Origin, Refreshed};
pub use load::{Loaded, load, load_text};
pub use refresher::Refresher;
pub use tally::Refreshes;
pub use update::Update;

/// What README.md shows of Rust compiles; it is not run, since its demo folder is not there.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
