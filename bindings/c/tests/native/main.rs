//! The installed library as C sees it: programs of ctest/, compiled against a prefix and run.
//!
//! `TOLLGATE_PREFIX` names the prefix (`scripts/install.sh` fills one, as `make test` does); without it each
//! test says loudly that it was skipped.

mod abi;
mod abixml;
mod abuse;
#[path = "../../../../tests/vectors/cases.rs"]
mod cases;
mod developed;
#[path = "../../../../tests/vectors/fields.rs"]
mod fields;
mod install;
mod layout;
mod prefix;
mod program;
mod themes;
mod valgrind;
mod vectors;
mod watch;
mod world;
