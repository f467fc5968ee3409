//! The .NET binding, built by Debian's mcs and run on Mono and on CoreCLR.
//!
//! Needs `TOLLGATE_PREFIX` (an installed libtollgate), mcs and mono; for CoreCLR `TOLLGATE_CORECLR` or target/coreclr
//! (coreclr.sh fills it). Without, each test says SKIPPED.

#[path = "../../../tests/vectors/cases.rs"]
mod cases;
#[path = "../../../tests/vectors/fields.rs"]
mod fields;
#[path = "dotnet/house.rs"]
mod house;
#[path = "dotnet/interface.rs"]
mod interface;
#[path = "dotnet/library.rs"]
mod library;
#[path = "dotnet/themes.rs"]
mod themes;
#[path = "dotnet/vectors.rs"]
mod vectors;
#[path = "../../c/tests/native/world.rs"]
mod world;
