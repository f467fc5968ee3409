//! The .NET binding of tollgate is C#, in the folders beside this one; `README.md` is for its users.
//!
//! This package has its tests: they build it by Debian's `mcs`, and run it on Mono and on CoreCLR.

#![forbid(unsafe_code)]
