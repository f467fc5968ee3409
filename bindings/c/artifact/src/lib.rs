//! Links [`tollgate_c`] into one shared and one static library. There is nothing else here.

#![forbid(unsafe_code)]

pub use tollgate_c::*;
