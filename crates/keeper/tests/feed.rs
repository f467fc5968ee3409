//! A gate hears of withdrawals out of a registry, or of a file that the site signs: in time or not at all.
//! Time is an argument of every test.

#![allow(clippy::unwrap_used)]

#[path = "feed/cut_off.rs"]
mod cut_off;
#[path = "feed/heard.rs"]
mod heard;
#[path = "feed/many.rs"]
mod many;
#[path = "feed/operator.rs"]
mod operator;
#[path = "feed/registry.rs"]
mod registry;
#[path = "feed/shown.rs"]
mod shown;
#[path = "feed/signed.rs"]
mod signed;
#[path = "feed/sources.rs"]
mod sources;
#[path = "feed/statements.rs"]
mod statements;
#[path = "feed/town.rs"]
mod town;
mod world;
