//! How often the client's certificates are read: once a connection, whoever asks how often on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::client::{all, bearer};
use crate::house::has;
use crate::tls::{World, configure};

/// A library that counts, to be loaded before libtollgate.
fn counter(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nginx/peers.c");
    let prefix = std::env::var("TOLLGATE_PREFIX").expect("is set where there is a module");
    let library = folder.join("peers.so");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-I"]);
    cc.arg(Path::new(&prefix).join("include")).arg("-o").arg(&library).arg(source).arg("-ldl");
    let made = cc.output().expect("cc runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    library
}

#[test]
fn a_connection_reads_its_certificates_once() {
    let test = "certificates read once a connection";
    let Some(world) = World::new(test) else { return };
    if !has(test, "nghttp", "--version") {
        return;
    }
    world.pki.self_signed("laptop9", &["extendedKeyUsage=clientAuth"]);
    let token = world.trust.bound(&world.pki.certificate("laptop9"));
    configure(&world.site, [world.optional, world.any, world.none]);
    let counts = world.site.folder.join("peers");
    let mut command = world.site.command();
    command.env("LD_PRELOAD", counter(&world.site.folder)).env("TOLLGATE_TEST_PEERS", &counts);
    let nginx = world.site.start_by(command, world.none);
    let read = || fs::read(&counts).map_or(0, |bytes| bytes.len());
    let url = format!("https://127.0.0.1:{}/", world.any);

    // One request behind the other on one connection.
    let header = bearer(&token);
    let with = world.with("laptop9");
    let mut arguments: Vec<&str> = with.iter().map(String::as_str).collect();
    arguments.extend(["--http1.1", "-H", &header, &url, &url, &url]);
    let answers = all(&url, &arguments);
    assert!(answers.len() == 4 && answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    assert_eq!(read(), 1);

    // Streams of one connection that are open at once, by an independent client; the token is refused without
    // the key of the certificate.
    let header = format!("authorization: Bearer {token}");
    for (certificate, status, reads) in [("laptop9", "200", 2), ("", "401", 2)] {
        let mut nghttp = Command::new("nghttp");
        nghttp.args(["-n", "-s", "-y", "-m", "60", "-H", &header]);
        if !certificate.is_empty() {
            nghttp.arg(format!("--cert={}", world.pki.path(&format!("{certificate}.pem"))));
            nghttp.arg(format!("--key={}", world.pki.path(&format!("{certificate}.key"))));
        }
        let output = nghttp.arg(&url).output().expect("nghttp runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let rows = said.lines().filter(|line| line.ends_with(" /"));
        let statuses: Vec<_> = rows.map(|row| row.split_whitespace().nth(4)).collect();
        assert_eq!(statuses, [Some(status); 60], "{said}");
        assert_eq!(read(), reads, "{certificate}");
    }
    assert_eq!(nginx.quit(), 0);
}
