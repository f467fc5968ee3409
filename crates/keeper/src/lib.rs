//! Turns `tollgate.toml` into a running gate.
//!
//! The core reads no file and no clock; this crate does both for it. [`load`] reads the
//! configuration and everything that it names, or says what is wrong with it: file, line, key, and
//! what to write instead.

#![forbid(unsafe_code)]

mod certificates;
mod clock;
mod config;
#[cfg(feature = "doctor")]
pub mod doctor;
mod keys;
mod lists;
mod load;
mod source;

pub use clock::now;
pub use config::{ConfigError, ConfigErrors};
pub use load::{Loaded, load, load_text};

/// What README.md shows of Rust compiles; it is not run, since its demo folder is not there.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
