//! A running gate is as its files and its host say: what changes holds on the next check, what is broken
//! changes nothing. Time is an argument of every test.

#![allow(clippy::unwrap_used)]

#[path = "keeping/broken.rs"]
mod broken;
#[path = "keeping/crls.rs"]
mod crls;
#[path = "keeping/crowd.rs"]
mod crowd;
#[path = "keeping/dates.rs"]
mod dates;
#[path = "keeping/files.rs"]
mod files;
#[path = "keeping/refresher.rs"]
mod refresher;
#[path = "keeping/relisted.rs"]
mod relisted;
#[path = "keeping/switches.rs"]
mod switches;
#[path = "keeping/updates.rs"]
mod updates;
mod world;
