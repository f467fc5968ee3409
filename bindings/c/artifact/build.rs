//! What cargo does not tell the linker of a shared library.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if target == "linux" {
        // The number of the ABI (TOLLGATE_ABI_VERSION), not of the release.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libtollgate.so.0");
        // Hosts close their modules (nginx does, on reload), and code of ours may still have to run when
        // a thread ends (rust-lang/rust#91979).
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
