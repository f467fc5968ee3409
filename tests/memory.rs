//! The memory under the gate: it may make an answer cheaper, never another one, and never a later one.

#![allow(clippy::unwrap_used)]

#[path = "memory/budget.rs"]
mod budget;
#[path = "memory/chains.rs"]
mod chains;
#[path = "memory/changes.rs"]
mod changes;
#[path = "memory/counts.rs"]
mod counts;
#[path = "memory/flight.rs"]
mod flight;
#[path = "memory/keys.rs"]
mod keys;
#[path = "memory/pairs.rs"]
mod pairs;
#[path = "memory/replay.rs"]
mod replay;
#[path = "memory/rng.rs"]
mod rng;
#[path = "memory/said.rs"]
mod said;
#[path = "memory/stale.rs"]
mod stale;
#[path = "memory/tokens.rs"]
mod tokens;
#[path = "memory/walk.rs"]
mod walk;
#[path = "memory/world.rs"]
mod world;
