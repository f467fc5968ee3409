//! The nginx module of tollgate is C, in `module/`; `build.sh` builds it and `README.md` is for operators.
//!
//! This package has its tests: they build the module, start real nginx, and ask it by other people's
//! clients.

#![forbid(unsafe_code)]
