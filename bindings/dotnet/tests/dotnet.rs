//! The .NET binding, built by Debian's mcs and run on Mono and on CoreCLR.
//!
//! Needs `TOLLGATE_PREFIX` (an installed libtollgate), mcs and mono; for CoreCLR `TOLLGATE_CORECLR` or target/coreclr
//! (coreclr.sh fills it). Without, each test says SKIPPED.

#[path = "../../../tests/vectors/cases.rs"]
mod cases;
#[path = "../../nginx/tests/nginx/client.rs"]
#[allow(dead_code)]
mod client;
#[path = "../../../tests/vectors/fields.rs"]
mod fields;
#[path = "dotnet/gateway.rs"]
mod gateway;
#[path = "dotnet/house.rs"]
mod house;
#[path = "dotnet/interface.rs"]
mod interface;
#[path = "dotnet/kestrel.rs"]
mod kestrel;
#[path = "dotnet/library.rs"]
mod library;
#[path = "dotnet/pages.rs"]
mod pages;
#[path = "dotnet/server.rs"]
mod server;
#[path = "dotnet/themes.rs"]
mod themes;
#[path = "dotnet/vectors.rs"]
mod vectors;
#[path = "../../c/tests/native/watch.rs"]
mod watch;
#[path = "dotnet/web.rs"]
mod web;
#[path = "../../c/tests/native/world.rs"]
mod world;
