//! The module in a real nginx, asked by curl, openssl, h2load, wrk, and a client of our own.
//!
//! Needs `TOLLGATE_PREFIX` (an installed libtollgate), nginx, nginx-dev, curl and openssl; without, every test
//! says SKIPPED. Each has an nginx of its own, on free ports of the loopback.

#[path = "nginx/bench.rs"]
mod bench;
#[path = "nginx/client.rs"]
mod client;
#[path = "nginx/directives.rs"]
mod directives;
#[path = "nginx/early.rs"]
mod early;
#[path = "nginx/hold.rs"]
mod hold;
#[path = "nginx/house.rs"]
mod house;
#[path = "nginx/identity.rs"]
mod identity;
#[path = "nginx/leaks.rs"]
mod leaks;
#[path = "nginx/load.rs"]
mod load;
#[path = "nginx/metrics.rs"]
mod metrics;
#[path = "nginx/passing.rs"]
mod passing;
#[path = "nginx/peers.rs"]
mod peers;
#[path = "nginx/pki.rs"]
mod pki;
#[path = "nginx/processes.rs"]
mod processes;
#[path = "nginx/redirects.rs"]
mod redirects;
#[path = "nginx/satisfy.rs"]
mod satisfy;
#[path = "nginx/server.rs"]
mod server;
#[path = "nginx/tls.rs"]
mod tls;
#[path = "nginx/tokens.rs"]
mod tokens;
#[path = "nginx/trust.rs"]
mod trust;
#[path = "nginx/upstream.rs"]
mod upstream;
#[path = "nginx/wrk.rs"]
mod wrk;
